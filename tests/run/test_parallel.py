"""Several processes give the same bytes as one, whoever they are and whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from iaclint.cli.rules import all_rules
from iaclint.report import Options, render
from iaclint.run import parallel
from iaclint.run.loading import load_deployments
from iaclint.run.parallel import Forks, Lost
from iaclint.run.processes import can_fork
from iaclint.run.request import Request
from iaclint.run.scan import scan
from tests.command_line import BAD, FIXTURES, ROOT, iaclint, write

RULES = tuple(rule for rule in all_rules(()) if rule.enabled)
EVERYTHING = Options(sarif_include=frozenset(("suppressed", "pass", "review", "open", "not-applicable")))
REAL = Request(paths=(str(FIXTURES / "real"),), rules=RULES)

forking = pytest.mark.skipif(not can_fork(), reason="this system cannot be forked")


def shown(request: Request) -> str:
    return render("sarif", scan(request), EVERYTHING)


@pytest.fixture(scope="module")
def alone() -> str:
    return shown(replace(REAL, jobs=1))


@forking
@pytest.mark.parametrize("tree", ["real", "cases", "demo", "broken"])
def test_the_same_bytes_from_several_processes(tree: str) -> None:
    request = Request(paths=(str(FIXTURES / tree),), rules=RULES)
    assert shown(replace(request, jobs=2)) == shown(replace(request, jobs=3)) == shown(replace(request, jobs=1))


@pytest.mark.parametrize(
    "executor",
    [
        lambda: ThreadPoolExecutor(2),
        lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")),
    ],
)
def test_an_executor_that_is_handed_in(executor: Callable[[], Any], alone: str) -> None:
    with executor() as workers_of_mine:
        assert shown(replace(REAL, jobs=3, executor=workers_of_mine)) == alone


def test_where_nothing_can_be_forked(monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    for name in ("processes", "scan", "parallel"):
        monkeypatch.setattr(sys.modules[f"iaclint.run.{name}"], "can_fork", lambda: False)
    assert shown(replace(REAL, jobs=2)) == alone


def dies(*_: object) -> bytes:
    os._exit(3)


def raises(*_: object) -> bytes:
    raise ValueError("too deep")


def says_half(*_: object) -> bytes:
    return b"\x80\x05half"


@forking
@pytest.mark.parametrize("broken", [dies, raises, says_half])
def test_what_a_lost_worker_had_to_do_is_done_here(
    broken: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch, alone: str
) -> None:
    monkeypatch.setattr(parallel, "load_share", broken)
    assert shown(replace(REAL, jobs=2)) == alone
    monkeypatch.undo()
    monkeypatch.setattr(parallel, "_pickled", broken)
    assert shown(replace(REAL, jobs=2)) == alone


class Refusing:
    """Takes the first piece of work and no other."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, function: Callable[..., bytes], /, *arguments: Any) -> Any:
        self.taken += 1
        if self.taken > 1:
            raise RuntimeError("cannot schedule new futures after shutdown")
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(function, *arguments)


def test_an_executor_that_takes_no_more() -> None:
    refusing = Refusing()
    request = Request(paths=(str(FIXTURES / "cases"),), rules=RULES)
    assert shown(replace(request, jobs=3, executor=refusing)) == shown(replace(request, jobs=1))
    assert refusing.taken > 1


@forking
@pytest.mark.parametrize("allowed", [0, 1])
def test_where_there_are_no_more_processes(allowed: int, monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    real, forked = os.fork, 0

    def fork() -> int:
        nonlocal forked
        forked += 1
        if forked > allowed:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real()

    monkeypatch.setattr(os, "fork", fork)
    assert shown(replace(REAL, jobs=3)) == alone
    assert forked > allowed
    if before:
        assert set(os.listdir("/proc/self/fd")) == before


@forking
def test_a_worker_does_not_outlive_who_it_works_for() -> None:
    """Who that is may be killed; what the worker has to say then fits into no pipe."""
    program = (
        "import os, signal, sys; from iaclint.run.parallel import Forks\n"
        "with Forks() as forks:\n"
        "    for _ in range(2): forks.submit(lambda: bytes(10_000_000))\n"
        "    print(*(worker.pid for worker in forks.workers), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    for pid in pids:
        for _ in range(1000):
            if not _is_there(pid):
                break
            time.sleep(0.01)
        assert not _is_there(pid)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # one that ended waits for whoever adopted it to take notice
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_what_is_nested_deeply_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "[" * 150 + "1" + "]" * 150
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'resource "aws_kms_key" "k" {{\n  tags = {{ deep = {deep} }}\n}}\n')
    told: list[str] = []
    request = Request(paths=(str(tmp_path),), rules=RULES, jobs=2, progress=told.append)
    assert len(load_deployments(request).deployments) == 2
    assert sum(line.startswith("reading") for line in told) == (1 if can_fork() else 2)


def test_files_are_the_same_objects_whoever_read_them() -> None:
    loaded = load_deployments(replace(REAL, jobs=3))
    by_path: dict[str, set[int]] = {}
    for deployment in loaded.deployments:
        for source in deployment.files:
            by_path.setdefault(source.path, set()).add(id(source))
        for resource in deployment.resources:
            by_path.setdefault(resource.span.file.path, set()).add(id(resource.span.file))
    assert {len(found) for found in by_path.values()} == {1}


@forking
def test_leaving_ends_workers_that_are_still_at_work() -> None:
    with Forks() as forks:
        done = forks.submit(lambda: b"done")
        forks.submit(time.sleep, 600)  # type: ignore[arg-type]
        pids = [worker.pid for worker in forks.workers]
        assert done.result() == b"done"
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@forking
def test_a_worker_that_died_is_told_of() -> None:
    with Forks() as forks, pytest.raises(Lost):
        forks.submit(dies).result()


STUCK = (
    "import os, time, iaclint.run.parallel as w\n"
    "def stuck(*_):\n"
    "    print(os.getpid(), flush=True); time.sleep(600)\n"
    "w.load_share = stuck\n"
    "from iaclint.__main__ import main; main()"
)


@forking
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_workers_too(number: signal.Signals, code: int, tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": BAD, "b/main.tf": BAD})
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, "-j", "2", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, out, "Traceback" in err) == (code, "", False)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_the_option() -> None:
    assert iaclint("-j", "2", str(FIXTURES / "demo")).out == iaclint("--jobs", "1", str(FIXTURES / "demo")).out
    refused = iaclint("-j", "-1", str(FIXTURES / "demo"))
    assert refused.code == 2 and "-1 is not in the range" in refused.err
