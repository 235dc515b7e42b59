"""Module calls: the modules that they lead to, their instances, and the values of their outputs.

Source of facts: the Terraform language documentation (modules).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from iaclint.model.address import Address
from iaclint.model.inventory import Gap
from iaclint.model.trails import through_name
from iaclint.model.unknowns import merge, refs_of
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform.config.blocks import expression_of, is_local, module_source
from iaclint.terraform.config.directory import ModuleConfig, read_module, source_names
from iaclint.terraform.config.evaluation import Evaluation, Lazy
from iaclint.terraform.config.expand import Expansion, Instance, expand
from iaclint.terraform.config.references import suggestion
from iaclint.terraform.lang.conversion import convert
from iaclint.terraform.lang.elements import get_attribute, get_index
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import bounded, evaluate
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import NUMBER, STRING
from iaclint.terraform.syntax.tree import Block

if TYPE_CHECKING:
    from iaclint.terraform.config.module import ModuleInstance

V: TypeAlias = Value[Any]

MAX_MODULES = 5_000
"""More instances of module calls are not followed in one deployment."""
MAX_MODULE_DEPTH = 24
"""Module calls within module calls."""
SETTINGS = frozenset(["source", "version", "count", "for_each", "depends_on", "providers"])
"""The attributes of a module call that are no variables of the module."""


class Child(NamedTuple):
    """An instance of a module call: its key (None without count and for_each), and the module (None if not found)."""

    key: V | None
    module: ModuleInstance | None


class CallPath(NamedTuple):
    """The calls that lead to a module instance.

    address      "module.net[0].module.sub", "" for the root
    key          the names of the calls joined by dots, as .terraform/modules/modules.json has them
    steps        the calls, outermost first
    directories  those of the modules that lead here, its own included
    """

    address: str
    key: str
    steps: tuple[Step, ...]
    directories: frozenset[str]

    def inner(self, name: str, address: str, call: Block, directory: str) -> CallPath:
        """Return the path of a module that this one calls by a name."""
        steps = (*self.steps, Step(call.header, f"module {name}"))
        return CallPath(address, self.inner_key(name), steps, self.directories | {directory})

    def inner_key(self, name: str) -> str:
        """Return the key of a module that this one calls by a name."""
        return f"{self.key}.{name}" if self.key else name


Arguments: TypeAlias = "Callable[[str], V | None]"
"""Gives the value that is passed for a variable of a module, None if none is passed."""
Enter: TypeAlias = "Callable[[Block, ModuleConfig, CallPath, Arguments, Expansion[Instance]], ModuleInstance]"
"""Makes the module instance for one instance of a call."""


class ModuleCalls:
    """The module calls of one module instance."""

    def __init__(self, evaluation: Evaluation, config: ModuleConfig, path: CallPath, env: Env, enter: Enter) -> None:
        self._evaluation = evaluation
        self._config = config
        self._path = path
        self._env = env
        self._enter = enter
        self._expansions: Lazy[str, Expansion[Child]] = Lazy(evaluation, path.address)

    def instances(self, name: str, span: Span) -> Expansion[Child]:
        """Return the instances of a declared call, which `span` asks for. Raises EvaluationError."""
        return self._expansions.get(name, f"module.{name}", span, lambda: self._expand(name))

    def entered(self) -> Iterator[ModuleInstance]:
        """Yield the module instances that were made so far."""
        for expansion in self._expansions.kept():
            yield from (child.module for child in expansion.instances if child.module is not None)

    def refs_passed(self, call: Block) -> tuple[Ref, ...] | None:
        """Return the references that a call passes to its module, None if they cannot all be told."""
        refs: dict[Ref, None] = {}
        for attribute in call.body.attributes:
            if attribute.name in SETTINGS:
                continue
            try:
                value = evaluate(attribute.value, self._env)
            except (EvaluationError, RecursionError):
                return None
            refs.update(dict.fromkeys(value.all_refs()))
        return tuple(refs)

    # -- making the instances ----------------------------------------------------------------------------

    def _expand(self, name: str) -> Expansion[Child]:
        evaluation = self._evaluation
        block = self._config.modules[name]
        base = Address.in_module(self._path.address, f"module.{name}")
        expansion = expand(block, base, self._env, evaluation)
        config = self._module_config(name, block, base)
        made: list[Child] = []
        for instance in expansion.instances:
            evaluation.modules += 1
            if evaluation.modules > MAX_MODULES:
                message = f"more than {MAX_MODULES:,} instances of modules are not looked at"
                evaluation.capped(message, block.header, base)
                break
            child = None if config is None else self._child(name, block, config, instance, expansion)
            made.append(Child(instance.key, child))
        return Expansion(expansion.mode, made, expansion.reason)

    def _child(
        self, name: str, block: Block, config: ModuleConfig, instance: Instance, expansion: Expansion[Instance]
    ) -> ModuleInstance:
        path = self._path.inner(name, instance.address, block, config.directory)
        child = self._enter(block, config, path, self._arguments(block, instance.env), expansion)
        for attribute in block.body.attributes:
            if attribute.name not in SETTINGS and attribute.name not in config.variables:
                hint = suggestion(attribute.name, config.variables)
                self._evaluation.problem(f'module.{name} has no variable "{attribute.name}"{hint}', attribute.name_span)
        return child

    def _arguments(self, block: Block, env: Env) -> Arguments:
        nodes = {attribute.name: attribute.value for attribute in block.body.attributes}

        def argument(variable: str) -> V | None:
            node = nodes.get(variable)
            if node is None or variable in SETTINGS:
                return None
            try:
                value = bounded(evaluate(node, env))
            except EvaluationError as error:
                value = self._evaluation.invalid(error, node.span)
            trail = (Step(node.span, f"module argument {variable}"), *value.trail)
            return value.replace(span=node.span, trail=trail, implicit=False)

        return argument

    def _module_config(self, name: str, block: Block, base: Address) -> ModuleConfig | None:
        """Return the module that a call leads to. If it is not found, the call becomes a gap."""
        source = self._source(name, block)
        if source is None:
            found: ModuleConfig | str = f"module.{name} has no source that is a plain text"
        else:
            found = self._find(name, source, block)
        if isinstance(found, str):
            self._evaluation.gap(Gap(block.header, found, base), partial(self.refs_passed, block))
            return None
        for problem in found.problems:
            if problem not in self._evaluation.problems:
                self._evaluation.problems.append(problem)
        return found

    def _source(self, name: str, block: Block) -> str | None:
        source = module_source(block)
        if source is not None:
            return source
        node = expression_of(block.body, "source")
        if node is None:
            self._evaluation.problem(f"module.{name} has no source", block.header)
            return None
        try:
            value = evaluate(node, self._env)  # OpenTofu allows expressions
        except EvaluationError as error:
            self._evaluation.invalid(error, node.span)
            return None
        return value.data if isinstance(value.data, str) else None

    def _find(self, name: str, source: str, block: Block) -> ModuleConfig | str:
        """Return the module of a source, or why it is not followed."""
        evaluation = self._evaluation
        workspace = evaluation.workspace
        if is_local(source):
            directory = os.path.normpath(os.path.join(self._config.directory, source))
        else:
            directory = evaluation.downloaded.get(self._path.inner_key(name), "")
        if len(self._path.steps) >= MAX_MODULE_DEPTH:
            evaluation.problem("modules call each other too deeply; this call is not followed", block.header)
            return f"module.{name} is nested too deeply"
        if directory and directory in self._path.directories:
            evaluation.problem("this module calls itself, directly or through others", block.header)
            return f"module {source} calls itself"
        if directory and not workspace.allows(directory):
            return f"module {source} lies outside the scanned directory"
        if directory and source_names(workspace, directory):
            return read_module(workspace, directory)
        return f"module {source} is not here"

    # -- values ------------------------------------------------------------------------------------------

    def refer(self, names: tuple[str, ...], span: Span) -> tuple[V, int]:
        """Return the value of the reference `module.names[0]...`, and how many of the names it used.

        Only the named output is evaluated if there is one: another output may depend on this very value.
        Raises EvaluationError.
        """
        name = names[0]
        if name not in self._config.modules:
            raise EvaluationError(f"module.{name} is not declared{suggestion(name, self._config.modules)}", span)
        expansion = self.instances(name, span)
        if expansion.mode == "single" and expansion.instances and len(names) > 1:
            value = self._output(name, expansion.instances[0], names[1], span)
            return through_name(value, span, f"module.{name}.{names[1]}"), 2
        return through_name(self._value(name, expansion, span), span, f"module.{name}"), 1

    def output_of(self, module: str, key: V, name: str, span: Span) -> V:
        """Return the output `name` of the instance `key` of a call. Raises EvaluationError."""
        expansion = self.instances(module, span)
        if expansion.mode == "unknown" and expansion.instances and expansion.instances[0].module is not None:
            # which instances there are is not known, but what any of them would give refers to its resources
            assert expansion.reason is not None
            any_value = self._output(module, expansion.instances[0], name, span)
            return merge(span, (expansion.reason,), not_null=False).replace(refs=refs_of((any_value,)))
        if expansion.mode in ("single", "unknown") or isinstance(key.data, Unknown):
            whole = through_name(self._value(module, expansion, span), span, f"module.{module}")
            return get_attribute(get_index(whole, key, span), name, span)
        wanted = convert(key, NUMBER if expansion.mode == "count" else STRING).data
        for child in expansion.instances:
            if child.key is not None and child.key.data == wanted:
                value = self._output(module, child, name, span)
                return through_name(value, span, f"module.{module}[{wanted!r}].{name}")
        raise EvaluationError(f"module.{module} has no instance {wanted!r}", span)

    def _output(self, name: str, child: Child, output: str, span: Span) -> V:
        """Return an output of one instance of a call."""
        module = child.module
        if module is None:
            detail = f"module.{name}.{output} comes from a module that is not here"
            return self._not_here(name, detail, span)
        outputs = module.config.outputs
        if output not in outputs:
            raise EvaluationError(f'module.{name} has no output "{output}"{suggestion(output, outputs)}', span)
        return module.output(output, span)

    def _value(self, name: str, expansion: Expansion[Child], span: Span) -> V:
        """Return all outputs of all instances of a call: an object, or a list or map of objects."""
        header = self._config.modules[name].header
        if expansion.mode == "unknown":
            assert expansion.reason is not None
            return merge(header, (expansion.reason,))
        objects = [(child.key, self._outputs(name, child, header, span)) for child in expansion.instances]
        if expansion.mode == "single":
            return objects[0][1] if objects else Value(None, header)
        if expansion.mode == "count":
            return Value(tuple(value for _, value in objects), header)
        return Value({key.data: value for key, value in objects if key is not None}, header)

    def _outputs(self, name: str, child: Child, header: Span, span: Span) -> V:
        module = child.module
        if module is None:
            return self._not_here(name, f"module.{name} is not here", header)
        return Value({output: module.output(output, span) for output in module.config.outputs}, header)

    def _not_here(self, name: str, detail: str, span: Span) -> V:
        step = Step(self._config.modules[name].header, f"module {name}")
        return Value(Unknown(UnknownCause.EXTERNAL, detail), span, (step,))
