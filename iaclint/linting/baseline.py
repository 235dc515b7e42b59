"""The baseline: accepted findings in a file, so that only new ones fail.

Two findings are the same if their fingerprints are: rule, deployment, address, property and message, but no line. A
finding that moves within its deployment stays accepted; one of the same name in another deployment is new. The file is
JSON: {"version": 1, "findings": [{"fingerprint", "rule", "file", "address", "message", "environments", "count"}, ...]}.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from json import dumps, loads
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from iaclint.linting.verdict import Report, Suppression, Verdict
from iaclint.source.files import relative

VERSION = 1
FILE_NAME = ".iaclint-baseline.json"


class BaselineError(Exception):
    """A baseline that cannot be used. The text gives the reason."""


class Entry(Struct, frozen=True):
    """An accepted finding; `count` is the number of findings with its fingerprint."""

    fingerprint: str
    rule: str
    file: str
    address: str
    message: str
    environments: tuple[str, ...] = ()
    count: int = 1


class Baseline(Struct, frozen=True):
    """The accepted findings."""

    entries: tuple[Entry, ...]

    def mark(self, verdicts: Iterable[Verdict], base: str) -> tuple[tuple[Verdict, ...], Mapping[str, int]]:
        """Return the verdicts with the accepted failures marked, and how often each fingerprint was met.

        An entry marks no more failures than it counts. `base` is the directory that paths are relative to.
        """
        known = {entry.fingerprint: entry for entry in self.entries}
        met: Counter[str] = Counter()
        marked: list[Verdict] = []
        for verdict in verdicts:
            if verdict.open:
                entry = known.get(verdict.fingerprint(base))
                if entry is not None and set(verdict.environments) <= set(entry.environments or verdict.environments):
                    met[entry.fingerprint] += 1
                    if met[entry.fingerprint] <= entry.count:
                        verdict = replace(verdict, suppressed_by=Suppression("baseline", "it was there before"))
            marked.append(verdict)
        return tuple(marked), met

    def stale(self, report: Report) -> tuple[Entry, ...]:
        """Return the entries that mark nothing any more, as far as a run that used the baseline can tell.

        It can tell if the rule was run, and the file was read or no longer exists.
        """
        run = {rule.id for rule in report.rules}
        base = os.path.realpath(report.base)
        read = {relative(os.path.realpath(file.path), base) for file in report.files}
        return tuple(
            entry
            for entry in self.entries
            if not report.baseline_met.get(entry.fingerprint)
            and entry.rule in run
            and (entry.file in read or not os.path.exists(os.path.join(base, entry.file)))
            and report.complete
        )

    def pruned(self, report: Report) -> Baseline:
        """Return the baseline without its stale entries; the others count no more findings than were met."""
        stale = {entry.fingerprint for entry in self.stale(report)}
        kept = []
        for entry in self.entries:
            if entry.fingerprint not in stale:
                met = report.baseline_met.get(entry.fingerprint, 0)
                kept.append(replace(entry, count=min(entry.count, met) if met else entry.count))
        return Baseline(tuple(kept))


def of_report(report: Report) -> Baseline:
    """Return the baseline that accepts the open failures of a report."""
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


def read(path: str) -> Baseline:
    """Return the baseline of a file. Raises BaselineError."""
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
    """Return the text of the file, with an entry on each line, so that a diff shows which findings changed."""
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
