"""Rewrites the exceptions that were written for other scanners as iaclint's own.

A comment is rewritten where it stands, or moved to where it means the same here. Metadata of CloudFormation stays,
since the other tool may still read it, and gets a comment (in JSON: an entry of metadata) beside it. What cannot be
said in iaclint's terms is left and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json import dumps

from msgspec import Struct

from iaclint.linting.other_tools import EVERYTHING, Crosswalk, Foreign, of_comment, of_metadata
from iaclint.linting.suppressions import next_code_line
from iaclint.model.inventory import Deployment, Resource
from iaclint.source.edits import Edit
from iaclint.source.files import Comment, SourceFile, Span, is_downloaded


class Left(Struct, frozen=True):
    """An exception that was not rewritten, and why."""

    span: Span
    text: str
    why: str


class Migration(Struct, frozen=True):
    """The edits, how many exceptions they rewrite, and what is left."""

    edits: tuple[Edit, ...]
    rewritten: int
    left: tuple[Left, ...]


def migrate(
    deployments: Iterable[Deployment], crosswalk: Crosswalk, tools: frozenset[str], *, keep: bool = False
) -> Migration:
    """What to change for the exceptions of some tools.

    keep  whether other tools' comments stay, since these are still run
    """
    return _Migration(crosswalk, tools, keep).run(deployments)


class _Migration:
    def __init__(self, crosswalk: Crosswalk, tools: frozenset[str], keep: bool) -> None:
        self.crosswalk = crosswalk
        self.tools = tools
        self.keep = keep
        self.edits: list[Edit] = []
        self.left: list[Left] = []
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

    def _answered(self, found: Iterable[tuple[Foreign, Span]]) -> Iterator[tuple[Foreign, tuple[str, ...]]]:
        """The exceptions that can be said here, with the rules; the others are noted as left."""
        for foreign, span in found:
            if foreign.tool not in self.tools:
                continue
            rules = self.crosswalk.rules(foreign)
            if EVERYTHING in rules:
                self.left.append(Left(span, foreign.text, "it silences every check; name the rules that you mean"))
            elif not rules:
                self.left.append(Left(span, foreign.text, "no rule of iaclint answers this check"))
            elif foreign.scope == "file":
                names = ", ".join(rules)
                self.left.append(
                    Left(span, foreign.text, f"it is for a whole file; write an exception of {names} into the config")
                )
            else:
                for name in self.crosswalk.unknown(foreign):
                    self.left.append(Left(span, f"{foreign.tool} {name}", "no rule of iaclint answers this check"))
                yield foreign, rules

    # -- comments ------------------------------------------------------------------------------

    def _comment(self, source: SourceFile, comment: Comment) -> None:
        above = source.line_text(comment.span.line - 1)
        if "iaclint:" in comment.text:
            return
        everything = [(foreign, comment.span) for foreign in of_comment(comment.text)]
        answered = list(self._answered(everything))
        if not answered:
            return
        if "iaclint: ignore[" in above and all(rule in above for _, rules in answered for rule in rules):
            return  # said by an earlier run, that left this comment to the other tool
        span = comment.span
        if span.line != span.end_line:
            self.left.append(Left(span, answered[0][0].text, "it stands in a comment of several lines"))
            return
        text = "# iaclint: " + "; ".join(_ignore(foreign, rules) for foreign, rules in answered)
        whole = len(answered) == len([f for f, _ in everything if f.tool in self.tools]) == len(everything)
        stays = self.keep or not whole or any(self.crosswalk.unknown(foreign) for foreign, _ in answered)
        start = source.lines[span.line - 1]
        indent = source.text[start : span.start]
        alone = not indent.strip()
        if not alone:
            code = source.text[start : span.start].rstrip(" \t")
            indent = code[: len(code) - len(code.lstrip(" \t"))]
        self.rewritten += len(answered)
        if alone and answered[0][0].scope == "line":
            self._beside_next_line(source, span, text, stays)
        elif alone:
            self._edit(source, span.start, span.start if stays else span.end, text + (f"\n{indent}" if stays else ""))
        elif answered[0][0].scope == "line":
            self._edit(
                source,
                span.start,
                span.end,
                f"{text} ({source.text[span.start : span.end].lstrip('#/ ')})" if stays else text,
            )
        else:
            self._edit(source, start, start, f"{indent}{text}\n")
            if not stays:
                end = span.start
                self._edit(source, start + len(source.text[start:end].rstrip(" \t")), span.end, "")

    def _beside_next_line(self, source: SourceFile, span: Span, text: str, stays: bool) -> None:
        """A comment that is meant for the line below: alone it would count for the whole block here."""
        line = next_code_line(source, span.end_line)
        below = source.line_text(line)
        start = source.lines[span.line - 1]
        if (
            line == span.line
            or below.rstrip().endswith(("{", "[", "(", ":", "|", ">"))
            or "<<" in below
            or "#" in below
        ):
            indent = source.text[start : span.start]
            self._edit(source, span.start, span.start if stays else span.end, text + (f"\n{indent}" if stays else ""))
            return
        if not stays:
            end = source.lines[span.line] if span.line < len(source.lines) else len(source.text)
            self._edit(source, start, end, "")
        at = source.lines[line - 1] + len(below)
        self._edit(source, at, at, f" {text}")

    def _edit(self, source: SourceFile, start: int, end: int, text: str) -> None:
        text = text.replace("\n", "\r\n") if "\r\n" in source.text else text
        self.edits.append(Edit(source.span(start, end), text))

    # -- metadata ------------------------------------------------------------------------------

    def _metadata(self, resource: Resource) -> None:
        metadata = resource.meta["Metadata"]
        answered = list(self._answered(of_metadata(metadata)))
        if not answered or metadata.key("iaclint").data is not None:
            return
        source = resource.header.file
        line = resource.header.line
        start = source.lines[line - 1]
        text = source.line_text(line)
        self.rewritten += len(answered)
        if source.text.lstrip()[:1] == "{":
            entries = {rule: _reason(foreign) for foreign, rules in answered for rule in rules}
            at = metadata.span.start + 1
            follows = "" if metadata.span.text[1:].lstrip().startswith("}") else ", "
            self._edit(source, at, at, f'"iaclint": {{"ignore": {dumps(entries, ensure_ascii=False)}}}{follows}')
        elif "iaclint: ignore[" not in source.line_text(line - 1):
            indent = text[: len(text) - len(text.lstrip())]
            said = "; ".join(_ignore(foreign, rules) for foreign, rules in answered)
            self._edit(source, start, start, f"{indent}# iaclint: {said}\n")


def _ignore(foreign: Foreign, rules: tuple[str, ...]) -> str:
    return f"ignore[{', '.join(rules)}] {_reason(foreign)}"


def _reason(foreign: Foreign) -> str:
    until = f"until={foreign.until} " if foreign.until else ""
    return until + foreign.stated_reason.replace(";", ",")
