"""The shape of the code: who imports whom, what a start costs, what the wheel holds."""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "iaclint"

CORE = {"model", "source"}
ALLOWED = {
    "version": set[str](),
    "model": {"source"},
    "source": set[str](),
    "terraform": CORE,
    "cloudformation": CORE,
    "aws": CORE,
    "linting": CORE | {"aws"},
    "report": CORE | {"linting"},
}
"""What each package may import of iaclint besides itself. `run`, `cli` and the facade may import everything."""
UNLIMITED = {"run", "cli", "__init__", "__main__"}

SOLE_IMPORTERS = {
    "hcl2": {"terraform/syntax/hcl2.py"},
    "tree_sitter": {"terraform/syntax/treesitter.py"},
    "tree_sitter_hcl": {"terraform/syntax/treesitter.py"},
    "yaml": {"cloudformation/syntax.py", "terraform/functions/yaml.py"},
    "cfnlint": {
        "cloudformation/sam.py",
        "cloudformation/cfn_lint.py",
        "cloudformation/schema.py",
    },
    "re2": {"terraform/functions/regex.py"},
    "regex": {"terraform/functions/values.py"},
    "samtranslator": {"cloudformation/sam.py"},
    "sarif_om": set[str](),  # by name only, in report/sarif/om.py
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
    package = relative.parts[0].removesuffix(".py")
    assert package in ALLOWED.keys() | UNLIMITED
    if package in ALLOWED:
        packages = {p.stem for p in PACKAGE.glob("*.py")} | {p.name for p in PACKAGE.iterdir() if p.is_dir()}
        used = {name.split(".")[1] for name in imports(path) if name.startswith("iaclint.")} & packages
        assert used - {package} <= ALLOWED[package]


def imported_modules() -> dict[str, set[str]]:
    """The modules of iaclint that each of its modules imports, wherever in it; imports for types alone do not count."""
    names = {
        path: ".".join(("iaclint", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in files()
    }
    known = set(names.values())
    found: dict[str, set[str]] = {}
    for path, module in names.items():
        used: set[str] = set()
        for statement in imports_at_run_time(path):
            if isinstance(statement, ast.Import):
                used |= {alias.name for alias in statement.names}
            elif statement.module:
                used |= {
                    full if (full := f"{statement.module}.{alias.name}") in known else statement.module
                    for alias in statement.names
                }
        found[module] = used & known - {module}
    return found


def imports_at_run_time(path: Path) -> list[ast.Import | ast.ImportFrom]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    return [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom)) and id(n) not in for_types]


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = imported_modules()
    while free := {module for module, used in left.items() if not used & left.keys()}:
        left = {module: used for module, used in left.items() if module not in free}
    while idle := left.keys() - {module for used in left.values() for module in used}:
        left = {module: used for module, used in left.items() if module not in idle}
    in_circles = {module: sorted(used & left.keys()) for module, used in left.items()}
    assert not in_circles


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


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*/*.py")), ids=lambda p: p.stem)
def test_rules_import_helpers_of_their_own_family_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 1 and (node.module or "").startswith("_"), ast.unparse(node)


def test_a_rule_is_a_page() -> None:
    """What the examples of a rule share is its scenery, and an example shows one idea."""
    lengths = {path.stem: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "rules").glob("*/[!_]*.py")}
    assert statistics.median(lengths.values()) <= 95
    assert not {name: length for name, length in lengths.items() if length > 300}


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.py")), ids=lambda p: p.stem)
def test_rules_that_cannot_tell_say_so(path: Path) -> None:
    """A rule yields Undecided. It asks for no bool that changes nothing, only to stop where the truth has none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    idle = [test for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for test in idle_tests(node.body)]
    idle += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and (
            isinstance(node.value, (ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.Compare))
            or (isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "bool")
        )
    ]
    assert not [f"line {test.lineno}: {ast.unparse(test)}" for test in idle]


def idle_tests(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """Yield the conditions at the end of a function after which nothing happens, whether they hold or not."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        branches = (last.body, last.orelse)
        if all(isinstance(s, ast.Pass) or ast.unparse(s) == "return" for branch in branches for s in branch):
            yield last.test
        for branch in branches:
            yield from idle_tests(branch)


PARSERS = ("hcl2", "lark", "tree_sitter", "cfnlint", "yaml", "sarif_om", "attr", "samtranslator", "re2", "cryptography")


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


OPENINGS = {"What", "Whether", "Why", "Who", "Where", "How"}


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_public_definitions_have_a_docstring(path: Path) -> None:
    """The docstring of a function names what it returns or does; only that of a property may open with a question."""
    undocumented: list[str] = []
    questions: list[str] = []
    for name, definition in public_definitions(ast.parse(path.read_text(encoding="utf-8"))):
        docstring = ast.get_docstring(definition)
        if not docstring:
            undocumented.append(f"line {definition.lineno}: {name}")
        elif (
            docstring.split()[0] in OPENINGS
            and isinstance(definition, ast.FunctionDef)
            and not {"property", "cached_property"} & decorators(definition)
        ):
            questions.append(f"line {definition.lineno}: {name}")
    assert not undocumented
    assert not questions


def public_definitions(
    body: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Yield the public classes, functions and methods with their dotted names; not overloads and setters."""
    for node in body.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            if isinstance(node, ast.ClassDef):
                yield prefix + node.name, node
                yield from public_definitions(node, f"{prefix}{node.name}.")
            elif not {"overload", "setter"} & decorators(node):
                yield prefix + node.name, node


def decorators(function: ast.FunctionDef) -> set[str]:
    """Return the last words of the names of a function's decorators."""
    return {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}


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
