"""What all formats share: safe text, paths as they are shown, groups of like findings, counts."""

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
"""Where the project lives; links in reports lead below it."""

# -- text --------------------------------------------------------------------------------------

# ECMA-48 control sequences and control strings, as a whole, so that no "[31m" is left behind
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]*[0-~]?"
)
# Unicode's bidirectional controls reorder what is shown (CVE-2021-42574); surrogates cannot be encoded;
# the last two are no characters, and XML forbids them
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile("[\t\n\r\u2028\u2029\x0b\x0c\x85]+")
REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """The text on one line, without anything that a terminal or a browser would obey."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(REPLACEMENT, _BREAKS.sub(" ", _ESCAPES.sub("", text)))


def clean_block(text: str) -> str:
    """The same for text of several lines: tabs and line ends stay, and every character keeps its column."""
    return _UNSAFE.sub(REPLACEMENT, text.replace("\u2028", " ").replace("\u2029", " "))


def plural(number: int, one: str, many: str = "") -> str:
    """The number with its noun: "1 file", "2,000 files"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop; a first word that is a name ("s3:GetObject") keeps its case."""
    text = clean(text).strip()
    first = text.partition(" ")[0]
    if first.isalpha() and first.islower():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


# -- paths -------------------------------------------------------------------------------------


class Paths:
    """Paths relative to a directory, the same whatever the working directory is. Links are followed."""

    def __init__(self, base: str) -> None:
        self._base = os.path.realpath(base)
        self._known: dict[str, str | None] = {}

    def below(self, path: str) -> str | None:
        """The path below the base with forward slashes; None where it lies outside."""
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
        """The path below the base of what the repository holds; None else.

        What `terraform init` fetched into `.terraform` lies below the base, but in nobody's repository.
        """
        relative = self.below(path)
        return None if relative is None or is_downloaded(relative) else relative

    def shown(self, file: SourceFile) -> str:
        """The path below the base, else below the working directory, else only the file's own name.

        No machine's paths leave it.
        """
        relative = self.below(file.path)
        if relative is None and not os.path.isabs(file.name) and ".." not in file.name.split("/"):
            relative = file.name
        return relative or os.path.basename(file.path) or "unnamed"

    def uri(self, file: SourceFile) -> str | None:
        """The path as a relative URI reference (RFC 3986); None where the repository does not hold it."""
        relative = self.inside(file.path)
        return None if relative is None else uri(relative)

    def place(self, span: Span) -> str:
        """Return a span as "path:line", the path relative to the base of the report."""
        return f"{clean(self.shown(span.file))}:{span.line}"

    def anchor(self, verdict: Verdict) -> Span:
        """The span to report at: the site's, else the nearest thing that leads there and lies below the base."""
        site = verdict.site
        candidates = [site.span, *(step.span for step in reversed(site.calls)), site.header, verdict.deployment.header]
        return next((span for span in candidates if self.inside(span.file.path)), site.span)

    def reason(self, reason: Reason) -> str:
        """Return a reason as a phrase with its place."""
        return clean(reason.detail) + (f", {self.place(reason.span)}" if reason.span else "")

    def scrub(self, text: str) -> str:
        """The text with the base cut from paths in it."""
        return shorten_paths(text, self._base)


def uri(path: str) -> str:
    """A relative path as a URI reference; a colon in it is encoded, since a first one would read as a scheme."""
    return quote(path.encode("utf-8", "replace"), safe="/~!$&'()*+,;=@")


def shown(file: SourceFile) -> str:
    """The path as people at the terminal see it: from the working directory, even upwards."""
    name = file.name
    if os.path.isabs(name):
        try:
            relative = os.path.relpath(file.path)
        except ValueError:  # another drive, or no working directory
            return clean(name)
        # beyond two steps up the absolute path is easier to read
        name = relative if relative.count("..") <= 2 else name
    return clean(name.replace(os.sep, "/"))


def local(text: str) -> str:
    """A text with paths in it as people at the terminal see them: from the working directory."""
    try:
        return shorten_paths(text, os.getcwd())
    except OSError:  # the working directory is gone
        return text


def place(span: Span) -> str:
    """`path:line` for the terminal."""
    return f"{shown(span.file)}:{span.line}"


def shown_root(verdict: Verdict) -> str:
    """The deployment, for a verdict on no single resource."""
    return clean(verdict.deployment.name) or "."


def undecided_text(verdict: Verdict, reasons: str = "") -> str:
    """Return the text of an undecided verdict; `reasons` replace a message that only repeats the first of them."""
    message = verdict.message
    if reasons and (not message or message.startswith("cannot tell")):
        return f"cannot tell: {reasons}"
    return message or f"cannot tell: {verdict.rule.title}"


def reason_text(reason: Reason) -> str:
    """A reason with its place, for the terminal."""
    return clean(reason.detail) + (f", {place(reason.span)}" if reason.span else "")


# -- excerpts ----------------------------------------------------------------------------------


# what is a secret by its look or by its name, whoever wrote it where: reports end up in logs and on web pages
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
    """Return True if something in a text is a secret by its look or by its name."""
    return next(secrets(text), None) is not None


_STARTS = ("passw", "secret", "auth", "access", "api", "private", "akia", "asia", "-----begin")


def secrets(text: str) -> Iterator[re.Match[str]]:
    """Yield what `_SECRETS.finditer` finds; looks only at words that a secret can start with, a tenth of the work."""
    if not text.isascii():  # other letters may count as one of these, whatever their case
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
    """Text of the input with secrets struck out.

    A sensitive value is hidden where it is decided (an expression that only names it stays readable), and so is what
    looks like a private key or a password. The text keeps its length.
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
        """The text of the file from `start` up to `end`."""
        text = file.text[start:end]
        for low, high in self._of(file):
            if low < end and start < high:
                low, high = max(low, start) - start, min(high, end) - start
                text = text[:low] + re.sub(r"[^\r\n]", "*", text[low:high]) + text[high:]
        return text

    def line(self, file: SourceFile, line: int) -> str:
        """A line (from 1) without its end."""
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
    """The part of a span that lies on its first line."""
    file = span.file
    line = span.line
    end = file.lines[line] if line < len(file.lines) else len(file.text)
    stop = file.lines[line - 1] + len(file.text[file.lines[line - 1] : end].rstrip("\r\n"))
    return Span(file, span.start, max(span.start, min(span.end, stop)))


# -- groups and counts -------------------------------------------------------------------------


class Group(Struct, frozen=True):
    """Verdicts that say the same of several instances of one block."""

    first: Verdict
    rest: tuple[Verdict, ...] = ()

    @property
    def all(self) -> tuple[Verdict, ...]:
        """The verdicts of the group, the one that stands for it first."""
        return (self.first, *self.rest)


def grouped(verdicts: Iterable[Verdict]) -> list[Group]:
    """The verdicts with those of one block's instances together, in the order of the first of each.

    Two calls of one module stay apart: each is somebody's decision.
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
        """The summary in one line."""
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
    """Return True if a gap is a module whose code is not here."""
    return why.startswith("module ") or Address(address).is_module


def trail_text(verdict: Verdict, show: Paths | None = None) -> str:
    """Return the origin of the value: "cidr = var.allowed, network.tf:4, from prod.tfvars:2"; empty for a literal."""
    return chain(verdict.site.attribute, verdict.site.trail, show)


def chain(name: str, trail: tuple[Step, ...], show: Paths | None = None) -> str:
    """A trail in words, from the use to what decides."""
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
    """The items with commas, the rest counted: "a, b and 3 more"."""
    listed = list(items)
    if len(listed) <= limit:
        return ", ".join(listed)
    return ", ".join(listed[:limit]) + f" and {len(listed) - limit:,} more"
