"""iaclint against Checkov, Trivy and the mere parsing of the same trees.

    python -m benchmarks.compare [--runs N] [--checkov PATH] [--trivy PATH] [--floor PYTHON] TREE...

Checkov and Trivy take part where they are installed; all three write the same kind of report with all of their checks
on, for Terraform and CloudFormation only. The floor is a Python that has `pygohcl` and `pyyaml`: it reads and natively
parses every file, and no linter in Python can be faster. Prints a Markdown table of medians.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys

from benchmarks.measure import in_turns, table

FLOOR = """
import json, os, sys
import pygohcl, yaml
for base, folders, files in os.walk(sys.argv[1]):
    folders[:] = [f for f in folders if f not in (".git", ".terraform", "node_modules")]
    for name in files:
        try:
            with open(os.path.join(base, name), encoding="utf-8") as stream:
                if name.endswith(".tf"):
                    pygohcl.loads(stream.read())
                elif name.endswith((".yaml", ".yml", ".template")):
                    list(yaml.compose_all(stream, yaml.CLoader))
                elif name.endswith(".json"):
                    json.load(stream)
        except Exception:
            pass
"""


def commands(tree: str, tools: argparse.Namespace) -> dict[str, list[str]]:
    """Return the commands that are run on a tree, by the name of the tool."""
    found = {"iaclint": [sys.executable, "-m", "iaclint", "--format", "sarif", "--isolated", tree]}
    if tools.trivy:
        kinds = ["--misconfig-scanners", "terraform,cloudformation"]
        found["Trivy"] = [tools.trivy, "config", "-q", "--skip-check-update", *kinds, "-f", "sarif", tree]
    if tools.checkov:
        kinds = ["--framework", "terraform", "cloudformation"]
        found["Checkov"] = [tools.checkov, "-d", tree, *kinds, "--quiet", "--compact", "--skip-download", "-o", "sarif"]
    if tools.floor:
        found["parsing alone"] = [tools.floor, "-c", FLOOR, tree]
    return found


def main() -> None:
    own = sys.executable if all(map(importlib.util.find_spec, ("pygohcl", "yaml"))) else ""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--checkov", default=shutil.which("checkov"))
    parser.add_argument("--trivy", default=shutil.which("trivy"))
    parser.add_argument("--floor", default=own, metavar="PYTHON")
    parser.add_argument("trees", nargs="+", metavar="TREE")
    tools = parser.parse_args()
    rows: list[list[str]] = []
    for tree in tools.trees:
        measured = in_turns(commands(tree, tools), tools.runs)
        mine = measured["iaclint"]
        for name, sample in measured.items():
            rows.append(
                [
                    os.path.basename(os.path.abspath(tree)),
                    name,
                    f"{sample.cpu:.2f}",
                    f"{sample.wall:.2f}",
                    f"{sample.memory:.0f}",
                    f"{sample.cpu / mine.cpu:.1f}",
                    f"{sample.wall / mine.wall:.1f}",
                ]
            )
    head = ["tree", "tool", "CPU s", "wall s", "peak MB", "CPU / iaclint", "wall / iaclint"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
