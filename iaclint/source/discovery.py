"""Discovery: the Terraform directories, CloudFormation templates and Terraform plans that some paths stand for.

A directory stands for all that is below it, but for links that lead out of it, directories of tools, and what
.gitignore or the setting `exclude` leaves out. A Terraform file stands for its module and the modules that call it;
another file for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from iaclint.source.files import MAX_FILE_BYTES, MAX_TEXT_BYTES, Problem, Unreadable, Workspace
from iaclint.source.gitignore import IgnoredPaths

SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})
TERRAFORM_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
VARIABLES_SUFFIXES = (".tfvars", ".tfvars.json")
TEMPLATE_SUFFIXES = frozenset(
    {
        "",
        ".yaml",
        ".yml",
        ".json",
        ".template",
        ".templates",
        ".cfn",
        ".cform",
        ".cf",
        ".stack",
        ".sam",
        ".txt",
        ".tmpl",
    }
)
HEAD = 4096
"""Characters at the start of a JSON file that tell whether it is a plan."""


class Discovered(Struct, eq=False):
    """What discovery found; all paths are absolute.

    directories           Terraform modules: those that other ones call, too
    templates             CloudFormation templates
    plans                 files that `terraform show -json` printed
    problems              what could not be read, and named files that are no infrastructure code
    unread                files and directories that should have been scanned and could not be read
    units_with_deletions  the modules that a deleted file belonged to, and those that call them: what the file
                          controlled may be anywhere in them
    """

    directories: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    units_with_deletions: set[str] = field(default_factory=set)


class Languages(Struct, frozen=True):
    """What discovery asks the front-ends of the languages.

    module_callers  takes Terraform directories; returns, for each of them that is called as a local module, its callers
    is_plan         takes the first HEAD characters of a JSON file; True if it is a Terraform plan
    is_template     takes the text of a file; True if it may be a CloudFormation template
    """

    module_callers: Callable[[Workspace, Sequence[str]], Mapping[str, Sequence[str]]]
    is_plan: Callable[[str], bool]
    is_template: Callable[[str], bool]


def discover(
    workspace: Workspace,
    paths: Sequence[str],
    languages: Languages,
    *,
    deleted: Sequence[str] = (),
    exclude: Sequence[str] = (),
    exclude_base: str = "",
    skip_other_files: bool = False,
) -> Discovered:
    """Return what is to be scanned for some absolute paths.

    deleted           absolute paths of files that are gone: the modules that they belonged to are scanned
    exclude           patterns as in .gitignore of what is left out of directories
    exclude_base      the directory that these patterns are relative to; "" for the root of the repository
    skip_other_files  True if a named file that is no infrastructure code is passed over silently
    """
    return _Discovery(workspace, languages, exclude, exclude_base).run(paths, deleted, skip_other_files)


def repository_root(path: str) -> str:
    """Return the nearest directory, from a path upwards, that holds .git; "" if there is none."""
    directory = os.path.abspath(path)
    while True:
        if os.path.exists(os.path.join(directory, ".git")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return ""
        directory = parent


class _Discovery:
    """The state of one call of `discover`."""

    def __init__(self, workspace: Workspace, languages: Languages, exclude: Sequence[str], exclude_base: str) -> None:
        self.workspace = workspace
        self.languages = languages
        self.exclude = exclude
        self.exclude_base = exclude_base
        self.found = Discovered()
        self.callers: dict[str, Mapping[str, Sequence[str]]] = {}
        """The callers of local modules, by the root of the repository."""

    def run(self, paths: Sequence[str], deleted: Sequence[str], skip_other_files: bool) -> Discovered:
        found = self.found
        directories: set[str] = set()
        for path in paths:
            if os.path.isdir(path):
                directories |= self.walk(path)
            elif path.endswith((*TERRAFORM_SUFFIXES, *VARIABLES_SUFFIXES)):
                directories |= self.unit(path)
            else:
                self.classify(path, named=not skip_other_files)
        for path in deleted:
            if path.endswith((*TERRAFORM_SUFFIXES, *VARIABLES_SUFFIXES)):
                found.units_with_deletions |= self.unit(path)
        found.directories = sorted(directories | found.units_with_deletions)
        found.templates = sorted(set(found.templates))
        found.plans = sorted(set(found.plans))
        return found

    def unit(self, path: str) -> set[str]:
        """Return the directory of a Terraform file, and each directory that calls it as a module, directly or not."""
        home = os.path.dirname(path)
        base = repository_root(path) or home
        if base not in self.callers:
            # what cannot be listed there is no problem of this scan
            elsewhere = _Discovery(self.workspace, self.languages, self.exclude, self.exclude_base)
            directories = sorted(elsewhere.walk(base, only_terraform=True))
            self.callers[base] = self.languages.module_callers(self.workspace, directories)
        callers = self.callers[base]
        unit = {home} if _has_terraform(home) else set()
        queue = [home]
        while queue:
            new = [caller for caller in callers.get(queue.pop(), ()) if caller not in unit]
            unit.update(new)
            queue += new
        return unit

    def walk(self, top: str, *, only_terraform: bool = False) -> set[str]:
        """Return the Terraform directories below one; templates and plans are added to what was found."""
        root = repository_root(top) or top
        ignored = IgnoredPaths(root, self.exclude, self.exclude_base or root)
        directories: set[str] = set()
        seen: set[str] = set()
        stack = [top]
        while stack:
            directory = stack.pop()
            real = os.path.realpath(directory)
            if real in seen:
                continue
            seen.add(real)
            below: list[str] = []
            for entry in self.entries(directory):
                try:
                    is_directory = entry.is_dir()
                    is_file = not is_directory and entry.is_file()
                except OSError:
                    continue  # a link that leads in a circle
                if is_directory:
                    if entry.name not in SKIPPED_DIRECTORIES and not self.leaves_out(ignored, entry, is_directory):
                        below.append(entry.path)
                elif is_file and self.may_be_code(entry.name, only_terraform):
                    if self.leaves_out(ignored, entry, is_directory):
                        continue
                    if entry.name.endswith(TERRAFORM_SUFFIXES):
                        directories.add(directory)
                    else:
                        self.classify(entry.path, named=False)
            stack += reversed(below)
        return directories

    def entries(self, directory: str) -> Sequence[os.DirEntry[str]]:
        """Return the entries of a directory by name; none, and a problem, if it cannot be listed."""
        try:
            with os.scandir(directory) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            shown = self.workspace.display(directory)
            self.found.unread.append(directory)
            self.found.problems.append(Problem(f"{shown} cannot be listed: {error.strerror}", path=directory))
            return ()

    def leaves_out(self, ignored: IgnoredPaths, entry: os.DirEntry[str], is_directory: bool) -> bool:
        """Return True if an entry is ignored, or is a link that leads out of what may be read."""
        outside = entry.is_symlink() and not self.workspace.allows(entry.path)
        return outside or ignored.includes(entry.path, is_directory)

    def may_be_code(self, name: str, only_terraform: bool) -> bool:
        return name.endswith(TERRAFORM_SUFFIXES) or (not only_terraform and _suffix(name) in TEMPLATE_SUFFIXES)

    def classify(self, path: str, *, named: bool) -> None:
        """Add a file to the templates or the plans. If it is neither, that is a problem only if the user named it."""
        found, workspace = self.found, self.workspace
        shown = workspace.display(path)
        size = self.size_of(path, named)
        if size is None:
            return  # it was deleted after it was listed
        if size > MAX_TEXT_BYTES and not (path.endswith(".json") and self.is_large_plan(path)):
            note = f"{shown} has {size:,} bytes, more than the {MAX_TEXT_BYTES:,} that are read of a template"
            found.problems.append(Problem(note + ("" if named else "; it is not linted"), path=path, fatal=named))
            if named:
                found.unread.append(path)
            return
        try:
            text = workspace.read(path, MAX_FILE_BYTES).text
        except Unreadable as error:
            if named or not os.access(path, os.R_OK) or self.is_broken_template(path):
                found.unread.append(path)
                found.problems.append(Problem(str(error), path=path))
            return  # else a binary file
        head = text[:HEAD]
        if path.endswith(".json") and '"format_version"' in head and self.languages.is_plan(head):
            found.plans.append(path)
        elif (named or _has_words_of_template(text)) and self.languages.is_template(text):
            found.templates.append(path)
        elif named:
            what = "is empty" if not text.strip() else "is neither Terraform, a CloudFormation template nor a plan"
            found.problems.append(Problem(f"{shown} {what}; it is not linted", path=path, fatal=False))

    def size_of(self, path: str, named: bool) -> int | None:
        """Return the bytes of a file; if it cannot be found, 0 if the user named it, else None."""
        if named and path in self.workspace.overlay:
            return len(self.workspace.overlay[path])
        try:
            return os.path.getsize(path)
        except OSError:
            return 0 if named else None

    def is_large_plan(self, path: str) -> bool:
        """Return True if a JSON file that is too large for a template is a plan: a plan may be large."""
        try:
            head = self.workspace.read_bytes(path)[:HEAD]
        except Unreadable:
            return False
        return b'"format_version"' in head and b'"terraform_version"' in head

    def is_broken_template(self, path: str) -> bool:
        """Return True if a file that is no text contains the words of a template."""
        try:
            data = self.workspace.read_bytes(path)
        except Unreadable:
            return False
        return b"AWSTemplateFormatVersion" in data or (b"Resources" in data and b"AWS::" in data)


def _has_terraform(directory: str) -> bool:
    try:
        return any(name.endswith(TERRAFORM_SUFFIXES) for name in os.listdir(directory))
    except OSError:
        return False


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def _has_words_of_template(text: str) -> bool:
    """Return True if a text has one of the words that each template has. This needs no parser."""
    return "Resources" in text or "AWSTemplateFormatVersion" in text
