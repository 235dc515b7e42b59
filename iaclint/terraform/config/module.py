"""Module instances: the root module, and one for each instance of a module call.

Everything in a module instance (variables, locals, resources, outputs) is evaluated at its first use and kept, so that
the order of the files does not matter, and a circle is found when it closes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.truth import TRUE, Truth
from iaclint.model.value import Value
from iaclint.source.files import Span
from iaclint.terraform.config.blocks import expression_of, is_true
from iaclint.terraform.config.bodies import Bodies
from iaclint.terraform.config.directory import ModuleConfig
from iaclint.terraform.config.evaluation import Evaluation, Lazy
from iaclint.terraform.config.expand import Expansion, Instance
from iaclint.terraform.config.module_call import Arguments, CallPath, ModuleCalls
from iaclint.terraform.config.provider import Providers
from iaclint.terraform.config.references import ModuleScope
from iaclint.terraform.config.resource import Resources
from iaclint.terraform.config.variable import Variables
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import bounded, evaluate
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.syntax.tree import Block, Expression

V: TypeAlias = Value[Any]


class ModuleInstance:
    """One call of a module, or the root, with the values of its variables.

    path   how it is called;  exists: whether it exists, undecided if that depends on an unknown count
    """

    def __init__(
        self,
        evaluation: Evaluation,
        config: ModuleConfig,
        path: CallPath,
        arguments: Arguments,
        exists: Truth = TRUE,
        passed_providers: dict[str, V] | None = None,
        outer_providers: Providers | None = None,
    ) -> None:
        self.evaluation = evaluation
        self.config = config
        self.path = path
        self.exists = exists
        self.env = Env(ModuleScope(self, evaluation))
        bodies = Bodies(evaluation)
        call = path.steps[-1].span if path.steps else None
        self.variables = Variables(evaluation, config.variables, config.directory, path.address, arguments, call)
        self.providers = Providers(config, bodies, self.env, passed_providers, outer_providers)
        self.resources = Resources(evaluation, config, path.address, self.env, bodies, self.providers, exists)
        self.calls = ModuleCalls(evaluation, config, path, self.env, self._enter)
        self._locals: Lazy[str, V] = Lazy(evaluation, path.address)
        self._outputs: Lazy[str, V] = Lazy(evaluation, path.address)
        for source in config.files:
            evaluation.files.used.setdefault(source.path, source)

    @classmethod
    def root(cls, evaluation: Evaluation, config: ModuleConfig, arguments: Arguments) -> ModuleInstance:
        """Return the instance of a root module with these values for its variables."""
        return cls(evaluation, config, CallPath("", "", (), frozenset([config.directory])), arguments)

    def _enter(
        self,
        call: Block,
        config: ModuleConfig,
        path: CallPath,
        arguments: Arguments,
        expansion: Expansion[Instance],
    ) -> ModuleInstance:
        return ModuleInstance(
            self.evaluation,
            config,
            path,
            arguments,
            expansion.existence(self.exists),
            self.providers.passed_on(call),
            self.providers,
        )

    def local(self, name: str, span: Span) -> V:
        """Return the value of a declared local, which `span` asks for. Raises EvaluationError if it needs itself."""
        return self._locals.get(name, f"local.{name}", span, lambda: self._evaluated(self.config.locals[name].value))

    def output(self, name: str, span: Span) -> V:
        """Return the value of a declared output, which `span` asks for. Raises EvaluationError if it needs itself."""
        return self._outputs.get(name, f"output.{name}", span, lambda: self._output(self.config.outputs[name], name))

    def _output(self, block: Block, name: str) -> V:
        node = expression_of(block.body, "value")
        if node is None:
            self.evaluation.problem(f"output {name} has no value", block.header)
            return Value(None, block.header)
        value = self._evaluated(node)
        return value.replace(sensitive=True) if is_true(block, "sensitive") else value

    def _evaluated(self, node: Expression) -> V:
        try:
            return bounded(evaluate(node, self.env))
        except EvaluationError as error:
            return self.evaluation.invalid(error, node.span)
