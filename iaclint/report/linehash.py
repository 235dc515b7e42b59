"""GitHub's fingerprint of a line, `primaryLocationLineHash`.

Code scanning keeps an alert's identity by this hash; the action that uploads a file warns where a tool's own
value differs from what it computes. So this follows github/codeql-action, src/fingerprints.ts: a rolling hash over
the UTF-16 code units of the file without spaces and tabs, all line ends being LF, taken over the 100 units
from each line's start; the file ends with 0xFFFF and then zeros.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from struct import Struct
from typing import overload

WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_UNITS = Struct(f"<{WINDOW}H")
_POWERS = tuple(pow(_BASE, WINDOW - 1 - index, 1 << 64) for index in range(WINDOW))


class LineHashes(Sequence[str]):
    """The fingerprint of each line of a file's text, as `hash:n` for the n-th line with that hash.

    Lines with the same hash are those with the same units in the window, so a hash is worked out only where it is
    asked for: most lines have no finding.
    """

    def __init__(self, text: str) -> None:
        squeezed = re.sub("\r\n?", "\n", text).replace(" ", "").replace("\t", "")
        units = (squeezed + "\uffff").encode("utf-16-le", "surrogatepass") + bytes(2 * WINDOW)
        # at an odd offset the two bytes belong to two units
        starts = [0, *(found.end() for found in re.finditer(rb"\n\0", units) if found.end() % 2 == 0)]
        self._windows = [units[start : start + 2 * WINDOW] for start in starts]
        self._counts: list[int] = []
        seen: dict[bytes, int] = {}
        for window in self._windows:
            seen[window] = count = seen.get(window, 0) + 1
            self._counts.append(count)

    def __len__(self) -> int:
        return len(self._windows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        units = _UNITS.unpack(self._windows[index])
        found = sum(unit * power for unit, power in zip(units, _POWERS, strict=True)) & _MASK
        return f"{found:x}:{self._counts[index]}"
