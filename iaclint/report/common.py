"""Functions that all formats use: safe text, paths to show, groups of equal findings, counts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from msgspec import Struct

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.address import Address
from iaclint.model.truth import Reason
from iaclint.model.value import Step, Unknown, Value
from iaclint.source.files import SourceFile, Span, is_downloaded, shorten_paths

HOME = "https://github.com/iaclint/iaclint"
"""The address of the project. Links in reports start with it."""

# -- text --------------------------------------------------------------------------------------

# ECMA-48 control sequences and control strings, as a whole, so that no "[31m" is left behind
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]*[0-~]?"
)
# Unicode's bidirectional controls reorder displayed text (CVE-2021-42574); surrogates cannot be encoded;
# the last two are no characters, and XML forbids them
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile("[\t\n\r\u2028\u2029\x0b\x0c\x85]+")
REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """Return the text on one line, without control characters and escape sequences."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(REPLACEMENT, _BREAKS.sub(" ", _ESCAPES.sub("", text)))


def clean_block(text: str) -> str:
    """Return a text of several lines without control characters. Keeps tabs, line ends and columns."""
    return _UNSAFE.sub(REPLACEMENT, text.replace("\u2028", " ").replace("\u2029", " "))


def plural(number: int, one: str, many: str = "") -> str:
    """Return the number with its noun: "1 file", "2,000 files". `many` is the plural if it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop. A first word that is a name ("s3:GetObject") keeps its case."""
    text = clean(text).strip()
    first = text.partition(" ")[0]
    if first.isalpha() and first.islower():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


# -- paths -------------------------------------------------------------------------------------


class Paths:
    """Paths relative to a base directory, independent of the working directory. Follows symbolic links."""

    def __init__(self, base: str) -> None:
        self._base = os.path.realpath(base)
        self._known: dict[str, str | None] = {}

    def below(self, path: str) -> str | None:
        """Return the path relative to the base, with forward slashes; None if it lies outside of the base."""
        if path not in self._known:
            relative: str | None = None
            try:
                real = os.path.realpath(path)
            except ValueError:  # a NUL in a name
                real = path
            prefix = self._base.rstrip(os.sep) + os.sep
            if real.startswith(prefix):
                relative = real[len(prefix) :].replace(os.sep, "/")
            elif real == self._base:
                relative = "."
            self._known[path] = relative
        return self._known[path]

    def inside(self, path: str) -> str | None:
        """Return the path relative to the base if the file can be in the repository; else None.

        Files below `.terraform`, which `terraform init` downloads, are not in the repository.
        """
        relative = self.below(path)
        return None if relative is None or is_downloaded(relative) else relative

    def shown(self, file: SourceFile) -> str:
        """Return the path relative to the base, else relative to the working directory, else only the file's own name.

        Never returns an absolute path, so that reports contain no paths of a machine.
        """
        relative = self.below(file.path)
        if relative is None and not os.path.isabs(file.name) and ".." not in file.name.split("/"):
            relative = file.name
        return relative or os.path.basename(file.path) or "unnamed"

    def uri(self, file: SourceFile) -> str | None:
        """Return the path as a relative URI reference (RFC 3986); None if the file is not in the repository."""
        relative = self.inside(file.path)
        return None if relative is None else uri(relative)

    def place(self, span: Span) -> str:
        """Return a span as "path:line", the path relative to the base of the report."""
        return f"{clean(self.shown(span.file))}:{span.line}"

    def anchor(self, verdict: Verdict) -> Span:
        """Return the place to report a verdict at, which must be in the repository if possible.

        This is the place of the site, else of the innermost module call that leads there, else of a header.
        """
        site = verdict.site
        candidates = [site.span, *(step.span for step in reversed(site.calls)), site.header, verdict.deployment.header]
        return next((span for span in candidates if self.inside(span.file.path)), site.span)

    def reason(self, reason: Reason) -> str:
        """Return a reason as a phrase with its place."""
        return clean(reason.detail) + (f", {self.place(reason.span)}" if reason.span else "")

    def scrub(self, text: str) -> str:
        """Return the text, with absolute paths below the base made relative."""
        return shorten_paths(text, self._base)


def uri(path: str) -> str:
    """Return a relative path as a URI reference. Encodes colons, since text before the first one reads as a scheme."""
    return quote(path.encode("utf-8", "replace"), safe="/~!$&'()*+,;=@")


def shown(file: SourceFile) -> str:
    """Return the path for the terminal: relative to the working directory, with at most two steps up."""
    name = file.name
    if os.path.isabs(name):
        try:
            relative = os.path.relpath(file.path)
        except ValueError:  # another drive, or no working directory
            return clean(name)
        # from more than two steps up the absolute path is easier to read
        name = relative if relative.count("..") <= 2 else name
    return clean(name.replace(os.sep, "/"))


def local(text: str) -> str:
    """Return a text for the terminal: with paths relative to the working directory."""
    try:
        return shorten_paths(text, os.getcwd())
    except OSError:  # the working directory is gone
        return text


def place(span: Span) -> str:
    """Return a span as "path:line" for the terminal."""
    return f"{shown(span.file)}:{span.line}"


def shown_root(verdict: Verdict) -> str:
    """Return the name of the deployment, for a verdict that is not about a single resource."""
    return clean(verdict.deployment.name) or "."


def undecided_text(verdict: Verdict, reasons: str = "") -> str:
    """Return the text of an undecided verdict; `reasons` replace a message that only repeats the first of them."""
    message = verdict.message
    if reasons and (not message or message.startswith("cannot tell")):
        return f"cannot tell: {reasons}"
    return message or f"cannot tell: {verdict.rule.title}"


def reason_text(reason: Reason) -> str:
    """Return a reason as a phrase with its place, for the terminal."""
    return clean(reason.detail) + (f", {place(reason.span)}" if reason.span else "")


# -- excerpts ----------------------------------------------------------------------------------


# secrets by their form (private keys, access keys) or by their name: reports are stored in logs and on web pages
_SECRETS = re.compile(
    r"""
    -----BEGIN[A-Z ]{1,20}PRIVATE\ KEY-----  (?P<pem> .+? )  (?: -----END | \Z )
    | \b (?P<id> (?:AKIA|ASIA)[0-9A-Z]{16} ) \b
    | (?i: passw(?:or)?d | secret_?(?:access_?)?key | secret_?string
         | (?:auth|access)_?token | api_?key | private_?key )
      (?: ["']?\s?:\s? (?P<yaml> (?!true\b|false\b|null\b) [^\s"'!{\[$<|>&*\#] (?: [^\n\#] | (?<=\S)\# )* )
        | ["']?[ \t]*[:=][ \t]* (?: "(?P<double> (?: [^"\n$] | \$(?!\{) )+ )" | '(?P<single> [^'\n]+ )' )
        | = (?P<shell> [^\s"'$;]+ ) )
    """,
    re.VERBOSE | re.DOTALL,
)


def holds_secret(text: str) -> bool:
    """Return True if a text contains a secret: by its form, such as a private key, or by its name."""
    return next(secrets(text), None) is not None


_STARTS = ("passw", "secret", "auth", "access", "api", "private", "akia", "asia", "-----begin")


def secrets(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `_SECRETS.finditer`, ten times as fast: tries only words that a secret can start with."""
    if not text.isascii():  # some other letters match ASCII letters if case is ignored
        yield from _SECRETS.finditer(text)
        return
    lower = text.lower()
    starts: list[int] = []
    for word in _STARTS:
        at = lower.find(word)
        while at >= 0:
            starts.append(at)
            at = lower.find(word, at + 1)
    end = 0
    for at in sorted(starts):
        if at >= end and (match := _SECRETS.match(text, at)):
            yield match
            end = match.end()


class Masks:
    """Source text with secrets replaced by asterisks. The text keeps its length.

    Hides the literals of sensitive values (not the expressions that refer to them), private keys and passwords.
    """

    def __init__(self, report: Report) -> None:
        self._sensitive: dict[str, list[tuple[int, int]]] = {}
        self._hidden: dict[str, list[tuple[int, int]]] = {}
        for deployment in report.deployments:
            values = [resource.body for resource in deployment.resources]
            values += [item.value for item in deployment.inputs.values()]
            for span in _sensitive_spans(values):
                self._sensitive.setdefault(span.file.path, []).append((span.start, span.end))

    def text(self, file: SourceFile, start: int, end: int) -> str:
        """Return the text of the file from offset `start` up to `end`, masked."""
        text = file.text[start:end]
        for low, high in self._of(file):
            if low < end and start < high:
                low, high = max(low, start) - start, min(high, end) - start
                text = text[:low] + re.sub(r"[^\r\n]", "*", text[low:high]) + text[high:]
        return text

    def line(self, file: SourceFile, line: int) -> str:
        """Return a line (from 1) without its line end, masked; "" if the file has no such line."""
        if not 1 <= line <= len(file.lines):
            return ""
        start = file.lines[line - 1]
        end = file.lines[line] if line < len(file.lines) else len(file.text)
        return self.text(file, start, end).rstrip("\r\n")

    def _of(self, file: SourceFile) -> list[tuple[int, int]]:
        if file.path not in self._hidden:
            found: list[tuple[int, int]] = []
            for match in secrets(file.text):
                group = match.lastgroup or 0
                found.append((match.start(group), match.start(group) + len(match[group].rstrip())))
            self._hidden[file.path] = sorted({*found, *self._sensitive.get(file.path, ())})
        return self._hidden[file.path]


def _sensitive_spans(values: Iterable[Value[object]]) -> Iterator[Span]:
    todo: list[tuple[Value[object], bool]] = [(value, False) for value in values]
    while todo:
        value, within = todo.pop()
        hidden = within or value.sensitive
        data = value.data
        if isinstance(data, tuple):
            todo.extend((item, hidden) for item in data)
        elif isinstance(data, dict):
            todo.extend((item, hidden) for item in data.values())
        elif hidden and not value.implicit and data is not None and not isinstance(data, Unknown):
            yield value.origin


def first_line(span: Span) -> Span:
    """Return the part of a span that lies on its first line."""
    file = span.file
    line = span.line
    end = file.lines[line] if line < len(file.lines) else len(file.text)
    stop = file.lines[line - 1] + len(file.text[file.lines[line - 1] : end].rstrip("\r\n"))
    return Span(file, span.start, max(span.start, min(span.end, stop)))


# -- groups and counts -------------------------------------------------------------------------


class Group(Struct, frozen=True):
    """Equal verdicts on several instances of one block."""

    first: Verdict
    rest: tuple[Verdict, ...] = ()

    @property
    def all(self) -> tuple[Verdict, ...]:
        """The verdicts of the group; the first one is shown for all."""
        return (self.first, *self.rest)


def grouped(verdicts: Iterable[Verdict]) -> list[Group]:
    """Return the verdicts in groups: equal verdicts on instances of one block. Keeps the order of the first of each.

    Verdicts on different calls of a module are in different groups.
    """
    groups: dict[object, list[Verdict]] = {}
    for v in verdicts:
        span = v.site.span
        calls = tuple((step.span.file.path, step.span.start) for step in v.site.calls)
        key = (
            (v.rule.id, v.outcome, v.severity, v.message, v.suppressed_by),
            (span.file.path, span.start, span.end, Address(v.address).config, v.site.attribute),
            (v.deployment.root, v.environments, calls),
        )
        groups.setdefault(key, []).append(v)
    return [Group(members[0], tuple(members[1:])) for members in groups.values()]


class Counts(Struct, frozen=True):
    """The numbers of the summary."""

    findings: dict[Severity, int]
    passed: int
    undecided: int
    suppressed: int
    errors: int
    files: int
    unread: int
    problems: int
    modules: int
    gaps: int

    @property
    def failed(self) -> int:
        """The number of open failures."""
        return sum(self.findings.values())

    @classmethod
    def of(cls, report: Report) -> Counts:
        """Return the counts of a report."""
        findings = dict.fromkeys(Severity, 0)
        others = dict.fromkeys(Outcome, 0)
        suppressed = 0
        for verdict in report.verdicts:
            if verdict.suppressed_by is not None:
                suppressed += verdict.outcome is Outcome.FAIL
            elif verdict.outcome is Outcome.FAIL:
                findings[verdict.severity] += 1
            else:
                others[verdict.outcome] += 1
        modules = sum(hides_module(gap.address, gap.detail) for gap in report.gaps)
        return cls(
            findings=findings,
            passed=others[Outcome.PASS],
            undecided=others[Outcome.UNKNOWN],
            suppressed=suppressed,
            errors=others[Outcome.ERROR],
            files=len(report.files),
            unread=len(report.unread),
            problems=len(report.problems),
            modules=modules,
            gaps=len(report.gaps) - modules,
        )

    def sentence(self) -> str:
        """Return the summary on one line."""
        if self.failed:
            parts = ", ".join(f"{number:,} {severity.value}" for severity, number in self.findings.items() if number)
            text = f"{plural(self.failed, 'finding')} ({parts})"
        else:
            text = "no findings"
        text += f", {self.undecided:,} undecided, {self.suppressed:,} suppressed"
        text += f"; {plural(self.files, 'file')} read, {self.unread:,} could not be read"
        text += f", {plural(self.modules, 'module')} not seen"
        if self.gaps:
            text += f", {plural(self.gaps, 'other gap')}"
        if self.errors:
            text += f"; {plural(self.errors, 'check')} broke"
        return text


def hides_module(address: str, why: str) -> bool:
    """Return True if a gap is a module outside the scanned code."""
    return why.startswith("module ") or Address(address).is_module


def trail_text(verdict: Verdict, show: Paths | None = None) -> str:
    """Return the origin of the value: "cidr = var.allowed, network.tf:4, from prod.tfvars:2"; empty for a literal."""
    return chain(verdict.site.attribute, verdict.site.trail, show)


def chain(name: str, trail: tuple[Step, ...], show: Paths | None = None) -> str:
    """Return a trail in words, from the property to the literal that decides it."""
    parts: list[str] = []
    for step in trail:
        where = show.place(step.span) if show else place(step.span)
        what = clean(step.what)
        bare = where.rpartition(":")[0]
        parts.append(where if not what or what in (bare, bare.rpartition("/")[2]) else f"{what}, {where}")
    if not parts:
        return ""
    return (f"{clean(name)} = " if name else "value = ") + ", from ".join(parts)


def words(items: Iterable[str], limit: int = 5) -> str:
    """Return the first items with commas, and the number of the others: "a, b and 3 more"."""
    listed = list(items)
    if len(listed) <= limit:
        return ", ".join(listed)
    return ", ".join(listed[:limit]) + f" and {len(listed) - limit:,} more"
