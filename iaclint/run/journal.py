"""The journal of a run over many repositories: what became of each of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import IO

from msgspec import Struct, ValidationError, convert, field
from msgspec.structs import asdict, replace

from iaclint.run.request import UsageError

JOURNAL = "summary.jsonl"


class RepositoryResult(Struct, frozen=True, forbid_unknown_fields=True):
    """The result of one repository. It is small and can be pickled.

    path        of the repository, absolute
    state       "done"; "empty": it holds no infrastructure code; "incomplete": a part of it could not be judged, for
                example because a file does not parse; "timed out"; "failed": there is no report
    code        the exit code of `iaclint check` for it, but 0 if it is empty; 2 if there is no report
    message     why it is incomplete, or why there is no report
    findings    open failures by severity
    undecided   UNKNOWN verdicts;  suppressed: suppressed failures;  files: files that were read
    seconds     the time it took
    reports     names of the reports in the output directory; none if it failed or timed out
    kept        True if this is the result of an earlier run, kept because nothing has changed
    key         a digest of what the result depends on: the state of the files, the version of iaclint, the options
    until       the last day for which it holds, because an exception ends then; "" for any day
    size        bytes of the reports, in all
    """

    path: str
    state: str
    code: int = 2
    message: str = ""
    findings: Mapping[str, int] = field(default_factory=dict)
    undecided: int = 0
    suppressed: int = 0
    files: int = 0
    seconds: float = 0.0
    reports: tuple[str, ...] = ()
    kept: bool = False
    key: str = ""
    until: str = ""
    size: int = 0


class Journal:
    """The file `summary.jsonl`: the result of a repository on each line, added as soon as the repository is done.

    Another run with the same output goes on where this one ended. All methods raise UsageError if the file cannot be
    written.
    """

    def __init__(self, output: str, fresh: bool) -> None:
        """Open the journal in the directory `output`, which is made; with `fresh`, forget what it holds."""
        self.path = os.path.join(output, JOURNAL)
        try:
            os.makedirs(output, exist_ok=True)
            self.before = {} if fresh else _read(self.path)
            self.now: dict[str, RepositoryResult] = {}
            # write the file again: its last line may have been cut short
            self._write(self.before.values())
            self.stream: IO[str] = open(self.path, "a", encoding="ascii")  # noqa: SIM115 - as long as the run
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror}") from error

    def add(self, result: RepositoryResult) -> None:
        """Append the result of a repository."""
        self.now[result.path] = result
        try:
            self.stream.write(_line(result))
            self.stream.flush()
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}") from error

    def finish(self, paths: Iterable[str]) -> None:
        """Reduce the file to the results of this run, in the order of its paths."""
        self.stream.close()  # Windows cannot replace an open file
        self._write(self.now[path] for path in paths)

    def close(self) -> None:
        """Close the file; it stays valid if the run was interrupted."""
        self.stream.close()

    def _write(self, records: Iterable[RepositoryResult]) -> None:
        from iaclint.linting.fixing import FixError, replace_file

        try:
            replace_file(self.path, "".join(map(_line, records)).encode("ascii"))
        except FixError as error:
            raise UsageError(str(error)) from error


def _line(result: RepositoryResult) -> str:
    from json import dumps

    return dumps(asdict(result)) + "\n"


def _read(path: str) -> dict[str, RepositoryResult]:
    """Return the results in a journal by path, the last one of each. Lines that are no results are ignored."""
    from json import loads

    found: dict[str, RepositoryResult] = {}
    try:
        with open(path, "rb") as stream:
            lines = stream.read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            result = convert(loads(line), RepositoryResult)
        except (ValueError, ValidationError):
            continue
        found[result.path] = replace(result, kept=False)
    return found
