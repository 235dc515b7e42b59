"""Many repositories, each linted in a process of its own, on any executor of `concurrent.futures`.

A repository is linted as by `iaclint check PATH`, with its own config and packs. Since each has a process of its own,
one that crashes, takes all memory or never ends is recorded as such, and the others go on. The unit of work is `lint`,
a function that can be pickled and given to `executor.submit`. So an executor may consist of threads of this process,
which only wait, or of the workers of a cluster that see the same files.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from iaclint.run.children import CHILDREN
from iaclint.run.journal import Journal, RepositoryResult
from iaclint.run.processes import processors
from iaclint.run.request import UsageError
from iaclint.version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

TIME_LIMIT = 600.0
"""Seconds for one repository by default."""
MOST_SECONDS = 10_000_000
MOST_MEGABYTES = 1_000_000_000
MAX_MESSAGE_CHARS = 500
"""The characters that are kept of the message why a repository could not be linted."""


class Job(Struct, frozen=True):
    """One repository to lint, and how.

    path, output, options, formats, time_limit, memory_limit  as in `scan_many`, paths absolute
    run                                                       a name that all jobs of a run have in common
    earlier                                                   the result of an earlier run, from the journal
    """

    path: str
    output: str
    options: tuple[str, ...]
    formats: tuple[str, ...]
    time_limit: float
    memory_limit: int
    run: str
    earlier: RepositoryResult | None = None


def scan_many(
    paths: Iterable[str],
    output: str,
    *,
    executor: Executor | None = None,
    jobs: int = 0,
    time_limit: float = TIME_LIMIT,
    memory_limit: int = 0,
    formats: Sequence[str] = ("sarif",),
    options: Sequence[str] = (),
    fresh: bool = False,
) -> Generator[RepositoryResult, None, None]:
    """Lint each repository, and yield its result as soon as it is done.

    output        the directory for the reports and the journal; it is made if it does not exist
    executor      runs the jobs, and is not closed. Its workers must see the paths and the output under the same names.
                  None for threads of this process
    jobs          the number of repositories at once without an executor; 0 for one on each processor
    time_limit    seconds for each repository
    memory_limit  megabytes for each repository; 0 for no limit
    formats       of the reports
    options       for `iaclint check`, such as "--isolated"; paths in them are absolute
    fresh         True to lint again what an earlier run has done

    A result of an earlier run with the same output is kept if neither files nor options have changed since. If the
    iterator is closed, or an exception ends it, the processes that this one started are killed; those of workers
    elsewhere end at the time limit. Raises UsageError if a limit is out of range or the output cannot be written.
    """
    from concurrent.futures import Future, ThreadPoolExecutor, as_completed
    from uuid import uuid4

    if not (0 < time_limit <= MOST_SECONDS and 0 <= memory_limit <= MOST_MEGABYTES):
        raise UsageError(
            f"limits are up to {MOST_SECONDS:,} seconds and {MOST_MEGABYTES:,} megabytes: {time_limit}, {memory_limit}"
        )
    output = os.path.abspath(output)
    wanted = list(dict.fromkeys(map(os.path.abspath, paths)))
    journal = Journal(output, fresh)
    run = uuid4().hex
    own = None if executor else ThreadPoolExecutor(jobs or processors())
    pool = executor or own
    assert pool is not None
    waiting: dict[Future[RepositoryResult], str] = {}
    try:
        for path in wanted:
            earlier = journal.before.get(path)
            job = Job(path, output, tuple(options), tuple(formats), time_limit, memory_limit, run, earlier)
            try:
                future = pool.submit(lint, job)
            except Exception as error:  # the pool broke; the results that it gave before still count
                future = Future()
                future.set_exception(error)
            waiting[future] = path
        for future in as_completed(list(waiting)):
            result = _result_of(future, waiting.pop(future))
            journal.add(result)
            yield result
        journal.finish(wanted)
    finally:
        if waiting:
            CHILDREN.stop(run)
        for future in waiting:
            future.cancel()
        if own is not None:
            own.shutdown(cancel_futures=True)
        journal.close()


def repositories(arguments: Iterable[str]) -> list[str]:
    """Return the paths of repositories that arguments name: a directory is one, a file lists them, "-" is a list on
    stdin.

    Raises UsageError if a list cannot be read.
    """
    found: list[str] = []
    for argument in arguments:
        if argument == "-":
            found += _listed(sys.stdin.buffer.read(), os.getcwd())
        elif os.path.isfile(argument):
            try:
                with open(argument, "rb") as stream:
                    found += _listed(stream.read(), os.path.dirname(os.path.abspath(argument)))
            except OSError as error:
                raise UsageError(f"{argument} cannot be read: {error.strerror}") from error
        else:
            found.append(os.path.abspath(argument))
    return list(dict.fromkeys(found))


def _listed(data: bytes, base: str) -> list[str]:
    lines = (line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").splitlines())
    names = [os.fsdecode(line) for line in lines if line and not line.startswith(b"#")]
    return [os.path.normpath(os.path.join(base, name)) for name in names]


def exit_code(results: Iterable[RepositoryResult]) -> int:
    """Return 2 if a repository was not linted completely, 1 if one has failures at or above its gate, else 0."""
    return max((result.code for result in results), default=0)


def report_name(path: str) -> str:
    """Return the name of a repository's reports: its own, with a digest of its path, so that no two have the same."""
    from hashlib import sha256

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", os.path.basename(path)).strip(".-")[:60]
    return f"{name or 'root'}-{sha256(os.fsencode(path)).hexdigest()[:12]}"


def _result_of(future: Future[RepositoryResult], path: str) -> RepositoryResult:
    """Return the result of a job; "failed" if its worker was lost or it was cancelled."""
    from concurrent.futures import CancelledError

    try:
        error = future.exception()
    except CancelledError as cancelled:
        error = cancelled
    if error is None:
        return future.result()
    return RepositoryResult(
        path, "failed", message=f"the executor gave it up: {type(error).__name__}: {error}"[:MAX_MESSAGE_CHARS]
    )


# -- one repository --------------------------------------------------------------------------------------


def lint(job: Job) -> RepositoryResult:
    """Lint one repository in a process of its own. Returns a result whatever happens to the process."""
    from time import monotonic

    began = monotonic()
    try:
        key = _key(job)
        if job.earlier and _still_holds(job.earlier, job, key):
            return replace(job.earlier, kept=True)
        result = replace(_lint_anew(job), key=key)
    except OSError as error:
        result = RepositoryResult(job.path, "failed", message=f"{error.filename or job.output}: {error.strerror}")
    return replace(result, seconds=round(monotonic() - began, 3))


def _report_names(job: Job) -> tuple[str, ...]:
    name = report_name(job.path)
    return tuple(f"{name}.{format_}" for format_ in job.formats)


def _lint_anew(job: Job) -> RepositoryResult:
    """Run the process of a repository, and return its result. Reports replace earlier ones when all are written."""
    import shutil
    import tempfile
    from contextlib import suppress

    work = tempfile.mkdtemp(prefix=".iaclint-", dir=job.output)
    try:
        # JSON is written last: if it exists, everything was written
        written = [*(f for f in job.formats if f != "json"), "json"]
        places = {format_: os.path.join(work, f"{report_name(job.path)}.{format_}") for format_ in written}
        limits = [places["json"], str(job.time_limit), str(job.memory_limit)]
        command = [sys.executable, "-P", "-c", _START, _HOME, *limits]
        command += ["check", "--jobs=1", "--format=concise", *job.options]
        command += [*(f"--output={format_}={place}" for format_, place in places.items()), "--", job.path]
        messages = os.path.join(work, "stderr")
        # reports name files relative to the repository, whatever the working directory of this process is
        cwd = job.path if os.path.isdir(job.path) else os.path.dirname(job.path)
        with open(messages, "wb") as stderr:
            code = CHILDREN.run(job.run, command, cwd, stderr, job.time_limit)
        result = _result_from(job, code, places["json"], messages)
        for name in _report_names(job):
            place = os.path.join(job.output, name)
            if result.reports:
                os.replace(os.path.join(work, name), place)
            else:
                with suppress(FileNotFoundError):
                    os.unlink(place)  # the report of an earlier run, which would be taken for one of this run
        return replace(result, size=_size(job.output, result.reports))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _result_from(job: Job, code: int | None, report: str, messages: str) -> RepositoryResult:
    """Return the result of a repository from what its process left.

    code      its exit code; None if it was killed at the time limit
    report    the path of the JSON report;  messages: the path of what it wrote to stderr
    """
    from json import load

    if code is None:
        return RepositoryResult(job.path, "timed out", message=f"not done after {job.time_limit:g} s")
    try:
        with open(short_report(report), encoding="utf-8") as stream:
            short = load(stream)
    except FileNotFoundError:
        short = None
    if short is None or code not in (0, 1, 2):
        return RepositoryResult(job.path, "failed", message=_last_message(messages, code))
    summary = short["summary"]
    state = "done" if code != 2 else "incomplete"
    if code == 2 and summary["complete"] and not summary["files_read"]:
        state, code = "empty", 0  # it holds no infrastructure code, which is no failure among many
    return RepositoryResult(
        job.path,
        state,
        code,
        short["problem"] if state == "incomplete" else "",
        {name: number for name, number in summary["findings"].items() if name != "total"},
        summary["undecided"],
        summary["suppressed"],
        summary["files_read"],
        reports=_report_names(job),
        until=short["until"],
    )


def _last_message(messages: str, code: int) -> str:
    """Return why a process ended without a report: the last line of its stderr, or its signal."""
    import signal

    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"ended by {name}" + (", as where memory runs out" if name == "SIGKILL" else "")
    with open(messages, "rb") as stream:
        stream.seek(max(0, os.path.getsize(messages) - 4 * MAX_MESSAGE_CHARS))
        lines = stream.read().decode("utf-8", "replace").strip().splitlines()
    last = lines[-1].removeprefix("iaclint: ")[:MAX_MESSAGE_CHARS] if lines else ""
    return last or f"ended with exit code {code} before there was a report"


# -- what has not changed --------------------------------------------------------------------------------


def _still_holds(earlier: RepositoryResult, job: Job, key: str) -> bool:
    """Return True if a run would give the same result again, and the reports exist as they were written."""
    from datetime import date

    if earlier.key != key or earlier.state not in ("done", "empty"):
        return False
    if earlier.until and earlier.until < date.today().isoformat():
        return False
    return earlier.reports == _report_names(job) and _size(job.output, earlier.reports) == earlier.size


def _size(directory: str, names: Iterable[str]) -> int:
    """Return the bytes of some files of a directory, or -1 if one does not exist."""
    try:
        return sum(os.path.getsize(os.path.join(directory, name)) for name in names)
    except FileNotFoundError:
        return -1


def _key(job: Job) -> str:
    """Return a digest of what the result depends on: files, options and the version of iaclint.

    The files are those of the repository, those that options name, and the config files above. They count by name, size
    and time: to read them all would take as long as to lint them.
    """
    from hashlib import sha256

    digest = sha256(ascii((__version__, job.options, job.formats)).encode())
    named = [value for word in job.options if os.path.isabs(value := word.partition("=")[2] or word)]
    above = os.path.dirname(job.path)
    while True:
        named += [os.path.join(above, name) for name in (".iaclint.toml", "pyproject.toml")]
        if above == os.path.dirname(above):
            break
        above = os.path.dirname(above)
    for path in (job.path, *named):
        for place in _files(path, job.output):
            try:
                found = os.stat(place)
            except (OSError, ValueError):
                continue
            digest.update(ascii((place, found.st_size, found.st_mtime_ns)).encode())
    return digest.hexdigest()


def _files(path: str, output: str) -> Iterator[str]:
    """Yield a path and each file below it, but for reports, compiled Python, and the objects of git.

    The rest of .git is included: reports name the commit that they are of.
    """
    yield path
    for directory, folders, files in os.walk(path):
        folders[:] = sorted(
            folder
            for folder in folders
            if folder != "__pycache__"
            and (folder != "objects" or os.path.basename(directory) != ".git")
            and os.path.join(directory, folder) != output
        )
        yield from (os.path.join(directory, file) for file in sorted(files))


# -- the process of a repository -------------------------------------------------------------------------

_HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_START = (
    "import sys; home = sys.argv.pop(1); home in sys.path or sys.path.insert(0, home); "
    "from iaclint.cli.repository import main; main()"
)
"""Starts the command line within limits, with the same iaclint as this one and nothing from the working directory. This
module does not import the command line: it only starts it."""


def short_report(report: str) -> str:
    """Return the path of what is kept of a JSON report, which may be huge: its summary, in JSON."""
    return report + ".short"
