"""Does a change of the code change an answer? Saves what iaclint says of many trees, and compares later.

    python -m benchmarks.answers save DIRECTORY [--code CHECKOUT] [TREE...]
    python -m benchmarks.answers compare DIRECTORY [--code CHECKOUT] [TREE...]

Lints each tree of fixtures/ and each TREE with every rule's default, in every format, and evaluates it with
`iaclint show`. `save` writes one file for each tree and format below DIRECTORY. `compare` runs the same commands and
prints a diff for each file that is not the same, byte for byte, after paths and the version are taken out; it exits
with 1 if there is one. CHECKOUT is the checkout whose code runs; by default the one that this file belongs to.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORMATS = ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
MAX_DIFF_LINES = 40


def fixture_trees() -> list[Path]:
    """Return the directories of fixtures/, each of which is scanned by itself."""
    return sorted(
        tree for group in ("broken", "cases", "demo", "real") for tree in (ROOT / "fixtures" / group).iterdir()
    )


def answers(tree: Path, code: Path) -> dict[str, str]:
    """Return the output of a checkout's code for a tree, by format: reports, exit code, stderr, and values."""
    with tempfile.TemporaryDirectory() as directory:
        targets = {name: Path(directory, name) for name in FORMATS}
        outputs = [f"--output={name}={path}" for name, path in targets.items()]
        include = "--sarif-include=suppressed,pass,review,open,not-applicable"
        checked = _run(code, tree, "check", ".", "--isolated", "--show-unknown", include, "-j", "1", *outputs)
        found = {name: path.read_text("utf-8") if path.exists() else "" for name, path in targets.items()}
    found["run"] = f"exit code {checked.returncode}\n{checked.stderr}{checked.stdout}"
    shown = _run(code, tree, "show", "--format", "json", ".")
    found["show"] = f"exit code {shown.returncode}\n{shown.stderr}{shown.stdout}"
    return {name: _neutral(text, tree) for name, text in found.items()}


def _run(code: Path, tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI"))}
    environment |= {"PYTHONPATH": str(code), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "iaclint", *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def _neutral(text: str, tree: Path) -> str:
    """Return the text without the parts that differ between checkouts and versions."""
    text = text.replace(str(tree), "TREE").replace(str(ROOT), "ROOT")
    text = re.sub(r'("(?:version|semanticVersion|tool_version)": ?)"[^"]*"', r'\1"VERSION"', text)
    # if the tree is a checkout of its own, its commit
    return re.sub(r'"versionControlProvenance": ?\[[^\]]*\]', '"versionControlProvenance":[]', text)


def stored_name(tree: Path) -> str:
    """Return the name of the folder for the answers about a tree."""
    path = tree.relative_to(ROOT / "fixtures") if tree.is_relative_to(ROOT / "fixtures") else Path(tree.name)
    return path.as_posix().replace("/", "+")


def save(directory: Path, found: dict[Path, dict[str, str]]) -> None:
    """Write the answers below a directory."""
    for tree, texts in found.items():
        folder = directory / stored_name(tree)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")


def differences(directory: Path, found: dict[Path, dict[str, str]]) -> Iterator[str]:
    """Yield a diff for each answer that is not the one saved below the directory."""
    for tree, texts in found.items():
        for name, text in texts.items():
            path = directory / stored_name(tree) / name
            before = path.read_bytes().decode("utf-8") if path.exists() else ""
            if before != text:
                lines = difflib.unified_diff(_lines(before), _lines(text), f"{path} saved", f"{path} now", n=0)
                cut = [line for _, line in zip(range(MAX_DIFF_LINES), lines, strict=False)]
                yield "\n".join(cut)


def _lines(text: str) -> list[str]:
    """Lines that are short enough to read in a diff: JSON is on one line otherwise."""
    return re.sub(r'(,|\{|\[)"', '\\1\n"', text).splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["save", "compare"])
    parser.add_argument("directory", type=Path)
    parser.add_argument("trees", nargs="*", type=Path, metavar="TREE")
    parser.add_argument("--code", type=Path, default=ROOT, metavar="CHECKOUT")
    given = parser.parse_intermixed_args()
    trees = [*fixture_trees(), *(tree.resolve() for tree in given.trees)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda tree: answers(tree, given.code.resolve()), trees)
        found = dict(zip(trees, results, strict=True))
    if given.action == "save":
        save(given.directory, found)
        print(f"saved the answers about {len(found)} trees")
        return 0
    changed = list(differences(given.directory, found))
    for diff in changed:
        print(diff)
    print(f"{len(found)} trees, {sum(map(len, found.values()))} answers, {len(changed)} changed")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
