"""A run that is cut short: outputs are whole or absent, exit codes are right, nothing temporary is left."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import BAD, ROOT, iaclint, write

RUN = [sys.executable, "-P", "-m", "iaclint"]
SLOW = (
    "import sys, time, iaclint.fix as fix, os\n"
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
