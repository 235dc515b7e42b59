"""The documentation of a rule as plain text and as Markdown, for code scanning and for rule pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iaclint.linting.criteria import title as criterion_title
from iaclint.linting.rule import Rule

LANGUAGES = {"terraform": ("Terraform", "hcl"), "cloudformation": ("CloudFormation", "yaml")}


def rule_help(rule: Rule[Any]) -> tuple[str, str]:
    """Return the documentation of a rule as plain text and as Markdown."""
    return "\n\n".join(_text(rule)), "\n\n".join(_markdown(rule))


def _text(rule: Rule[Any]) -> Iterator[str]:
    yield f"{rule.title or rule.id}."
    if rule.doc:
        yield rule.doc
    if rule.soc2:
        yield "SOC 2 criteria: " + ", ".join(f"{name} ({criterion_title(name)})" for name in rule.soc2)
    if rule.equivalents:
        yield "The same elsewhere: " + "; ".join(f"{tool} {', '.join(ids)}" for tool, ids in _equivalents(rule))
    yield f"Run `iaclint explain {rule.id}` for examples."


def _markdown(rule: Rule[Any]) -> Iterator[str]:
    yield f"**{rule.title or rule.id}.** `{rule.id}`, {rule.severity.value}"
    if rule.doc:
        yield rule.doc
    for heading, examples_ in (("What fails", rule.bad), ("What passes", rule.good)):
        for example in examples_[:1]:
            yield f"### {heading}"
            for side, (language, fence) in LANGUAGES.items():
                code = getattr(example, side)
                if code:
                    yield f"{language}:"
                    yield fenced(code, "json" if side == "cloudformation" and code.lstrip().startswith("{") else fence)
            if example.only:
                yield f"Only there: {example.only}"
    if rule.options:
        rows = "\n".join(f"| `{name}` | `{value!r}` |" for name, value in sorted(rule.options.items()))
        yield f"### Options\n\n| option | default |\n|---|---|\n{rows}"
    if rule.soc2:
        yield "### Criteria\n\n" + "\n".join(f"- SOC 2 {name}: {criterion_title(name)}" for name in rule.soc2)
    if rule.cwe:
        yield "\n".join(f"- [CWE-{n}](https://cwe.mitre.org/data/definitions/{n}.html)" for n in map(_digits, rule.cwe))
    if rule.equivalents:
        rows = "\n".join(f"| {tool} | {', '.join(f'`{i}`' for i in ids)} |" for tool, ids in _equivalents(rule))
        yield f"### The same elsewhere\n\n| tool | check |\n|---|---|\n{rows}"


def _equivalents(rule: Rule[Any]) -> list[tuple[str, tuple[str, ...]]]:
    return [(tool.replace("_", " "), ids) for tool, ids in sorted(rule.equivalents.items()) if ids]


def _digits(number: str) -> str:
    return number.upper().removeprefix("CWE-")


def _dedented(code: str) -> str:
    """Return what `textwrap.dedent` returns, which takes a third of the time that the rules of a SARIF file take."""
    text = "\n" + code.strip("\n").rstrip(" \n")
    margin = text[: len(text) - len(text[1:].lstrip(" "))]
    if " \n" not in text and "\t" not in text and text.count(margin) + text.count("\n\n") == text.count("\n"):
        return text.replace(margin, "\n")  # the usual case: no line starts further left than the first
    lines = [line if line.strip(" \t") else "" for line in code.split("\n")]
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line]
    least, most = min(indents, default=""), max(indents, default="")
    shared = next((at for at, char in enumerate(least) if most[at] != char), len(least))
    return "\n".join(line[shared:] for line in lines)


def fenced(code: str, language: str) -> str:
    """Return a Markdown code block. Its fence is longer than any run of backticks in the code."""
    ticks = max(2, *map(len, re.findall("`+", code))) + 1 if "``" in code else 3
    return f"{'`' * ticks}{language}\n{_dedented(code).strip(chr(10)).rstrip()}\n{'`' * ticks}"
