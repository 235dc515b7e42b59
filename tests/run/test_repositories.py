"""Many repositories: each by itself, on any executor, whatever becomes of one of them; and taken up again."""

from __future__ import annotations

import json
import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from iaclint.run.journal import JOURNAL, RepositoryResult
from iaclint.run.repositories import report_name, repositories, scan_many
from iaclint.run.request import UsageError
from tests.command_line import BAD, GOOD, ONLY, ROOT, Result, iaclint, write

ONE_RULE = ("--select=kms-key-not-rotated",)
PACK = {".iaclint.toml": 'rules = ["pack"]\n', "main.tf": GOOD}
CRASH = {**PACK, "pack/crash.py": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"}
LIMIT = 8.0
"""Seconds: enough for a small repository on a busy machine, and soon over for one that hangs."""

KINDS: dict[str, dict[str, str]] = {
    "clean": {"main.tf": GOOD},
    "bad": {"main.tf": BAD},
    "broken": {"main.tf": BAD, "other.tf": "resource {\n"},
    "crashes": CRASH,
    "leaves": {**PACK, "pack/leave.py": "import os\nos._exit(0)\n"},
    "misconfigured": {"main.tf": GOOD, ".iaclint.toml": "selct = []\n"},
    "empty": {"README.md": "nothing\n"},
}
EXPECTED = {
    "hangs": ("timed out", 2, "not done after 8 s"),
    "clean": ("done", 0, ""),
    "bad": ("done", 1, ""),
    "broken": ("incomplete", 2, "other.tf:2: the file ends here"),
    "crashes": ("failed", 2, "ended by SIGKILL, as where memory runs out"),
    "leaves": ("failed", 2, "ended with exit code 0 before there was a report"),
    "misconfigured": ("failed", 2, "did you mean 'select'?"),
    "empty": ("empty", 0, ""),
    "missing": ("failed", 2, "missing does not exist"),
}


def many(*arguments: object, cwd: Path, stdin: str = "", **world: Any) -> Result:
    return iaclint("scan-many", *ONE_RULE, "--output", "out", *arguments, cwd=cwd, stdin=stdin, **world)


def records(output: Path) -> dict[str, dict[str, Any]]:
    """The journal by the names of the repositories."""
    lines = (output / JOURNAL).read_text().splitlines()
    return {os.path.basename(record["path"]): record for record in map(json.loads, lines)}


def only_whole_files(output: Path) -> bool:
    """Whether nothing is left that was not finished."""
    for path in output.iterdir():
        if path.suffix == ".sarif":
            json.loads(path.read_text())
    return all(path.suffix in (".sarif", ".jsonl") for path in output.iterdir())


def holds_as_expected(found: list[RepositoryResult], output: Path) -> None:
    by_name = {os.path.basename(linted.path): linted for linted in found}
    assert by_name.keys() == EXPECTED.keys()
    for name, (state, code, message) in EXPECTED.items():
        linted = by_name[name]
        assert (linted.state, linted.code) == (state, code), linted
        assert message in linted.message and bool(message) is bool(linted.message), linted
        assert bool(linted.reports) is (state in ("done", "incomplete", "empty"))
        for report in linted.reports:
            assert json.loads((output / report).read_text())["version"] == "2.1.0"
        assert pickle.loads(pickle.dumps(linted)) == linted
    assert by_name["bad"].findings == {"critical": 0, "high": 0, "medium": 1, "low": 0}
    assert only_whole_files(output)
    assert {name: record["state"] for name, record in records(output).items()} == {
        name: state for name, (state, _, _) in EXPECTED.items()
    }


def all_kinds(directory: Path) -> list[str]:
    for name, files in {**KINDS, "hangs": holding(directory / "pipe")}.items():
        write(directory / name, files)
    return [str(directory / name) for name in EXPECTED]


@contextmanager
def pipe(directory: Path) -> Iterator[int]:
    """The reading end of a named pipe in a directory."""
    os.mkfifo(directory / "pipe")
    end = os.open(directory / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield end
    finally:
        os.close(end)


def holding(path: Path) -> dict[str, str]:
    """A repository whose pack starts a process that, like itself, holds a named pipe open and goes on for ever."""
    return {
        **PACK,
        "pack/hang.py": (
            "import os, subprocess, sys, time\n"
            f"end = os.open({str(path)!r}, os.O_WRONLY)\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], pass_fds=[end])\n"
            "os.write(end, b'up')\n"
            "time.sleep(600)\n"
        ),
    }


def await_text(end: int) -> bytes:
    """What is written to a pipe next; empty when all who could write are gone."""
    assert select.select([end], [], [], 60)[0]
    return os.read(end, 10)


# -- whatever becomes of one -----------------------------------------------------------------------------


def test_one_that_fails_or_hangs_stops_no_other(tmp_path: Path) -> None:
    paths = all_kinds(tmp_path)
    output = tmp_path / "out"
    with pipe(tmp_path) as end:
        found = list(scan_many(paths, str(output), jobs=2, time_limit=LIMIT, options=ONE_RULE))
        assert await_text(end) == b"up"
        assert await_text(end) == b""  # what it had started has ended with it
    holds_as_expected(found, output)
    assert list(records(output)) == list(EXPECTED)


def test_a_repository_has_what_check_gives_it(tmp_path: Path) -> None:
    write(tmp_path / "a", {"main.tf": BAD, ".git/HEAD": "", ".iaclint.toml": 'fail-on = "high"\n'})
    done = many("a", "--format", "json", "--format", "sarif", cwd=tmp_path)
    assert done.code == 0
    assert "ok          a: 1 medium" in done.out
    for format_ in ("json", "sarif"):
        alone = iaclint(*ONE_RULE, "--format", format_, tmp_path / "a")
        assert (tmp_path / "out" / f"{report_name(str(tmp_path / 'a'))}.{format_}").read_text() == alone.out


def test_no_repository_is_taken_for_the_one_of_the_workflow(tmp_path: Path) -> None:
    remote = '[remote "origin"]\n  url = https://example.com/a/b.git\n'
    write(tmp_path / "a", {"main.tf": BAD, ".git/config": remote, ".git/HEAD": "ref: refs/heads/main\n"})
    write(tmp_path / "a", {".git/refs/heads/main": "0" * 39 + "1\n"})
    job = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "other/workflow", "GITHUB_REF_NAME": "m"}
    many("a", cwd=tmp_path, env={**job, "GITHUB_SHA": "1" * 40})
    (report,) = (tmp_path / "out").glob("*.sarif")
    (provenance,) = json.loads(report.read_text())["runs"][0]["versionControlProvenance"]
    assert provenance["repositoryUri"] == "https://example.com/a/b"


def test_nothing_of_the_working_directory_is_run(tmp_path: Path) -> None:
    evil = "open('ran', 'w').close()\n"
    write(tmp_path, {"iaclint/__init__.py": evil, "json.py": evil, "click.py": evil, "a/main.tf": GOOD})
    assert many("a", cwd=tmp_path).code == 0
    assert not (tmp_path / "ran").exists()


def test_isolated_runs_no_pack(tmp_path: Path) -> None:
    write(tmp_path / "a", CRASH)
    assert many("a", cwd=tmp_path).code == 2
    assert many("a", "--isolated", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "limits",
    [{"time_limit": float("inf")}, {"time_limit": float("nan")}, {"time_limit": 1e10}, {"memory_limit": 10**15}],
)
def test_limits_that_are_none(limits: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="10,000,000 seconds"):
        list(scan_many([str(tmp_path)], str(tmp_path / "out"), **limits))


def test_reports_name_files_as_seen_from_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"repo/a/main.tf": BAD, "elsewhere/x": ""})
    texts = set()
    for place in (tmp_path, tmp_path / "elsewhere"):
        monkeypatch.chdir(place)
        (linted,) = scan_many(
            [str(tmp_path / "repo")], str(tmp_path / f"out-{place.name}"), formats=["concise"], options=list(ONLY)
        )
        texts.add((tmp_path / f"out-{place.name}" / linted.reports[0]).read_text())
    (text,) = texts
    assert text.startswith("a/main.tf:2:")


def test_a_memory_limit(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="no limits here")
    write(tmp_path / "a", {**PACK, "pack/eat.py": "eaten = bytearray(3 << 30)\n"})
    done = many("a", "--memory-limit", 1000, cwd=tmp_path)
    assert done.code == 2
    assert "eat.py fails to load: MemoryError" in done.out


def test_same_names_do_not_collide(tmp_path: Path) -> None:
    write(tmp_path, {"x/infra/main.tf": BAD, "y/infra/main.tf": GOOD})
    assert many("x/infra", "y/infra", "x/../x/infra", cwd=tmp_path).code == 1
    assert len(list((tmp_path / "out").glob("infra-*.sarif"))) == 2


@pytest.mark.parametrize("path", ["/", "/a/..b", "/a/.git", "/a/\x1b[31m b/..", "/a/" + "long" * 100, "/a/\udcff"])
def test_names_stay_in_the_directory(path: str) -> None:
    name = report_name(path)
    assert name.isascii() and not name.startswith((".", "-")) and "/" not in name and len(name) < 80


# -- taken up again --------------------------------------------------------------------------------------


def states(done: list[RepositoryResult]) -> dict[str, tuple[str, bool]]:
    return {os.path.basename(linted.path): (linted.state, linted.kept) for linted in done}


def test_what_is_done_is_kept_until_something_changes(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": BAD, "b/main.tf": "resource {\n"})
    output = str(tmp_path / "out")

    def kept(*names: str, **settings: Any) -> dict[str, tuple[str, bool]]:
        settings = {"options": ONE_RULE, **settings}
        return states(list(scan_many([str(tmp_path / name) for name in names or "a"], output, **settings)))

    did, had = {"a": ("done", False)}, {"a": ("done", True)}
    assert kept("a", "b") == {**did, "b": ("incomplete", False)}
    assert kept("a", "b") == {**had, "b": ("incomplete", False)}  # what was not done in full is tried again
    assert kept(time_limit=60, jobs=1) == had
    assert kept(fresh=True) == did
    assert kept(options=(*ONE_RULE, "--exit-zero")) == did
    assert kept(options=(*ONE_RULE, "--exit-zero")) == had
    assert kept(formats=("json",)) == did

    report = next((tmp_path / "out").glob("a-*.sarif"))
    assert kept() == did
    report.write_text(report.read_text()[:100])
    assert kept() == did
    report.unlink()
    assert kept() == did
    json.loads(report.read_text())

    for changed in ({"a/new.tf": ""}, {"a/main.tf": GOOD}, {".iaclint.toml": "covers = []\n"}):
        write(tmp_path, changed)
        assert kept() == did, changed
    assert kept() == had


def test_a_file_that_an_option_names_counts(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": BAD, "gate.toml": 'fail-on = "low"\n'})
    options = ("a", "--config", "gate.toml")
    assert many(*options, cwd=tmp_path).code == 1
    assert "(kept)" in many(*options, cwd=tmp_path).out
    write(tmp_path, {"gate.toml": 'fail-on = "critical"\n'})
    done = many(*options, cwd=tmp_path)
    assert done.code == 0 and "(kept)" not in done.out


def test_what_hangs_on_a_day_is_kept_until_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date.today() + timedelta(days=30)
    write(tmp_path / "a", {"main.tf": f"# iaclint: ignore[kms-key-not-rotated] until={day} because\n{BAD}"})
    output = str(tmp_path / "out")
    (linted,) = scan_many([str(tmp_path / "a")], output, options=ONE_RULE)
    assert (linted.code, linted.suppressed, linted.until) == (0, 1, day.isoformat())
    (linted,) = scan_many([str(tmp_path / "a")], output, options=ONE_RULE)
    assert linted.kept
    journal = tmp_path / "out" / JOURNAL
    journal.write_text(journal.read_text().replace(day.isoformat(), "2001-01-01"))
    (linted,) = scan_many([str(tmp_path / "a")], output, options=ONE_RULE)
    assert not linted.kept


def test_a_journal_that_was_cut_short(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD, "b/main.tf": GOOD})
    many("a", "b", cwd=tmp_path)
    journal = tmp_path / "out" / JOURNAL
    journal.write_text("3\nnull\n{}\n[1]\n" + journal.read_text()[:-40])
    assert many("a", "b", cwd=tmp_path).out.count("(kept)") == 1
    assert many("a", "b", cwd=tmp_path).out.count("(kept)") == 2


def test_no_report_of_an_earlier_run_stands_for_one_that_failed(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD})
    many("a", cwd=tmp_path)
    write(tmp_path / "a", CRASH)
    many("a", cwd=tmp_path)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [JOURNAL]


# -- interrupted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_and_leaves_whole_files(number: signal.Signals, code: int, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with pipe(tmp_path) as end:
        write(tmp_path / "a", {"main.tf": GOOD})
        write(tmp_path / "b", holding(tmp_path / "pipe"))
        write(tmp_path / "c", {"main.tf": GOOD})
        write(tmp_path / "out", {f"{report_name(str(tmp_path / 'b'))}.sarif": "{}"})
        arguments = ["scan-many", *ONE_RULE, "--output", "out", "-j", "1", "a", "b", "c"]
        with subprocess.Popen(
            [sys.executable, "-m", "iaclint", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert await_text(end) == b"up"
            process.send_signal(number)
            out, err = process.communicate()
        assert (process.returncode, out, err) == (code, "ok          a\n", "\n")
        assert await_text(end) == b""
    assert only_whole_files(output)
    assert list(records(output)) == ["a"]
    assert len(list(output.glob("*.sarif"))) == 2  # the one of before is as it was

    write(tmp_path / "b", {"pack/hang.py": ""})
    done = many("a", "b", "c", cwd=tmp_path)
    assert done.code == 0
    assert "ok          a (kept)\n" in done.out
    assert list(records(output)) == ["a", "b", "c"]


def test_whoever_stops_reading_stops_the_run(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD})
    with pipe(tmp_path) as end:
        write(tmp_path / "b", holding(tmp_path / "pipe"))
        running = scan_many([str(tmp_path / "a"), str(tmp_path / "b")], str(tmp_path / "out"), jobs=1)
        assert next(running).state == "done"
        assert await_text(end) == b"up"
        running.close()
        assert await_text(end) == b""
    assert only_whole_files(tmp_path / "out")


# -- executors -------------------------------------------------------------------------------------------


def test_a_pool_of_processes(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": BAD, "b/main.tf": GOOD})
    paths = [str(tmp_path / "a"), str(tmp_path / "b")]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = list(scan_many(paths, str(tmp_path / "out"), executor=pool, options=ONE_RULE))
        assert {linted.code for linted in found} == {0, 1}
        again = list(scan_many(paths, str(tmp_path / "out"), executor=pool, options=ONE_RULE))
        assert all(linted.kept for linted in again)


class Unreliable(Executor):
    """Cancels the first job, loses the second, and takes no third."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        self.taken += 1
        future: Future[Any] = Future()
        if self.taken == 1:
            future.cancel()
            future.set_running_or_notify_cancel()
        elif self.taken == 2:
            future.set_exception(KeyError("worker"))
        else:
            raise RuntimeError("closed")
        return future


def test_what_an_executor_loses_has_failed(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in "abc"]
    found = {linted.path[-1]: linted for linted in scan_many(paths, str(tmp_path / "out"), executor=Unreliable())}
    assert {linted.state for linted in found.values()} == {"failed"}
    assert [found[name].message for name in "abc"] == [
        "the executor gave it up: CancelledError: ",
        "the executor gave it up: KeyError: 'worker'",
        "the executor gave it up: RuntimeError: closed",
    ]


def test_a_worker_that_does_not_see_the_output(tmp_path: Path) -> None:
    from iaclint.run.repositories import Job, lint

    job = Job(str(tmp_path), str(tmp_path / "none"), (), ("sarif",), 60, 0, "run")
    assert lint(job).state == "failed"
    assert "No such file or directory" in lint(job).message


# -- the command line ------------------------------------------------------------------------------------


def test_lists_of_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"lists/repos.txt": "\ufeff# ours\r\n  ../a  \r\n\r\n#../b\r\n../c d\n../a\n"})
    monkeypatch.chdir(tmp_path)
    a, b, c = (str(tmp_path / name) for name in ("a", "b", "c d"))
    assert repositories(["lists/repos.txt"]) == [a, c]
    assert repositories(["b", "lists/repos.txt", "a"]) == [b, a, c]
    write(tmp_path, {"a/main.tf": GOOD, "b/main.tf": BAD, "c d/main.tf": GOOD})
    assert list(records_of("-", tmp_path, stdin="b\n")) == ["b"]
    assert list(records_of("lists/repos.txt", tmp_path)) == ["a", "c d"]


def records_of(argument: str, cwd: Path, stdin: str = "") -> dict[str, Any]:
    many(argument, cwd=cwd, stdin=stdin)
    return records(cwd / "out")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing argument"),
        (["empty.txt"], "the list names no repository"),
        (["a", "--output", "a/main.tf"], "a/main.tf cannot be written: File exists"),
        (["a", "-j", "0"], "is not in the range"),
        (["a", "--time-limit", "0"], "is not in the range"),
        (["a", "--format", "yaml"], "is not one of"),
    ],
)
def test_a_wrong_command(arguments: list[str], says: str, tmp_path: Path) -> None:
    write(tmp_path, {"empty.txt": "# none\n", "a/main.tf": GOOD})
    done = many(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "out" / JOURNAL).mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be written"):
        next(scan_many([str(tmp_path)], str(tmp_path / "out")))


def test_lines_and_summary(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD, "b/main.tf": BAD, "c\x1b[31m/readme": ""})
    done = many("a", "b", "c\x1b[31m", "d", "-j", "1", cwd=tmp_path)
    assert done == Result(
        2,
        "ok          a\n"
        "findings    b: 1 medium\n"
        "empty       c\n"
        "failed      d: d does not exist\n"
        "4 repositories: 1 ok, 1 with findings, 1 empty, 1 failed; 1 medium\n"
        "reports and summary.jsonl are in out\n",
        "",
    )
    done = many("a", "b", "-q", cwd=tmp_path, env={"FORCE_COLOR": "1"})
    assert done == Result(1, "\x1b[31mfindings  \x1b[0m  b: 1 medium (kept)\n", "")
    done = many("a", "b", "-q", cwd=tmp_path, env={"NO_COLOR": "1"}, terminal=True)
    assert done == Result(1, "findings    b: 1 medium (kept)\n", "")
    assert many("b", "-q", "--exit-zero", cwd=tmp_path) == Result(0, "", "")


def test_options_reach_each_repository(tmp_path: Path) -> None:
    pack = '"""Stops."""\nimport os\nos._exit(0)\n'
    write(tmp_path, {"a/main.tf": BAD, "pack/stop.py": pack})
    assert many("a", "--fail-on", "high", cwd=tmp_path).code == 0
    assert many("a", "--exit-zero", "--sarif-include", "pass", cwd=tmp_path).code == 0
    assert "before there was a report" in many("a", "--rules", "pack", cwd=tmp_path).out


def test_a_closed_pipe_ends_it(tmp_path: Path) -> None:
    with pipe(tmp_path) as end:
        write(tmp_path, {"b/main.tf": GOOD})
        write(tmp_path / "a", holding(tmp_path / "pipe"))
        with subprocess.Popen(
            [sys.executable, "-m", "iaclint", "scan-many", *ONE_RULE, "--output", "out", "-j", "2", "a", "b"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == (b"", 141)
        assert await_text(end) in (b"up", b"")


def test_a_start_does_not_pay_for_it() -> None:
    heavy = ("iaclint.run.repositories", "concurrent.futures", "multiprocessing", "subprocess")
    code = (
        "import sys; from iaclint.cli import run; sys.argv = ['iaclint', sys.argv[1]]; run(); "
        f"sys.exit(' '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    )
    for argument in ("--version", "--help", str(ROOT / "fixtures" / "broken" / "clean")):
        done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), argument


# -- Dask ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers on this machine, with no dashboard and nothing beyond the loopback."""
    distributed = pytest.importorskip("distributed", reason="the extra `test` is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as found:
        yield found


def test_on_dask(cluster: Any, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    paths = all_kinds(tmp_path)
    output = tmp_path / "out"
    with distributed.Client(cluster) as client, pipe(tmp_path) as end:
        executor = client.get_executor()
        found = list(scan_many(paths, str(output), executor=executor, time_limit=LIMIT, options=ONE_RULE))
        assert await_text(end) == b"up"
        assert await_text(end) == b""
        holds_as_expected(found, output)
        again = list(scan_many(paths[1:3], str(output), executor=executor, time_limit=LIMIT, options=ONE_RULE))
    assert states(again) == {"clean": ("done", True), "bad": ("done", True)}


def test_the_example_with_dask(cluster: Any, tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD, "b/main.tf": BAD, "list.txt": "a\nb\n"})
    script = ROOT / "docs" / "examples" / "many_with_dask.py"
    done = subprocess.run(
        [sys.executable, script, "list.txt", "out", cluster.scheduler_address],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["done", "done"]
    assert set(records(tmp_path / "out")) == {"a", "b"}
