"""The evaluated model, which rules read: every deployment and resource with its values.

`show_json` returns {"deployments": [{"root", "inputs", "resources", "gaps", "problems", ...}]}. An unknown value is
{"$unknown": {"why", "detail"}}, a sensitive one {"$sensitive": true}; nested blocks are lists of objects. Paths are
relative to the working directory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from json import dumps
from typing import Any

from iaclint.model.inventory import Deployment, Gap, Resource
from iaclint.model.truth import Truth
from iaclint.model.value import Unknown, Value
from iaclint.report.common import clean, place
from iaclint.source.files import Problem, Span

SENSITIVE = {"$sensitive": True}
# the names of properties whose text is a secret
_SECRET_NAME = re.compile(
    r"(?:passw(?:or)?d|secret_?(?:access_?)?key|secret_?string|(?:auth|access)_?token|api_?key|private_?key)$",
    re.IGNORECASE,
)


def show_json(deployments: Iterable[Deployment], *, detail: bool = False) -> str:
    """Return the model as JSON, one resource on each line. `detail` adds positions of attributes and meta settings."""
    parts = [_deployment_json(deployment, detail) for deployment in deployments]
    if not parts:
        return '{"deployments": []}\n'
    return '{"deployments": [\n' + ",\n".join(parts) + "\n]}\n"


def _deployment_json(deployment: Deployment, detail: bool) -> str:
    head: dict[str, Any] = {"root": deployment.name, "vendor": deployment.vendor}
    if deployment.environment:
        head["environment"] = deployment.environment
    head["inputs"] = {name: plain(item.value) for name, item in deployment.inputs.items()}
    tail = {
        "outputs": {name: plain(value) for name, value in deployment.outputs.items()},
        "gaps": [_gap(gap) for gap in deployment.gaps],
        "problems": [_problem(problem) for problem in deployment.problems],
    }
    resources = ",\n  ".join(dumps(_resource(resource, detail)) for resource in deployment.resources)
    listed = f"[\n  {resources}\n ]" if resources else "[]"
    return f' {dumps(head)[:-1]}, "resources": {listed}, {dumps(tail)[1:]}'


def _resource(resource: Resource, detail: bool) -> dict[str, Any]:
    header = resource.header
    found: dict[str, Any] = {
        "address": resource.address,
        "type": resource.kind,
        "file": header.file.name,
        "line": header.line,
    }
    if not resource.exists.is_true:
        found["exists"] = _tri(resource.exists)
    found["attributes"] = plain(resource.body)
    if detail:
        body = resource.body.data
        found["positions"] = (
            {name: _place(value.span) for name, value in body.items()} if isinstance(body, dict) else {}
        )
        if resource.meta:
            found["meta"] = {name: plain(value) for name, value in resource.meta.items()}
    return found


def plain(value: Value[Any]) -> Any:
    """Return a value as JSON data. Secrets and sensitive values are {"$sensitive": true}."""
    data = value.data
    if isinstance(data, Unknown):
        return {"$unknown": {"why": data.cause.value, "detail": data.detail}}
    if value.sensitive and data is not None:
        return SENSITIVE
    if data is None or isinstance(data, (str, bool, int)):
        return data
    if isinstance(data, dict):
        return {str(name): SENSITIVE if is_secret(name, item) else plain(item) for name, item in data.items()}
    if isinstance(data, (tuple, list)):
        return [plain(item) if isinstance(item, Value) else item for item in data]
    return _number(data) if isinstance(data, (float, Decimal)) else str(data)


def is_secret(name: object, value: Value[Any]) -> bool:
    """Return True if a property has the name of a secret ("password") and its value is a known text."""
    return isinstance(value.data, str) and value.data != "" and _SECRET_NAME.search(str(name)) is not None


def _number(number: float | Decimal) -> int | float | str:
    """Return a number for JSON. Infinity, NaN and huge numbers become text."""
    if isinstance(number, Decimal):
        if not number.is_finite():
            return str(number)
        if number == number.to_integral_value():
            # a large exponent would make a gigabyte of digits
            return int(number) if number.adjusted() < 400 else str(number)
        number = float(number)
    return number if math.isfinite(number) else str(number)


def _tri(truth: Truth) -> Any:
    if truth.value is not None:
        return truth.value
    detail = "; ".join(reason.detail for reason in truth.reasons)
    return {"$unknown": {"why": "input" if any(r.inputs for r in truth.reasons) else "external", "detail": detail}}


def _place(span: Span | None) -> dict[str, Any]:
    return {"file": span.file.name, "line": span.line} if span else {}


def _gap(gap: Gap) -> dict[str, Any]:
    return {"why": gap.detail, "address": gap.address, **_place(gap.span)}


def _problem(problem: Problem) -> dict[str, Any]:
    where = _place(problem.span) if problem.span else ({"file": problem.path} if problem.path else {})
    return {"message": problem.message, "fatal": problem.fatal, **where}


# -- for people --------------------------------------------------------------------------------


def show_text(deployments: Iterable[Deployment]) -> str:
    """Return the model as indented text."""
    blocks = ["\n".join(_deployment_text(deployment)) for deployment in deployments]
    return "\n\n".join(blocks) + "\n" if blocks else "nothing to show: no Terraform or CloudFormation here\n"


def _deployment_text(deployment: Deployment) -> Iterator[str]:
    where = f" in environment {clean(deployment.environment)}" if deployment.environment else ""
    yield f"{clean(deployment.name)} ({deployment.vendor}){where}"
    for name, item in deployment.inputs.items():
        yield f"  input {clean(name)} = {_text(item.value, 2)}"
    for resource in deployment.resources:
        undecided = "" if resource.exists.is_true else "  # may not exist"
        if resource.exists.reasons:
            undecided += ": " + "; ".join(clean(reason.detail) for reason in resource.exists.reasons)
        yield ""
        yield f"  {clean(resource.address)}  {clean(resource.kind)}  {place(resource.header)}{undecided}"
        body = resource.body
        if isinstance(body.data, dict) and not body.sensitive:
            for name, value in body.data.items():
                yield f"    {clean(str(name))} = {_member(name, value, 4)}"
        else:
            yield f"    {_text(body, 4)}"
    if deployment.outputs:
        yield ""
    for name, value in deployment.outputs.items():
        yield f"  output {clean(name)} = {_text(value, 2)}"
    if deployment.gaps or deployment.problems:
        yield ""
    for gap in deployment.gaps:
        yield f"  not seen: {clean(gap.detail)}" + (f", {place(gap.span)}" if gap.span else "")
    for problem in deployment.problems:
        where = f", {place(problem.span)}" if problem.span else ""
        yield f"  {'error' if problem.fatal else 'warning'}: {clean(problem.message)}{where}"


def _member(name: object, value: Value[Any], indent: int) -> str:
    return "(sensitive)" if is_secret(name, value) else _text(value, indent)


def _text(value: Value[Any], indent: int) -> str:
    data = value.data
    if isinstance(data, Unknown):
        return f"(unknown: {clean(data.detail)})"
    if value.sensitive and data is not None:
        return "(sensitive)"
    inner = " " * (indent + 2)
    if isinstance(data, dict):
        if not data:
            return "{}"
        members = "".join(
            f"\n{inner}{clean(str(name))} = {_member(name, item, indent + 2)}" for name, item in data.items()
        )
        return f"{{{members}\n{' ' * indent}}}"
    if isinstance(data, (tuple, list)):
        items = [_text(item, indent + 2) if isinstance(item, Value) else dumps(item) for item in data]
        if sum(map(len, items)) < 80 and not any("\n" in item for item in items):
            return f"[{', '.join(items)}]"
        return "[" + "".join(f"\n{inner}{item}," for item in items) + f"\n{' ' * indent}]"
    return clean(dumps(plain(value), ensure_ascii=False))
