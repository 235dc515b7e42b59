"""What patterns of metric filters and of EventBridge select."""

from __future__ import annotations

import pytest

from iaclint.aws.reasoning.eventpattern import Event, calls, event_rule_selects, log_filter_selects
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile, Span

(STOP,) = calls("cloudtrail", "StopLogging")
ROOT = Event("Root", {"userIdentity.type": "Root", "userIdentity.invokedBy": None, "eventType": "AwsApiCall"})
DENIED = Event("denied", {"errorCode": "Client.UnauthorizedOperation"})
SPAN = Span(SourceFile("main.tf", ""), 0, 0)


def value(data: object) -> Value[object]:
    if isinstance(data, dict):
        return Value({name: value(item) for name, item in data.items()}, SPAN)
    if isinstance(data, list):
        return Value(tuple(value(item) for item in data), SPAN)
    return Value(data, SPAN)


@pytest.mark.parametrize(
    ("pattern", "event", "selects"),
    [
        ("", STOP, True),
        ("{ $.eventName = StopLogging }", STOP, True),
        ('{($.eventName="StopLogging")}', STOP, True),
        ("{ $.eventName = StartLogging }", STOP, False),
        ("{ ($.eventName = StartLogging) || ($.eventName = Stop*) }", STOP, True),
        ("{ $.eventName = StopLogging && $.sourceIPAddress = 192.0.2.1 }", STOP, False),
        ("{ $.eventName = StopLogging && $.sourceIPAddress != 192.0.2.1 }", STOP, True),
        ("{ $.eventName = Start* || $.eventName = Stop* && $.eventName = *Logging }", STOP, True),
        ("{ ($.eventName = Stop* || $.eventName = Start*) && $.eventName = *Recorder }", STOP, False),
        ("{ $.errorCode NOT EXISTS && $.eventName = StopLogging }", STOP, True),
        ("{ $.userIdentity.invokedBy EXISTS }", ROOT, False),
        (
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsService*" }',
            ROOT,
            True,
        ),
        ("{ $.userIdentity.type = Root && $.eventName = ConsoleLogin }", ROOT, False),
        ('{ $.errorCode = "*UnauthorizedOperation" }', DENIED, True),
        ('{ $.errorCode = "AccessDenied*" }', DENIED, False),
        ("StopLogging", STOP, True),
        ("?StartLogging ?StopLogging", STOP, True),
        ("StopLogging -cloudtrail", STOP, False),
        ("[ip, user, name]", STOP, False),
        ("{ $.requestParameters.count > 3 }", STOP, False),
    ],
)
def test_a_filter_pattern_selects_what_it_says(pattern: str, event: Event, selects: bool) -> None:
    assert log_filter_selects(value(pattern), event).value is selects


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventName = %Stop.*% }",
        "{ ($.eventName = StopLogging }",
        "{ $.eventName ~ StopLogging }",
        "{ eventName = StopLogging }",
        "{" + "(" * 500 + "$.eventName = x" + ")" * 500 + "}",
    ],
)
def test_what_is_not_understood_is_undecided(pattern: str) -> None:
    assert log_filter_selects(value(pattern), STOP).value is None


@pytest.mark.parametrize(
    ("pattern", "selects"),
    [
        ({"source": ["aws.cloudtrail"]}, True),
        ({"source": ["aws.config"]}, False),
        ('{"detail": {"eventName": ["StopLogging", "DeleteTrail"]}}', True),
        ({"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": [{"prefix": "Stop"}]}}, True),
        ({"detail-type": ["AWS Console Sign In via CloudTrail"]}, False),
        ({"detail": {"eventName": [{"anything-but": ["StopLogging"]}]}}, False),
        ({"detail": {"eventName": [{"anything-but": {"prefix": "Start"}}]}}, True),
        ({"detail": {"errorCode": [{"exists": False}]}}, True),
        ({"detail": {"errorCode": [{"exists": True}]}}, False),
        ({"detail": {"userIdentity": {"type": ["Root"]}}}, False),
        ({"detail": {"eventName": [{"wildcard": "*Logging"}], "awsRegion": ["eu-west-1"]}}, False),
        ({"$or": [{"source": ["aws.config"]}, {"source": ["aws.cloudtrail"]}]}, True),
        ({"detail": {"eventName": [{"equals-ignore-case": "stoplogging"}]}}, True),
    ],
)
def test_an_event_pattern_selects_what_it_says(pattern: object, selects: bool) -> None:
    assert event_rule_selects(value(pattern), STOP).value is selects


def test_unknown_patterns_are_undecided() -> None:
    unknown: Value[object] = Value(Unknown(UnknownCause.INPUT, "var.pattern has no value"), SPAN)
    assert log_filter_selects(unknown, STOP).value is None
    assert event_rule_selects(unknown, STOP).value is None
    assert event_rule_selects(value("not json"), STOP).value is None
