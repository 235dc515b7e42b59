"""Which files git tracks, read from the index itself: no process is started.

The format is described in https://git-scm.com/docs/index-format (versions 2, 3 and 4).
"""

from __future__ import annotations

import os

MAX_BYTES = 512 * 1024 * 1024
_HEADER, _ENTRY = 12, 62
_EXTENDED, _NAME_LENGTH = 0x4000, 0x0FFF
_MODE_OF_SUBMODULE, _TYPE_BITS = 0o160000, 0o170000


def tracked_files(git_directory: str) -> frozenset[str] | None:
    """Return the paths that git tracks, relative to the work tree with "/" between
    names.

    `git_directory` is the path of `.git`: a directory, or the file that names it in a work tree or submodule. Returns
    None if there is no index or it cannot be read: then nothing is known of what git tracks. Submodules are left out.
    """
    index = os.path.join(_git_directory(git_directory), "index")
    try:
        if not os.path.isfile(index) or os.path.getsize(index) > MAX_BYTES:
            return None
        with open(index, "rb") as stream:
            return frozenset(_paths(stream.read()))
    except (OSError, ValueError, IndexError):
        return None


def _git_directory(path: str) -> str:
    """Return the directory that holds the index: that which a `.git` file names, or the path itself."""
    if not os.path.isfile(path):
        return path
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        line = stream.readline(4096)
    name = line.removeprefix("gitdir: ").rstrip("\r\n")
    return os.path.join(os.path.dirname(path), name)


def _paths(data: bytes) -> list[str]:
    """Return the paths of the entries of an index. Raises ValueError if it is not one."""
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index that is known")
    found: list[str] = []
    position, name = _HEADER, b""
    for _ in range(int.from_bytes(data[8:12], "big")):
        mode = int.from_bytes(data[position + 24 : position + 28], "big")
        flags = int.from_bytes(data[position + 60 : position + 62], "big")
        start = position + _ENTRY + (2 if flags & _EXTENDED else 0)
        if version == 4:
            # a path is what is left of the one before, and a text that ends with NUL
            cut, start = _variable_length(data, start)
            end = data.index(b"\0", start)
            name = name[: len(name) - cut] + data[start:end]
            position = end + 1
        else:
            length = flags & _NAME_LENGTH
            end = start + length if length < _NAME_LENGTH else data.index(b"\0", start)
            name = data[start:end]
            # entries are padded with 1 to 8 NUL bytes to a multiple of 8
            position += (end - position + 8) // 8 * 8
        if len(name) != len(name.strip(b"\0")) or end > len(data):
            raise ValueError("cut short")
        if mode & _TYPE_BITS != _MODE_OF_SUBMODULE:
            found.append(os.fsdecode(name))
    return found


def _variable_length(data: bytes, position: int) -> tuple[int, int]:
    """Return a number in git's variable width encoding, and the position behind it."""
    byte = data[position]
    position += 1
    number = byte & 0x7F
    while byte & 0x80:
        byte = data[position]
        position += 1
        number = ((number + 1) << 7) | (byte & 0x7F)
    return number, position
