"""Suppressions as they are declared: in comments, in metadata of CloudFormation resources, and in the config.

A comment reads `# iaclint: ignore[rule-id] the reason`. It may name several ids, separated by commas; several
`ignore[...]`, each with a reason, may follow each other after a semicolon; and `until=2026-12-31` may stand before or
after a reason. A comment at the end of a line counts for this line. A comment that is alone on its line counts for the
line below, and inside a block for the whole block. In CloudFormation, also in JSON, the Metadata of a resource can hold
{"iaclint": {"ignore": {"rule-id": "the reason"}}}.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Literal

from msgspec import Struct

from iaclint.linting.config import Accepted
from iaclint.linting.other_tools import Crosswalk, ToolSuppression, of_comment, of_metadata
from iaclint.model.inventory import Resource
from iaclint.model.value import Value
from iaclint.source.edits import Edit, Fix
from iaclint.source.files import Comment, SourceFile, Span

_MARK = re.compile(r"\biaclint:\s*ignore\b")
_IGNORE = re.compile(r"\bignore\b(?:\[(?P<rules>[^\]]*)\])?(?P<rest>.*?)(?=;\s*ignore\[|\Z)", re.DOTALL)
_UNTIL = re.compile(r"(?:^|\s)until=(\S+?)(?=[\s;,)]|$)")
_QUOTED = re.compile(r'^reason=(["\'])(.*)\1$')


class DeclaredSuppression(Struct, frozen=True, eq=False):
    """One suppression as it is declared, valid or not.

    kind        where it is declared: in a comment ("inline"), in metadata, or in the config
    rules       ids of rules; in the config also families
    reason      "" if there is none
    until       the last day on which it counts, as text; "" for none
    span        where it is declared
    line        the line of its file that it counts for
    block       a block that it counts for as a whole, or None
    resource    True if it counts for the resource that it is declared in
    other_tool  how it is written, if it is for another tool: "checkov:skip=CKV_AWS_7"; "" if it is for iaclint
    accepted    its entry in the config, if it is declared there
    """

    kind: Literal["inline", "metadata", "config"]
    rules: tuple[str, ...]
    reason: str
    until: str
    span: Span
    line: int
    block: Span | None = None
    resource: bool = False
    other_tool: str = ""
    accepted: Accepted | None = None

    def covers(self, spans: Collection[Span], resource: Span | None) -> bool:
        """Return True if it counts for a finding.

        spans     the places that belong to the finding;  resource: the block of the resource, or None

        Metadata counts for the resource that it belongs to, which the caller has looked up.
        """
        if self.kind == "metadata":
            return True
        path = self.span.file.path
        if any(span.file.path == path and span.line <= self.line <= span.end_line for span in spans):
            return True
        if self.resource and resource is not None and self.span in resource:
            return True
        return self.block is not None and any(span in self.block for span in spans)


class SuppressionReader:
    """Reads suppressions from comments and metadata.

    honoured   names of other tools whose suppressions count, too
    crosswalk  the rules that stand for checks of other tools; None if no tool is honoured
    """

    def __init__(self, honoured: Collection[str], crosswalk: Crosswalk | None) -> None:
        self.honoured = honoured
        self.crosswalk = crosswalk

    def of_file(self, source: SourceFile) -> Iterator[DeclaredSuppression]:
        """Yield the suppressions in the comments of a file."""
        for comment in source.comments:
            if match := _MARK.search(comment.text):
                for part in _IGNORE.finditer(comment.text, match.start()):
                    yield _of_comment(source, comment, part["rules"], part["rest"])
            elif self.honoured and ("ignore" in comment.text or "skip" in comment.text or "kics" in comment.text):
                for declared in of_comment(comment.text):
                    yield from self._of_other_tool(declared, comment.span, "inline")

    def of_resource(self, resource: Resource) -> Iterator[DeclaredSuppression]:
        """Yield the suppressions in the metadata of a CloudFormation resource."""
        metadata = resource.meta["Metadata"]
        entry = metadata.path("iaclint", "ignore")
        if isinstance(entry.data, dict):
            for rule_id, text in entry.data.items():
                yield _of_metadata(rule_id, _text(text), text.span)
        elif isinstance(entry.data, tuple):
            for item in entry.data:
                if isinstance(item.data, dict):
                    until = _text(item.key("until"))
                    rest = (f"until={until} " if until else "") + _text(item.key("reason"))
                    yield _of_metadata(_text(item.key("rule")), rest, item.span)
        if self.honoured:
            for declared, span in of_metadata(metadata):
                yield from self._of_other_tool(declared, span, "metadata")

    def _of_other_tool(
        self, declared: ToolSuppression, span: Span, kind: Literal["inline", "metadata"]
    ) -> Iterator[DeclaredSuppression]:
        """Yield the suppression for another tool, if the tool is honoured and a rule stands for one of the checks."""
        if declared.tool not in self.honoured or self.crosswalk is None:
            return
        rules = self.crosswalk.rules(declared)
        if not rules:
            return
        line, block = span.line, None
        if declared.scope == "file":
            block = span.file.whole
        elif declared.scope == "block":
            block = enclosing_module_call(span)
        elif is_alone(span):
            line = next_code_line(span.file, span.end_line)
        yield DeclaredSuppression(
            kind,
            rules,
            declared.stated_reason,
            declared.until,
            span,
            line,
            block,
            resource=declared.scope == "block",
            other_tool=declared.text,
        )


def of_config(entry: Accepted, source: SourceFile) -> DeclaredSuppression:
    """Return the suppression that an entry of the config declares.

    source  the config file; an empty one if it cannot be read
    """
    until = entry.until.isoformat() if entry.until else ""
    span = _entry_span(source, entry.number)
    return DeclaredSuppression("config", entry.rules, entry.reason, until, span, span.line, accepted=entry)


def removal(declared: DeclaredSuppression) -> Fix | None:
    """Return the fix that removes a suppression: of a comment that holds nothing else; else None."""
    span = declared.span
    if declared.kind != "inline" or len(_IGNORE.findall(span.text)) != 1:
        return None
    if not re.match(r"\W*iaclint:\s*ignore", span.text):
        return None
    source = span.file
    start, end = span.start, span.end
    if is_alone(span):
        after = source.text[end:].partition("\n")
        if not after[0].strip() and after[1]:
            start, end = source.lines[span.line - 1], end + len(after[0]) + 1
    else:
        start -= len(source.text[:start]) - len(source.text[:start].rstrip(" \t"))
    return Fix("remove this comment", (Edit(source.span(start, end), ""),))


def is_alone(span: Span) -> bool:
    """Return True if nothing stands before a comment on its line."""
    return not span.file.text[span.file.lines[span.line - 1] : span.start].strip()


def next_code_line(source: SourceFile, line: int) -> int:
    """Return the first line below a line that is neither blank nor a comment; the line itself if there is none."""
    for below in range(line + 1, len(source.lines) + 1):
        text = source.line_text(below).strip()
        if text and not text.startswith(("#", "//")):
            return below
    return line


def enclosing_module_call(span: Span) -> Span | None:
    """Return the module call of Terraform around a comment, by the layout that `terraform fmt` gives, or None.

    Resources need no such search, since their extent is known; of a module call a finding has the header only.
    """
    source = span.file
    for line in range(span.line - 1, 0, -1):
        text = source.line_text(line)
        if text[:1] in ("", " ", "\t", "#", "/"):
            continue
        if not text.startswith("module ") or not text.rstrip().endswith("{"):
            return None
        for end in range(line + 1, len(source.lines) + 1):
            below = source.line_text(end)
            if below[:1] not in ("", " ", "\t", "#", "/"):
                closed = below.startswith("}") and end > span.line
                return source.span(source.lines[line - 1], source.lines[end - 1] + 1) if closed else None
        return None
    return None


def _of_comment(source: SourceFile, comment: Comment, rules: str | None, rest: str) -> DeclaredSuppression:
    """Return the suppression of one `ignore[rules] rest` in a comment; `rules` is None if there are no brackets."""
    reason, until = _reason_and_until(rest)
    ids = tuple(item.strip() for item in (rules or "").split(",") if item.strip())
    span = comment.span
    if not is_alone(span):
        return DeclaredSuppression("inline", ids, reason, until, span, span.line)
    line = next_code_line(source, span.end_line)
    block = enclosing_module_call(span)
    return DeclaredSuppression("inline", ids, reason, until, span, line, block, resource=True)


def _of_metadata(rule_id: str, rest: str, span: Span) -> DeclaredSuppression:
    reason, until = _reason_and_until(rest)
    ids = (rule_id,) if rule_id else ()
    return DeclaredSuppression("metadata", ids, reason, until, span, span.line, resource=True)


def _reason_and_until(rest: str) -> tuple[str, str]:
    """Return the reason and the last day in the text that follows the brackets; "" for what is missing."""
    until = ""
    if match := _UNTIL.search(rest):
        until = match[1]
        rest = rest[: match.start()] + " " + rest[match.end() :]
    rest = " ".join(rest.split()).strip(" -:;")
    if match := _QUOTED.match(rest):
        rest = match[2].strip()
    return rest, until


def _text(value: Value[Any]) -> str:
    return str(value.data) if value.known and value.data is not None else ""


def _entry_span(source: SourceFile, number: int) -> Span:
    """Return the heading of an exception in the config, found by its text: the TOML reader keeps no places."""
    heads = list(re.finditer(r"^[ \t]*\[\[[ \t]*(?:tool\.iaclint\.)?exceptions[ \t]*\]\]", source.text, re.MULTILINE))
    found = heads[number] if number < len(heads) else re.search(r"^[ \t]*exceptions\b", source.text, re.MULTILINE)
    return source.span(found.start(), found.end()) if found else source.span(0, 0)
