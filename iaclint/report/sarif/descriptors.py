"""Descriptions of rules, and the taxonomies that they refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from iaclint.linting.criteria import title as criterion_title
from iaclint.linting.rule import Rule, Severity
from iaclint.report.common import HOME, clean_block, sentence, uri
from iaclint.report.help import rule_help
from iaclint.report.sarif import om

MAX_TAGS = 10
MAX_DESCRIPTION = 1024
SOC2_GUID = "ed3a8105-e161-5516-ac68-944fcc2a331d"
CWE_GUID = "3804e7c4-0751-548d-a126-8a4f3ffdb3fe"
"""`uuid5(NAMESPACE_URL, f"{HOME}/taxonomies/{name}")`. To compute it would load OpenSSL, which takes 3 ms."""


LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""GitHub's bands are: critical over 9.0, high from 7.0, medium from 4.0, low below."""

TEMPLATES = {"finding": "'{0}' in '{1}'.", "explained": "'{0}' in '{1}'. '{2}'."}
"""Message templates; they are the same for all rules, since a rule's metadata must not vary with what it finds."""


def rule_descriptor(rule: Rule[Any], taxonomies: Sequence[Taxonomy]) -> Any:
    """Return the description of one of iaclint's rules."""
    text, markdown = rule_help(rule)
    title = sentence(rule.title or rule.id)
    first_paragraph = " ".join(rule.doc.split("\n\n", 1)[0].split())
    relationships = [
        om.ReportingDescriptorRelationship(target=target, kinds=["relevant"]) for target in taxa_of(rule, taxonomies)
    ]
    return om.ReportingDescriptor(
        id=rule.id,
        # the validator takes a name that only differs in case for the id itself
        name=rule.name if rule.name.lower() != rule.id.lower() else f"{rule.name}Rule",
        short_description=multiformat(_cut(title, MAX_DESCRIPTION)),
        full_description=multiformat(_cut(sentence(first_paragraph or title), MAX_DESCRIPTION)),
        help=om.MultiformatMessageString(text=clean_block(text), markdown=clean_block(markdown)),
        help_uri=f"{HOME}/blob/main/docs/rules/{uri(rule.id)}.md",
        message_strings={name: multiformat(template) for name, template in TEMPLATES.items()},
        default_configuration=om.ReportingConfiguration(enabled=rule.enabled, level=LEVELS[rule.severity]),
        relationships=relationships or None,
        properties={
            "tags": _tags(rule),
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(LEVELS[rule.severity], "recommendation"),
            "security-severity": SCORES[rule.severity],
            "equivalents": {tool: list(ids) for tool, ids in sorted(rule.equivalents.items())},
        },
    )


def other_tool_rule_descriptor(rule: Rule[Any], home: str) -> Any:
    """Return the description of a rule of another tool. `home` is the address of the tool."""
    description, _, url = rule.doc.rpartition("\n\n")
    title = sentence(rule.title or rule.id)
    text = clean_block(f"{title} {description}".strip())
    words_of_title = re.findall("[A-Za-z0-9]+", rule.title) or ["Rule"]
    return om.ReportingDescriptor(
        id=rule.id,
        name="".join(word.capitalize() for word in words_of_title)[:255],
        short_description=multiformat(_cut(title, MAX_DESCRIPTION)),
        full_description=multiformat(_cut(sentence(description or title), MAX_DESCRIPTION)),
        help=om.MultiformatMessageString(text=text, markdown=text),
        help_uri=url if url.startswith("https://") else home,
        message_strings={name: multiformat(template) for name, template in TEMPLATES.items()},
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
        properties={"tags": ["correctness", "aws", "cloudformation"], "precision": "high"},
    )


class Taxonomy:
    """A taxonomy, with the taxa that the rules of a run refer to.

    index       its place among the taxonomies of the run
    names_of    returns the names of a rule's taxa
    properties  further properties of the SARIF object
    taxa        the SARIF objects of the taxa by name
    """

    def __init__(
        self,
        index: int,
        name: str,
        guid: str,
        names_of: Callable[[Rule[Any]], Iterable[str]],
        properties: Mapping[str, Any],
        taxa: Mapping[str, Any],
    ) -> None:
        self.names_of = names_of
        self.reference = om.ToolComponentReference(name=name, index=index, guid=guid)
        self.component = om.ToolComponent(name=name, guid=guid, taxa=list(taxa.values()), **properties)
        self._taxa = {key: (taxon.id, position) for position, (key, taxon) in enumerate(taxa.items())}

    def taxon(self, key: str) -> Any:
        """Return a reference to a taxon."""
        name, position = self._taxa[key]
        return om.ReportingDescriptorReference(id=name, index=position, tool_component=self.reference)

    @classmethod
    def soc2(cls, criteria: set[str]) -> Taxonomy:
        """Return the trust services criteria."""
        taxa = {
            name: om.ReportingDescriptor(id=name, short_description=multiformat(criterion_title(name) + "."))
            for name in sorted(criteria)
        }
        properties = {
            "version": "2017",
            "organization": "AICPA",
            "information_uri": "https://www.aicpa-cima.com/resources/download/"
            "2017-trust-services-criteria-with-revised-points-of-focus-2022",
            "short_description": multiformat("Trust services criteria, with titles in iaclint's words."),
        }
        return cls(0, "SOC2", SOC2_GUID, attrgetter("soc2"), properties, taxa)

    @classmethod
    def cwe(cls, numbers: set[str]) -> Taxonomy:
        """Return the Common Weakness Enumeration; numbers may start with "CWE-"."""
        taxa = {
            number: om.ReportingDescriptor(
                id=f"CWE-{_digits(number)}", help_uri=f"https://cwe.mitre.org/data/definitions/{_digits(number)}.html"
            )
            for number in sorted(numbers, key=lambda n: (len(_digits(n)), n))
        }
        properties = {
            "organization": "MITRE",
            "information_uri": "https://cwe.mitre.org/",
            "short_description": multiformat("Common Weakness Enumeration."),
        }
        return cls(1, "CWE", CWE_GUID, attrgetter("cwe"), properties, taxa)


def taxa_of(rule: Rule[Any], taxonomies: Sequence[Taxonomy]) -> list[Any]:
    """Return references to the taxa of a rule."""
    return [taxonomy.taxon(name) for taxonomy in taxonomies for name in dict.fromkeys(taxonomy.names_of(rule))]


def multiformat(text: str) -> Any:
    """Return a text as SARIF has the texts of descriptions."""
    return om.MultiformatMessageString(text=text)


def _digits(number: str) -> str:
    return number.upper().removeprefix("CWE-")


def _tags(rule: Rule[Any]) -> list[str]:
    """Return at most MAX_TAGS tags, the most useful first: code scanning shows no more."""
    tags = ["security", *(f"external/cwe/cwe-{_digits(number)}" for number in rule.cwe)]
    tags += [f"SOC2/{name}" for name in rule.soc2]
    tags += [*([rule.family] if rule.family else []), "aws", "terraform", "cloudformation"]
    return list(dict.fromkeys(tags))[:MAX_TAGS]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + "…."
