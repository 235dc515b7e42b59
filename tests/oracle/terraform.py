"""Ask Terraform itself: what it makes of expressions and of configurations."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

ERROR = "!error"
"""Stands for an expression that Terraform refuses."""

_ENVIRONMENT = {
    **os.environ,
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_CLI_ARGS": "",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def available() -> bool:
    """Whether Terraform is on the path."""
    return shutil.which("terraform") is not None


def plugin_directory() -> str | None:
    """Where the AWS provider lies, as the environment says."""
    found = os.environ.get("TERRAFORM_PLUGIN_DIR", "")
    return found if os.path.isdir(found) else None


def console(expressions: Sequence[str]) -> list[Any]:
    """The values of expressions, as JSON data; ERROR for those that are refused."""
    items = ", ".join(f'try(jsonencode({text}), "{ERROR}")' for text in expressions)
    answer = _console(f"base64encode(jsonencode([{items}]))")
    if answer is None:
        if len(expressions) == 1:
            return [ERROR]
        middle = len(expressions) // 2
        return console(expressions[:middle]) + console(expressions[middle:])
    texts = json.loads(base64.b64decode(answer))
    return [ERROR if text == ERROR else json.loads(text) for text in texts]


def _console(text: str) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["terraform", "console"], cwd=folder, input=text + "\n", capture_output=True, text=True, env=_ENVIRONMENT
        )
    match = re.search(r'^"([A-Za-z0-9+/=]*)"$', run.stdout, re.M)
    return match[1] if match else None


def plan(files: Mapping[str, str], plugins: str | None = None) -> dict[str, Any]:
    """The plan of a configuration, as Terraform's JSON output. Raises RuntimeError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        init = ["terraform", "init", "-no-color"] + ([f"-plugin-dir={plugins}"] if plugins else [])
        for command in (init, ["terraform", "plan", "-no-color", "-input=false", "-refresh=false", "-out=plan"]):
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_ENVIRONMENT)
            if run.returncode:
                raise RuntimeError(run.stderr or run.stdout)
        shown = subprocess.run(
            ["terraform", "show", "-json", "plan"],
            cwd=folder,
            capture_output=True,
            text=True,
            env=_ENVIRONMENT,
            check=True,
        )
    found: dict[str, Any] = json.loads(shown.stdout)
    return found
