"""Many repositories, each linted in a process of its own, on any executor of `concurrent.futures`.

A repository gets what `iaclint check PATH` gives it, with its own config and packs. The process is what keeps them
apart: one that crashes, takes all memory or never ends is recorded as such, and the others go on. `lint` is the unit of
work: a function that can be pickled, handed to `executor.submit`. So threads of this process will do, since they only
wait, and so will the workers of a cluster that see the same files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from iaclint.run.processes import processors
from iaclint.run.request import UsageError
from iaclint.version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


JOURNAL = "summary.jsonl"
TIME_LIMIT = 600.0
"""Seconds for one repository, unless set."""
GRACE = 5
"""Seconds after its time limit at which a process ends by itself, if who started it is gone."""
MOST_SECONDS = 10_000_000
MOST_MEGABYTES = 1_000_000_000
MAX_WORDS = 500
"""So many characters of what a process said last are kept."""


class Linted(Struct, frozen=True):
    """What became of one repository. Small, and can be pickled.

    path        of the repository, absolute
    state       "done"; "empty": there is nothing to lint in it; "incomplete": not all of it could be judged, as where a
                file does not parse; "timed out"; "failed": there is no report
    code        the exit code that `iaclint check` has for it, but 0 where it is empty; 2 where there is no report
    message     why it is incomplete, or why there is no report
    findings    open failures by severity
    files       how many were read
    seconds     it took, by the clock
    reports     their files in the output directory; none where it failed or timed out
    kept        whether this is the result of an earlier run, since nothing has changed
    key         what the result hangs on: the state of the files, the version of iaclint, the options
    until       the last day for which it is right, since an exception ends then; "" for any day
    size        bytes of the reports
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


class Job(Struct, frozen=True):
    """One repository to lint, and how. `run` is the same for all of a run; `earlier` is what the journal says of it."""

    path: str
    output: str
    options: tuple[str, ...]
    formats: tuple[str, ...]
    time_limit: float
    memory_limit: int
    run: str
    earlier: Linted | None = None


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
) -> Generator[Linted, None, None]:
    """Lint each repository, and give a record of each as soon as it is done.

    output        a directory for the reports and the journal; it is made where it is not there
    executor      runs the jobs; it stays open. Its workers must see the paths and the output under the same names.
                  None for threads of this process
    jobs          how many at once, without an executor; 0 for one for each processor
    time_limit    seconds for each repository
    memory_limit  megabytes for each; 0 for as many as there are
    formats       of the reports
    options       for `iaclint check`, such as "--isolated"; paths in them are absolute
    fresh         whether to lint again what an earlier run has done

    What is left of an earlier run with the same output is kept where neither files nor options have changed since.
    Whoever stops before the end, by closing the iterator or by an exception, ends what runs in this process; what
    runs in workers elsewhere ends at the time limit. Raises UsageError.
    """
    from concurrent.futures import Future, ThreadPoolExecutor, as_completed
    from uuid import uuid4

    if not (0 < time_limit <= MOST_SECONDS and 0 <= memory_limit <= MOST_MEGABYTES):
        raise UsageError(
            f"limits are up to {MOST_SECONDS:,} seconds and {MOST_MEGABYTES:,} megabytes: {time_limit}, {memory_limit}"
        )
    output = os.path.abspath(output)
    wanted = list(dict.fromkeys(map(os.path.abspath, paths)))
    journal = _Journal(output, fresh)
    run = uuid4().hex
    own = None if executor else ThreadPoolExecutor(jobs or processors())
    pool = executor or own
    assert pool is not None
    waiting: dict[Future[Linted], str] = {}
    try:
        for path in wanted:
            earlier = journal.before.get(path)
            job = Job(path, output, tuple(options), tuple(formats), time_limit, memory_limit, run, earlier)
            try:
                future = pool.submit(lint, job)
            except Exception as error:  # a pool that broke: what it has done by then still counts
                future = Future()
                future.set_exception(error)
            waiting[future] = path
        for future in as_completed(list(waiting)):
            linted = _result(future, waiting.pop(future))
            journal.add(linted)
            yield linted
        journal.finish(wanted)
    finally:
        if waiting:
            _children.stop(run)
        for future in waiting:
            future.cancel()
        if own is not None:
            own.shutdown(cancel_futures=True)
        journal.close()


def repositories(arguments: Iterable[str]) -> list[str]:
    """The paths that arguments stand for: a file is a list of paths, "-" a list on stdin. Raises UsageError."""
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


def exit_code(all_linted: Iterable[Linted]) -> int:
    """2 where something was not done, 1 where something failed its gate, 0 else."""
    return max((linted.code for linted in all_linted), default=0)


def report_name(path: str) -> str:
    """What the reports of a repository are called: as it is, and a digest of its path, so that no two are the same."""
    from hashlib import sha256

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", os.path.basename(path)).strip(".-")[:60]
    return f"{name or 'root'}-{sha256(os.fsencode(path)).hexdigest()[:12]}"


def _result(future: Future[Linted], path: str) -> Linted:
    """What a job gave. A worker that was lost, or a job that was cancelled, is a repository that failed."""
    from concurrent.futures import CancelledError

    try:
        error = future.exception()
    except CancelledError as cancelled:
        error = cancelled
    if error is None:
        return future.result()
    return Linted(path, "failed", message=f"the executor gave it up: {type(error).__name__}: {error}"[:MAX_WORDS])


# -- the journal -----------------------------------------------------------------------------------------


class _Journal:
    """`summary.jsonl`: a record on each line, added as each repository is done, so that a run can be taken up again."""

    def __init__(self, output: str, fresh: bool) -> None:
        self.path = os.path.join(output, JOURNAL)
        try:
            os.makedirs(output, exist_ok=True)
            self.before = {} if fresh else _read(self.path)
            self.now: dict[str, Linted] = {}
            # anew, so that no line that was cut short is in front of the next
            self._write(self.before.values())
            self.stream: IO[str] = open(self.path, "a", encoding="ascii")  # noqa: SIM115 - as long as the run
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror}") from error

    def add(self, linted: Linted) -> None:
        self.now[linted.path] = linted
        try:
            self.stream.write(_line(linted))
            self.stream.flush()
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}") from error

    def finish(self, paths: Iterable[str]) -> None:
        """All is done: from now on the file is about this run only, in the order of its paths."""
        self.stream.close()  # Windows replaces no file that is open
        self._write(self.now[path] for path in paths)

    def close(self) -> None:
        self.stream.close()

    def _write(self, records: Iterable[Linted]) -> None:
        from iaclint.linting.fixing import FixError, replace_file

        try:
            replace_file(self.path, "".join(map(_line, records)).encode("ascii"))
        except FixError as error:
            raise UsageError(str(error)) from error


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("path", "state", "message", "key", "until"), str),
    **dict.fromkeys(("code", "undecided", "suppressed", "files", "size"), int),
    "findings": dict,
    "seconds": (int, float),
    "reports": list,
    "kept": bool,
}


def _line(linted: Linted) -> str:
    from json import dumps

    return dumps(asdict(linted)) + "\n"


def _read(path: str) -> dict[str, Linted]:
    """The records of a journal by path; the last one of each counts. A line that is none is passed over."""
    from json import loads

    found: dict[str, Linted] = {}
    try:
        with open(path, "rb") as stream:
            lines = stream.read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            linted = Linted(**loads(line))
            if any(not isinstance(getattr(linted, name), kinds) for name, kinds in _KINDS.items()):
                continue
            found[linted.path] = replace(linted, reports=tuple(linted.reports), kept=False)
        except (ValueError, TypeError):
            continue
    return found


# -- one repository --------------------------------------------------------------------------------------


def lint(job: Job) -> Linted:
    """Lint one repository in a process of its own. Whatever happens to that, this gives a record."""
    from time import monotonic

    began = monotonic()
    try:
        key = _key(job)
        if job.earlier and _still_right(job.earlier, job, key):
            return replace(job.earlier, kept=True)
        linted = replace(_linted(job), key=key)
    except OSError as error:
        linted = Linted(job.path, "failed", message=f"{error.filename or job.output}: {error.strerror}")
    return replace(linted, seconds=round(monotonic() - began, 3))


def _names(job: Job) -> tuple[str, ...]:
    name = report_name(job.path)
    return tuple(f"{name}.{format_}" for format_ in job.formats)


def _linted(job: Job) -> Linted:
    """The record of a fresh run. The reports are put in their places when all of them are whole."""
    import shutil
    import tempfile
    from contextlib import suppress

    work = tempfile.mkdtemp(prefix=".iaclint-", dir=job.output)
    try:
        # JSON comes last, so that where it is there, everything was written
        written = [*(f for f in job.formats if f != "json"), "json"]
        places = {format_: os.path.join(work, f"{report_name(job.path)}.{format_}") for format_ in written}
        limits = [places["json"], str(job.time_limit), str(job.memory_limit)]
        command = [sys.executable, "-P", "-c", _START, _HOME, *limits]
        command += ["check", "--jobs=1", "--format=concise", *job.options]
        command += [*(f"--output={format_}={place}" for format_, place in places.items()), "--", job.path]
        said = os.path.join(work, "said")
        # reports name files as seen from there, whoever calls from where
        cwd = job.path if os.path.isdir(job.path) else os.path.dirname(job.path)
        with open(said, "wb") as stderr:
            code = _children.run(job.run, command, cwd, stderr, job.time_limit)
        linted = _judged(job, code, places["json"], said)
        for name in _names(job):
            place = os.path.join(job.output, name)
            if linted.reports:
                os.replace(os.path.join(work, name), place)
            else:
                with suppress(FileNotFoundError):
                    os.unlink(place)  # of an earlier run; it would be taken for this one's
        return replace(linted, size=_size(job.output, linted.reports))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _judged(job: Job, code: int | None, report: str, said: str) -> Linted:
    """What the end of the process, and what it left, mean."""
    from json import load

    if code is None:
        return Linted(job.path, "timed out", message=f"not done after {job.time_limit:g} s")
    try:
        with open(_short(report), encoding="utf-8") as stream:
            short = load(stream)
    except FileNotFoundError:
        short = None
    if short is None or code not in (0, 1, 2):
        return Linted(job.path, "failed", message=_last_words(said, code))
    summary = short["summary"]
    state = "done" if code != 2 else "incomplete"
    if code == 2 and summary["complete"] and not summary["files_read"]:
        state, code = "empty", 0  # among many there are always some that hold no infrastructure
    return Linted(
        job.path,
        state,
        code,
        short["problem"] if state == "incomplete" else "",
        {name: number for name, number in summary["findings"].items() if name != "total"},
        summary["undecided"],
        summary["suppressed"],
        summary["files_read"],
        reports=_names(job),
        until=short["until"],
    )


def _last_words(said: str, code: int) -> str:
    """Why a process ended without a report."""
    import signal

    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"ended by {name}" + (", as where memory runs out" if name == "SIGKILL" else "")
    with open(said, "rb") as stream:
        stream.seek(max(0, os.path.getsize(said) - 4 * MAX_WORDS))
        lines = stream.read().decode("utf-8", "replace").strip().splitlines()
    last = lines[-1].removeprefix("iaclint: ")[:MAX_WORDS] if lines else ""
    return last or f"ended with exit code {code} before there was a report"


# -- what has not changed --------------------------------------------------------------------------------


def _still_right(earlier: Linted, job: Job, key: str) -> bool:
    """Whether an earlier result would come out again, and its reports are there and whole."""
    from datetime import date

    if earlier.key != key or earlier.state not in ("done", "empty"):
        return False
    if earlier.until and earlier.until < date.today().isoformat():
        return False
    return earlier.reports == _names(job) and _size(job.output, earlier.reports) == earlier.size


def _size(directory: str, names: Iterable[str]) -> int:
    try:
        return sum(os.path.getsize(os.path.join(directory, name)) for name in names)
    except FileNotFoundError:
        return -1


def _key(job: Job) -> str:
    """A digest of what the result hangs on. Files count by name, size and time: reading them all would take as long as
    linting them. It includes what the options name and the config files above."""
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
    """The path itself and every file below it, but for our reports, what Python has compiled, and what git has stored.

    The rest of .git counts: reports say which commit they are of.
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


# -- processes -------------------------------------------------------------------------------------------


class _Stopped(Exception):
    """The run that a job belongs to has ended."""


class _Children:
    """The processes that were started from this one and run now, so that a run that is stopped leaves none behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[tuple[str, subprocess.Popen[bytes]]] = set()
        self._stopped: set[str] = set()

    def run(self, run: str, command: Sequence[str], cwd: str, stderr: IO[bytes], seconds: float) -> int | None:
        """The exit code of a command; None where its time was up. Raises _Stopped."""
        with self._lock:
            if run in self._stopped:
                raise _Stopped
            process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # a group of its own: all that it starts ends with it
            )
            self._running.add((run, process))
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:  # also where a signal ends a worker
            _kill(process)
            process.wait()
            with self._lock:
                self._running.discard((run, process))
        if run in self._stopped:
            raise _Stopped
        return code

    def stop(self, run: str) -> None:
        """End what runs for a run, and let nothing more begin."""
        with self._lock:
            self._stopped.add(run)
            for other, process in self._running:
                if other == run:
                    _kill(process)


_children = _Children()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, if it has not ended, and all of its group."""
    from contextlib import suppress

    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            import signal

            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


_HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_START = (
    "import sys; home = sys.argv.pop(1); home in sys.path or sys.path.insert(0, home); "
    "from iaclint.run.repositories import child; child()"
)
"""Starts `child` with the same iaclint as this one, and nothing from the working directory."""
_CI_VARIABLES = ("GITHUB_REPOSITORY", "CI_PROJECT_URL")


def _short(report: str) -> str:
    return report + ".short"


def child() -> None:
    """What the process of one repository runs: the command line within limits, and then its JSON report in short.

    The report is read here and not by whoever waits, since it may be made to be huge.
    """
    import json
    import math
    import signal

    from iaclint.cli import run

    report, seconds, memory = sys.argv[1:4]
    del sys.argv[1:4]
    for name in _CI_VARIABLES:
        os.environ.pop(name, None)  # they say which repository the job is in, not which one is linted
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(float(seconds)) + GRACE)
    if int(memory):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(memory) * 1024**2,) * 2)
    code = run()
    if os.path.exists(report):
        with open(report, encoding="utf-8") as stream:
            document = json.load(stream)
        ends = [v["suppressed_by"]["until"] or "" for v in document["verdicts"] if "suppressed_by" in v]
        short = {
            "summary": document["summary"],
            "problem": _problem(document),
            "until": min(filter(None, ends), default=""),
        }
        with open(_short(report), "w", encoding="utf-8") as stream:
            json.dump(short, stream)
    sys.stderr.flush()
    os._exit(code)  # as `main` does


def _problem(document: Mapping[str, Any]) -> str:
    """Why not all could be judged: the first problem, and how many more there are."""
    fatal = [problem for problem in document["problems"] if problem["fatal"]]
    broken = document["summary"]["errors"]
    if not fatal:
        return f"{broken} {'check' if broken == 1 else 'checks'} broke" if broken else ""
    first = fatal[0]
    text: str = first["message"]
    if "file" in first and first["file"] not in text:
        text = f"{first['file']}:{first['line']}: {text}" if "line" in first else f"{first['file']}: {text}"
    return text[:MAX_WORDS] + (f", and {len(fatal) - 1} more" if len(fatal) > 1 else "")
