"""Regular expressions as Terraform has them (RE2's syntax), run by Python within bounds.

Python's matcher can take exponential time where RE2 cannot. Patterns that could make it try very many ways are
therefore matched by a small machine that takes time in proportion to pattern and text.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from math import log2
from typing import Any

MAX_WORK = 4_000_000


class PatternError(Exception):
    """A pattern that is not one."""


class TooCostly(Exception):
    """Matching would take too long."""


_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": r"0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_SHORT = {"d": "0-9", "w": r"0-9A-Za-z_", "s": r"\t\n\f\r "}


def translate(pattern: str) -> str:
    """RE2's syntax in Python's. Raises PatternError."""
    out: list[str] = []
    at = 0
    depth = 0
    opened: list[int] = []
    inside = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            code = pattern[at + 1 : at + 2]
            if not code:
                raise PatternError("the pattern ends with a backslash")
            at += 2
            if code in "dws":
                out.append(_SHORT[code] if inside else f"[{_SHORT[code]}]")
            elif code in "DWS" and not inside:
                out.append(f"[^{_SHORT[code.lower()]}]")
            elif code == "z":
                out.append(r"\Z")
            elif code == "Q":
                end = pattern.find("\\E", at)
                text = pattern[at : end if end >= 0 else len(pattern)]
                out.append(re.escape(text))
                at = end + 2 if end >= 0 else len(pattern)
            elif code in "pP":
                name = pattern[at]
                if name == "{":
                    end = pattern.find("}", at)
                    name = pattern[at + 1 : end]
                    at = end + 1
                else:
                    at += 1
                out.append(_property(name, code == "P", inside))
            elif code == "x" and pattern[at : at + 1] == "{":
                end = pattern.find("}", at)
                out.append(re.escape(chr(int(pattern[at + 1 : end], 16))))
                at = end + 1
            elif code == "C":
                out.append(r"[\s\S]")
            elif code.isdigit() and code != "0":
                raise PatternError(f"\\{code} is not known: there are no back references")
            else:
                out.append("\\" + code if code.isascii() else code)
            continue
        if inside:
            if char == "[" and pattern.startswith("[:", at):
                end = pattern.find(":]", at)
                name = pattern[at + 2 : end].removeprefix("^")
                if end < 0 or name not in _CLASSES:
                    raise PatternError(f"the class at offset {at} is not known")
                out.append(_CLASSES[name])
                at = end + 2
                continue
            if char == "]":
                inside = False
            out.append("\\" + char if char in "[&~|" or (char == "-" and pattern[at + 1 : at + 2] == "-") else char)
            at += 1
            continue
        if char == "[":
            inside = True
            out.append("[")
            at += 1
            if pattern.startswith("^", at):
                out.append("^")
                at += 1
            if pattern.startswith("]", at):
                out.append("\\]")
                at += 1
            continue
        if char == "(":
            if pattern.startswith("(?", at):
                special = re.match(r"\(\?(?:(?:P?<(\w+)>)|([imsU-]*)(:|\)))", pattern[at:])
                if special is None:
                    raise PatternError(f"the group at offset {at} is not known; there is no looking ahead or behind")
                at += special.end()
                if special[1]:
                    out.append(f"(?P<{special[1]}>")
                    depth += 1
                    opened.append(0)
                elif special[3] == ":":
                    out.append(_flags(special[2]))
                    depth += 1
                    opened.append(0)
                elif special[2]:
                    # a flag for the rest of the group
                    out.append(_flags(special[2]))
                    if opened:
                        opened[-1] += 1
                    else:
                        opened.append(-1)
                continue
            depth += 1
            opened.append(0)
        elif char == ")":
            if opened and opened[-1] == -1 and depth == 0:
                raise PatternError("there is a ) too many")
            extra = opened.pop() if opened else 0
            out.append(")" * max(0, extra))
            depth -= 1
            if depth < 0:
                raise PatternError("there is a ) too many")
        elif char == "$":
            out.append(r"\Z")
            at += 1
            continue
        elif char in "*+?}" and pattern[at + 1 : at + 2] == "+":
            raise PatternError("two repetitions follow each other")
        out.append(char)
        at += 1
    # flags that were set for the rest of the whole pattern
    out.append(")" * sum(1 for mark in opened if mark == -1))
    return "".join(out)


def _flags(flags: str) -> str:
    kept = flags.replace("U", "")
    return f"(?{kept}:" if kept and kept != "-" else "(?:"


def _property(name: str, negated: bool, inside: bool) -> str:
    ranges = {
        "L": r"^\W\d_", "Lu": "A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f",
        "Ll": "a-z\u00df-\u00ff\u03b1-\u03c9\u0430-\u044f", "N": r"\d", "Nd": r"\d", "Greek": "\u0370-\u03ff",
        "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u024f", "Cyrillic": "\u0400-\u04ff",
    }  # fmt: skip
    found = ranges.get(name)
    if found is None or inside:
        raise PatternError(f"the class \\p{{{name}}} is not supported")
    if found.startswith("^"):
        return r"[\W\d_]" if negated else f"[{found}]"
    return f"[^{found}]" if negated else f"[{found}]"


_compiled: dict[str, Any] = {}


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for Python. Raises PatternError."""
    found = _compiled.get(pattern)
    if found is None:
        if len(pattern) > 10_000:
            raise PatternError("the pattern is too long")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = re.compile(translate(pattern))
        except (re.error, RecursionError, OverflowError, ValueError, IndexError) as error:
            raise PatternError(f"the pattern is wrong: {error}") from None
        if len(_compiled) > 500:
            _compiled.clear()
        _compiled[pattern] = found
    result: re.Pattern[str] = found
    return result


def is_costly(pattern: re.Pattern[str], text: str) -> bool:
    """Whether Python's matcher could need too long: by the number of ways that it might have to try."""
    size = len(text)
    tree = _trees.get(pattern.pattern)
    if tree is None:
        if len(_trees) > 500:
            _trees.clear()
        tree = _trees[pattern.pattern] = _tree(pattern.pattern)
    return _ways(tree, size) + log2(size + 1) > log2(MAX_WORK * 50)


_trees: dict[str, Any] = {}


def _tree(pattern: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from re import _parser

        return _parser.parse(pattern)


def _ways(items: Any, size: int) -> float:
    """How many ways there may be through a pattern in a text of this size, as a power of two."""
    ways = 0.0
    for operation, argument in items:
        name = str(operation)
        if name in _REPEATS:
            low, high, body = int(argument[0]), min(int(argument[1]), size), argument[2]
            ways += log2(max(high - low, 0) + 1) + high * _ways(body, size)
        elif name == "SUBPATTERN":
            ways += _ways(argument[3], size)
        elif name == "BRANCH":
            ways += log2(len(argument[1])) + max(_ways(branch, size) for branch in argument[1])
    return ways


_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


class _Machine:
    """A matcher that follows all ways through the pattern at once, in time that grows with pattern times text.

    Instructions are tuples: ("char", test), ("split", first, second), ("jump", to), ("save", slot),
    ("assert", test), ("match",). The first way in order of preference wins, as in RE2.
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.program: list[tuple[Any, ...]] = []
        self.emit("save", 0)
        self.sequence(_tree(pattern.pattern), pattern.flags)
        self.emit("save", 1)
        self.emit("match")

    def emit(self, *instruction: Any) -> int:
        if len(self.program) > 5_000:
            raise TooCostly
        self.program.append(instruction)
        return len(self.program) - 1

    def sequence(self, items: Any, flags: int) -> None:
        for operation, argument in items:
            self.item(str(operation), argument, flags)

    def item(self, name: str, argument: Any, flags: int) -> None:
        program = self.program
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            self.emit("char", _test(name, argument, flags))
        elif name == "SUBPATTERN":
            group, added, removed, body = argument
            inner = (flags | added) & ~removed
            if group is not None:
                self.emit("save", 2 * group)
            self.sequence(body, inner)
            if group is not None:
                self.emit("save", 2 * group + 1)
        elif name == "BRANCH":
            jumps: list[int] = []
            branches = argument[1]
            for at, branch in enumerate(branches):
                if at < len(branches) - 1:
                    split = self.emit("split", 0, 0)
                    self.sequence(branch, flags)
                    jumps.append(self.emit("jump", 0))
                    program[split] = ("split", split + 1, len(program))
                else:
                    self.sequence(branch, flags)
            for jump in jumps:
                program[jump] = ("jump", len(program))
        elif name in _REPEATS:
            self.repeat(name, argument, flags)
        elif name == "AT":
            self.emit("assert", str(argument), bool(flags & re.MULTILINE))
        else:
            raise TooCostly

    def repeat(self, name: str, argument: Any, flags: int) -> None:
        low, high, body = int(argument[0]), argument[1], argument[2]
        greedy = name == "MAX_REPEAT"
        program = self.program

        def split(inside: int, outside: int) -> tuple[str, int, int]:
            return ("split", inside, outside) if greedy else ("split", outside, inside)

        for _ in range(low):
            self.sequence(body, flags)
        if str(high) == "MAXREPEAT":
            at = self.emit("split", 0, 0)
            self.sequence(body, flags)
            self.emit("jump", at)
            program[at] = split(at + 1, len(program))
            return
        splits: list[int] = []
        for _ in range(int(high) - low):
            splits.append(self.emit("split", 0, 0))
            self.sequence(body, flags)
        for at in splits:
            program[at] = split(at + 1, len(program))

    def search(self, text: str, start: int = 0) -> list[int] | None:
        """Offsets of the match and of its groups (-1 where a group took no part)."""
        if len(text) * len(self.program) > MAX_WORK:
            raise TooCostly
        slots = 2 * (self.pattern.groups + 1)
        found: list[int] | None = None
        current: dict[int, list[int]] = {}
        for at in range(start, len(text) + 1):
            if found is None:
                self.add(current, 0, [-1] * slots, at, text)
            following: dict[int, list[int]] = {}
            for counter, saved in current.items():
                instruction = self.program[counter]
                if instruction[0] == "match":
                    found = saved
                    break
                if at < len(text) and instruction[1](text[at]):
                    self.add(following, counter + 1, saved, at + 1, text)
            current = following
            if found is not None and not current:
                break
        return found

    def add(self, threads: dict[int, list[int]], counter: int, saved: list[int], at: int, text: str) -> None:
        """All instructions that can be reached without reading on, in order of preference."""
        stack = [(counter, saved)]
        seen: set[int] = set()
        while stack:
            counter, saved = stack.pop()
            if counter in seen or counter in threads:
                continue
            seen.add(counter)
            instruction = self.program[counter]
            kind = instruction[0]
            if kind == "jump":
                stack.append((instruction[1], saved))
            elif kind == "split":
                stack.append((instruction[2], saved))
                stack.append((instruction[1], saved))
            elif kind == "save":
                copied = list(saved)
                copied[instruction[1]] = at
                stack.append((counter + 1, copied))
            elif kind == "assert":
                if _holds(instruction[1], instruction[2], text, at):
                    stack.append((counter + 1, saved))
            else:
                threads[counter] = saved


def _holds(name: str, lines: bool, text: str, at: int) -> bool:
    if name in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
        return at == 0 or (lines and name == "AT_BEGINNING" and text[at - 1] == "\n")
    if name in ("AT_END", "AT_END_STRING"):
        return at == len(text) or (lines and name == "AT_END" and text[at] == "\n")
    before = at > 0 and _word(text[at - 1])
    after = at < len(text) and _word(text[at])
    return (before != after) == (name == "AT_BOUNDARY")


def _word(char: str) -> bool:
    return char == "_" or char.isalnum()


def _test(name: str, argument: Any, flags: int) -> Any:
    """A test of one character, as Python's own matcher makes it."""
    if name == "ANY":
        dot_all = bool(flags & re.DOTALL)
        return lambda char: dot_all or char != "\n"
    fold = bool(flags & re.IGNORECASE)
    if name in ("LITERAL", "NOT_LITERAL"):
        wanted = chr(argument).lower() if fold else chr(argument)
        negate = name == "NOT_LITERAL"
        return lambda char: ((char.lower() if fold else char) == wanted) != negate
    negated = bool(argument) and str(argument[0][0]) == "NEGATE"
    members = argument[1:] if negated else argument

    def inside(char: str) -> bool:
        return any(_member(str(kind), value, char) for kind, value in members)

    if fold:
        return lambda char: (inside(char.lower()) or inside(char.upper())) != negated
    return lambda char: inside(char) != negated


def _member(kind: str, value: Any, char: str) -> bool:
    if kind == "LITERAL":
        return bool(ord(char) == value)
    if kind == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    category = str(value)
    held = {"DIGIT": char.isdecimal(), "SPACE": char.isspace(), "WORD": _word(char)}
    name = category.rpartition("_")[2]
    return held[name] != ("_NOT_" in category)


def _spans(pattern: str, text: str, every: bool) -> Iterator[list[int]]:
    """Matches as offsets, as Go finds them: no empty one directly behind another match."""
    machine = compiled(pattern)
    slow = _Machine(machine) if is_costly(machine, text) else None
    at = 0
    end = -1
    work = 0
    while at <= len(text):
        if slow is not None:
            work += len(text) * len(slow.program)
            if work > MAX_WORK:
                raise TooCostly
            found = slow.search(text, at)
            if found is None:
                return
        else:
            match = machine.search(text, at)
            if match is None:
                return
            found = [offset for group in range(machine.groups + 1) for offset in match.span(group)]
        if not (found[0] == found[1] == end):
            yield found
            if not every:
                return
        end = found[1]
        at = end + 1 if found[0] == found[1] else end


def is_found(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern of Python's is found in a text, in bounded time. Raises TooCostly."""
    return _Machine(pattern).search(text) is not None


def _result(pattern: str, text: str, found: list[int]) -> Any:
    machine = compiled(pattern)
    groups = [
        text[found[2 * at] : found[2 * at + 1]] if found[2 * at] >= 0 else None for at in range(machine.groups + 1)
    ]
    if machine.groupindex:
        return {name: groups[at] for name, at in machine.groupindex.items()}
    return groups[1:] if machine.groups else groups[0]


def find(pattern: str, text: str) -> Any:
    """The first match: its text, the list of its groups, or a dict of its named groups; None without one."""
    for found in _spans(pattern, text, every=False):
        return _result(pattern, text, found)
    return None


def find_all(pattern: str, text: str) -> list[Any]:
    """All matches that do not overlap."""
    return [_result(pattern, text, found) for found in _spans(pattern, text, every=True)]


_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|(\$))")


def substitute(pattern: str, by: str, text: str) -> str:
    """The text with all matches replaced; `$1` and `${name}` stand for groups."""
    names = compiled(pattern).groupindex
    out: list[str] = []
    at = 0
    for found in _spans(pattern, text, every=True):
        out.append(text[at : found[0]])
        out.append(_REFERENCE.sub(lambda reference, f=found: _group(text, f, names, reference), by))  # type: ignore[misc]
        at = found[1]
    out.append(text[at:])
    return "".join(out)


def _group(text: str, found: list[int], names: Any, reference: re.Match[str]) -> str:
    if reference[3]:
        return "$"
    name = reference[1] or reference[2]
    number = int(name) if name.isdigit() else names.get(name, -1)
    if not 0 <= number < len(found) // 2 or found[2 * number] < 0:
        return ""
    return text[found[2 * number] : found[2 * number + 1]]
