"""Suppressions for other scanners in comments and metadata, read so that they can be honoured or rewritten.

The manuals of the tools define their forms:
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
"""The tools whose suppressions are understood."""

_CATALOGUES = {"tfsec": "trivy", "cfn-lint": "cfn_lint"}
"""The tool whose ids another tool uses, by the name of the other tool."""

EVERYTHING = "*"
"""As an id: all checks of the tool."""


class ToolSuppression(Struct, frozen=True):
    """A suppression for another tool.

    tool    one of TOOLS
    ids     ids of its checks, or EVERYTHING
    reason  "" if there is none
    until   the last day on which it counts, as text; "" for none
    scope   "line": its line, or the line below, with the block that starts there; "block": the block around it;
            "file": the whole file
    text    how it is written, in short
    """

    tool: str
    ids: tuple[str, ...]
    reason: str
    until: str
    scope: Literal["line", "block", "file"]
    text: str

    @property
    def stated_reason(self) -> str:
        """The reason, or a note that there is none."""
        return self.reason or f"taken over from {self.text}, which gives no reason"


_CHECKOV = re.compile(r"\b(?:checkov|bridgecrew|cortex):skip=\s*(?P<ids>[A-Za-z0-9_,]+)(?::(?P<reason>.*))?", re.DOTALL)
_TRIVY = re.compile(
    r"\b(?P<tool>trivy|tfsec):ignore:(?P<id>\*|[A-Za-z0-9_.-]+)(?:\[[^\]]*\])?"
    r"(?:(?::ws:[^\s:]+)|(?::exp:(?P<until>\d{4}-\d{2}-\d{2})))*"
)
_KICS = re.compile(r"^\s*kics-scan\s+(?P<word>ignore-block|ignore-line|ignore|disable)(?:\s*=\s*(?P<ids>[\w, -]+))?")


def of_comment(text: str) -> Iterator[ToolSuppression]:
    """Yield the suppressions for other tools in a comment."""
    if match := _CHECKOV.search(text):
        ids = tuple(i for i in match["ids"].split(",") if i)
        yield ToolSuppression("checkov", ids, _line(match["reason"]), "", "block", f"checkov:skip={match['ids']}")
    for match in _TRIVY.finditer(text):
        shown = f"{match['tool']}:ignore:{match['id']}"
        yield ToolSuppression(match["tool"], (match["id"],), "", match["until"] or "", "line", shown)
    if match := _KICS.match(text):
        word = match["word"]
        shown = f"kics-scan {word}"
        if word == "disable":
            ids = tuple(i.strip() for i in (match["ids"] or "").split(",") if i.strip())
            if ids:
                yield ToolSuppression("kics", ids, "", "", "file", f"{shown}={','.join(ids)}")
        else:
            yield ToolSuppression("kics", (EVERYTHING,), "", "", "file" if word == "ignore" else "line", shown)


def of_metadata(metadata: Value[Any]) -> Iterator[tuple[ToolSuppression, Span]]:
    """Yield the suppressions for other tools in the Metadata of a CloudFormation resource, each with its place."""
    for item in metadata.path("checkov", "skip").elements().items:
        yield from _entry("checkov", item, "id", "comment")
    for item in metadata.path("cfn_nag", "rules_to_suppress").elements().items:
        yield from _entry("cfn_nag", item, "id", "reason")
    for item in metadata.path("cfn-lint", "config", "ignore_checks").elements().items:
        if isinstance(item.data, str):
            text = f"cfn-lint ignore_checks {item.data}"
            yield ToolSuppression("cfn-lint", (item.data,), "", "", "block", text), item.span
    for item in metadata.path("guard", "SuppressedRules").elements().items:
        if isinstance(item.data, str):
            text = f"guard SuppressedRules {item.data}"
            yield ToolSuppression("guard", (item.data,), "", "", "block", text), item.span


def _entry(tool: str, item: Value[Any], id_key: str, reason_key: str) -> Iterator[tuple[ToolSuppression, Span]]:
    name, reason = item.key(id_key).data, item.key(reason_key).data
    if isinstance(name, str):
        text = _line(reason) if isinstance(reason, str) else ""
        yield ToolSuppression(tool, (name,), text, "", "block", f"{tool} {name}"), item.span


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


class Crosswalk:
    """The rules that stand for the checks of other tools.

    equivalents  pairs of the id of a rule and the ids of the same checks in other tools, by tool
    """

    def __init__(self, equivalents: Iterable[tuple[str, Mapping[str, Iterable[str]]]]) -> None:
        self._rules: dict[tuple[str, str], dict[str, None]] = {}
        for rule_id, by_tool in equivalents:
            for tool, ids in by_tool.items():
                for name in ids:
                    self._rules.setdefault((tool, normal(name)), {})[rule_id] = None

    def rules(self, declared: ToolSuppression) -> tuple[str, ...]:
        """Return the rules that stand for the checks of a suppression; EVERYTHING for all."""
        if EVERYTHING in declared.ids:
            return (EVERYTHING,)
        tool = _CATALOGUES.get(declared.tool, declared.tool)
        return tuple(dict.fromkeys(r for name in declared.ids for r in self._rules.get((tool, normal(name)), ())))

    def unknown(self, declared: ToolSuppression) -> tuple[str, ...]:
        """Return the checks of a suppression that no rule stands for."""
        tool = _CATALOGUES.get(declared.tool, declared.tool)
        return tuple(i for i in declared.ids if i != EVERYTHING and (tool, normal(i)) not in self._rules)


def normal(name: str) -> str:
    """Return an id as it is compared: trivy writes AVD-AWS-0065, AWS-0065 and aws-0065 for the same check."""
    return name.lower().removeprefix("avd-")
