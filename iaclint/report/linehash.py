"""GitHub's fingerprint of a line, `primaryLocationLineHash`.

Code scanning keeps an alert's identity by this hash; the action that uploads a file warns where a tool's own
value differs from what it computes. So this follows github/codeql-action, src/fingerprints.ts: a rolling hash over
the UTF-16 code units of the file without spaces and tabs, all line ends being LF, taken over the 100 units
from each line's start; the file ends with 0xFFFF and then zeros.
"""

from __future__ import annotations

import re
import sys

WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_OLDEST = pow(_BASE, WINDOW, 1 << 64)
_END = 0xFFFF


def line_hashes(text: str) -> list[str]:
    """The fingerprint of each line of a file's text, as `hash:n` for the n-th line with that hash."""
    squeezed = re.sub("\r\n?", "\n", text).replace(" ", "").replace("\t", "")
    order = "le" if sys.byteorder == "little" else "be"
    units = [*memoryview(squeezed.encode(f"utf-16-{order}", "surrogatepass")).cast("H"), _END]
    starts = [0] + [index + 1 for index, unit in enumerate(units) if unit == 10]
    units += [0] * WINDOW

    prefix = [0] * (len(units) + 1)
    value = 0
    for index, unit in enumerate(units):
        value = (value * _BASE + unit) & _MASK
        prefix[index + 1] = value

    seen: dict[int, int] = {}
    hashes: list[str] = []
    for start in starts:
        found = (prefix[start + WINDOW] - prefix[start] * _OLDEST) & _MASK
        seen[found] = seen.get(found, 0) + 1
        hashes.append(f"{found:x}:{seen[found]}")
    return hashes
