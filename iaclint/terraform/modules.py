"""Modules: files to blocks, override files, module calls, and the instances of what is in them.

A directory is read once into a `ModuleConfig`. A `ModuleInstance` is one call of it, with the values of its
variables; everything in it (locals, resources, outputs) is evaluated at the first use and kept, so that the order
of the files does not matter, and a cycle is found where it closes.

Source of facts: the Terraform language documentation (files and directories, override files, modules, meta-arguments).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.model.address import Address
from iaclint.model.inventory import Gap, Inputs, InsertionPoint, Resource
from iaclint.model.trails import gathered, through_name
from iaclint.model.truth import TRUE, Reason, Truth
from iaclint.model.unknowns import TooManyParts, merge, refs_of, unknown_parts
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace, relative
from iaclint.terraform import data_sources, schema
from iaclint.terraform.evaluate import Budget, Env, EvaluationError, LimitError, bounded, elements, evaluate, too_large
from iaclint.terraform.inputs import VariableType, variable_type
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert, missing_attribute, with_all_optional
from iaclint.terraform.lang.types import DYNAMIC, NUMBER, STRING, MapType, ResourceType, SetType, Type
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Attribute, Block, Body, Expression

V = Value[Any]

MAX_INSTANCES = 20_000
"""More instances of one block are not made."""

MAX_RESOURCES = 200_000
MAX_MODULES = 5_000
MAX_MODULE_DEPTH = 24
MAX_HOPS = 250
"""Longer chains of references are taken for a mistake."""

DUPLICATE_MARK = "\0"
"""Sets the names of resources apart that were declared twice."""

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


# -- reading a directory --------------------------------------------------------------------------


class ModuleConfig(Struct, eq=False):
    """What one directory declares."""

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
    """Names of the configuration files in a directory, primary ones first, override files last."""
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
    stem = name.split(".")[0] if not name.startswith("override.") else "override"
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
    return stem == "override" or stem.endswith("_override")


def read_body(workspace: Workspace, path: str) -> tuple[SourceFile | None, Body | None, Problem | None]:
    """The tree of one file, or the problem with it."""
    key = ("terraform tree", path)
    if key in workspace.memo:
        found: tuple[SourceFile | None, Body | None, Problem | None] = workspace.memo[key]
        return found
    result: tuple[SourceFile | None, Body | None, Problem | None]
    source: SourceFile | None = None
    try:
        source = workspace.read(path)
        if path.endswith(".json"):
            from iaclint.terraform.syntax import json as json_syntax

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
    """What a directory declares, override files merged. Read once a run."""
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
    """Puts the blocks of one file into the config."""

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
            for at, before in enumerate(self.config.providers):
                if before.labels == block.labels and _alias(before) == _alias(block):
                    self.config.providers[at] = merged(before, block)
                    return
        self.config.providers.append(block)


def merged(base: Block, override: Block) -> Block:
    """A block with the attributes of an override put over it; nested blocks of one type are replaced together."""
    replaced = {attribute.name for attribute in override.body.attributes}
    attributes = [a for a in base.body.attributes if a.name not in replaced]
    names = {_block_name(block) for block in override.body.blocks}
    single = {"lifecycle"}
    blocks: list[Block] = []
    for block in base.body.blocks:
        name = _block_name(block)
        if name in single & names:
            other = next(b for b in override.body.blocks if _block_name(b) == name)
            blocks.append(merged(block, other))
        elif name not in names:
            blocks.append(block)
    here = {_block_name(block) for block in base.body.blocks}
    blocks.extend(b for b in override.body.blocks if _block_name(b) not in single & here)
    body = Body(base.body.span, (*attributes, *override.body.attributes), tuple(blocks), base.body.json)
    return replace(base, body=body)


def _block_name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def attribute_of(body: Body, name: str) -> Expression | None:
    """The expression of an attribute."""
    for attribute in body.attributes:
        if attribute.name == name:
            return attribute.value
    return None


def _alias(block: Block) -> str:
    found = attribute_of(block.body, "alias")
    return str(found.value) if isinstance(found, syntax.Literal) else ""


# -- local module calls --------------------------------------------------------------------------


def local_source(block: Block) -> str | None:
    """The source of a module call where it is a path within the configuration."""
    text = literal_source(block)
    return text if text is not None and text.startswith(("./", "../")) else None


def literal_source(block: Block) -> str | None:
    found = attribute_of(block.body, "source")
    return found.value if isinstance(found, syntax.Literal) and isinstance(found.value, str) else None


def called_directories(workspace: Workspace, directory: str) -> list[str]:
    """Directories that are called as local modules from a directory."""
    config = read_module(workspace, directory)
    found: list[str] = []
    for block in config.modules.values():
        source = local_source(block)
        if source is not None:
            found.append(os.path.normpath(os.path.join(directory, source)))
    return found


def fetched_modules(workspace: Workspace, root: str) -> dict[str, str]:
    """Directories of fetched modules by key, from what `terraform init` wrote down."""
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


# -- instances -------------------------------------------------------------------------------------


class _Busy:
    """Marks what is being evaluated, to find cycles."""


BUSY = _Busy()


class Instance(Struct, eq=False):
    """One instance of a resource: its key (None where there is no count or for_each), environment and values."""

    address: Address
    key: V | None
    env: Env
    body: V
    exists: Truth = TRUE
    meta: dict[str, V] = field(default_factory=dict)


class Expansion(Struct, eq=False):
    """The instances of a block: "single", "count", "for_each", or "unknown" with one that stands for any."""

    mode: str
    instances: list[Any]
    reason: V | None = None


class Evaluation:
    """What is shared by all module instances of one deployment."""

    def __init__(self, workspace: Workspace, root: str, inputs: Inputs) -> None:
        self.workspace = workspace
        self.root = root
        self.inputs = inputs
        self.budget = Budget()
        self.problems: list[Problem] = []
        self.gaps: list[Gap] = []
        self.hidden: list[tuple[ModuleInstance, Block]] = []
        """The call behind each gap."""
        self.files: dict[str, SourceFile] = {}
        self.fetched = fetched_modules(workspace, root)
        self.stack: list[str] = []
        self.count = 0
        self.modules = 0
        self.full = False
        self.documents: dict[int, tuple[Any, V]] = {}
        """Policy documents by the identity of the pieces of their text."""

    def problem(self, message: str, span: Span | None, fatal: bool = False) -> None:
        found = Problem(message, span, span.file.path if span else "", fatal)
        if found not in self.problems[-50:]:
            self.problems.append(found)

    def capped(self, message: str, span: Span, address: str) -> None:
        """Something that is too much: a Problem, and a Gap for what is left out."""
        self.problem(message, span)
        if all(gap.address != address for gap in self.gaps):
            self.gaps.append(Gap(span, message, address))

    def invalid(self, error: EvaluationError, span: Span, kind: Type | None = None) -> V:
        """The unknown that stands for a wrong expression."""
        self.problem(error.message, error.span)
        # what is wrong in a larger expression is not all that this refers to
        refs = error.refs if error.span == span else ()
        return Value(Unknown(UnknownCause.INVALID, f"this is wrong: {error.message}"), span, refs=refs, type=kind)


class ModuleInstance:
    """One call of a module (or the root), with the values of its variables."""

    def __init__(
        self,
        evaluation: Evaluation,
        config: ModuleConfig,
        address: str = "",
        path_key: str = "",
        arguments: Callable[[str], V | None] | None = None,
        calls: tuple[Step, ...] = (),
        parent: ModuleInstance | None = None,
        providers: dict[str, V] | None = None,
        exists: Truth = TRUE,
    ) -> None:
        self.evaluation = evaluation
        self.config = config
        self.directory = config.directory
        self.address = address
        self.path_key = path_key
        self.arguments = arguments
        self.calls = calls
        self.parent = parent
        self.passed_providers = providers
        self.exists = exists
        self.env = Env(self)
        self.depth = 0
        self._variables: dict[str, Any] = {}
        self._locals: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._resources: dict[tuple[str, str], Any] = {}
        self._resource_values: dict[tuple[str, str], V] = {}
        self._children: dict[str, Any] = {}
        self._providers: dict[str, V] = {}
        for source in config.files:
            evaluation.files.setdefault(source.path, source)

    # what the evaluator asks for

    @property
    def budget(self) -> Budget:
        return self.evaluation.budget

    @property
    def root_directory(self) -> str:
        return self.evaluation.root

    def refer(self, root: str, names: tuple[str, ...], span: Span, env: Env) -> tuple[V, int]:
        """The value of a reference. Raises EvaluationError."""
        if root == "var":
            name = self._one(root, names, span)
            if name not in self.config.variables:
                raise EvaluationError(f"var.{name} is not declared{_suggestion(name, self.config.variables)}", span)
            return through_name(self.variable(name, span), span, f"var.{name}"), 1
        if root == "local":
            name = self._one(root, names, span)
            if name not in self.config.locals:
                raise EvaluationError(f"local.{name} is not declared{_suggestion(name, self.config.locals)}", span)
            return through_name(self.local(name, span), span, f"local.{name}"), 1
        if root == "each":
            name = self._one(root, names, span)
            if env.each is None:
                raise EvaluationError("each is only known where for_each is set", span)
            if name not in ("key", "value"):
                raise EvaluationError("each has key and value only", span)
            return through_name(env.each[0 if name == "key" else 1], span, f"each.{name}"), 1
        if root == "count":
            name = self._one(root, names, span)
            if env.count is None:
                raise EvaluationError("count.index is only known where count is set", span)
            return through_name(env.count, span, "count.index"), 1
        if root == "path":
            return self._path(self._one(root, names, span), span), 1
        if root in ("terraform", "tofu"):
            name = self._one(root, names, span)
            if name == "workspace":
                return Value("default", span), 1
            if name == "applying":
                return Value(Unknown(UnknownCause.EXTERNAL, "whether changes are being applied is not known"), span), 1
            raise EvaluationError(f'"terraform.{name}" does not exist', span)
        if root == "module":
            return self._module_reference(names, span)
        if root == "self":
            if env.self_value is None:
                raise EvaluationError("self is only known in provisioners and conditions", span)
            return through_name(env.self_value, span, "self"), 0
        if root in ("data", "ephemeral"):
            if len(names) < 2:
                raise EvaluationError(f"a reference to {root} needs a type and a name", span)
            return self._resource_reference(f"{root}.{names[0]}", names[1], span), 2
        if root == "resource" and len(names) >= 2:
            return self._resource_reference(names[0], names[1], span), 2
        if not names:
            if root in _TYPE_WORDS:
                raise EvaluationError(f'"{root}" is a type, not a value', span)
            raise EvaluationError(
                f'"{root}" is not a value; a reference has a type and a name, a text has quotes', span
            )
        return self._resource_reference(root, names[0], span), 1

    @staticmethod
    def _one(root: str, names: tuple[str, ...], span: Span) -> str:
        if not names:
            raise EvaluationError(f'"{root}" needs a name, as in {root}.example', span)
        return names[0]

    def _path(self, name: str, span: Span) -> V:
        root = self.evaluation.root
        if name == "module":
            return Value(relative(self.directory, root), span)
        if name == "root":
            return Value(".", span)
        if name == "cwd":
            return Value(root.replace(os.sep, "/"), span)
        raise EvaluationError(f'"path.{name}" does not exist; there are path.module, path.root and path.cwd', span)

    def attribute_of(self, value: V, name: str, span: Span) -> V:
        """An attribute of a resource that is not written there. Raises EvaluationError."""
        kind = value.type
        assert isinstance(kind, ResourceType)
        result = missing_attribute(value, name)
        known = _schema_of(kind)
        if known is not None:
            attribute = known.attributes.get(name)
            block = known.blocks.get(name)
            # a name that this version of the provider lacks may be there in another one
            if block is not None:
                result.type = schema.block_type(block)
            elif attribute is not None:
                result.type = attribute.type
        result.span = span
        result.trail = (Step(span, f"{kind.address}.{name}"), *value.trail[1:])
        return result

    def complete(self, value: V, span: Span) -> V:
        """A resource with all the attributes that its schema lists."""
        kind = value.type
        assert isinstance(kind, ResourceType)
        data = dict(value.data)
        known = _schema_of(kind)
        if known is None:
            unknown = missing_attribute(value, "")
            return Value(unknown.data, span, value.trail, (Ref(kind.address),), False, value.sensitive)
        for name in (*known.attributes, *known.blocks):
            if name not in data:
                data[name] = self.attribute_of(value, name, span)
        return Value(data, value.span, value.trail, value.refs, False, value.sensitive)

    # files

    def _resolve(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.evaluation.root, path))

    def _outside(self, path: str, span: Span) -> V | None:
        if self.evaluation.workspace.allows(path):
            return None
        shown = self.evaluation.workspace.display(path)
        return Value(
            Unknown(UnknownCause.EXTERNAL, f"{shown} lies outside the scanned directory", not_null=True),
            span,
            type=STRING,
        )

    def read_file(self, path: str, span: Span) -> bytes | V:
        """The bytes of a file of the configuration. Raises EvaluationError where there is none."""
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        if not os.path.exists(full):
            raise EvaluationError(f"there is no file {self.evaluation.workspace.display(full)}", span)
        try:
            return self.evaluation.workspace.read_bytes(full)
        except Unreadable as error:
            raise EvaluationError(str(error), span) from None

    def file_exists(self, path: str, span: Span) -> bool | V:
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        if os.path.isdir(full):
            raise EvaluationError(f"{self.evaluation.workspace.display(full)} is a directory", span)
        return os.path.isfile(full)

    def file_set(self, path: str, pattern: str, span: Span) -> list[str] | V:
        """Files below a directory that match a pattern."""
        from iaclint.terraform.functions import glob

        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        try:
            return glob.files(self.evaluation.workspace, full, pattern)
        except glob.PatternError as error:
            raise EvaluationError(f"fileset(): {error}", span) from None

    def read_template(self, path: str, span: Span) -> syntax.Template | syntax.Literal | V:
        """A template file. Raises EvaluationError."""
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        memo = self.evaluation.workspace.memo
        key = ("terraform template", full)
        if key not in memo:
            if not os.path.exists(full):
                raise EvaluationError(f"there is no file {self.evaluation.workspace.display(full)}", span)
            try:
                source = self.evaluation.workspace.read(full)
                memo[key] = parser.parse_template(source)
                self.evaluation.files.setdefault(source.path, source)
            except Unreadable as error:
                raise EvaluationError(str(error), span) from None
            except syntax.HclSyntaxError as error:
                raise EvaluationError(f"the template is wrong: {error.message}", error.span) from None
        found: syntax.Template | syntax.Literal = memo[key]
        return found

    # variables, locals, outputs

    def _guarded(self, table: dict[Any, Any], key: Any, what: str, span: Span, make: Callable[[], Any]) -> Any:
        """The kept result, or a new one; a value that needs itself is an error."""
        found = table.get(key)
        if found is BUSY:
            at = self.evaluation.stack
            name = f"{self.address}.{what}" if self.address else what
            start = at.index(name) if name in at else 0
            raise EvaluationError("this refers to itself: " + " -> ".join([*at[start:], name]), span)
        if found is not None:
            return found
        if len(self.evaluation.stack) > MAX_HOPS:
            raise LimitError("the chain of references is too long to be followed", span)
        table[key] = BUSY
        self.evaluation.stack.append(f"{self.address}.{what}" if self.address else what)
        try:
            result = make()
        except TooManyParts as error:
            del table[key]
            raise too_large(error) from None
        except BaseException:
            del table[key]
            raise
        finally:
            self.evaluation.stack.pop()
        table[key] = result
        return result

    def variable(self, name: str, span: Span) -> V:
        """The value of a declared variable."""
        result: V = self._guarded(self._variables, name, f"var.{name}", span, lambda: self._variable(name))
        return result

    def _variable(self, name: str) -> V:
        block = self.config.variables[name]
        kind = self.variable_type(name)
        given = self.arguments(name) if self.arguments else None
        sensitive = self._flag(block, "sensitive")
        nullable = not self._is_false(block, "nullable")
        default_node = attribute_of(block.body, "default")
        if given is None or (given.data is None and not nullable):
            if default_node is not None:
                given = self._default(default_node)
            elif self.parent is None:
                return Value(
                    Unknown(
                        UnknownCause.INPUT,
                        f"var.{name} has no value",
                        (f"var.{name}",),
                        self._domain(name),
                        "",
                        not nullable,
                    ),
                    block.header,
                    (Step(block.header, f"variable {name}"),),
                    sensitive=sensitive,
                    type=kind.type if kind.type is not DYNAMIC else None,
                )
            elif given is None:
                self.evaluation.problem(
                    f"the module needs a value for {name}, and gets none", self.calls[-1].span if self.calls else None
                )
                return Value(
                    Unknown(UnknownCause.INVALID, f"var.{name} is not given to the module"),
                    block.header,
                    (Step(block.header, f"variable {name}"),),
                    type=kind.type if kind.type is not DYNAMIC else None,
                )
        try:
            value = convert(given, kind.type, f"var.{name}")
        except ConversionError as error:
            self.evaluation.problem(str(error), given.span)
            value = Value(
                Unknown(UnknownCause.INVALID, str(error)), given.span, given.trail, given.refs, type=kind.type
            )
        if sensitive or self._flag(block, "ephemeral"):
            value = Value(value.data, value.span, value.trail, value.refs, value.implicit, True, value.type)
        return value

    def _default(self, node: Expression) -> V:
        try:
            value = evaluate(node, Env(_NoNames(self)))
        except EvaluationError as error:
            value = self.evaluation.invalid(error, node.span)
        return Value(value.data, node.span, (Step(node.span, "default"),), type=value.type)

    def variable_type(self, name: str) -> VariableType:
        """The type constraint of a variable, read once per directory."""
        memo = self.evaluation.workspace.memo
        key = ("terraform variable type", self.directory, name)
        if key not in memo:
            memo[key] = variable_type(self.config.variables[name], lambda node: self._default_in_type(node))
        found: VariableType = memo[key]
        for problem in found.problems:
            self.evaluation.problem(problem.message, problem.span)
        return found

    def _default_in_type(self, node: Expression) -> V:
        return evaluate(node, Env(_NoNames(self)))

    def _domain(self, name: str) -> tuple[Any, ...]:
        from iaclint.terraform.inputs import domain

        return domain(self.config.variables[name], self.variable_type(name).type)

    def _flag(self, block: Block, name: str) -> bool:
        node = attribute_of(block.body, name)
        return isinstance(node, syntax.Literal) and node.value in (True, "true")

    def _is_false(self, block: Block, name: str) -> bool:
        node = attribute_of(block.body, name)
        return isinstance(node, syntax.Literal) and (node.value is False or node.value == "false")

    def local(self, name: str, span: Span) -> V:
        """The value of a declared local."""

        def make() -> V:
            node = self.config.locals[name].value
            try:
                return bounded(evaluate(node, self.env))
            except EvaluationError as error:
                return self.evaluation.invalid(error, node.span)

        result: V = self._guarded(self._locals, name, f"local.{name}", span, make)
        return result

    def output(self, name: str, span: Span) -> V:
        """The value of a declared output."""

        def make() -> V:
            block = self.config.outputs[name]
            node = attribute_of(block.body, "value")
            if node is None:
                self.evaluation.problem(f"output {name} has no value", block.header)
                return Value(None, block.header)
            try:
                value = bounded(evaluate(node, self.env))
            except EvaluationError as error:
                value = self.evaluation.invalid(error, node.span)
            if self._flag(block, "sensitive") and not value.sensitive:
                value = Value(value.data, value.span, value.trail, value.refs, value.implicit, True, value.type)
            return value

        result: V = self._guarded(self._outputs, name, f"output.{name}", span, make)
        return result

    # module calls

    def has_module(self, name: str) -> bool:
        return name in self.config.modules

    def _module_reference(self, names: tuple[str, ...], span: Span) -> tuple[V, int]:
        name = self._one("module", names, span)
        if name not in self.config.modules:
            raise EvaluationError(f"module.{name} is not declared{_suggestion(name, self.config.modules)}", span)
        expansion = self.children(name, span)
        if expansion.mode == "single" and len(names) > 1:
            return through_name(self._child_output(name, expansion.instances[0], names[1], span), span,
                         f"module.{name}.{names[1]}"), 2  # fmt: skip
        return through_name(self._module_value(name, expansion, span), span, f"module.{name}"), 1

    def output_of(self, module: str, key: V, name: str, span: Span) -> V:
        """An output of the instance of a module call that has a key."""
        expansion = self.children(module, span)
        if expansion.mode == "unknown" and expansion.instances[0][1] is not None:
            # which instances there are is not known, but what any of them would give refers to its resources
            assert expansion.reason is not None
            any_value = self._child_output(module, expansion.instances[0], name, span)
            return merge(span, (expansion.reason,), not_null=False).replace(refs=refs_of((any_value,)))
        if expansion.mode in ("single", "unknown") or isinstance(key.data, Unknown):
            from iaclint.terraform.evaluate import get_attribute, get_index

            whole = through_name(self._module_value(module, expansion, span), span, f"module.{module}")
            return get_attribute(get_index(whole, key, span), name, span, self.env)
        wanted = convert(key, NUMBER if expansion.mode == "count" else STRING).data
        for instance_key, child in expansion.instances:
            if instance_key.data == wanted:
                return through_name(self._child_output(module, (instance_key, child), name, span), span,
                             f"module.{module}[{wanted!r}].{name}")  # fmt: skip
        raise EvaluationError(f"module.{module} has no instance {wanted!r}", span)

    def _child_output(self, name: str, instance: tuple[V | None, ModuleInstance | None], output: str, span: Span) -> V:
        child = instance[1]
        if child is None:
            return self._missing_output(name, output, span)
        if output not in child.config.outputs:
            raise EvaluationError(
                f'module.{name} has no output "{output}"{_suggestion(output, child.config.outputs)}', span
            )
        return child.output(output, span)

    def _missing_output(self, name: str, output: str, span: Span) -> V:
        block = self.config.modules[name]
        return Value(
            Unknown(UnknownCause.EXTERNAL, f"module.{name}.{output} comes from a module that is not here"),
            span,
            (Step(block.header, f"module {name}"),),
        )

    def _module_value(self, name: str, expansion: Expansion, span: Span) -> V:
        """All outputs of all instances."""
        block = self.config.modules[name]
        if expansion.mode == "unknown":
            assert expansion.reason is not None
            return merge(block.header, (expansion.reason,))

        def outputs(child: ModuleInstance | None) -> V:
            if child is None:
                return Value(
                    Unknown(UnknownCause.EXTERNAL, f"module.{name} is not here"),
                    block.header,
                    (Step(block.header, f"module {name}"),),
                )
            return Value({key: child.output(key, span) for key in child.config.outputs}, block.header)

        if expansion.mode == "single":
            return outputs(expansion.instances[0][1])
        if expansion.mode == "count":
            return Value(tuple(outputs(child) for _, child in expansion.instances), block.header)
        return Value({key.data: outputs(child) for key, child in expansion.instances}, block.header)

    def children(self, name: str, span: Span) -> Expansion:
        """The instances of a module call."""

        def make() -> Expansion:
            block = self.config.modules[name]
            base = Address.in_module(self.address, f"module.{name}")
            expansion = self.expand(block, base)
            config = self._module_config(name, block, base)
            made: list[Any] = []
            for key, env, address in expansion.instances:
                self.evaluation.modules += 1
                if self.evaluation.modules > MAX_MODULES:
                    why = f"more than {MAX_MODULES:,} instances of modules are not looked at"
                    self.evaluation.capped(why, block.header, base)
                    break
                child = None if config is None else self._child(name, block, config, env, address, expansion)
                made.append((key, child))
            return Expansion(expansion.mode, made, expansion.reason)

        result: Expansion = self._guarded(self._children, name, f"module.{name}", span, make)
        return result

    def _module_config(self, name: str, block: Block, base: Address) -> ModuleConfig | None:
        evaluation = self.evaluation
        workspace = evaluation.workspace
        source = literal_source(block)
        key = f"{self.path_key}.{name}" if self.path_key else name
        why = ""
        if source is None:
            why = f"module.{name} has no source that is a plain text"
            node = attribute_of(block.body, "source")
            if node is None:
                evaluation.problem(f"module.{name} has no source", block.header)
            else:
                # OpenTofu lets a source be computed
                try:
                    value = evaluate(node, self.env)
                    source = value.data if isinstance(value.data, str) else None
                except EvaluationError as error:
                    evaluation.invalid(error, node.span)
        if source is not None:
            if source.startswith(("./", "../")):
                directory = os.path.normpath(os.path.join(self.directory, source))
            else:
                directory = evaluation.fetched.get(key, "")
            if len(self.calls) >= MAX_MODULE_DEPTH:
                evaluation.problem("modules call each other too deeply; this call is not followed", block.header)
                why = f"module.{name} is nested too deeply"
            elif directory and directory in self._ancestors():
                evaluation.problem("this module calls itself, directly or through others", block.header)
                why = f"module {source} calls itself"
            elif directory and not workspace.allows(directory):
                why = f"module {source} lies outside the scanned directory"
            elif directory and source_names(workspace, directory):
                config = read_module(workspace, directory)
                for problem in config.problems:
                    if problem not in evaluation.problems:
                        evaluation.problems.append(problem)
                return config
            else:
                why = f"module {source} is not here"
        gap = Gap(block.header, why, base)
        if all(known.address != base for known in evaluation.gaps):
            evaluation.gaps.append(gap)
            evaluation.hidden.append((self, block))
        return None

    def handed(self, block: Block) -> tuple[Ref, ...] | None:
        """The references that a call hands to its module; None where they cannot all be told."""
        refs: dict[Ref, None] = {}
        for attribute in block.body.attributes:
            if attribute.name in ("source", "version", "count", "for_each", "depends_on", "providers"):
                continue
            try:
                value = evaluate(attribute.value, self.env)
            except (EvaluationError, RecursionError):
                return None
            refs.update(dict.fromkeys(value.all_refs()))
        return tuple(refs)

    def _ancestors(self) -> set[str]:
        found: set[str] = set()
        module: ModuleInstance | None = self
        while module is not None:
            found.add(module.directory)
            module = module.parent
        return found

    def _child(
        self, name: str, block: Block, config: ModuleConfig, env: Env, address: Address, expansion: Expansion
    ) -> ModuleInstance:
        nodes = {attribute.name: attribute for attribute in block.body.attributes}

        def argument(variable: str) -> V | None:
            attribute = nodes.get(variable)
            if attribute is None or variable in _MODULE_META:
                return None
            node = attribute.value
            try:
                value = bounded(evaluate(node, env))
            except EvaluationError as error:
                value = self.evaluation.invalid(error, node.span)
            trail = (Step(node.span, f"module argument {variable}"), *value.trail)
            return Value(value.data, node.span, trail, value.refs, False, value.sensitive, value.type)

        exists = self.exists
        if expansion.mode == "unknown" and expansion.reason is not None:
            exists = exists & Truth(None, expansion.reason.reasons)
        child = ModuleInstance(
            self.evaluation,
            config,
            address,
            f"{self.path_key}.{name}" if self.path_key else name,
            argument,
            (*self.calls, Step(block.header, f"module {name}")),
            self,
            self._providers_for(block),
            exists,
        )
        for given in nodes.values():
            if given.name not in _MODULE_META and given.name not in config.variables:
                self.evaluation.problem(
                    f'module.{name} has no variable "{given.name}"{_suggestion(given.name, config.variables)}',
                    given.name_span,
                )
        return child

    def _providers_for(self, block: Block) -> dict[str, V] | None:
        """The provider configurations that a module call passes on."""
        node = attribute_of(block.body, "providers")
        if not isinstance(node, syntax.ObjectExpr):
            return None
        passed: dict[str, V] = {}
        for key, value in node.items:
            passed[_reference_text(key)] = self.provider(_reference_text(value))
        return passed

    def provider(self, reference: str) -> V:
        """The configuration of a provider ("aws", "aws.west"): what is written there, evaluated."""
        found = self._providers.get(reference)
        if found is not None:
            return found
        if self.passed_providers is not None and reference in self.passed_providers:
            return self.passed_providers[reference]
        name, _, alias = reference.partition(".")
        for block in self.config.providers:
            if block.labels[0] == name and _alias(block) == alias:
                self._providers[reference] = Value({}, block.header)
                body = self.body_values(block.body, self.env, None, frozenset(["alias", "version"]))
                body["name"] = Value(name, block.header)
                if alias:
                    body["alias"] = Value(alias, block.header)
                value: V = Value(body, block.header)
                self._providers[reference] = value
                return value
        if self.parent is not None and not alias:
            return self.parent.provider(reference)
        header = self.config.first.header if self.config.first else self.config.files[0].span(0, 0)
        return Value({"name": Value(name, header)}, header, implicit=True)

    # count and for_each

    def expand(self, block: Block, base: Address) -> Expansion:
        """Keys, environments and addresses of the instances of a block."""
        count = attribute_of(block.body, "count")
        for_each = attribute_of(block.body, "for_each")
        if count is not None and for_each is not None:
            self.evaluation.problem("count and for_each exclude each other", count.span)
        if count is not None:
            return self._expand_count(count, base)
        if for_each is not None:
            return self._expand_for_each(for_each, base)
        enabled = self._enabled(block)
        if enabled is not None:
            return self._expand_enabled(enabled, base)
        return Expansion("single", [(None, self.env, base)])

    def _enabled(self, block: Block) -> Expression | None:
        """OpenTofu's `lifecycle { enabled = ... }`."""
        for nested in block.body.blocks:
            if nested.type == "lifecycle":
                return attribute_of(nested.body, "enabled")
        return None

    def _expand_enabled(self, node: Expression, base: Address) -> Expansion:
        try:
            value = evaluate(node, self.env)
        except EvaluationError as error:
            value = self.evaluation.invalid(error, node.span)
        if isinstance(value.data, Unknown):
            return Expansion("unknown", [(None, self.env, base)], value)
        return Expansion("single", [(None, self.env, base)] if value.data in (True, "true") else [])

    def _expand_count(self, node: Expression, base: Address) -> Expansion:
        value = self._meta_value(node, NUMBER)
        if not isinstance(value.data, Unknown):
            number = value.data
            if number is None or not isinstance(number, int) or number < 0:
                self.evaluation.problem("count must be a whole number, not negative", node.span)
                value = Value(Unknown(UnknownCause.INVALID, "count is not a whole number"), node.span)
            else:
                if number > MAX_INSTANCES:
                    self.evaluation.capped(
                        f"count is {number:,}; only {MAX_INSTANCES:,} instances are looked at", node.span, base
                    )
                    number = MAX_INSTANCES
                made = []
                for at in range(number):
                    key: V = Value(at, node.span)
                    made.append((key, Env(self, count=key), base.instance(str(at))))
                return Expansion("count", made, value)
        index: V = Value(
            Unknown(value.data.cause, value.data.detail, value.data.inputs, not_null=True), node.span, type=NUMBER
        )
        return Expansion("unknown", [(None, Env(self, count=index), base.instance("*"))], value)

    def _expand_for_each(self, node: Expression, base: Address) -> Expansion:
        value = self._meta_value(node, DYNAMIC)
        data = value.data
        if isinstance(value.type, ResourceType):
            value = self.complete(value, node.span)
            data = value.data
        if isinstance(data, tuple) and not isinstance(value.type, SetType):
            self.evaluation.problem("for_each takes a map or a set; convert a list with toset()", node.span)
            value = Value(Unknown(UnknownCause.INVALID, "for_each is a list"), node.span)
        elif data is None or not isinstance(data, (tuple, dict, Unknown)):
            self.evaluation.problem("for_each takes a map or a set of strings", node.span)
            value = Value(Unknown(UnknownCause.INVALID, "for_each is neither a map nor a set"), node.span)
        elif isinstance(data, tuple) and unknown_parts(data):
            value = merge(node.span, (value,))
        data = value.data
        if isinstance(data, Unknown):
            key: V = Value(
                Unknown(data.cause, data.detail, data.inputs, not_null=True), node.span, value.trail, type=STRING
            )
            kind = value.type.element if isinstance(value.type, (MapType,)) else None
            item: V = Value(
                Unknown(data.cause, data.detail, data.inputs), node.span, value.trail, value.refs, type=kind
            )
            if isinstance(value.type, SetType):
                key.refs = value.refs
                item = key
            return Expansion("unknown", [(None, Env(self, each=(key, item)), base.instance("*"))], value)
        pairs: list[tuple[str, V, V]] = []
        if isinstance(data, dict):
            for name in sorted(data):
                pairs.append((name, Value(name, data[name].span), data[name]))
        else:
            for item in sort_set(data):
                if not isinstance(item.data, str):
                    self.evaluation.problem("for_each takes a set of strings", node.span)
                    continue
                pairs.append((item.data, item, item))
        if len(pairs) > MAX_INSTANCES:
            self.evaluation.capped(
                f"for_each has {len(pairs):,} elements; only {MAX_INSTANCES:,} are looked at", node.span, base
            )
            pairs = pairs[:MAX_INSTANCES]
        made = []
        for name, key, item in pairs:
            made.append((key, Env(self, each=(key, item)), base.instance(_quoted(name))))
        return Expansion("for_each", made, value)

    def _meta_value(self, node: Expression, kind: Type) -> V:
        try:
            value = evaluate(node, self.env)
            return convert(value, kind)
        except EvaluationError as error:
            return self.evaluation.invalid(error, node.span, kind)
        except ConversionError as error:
            return self.evaluation.invalid(EvaluationError(str(error), node.span), node.span, kind)

    # resources

    def _resource_reference(self, kind: str, name: str, span: Span) -> V:
        if (kind, name) not in self.config.resources:
            near = _suggestion(name, (n for k, n in self.config.resources if k == kind))
            raise EvaluationError(f"{kind}.{name} is not declared{near}", span, (Ref(self._base(kind, name)),))
        return through_name(self.resource_value(kind, name, span), span, f"{kind}.{name}")

    def resource_value(self, kind: str, name: str, span: Span) -> V:
        """A resource as expressions see it: an object, or a list or map of them."""
        expansion = self.resource(kind, name, span)
        key = (kind, name)
        found = self._resource_values.get(key)
        if found is not None:
            return found
        block = self.config.resources[key]
        base = self._base(kind, name)
        value: V
        if expansion.mode == "single" and expansion.instances:
            value = self._instance_value(kind, expansion.instances[0])
        elif expansion.mode == "single":
            value = Value(None, block.header)
        elif expansion.mode == "count":
            value = Value(tuple(self._instance_value(kind, i) for i in expansion.instances), block.header)
        elif expansion.mode == "for_each":
            value = Value({i.key.data: self._instance_value(kind, i) for i in expansion.instances}, block.header)
        else:
            assert expansion.reason is not None
            value = merge(block.header, (expansion.reason,)).replace(refs=(Ref(base.instance("*")),))
        self._resource_values[key] = value
        return value

    def _instance_value(self, kind: str, instance: Instance) -> V:
        body = instance.body
        if isinstance(body.data, Unknown):
            return body
        # null leaves an attribute to the provider, which may have a default for it
        data = {name: value for name, value in body.data.items() if value.data is not None}
        return Value(data, body.span, (), (Ref(instance.address),), type=ResourceType(kind, instance.address))

    def _base(self, kind: str, name: str) -> Address:
        return Address.in_module(self.address, f"{kind}.{name.partition(DUPLICATE_MARK)[0]}")

    def resource(self, kind: str, name: str, span: Span) -> Expansion:
        """The instances of a resource, evaluated."""

        def make() -> Expansion:
            block = self.config.resources[kind, name]
            base = self._base(kind, name)
            expansion = self.expand(block, base)
            self.evaluation.count += len(expansion.instances)
            if self.evaluation.count > MAX_RESOURCES:
                if not self.evaluation.full:
                    self.evaluation.full = True
                    why = f"there are more than {MAX_RESOURCES:,} resources; the rest is not looked at"
                    self.evaluation.capped(why, block.header, base)
                return Expansion(expansion.mode, [], expansion.reason)
            exists = self.exists
            if expansion.mode == "unknown" and expansion.reason is not None:
                exists = exists & Truth(None, _existence(expansion.reason))
            meta = self._meta(block, expansion)
            made = [
                self._instance(kind, block, key, env, address, exists, meta)
                for key, env, address in expansion.instances
            ]
            return Expansion(expansion.mode, made, expansion.reason)

        result: Expansion = self._guarded(self._resources, (kind, name), f"{kind}.{name}", span, make)
        return result

    def _instance(
        self, kind: str, block: Block, key: V | None, env: Env, address: Address, exists: Truth, meta: dict[str, V]
    ) -> Instance:
        known = schema.resource(kind)
        data = self.body_values(block.body, env, known, _RESOURCE_META, ResourceType(kind, address))
        instance = Instance(address, key, env, Value(data, block.span), exists, meta)
        data_sources.complete(self, kind, instance, block)
        return instance

    def _meta(self, block: Block, expansion: Expansion) -> dict[str, V]:
        meta: dict[str, V] = {}
        for attribute in block.body.attributes:
            if attribute.name in ("count", "for_each"):
                if expansion.reason is not None:
                    meta[attribute.name] = expansion.reason
            elif attribute.name == "depends_on":
                meta["depends_on"] = self._references(attribute.value)
            elif attribute.name == "provider":
                meta["provider"] = self.provider(_reference_text(attribute.value))
        if "provider" not in meta:
            kind = block.labels[0]
            meta["provider"] = self.provider(kind.split("_")[0])
        for nested in block.body.blocks:
            if nested.type == "lifecycle":
                meta["lifecycle"] = self._lifecycle(nested)
        return meta

    def _references(self, node: Expression) -> V:
        """A list of references, as texts that carry what they refer to."""
        items: list[V] = []
        nodes = node.items if isinstance(node, syntax.TupleExpr) else (node,)
        for item in nodes:
            text = _reference_text(item)
            refs: tuple[Ref, ...] = ()
            if not text.startswith(("module.", "var.", "local.")):
                refs = (Ref(Address.in_module(self.address, text)),)
            items.append(Value(text, item.span, refs=refs))
        return Value(tuple(items), node.span)

    def _lifecycle(self, block: Block) -> V:
        data: dict[str, V] = {}
        for attribute in block.body.attributes:
            node = attribute.value
            if isinstance(node, syntax.TupleExpr):
                texts: tuple[V, ...] = tuple(Value(_reference_text(item), item.span) for item in node.items)
                data[attribute.name] = Value(texts, node.span)
            else:
                try:
                    data[attribute.name] = evaluate(node, self.env)
                except EvaluationError:
                    data[attribute.name] = Value(_reference_text(node), node.span)
        return Value(data, block.header)

    # bodies

    def body_values(
        self,
        body: Body,
        env: Env,
        known: schema.BlockSchema | None,
        skip: frozenset[str] = frozenset(),
        origin: ResourceType | None = None,
    ) -> dict[str, V]:
        """Attributes and nested blocks of a body, evaluated."""
        data: dict[str, V] = {}
        for attribute in body.attributes:
            name = attribute.name
            if name in skip:
                continue
            nested = known.blocks.get(name) if known and body.json else None
            if nested is not None:
                self._json_blocks(data, attribute, env, nested, origin)
                continue
            wanted = known.attributes.get(name) if known else None
            value = self._attribute(attribute, env, wanted.type if wanted else None)
            if wanted is None and known and name in known.blocks:
                value = self._as_blocks(name, value)
            data[name] = value
        groups: dict[str, list[V]] = {}
        hidden: dict[str, V] = {}
        for block in body.blocks:
            name = _block_name(block)
            if (block.type in _RESOURCE_BLOCKS and skip is _RESOURCE_META) or name == "":
                continue
            inner = known.blocks.get(name) if known else None
            if inner is None and known is not None and name in known.attributes:
                inner = schema.element_schema(known.attributes[name].type)
            place = origin.within(name) if origin is not None else None
            if block.type == "dynamic":
                self._dynamic(block, env, inner, groups.setdefault(name, []), hidden, place)
            else:
                fields = self.body_values(block.body, env, inner, frozenset(), place)
                groups.setdefault(name, []).append(Value(fields, block.span, type=place))
        for name, items in groups.items():
            gap = hidden.get(name)
            first = next(block for block in body.blocks if _block_name(block) == name)
            if not items:
                if gap is not None:
                    data[name] = gap
                    continue
                if known is not None and name in known.attributes:
                    # an attribute that is written as blocks: without one the provider decides
                    continue
            if gap is not None:
                items.append(gap)
            data[name] = Value(tuple(items), first.header)
        return data

    def _as_blocks(self, name: str, value: V) -> V:
        """What is written as a value where the provider wants blocks: objects will do, as other versions take them."""
        if isinstance(value.data, dict):
            return Value((value,), value.span, value.trail, value.refs)
        if isinstance(value.data, Unknown) or (
            isinstance(value.data, tuple) and all(isinstance(item.data, (dict, Unknown)) for item in value.data)
        ):
            return value
        return self.evaluation.invalid(EvaluationError(f"{name} is a block, and no value", value.span), value.span)

    def _attribute(self, attribute: Attribute, env: Env, kind: Type | None) -> V:
        node = attribute.value
        try:
            value = bounded(evaluate(node, env))
        except EvaluationError as error:
            return self.evaluation.invalid(error, node.span, kind)
        if value.span != node.span:
            trail = value.trail or (Step(value.span, "value"),)
            value = Value(value.data, node.span, trail, value.refs, value.implicit, value.sensitive, value.type)
        if kind is not None:
            try:
                return convert(value, kind)
            except ConversionError as error:
                wrong = EvaluationError(f"{attribute.name}: {error}", node.span)
            try:
                # a list of objects in place of blocks may be written for a provider that knew fewer members
                value = convert(value, with_all_optional(kind))
            except ConversionError:
                return self.evaluation.invalid(wrong, node.span, kind)
            self.evaluation.problem(wrong.message, wrong.span)
        return value

    def _json_blocks(
        self,
        data: dict[str, V],
        attribute: Attribute,
        env: Env,
        inner: schema.BlockSchema,
        origin: ResourceType | None,
    ) -> None:
        """Nested blocks that JSON writes as an object or a list of objects."""
        node = attribute.value
        nodes = node.items if isinstance(node, syntax.TupleExpr) else (node,)
        items: list[V] = []
        for item in nodes:
            if isinstance(item, syntax.ObjectExpr):
                from iaclint.terraform.syntax import json as json_syntax

                place = origin.within(attribute.name) if origin is not None else None
                fields = self.body_values(json_syntax.as_body(item), env, inner, frozenset(), place)
                items.append(Value(fields, item.span, type=place))
            elif isinstance(item, syntax.Literal) and item.value is None:
                continue
            else:
                try:
                    items.append(evaluate(item, env))
                except EvaluationError as error:
                    items.append(self.evaluation.invalid(error, item.span))
        data[attribute.name] = Value(tuple(items), node.span)

    def _dynamic(
        self,
        block: Block,
        env: Env,
        inner: schema.BlockSchema | None,
        items: list[V],
        hidden: dict[str, V],
        place: ResourceType | None,
    ) -> None:
        """The blocks that a `dynamic` block stands for."""
        name = _block_name(block)
        node = attribute_of(block.body, "for_each")
        content = next((nested for nested in block.body.blocks if nested.type == "content"), None)
        if node is None or content is None:
            self.evaluation.problem(f'dynamic "{name}" needs for_each and a content block', block.header)
            return
        iterator_node = attribute_of(block.body, "iterator")
        iterator = iterator_node.root if isinstance(iterator_node, syntax.Traversal) else name
        if isinstance(iterator_node, syntax.Literal):
            iterator = str(iterator_node.value)
        try:
            value = evaluate(node, env)
        except EvaluationError as error:
            value = self.evaluation.invalid(error, node.span)
        if isinstance(value.type, ResourceType):
            value = self.complete(value, node.span)
        data = value.data
        if data is None:
            self.evaluation.problem("for_each of a dynamic block must not be null", node.span)
            value = Value(Unknown(UnknownCause.INVALID, "for_each is null"), node.span)
            data = value.data
        if isinstance(data, Unknown):
            hidden[name] = Value(
                Unknown(data.cause, data.detail, data.inputs), block.header,
                value.trail or (Step(node.span, "for_each"),), value.refs, type=value.type and None,
            )  # fmt: skip
            return
        pairs = elements(value)
        if pairs is None:
            self.evaluation.problem("for_each of a dynamic block takes a list, set or map", node.span)
            return
        if len(items) + len(pairs) > MAX_INSTANCES:
            self.evaluation.problem(f"more than {MAX_INSTANCES:,} blocks are not made", node.span)
            pairs = pairs[: max(0, MAX_INSTANCES - len(items))]
        for key, item in pairs:
            entry: V = Value({"key": key, "value": item}, item.span)
            bound = env.bind({iterator: entry})
            fields = self.body_values(content.body, bound, inner, frozenset(), place)
            items.append(Value(fields, block.span, type=place))


def _schema_of(kind: ResourceType) -> schema.BlockSchema | None:
    """The schema of a resource, or of the nested block that a type means."""
    found = schema.resource(kind.kind)
    for name in kind.path:
        found = None if found is None else found.blocks.get(name)
    return found


class _NoNames:
    """A scope in which nothing has a name: defaults of variables."""

    def __init__(self, module: ModuleInstance) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def refer(self, _root: str, _names: tuple[str, ...], span: Span, _env: Env) -> tuple[V, int]:
        raise EvaluationError("a default must be a constant", span)


_RESOURCE_META = frozenset(["count", "for_each", "depends_on", "provider"])
_RESOURCE_BLOCKS = frozenset(["lifecycle", "provisioner", "connection", "timeouts_"])
_MODULE_META = frozenset(["source", "version", "count", "for_each", "depends_on", "providers"])
_TYPE_WORDS = frozenset(["string", "number", "bool", "list", "map", "set", "object", "any"])


def _quoted(key: str) -> str:
    """An instance key as addresses spell it."""
    text = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{text}"'.replace("${", "$${").replace("%{", "%%{")


def _reference_text(node: Expression) -> str:
    """A reference as it is written, without what follows in brackets."""
    if isinstance(node, syntax.Traversal):
        return ".".join((node.root, *node.names))
    if isinstance(node, syntax.Literal):
        return str(node.value)
    return node.span.text


def _suggestion(name: str, names: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(names)[:500], 1, 0.75)
    return f"; did you mean {near[0]}?" if near else ""


def _existence(value: V) -> tuple[Reason, ...]:
    return value.reasons


# -- a whole deployment ----------------------------------------------------------------------------


def resources_of(module: ModuleInstance) -> list[Resource]:
    """All resources of a module instance and of the modules that it calls."""
    found: list[Resource] = []
    for (kind, name), block in module.config.resources.items():
        try:
            expansion = module.resource(kind, name, block.header)
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
            continue
        slots: dict[str, InsertionPoint] | None = None
        for instance in expansion.instances:
            if slots is None:
                slots = block_slots(block)
            body: V = Value({key: exported(value, block.span) for key, value in instance.body.data.items()}, block.span)
            found.append(
                Resource(
                    "terraform",
                    kind,
                    instance.address,
                    body,
                    block.span,
                    block.header,
                    instance.exists,
                    {key: plain_numbers(value) for key, value in instance.meta.items()},
                    slots,
                    module.calls,
                )
            )
    for name, block in module.config.modules.items():
        try:
            expansion = module.children(name, block.header)
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
            continue
        for _, child in expansion.instances:
            if child is not None:
                found.extend(resources_of(child))
    return found


def finish(module: ModuleInstance) -> None:
    """Evaluate what no resource needed, so that its problems are known too; check validations."""
    from iaclint.terraform.inputs import check_validations

    for name, block in module.config.variables.items():
        try:
            value = module.variable(name, block.header)
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
            continue
        check_validations(module, name, block, value)
    for name, attribute in module.config.locals.items():
        try:
            module.local(name, attribute.span)
        except EvaluationError as error:
            module.evaluation.invalid(error, attribute.span)
    for name, block in module.config.outputs.items():
        try:
            module.output(name, block.header)
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
    for expansion in list(module._children.values()):
        if isinstance(expansion, Expansion):
            for _, child in expansion.instances:
                if child is not None:
                    finish(child)


def exported(value: V, block: Span) -> V:
    """Return a value as rules see it: ints and floats, elements placed at the attribute of the block that uses them."""
    return plain_numbers(gathered(value, block))


def plain_numbers(value: V) -> V:
    """Return a value with ints and floats for numbers."""
    data = value.data
    if data is None or isinstance(data, (str, int)):
        return value
    if isinstance(data, tuple):
        return value.with_data(tuple([plain_numbers(item) for item in data]))
    if isinstance(data, dict):
        return value.with_data({name: plain_numbers(item) for name, item in data.items()})
    if isinstance(data, Unknown):
        if all(option is None or isinstance(option, (str, int)) for option in data.one_of):
            return value
        return value.with_data(replace(data, one_of=tuple(map(_number, data.one_of))))
    return value.with_data(_number(data))


def _number(data: Any) -> Any:
    if isinstance(data, (str, bool, int)) or data is None:
        return data
    try:
        return float(data)
    except OverflowError:
        return float("inf") if data > 0 else float("-inf")


# -- slots -------------------------------------------------------------------------------------------


def block_slots(block: Block) -> dict[str, InsertionPoint]:
    """Where an attribute can be added to a block, and to the first nested block of each type."""
    slots = {"": body_slot(block)}
    for nested in block.body.blocks:
        name = _block_name(nested)
        target = nested
        if nested.type == "dynamic":
            content = next((inner for inner in nested.body.blocks if inner.type == "content"), None)
            if content is None:
                continue
            target = content
        slots.setdefault(name, body_slot(target))
    return slots


def body_slot(block: Block) -> InsertionPoint:
    """Where an attribute can be added to a block."""
    body = block.body
    span = body.span
    file = span.file
    language = "json" if body.json else "hcl"
    if body.json:
        return InsertionPoint(Span(file, span.start, span.start), '"{name}": {value}, ', language)
    line = file.text.rfind("\n", 0, block.span.start) + 1
    outer = re.match(r"[ \t]*", file.text[line : block.span.start])
    indent = (outer.group() if outer else "") + "  "
    if body.attributes:
        last = max(body.attributes, key=lambda attribute: attribute.span.end)
        start = file.text.rfind("\n", 0, last.span.start) + 1
        lead = file.text[start : last.span.start]
        if lead.strip() == "":
            indent = lead
            end = file.text.find("\n", last.span.end)
            rest = file.text[last.span.end : end if end >= 0 else len(file.text)]
            at = last.span.end
            if rest.strip().startswith(("#", "//")):
                at = end if end >= 0 else len(file.text)
            return InsertionPoint(Span(file, at, at), "\n" + indent.replace("{", "{{") + "{name} = {value}", language)
        # `x { a = 1 }` on one line: the body has to be broken up
        return InsertionPoint(Span(file, last.span.end, last.span.end), "\n" + indent + "{name} = {value}\n", language)
    closing = "" if "\n" in span.text else "\n" + indent[:-2]
    return InsertionPoint(Span(file, span.start, span.start), "\n" + indent + "{name} = {value}" + closing, language)
