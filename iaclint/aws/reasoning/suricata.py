"""Suricata rules: what AWS Network Firewall's stateful engine does with traffic.

https://docs.suricata.io/en/latest/rules/intro.html
"""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct


class Action(Enum):
    """What a stateful rule does. https://docs.aws.amazon.com/network-firewall/latest/developerguide/rule-action.html"""

    PASS = "pass"
    DROP = "drop"
    REJECT = "reject"
    ALERT = "alert"


class SuricataRule(Struct, frozen=True):
    """The action of a rule, and whether the rule matches all traffic."""

    action: Action
    everything: bool = False

    @property
    def prevents(self) -> bool:
        """Return True if it drops or rejects traffic."""
        return self.action in (Action.DROP, Action.REJECT)

    @property
    def passes_everything(self) -> bool:
        """Return True if it passes all traffic, so that no later rule sees any."""
        return self.action is Action.PASS and self.everything


ACTIONS = {
    "pass": Action.PASS,
    "drop": Action.DROP,
    "alert": Action.ALERT,
    **dict.fromkeys(("reject", "rejectsrc", "rejectdst", "rejectboth"), Action.REJECT),
}
"""The actions by their words in rules."""

# action protocol source port direction destination port (options)
_RULE = re.compile(r"\s*(\w+)\s+(\S+)\s+(.*?)\s*(->|<>|=>)\s*([^(]*?)\s*(?:\((.*))?$", re.S)
_NARROWING = re.compile(
    r"\b(content|pcre|flow|flowbits|tls|http|dns|ssh|app-layer|ja3|ja4|geoip|iprep|aws_|dsize|ttl|flags|itype|ip_proto)\b"
)


def parse_suricata(text: str) -> tuple[SuricataRule, ...]:
    """Return the rules of a Suricata rule file, without comments and lines that are not rules."""
    rules: list[SuricataRule] = []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        match = _RULE.match(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        action = ACTIONS.get(match[1].lower())
        if action is None:
            continue
        ends = f"{match[3]} {match[5]}".split()
        everything = (
            match[2].lower() == "ip"
            and bool(ends)
            and all(end.lower() in ("any", "0.0.0.0/0") for end in ends)
            and not _NARROWING.search(match[6] or "")
        )
        rules.append(SuricataRule(action, everything))
    return tuple(rules)
