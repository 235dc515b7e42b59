"""GitHub's fingerprint of a line, `primaryLocationLineHash`.

Code scanning recognizes an alert by this hash. The action that uploads a file computes it too and warns if the file
has another value. So this follows github/codeql-action, src/fingerprints.ts: a rolling hash over the 100 UTF-16 code
units from the start of each line, of the text without spaces and tabs and with LF as line ends, followed by 0xFFFF
and zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from struct import Struct
from typing import overload

WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_UNITS = Struct(f"<{WINDOW}H")
_POWERS = tuple(pow(_BASE, WINDOW - 1 - index, 1 << 64) for index in range(WINDOW))


class LineHashes(Sequence[str]):
    """The fingerprint of each line of a file's text, as `hash:n` for the n-th line with that hash.

    Two lines have the same hash if they have the same units in the window. Hashes are computed on access, since most
    lines have no finding.
    """

    def __init__(self, text: str) -> None:
        squeezed = re.sub("\r\n?", "\n", text).replace(" ", "").replace("\t", "")
        self._units = (squeezed + "\uffff").encode("utf-16-le", "surrogatepass") + bytes(2 * WINDOW)
        lines = squeezed.split("\n")
        if len(self._units) == 2 * (len(squeezed) + 1 + WINDOW):
            sizes: Iterable[int] = map(len, lines)
        else:  # some characters take two units
            sizes = (len(line.encode("utf-16-le", "surrogatepass")) // 2 for line in lines)
        self._starts = [0, *(2 * end for end in accumulate(size + 1 for size in sizes))][:-1]
        self._seen: dict[bytes, int] = {}
        self._counts: list[int] = []

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        for start in self._starts[len(self._counts) : index + 1]:
            window = self._units[start : start + 2 * WINDOW]
            self._seen[window] = count = self._seen.get(window, 0) + 1
            self._counts.append(count)
        units = _UNITS.unpack_from(self._units, self._starts[index])
        found = sum(unit * power for unit, power in zip(units, _POWERS, strict=True)) & _MASK
        return f"{found:x}:{self._counts[index]}"
