"""iaclint against Terraform's own answers: the committed ones, and, where Terraform is here, fresh ones."""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iaclint import terraform
from iaclint.model.inventory import Inputs
from iaclint.model.value import Unknown, Value
from iaclint.source.files import SourceFile, Workspace
from iaclint.terraform.config.directory import ModuleConfig
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.config.module import ModuleInstance
from iaclint.terraform.functions.json_text import json_text
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from tests.oracle import generate, strategies
from tests.oracle import terraform as oracle

with open(os.path.join(generate.HERE, "expressions.json"), encoding="utf-8") as _file:
    EXPRESSIONS: dict[str, Any] = json.load(_file)
PLANS = sorted(os.listdir(generate.PLANS))

# What iaclint leaves undone on purpose: Terraform knows infinity and a negative zero.
UNLIKE = ("Inf", '"-0')


def mine(expression: str) -> Any:
    """iaclint's value of an expression, as JSON data."""
    try:
        body = parser.parse(SourceFile("/x.tf", f"x = {expression}\n"))
        evaluation = Evaluation(Workspace(("/nowhere",)), "/nowhere", Inputs())
        module = ModuleInstance.root(evaluation, ModuleConfig("/nowhere"), lambda _: None)
        value = evaluate(body.attributes[0].value, module.env)
    except (EvaluationError, syntax.HclSyntaxError):
        return oracle.ERROR
    assert value.wholly_known
    return json.loads(json_text(value))


def same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return abs(wanted - got) <= 1e-12 * max(1, abs(wanted))
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(same, wanted, got))
    if isinstance(wanted, dict) and isinstance(got, dict):
        return wanted.keys() == got.keys() and all(same(wanted[key], got[key]) for key in wanted)
    return isinstance(got, type(wanted)) and bool(wanted == got)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    assert same(EXPRESSIONS[expression], mine(expression)), (EXPRESSIONS[expression], mine(expression))


def test_every_expression_was_asked() -> None:
    assert set(generate.expressions()) == set(EXPRESSIONS)


# -- plans -----------------------------------------------------------------------------------------


def compare(where: str, wanted: Any, unknown: Any, value: Value[Any] | None, wrong: list[str]) -> None:
    """Collect where a value says something else than the plan; leaving out a default is no error."""
    if value is None or value.data is None:
        return
    data = value.data
    if isinstance(data, Unknown):
        if wanted not in (None, [], {}, "") and unknown is not True:
            wrong.append(f"{where}: unknown, planned as {wanted!r}")
        return
    if unknown is True:
        if value.wholly_known:
            wrong.append(f"{where}: {value.plain()!r}, where the plan knows nothing")
        return
    if isinstance(data, dict) and isinstance(wanted, dict):
        for name, item in data.items():
            inner = unknown.get(name, False) if isinstance(unknown, dict) else False
            compare(f"{where}.{name}", wanted.get(name), inner, item, wrong)
        return
    if isinstance(data, tuple) and isinstance(wanted, list):
        if len(data) != len(wanted):
            wrong.append(f"{where}: {len(data)} elements, planned {len(wanted)}")
            return
        flags = unknown if isinstance(unknown, list) else [False] * len(wanted)
        rest = list(zip(wanted, [*flags, *[False] * (len(wanted) - len(flags))], strict=True))
        for at, item in enumerate(data):
            # the elements of a set come in any order: take the planned one that agrees best
            attempts: list[tuple[int, list[str]]] = []
            for number, (candidate, flag) in enumerate(rest):
                found: list[str] = []
                compare(f"{where}[{at}]", candidate, flag, item, found)
                attempts.append((number, found))
            best, errors = min(attempts, key=lambda attempt: len(attempt[1]))
            wrong.extend(errors)
            rest.pop(best)
        return
    got = value.plain()
    if isinstance(wanted, str) and isinstance(got, str) and wanted[:1] in "[{" and wanted:
        # the provider may write JSON in another way
        with contextlib.suppress(ValueError):
            wanted, got = json.loads(wanted), json.loads(got)
    if not same(wanted, got):
        wrong.append(f"{where}: {got!r}, planned as {wanted!r}")


@pytest.mark.parametrize("name", PLANS)
def test_plan(name: str) -> None:
    with open(os.path.join(generate.PLANS, name), encoding="utf-8") as file:
        answers = json.load(file)
    root = os.path.join(generate.CASES, name.removesuffix(".json"))
    with open(os.path.join(root, "case.json"), encoding="utf-8") as file:
        files = tuple(os.path.join(root, path) for path in json.load(file).get("var_files", ()))
    deployment = terraform.load(Workspace((root,)), root, Inputs(files=files))
    resources = {r.address: r for r in deployment.resources if not r.kind.startswith("data.")}
    assert set(resources) == set(answers)
    wrong: list[str] = []
    for address, answer in answers.items():
        body = resources[address].body.data
        for attribute, value in body.items():
            unknown = answer["unknown"].get(attribute, False)
            compare(f"{address}.{attribute}", (answer["values"] or {}).get(attribute), unknown, value, wrong)
    assert not wrong


# -- fresh answers ---------------------------------------------------------------------------------

# no shrinking: each example asks Terraform
QUICK: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": (Phase.generate,),
    "suppress_health_check": list(HealthCheck),
}
needs_terraform = pytest.mark.skipif(not oracle.available(), reason="terraform is not installed")


@pytest.mark.oracle
@needs_terraform
def test_answers_are_fresh() -> None:
    texts = generate.expressions()
    assert dict(zip(texts, oracle.console(texts), strict=True)) == EXPRESSIONS


@pytest.mark.oracle
@needs_terraform
@pytest.mark.skipif(oracle.plugin_directory() is None, reason="TERRAFORM_PLUGIN_DIR does not name the AWS provider")
def test_plans_are_fresh() -> None:
    plugins = oracle.plugin_directory()
    assert plugins is not None
    for name, files in generate.configurations().items():
        path = os.path.join(generate.PLANS, f"{name}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                assert generate.planned(files, plugins) == json.load(file), name


@pytest.mark.oracle
@needs_terraform
@settings(max_examples=10, **QUICK)
@given(st.lists(strategies.expressions, min_size=40, max_size=60))
def test_random_expressions(expressions: list[str]) -> None:
    wrong = []
    for expression, answer in zip(expressions, oracle.console(expressions), strict=True):
        got = mine(expression)
        if not same(answer, got) and not any(mark in json.dumps(answer) for mark in UNLIKE) and "/" not in expression:
            wrong.append((expression, answer, got))
    assert not wrong


@pytest.mark.oracle
@needs_terraform
@settings(max_examples=6, **QUICK)
@given(st.lists(st.tuples(strategies.expressions, strategies.expressions), min_size=3, max_size=8))
def test_random_configurations(tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]) -> None:
    """Locals, a module and resources of the provider that is built in, with some values that only it knows."""
    parts = ['resource "terraform_data" "seed" {}\n']
    for number, (one, other) in enumerate(pairs):
        parts.append(
            f"""
locals {{
  v{number} = try(jsonencode({one}), "refused")
}}

module "m{number}" {{
  source = "./m"
  first  = local.v{number}
  second = try({other}, null)
}}

resource "terraform_data" "r{number}" {{
  count = length(local.v{number}) % 3
  input = [count.index, local.v{number}, module.m{number}.second, "x-${{terraform_data.seed.id}}"]
}}
"""
        )
    child = """
variable "first" {
  type = string
}

variable "second" {
  type    = any
  default = "none"
}

output "second" {
  value = [upper(var.first), try(jsonencode(var.second), "refused")]
}
"""
    files = {"main.tf": "".join(parts), "m/main.tf": child}
    try:
        plan = oracle.plan(files)
    except RuntimeError:
        return
    folder = str(tmp_path_factory.mktemp("random"))
    for name, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    deployment = terraform.load(Workspace((os.path.realpath(folder),)), folder, Inputs())
    resources = {resource.address: resource for resource in deployment.resources}
    planned = {change["address"]: change["change"] for change in plan["resource_changes"]}
    if re.search(r"-0(?![\d.])", json.dumps(planned)):
        return
    assert set(resources) == set(planned)
    wrong: list[str] = []
    for address, change in planned.items():
        value = resources[address].body.data.get("input")
        compare(
            address, (change["after"] or {}).get("input"), change["after_unknown"].get("input", False), value, wrong
        )
    assert not [line for line in wrong if "inf" not in line and "Inf" not in line]
