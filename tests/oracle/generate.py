"""Write down what Terraform answers, so that the tests can run without it.

    python -m tests.oracle.generate [PLUGIN_DIRECTORY]

Without PLUGIN_DIRECTORY (where the AWS provider lies, as `terraform init -plugin-dir` takes it) only the expressions
are asked for.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tests.oracle import terraform

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(os.path.dirname(HERE), "terraform", "cases")
PLANS = os.path.join(HERE, "plans")
PROVIDER = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
VERSIONS = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
"""


def expressions() -> list[str]:
    """The expressions of expressions.txt."""
    with open(os.path.join(HERE, "expressions.txt"), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]


def configurations() -> dict[str, dict[str, str]]:
    """The files of each case that Terraform can plan, by name."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(os.listdir(CASES)):
        root = os.path.join(CASES, name)
        with open(os.path.join(root, "case.json"), encoding="utf-8") as file:
            case = json.load(file)
        if not case.get("plan", True):
            continue
        files: dict[str, str] = {}
        for folder, _, names in os.walk(root):
            for item in sorted(names):
                path = os.path.join(folder, item)
                with open(path, encoding="utf-8") as file:
                    files[os.path.relpath(path, root)] = file.read()
        for number, path in enumerate(case.get("var_files", ())):
            # files of that name come last
            files[f"zz{number}.auto.tfvars"] = files[path]
        if not any('provider "aws"' in text for text in files.values()):
            files["zz_provider.tf"] = PROVIDER
        files["zz_versions.tf"] = VERSIONS
        found[name] = files
    return found


def planned(files: dict[str, str], plugins: str) -> dict[str, Any]:
    """What a plan says of each resource: its values, and which of them are unknown."""
    plan = terraform.plan(files, plugins)
    answers: dict[str, Any] = {}
    for change in plan.get("resource_changes", ()):
        if change["mode"] == "managed":
            answers[change["address"]] = {
                "values": change["change"]["after"],
                "unknown": change["change"]["after_unknown"],
            }
    return answers


def write(path: str, data: Any) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, sort_keys=True, ensure_ascii=False)
        file.write("\n")


def main() -> None:
    texts = expressions()
    write(os.path.join(HERE, "expressions.json"), dict(zip(texts, terraform.console(texts), strict=True)))
    if len(sys.argv) > 1:
        os.makedirs(PLANS, exist_ok=True)
        for name, files in configurations().items():
            try:
                write(os.path.join(PLANS, f"{name}.json"), planned(files, sys.argv[1]))
            except RuntimeError as error:
                print(f"{name} cannot be planned: {error}")


if __name__ == "__main__":
    main()
