"""Rewrites suppressions for other scanners as iaclint's own.

A comment is rewritten at its place, or moved to where iaclint's comment means the same. Metadata of CloudFormation
stays, since the other tool may still read it, and the resource gets a comment (in JSON: an entry of metadata). A
suppression that iaclint cannot express is left as it is and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from json import dumps

from msgspec import Struct

from iaclint.linting.declared_suppressions import next_code_line
from iaclint.linting.other_tools import EVERYTHING, Crosswalk, ToolSuppression, of_comment, of_metadata
from iaclint.model.inventory import Deployment, Resource
from iaclint.source.edits import Edit
from iaclint.source.files import Comment, SourceFile, Span, is_downloaded

NO_RULE = "no rule of iaclint answers this check"


class Leftover(Struct, frozen=True):
    """A suppression that was not rewritten: its place, how it is written, and why it was left."""

    span: Span
    text: str
    reason: str


class Migration(Struct, frozen=True):
    """The edits, the number of suppressions that they rewrite, and those that are left."""

    edits: tuple[Edit, ...]
    rewritten: int
    left: tuple[Leftover, ...]


class _Rewrite(Struct, frozen=True):
    """A suppression that iaclint can express, with the rules that stand for its checks."""

    declared: ToolSuppression
    rules: tuple[str, ...]

    @property
    def reason(self) -> str:
        until = f"until={self.declared.until} " if self.declared.until else ""
        return until + self.declared.stated_reason.replace(";", ",")

    @property
    def text(self) -> str:
        return f"ignore[{', '.join(self.rules)}] {self.reason}"


def migrate(
    deployments: Iterable[Deployment], crosswalk: Crosswalk, tools: frozenset[str], *, keep: bool = False
) -> Migration:
    """Return the edits that rewrite the suppressions for some tools.

    crosswalk  the rules that stand for the tools' checks
    keep       True if the comments for other tools stay, since these tools are still used
    """
    return _Migration(crosswalk, tools, keep).run(deployments)


class _Migration:
    """The state of one call of `migrate`."""

    def __init__(self, crosswalk: Crosswalk, tools: frozenset[str], keep: bool) -> None:
        self.crosswalk = crosswalk
        self.tools = tools
        self.keep = keep
        self.edits: list[Edit] = []
        self.left: list[Leftover] = []
        self.rewritten = 0

    def run(self, deployments: Iterable[Deployment]) -> Migration:
        files: set[str] = set()
        blocks: set[tuple[str, int]] = set()
        for deployment in deployments:
            for source in deployment.files:
                if source.path not in files and not is_downloaded(source.path):
                    files.add(source.path)
                    for comment in source.comments:
                        self._comment(source, comment)
            for resource in deployment.resources:
                key = (resource.header.file.path, resource.header.start)
                if "Metadata" in resource.meta and key not in blocks:
                    blocks.add(key)
                    self._metadata(resource)
        return Migration(tuple(self.edits), self.rewritten, tuple(self.left))

    def _rewrites(self, found: Iterable[tuple[ToolSuppression, Span]]) -> Iterator[_Rewrite]:
        """Yield the suppressions that can be rewritten; the others are listed as left."""
        for declared, span in found:
            if declared.tool not in self.tools:
                continue
            rules = self.crosswalk.rules(declared)
            if EVERYTHING in rules:
                self._leave(span, declared.text, "it silences every check; name the rules that you mean")
            elif not rules:
                self._leave(span, declared.text, NO_RULE)
            elif declared.scope == "file":
                names = ", ".join(rules)
                self._leave(
                    span, declared.text, f"it is for a whole file; write an exception of {names} into the config"
                )
            else:
                for name in self.crosswalk.unknown(declared):
                    self._leave(span, f"{declared.tool} {name}", NO_RULE)
                yield _Rewrite(declared, rules)

    def _leave(self, span: Span, text: str, reason: str) -> None:
        self.left.append(Leftover(span, text, reason))

    # -- comments ------------------------------------------------------------------------------

    def _comment(self, source: SourceFile, comment: Comment) -> None:
        """Rewrite the suppressions for other tools in a comment."""
        if "iaclint:" in comment.text:
            return
        span = comment.span
        found = _with_place(comment)
        rewrites = list(self._rewrites(found))
        if not rewrites or _is_rewritten(source.line_text(span.line - 1), rewrites):
            return
        if span.line != span.end_line:
            self._leave(span, rewrites[0].declared.text, "it stands in a comment of several lines")
            return
        self.rewritten += len(rewrites)
        text = "# iaclint: " + "; ".join(one.text for one in rewrites)
        stays = self._stays(found, rewrites)
        is_alone = not source.text[source.lines[span.line - 1] : span.start].strip()
        if rewrites[0].declared.scope != "line":
            if is_alone:
                self._replace(source, span, text, stays)
            else:
                self._move_above(source, span, text, stays)
        elif is_alone:
            self._move_to_next_line(source, span, text, stays)
        else:
            old = source.text[span.start : span.end].lstrip("#/ ")
            self._edit(source, span.start, span.end, f"{text} ({old})" if stays else text)

    def _stays(self, found: Sequence[tuple[ToolSuppression, Span]], rewrites: Sequence[_Rewrite]) -> bool:
        """Return True if the comment for the other tools stays: not all that it declares is rewritten."""
        if self.keep or len(rewrites) != len(found):
            return True
        return any(self.crosswalk.unknown(one.declared) for one in rewrites)

    def _replace(self, source: SourceFile, span: Span, text: str, stays: bool) -> None:
        """Write a comment in place of one that is alone on its line; above it if that one stays."""
        indent = source.text[source.lines[span.line - 1] : span.start]
        self._edit(source, span.start, span.start if stays else span.end, text + (f"\n{indent}" if stays else ""))

    def _move_above(self, source: SourceFile, span: Span, text: str, stays: bool) -> None:
        """Write a comment above the line of one that stands after code."""
        start = source.lines[span.line - 1]
        code = source.text[start : span.start].rstrip(" \t")
        indent = code[: len(code) - len(code.lstrip(" \t"))]
        self._edit(source, start, start, f"{indent}{text}\n")
        if not stays:
            self._edit(source, start + len(code), span.end, "")

    def _move_to_next_line(self, source: SourceFile, span: Span, text: str, stays: bool) -> None:
        """Write a comment at the end of the line below, which a comment that is alone on its line is meant for.

        iaclint's comment would count for the whole block if it were alone.
        """
        line = next_code_line(source, span.end_line)
        below = source.line_text(line)
        opens_block = below.rstrip().endswith(("{", "[", "(", ":", "|", ">")) or "<<" in below
        if line == span.line or opens_block or "#" in below:
            self._replace(source, span, text, stays)
            return
        if not stays:
            start = source.lines[span.line - 1]
            end = source.lines[span.line] if span.line < len(source.lines) else len(source.text)
            self._edit(source, start, end, "")
        end_of_line = source.lines[line - 1] + len(below)
        self._edit(source, end_of_line, end_of_line, f" {text}")

    def _edit(self, source: SourceFile, start: int, end: int, text: str) -> None:
        text = text.replace("\n", "\r\n") if "\r\n" in source.text else text
        self.edits.append(Edit(source.span(start, end), text))

    # -- metadata ------------------------------------------------------------------------------

    def _metadata(self, resource: Resource) -> None:
        """Add a comment, or in JSON an entry of metadata, for the suppressions for other tools in metadata."""
        metadata = resource.meta["Metadata"]
        rewrites = list(self._rewrites(of_metadata(metadata)))
        if not rewrites or metadata.key("iaclint").data is not None:
            return
        source = resource.header.file
        line = resource.header.line
        start = source.lines[line - 1]
        text = source.line_text(line)
        self.rewritten += len(rewrites)
        if source.text.lstrip()[:1] == "{":
            entries = {rule: one.reason for one in rewrites for rule in one.rules}
            inside = metadata.span.start + 1
            follows = "" if metadata.span.text[1:].lstrip().startswith("}") else ", "
            self._edit(
                source, inside, inside, f'"iaclint": {{"ignore": {dumps(entries, ensure_ascii=False)}}}{follows}'
            )
        elif "iaclint: ignore[" not in source.line_text(line - 1):
            indent = text[: len(text) - len(text.lstrip())]
            texts = "; ".join(one.text for one in rewrites)
            self._edit(source, start, start, f"{indent}# iaclint: {texts}\n")


def _with_place(comment: Comment) -> list[tuple[ToolSuppression, Span]]:
    return [(declared, comment.span) for declared in of_comment(comment.text)]


def _is_rewritten(line_above: str, rewrites: Iterable[_Rewrite]) -> bool:
    """Return True if an earlier migration has written the suppressions of a comment to the line above, and kept it."""
    return "iaclint: ignore[" in line_above and all(rule in line_above for one in rewrites for rule in one.rules)
