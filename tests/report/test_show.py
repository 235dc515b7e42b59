from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Gap, Input, Resource
from iaclint.model.truth import Reason, Truth
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.report.show import show_json, show_text
from iaclint.source.files import Problem, Span
from tests.report.builder import MAIN, VARIABLES, at, make_deployment, source

MAIN_TF = source("main.tf", MAIN)


def value(data: Any, part: str = "description", **fields: Any) -> Value[Any]:
    return Value(data, at(MAIN_TF, part), **fields)


def resource(exists: Truth | None = None, **attributes: Any) -> Resource:
    header = at(MAIN_TF, "resource")
    body: Value[Any] = Value(
        {name: v if isinstance(v, Value) else value(v) for name, v in attributes.items()}, MAIN_TF.whole
    )
    found = Resource("terraform", "aws_kms_key", Address("aws_kms_key.main"), body, header, header)
    if exists is not None:
        found.exists = exists
    return found


def shown(*resources: Resource, detail: bool = False, **fields: Any) -> dict[str, Any]:
    deployment = make_deployment([MAIN_TF], resources=resources, **fields)
    document = json.loads(show_json([deployment], detail=detail))
    found: dict[str, Any] = document["deployments"][0]
    return found


def attributes(**given: Any) -> dict[str, Any]:
    found: dict[str, Any] = shown(resource(**given))["resources"][0]["attributes"]
    return found


def test_a_resource() -> None:
    assert shown(resource(a="x")) == {
        "root": ".",
        "vendor": "terraform",
        "inputs": {},
        "resources": [
            {
                "address": "aws_kms_key.main",
                "type": "aws_kms_key",
                "file": "main.tf",
                "line": 1,
                "attributes": {"a": "x"},
            }
        ],
        "outputs": {},
        "gaps": [],
        "problems": [],
    }


def test_scalars() -> None:
    given = {"a": 1, "b": True, "c": None, "d": 1.5, "e": "x\n\u202e", "f": 2**70}
    found = attributes(**given)
    assert found == given
    assert isinstance(found["a"], int)
    assert found["b"] is True


def test_decimals_are_numbers() -> None:
    found = attributes(a=Decimal("10"), b=Decimal("0.5"), c=Decimal("1E+3"), d=Decimal("NaN"), e=Decimal("1E+99999999"))
    assert found == {"a": 10, "b": 0.5, "c": 1000, "d": "NaN", "e": "1E+99999999"}
    assert isinstance(found["c"], int)
    assert attributes(a=float("inf")) == {"a": "inf"}


def test_unknown_and_sensitive() -> None:
    unknown = Unknown(UnknownCause.INPUT, "var.rotate has no default")
    found = attributes(
        a=value(unknown),
        b=value("secret", sensitive=True),
        c=value((value(unknown), value({"x": value(1, sensitive=True)}))),
        d=value({"x": value("secret")}, sensitive=True),
        e=value(unknown, sensitive=True),
    )
    told = {"$unknown": {"why": "input", "detail": "var.rotate has no default"}}
    hidden = {"$sensitive": True}
    assert found == {"a": told, "b": hidden, "c": [told, {"x": hidden}], "d": hidden, "e": told}


def test_an_unknown_body() -> None:
    header = at(MAIN_TF, "resource")
    body: Value[Any] = value(Unknown(UnknownCause.AFTER_APPLY, "known after deployment"))
    found = shown(Resource("terraform", "a", Address("a.b"), body, header, header), detail=True)["resources"][0]
    assert "$unknown" in found["attributes"]
    assert found["positions"] == {}


def test_existence() -> None:
    assert "exists" not in shown(resource())["resources"][0]
    assert shown(resource(Truth(False)))["resources"][0]["exists"] is False
    undecided = Truth.undecided(Reason("var.n has no default", None, ("var.n",)))
    assert shown(resource(undecided))["resources"][0]["exists"] == {
        "$unknown": {"why": "input", "detail": "var.n has no default"}
    }


def test_positions() -> None:
    found = shown(resource(a=value(1, "enable_key_rotation")), detail=True)["resources"][0]
    assert found["positions"] == {"a": {"file": "main.tf", "line": 3}}
    found = shown(resource(a=1))["resources"][0]
    assert "positions" not in found


def test_the_deployment() -> None:
    variables = source("variables.tf", VARIABLES)
    found = shown(
        inputs={"rotate": Input("rotate", value(False)), "x": Input("x", value("secret", sensitive=True))},
        outputs={"arn": value(Unknown(UnknownCause.AFTER_APPLY, "known after deployment"))},
        gaps=(Gap(at(variables, "default"), "module m is not here", "module.m"), Gap(None, "macro M")),
        problems=(Problem("odd", at(variables, "false"), fatal=False), Problem("gone", None, "x.tf"), Problem("?")),
        environment="prod",
    )
    assert found["inputs"] == {"rotate": False, "x": {"$sensitive": True}}
    assert found["environment"] == "prod"
    assert found["gaps"] == [
        {"why": "module m is not here", "address": "module.m", "file": "variables.tf", "line": 2},
        {"why": "macro M", "address": ""},
    ]
    assert found["problems"] == [
        {"message": "odd", "fatal": False, "file": "variables.tf", "line": 2},
        {"message": "gone", "fatal": True, "file": "x.tf"},
        {"message": "?", "fatal": True},
    ]


def test_text() -> None:
    deployment = make_deployment(
        [MAIN_TF],
        resources=(
            resource(
                a="x\x1b[31m",
                b=value("secret", sensitive=True),
                c=value(Unknown(UnknownCause.INPUT, "no default")),
                d=value((value(1), value({"k": value(True)}))),
                e=value(()),
            ),
            resource(Truth.undecided(Reason("count is not known")), f=value({})),
        ),
        inputs={"n": Input("n", value(3))},
        outputs={"o": value("y")},
        gaps=(Gap(at(MAIN_TF, "count"), "module m is not here"),),
        problems=(Problem("odd"),),
    )
    assert show_text([deployment]) == (
        ". (terraform)\n"
        "  input n = 3\n"
        "\n"
        "  aws_kms_key.main  aws_kms_key  main.tf:1\n"
        '    a = "x\\u001b[31m"\n'
        "    b = (sensitive)\n"
        "    c = (unknown: no default)\n"
        "    d = [\n"
        "      1,\n"
        "      {\n"
        "        k = true\n"
        "      },\n"
        "    ]\n"
        "    e = []\n"
        "\n"
        "  aws_kms_key.main  aws_kms_key  main.tf:1  # may not exist: count is not known\n"
        "    f = {}\n"
        "\n"
        '  output o = "y"\n'
        "\n"
        "  not seen: module m is not here, main.tf:8\n"
        "  error: odd\n"
    )


def test_nothing() -> None:
    assert json.loads(show_json([])) == {"deployments": []}
    assert show_text([]) == "nothing to show: no Terraform or CloudFormation here\n"


def test_several_deployments_and_text_that_cannot_be_encoded() -> None:
    odd = make_deployment([MAIN_TF], "b", resources=(resource(a="\ud800"),))
    text = show_json([Deployment("cloudformation", "/repo/a", "a", Span(MAIN_TF, 0, 0)), odd])
    assert text.isascii()
    assert [deployment["root"] for deployment in json.loads(text)["deployments"]] == ["a", "b"]
