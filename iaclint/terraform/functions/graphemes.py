"""The characters of a text as a reader sees them, by which Terraform counts and cuts."""

from __future__ import annotations


def graphemes(text: str) -> list[str]:
    """User-perceived characters, as far as length and cutting need them."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    import unicodedata

    found: list[str] = []
    joined = False
    flags = 0
    for char in text:
        category = unicodedata.category(char)
        point = ord(char)
        regional = 0x1F1E6 <= point <= 0x1F1FF
        extends = category in ("Mn", "Me", "Mc") or point in (0x200D, 0xFE0F) or 0x1F3FB <= point <= 0x1F3FF
        extends = extends or 0xE0020 <= point <= 0xE007F
        if found and (
            extends
            or (joined and category == "So")
            or (char == "\n" and found[-1] == "\r")
            or (regional and flags % 2 == 1)
            or _hangul_joins(found[-1][-1], point)
        ):
            found[-1] += char
        else:
            found.append(char)
        flags = flags + 1 if regional else 0
        joined = point == 0x200D
    return found


def _hangul_joins(before: str, point: int) -> bool:
    last = ord(before)
    if 0x1100 <= last <= 0x115F:
        return 0x1100 <= point <= 0x11A7 or 0xAC00 <= point <= 0xD7A3
    if 0x1160 <= last <= 0x11A7:
        return 0x1160 <= point <= 0x11FF
    return 0x11A8 <= last <= 0x11FF and 0x11A8 <= point <= 0x11FF
