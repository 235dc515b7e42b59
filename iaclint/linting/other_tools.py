"""The exceptions that other scanners' comments and metadata state, so that they can be honoured or rewritten.

How each tool writes them is in its own manual:
checkov   https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
trivy     https://trivy.dev/latest/docs/configuration/filtering/ (tfsec's comments have the same form)
kics      https://docs.kics.io/latest/running-kics/#using_commands_on_scanned_files_as_comments
cfn_nag   https://github.com/stelligent/cfn_nag#per-resource-rule-suppression
cfn-lint  https://github.com/aws-cloudformation/cfn-lint#metadata
guard     https://github.com/aws-cloudformation/aws-guard-rules-registry#suppressing-rules
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from iaclint.model.value import Value
from iaclint.source.files import Span

TOOLS = ("checkov", "trivy", "tfsec", "kics", "cfn_nag", "cfn-lint", "guard")
"""The tools whose exceptions are understood."""

_CATALOGUES = {"tfsec": "trivy", "cfn-lint": "cfn_lint"}
"""Whose ids a tool uses, where these are not filed under its own name."""

EVERYTHING = "*"
"""As an id: all checks of the tool."""


class Foreign(Struct, frozen=True):
    """An exception for another tool.

    scope  "line": the line it stands on, or the one below, with the block that starts there;
           "block": the block around it; "file": everything in the file
    """

    tool: str
    ids: tuple[str, ...]
    reason: str
    until: str
    scope: Literal["line", "block", "file"]
    text: str

    @property
    def stated_reason(self) -> str:
        """The reason, or that there is none."""
        return self.reason or f"taken over from {self.text}, which gives no reason"


_CHECKOV = re.compile(r"\b(?:checkov|bridgecrew|cortex):skip=\s*(?P<ids>[A-Za-z0-9_,]+)(?::(?P<reason>.*))?", re.DOTALL)
_TRIVY = re.compile(
    r"\b(?P<tool>trivy|tfsec):ignore:(?P<id>\*|[A-Za-z0-9_.-]+)(?:\[[^\]]*\])?"
    r"(?:(?::ws:[^\s:]+)|(?::exp:(?P<until>\d{4}-\d{2}-\d{2})))*"
)
_KICS = re.compile(r"^\s*kics-scan\s+(?P<word>ignore-block|ignore-line|ignore|disable)(?:\s*=\s*(?P<ids>[\w, -]+))?")


def of_comment(text: str) -> Iterator[Foreign]:
    """What a comment says to other tools."""
    if match := _CHECKOV.search(text):
        ids = tuple(i for i in match["ids"].split(",") if i)
        yield Foreign("checkov", ids, _line(match["reason"]), "", "block", f"checkov:skip={match['ids']}")
    for match in _TRIVY.finditer(text):
        shown = f"{match['tool']}:ignore:{match['id']}"
        yield Foreign(match["tool"], (match["id"],), "", match["until"] or "", "line", shown)
    if match := _KICS.match(text):
        word = match["word"]
        shown = f"kics-scan {word}"
        if word == "disable":
            ids = tuple(i.strip() for i in (match["ids"] or "").split(",") if i.strip())
            if ids:
                yield Foreign("kics", ids, "", "", "file", f"{shown}={','.join(ids)}")
        else:
            yield Foreign("kics", (EVERYTHING,), "", "", "file" if word == "ignore" else "line", shown)


def of_metadata(metadata: Value[Any]) -> Iterator[tuple[Foreign, Span]]:
    """What a CloudFormation resource's Metadata says to other tools, each with its place."""
    for item in metadata.path("checkov", "skip").elements().items:
        yield from _entry("checkov", item, "id", "comment")
    for item in metadata.path("cfn_nag", "rules_to_suppress").elements().items:
        yield from _entry("cfn_nag", item, "id", "reason")
    for item in metadata.path("cfn-lint", "config", "ignore_checks").elements().items:
        if isinstance(item.data, str):
            yield Foreign("cfn-lint", (item.data,), "", "", "block", f"cfn-lint ignore_checks {item.data}"), item.span
    for item in metadata.path("guard", "SuppressedRules").elements().items:
        if isinstance(item.data, str):
            yield Foreign("guard", (item.data,), "", "", "block", f"guard SuppressedRules {item.data}"), item.span


def _entry(tool: str, item: Value[Any], id_key: str, reason_key: str) -> Iterator[tuple[Foreign, Span]]:
    name, reason = item.key(id_key).data, item.key(reason_key).data
    if isinstance(name, str):
        text = _line(reason) if isinstance(reason, str) else ""
        yield Foreign(tool, (name,), text, "", "block", f"{tool} {name}"), item.span


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


class Crosswalk:
    """Which rules answer another tool's checks."""

    def __init__(self, equivalents: Iterable[tuple[str, Mapping[str, Iterable[str]]]]) -> None:
        self._rules: dict[tuple[str, str], dict[str, None]] = {}
        for rule_id, by_tool in equivalents:
            for tool, ids in by_tool.items():
                for name in ids:
                    self._rules.setdefault((tool, normal(name)), {})[rule_id] = None

    def rules(self, foreign: Foreign) -> tuple[str, ...]:
        """The rules that an exception speaks of; EVERYTHING stands for all."""
        if EVERYTHING in foreign.ids:
            return (EVERYTHING,)
        tool = _CATALOGUES.get(foreign.tool, foreign.tool)
        return tuple(dict.fromkeys(r for name in foreign.ids for r in self._rules.get((tool, normal(name)), ())))

    def unknown(self, foreign: Foreign) -> tuple[str, ...]:
        """The checks of an exception that no rule answers."""
        tool = _CATALOGUES.get(foreign.tool, foreign.tool)
        return tuple(i for i in foreign.ids if i != EVERYTHING and (tool, normal(i)) not in self._rules)


def normal(name: str) -> str:
    """An id as it is compared: trivy writes AVD-AWS-0065, AWS-0065 and aws-0065 for the same check."""
    return name.lower().removeprefix("avd-")
