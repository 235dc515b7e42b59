"""Directories: their configuration files, read into what they declare.

A directory is read once into a `ModuleConfig`, however many module calls lead to it.

Source of facts: the Terraform language documentation (files and directories, override files, modules).
"""

from __future__ import annotations

import json
import os
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace
from iaclint.terraform.config.blocks import block_name, is_local, module_source, provider_alias
from iaclint.terraform.syntax import json as json_syntax
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Attribute, Block, Body

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
DUPLICATE_MARK = "\0"
"""Follows the name of a resource that is declared a second time, which references cannot mean."""


class ModuleConfig(Struct, eq=False):
    """The declarations in the configuration files of one directory, override files merged."""

    directory: str
    files: list[SourceFile] = field(default_factory=list)
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Attribute] = field(default_factory=dict)
    resources: dict[tuple[str, str], Block] = field(default_factory=dict)
    """By kind ("aws_vpc", "data.aws_vpc", "ephemeral.x") and name."""
    modules: dict[str, Block] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    settings: list[Block] = field(default_factory=list)
    others: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    first: Block | None = None


def source_names(workspace: Workspace, directory: str) -> list[str]:
    """Return the names of the configuration files in a directory, override files last."""
    key = ("terraform names", directory)
    if key in workspace.memo:
        found: list[str] = workspace.memo[key]
        return found
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        names = []
    usable = [name for name in names if name.endswith(SUFFIXES) and not name.startswith((".", "#")) and name[-1] != "~"]
    here = set(usable)
    # OpenTofu reads x.tofu instead of x.tf
    usable = [name for name in usable if name.replace(".tf", ".tofu") not in here or ".tofu" in name]
    result = [n for n in usable if not _is_override(n)] + [n for n in usable if _is_override(n)]
    workspace.memo[key] = result
    return result


def _is_override(name: str) -> bool:
    base = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name.split(".")[0])
    return base == "override" or base.endswith("_override")


def read_body(workspace: Workspace, path: str) -> tuple[SourceFile | None, Body | None, Problem | None]:
    """Return a file and its tree, and the Problem if it cannot be read or parsed. Each file is parsed once a run."""
    key = ("terraform tree", path)
    if key in workspace.memo:
        found: tuple[SourceFile | None, Body | None, Problem | None] = workspace.memo[key]
        return found
    result: tuple[SourceFile | None, Body | None, Problem | None]
    source: SourceFile | None = None
    try:
        source = workspace.read(path)
        if path.endswith(".json"):
            result = source, json_syntax.configuration(source), None
        else:
            result = source, parser.parse(source), None
    except Unreadable as error:
        result = None, None, Problem(str(error), path=path)
    except syntax.HclSyntaxError as error:
        result = source, None, Problem(error.message, error.span, path)
    except RecursionError:
        result = source, None, Problem("nested too deeply to be read", path=path)
    workspace.memo[key] = result
    return result


def read_module(workspace: Workspace, directory: str) -> ModuleConfig:
    """Return what a directory declares. Each directory is read once a run."""
    key = ("terraform module", directory)
    if key in workspace.memo:
        found: ModuleConfig = workspace.memo[key]
        return found
    config = ModuleConfig(directory)
    for name in source_names(workspace, directory):
        source, body, problem = read_body(workspace, os.path.join(directory, name))
        if source is not None:
            config.files.append(source)
        if problem is not None:
            config.problems.append(problem)
        if body is not None:
            _Collector(config, _is_override(name)).collect(body)
    workspace.memo[key] = config
    return config


class _Collector:
    """Puts the blocks of one file into a ModuleConfig."""

    def __init__(self, config: ModuleConfig, override: bool) -> None:
        self.config = config
        self.override = override

    def collect(self, body: Body) -> None:
        for block in body.blocks:
            if self.config.first is None:
                self.config.first = block
            self.block(block)
        for attribute in body.attributes:
            self.problem(f"{attribute.name} is not expected here, only blocks are", attribute.name_span)

    def problem(self, message: str, span: Span) -> None:
        self.config.problems.append(Problem(message, span, span.file.path, fatal=False))

    def block(self, block: Block) -> None:
        config = self.config
        kind, labels = block.type, block.labels
        if kind in ("resource", "data", "ephemeral"):
            if self.labelled(block, 2):
                prefix = "" if kind == "resource" else f"{kind}."
                self.keep(config.resources, (prefix + labels[0], labels[1]), block, f"{prefix}{labels[0]}.{labels[1]}")
        elif kind == "variable":
            if self.labelled(block, 1):
                self.keep(config.variables, labels[0], block, f"var.{labels[0]}")
        elif kind == "output":
            if self.labelled(block, 1):
                self.keep(config.outputs, labels[0], block, f"output {labels[0]}")
        elif kind == "module":
            if self.labelled(block, 1):
                self.keep(config.modules, labels[0], block, f"module.{labels[0]}")
        elif kind == "locals":
            for attribute in block.body.attributes:
                if attribute.name in config.locals and not self.override:
                    self.problem(f"local.{attribute.name} is declared twice", attribute.name_span)
                config.locals[attribute.name] = attribute
        elif kind == "provider":
            if self.labelled(block, 1):
                self.provider(block)
        elif kind == "terraform":
            config.settings.append(block)
        elif kind in ("moved", "import", "removed", "check", "language"):
            config.others.append(block)
        else:
            self.problem(f'a block of type "{kind}" is not known', block.header)

    def labelled(self, block: Block, count: int) -> bool:
        if len(block.labels) == count:
            return True
        self.problem(f"a {block.type} block has {count} labels, this one has {len(block.labels)}", block.header)
        return False

    def keep(self, table: dict[Any, Block], key: Any, block: Block, what: str) -> None:
        before = table.get(key)
        if before is None:
            if self.override:
                self.problem(f"{what} is only in an override file, where there is nothing to override", block.header)
            table[key] = block
        elif self.override:
            table[key] = merged(before, block)
        else:
            first = before.header
            self.problem(f"{what} is declared twice (first in {first.file.name}:{first.line})", block.header)
            if table is self.config.resources:
                # references mean the first one, but the other one is looked at too
                table[key[0], f"{key[1]}{DUPLICATE_MARK}{len(table)}"] = block

    def provider(self, block: Block) -> None:
        if self.override:
            for i, before in enumerate(self.config.providers):
                if before.labels == block.labels and provider_alias(before) == provider_alias(block):
                    self.config.providers[i] = merged(before, block)
                    return
        self.config.providers.append(block)


def merged(base: Block, override: Block) -> Block:
    """Return a block with the attributes of an override; its nested blocks replace all blocks of their type."""
    replaced = {attribute.name for attribute in override.body.attributes}
    attributes = [a for a in base.body.attributes if a.name not in replaced]
    names = {block_name(block) for block in override.body.blocks}
    single = {"lifecycle"}
    blocks: list[Block] = []
    for block in base.body.blocks:
        name = block_name(block)
        if name in single & names:
            other = next(b for b in override.body.blocks if block_name(b) == name)
            blocks.append(merged(block, other))
        elif name not in names:
            blocks.append(block)
    here = {block_name(block) for block in base.body.blocks}
    blocks.extend(b for b in override.body.blocks if block_name(b) not in single & here)
    body = Body(base.body.span, (*attributes, *override.body.attributes), tuple(blocks), base.body.json)
    return replace(base, body=body)


def called_directories(workspace: Workspace, directory: str) -> list[str]:
    """Return the directories that a directory calls as local modules."""
    config = read_module(workspace, directory)
    sources = [module_source(block) for block in config.modules.values()]
    local = [source for source in sources if source is not None and is_local(source)]
    return [os.path.normpath(os.path.join(directory, source)) for source in local]


def downloaded_modules(workspace: Workspace, root: str) -> dict[str, str]:
    """Return the directories of downloaded modules by their key: the names of the calls, joined by dots.

    `terraform init` lists them in .terraform/modules/modules.json.
    """
    path = os.path.join(root, ".terraform", "modules", "modules.json")
    if not os.path.isfile(path):
        return {}
    try:
        data = json.loads(workspace.read_bytes(path))
        return {
            str(item["Key"]): os.path.normpath(os.path.join(root, str(item["Dir"])))
            for item in data["Modules"]
            if item.get("Key")
        }
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError):
        return {}
