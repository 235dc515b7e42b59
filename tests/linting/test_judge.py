"""The judge: what it makes of rules that raise or cannot tell, of worlds, and of what a verdict is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from iaclint import Finding, Inventory, Outcome, Request, Rule, Severity, Undecided, Verdict, aws, scan
from iaclint.linting.judge import MAX_ASSIGNMENTS, judge
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, Undetermined
from iaclint.run.testing import deployment
from iaclint.source.files import is_downloaded
from tests.builtin_rules import ALL_RULES
from tests.command_line import BAD, write

TEMPLATE = "Resources:\n  K: {Type: AWS::KMS::Key}\n  L: {Type: AWS::KMS::Key}\n"
WHY = Reason("v is not known")
ROTATION = next(r for r in ALL_RULES if r.id == "kms-key-not-rotated")


class Source:
    """Where deployments come from, for tests: keeps the assignments that it is asked for, and evaluates nothing."""

    def __init__(self) -> None:
        self.assignments: list[dict[str, Any]] = []

    def with_inputs(self, deployment: Deployment, assignment: Mapping[str, Any]) -> Deployment:
        self.assignments.append(dict(assignment))
        return deployment


def rule(check: Callable[..., Any], **fields: Any) -> Rule[Any]:
    return replace(ROTATION, **{"id": "a-rule", "on": aws.kms.Key, "check": check, "applies": None, **fields})


def judged(made: Rule[Any], text: str = TEMPLATE, **inventory: Any) -> tuple[Verdict, ...]:
    with deployment(text, "cloudformation") as found:
        return judge(Inventory((found,), **inventory), (made,))


def outcomes(verdicts: tuple[Verdict, ...]) -> list[tuple[str, str, str]]:
    return [(v.outcome.value, v.address, v.message) for v in verdicts]


def raises(error: BaseException) -> Callable[..., Any]:
    def check(*_: object) -> Any:
        raise error

    return check


# -- what a rule does ------------------------------------------------------------------------------------


def test_what_a_rule_that_raises_says_is_kept_to_its_subject() -> None:
    def check(key: aws.kms.Key) -> Iterator[Finding]:
        if key.address == "K":
            raise ValueError("no")
        yield Finding("is wrong", at=key.span)

    verdicts = judged(rule(check, severity=Severity.HIGH))
    assert outcomes(verdicts) == [("error", "K", "the rule raised ValueError: no"), ("fail", "L", "is wrong")]
    assert [v.severity for v in verdicts] == [Severity.LOW, Severity.HIGH]
    assert [v.site.span.line for v in verdicts] == [2, 3]


def test_findings_before_an_undecided_question_count() -> None:
    def check(key: aws.kms.Key) -> Iterator[Finding]:
        if key.address == "K":
            yield Finding("is wrong", at=key.span)
        if Truth.undecided(WHY):
            yield Finding("is not reached", at=key.span)

    assert outcomes(judged(rule(check))) == [("fail", "K", "is wrong"), ("unknown", "L", "cannot tell: v is not known")]


def test_the_same_said_twice_at_one_place_is_one_verdict() -> None:
    def check(key: aws.kms.Key) -> Iterator[Finding]:
        for message in ("a", "b", "a"):
            yield Finding(message, at=key.span, severity=Severity.CRITICAL)

    verdicts = judged(rule(check), "Resources: {K: {Type: AWS::KMS::Key}}")
    assert [(v.message, v.severity) for v in verdicts] == [("a", Severity.CRITICAL), ("b", Severity.CRITICAL)]


@pytest.mark.parametrize(
    ("applies", "outcome"),
    [(TRUE, Outcome.PASS), (FALSE, Outcome.NOT_APPLICABLE), (Truth.undecided(WHY), Outcome.UNKNOWN)],
)
def test_whether_a_rule_applies(applies: Truth, outcome: Outcome) -> None:
    verdicts = judged(rule(lambda _: (), applies=lambda _: applies))
    assert {v.outcome for v in verdicts} == {outcome}


def test_what_is_certainly_not_there_is_not_judged() -> None:
    text = TEMPLATE.replace("Resources", "Conditions: {No: !Equals [a, b]}\nResources").replace(
        "L: {", "L: {Condition: No, "
    )
    assert outcomes(judged(rule(lambda _: ()), text)) == [("pass", "K", "")]


def test_options_reach_only_rules_that_have_some() -> None:
    def check(key: aws.kms.Key, *, word: str = "default") -> Iterator[Finding]:
        yield Finding(word, at=key.span)

    text, given = "Resources: {K: {Type: AWS::KMS::Key}}", {"a-rule": {"word": "given"}}
    assert [v.message for v in judged(rule(check, options={"word": "default"}), text, options=given)] == ["given"]
    assert [v.message for v in judged(rule(check), text, options=given)] == ["default"]


# -- subjects that cannot be chosen ----------------------------------------------------------------------


class Doubtful(aws.kms.Key):
    """A view whose choice of subjects raises."""

    error: BaseException

    @classmethod
    def select(cls, _deployment: Deployment) -> list[Any]:
        raise cls.error


class Whole:
    """The same of a view of everything."""

    scope = "inventory"
    select = Doubtful.select


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no"), ("error", "", "the rule raised ValueError: no")),
        (Undetermined((WHY,)), ("unknown", "", "cannot tell: v is not known")),
        (Undetermined(()), ("unknown", "", "cannot tell")),
    ],
)
def test_subjects_that_cannot_be_chosen(
    error: BaseException, said: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Doubtful, "error", error, raising=False)
    [verdict] = verdicts = judged(rule(lambda _: (), on=Doubtful, severity=Severity.HIGH))
    assert outcomes(verdicts) == [said]
    assert verdict.site.span == verdict.deployment.header
    assert verdict.severity is (Severity.LOW if verdict.outcome is Outcome.ERROR else Severity.HIGH)
    assert verdict.reasons == (error.reasons if isinstance(error, Undetermined) else ())


def test_a_view_of_everything_that_cannot_be_made() -> None:
    class Everything(aws.views.InventoryView):
        @classmethod
        def select(cls, _inventory: Inventory) -> list[Any]:
            raise ValueError("no")

    assert outcomes(judged(rule(lambda _: (), on=Everything))) == [("error", "", "the rule raised ValueError: no")]


def test_a_view_of_everything_is_asked_once() -> None:
    asked: list[Any] = []

    class Everything(aws.views.InventoryView):
        @classmethod
        def select(cls, inventory: Inventory) -> list[Any]:
            return [cls(inventory, inventory.deployments[0])]

    def check(everything: Any) -> Iterator[Finding]:
        asked.append(everything)
        yield Finding("is wrong", at=everything)

    with deployment(TEMPLATE, "cloudformation") as one, deployment(TEMPLATE, "cloudformation") as two:
        verdicts = judge(Inventory((one, two)), (rule(check, on=Everything),))
    assert (outcomes(verdicts), len(asked)) == ([("fail", "", "is wrong")], 1)


# -- order and progress ----------------------------------------------------------------------------------


def test_verdicts_are_sorted_by_place_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []

    def check(key: aws.kms.Key) -> Iterator[Finding]:
        yield Finding("is wrong", at=key.span)

    rules = (rule(check, id="b-rule"), rule(check, id="a-rule"))
    with deployment(TEMPLATE, "cloudformation") as one, deployment(TEMPLATE, "cloudformation") as two:
        verdicts = judge(Inventory((one, two)), rules, progress=lambda *numbers: told.append(numbers))
    assert told == [(0, 2), (1, 2)]
    keys = [(v.site.span.file.path, v.site.span.start, v.rule.id) for v in verdicts]
    assert keys == sorted(keys) and len(keys) == 8


# -- worlds ----------------------------------------------------------------------------------------------


def template(numbers: tuple[int, ...], rotation: str) -> str:
    """A key, and parameters that have as many values as the numbers say."""
    parameters = "".join(
        f"  P{i}: {{Type: String, AllowedValues: [{', '.join(f'v{n}' for n in range(number))}]}}\n"
        for i, number in enumerate(numbers)
    )
    conditions = "".join(f"  C{i}: !Equals [!Ref P{i}, v0]\n" for i in range(len(numbers)))
    return (
        f"Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n  K:\n    Type: AWS::KMS::Key\n"
        f"    Properties: {{EnableKeyRotation: {rotation}}}\n"
    )


def report(tmp_path: Path, text: str, **fields: Any) -> tuple[Verdict, ...]:
    write(tmp_path, {"t.yaml": text})
    return scan(Request(paths=(str(tmp_path),), rules=(replace(ROTATION, **fields),))).verdicts


BOTH = "!If [C0, !If [C1, true, true], !If [C1, true, true]]"


@pytest.mark.parametrize(("numbers", "outcome"), [((8, 8), Outcome.PASS), ((8, 9), Outcome.UNKNOWN)])
def test_no_more_worlds_than_the_limit(numbers: tuple[int, int], outcome: Outcome, tmp_path: Path) -> None:
    asked: list[str] = []

    def check(key: aws.kms.Key) -> Iterator[Finding | Undecided]:
        asked.append(key.address)
        yield from ROTATION.check(key)

    def undecided(key: aws.kms.Key) -> Iterator[Finding | Undecided]:
        yield from check(key)
        one, two = (key.deployment.inputs[name].value.is_("v0") for name in ("P0", "P1"))
        if ~((one | ~one) & (two | ~two)):  # false, but only who knows both can tell
            yield Finding("cannot be", at=key.span)

    [verdict] = report(tmp_path, template(numbers, "true"), check=undecided)
    assert verdict.outcome is outcome
    assert len(asked) == 1 + (numbers[0] * numbers[1] if outcome is Outcome.PASS else numbers[0])
    assert len(asked) <= 1 + MAX_ASSIGNMENTS


def test_some_of_many_worlds_are_named(tmp_path: Path) -> None:
    for number, more in ((4, ""), (5, ", or in 1 more cases"), (9, ", or in 5 more cases")):
        [verdict] = report(tmp_path, template((number,), "!If [C0, false, true]"))
        named = ", or ".join(f"P0 is v{n}" for n in range(1, 4))
        assert verdict.message == f"fails when P0 is v0; passes when {named}{more}"
        assert verdict.reasons[0].detail == verdict.message
        assert len(verdict.reasons) > 1


def test_worlds_that_decide_nothing_change_nothing(tmp_path: Path) -> None:
    text = template((2,), "!If [C0, !Ref Free, !Ref Free]").replace(
        "Parameters:\n", "Parameters:\n  Free: {Type: String}\n"
    )
    [verdict] = report(tmp_path, text)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.message == f"cannot tell: {verdict.reasons[0].detail}"


def test_a_world_that_decides_and_one_that_does_not(tmp_path: Path) -> None:
    text = template((2,), "!If [C0, !Ref Free, true]").replace("Parameters:\n", "Parameters:\n  Free: {Type: String}\n")
    [verdict] = report(tmp_path, text)
    assert (verdict.outcome, verdict.message) == (Outcome.UNKNOWN, "passes when P0 is v1")


def test_what_is_there_in_no_world_keeps_its_verdict(tmp_path: Path) -> None:
    """The condition is undecided as far as anybody can see, and false in each world."""
    text = template((2,), "!If [C0, true, false]").replace(
        "Conditions:\n", "Conditions:\n  N: !And [!Condition C0, !Not [!Condition C0]]\n"
    )
    verdicts = report(tmp_path, text.replace("    Type: AWS", "    Condition: N\n    Type: AWS"))
    assert {v.outcome for v in verdicts} <= {Outcome.UNKNOWN}


def test_a_failure_of_a_part_settles_the_whole_without_worlds(tmp_path: Path) -> None:
    """Two subjects of one address, of which one fails and one cannot be told."""
    source = Source()

    class Part(aws.kms.Key):
        number = 0

        @classmethod
        def select(cls, deployment: Deployment) -> list[Any]:
            parts = [cls(deployment.resources[0], deployment) for _ in range(2)]
            parts[1].number = 1
            return parts

    def check(part: Any) -> Iterator[Finding]:
        if part.number:
            yield Finding("is wrong", at=part.span)
        elif Truth.undecided(Reason("v", None, ("P0",))):
            yield Finding("is not reached", at=part.span)

    with deployment(template((2,), "true"), "cloudformation") as found:
        verdicts = judge(Inventory((found,)), (rule(check, on=Part),), source)
    assert sorted(v.outcome.value for v in verdicts) == ["fail", "unknown"]
    assert not source.assignments


def test_without_a_way_to_evaluate_again_there_are_no_worlds() -> None:
    with deployment(template((2,), "!If [C0, true, false]"), "cloudformation") as found:
        [verdict] = judge(Inventory((found,)), (ROTATION,))
    assert (verdict.outcome, verdict.message) == (Outcome.UNKNOWN, f"cannot tell: {verdict.reasons[0].detail}")


def test_a_world_is_evaluated_once(tmp_path: Path) -> None:
    source = Source()
    text = template((2,), "!If [C0, true, false]")
    text += text[text.index("  K:") :].replace("  K:", "  L:")
    with deployment(text, "cloudformation") as found:
        judge(Inventory((found,)), (ROTATION, replace(ROTATION, id="again")), source)
    first, second = source.assignments
    assert first != second


def test_values_of_worlds_as_people_write_them(tmp_path: Path) -> None:
    text = template((1,), "!If [C0, false, true]").replace("[v0]", '["", b]').replace("!Ref P0, v0", '!Ref P0, ""')
    [verdict] = report(tmp_path, text)
    assert verdict.message == 'fails when P0 is ""; passes when P0 is b'


# -- what a verdict is about -----------------------------------------------------------------------------


def test_the_property_that_a_finding_is_about() -> None:
    at: dict[str, Callable[[Any], Any]] = {
        "value": lambda key: key.rotation,
        "view": lambda key: key,
        "resource": lambda key: key.resource,
        "span": lambda key: key.span,
    }
    found: dict[str, tuple[str, int]] = {}
    text = "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties: {EnableKeyRotation: false}\n"
    for name, where in at.items():
        [verdict] = judged(rule(lambda key, where=where: [Finding("is wrong", at=where(key))]), text)
        found[name] = (verdict.site.attribute, verdict.site.span.line)
    rule_of_group = rule(lambda opening: [Finding("is wrong", at=opening)], on=aws.security_groups.IngressRule)
    ingress = "[{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}]"
    group = (
        f"Resources:\n  S:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{SecurityGroupIngress: {ingress}}}\n"
    )
    [verdict] = judged(rule_of_group, group)
    assert verdict.site.attribute == "SecurityGroupIngress[0]"
    assert found == {"value": ("EnableKeyRotation", 4), "view": ("", 2), "resource": ("", 2), "span": ("", 2)}


def test_a_finding_in_a_module_from_elsewhere_is_at_its_call(tmp_path: Path) -> None:
    """Whatever lies deeper: the nearest call that the reader can edit."""
    modules = [
        {"Key": "m", "Source": "example/keys/aws", "Dir": ".terraform/modules/m"},
        {"Key": "m.n", "Source": "./n", "Dir": ".terraform/modules/m/n"},
    ]
    write(
        tmp_path,
        {
            "main.tf": '\nmodule "m" {\n  source = "example/keys/aws"\n}\n',
            ".terraform/modules/modules.json": json.dumps({"Modules": modules}),
            ".terraform/modules/m/main.tf": 'module "n" {\n  source = "./n"\n}\n',
            ".terraform/modules/m/n/main.tf": BAD,
        },
    )
    [verdict] = scan(Request(paths=(str(tmp_path),), rules=(ROTATION,))).verdicts
    assert (verdict.site.span.file.name.rpartition("/")[2], verdict.site.span.line) == ("main.tf", 2)
    assert ".terraform" not in verdict.site.span.file.path
    assert verdict.site.inner.file.path.endswith("n/main.tf")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/a/main.tf", True),
        ("/a/.terraform/modules/m/main.tf", False),
        ("C:\\a\\.terraform\\modules\\m\\main.tf", False),
        ("C:\\a\\x.terraform\\main.tf", True),
    ],
)
def test_whose_file_it_is(path: str, own: bool) -> None:
    assert is_downloaded(path) is not own
