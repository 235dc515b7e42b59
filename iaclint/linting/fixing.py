"""Makes the fixes of findings: first in memory, where the result is scanned, and in files only if the finding is gone.

A fix holds if, with it, every file still parses, the finding is gone, and no other result becomes a failure or unknown.
A fix that does not hold is refused; one that overlaps another is tried in a later pass.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff

from msgspec import Struct, field

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.source.edits import Edit, Fix, Safety, apply_edits
from iaclint.source.files import SourceFile, decode, is_downloaded

MAX_PASSES = 10
_ATTRIBUTE = re.compile(r"(?P<indent>[ \t]*)(?P<name>[\w-]+)(?P<gap> +)= (?P<value>.+)")

Scan = Callable[[Mapping[str, bytes]], Report]
"""Scans again. Takes contents that replace those of files, by absolute path."""


class FixError(Exception):
    """A file that cannot be written. The text names the file and the reason."""


class Change(Struct, frozen=True):
    """A file before and after.

    path  absolute;  name: relative to the base of the report
    """

    path: str
    name: str
    before: bytes
    after: bytes


class Repair(Struct):
    """The result of fixing: the report afterwards, the changed files, and verdicts by whether their fix held."""

    report: Report
    changes: tuple[Change, ...] = ()
    fixed: list[Verdict] = field(default_factory=list)
    refused: list[Verdict] = field(default_factory=list)

    def review_left(self) -> int:
        """Return the number of findings that are left and have a fix that needs a review."""
        return sum(v.fix is not None and v.fix.safety is Safety.REVIEW for v in self.report.open)


def repair(report: Report, scan: Scan, *, unsafe: bool = False, contents: Mapping[str, bytes] | None = None) -> Repair:
    """Make the fixes of a report in memory. Nothing is written.

    unsafe    True to make fixes that need a review, too
    contents  contents that already replace those of files, by absolute path
    """
    return _Repair(report, scan, unsafe, contents or {}).run()


class _Repair:
    def __init__(self, report: Report, scan: Scan, unsafe: bool, contents: Mapping[str, bytes]) -> None:
        self.report = report
        self.scan = scan
        self.unsafe = unsafe
        self.contents = dict(contents)
        self.before: dict[str, bytes] = {}
        self.now: dict[str, bytes] = {}
        self.refused: dict[tuple[str, ...], Verdict] = {}
        self.after: dict[tuple[int, ...], Report] = {}
        self.base = os.path.realpath(report.base).rstrip(os.sep) + os.sep

    def run(self) -> Repair:
        fixed: list[Verdict] = []
        for _ in range(MAX_PASSES):
            chosen = self._choose()
            if not chosen:
                break
            self.after = {}
            accepted = self._settle([], chosen)
            if not accepted:
                continue  # refused fixes are not chosen again
            fixed += accepted
            self.now |= self._contents(accepted)
            self.report = self.after[tuple(map(id, accepted))]
        changes = tuple(
            Change(
                path, os.path.realpath(path)[len(self.base) :].replace(os.sep, "/"), self.before[path], self.now[path]
            )
            for path in sorted(self.now)
            if self.now[path] != self.before[path]
        )
        return Repair(self.report, changes, fixed, list(self.refused.values()))

    def _choose(self) -> list[Verdict]:
        """Return findings whose fixes do not overlap. Instances of one block share a fix."""
        chosen: list[Verdict] = []
        seen: set[tuple[tuple[str, int, int, str], ...]] = set()
        taken: dict[str, list[tuple[int, int]]] = {}
        for verdict in self.report.open:
            fix = verdict.fix
            if fix is None or not fix.edits or (fix.safety is not Safety.SAFE and not self.unsafe):
                continue
            key = tuple((e.span.file.path, e.span.start, e.span.end, e.text) for e in fix.edits)
            if key in seen or _key(verdict) in self.refused or not all(self._editable(e.span.file) for e in fix.edits):
                continue
            seen.add(key)
            if any(
                start <= edit.span.end and edit.span.start <= end
                for edit in fix.edits
                for start, end in taken.get(edit.span.file.path, ())
            ):
                continue
            for edit in fix.edits:
                taken.setdefault(edit.span.file.path, []).append((edit.span.start, edit.span.end))
            chosen.append(verdict)
        return chosen

    def _editable(self, file: SourceFile) -> bool:
        """Return True if a file is the reader's own, and still what was read."""
        real = os.path.realpath(file.path)
        if not real.startswith(self.base) or is_downloaded(real[len(self.base) :]):
            return False
        if file.path not in self.now:
            try:
                self.now[file.path] = self.before[file.path] = self._read(file.path)
            except OSError:
                return False
        return decode(self.now[file.path], file.name) == file.text

    def _read(self, path: str) -> bytes:
        if path in self.contents:
            return self.contents[path]
        with open(path, "rb") as stream:
            return stream.read()

    def _settle(self, accepted: list[Verdict], candidates: list[Verdict]) -> list[Verdict]:
        """Return the accepted findings with those candidates whose fixes hold, found by halving the candidates."""
        trial = accepted + candidates
        after = self.scan({**self.contents, **self.now, **self._contents(trial)})
        if _holds(self.report, after, trial):
            self.after[tuple(map(id, trial))] = after
            return trial
        if len(candidates) == 1:
            self.refused[_key(candidates[0])] = candidates[0]
            return accepted
        middle = len(candidates) // 2
        return self._settle(self._settle(accepted, candidates[:middle]), candidates[middle:])

    def _contents(self, verdicts: Iterable[Verdict]) -> dict[str, bytes]:
        edits: dict[str, list[Edit]] = {}
        files: dict[str, SourceFile] = {}
        for fix in _fixes(verdicts):
            for edit in fix.edits:
                file = edit.span.file
                files[file.path] = file
                text = _aligned(edit)
                text = text.replace("\n", "\r\n") if "\r\n" in file.text else text
                edits.setdefault(file.path, []).append(Edit(edit.span, text))
        return {path: encode(apply_edits(files[path].text, edits[path]), self.now[path]) for path in files}


def _aligned(edit: Edit) -> str:
    """Return the text of an edit, with the equals sign of a new line of HCL below that of the line above, if it fits.

    `terraform fmt` does so, and would move the other lines, too, if the new name is longer.
    """
    span = edit.span
    new = _ATTRIBUTE.fullmatch(edit.text.removeprefix("\n"))
    if new is None or span.start != span.end or not edit.text.startswith("\n"):
        return edit.text
    above = _ATTRIBUTE.fullmatch(span.file.line_text(span.line))
    if above is None or above["indent"] != new["indent"]:
        return edit.text
    column = max(above.end("gap"), new.end("gap"))
    return "\n" + new["indent"] + new["name"].ljust(column - len(new["indent"])) + "= " + new["value"]


def _fixes(verdicts: Iterable[Verdict]) -> Iterator[Fix]:
    return (verdict.fix for verdict in verdicts if verdict.fix is not None)


def _key(verdict: Verdict) -> tuple[str, ...]:
    title = verdict.fix.title if verdict.fix else ""
    return (verdict.rule.id, verdict.deployment.root, verdict.address, verdict.site.attribute, title)


def _holds(before: Report, after: Report, fixed: Sequence[Verdict]) -> bool:
    """Return True if fixes did what they were for, and nothing else."""
    was, now = _failing(before), _failing(after)
    if any(number > was[key] for key, number in now.items()):
        return False
    if any(now[key] >= was[key] for key in {_subject(verdict) for verdict in fixed}):
        return False
    if _of(after, Outcome.UNKNOWN) - _of(before, Outcome.UNKNOWN) or _of(after, Outcome.ERROR):
        return False
    if {p.message for p in after.problems if p.fatal} - {p.message for p in before.problems if p.fatal}:
        return False
    return len(after.unread) <= len(before.unread) and _addresses(before) <= _addresses(after)


def _subject(verdict: Verdict) -> tuple[str, str, str]:
    return (verdict.rule.id, verdict.deployment.root, verdict.address)


def _failing(report: Report) -> Counter[tuple[str, str, str]]:
    return Counter(_subject(verdict) for verdict in report.open)


def _of(report: Report, outcome: Outcome) -> set[tuple[str, str, str]]:
    return {_subject(verdict) for verdict in report.of(outcome)}


def _addresses(report: Report) -> set[tuple[str, str]]:
    return {(d.root, resource.address) for d in report.deployments for resource in d.resources}


def encode(text: str, like: bytes) -> bytes:
    """Return the bytes of a text, in the encoding and with the byte order mark of `like`."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if like.startswith(mark):
            return mark + text.encode(name)
    return text.encode("utf-8")


def diff(changes: Iterable[Change], secret: Callable[[str], bool] = lambda _: False) -> str:
    """Return the changes as a diff that `git apply` takes.

    secret  True for a line that must not be shown: the diff then has less context
    """
    parts: list[str] = []
    for change in changes:
        before, after = (_lines(decode(data, change.name)) for data in (change.before, change.after))
        for context in (3, 2, 1, 0):
            found = list(unified_diff(before, after, f"a/{change.name}", f"b/{change.name}", n=context))
            if not any(line.startswith(" ") and secret(line) for line in found):
                break
        parts += [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in found]
    return "".join(parts)


def _lines(text: str) -> list[str]:
    """Return the lines of a text with their ends, split as git splits them."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def write(changes: Iterable[Change]) -> None:
    """Write each file whole or not at all.

    Raises FixError if one cannot be written or has changed since it was read.
    """
    for change in changes:
        replace_file(change.path, change.after, change.before)


def replace_file(path: str, data: bytes, expected: bytes | None = None) -> None:
    """Replace the content of a file at once, with the mode that it has. Raises FixError.

    expected  the content that the file must still have; None for any
    """
    real = os.path.realpath(path)
    temporary = ""
    try:
        if expected is not None:
            with open(real, "rb") as stream:
                if stream.read() != expected:
                    raise FixError(f"{path} has changed since it was read; it is left alone, run iaclint again")
        mode = os.stat(real).st_mode & 0o7777 if os.path.exists(real) else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(real), prefix=".iaclint-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, real)
        temporary = ""
    except OSError as error:
        raise FixError(f"{path} cannot be written: {error.strerror}") from error
    finally:  # also if a signal ends the run
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
