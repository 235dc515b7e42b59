"""A run that is cut short: outputs are whole or absent, exit codes are right, nothing temporary is left."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.command_line import BAD, ROOT, Result, iaclint, write

RUN = [sys.executable, "-P", "-m", "iaclint"]
SLOW = (
    "import signal, sys, time, iaclint.linting.fixing as fix, os\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts without\n"
    "real = os.replace\n"
    "def slow(*names):\n"
    "    print('started', flush=True); time.sleep(60); real(*names)\n"
    "os.replace = slow\n"
    "from iaclint.__main__ import main; main()"
)
ONLY = ("--select", "kms-key-not-rotated")


def left(directory: Path) -> set[str]:
    return {path.name for path in directory.rglob("*") if path.is_file()}


def cut_short(directory: Path, number: signal.Signals, *arguments: str) -> tuple[int, str]:
    """Ends a run by a signal while its output is written but not yet in its place."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *ONLY, *arguments, "."],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        while "started" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(number)
        err = process.stderr.read()
    return process.returncode, err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("arguments", [["--output=sarif=out.sarif"], ["--fix"]])
def test_a_signal_leaves_what_was_there(
    number: signal.Signals, code: int, arguments: list[str], tmp_path: Path
) -> None:
    write(tmp_path, {"main.tf": BAD, "out.sarif": "before"})
    done, err = cut_short(tmp_path, number, *arguments)
    assert (done, "Traceback" in err) == (code, False)
    assert (tmp_path / "main.tf").read_text() == BAD
    assert (tmp_path / "out.sarif").read_text() == "before"
    assert left(tmp_path) == {"main.tf", "out.sarif"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("format_", ["text", "sarif"])
def test_a_full_disk_behind_stdout(format_: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*RUN, *ONLY, "--format", format_, "."],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "iaclint: stdout cannot be written: No space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_help_on_a_full_disk(unbuffered: str) -> None:
    with open("/dev/full", "wb") as full:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run([*RUN, "--help"], env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"")


LARGE = "".join(BAD.replace('"k"', f'"k{number}"') for number in range(1000))
"""Findings that do not fit into a pipe."""
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])
"""Whether Python writes at once, as in many containers: then a write may take only a part of what it is given."""


def environment(unbuffered: str = "") -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}


@UNBUFFERED
@pytest.mark.parametrize("format_", ["text", "sarif"])
def test_a_reader_that_reads_a_little_and_goes_away(format_: str, unbuffered: str, tmp_path: Path) -> None:
    """It goes in the middle of a write. What was to be written to files is written even so."""
    write(tmp_path, {"main.tf": LARGE})
    with subprocess.Popen(
        [*RUN, *ONLY, "--format", format_, "--output=json=out.json", "."],
        cwd=tmp_path,
        env=environment(unbuffered),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (141, b"")
    assert len(json.loads((tmp_path / "out.json").read_text())["verdicts"]) == 1000


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["check", "--help"], ["rules"], ["completion", "bash"]]
)
def test_a_reader_that_is_gone_before_anything_is_said(arguments: list[str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [*RUN, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (141, b"")


def test_a_reader_of_stderr_that_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*RUN, "nothing.tf"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stderr.close()
        assert process.stdout.read() == b""
    assert process.returncode == 141


@UNBUFFERED
def test_a_reader_that_is_slow_gets_everything(unbuffered: str, tmp_path: Path) -> None:
    """Also through a pipe that takes what it has room for and does not wait."""
    write(tmp_path, {"main.tf": LARGE})
    receive, send = os.pipe()
    os.set_blocking(send, False)
    with subprocess.Popen(
        [*RUN, *ONLY, "--format", "json", "."],
        cwd=tmp_path,
        env=environment(unbuffered),
        stdout=send,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        os.close(send)
        with os.fdopen(receive, "rb", buffering=0) as stream:
            data = b"".join(iter(lambda: stream.read(1000), b""))
        errors = process.stderr.read()
    assert (process.returncode, errors) == (1, b"")
    assert len(json.loads(data)["verdicts"]) == 1000


@UNBUFFERED
def test_a_disk_that_fills_up_behind_stdout(unbuffered: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": LARGE})

    def quota() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with open(tmp_path / "out.json", "wb") as out:
        done = subprocess.run(
            [*RUN, *ONLY, "--format", "json", "."],
            cwd=tmp_path,
            env={**environment(unbuffered), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=quota,
        )
    assert (done.returncode, done.stderr) == (2, "iaclint: stdout cannot be written: File too large\n")


@pytest.mark.parametrize("closed", [[1], [2], [0, 1, 2]])
def test_without_stdout_or_stderr(closed: list[int], tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    script = 'exec "$@" ' + " ".join(f"{number}>&-" for number in closed)
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *RUN, *ONLY, "--format=text", "--output=json=out.json", "."],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, bool(done.stdout)) == (1, "", 1 not in closed)
    assert len(json.loads((tmp_path / "out.json").read_text())["verdicts"]) == 1
    assert left(tmp_path) == {"main.tf", "out.json"}


@pytest.mark.parametrize("arguments", [["--output=sarif=out.sarif"], ["--fix"], ["baseline"]])
def test_a_full_disk_behind_a_file(arguments: list[str], tmp_path: Path) -> None:
    name = {"baseline": ".iaclint-baseline.json", "--fix": "main.tf"}.get(arguments[0], "out.sarif")
    write(tmp_path, {"main.tf": BAD})
    before = left(tmp_path)
    command = ["baseline", *ONLY, "."] if arguments == ["baseline"] else [*ONLY, *arguments, "."]

    def quota() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [*RUN, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=quota,
    )
    assert done.returncode == 2
    assert f"{name} cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert left(tmp_path) == before
    assert (tmp_path / "main.tf").read_text() == BAD


@pytest.mark.parametrize("arguments", [["--output=sarif=closed/out.sarif"], ["--output=sarif=main.tf/out.sarif"]])
def test_a_place_that_takes_no_file(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tf": BAD, "closed/keep": ""})
    import tempfile

    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    done = iaclint(*ONLY, *arguments, ".", cwd=tmp_path)
    assert done.code == 2
    assert "cannot be written" in done.err
    assert left(tmp_path) == {"main.tf", "keep"}


def unprivileged() -> None:
    """Takes from root what lets it pass by the modes of files; nothing where it is not root, or not Linux."""
    with suppress(AttributeError, OSError):
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def closed(directory: Path, mode: int, *arguments: str) -> Result:
    """A run in a directory that is closed in part."""
    before = directory.stat().st_mode
    directory.chmod(mode)
    try:
        done = subprocess.run(
            [*RUN, *arguments],
            cwd=directory if mode & 0o100 else directory.parent,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=unprivileged,
        )
    finally:
        directory.chmod(before)
    assert "Traceback" not in done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([*ONLY, "."], 1, ""),
        ([*ONLY, "--diff", "."], 1, ""),
        ([*ONLY, "--output=json=out.json", "."], 2, "out.json cannot be written: Permission denied"),
        ([*ONLY, "--output=json=../open/out.json", "."], 1, ""),
        ([*ONLY, "--fix", "."], 2, "main.tf cannot be written: Permission denied"),
        (["baseline", *ONLY, "."], 2, ".iaclint-baseline.json cannot be written: Permission denied"),
    ],
)
def test_a_directory_that_may_only_be_read(arguments: list[str], code: int, says: str, tmp_path: Path) -> None:
    write(tmp_path, {"closed/main.tf": BAD, "open/keep": ""})
    done = closed(tmp_path / "closed", 0o555, *arguments)
    assert done.code == code, done.err
    assert says in done.err
    assert bool(done.out) == (arguments[0] != "baseline" and "--fix" not in arguments)
    assert left(tmp_path / "closed") == {"main.tf"}
    assert (tmp_path / "closed" / "main.tf").read_text() == BAD


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_directory_that_may_not_be_read_is_named(mode: int, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, "secret/main.tf": BAD})
    done = closed(tmp_path / "secret", mode, *ONLY, "--format=concise", ".")
    assert done.code == 2
    assert "main.tf:2:25: medium kms-key-not-rotated" in done.out
    assert "secret" in done.out + done.err
