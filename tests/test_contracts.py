"""The shape of the code: who imports whom, what a start costs, what the wheel holds."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "iaclint"

CORE = {"source", "value", "inventory"}
ALLOWED = {
    "record": set[str](),
    "source": set[str](),
    "value": {"source"},
    "inventory": {"source", "value"},
    "terraform": CORE,
    "cloudformation": CORE,
    "aws": CORE,
    "config": set(),
    "rule": CORE,
    "judge": CORE | {"rule"},
    "pack": {"rule"},
    "foreign": CORE,
    "triage": CORE | {"rule", "config", "foreign"},
    "fix": CORE | {"rule"},
    "baseline": CORE | {"rule"},
    "migrate": CORE | {"rule", "foreign", "triage"},
    "report": CORE | {"rule"},
    "many": {"scan", "fix", "cli"},
    "testing": CORE | {"rule", "judge", "terraform", "cloudformation"},
}
"""What each module may import of iaclint, besides itself and `record`; scan and cli may import everything."""

SOLE_IMPORTERS = {
    "hcl2": {"terraform/syntax.py"},
    "tree_sitter": {"terraform/syntax.py"},
    "tree_sitter_hcl": {"terraform/syntax.py"},
    "yaml": {"cloudformation/syntax.py", "terraform/yamltext.py"},
    "cfnlint": {"cloudformation/transform.py", "cloudformation/syntax.py", "cloudformation/companion.py"},
    "samtranslator": {"cloudformation/transform.py"},
    "sarif_om": set[str](),  # by name only, in report/om.py
}
NETWORK = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "requests", "httpx", "asyncio"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_keep_to_the_layers(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    module = relative.parts[0].removesuffix(".py")
    if module in ("scan", "workers", "cli", "__init__", "__main__"):
        return
    modules = {p.stem for p in PACKAGE.glob("*.py")} | {p.name for p in PACKAGE.iterdir() if p.is_dir()}
    used = {name.split(".")[1] for name in imports(path) if name.startswith("iaclint.")} & modules
    assert used - {module, "record"} <= ALLOWED[module]


@pytest.mark.parametrize("library", SOLE_IMPORTERS)
def test_a_library_has_few_importers(library: str) -> None:
    importers = {
        p.relative_to(PACKAGE).as_posix()
        for p in files()
        if any(name == library or name.startswith(library + ".") for name in imports(p))
    }
    assert importers <= SOLE_IMPORTERS[library]


def test_nothing_reaches_the_network() -> None:
    for path in (*files(), *sorted((ROOT / "rules").rglob("*.py"))):
        assert not imports(path) & NETWORK, path


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.py")), ids=lambda p: p.stem)
def test_rules_import_the_facade_only(path: Path) -> None:
    used = imports(path)
    for name in used:
        top = name.split(".")[0]
        assert top == "iaclint" or top in sys.stdlib_module_names, name
        assert top not in ("os", "io", "pathlib", "subprocess", "shutil", "tempfile"), name
    own = {name for name in used if name.startswith("iaclint.")}
    import iaclint

    assert {name.split(".")[1] for name in own} <= {*iaclint.__all__, "aws"}


PARSERS = ("hcl2", "lark", "tree_sitter", "cfnlint", "yaml", "sarif_om", "attr", "samtranslator")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["rules"], ["explain", "kms-key-not-rotated"]])
def test_a_start_imports_no_parser(arguments: list[str]) -> None:
    code = (
        "import sys; from iaclint.cli import run; "
        f"sys.argv = ['iaclint', *{arguments!r}]; code = run(); "
        f"sys.exit(code or (' '.join(m for m in {PARSERS!r} if m in sys.modules) or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("argument", ["terraform", "cloudformation"])
def test_a_run_imports_its_own_language_only(argument: str, tmp_path: Path) -> None:
    foreign: tuple[str, ...]
    if argument == "terraform":
        (tmp_path / "main.tf").write_text('resource "aws_kms_key" "k" {}\n')
        foreign = ("cfnlint", "yaml", "sarif_om", "samtranslator")
    else:
        (tmp_path / "t.yaml").write_text("Resources:\n  K:\n    Type: AWS::KMS::Key\n")
        foreign = ("hcl2", "lark", "tree_sitter", "cfnlint", "sarif_om", "samtranslator")
    code = (
        "import sys; from iaclint.cli import run; "
        f"sys.argv = ['iaclint', {str(tmp_path)!r}]; code = run(); "
        f"sys.exit(' '.join(m for m in {foreign!r} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "kms-key-not-rotated" in done.stdout


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_no_file_names_a_machine() -> None:
    """Nothing of the places where it was written stays in the project."""
    own = {os.path.expanduser("~") + "/", "/" + "root/", "/" + "work/"} - {"//", "~/"}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        kept = any("cache" in part or part == ".hypothesis" for part in parts)
        if kept or parts[0] in (".git", ".tools", ".venv", "venv", "dist", "build"):
            continue
        if path.is_file() and path.suffix in (
            ".py",
            ".md",
            ".toml",
            ".yaml",
            ".yml",
            ".json",
            ".tf",
            ".sh",
            ".xml",
            "",
        ):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [name for name in own if name in text], path


def test_sam_brings_no_aws_sdk(tmp_path: Path) -> None:
    """Its translator imports one, to ask AWS what a linter must not ask."""
    template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  T:\n    Type: AWS::Serverless::SimpleTable\n"
    (tmp_path / "t.yaml").write_text(template)
    program = (
        "import sys; from iaclint.cloudformation import load; from iaclint.model.inventory import Inputs; "
        "from iaclint.source.files import Workspace; where = sys.argv[1]; "
        "found = load(Workspace((where,)), where + '/t.yaml', Inputs()); "
        "assert [r.kind for r in found.resources] == ['AWS::DynamoDB::Table'], found.problems; "
        "assert 'samtranslator' in sys.modules; "
        "sys.exit(' '.join(m for m in sys.modules if m.partition('.')[0] in ('boto3', 'botocore', 'urllib3')) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
