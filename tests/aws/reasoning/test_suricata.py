"""Suricata rules."""

from __future__ import annotations

import pytest

from iaclint.aws.reasoning.suricata import Action, parse_suricata


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('drop tcp any any -> any 23 (msg:"x"; sid:1;)', [(Action.DROP, False)]),
        ("  # drop tcp any any -> any 23 (sid:1;)", []),
        ("", []),
        ("dorp tcp any any -> any 23 (sid:1;)", []),
        ("pass ip any any -> any any (sid:1;)", [(Action.PASS, True)]),
        ("pass ip any any <> any any (sid:1;)", [(Action.PASS, True)]),
        ("pass tcp any any -> any any (sid:1;)", [(Action.PASS, False)]),
        ("pass ip $HOME_NET any -> any any (sid:1;)", [(Action.PASS, False)]),
        ("pass ip any any -> any any (geoip:dst,DE; sid:1;)", [(Action.PASS, False)]),
        ("rejectboth tcp any any -> any 23 (sid:1;)", [(Action.REJECT, False)]),
        ("alert http any any -> any any (content:\"drop\"; sid:1;)\ndrop tcp any any -> any 1 (sid:2;)",
         [(Action.ALERT, False), (Action.DROP, False)]),
        ("drop tcp [10.0.0.0/8, 192.168.0.0/16] any -> any [22, 23] \\\n (sid:1;)", [(Action.DROP, False)]),
    ],
)  # fmt: skip
def test_suricata_rules_are_read_as_far_as_needed(text: str, expected: list[tuple[Action, bool]]) -> None:
    assert [(rule.action, rule.everything) for rule in parse_suricata(text)] == expected
