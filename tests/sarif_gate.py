"""The gate for our SARIF files: the standard's JSON schema, and Microsoft's validator without one message.

    python tests/sarif_gate.py [--large] FILE...

Neither alone is enough. The validator stops without a word at a value that its reader does not know
(`"level": "fatal"`), and exits 0 on errors; the schema knows nothing of what GitHub asks for.
`--large` leaves out GH1004, whose limits (1,000 results) are older than GitHub's. `.ci/install-sarif-multitool`
brings the validator.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / ".tools/node_modules/@microsoft/sarif-multitool-linux"
TOOL = PACKAGE / "Sarif.Multitool"
SCHEMA = PACKAGE / "sarif-2.1.0.json"
CONFIG = ROOT / "tests/sarif-validation.xml"


def available() -> bool:
    """Whether the validator is installed."""
    return os.access(TOOL, os.X_OK) and SCHEMA.is_file()


def check(files: Sequence[Path], *, large: bool = False) -> list[str]:
    """What is wrong with the files, one line a message; nothing where they pass."""
    return [*_against_schema(files), *_against_validator(files, large)]


def _against_schema(files: Sequence[Path]) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8-sig")))
    for file in files:
        try:
            log = json.loads(file.read_text("utf-8"))
        except ValueError as broken:
            yield f"{file.name}: no JSON: {broken}"
            continue
        for error in validator.iter_errors(log):
            yield f"{file.name}: schema: {error.json_path}: {error.message[:300]}"


def _against_validator(files: Sequence[Path], large: bool) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        output, config = Path(folder, "out.sarif"), Path(folder, "config.xml")
        lines = CONFIG.read_text("utf-8").splitlines(keepends=True)
        config.write_text("".join(line for line in lines if not (large and "GH1004" in line)), "utf-8")
        # the binary itself: its npm wrapper hands arguments to a shell, which cuts them at the semicolon
        command = [str(TOOL), "validate", *map(str, files), "-c", str(config), "--rule-kind", "Sarif;Ghas"]
        command += ["--level", "Error;Warning;Note", "--max-file-size-in-kb", "2000000"]
        command += ["-o", str(output), "--log", "ForceOverwrite"]
        environment = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}  # no libicu needed
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not output.is_file():
            yield f"the validator wrote nothing (exit {done.returncode}): {(done.stdout + done.stderr)[-500:]}"
            return
        if done.returncode:
            yield f"the validator failed (exit {done.returncode}): {done.stdout[-500:]}"
        yield from _messages(json.loads(output.read_text("utf-8-sig")))


def _messages(log: dict[str, Any]) -> Iterator[str]:
    for run in log["runs"]:
        rules = {rule["id"]: rule for rule in run["tool"]["driver"].get("rules", [])}
        for result in run.get("results", []):
            place = (result.get("locations") or [{}])[0].get("physicalLocation", {})
            where = place.get("artifactLocation", {}).get("uri", "?").rpartition("/")[2]
            message = result["message"]
            strings = rules.get(result["ruleId"], {}).get("messageStrings", {})
            text = message.get("text") or strings.get(message.get("id"), {}).get("text", "{0}")
            for index, argument in enumerate(message.get("arguments", [])):
                text = text.replace(f"{{{index}}}", argument)
            # a missing level is the format's default
            yield f"{where}: {result['ruleId']} {result.get('level', 'warning')}: {text}"
        for invocation in run.get("invocations", []):
            for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
                for notification in invocation.get(kind, []):
                    name = notification.get("descriptor", {}).get("id", "")
                    if name != "WRN999.RuleExplicitlyDisabled":
                        yield f"validator: {name}: {notification['message'].get('text', '')}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--large", action="store_true", help="leave out GH1004, the limits on the length of lists")
    given = parser.parse_args()
    if not available():
        print("the SARIF validator is not here: run .ci/install-sarif-multitool", file=sys.stderr)
        return 2
    messages = check(given.files, large=given.large)
    for message in messages:
        print(message)
    print(f"{len(given.files)} files, {len(messages)} messages")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
