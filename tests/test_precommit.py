"""The hooks, run by pre-commit itself from a clone of this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command_line import BAD, GOOD, ROOT, TEMPLATE, git, iaclint, write

needs_precommit = pytest.mark.skipif(
    not shutil.which("git") or not shutil.which("pre-commit"), reason="pre-commit or git is not installed"
)
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
ONLY = ("--select", "kms-key-not-rotated")


# -- --staged, without pre-commit ------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def commit(repository: Path, files: Mapping[str, str]) -> None:
    write(repository, files)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")


@needs_git
def test_nothing_staged_is_quick_and_quiet(repository: Path) -> None:
    commit(repository, {"main.tf": BAD})
    write(repository, {"readme.md": "x"})
    git(repository, "add", "-A")
    done = iaclint("check", "--staged", "--", cwd=repository)
    assert (done.code, done.out, done.err) == (0, "", "")
    code = (
        "import sys; from iaclint.cli import run; sys.argv = ['iaclint', 'check', '--staged', '--']; code = run(); "
        "sys.exit(code or ' '.join(m for m in sys.modules if m in ('yaml', 'hcl2', 'lark', 'iaclint.linting.judge', "
        "'iaclint.terraform', 'iaclint.linting.pack')) or 0)"
    )
    quick = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=False)
    assert (quick.returncode, quick.stderr) == (0, "")


@needs_git
def test_staged_files_are_linted_and_others_are_not(repository: Path) -> None:
    commit(repository, {"old/main.tf": BAD, "new/readme.md": ""})
    write(repository, {"new/main.tf": BAD, "unstaged/main.tf": BAD})
    git(repository, "add", "new")
    done = iaclint("check", "--staged", "--format", "concise", *ONLY, cwd=repository / "old")
    assert done.code == 1
    assert "new/main.tf:2:25" in done.out
    assert "old" not in done.out.replace("../", "") and "unstaged" not in done.out


CONTROL = {
    "keys.tf": 'resource "aws_kms_key" "k" {\n  enable_key_rotation = var.rotate\n}\n',
    "variables.tf": 'variable "rotate" {\n  type = bool\n}\n',
    "prod.auto.tfvars": "rotate = true\n",
    "override.tf": 'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n',
}


@needs_git
def test_the_deletion_of_a_control_fails(repository: Path) -> None:
    keys = 'resource "aws_kms_key" "k" {\n}\n'
    commit(repository, {"infra/keys.tf": keys, "infra/override.tf": CONTROL["override.tf"]})
    assert iaclint(*ONLY, ".", cwd=repository).code == 0
    git(repository, "rm", "-q", "infra/override.tf")
    done = iaclint("check", "--staged", "--format", "concise", *ONLY, cwd=repository)
    assert done.code == 1
    assert "infra/keys.tf:1:1" in done.out


@needs_git
def test_a_control_that_is_renamed_away_fails(repository: Path) -> None:
    keys = 'resource "aws_kms_key" "k" {\n}\n'
    commit(repository, {"infra/keys.tf": keys, "infra/override.tf": CONTROL["override.tf"], "docs/a.md": "x"})
    git(repository, "mv", "infra/override.tf", "docs/override.tf.txt")
    assert iaclint("check", "--staged", *ONLY, cwd=repository).code == 1


@needs_git
def test_after_a_deletion_all_of_the_unit_is_reported(repository: Path) -> None:
    root = 'module "m" {\n  source = "./m"\n}\n' + BAD
    commit(repository, {"main.tf": root, "m/main.tf": GOOD, "elsewhere/main.tf": BAD})
    git(repository, "rm", "-q", "m/main.tf")
    done = iaclint("check", "--staged", "--format", "concise", *ONLY, cwd=repository)
    assert done.code == 1
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["main.tf"]


@needs_git
def test_the_deletion_of_everything_passes(repository: Path) -> None:
    commit(repository, {"infra/main.tf": BAD, "stack.yaml": TEMPLATE})
    git(repository, "rm", "-q", "-r", "infra", "stack.yaml")
    assert iaclint("check", "--staged", cwd=repository).code == 0


@needs_git
def test_names_with_anything_in_them(repository: Path) -> None:
    name = 'a dir/ü "quoted"\ttab.tf'
    write(repository, {name: BAD})
    git(repository, "add", "-A")
    assert iaclint("check", "--staged", *ONLY, cwd=repository).code == 1


def test_staged_below_a_path(repository: Path) -> None:
    commit(repository, {"readme.md": ""})
    write(repository, {"a/main.tf": BAD, "b/main.tf": GOOD})
    git(repository, "add", "-A")
    assert iaclint("check", "--staged", *ONLY, "b", cwd=repository).code == 0
    assert iaclint("check", "--staged", *ONLY, "a", cwd=repository).code == 1
    done = iaclint("check", "--staged", *ONLY, "c", cwd=repository)
    assert done.code == 2 and "c does not exist" in done.err


def test_staged_outside_git_is_2(tmp_path: Path) -> None:
    done = iaclint("check", "--staged", cwd=tmp_path, env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert done.code == 2
    assert "--staged needs a git repository" in done.err or "needs git" in done.err


# -- with pre-commit -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this project's hooks, tagged.

    Its entry is the iaclint that is installed here: that the package installs is what the wheel's own test shows.
    """
    directory = tmp_path_factory.mktemp("hooks")
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text()
    manifest = manifest.replace("entry: iaclint", f"entry: {sys.executable} -m iaclint")
    manifest = manifest.replace("language: python", "language: unsupported")
    write(directory, {".pre-commit-hooks.yaml": manifest})
    git(directory, "init", "-q", "-b", "main")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "hooks")
    git(directory, "tag", "v1")
    return directory


class Target:
    """A repository that uses one hook."""

    def __init__(self, directory: Path, hooks: Path, hook: str, home: Path, args: str = "") -> None:
        self.directory = directory
        self.env = {
            **os.environ,
            "PRE_COMMIT_HOME": str(home),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        config = f"repos:\n- repo: {hooks}\n  rev: v1\n  hooks:\n  - id: {hook}\n{args}"
        settings = 'select = ["kms-key-not-rotated"]\n'
        write(directory, {".pre-commit-config.yaml": config, ".iaclint.toml": settings})
        git(directory, "init", "-q", "-b", "main")
        subprocess.run(["pre-commit", "install"], cwd=directory, env=self.env, check=True, capture_output=True)
        assert self.commit({"readme.md": "x"}).returncode == 0

    def commit(self, files: Mapping[str, str], *delete: str) -> subprocess.CompletedProcess[str]:
        write(self.directory, files)
        for name in delete:
            git(self.directory, "rm", "-q", name)
        git(self.directory, "add", "-A")
        return subprocess.run(
            ["git", "commit", "-m", "x"], cwd=self.directory, env=self.env, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@needs_precommit
@pytest.mark.precommit
def test_the_manifest_is_valid() -> None:
    subprocess.run(["pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=True)


@needs_precommit
@pytest.mark.precommit
@pytest.mark.parametrize("hook", ["iaclint", "iaclint-files", "iaclint-all"])
def test_a_bad_file_fails_and_a_good_one_passes(hook: str, hooks: Path, home: Path, tmp_path: Path) -> None:
    target = Target(tmp_path, hooks, hook, home)
    bad = target.commit({"infra/main.tf": BAD})
    assert bad.returncode != 0
    assert "kms-key-not-rotated" in bad.stdout + bad.stderr
    assert target.commit({"infra/main.tf": GOOD}).returncode == 0
    assert target.commit({"stack.template": TEMPLATE}).returncode != 0


@needs_precommit
@pytest.mark.precommit
def test_a_commit_that_only_deletes_a_control_fails(hooks: Path, home: Path, tmp_path: Path) -> None:
    target = Target(tmp_path, hooks, "iaclint", home)
    keys = 'resource "aws_kms_key" "k" {\n}\n'
    assert target.commit({"infra/keys.tf": keys, "infra/override.tf": CONTROL["override.tf"]}).returncode == 0
    deleted = target.commit({}, "infra/override.tf")
    assert deleted.returncode != 0
    assert "infra/keys.tf" in deleted.stdout + deleted.stderr


@needs_precommit
@pytest.mark.precommit
@pytest.mark.parametrize(("hook", "args"), [("iaclint", "[--fix]"), ("iaclint-files", "[--fix, --]")])
def test_a_hook_that_fixes_stops_the_commit_once(hook: str, args: str, hooks: Path, home: Path, tmp_path: Path) -> None:
    target = Target(tmp_path, hooks, hook, home, f"    args: {args}\n")
    first = target.commit({"infra/main.tf": BAD, "--fix.tf": GOOD})
    assert first.returncode != 0 and "fixed 1 finding in 1 file" in first.stdout + first.stderr
    assert (tmp_path / "infra/main.tf").read_text() == GOOD
    assert target.commit({}).returncode == 0


@needs_precommit
@pytest.mark.precommit
def test_six_thousand_files_are_split_and_all_linted(hooks: Path, home: Path, tmp_path: Path) -> None:
    """pre-commit splits long lists of names even where a hook asks for one process."""
    target = Target(tmp_path, hooks, "iaclint-files", home)
    files = {f"configuration/settings-of-some-service-{i:05}.yaml": "a: 1\n" for i in range(6_000)}
    done = target.commit({**files, "configuration/zz-last.yaml": TEMPLATE, "aa/first.yaml": TEMPLATE})
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "zz-last.yaml" in text and "aa/first.yaml" in text
    assert "no Terraform and no CloudFormation found" not in text


@needs_precommit
@pytest.mark.precommit
@pytest.mark.skipif(not os.environ.get("IACLINT_TEST_INSTALL"), reason="takes a minute: set IACLINT_TEST_INSTALL=1")
def test_the_hook_installs_from_a_clone_without_an_index(tmp_path: Path) -> None:
    """Once its wheels are there, the hook needs no network: neither to install nor to run."""
    clone, target, wheels = tmp_path / "clone", tmp_path / "target", tmp_path / "wheels"
    git(tmp_path, "clone", "-q", str(ROOT), str(clone))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    for wanted in (str(clone), "hatchling"):
        subprocess.run([*pip, "wheel", "-q", "-w", str(wheels), wanted], check=True)
    write(target, {"main.tf": BAD, ".iaclint.toml": 'select = ["kms-key-not-rotated"]\n'})
    git(target, "init", "-q")
    git(target, "add", "-A")
    env = {
        **os.environ,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        ["pre-commit", "try-repo", str(clone), "iaclint-files", "--all-files"],
        cwd=target,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "main.tf:2:25" in done.stdout
