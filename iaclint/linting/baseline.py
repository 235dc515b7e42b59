"""Findings that were there before: kept in a file, so that only new ones fail.

A finding is the same where its fingerprint is: rule, deployment, address, property and message, but no line. One
that moves within its deployment stays accepted, and one of the same name elsewhere is new. The file is JSON:
{"version": 1, "findings": [{"fingerprint", "rule", "file", "address", "message", "environments", "count"}, ...]}.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from json import dumps, loads
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.linting.verdict import Report, Suppression, Verdict
from iaclint.source.files import relative

VERSION = 1
FILE_NAME = ".iaclint-baseline.json"


class BaselineError(Exception):
    """A baseline that cannot be used; the text says why."""


class Entry(Struct, frozen=True):
    """One finding that was there before; `count` where several have the same fingerprint."""

    fingerprint: str
    rule: str
    file: str
    address: str
    message: str
    environments: tuple[str, ...] = ()
    count: int = 1


class Baseline(Struct):
    """The findings that were there before, and which of them were met again."""

    entries: tuple[Entry, ...]
    met: Counter[str] = field(default_factory=Counter)

    def mark(self, verdicts: Iterable[Verdict], base: str) -> tuple[Verdict, ...]:
        """The verdicts, with the failures marked that were there before; no entry hides more than it counted."""
        known = {entry.fingerprint: entry for entry in self.entries}
        self.met = Counter()
        found: list[Verdict] = []
        for verdict in verdicts:
            if verdict.open:
                entry = known.get(verdict.fingerprint(base))
                if entry is not None and set(verdict.environments) <= set(entry.environments or verdict.environments):
                    self.met[entry.fingerprint] += 1
                    if self.met[entry.fingerprint] <= entry.count:
                        verdict = replace(verdict, suppressed_by=Suppression("baseline", "it was there before"))
            found.append(verdict)
        return tuple(found)

    def stale(self, report: Report) -> tuple[Entry, ...]:
        """The entries that no longer hide anything, as far as this run can tell.

        It can where the rule was run and the file was read or is gone.
        """
        run = {rule.id for rule in report.rules}
        base = os.path.realpath(report.base)
        read = {relative(os.path.realpath(file.path), base) for file in report.files}
        return tuple(
            entry
            for entry in self.entries
            if not self.met[entry.fingerprint]
            and entry.rule in run
            and (entry.file in read or not os.path.exists(os.path.join(base, entry.file)))
            and report.complete
        )


def of_report(report: Report) -> Baseline:
    """The baseline that accepts what a report has failures of."""
    base = os.path.realpath(report.base)
    entries: dict[str, Entry] = {}
    for verdict in report.open:
        name = verdict.fingerprint(report.base)
        file = relative(os.path.realpath(verdict.site.span.file.path), base)
        known = entries.get(name)
        if known is not None:
            entries[name] = replace(known, count=known.count + 1)
        else:
            entries[name] = Entry(name, verdict.rule.id, file, verdict.address, verdict.message, verdict.environments)
    ordered = sorted(entries.values(), key=lambda e: (e.file, e.rule, e.address, e.fingerprint))
    return Baseline(tuple(ordered))


def without(baseline: Baseline, stale: Iterable[Entry]) -> Baseline:
    """The baseline without some entries, and with no more of the others than were met."""
    gone = {entry.fingerprint for entry in stale}
    kept = []
    for entry in baseline.entries:
        met = baseline.met[entry.fingerprint]
        if entry.fingerprint not in gone:
            kept.append(replace(entry, count=min(entry.count, met) if met else entry.count))
    return Baseline(tuple(kept), baseline.met)


def read(path: str) -> Baseline:
    """The baseline of a file. Raises BaselineError."""
    try:
        with open(path, encoding="utf-8") as stream:
            document = loads(stream.read())
    except FileNotFoundError:
        raise BaselineError(f"the baseline {path} does not exist; `iaclint baseline` makes it") from None
    except OSError as error:
        raise BaselineError(f"the baseline {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"the baseline {path} is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise BaselineError(f"{path} is no baseline of iaclint; `iaclint baseline` makes one")
    if document.get("version") != VERSION:
        raise BaselineError(
            f"the baseline {path} has version {document.get('version')!r}; this iaclint reads {VERSION}"
        )
    try:
        return Baseline(tuple(_entry(item) for item in document["findings"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BaselineError(f"the baseline {path} has an entry that cannot be used: {error}") from error


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(
        fingerprint=str(item["fingerprint"]),
        rule=str(item["rule"]),
        file=str(item["file"]),
        address=str(item.get("address", "")),
        message=str(item.get("message", "")),
        environments=tuple(str(name) for name in item.get("environments", ())),
        count=int(item.get("count", 1)),
    )


def write(baseline: Baseline) -> str:
    """The text of the file: an entry a line, sorted, so that a review shows what changed."""
    lines = []
    for entry in baseline.entries:
        item: dict[str, Any] = {
            "fingerprint": entry.fingerprint,
            "rule": entry.rule,
            "file": entry.file,
            "address": entry.address,
            "message": entry.message,
        }
        if entry.environments:
            item["environments"] = list(entry.environments)
        if entry.count > 1:
            item["count"] = entry.count
        lines.append("  " + dumps(item, ensure_ascii=False))
    body = "\n" + ",\n".join(lines) + "\n " if lines else ""
    return f'{{\n "version": {VERSION},\n "findings": [{body}]\n}}\n'
