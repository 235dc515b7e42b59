"""What moto, an independent implementation, makes of a template, held against ours.

moto deploys the template to its simulated account; the properties that each resource ends with are compared leaf by
leaf with the model: they agree, ours is unknown, or they disagree.
"""

from __future__ import annotations

import importlib
import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from iaclint import cloudformation
from iaclint.model.inventory import Inputs
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Workspace

ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "probe"

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass
class Comparison:
    counts: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)


def deployed(template: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The properties by logical id of what moto deploys; raises where it cannot."""
    boto3: Any = importlib.import_module("boto3")
    moto: Any = importlib.import_module("moto")
    models: Any = importlib.import_module("moto.cloudformation.models")
    parsing: Any = importlib.import_module("moto.cloudformation.parsing")

    with moto.mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = boto3.client("cloudformation", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        client.create_stack(StackName=STACK, TemplateBody=template, Parameters=given)
        [stack] = models.cloudformation_backends[ACCOUNT][REGION].stacks.values()
        found: dict[str, Any] = {}
        for name, body in stack.resource_map._resource_json_map.items():
            condition = body.get("Condition")
            if condition is not None and not stack.resource_map.lazy_condition_map[condition]:
                continue
            found[name] = parsing.clean_json(body.get("Properties") or {}, stack.resource_map)
        return found


def compare(path: str, parameters: Mapping[str, str]) -> Comparison:
    """Hold one template against moto; raises what moto raises."""
    workspace = Workspace((os.path.dirname(path),))
    stack = cloudformation.load(workspace, path, Inputs(values={**PSEUDO, **parameters}))
    theirs = deployed(workspace.read(path).text, parameters)
    ours = {str(r.address): r for r in stack.resources if "/" not in r.address}
    result = Comparison()
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours or name not in theirs:
            result.counts["disagree"] += 1
            result.disagreements.append(f"{name} is only {'theirs' if name in theirs else 'ours'}")
            continue
        for verdict, where, mine, other in leaves(ours[name].body, theirs[name], name):
            result.counts[verdict] += 1
            if verdict == "disagree":
                result.disagreements.append(f"{where}: ours {mine!r}, theirs {other!r}")
    return result


def leaves(value: Value[Any], other: Any, where: str) -> Iterator[tuple[str, str, Any, Any]]:
    """The verdict on each leaf."""
    data = value.data
    if isinstance(data, Unknown):
        yield "unknown", where, data.detail, other
    elif isinstance(data, dict) and isinstance(other, dict):
        for name in data.keys() | other.keys():
            if name not in data or name not in other:
                if name in data and data[name].unknown is not None:
                    yield "unknown", f"{where}.{name}", data[name].data.detail, None
                else:
                    mine = data[name].plain() if name in data else None
                    yield "disagree", f"{where}.{name}", mine, other.get(name)
            else:
                yield from leaves(data[name], other[name], f"{where}.{name}")
    elif isinstance(data, tuple) and isinstance(other, list) and len(data) == len(other):
        for index, (mine, theirs) in enumerate(zip(data, other, strict=True)):
            yield from leaves(mine, theirs, f"{where}[{index}]")
    else:
        same = (
            not isinstance(data, (dict, tuple)) and not isinstance(other, (dict, list)) and _text(data) == _text(other)
        )
        yield ("agree" if same else "disagree"), where, value.plain(), other


def _text(data: Any) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data)
