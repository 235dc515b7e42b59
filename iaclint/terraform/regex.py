"""Regular expressions as Terraform has them (RE2's syntax), run by Python within bounds.

Python's matcher can take exponential time where RE2 cannot. Patterns in which a repetition repeats another one are
therefore matched by a small machine that takes time in proportion to pattern and text.
"""

from __future__ import annotations

import re
import warnings
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


def _check(pattern: re.Pattern[str], text: str) -> None:
    """Refuse what could take too long. Raises TooCostly."""
    nested, loops = _cost(pattern.pattern)
    size = len(text)
    if nested and size > 24 and 2 ** min(size, 64) > MAX_WORK and not _simple_text(pattern, text):
        raise TooCostly
    if size ** max(1, min(loops, 6)) > MAX_WORK * 250 and loops > 1:
        raise TooCostly


def _simple_text(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the repetition cannot be split in many ways: its parts are kept apart by a fixed character."""
    return len(text) <= 256 and _separated(pattern.pattern)


_cost_memo: dict[str, tuple[bool, int]] = {}
_separated_memo: dict[str, bool] = {}


def _tree(pattern: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from re import _parser

        return _parser.parse(pattern)


def _cost(pattern: str) -> tuple[bool, int]:
    """Whether an open repetition holds another one, and how many open repetitions there are."""
    if pattern not in _cost_memo:
        nested = False
        loops = 0

        def visit(items: Any, within: bool) -> None:
            nonlocal nested, loops
            for operation, argument in items:
                name = str(operation)
                if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                    _, high, body = argument
                    wide = int(high) > 64
                    if wide:
                        loops += 1
                        nested = nested or within
                    visit(body, within or wide)
                elif name == "SUBPATTERN":
                    visit(argument[3], within)
                elif name == "BRANCH":
                    for branch in argument[1]:
                        visit(branch, within)
                        if within:
                            nested = nested or len(branch) > 1

        visit(_tree(pattern), False)
        _cost_memo[pattern] = (nested, loops)
    return _cost_memo[pattern]


def _separated(pattern: str) -> bool:
    if pattern not in _separated_memo:
        ok = True

        def literals(items: Any) -> set[int]:
            return {argument for operation, argument in items if str(operation) == "LITERAL"}

        def accepts(items: Any, code: int) -> bool:
            for operation, argument in items:
                name = str(operation)
                if (name == "LITERAL" and argument == code) or name in ("ANY", "NOT_LITERAL", "CATEGORY"):
                    return True
                if name == "IN":
                    members = str(argument)
                    if "NEGATE" in members or "CATEGORY" in members:
                        return True
                    for kind, value in argument:
                        if str(kind) == "LITERAL" and value == code:
                            return True
                        if str(kind) == "RANGE" and value[0] <= code <= value[1]:
                            return True
                if name in ("MAX_REPEAT", "MIN_REPEAT") and accepts(argument[2], code):
                    return True
                if name == "SUBPATTERN" and accepts(argument[3], code):
                    return True
                if name == "BRANCH" and any(accepts(branch, code) for branch in argument[1]):
                    return True
            return False

        def body_of(items: Any) -> Any:
            while len(items) == 1 and str(items[0][0]) == "SUBPATTERN":
                items = items[0][1][3]
            return items

        def visit(items: Any) -> None:
            nonlocal ok
            for operation, argument in items:
                name = str(operation)
                if name in ("MAX_REPEAT", "MIN_REPEAT"):
                    body = body_of(argument[2])
                    if int(argument[1]) > 64 and any(
                        str(op) in ("MAX_REPEAT", "MIN_REPEAT", "BRANCH") for op, _ in body
                    ):
                        marks = literals(body)
                        rest = [item for item in body if str(item[0]) != "LITERAL"]
                        if not any(not accepts(rest, mark) for mark in marks):
                            ok = False
                    visit(body)
                elif name == "SUBPATTERN":
                    visit(argument[3])
                elif name == "BRANCH":
                    for branch in argument[1]:
                        visit(branch)

        visit(_tree(pattern))
        _separated_memo[pattern] = ok
    return _separated_memo[pattern]


def _result(match: re.Match[str]) -> Any:
    names = match.re.groupindex
    if names:
        return {name: match[name] for name in names}
    if match.re.groups:
        return list(match.groups())
    return match[0]


def find(pattern: str, text: str) -> Any:
    """The first match: its text, the list of its groups, or a dict of its named groups; None without one."""
    machine = compiled(pattern)
    _check(machine, text)
    match = machine.search(text)
    return None if match is None else _result(match)


def find_all(pattern: str, text: str) -> list[Any]:
    """All matches that do not overlap."""
    machine = compiled(pattern)
    _check(machine, text)
    return [_result(match) for match in _matches(machine, text)]


def _matches(machine: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Matches as Go finds them: no empty one directly behind another match."""
    found: list[re.Match[str]] = []
    end = -1
    for match in machine.finditer(text):
        if match.start() == match.end() == end:
            continue
        found.append(match)
        end = match.end()
    return found


_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|(\$))")


def substitute(pattern: str, by: str, text: str) -> str:
    """The text with all matches replaced; `$1` and `${name}` stand for groups."""
    machine = compiled(pattern)
    _check(machine, text)
    out: list[str] = []
    at = 0
    for match in _matches(machine, text):
        out.append(text[at : match.start()])
        out.append(_REFERENCE.sub(lambda reference, m=match: _group(m, reference), by))  # type: ignore[misc]
        at = match.end()
    out.append(text[at:])
    return "".join(out)


def _group(match: re.Match[str], reference: re.Match[str]) -> str:
    if reference[3]:
        return "$"
    name = reference[1] or reference[2]
    try:
        return (match[int(name)] if name.isdigit() else match[name]) or ""
    except IndexError:
        return ""
