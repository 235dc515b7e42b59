"""The composition root: discover -> load -> judge -> triage -> Report."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.linting.config import Config, Environment, is_costly
from iaclint.linting.rule import Rule, Severity, foreign_rule
from iaclint.linting.verdict import Outcome, Report, Site, Verdict
from iaclint.model.inventory import Deployment, Inputs, Inventory
from iaclint.source.files import (
    MAX_FILE_BYTES,
    MAX_TEXT_BYTES,
    Problem,
    SourceFile,
    Unreadable,
    Workspace,
    beyond,
    relative,
)
from iaclint.version import __version__

if TYPE_CHECKING:
    from datetime import date

    from iaclint.linting.baseline import Baseline
    from iaclint.linting.suppressions import Ignore
    from iaclint.run.parallel import Executor


SKIPPED_DIRECTORIES = frozenset({".git", ".terraform", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})
TERRAFORM_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
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

COMPANION = "cfn-lint"
MAX_IGNORE_FILE = 1024 * 1024
"""So many characters of a .gitignore are read."""
ENOUGH = 4_000_000
"""Characters to evaluate, a module counted for each root that calls it, from which a second process pays: 0.7 s."""
MANY = 700
"""Resources from which a second process pays for judging: 0.15 s."""
USUAL = 4
"""More processes than that only when asked for: a container may see many cores and be given the time of one."""
PATIENCE = 0.7
"""Seconds after which a run is long enough for somebody to wonder."""


class UsageError(Exception):
    """The run cannot start; the text says what to do."""


class Request(Struct, frozen=True):
    """What to scan and how.

    paths     directories are scanned whole; a file selects what it belongs to
    deleted   files that are gone: what they belonged to is scanned and reported whole
    rules     those to run; the ones about exceptions are in `triage.META`
    known     all rules that there are, so that an exception may name one that is not run
    root      a directory that may be read besides the paths
    quiet_kinds  whether a named file that is no infrastructure code is passed over without a word
    baseline  findings that were there before
    overlay   contents that stand for those of files, by absolute path
    companion whether cfn-lint runs too
    """

    paths: tuple[str, ...]
    config: Config = field(default_factory=Config)
    rules: tuple[Rule[Any], ...] = ()
    known: tuple[Rule[Any], ...] = ()
    deleted: tuple[str, ...] = ()
    root: str = ""
    source_root: str = ""
    """The configuration that a plan was made from: findings then point to its lines."""
    read_environment: bool = False
    """Whether TF_VAR_ variables of the process count."""
    quiet_kinds: bool = False
    whole_units: bool = False
    """Whether to report all of what a named file belongs to, not only what touches the file."""
    today: date | None = None
    """The day on which exceptions are looked at; None for the present one."""
    progress: Callable[[str], None] | None = None
    baseline: Baseline | None = None
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    companion: bool = False
    jobs: int = 0
    """Processes that may be used; 0 for one on each core, up to USUAL, where the input is large."""
    executor: Executor | None = None
    """Who loads what this process does not: a `concurrent.futures.Executor`, for which `jobs` says the shares."""

    @property
    def day(self) -> date:
        """The day on which exceptions are looked at."""
        from iaclint.linting.suppressions import present_day

        return self.today or present_day()


class Found(Struct, eq=False):
    """What discovery came up with; all paths absolute."""

    directories: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    bereft: set[str] = field(default_factory=set)
    """Directories of what a deleted file belonged to: what it controlled may be anywhere in them."""


class Root(Struct, frozen=True):
    """What is loaded as one Deployment.

    form    "terraform" (path is a directory), "plan" or "cloudformation"
    inputs  what it is evaluated with; their name is the environment
    source  of a plan: the configuration that it was made from, "" where that is not at hand
    """

    form: str
    path: str
    inputs: Inputs
    source: str = ""


def load_root(workspace: Workspace, root: Root, values: Mapping[str, Any] | None = None) -> Deployment:
    """The Deployment of a root; `values` are inputs that win over those it has."""
    inputs = replace(root.inputs, values={**root.inputs.values, **values}) if values else root.inputs
    if root.form == "cloudformation":
        from iaclint import cloudformation

        deployment = cloudformation.load(workspace, root.path, inputs)
    else:
        from iaclint import terraform

        if root.form == "plan":
            deployment = terraform.load_plan(workspace, root.path, inputs, root.source or None)
        else:
            deployment = terraform.load(workspace, root.path, inputs)
    if not values:
        deployment.environment = root.inputs.name
    return deployment


class Loaded(Struct, eq=False):
    """The deployments of a run, and what each of them was loaded from, by its identity."""

    deployments: list[Deployment]
    roots: Mapping[int, Root]
    found: Found
    base: str
    workspace: Workspace

    def reload(self, deployment: Deployment, values: Mapping[str, Any]) -> Deployment:
        """A deployment with other inputs."""
        return load_root(self.workspace, self.roots[id(deployment)], values)


def scan(request: Request) -> Report:
    """Scan, judge and triage. Raises UsageError where there is nothing to do or an input is missing."""
    return survey(request)[0]


def survey(request: Request) -> tuple[Report, tuple[Ignore, ...]]:
    """The same, with every exception that was met and what became of it."""
    from iaclint.linting.suppressions import META, triage

    loaded = load(request)
    config = request.config
    inventory = Inventory(tuple(loaded.deployments), config.covers, config.provided, config.options)
    meta = {rule.id for rule in META}
    rules = tuple(rule for rule in request.rules if rule.id not in meta)
    verdicts = _judge(inventory, rules, loaded, request)
    verdicts = tuple(
        replace(v, severity=Severity(config.severity[v.rule.id])) if v.rule.id in config.severity else v
        for v in verdicts
    )
    verdicts = _merge_environments(verdicts, [e.name for e in config.environments])
    triaged = triage(verdicts, loaded.deployments, _policy(request))
    verdicts = triaged.verdicts
    problems = [*loaded.found.problems, *(p for d in loaded.deployments for p in d.problems)]
    files: dict[str, SourceFile] = {s.path: s for d in loaded.deployments for s in d.files}
    if request.companion:
        more, hindrances = _companion(loaded, request)
        verdicts = tuple(sorted((*verdicts, *more), key=lambda v: v.sort_key))
        problems += hindrances
    if request.baseline is not None:
        verdicts = request.baseline.mark(verdicts, loaded.base)
    verdicts = _select(verdicts, request, loaded.found.bereft)
    gaps = {(g.span, g.detail): g for d in loaded.deployments for g in d.gaps}
    report = Report(
        rules=request.rules,
        verdicts=verdicts,
        problems=tuple(dict.fromkeys(map(_located, problems))),
        gaps=tuple(gaps.values()),
        deployments=tuple(loaded.deployments),
        files=tuple(sorted(files.values(), key=lambda s: s.path)),
        unread=tuple(loaded.found.unread),
        base=loaded.base,
        version=__version__,
        companions=(COMPANION,) if request.companion else (),
    )
    return report, triaged.exceptions


def _located(problem: Problem) -> Problem:
    """The problem with its file named in full: each report says it from where its reader stands."""
    path = problem.path or (problem.span.file.path if problem.span else "")
    name = problem.span.file.name if problem.span else Workspace(()).display(path) if path else ""
    if name in ("", ".", path) or name not in problem.message or path in problem.message:
        return problem
    return replace(problem, message=problem.message.replace(name, path))


def _companion(loaded: Loaded, request: Request) -> tuple[tuple[Verdict, ...], list[Problem]]:
    """What cfn-lint says of the templates that were read, as verdicts of rules of its own."""
    from iaclint.cloudformation import cfn_lint

    levels = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
    said, problems = cfn_lint.lint([path for path in loaded.found.templates if path not in request.overlay])
    places = {source.path: (source, deployment) for deployment in loaded.deployments for source in deployment.files}
    rules: dict[str, Rule[Any]] = {}
    verdicts: list[Verdict] = []
    for item in said:
        found = places.get(os.path.abspath(item.path))
        if found is None:
            continue
        source, deployment = found
        severity = levels.get(item.level, Severity.LOW)
        name = f"{COMPANION}/{item.rule}"
        if name not in rules:
            rules[name] = foreign_rule(name, COMPANION, item.title, f"{item.description}\n\n{item.url}", severity)
        start, end = (_offset(source, *at) for at in ((item.line, item.column), (item.end_line, item.end_column)))
        span = source.span(start, max(start, end))
        site = Site(span, span, (), span, (), "")
        message = " ".join(item.message.split())
        verdicts.append(Verdict(rules[name], Outcome.FAIL, deployment, "", site, message, severity=severity))
    return tuple(verdicts), problems


def _offset(source: SourceFile, line: int, column: int) -> int:
    """The offset of a line and column, kept within the file."""
    if line > len(source.lines):
        return len(source.text)
    return min(source.lines[line - 1] + min(column - 1, len(source.line_text(line))), len(source.text))


def _policy(request: Request) -> Any:
    """What triage goes by."""
    from iaclint.linting.other_tools import Crosswalk
    from iaclint.linting.suppressions import META, Policy

    config = request.config
    known = {rule.id: rule for rule in (*request.known, *request.rules, *META)}
    return Policy(
        config=config,
        families={rule.id: rule.family for rule in known.values()},
        run=frozenset(rule.id for rule in request.rules),
        today=request.today,
        crosswalk=Crosswalk((r.id, r.equivalents) for r in known.values()) if config.honour else None,
        whole=any(_holds(os.path.abspath(path), config.directory) for path in request.paths),
        source=_config_source(config.file) if config.exceptions else None,
    )


def _holds(directory: str, path: str) -> bool:
    return bool(path) and (path == directory or path.startswith(directory.rstrip(os.sep) + os.sep))


def _config_source(path: str) -> SourceFile | None:
    """The config file as a place that a finding can point to."""
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as stream:
            return SourceFile(path, stream.read(), Workspace(()).display(path))
    except (OSError, UnicodeDecodeError):
        return None


def load(request: Request) -> Loaded:
    """Discover and evaluate. Raises UsageError."""
    paths = [os.path.abspath(path) for path in request.paths]
    for given, path in zip(request.paths, paths, strict=True):
        if not os.path.lexists(path) and path not in request.overlay:
            raise UsageError(_missing(given))
    config = request.config
    environments = config.environments or (Environment(""),)
    for name in (*config.var_files, *(f for e in environments for f in e.var_files)):
        if not os.path.isfile(name):
            raise UsageError(f"the file of variables {_missing(Workspace(()).display(name))}")
    for name in (*config.parameter_files, *(f for e in environments for f in e.parameter_files)):
        if not os.path.isfile(name):
            raise UsageError(f"the file of parameters {_missing(Workspace(()).display(name))}")
    anchors = [p if os.path.isdir(p) else os.path.dirname(p) for p in (*paths, *map(os.path.abspath, request.deleted))]
    base = repository_root(anchors[0]) or _common(anchors)
    boundaries = [os.path.realpath(p) for p in paths if os.path.isdir(p)]
    files = [p for p in (*paths, *(os.path.abspath(d) for d in request.deleted)) if not os.path.isdir(p)]
    boundaries += [os.path.realpath(repository_root(p) or os.path.dirname(p)) for p in files]
    boundaries += [os.path.realpath(extra) for extra in (request.root, request.source_root) if extra]
    named = [os.path.abspath(p) for p in (*files, *config.var_files, *config.parameter_files)]
    named += [p for e in environments for p in (*e.var_files, *e.parameter_files)]
    workspace = Workspace(
        tuple(dict.fromkeys(boundaries)),
        frozenset(named) | frozenset(os.path.realpath(p) for p in named),
        overlay=request.overlay,
    )
    if request.progress:
        request.progress("looking for infrastructure code")
    found = discover(workspace, paths, request)
    roots = [
        root
        for environment in environments
        for root in _roots(
            workspace,
            found,
            environment.name,
            (*config.var_files, *environment.var_files),
            (*config.parameter_files, *environment.parameter_files),
            request,
        )
    ]

    def tell(root: Root) -> None:
        if request.progress:
            request.progress(f"reading {workspace.display(root.path)}")

    jobs = request.jobs or usual_jobs()
    directories = frozenset(found.directories)
    weights = [_weight(workspace, root, directories) for root in roots] if jobs > 1 and len(roots) > 1 else []
    if sum(size for size, _ in weights) < (1 if request.jobs else ENOUGH):
        deployments = []
        for root in roots:
            tell(root)
            deployments.append(load_root(workspace, root))
    else:
        from iaclint.run.parallel import load_shared

        deployments = load_shared(workspace, roots, weights, jobs, request.executor, tell)
    if found.templates:
        from iaclint import cloudformation

        # what one stack exports, another one imports
        deployments = list(cloudformation.join(workspace, deployments))
    return Loaded(
        deployments, {id(d): root for d, root in zip(deployments, roots, strict=True)}, found, base, workspace
    )


def usual_jobs() -> int:
    """The processor cores that this process may use, up to USUAL; 1 where it cannot be forked: workers start slowly."""
    return min(processors(), USUAL) if can_fork() else 1


def processors() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether this process can be forked: on Linux and its like, and while it has no other threads."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


def _weight(workspace: Workspace, root: Root, directories: frozenset[str]) -> tuple[int, str]:
    """About how many characters there are to evaluate for a root, and a library that takes long to import for it."""
    if root.form == "terraform":
        from iaclint import terraform

        return terraform.size(workspace, root.path, directories), ""
    try:
        if root.form == "plan":
            return os.path.getsize(root.path), ""
        text = workspace.read(root.path).text
        return len(text), "AWS's translator" if "AWS::Serverless-" in text else ""
    except (OSError, Unreadable):
        return 0, ""


def _roots(
    workspace: Workspace,
    found: Found,
    environment: str,
    variables: tuple[str, ...],
    parameters: tuple[str, ...],
    request: Request,
) -> Iterator[Root]:
    """What there is to load of what was found, in an environment with its files of variables and parameters."""
    if found.directories:
        from iaclint import terraform

        inputs = Inputs(files=variables, name=environment, read_environment=request.read_environment)
        for path in terraform.roots(workspace, found.directories):
            yield Root("terraform", path, inputs)
    source = os.path.abspath(request.source_root) if request.source_root else ""
    for path in found.plans:
        yield Root("plan", path, Inputs(name=environment), source)
    if found.templates:
        from iaclint import cloudformation

        inputs = Inputs(files=parameters, name=environment)
        for path in cloudformation.roots(workspace, found.templates):
            yield Root("cloudformation", path, inputs)


def discover(workspace: Workspace, paths: Sequence[str], request: Request) -> Found:
    """The Terraform directories, templates and plans below the paths, and what the named files belong to."""
    found = Found()
    directories: dict[str, None] = {}
    for path in paths:
        if os.path.isdir(path):
            _walk(workspace, path, request, found, directories)
        elif path.endswith(TERRAFORM_SUFFIXES) or path.endswith((".tfvars", ".tfvars.json")):
            directories.update(dict.fromkeys(_unit(workspace, path, request)))
        else:
            _classify(workspace, path, found, named=not request.quiet_kinds)
    for path in (os.path.abspath(d) for d in request.deleted):
        if path.endswith((*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json")):
            unit = _unit(workspace, path, request)
            directories.update(dict.fromkeys(unit))
            found.bereft.update(unit)
    found.directories = sorted(directories)
    found.templates = sorted(dict.fromkeys(found.templates))
    found.plans = sorted(dict.fromkeys(found.plans))
    return found


def _unit(workspace: Workspace, path: str, request: Request) -> list[str]:
    """The directory of a Terraform file, and every directory that calls it as a module, directly or not."""
    from iaclint import terraform

    home = os.path.dirname(path)
    base = repository_root(path) or home
    key = ("terraform directories", base)
    if key not in workspace.memo:
        everything = Found()
        below: dict[str, None] = {}
        _walk(workspace, base, replace(request, paths=(base,)), everything, below, only_terraform=True)
        workspace.memo[key] = sorted(below)
    candidates: list[str] = workspace.memo[key]
    callers = terraform.callers(workspace, candidates)
    unit = {home: None} if _has_terraform(home) else {}
    queue = [home]
    while queue:
        for caller in callers.get(queue.pop(), ()):
            if caller not in unit:
                unit[caller] = None
                queue.append(caller)
    return list(unit)


def _has_terraform(directory: str) -> bool:
    try:
        return any(name.endswith(TERRAFORM_SUFFIXES) for name in os.listdir(directory))
    except OSError:
        return False


def _walk(
    workspace: Workspace,
    top: str,
    request: Request,
    found: Found,
    directories: dict[str, None],
    only_terraform: bool = False,
) -> None:
    """All of a directory: without links that lead out, skipped directories and what git ignores."""
    ignored = _Ignored(repository_root(top) or top, request.config.exclude, request.config.file)
    seen: set[str] = set()
    stack = [top]
    while stack:
        directory = stack.pop()
        real = os.path.realpath(directory)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(directory) as entries:
                listed = sorted(entries, key=lambda e: e.name)
        except OSError as error:
            found.unread.append(directory)
            found.problems.append(
                Problem(f"{workspace.display(directory)} cannot be listed: {error.strerror}", path=directory)
            )
            continue
        below: list[str] = []
        for entry in listed:
            try:
                is_directory = entry.is_dir()
                is_file = not is_directory and entry.is_file()
            except OSError:
                continue  # a link that leads in a circle
            if is_directory:
                if entry.name in SKIPPED_DIRECTORIES or ignored(entry.path, True):
                    continue
                if entry.is_symlink() and not workspace.allows(entry.path):
                    continue
                below.append(entry.path)
            elif is_file:
                if entry.is_symlink() and not workspace.allows(entry.path):
                    continue
                if entry.name.endswith(TERRAFORM_SUFFIXES):
                    if not ignored(entry.path, False):
                        directories[directory] = None
                elif not only_terraform and _suffix(entry.name) in TEMPLATE_SUFFIXES and not ignored(entry.path, False):
                    _classify(workspace, entry.path, found, named=False)
        stack += reversed(below)


def _suffix(name: str) -> str:
    at = name.rfind(".")
    return name[at:].lower() if at > 0 else ""


def _classify(workspace: Workspace, path: str, found: Found, named: bool) -> None:
    """Add a file to what it is: a template, a plan, or neither."""
    shown = workspace.display(path)
    if named and path in workspace.overlay:
        size = len(workspace.overlay[path])
    else:
        try:
            size = os.path.getsize(path)
        except OSError:
            if not named:
                return  # gone since it was listed
            size = 0
    plan = path.endswith(".json")
    if size > MAX_TEXT_BYTES and not (plan and _is_plan(workspace, path)):
        note = f"{shown} has {size:,} bytes, more than the {MAX_TEXT_BYTES:,} that are read of a template"
        found.problems.append(Problem(note + ("" if named else "; it is not linted"), path=path, fatal=named))
        if named:
            found.unread.append(path)
        return
    try:
        text = workspace.read(path, MAX_FILE_BYTES).text
    except Unreadable as error:
        if named or not os.access(path, os.R_OK) or _names_resources(workspace, path):
            found.unread.append(path)
            found.problems.append(Problem(str(error), path=path))
        return  # else a binary file met while walking: no template
    if path.endswith(".json") and '"format_version"' in text[:4096]:
        from iaclint import terraform

        if terraform.is_plan(text[:4096]):
            found.plans.append(path)
            return
    if named or _may_be_template(text):
        from iaclint import cloudformation

        if cloudformation.sniff(text):
            found.templates.append(path)
        elif named:
            what = "is empty" if not text.strip() else "is neither Terraform, a CloudFormation template nor a plan"
            found.problems.append(
                Problem(f"{workspace.display(path)} {what}; it is not linted", path=path, fatal=False)
            )


def _is_plan(workspace: Workspace, path: str) -> bool:
    """Whether a large JSON file is what `terraform show -json` printed: these may well be large."""
    try:
        head = workspace.read_bytes(path)[:4096]
    except Unreadable:
        return False
    return b'"format_version"' in head and b'"terraform_version"' in head


def _may_be_template(text: str) -> bool:
    """A first look that needs no parser: every template has one of these words."""
    return "Resources" in text or "AWSTemplateFormatVersion" in text


def _names_resources(workspace: Workspace, path: str) -> bool:
    """Whether a file that is no text has the words of a template: then it was meant to be one."""
    try:
        data = workspace.read_bytes(path)
    except Unreadable:
        return False
    return b"AWSTemplateFormatVersion" in data or (b"Resources" in data and b"AWS::" in data)


class _Ignored:
    """What .gitignore files and the config's `exclude` leave out."""

    def __init__(self, base: str, exclude: Sequence[str], config_file: str) -> None:
        self.base = base
        self.specs: dict[str, Any] = {}
        self.exclude: Any = None
        self.exclude_base = os.path.dirname(config_file) if config_file else base
        if exclude:
            from pathspec import GitIgnoreSpec

            self.exclude = GitIgnoreSpec.from_lines(exclude)

    def __call__(self, path: str, directory: bool) -> bool:
        if self.exclude is not None and self._matches(self.exclude, self.exclude_base, path, directory):
            return True
        at = os.path.dirname(path)
        while True:
            spec = self._spec(at)
            if spec is not None:
                answer = spec.check_file(self._relative(at, path, directory)).include
                if answer is not None:
                    return bool(answer)
            if at == self.base or len(at) <= len(self.base):
                return False
            at = os.path.dirname(at)

    def _spec(self, directory: str) -> Any:
        if directory not in self.specs:
            spec = None
            file = os.path.join(directory, ".gitignore")
            if os.path.isfile(file) and not os.path.islink(file):  # git follows no link here either
                from pathspec import GitIgnoreSpec

                try:
                    with open(file, encoding="utf-8", errors="replace") as stream:
                        lines = stream.read(MAX_IGNORE_FILE).split("\n")
                    spec = GitIgnoreSpec.from_lines(line for line in lines if not is_costly(line))
                except (OSError, ValueError):
                    spec = None
            self.specs[directory] = spec
        return self.specs[directory]

    def _matches(self, spec: Any, base: str, path: str, directory: bool) -> bool:
        below = self._relative(base, path, directory)
        return not beyond(below) and bool(spec.match_file(below))

    @staticmethod
    def _relative(base: str, path: str, directory: bool) -> str:
        return relative(path, base) + ("/" if directory else "")


def _common(paths: Sequence[str]) -> str:
    """The directory that holds all the paths; the first one where they share none."""
    try:
        return os.path.commonpath(paths)
    except ValueError:
        return paths[0]


def repository_root(path: str) -> str:
    """The nearest directory upwards that holds .git; "" for none."""
    at = os.path.abspath(path)
    while True:
        if os.path.exists(os.path.join(at, ".git")):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            return ""
        at = parent


def _missing(path: str) -> str:
    import difflib

    directory, name = os.path.split(path.rstrip("/\\"))
    try:
        near = difflib.get_close_matches(name, os.listdir(directory or "."), 1)
    except OSError:
        near = []
    hint = f"; did you mean {os.path.join(directory, near[0])}?" if near else ""
    return f"{path} does not exist{hint}"


def _judge(inventory: Inventory, rules: Sequence[Rule[Any]], loaded: Loaded, request: Request) -> tuple[Verdict, ...]:
    """The verdicts over the inventory; in several processes where there is much to judge, with the same outcome."""
    from iaclint.linting.judge import judge

    if not loaded.deployments:
        return ()
    weights = [len(deployment.resources) for deployment in loaded.deployments]
    jobs = (request.jobs or usual_jobs()) if can_fork() and len(weights) > 1 else 1
    if jobs < 2 or sum(weights) < (1 if request.jobs else MANY):
        return judge(inventory, rules, loaded.reload, _judging(request))
    from iaclint.run.parallel import judge_shared

    return judge_shared(inventory, rules, loaded.workspace, weights, jobs, loaded.reload, _judging(request))


def _judging(request: Request) -> Callable[[int, int], None] | None:
    if request.progress is None:
        return None
    tell = request.progress
    return lambda done, total: tell(f"judging {done + 1} of {total}")


def _merge_environments(verdicts: Sequence[Verdict], names: Sequence[str]) -> tuple[Verdict, ...]:
    """One verdict for what is the same in several environments, with their names."""
    if not names:
        return tuple(verdicts)
    merged: dict[Any, Verdict] = {}
    for verdict in verdicts:
        key = (
            verdict.rule.id,
            verdict.deployment.root,
            verdict.address,
            verdict.site.attribute,
            verdict.site.span,
            verdict.outcome,
            verdict.message,
        )
        environment = (verdict.deployment.environment,)
        known = merged.get(key)
        merged[key] = replace(known or verdict, environments=(known.environments if known else ()) + environment)
    return tuple(merged.values())


def _select(verdicts: Sequence[Verdict], request: Request, bereft: set[str]) -> tuple[Verdict, ...]:
    """With files named, only what touches one of them; all of a unit from which a file was deleted."""
    paths = [os.path.abspath(p) for p in request.paths]
    directories = [p for p in paths if os.path.isdir(p)]
    files = {p for p in paths if not os.path.isdir(p)}
    if request.whole_units or (not files and not request.deleted):
        return tuple(verdicts)
    homes = {os.path.dirname(os.path.abspath(p)) for p in (*request.deleted, *_variable_files(files))}

    def touches(verdict: Verdict) -> bool:
        site = verdict.site
        spans = [site.span, site.inner, site.header, *(s.span for s in (*site.trail, *site.calls, *verdict.related))]
        touched = {span.file.path for span in spans}
        return (
            bool(touched & files)
            or verdict.deployment.root in bereft
            or any(os.path.dirname(path) in homes for path in touched)
            or any(path.startswith(d.rstrip(os.sep) + os.sep) for d in directories for path in touched)
        )

    return tuple(v for v in verdicts if touches(v))


def _variable_files(files: Iterable[str]) -> list[str]:
    return [f for f in files if f.endswith((".tfvars", ".tfvars.json"))]


def exit_code(report: Report, fail_on: str) -> int:
    """0 clean, 1 failures at or above the gate, 2 the job was not done."""
    if not report.complete:
        return 2
    if fail_on == "never":
        return 0
    gate = Severity(fail_on).rank
    return 1 if any(v.severity.rank <= gate for v in report.of(Outcome.FAIL)) else 0


def progress_line(stream: Any = None) -> Callable[[str], None] | None:
    """A function that shows what is being done on one line of a terminal; None where there is no terminal."""
    stream = stream or sys.stderr
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return None
    import shutil
    import time

    start = time.monotonic()
    shown = False

    def show(text: str) -> None:
        nonlocal shown
        if not (shown if not text else time.monotonic() - start > PATIENCE):
            return  # a short run needs no progress, and there is nothing to clear
        shown = True
        width = shutil.get_terminal_size().columns - 1
        stream.write("\r\x1b[2K" + text[:width])
        stream.flush()

    return show
