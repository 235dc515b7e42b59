"""For testing rules: run one over a piece of Terraform or CloudFormation, and hold it to its own examples."""

from __future__ import annotations

import os
import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from iaclint.linting.judge import judge
from iaclint.linting.rule import Example, Rule
from iaclint.linting.verdict import Outcome, Verdict
from iaclint.model.inventory import Deployment, Inputs, Inventory, Resource
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.edits import Fix, apply_edits
from iaclint.source.files import SourceFile, Span, Workspace, relative
from iaclint.source.suggest import closest

Language = Literal["terraform", "cloudformation"]


@contextmanager
def deployment(text: str, language: Language) -> Iterator[Deployment]:
    """Yield the deployment that a text describes, evaluated in a temporary directory."""
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        name = "main.tf" if language == "terraform" else "template.yaml"
        path = os.path.join(directory, name)
        _write(path, textwrap.dedent(text).lstrip("\n"))
        yield load_file(path, language)


def load_file(path: str, language: Language) -> Deployment:
    """Return the deployment of a file; for Terraform that of its directory."""
    directory = os.path.dirname(path)
    workspace = Workspace((directory,), cwd=directory)
    if language == "terraform":
        from iaclint import terraform

        return terraform.load(workspace, directory, Inputs())
    from iaclint import cloudformation

    return cloudformation.load(workspace, path, Inputs())


def verdicts(rule: Rule[Any], found: Deployment) -> tuple[Verdict, ...]:
    """Return the verdicts of a rule over a deployment, with its default options."""
    return judge(Inventory((found,)), (rule,))


def outcome(rule: Rule[Any], text: str, language: Language) -> Outcome:
    """Return the worst outcome of a rule over a text; NOT_APPLICABLE if it has no verdict."""
    with deployment(text, language) as found:
        return worst(verdicts(rule, found))


def worst(found: Iterable[Verdict]) -> Outcome:
    """Return the worst outcome of some verdicts."""
    outcomes = {v.outcome for v in found}
    for candidate in (Outcome.ERROR, Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
        if candidate in outcomes:
            return candidate
    return Outcome.NOT_APPLICABLE


class Sample(Struct, frozen=True):
    """One side of one Example of a rule."""

    rule: Rule[Any]
    kind: Literal["bad", "good"]
    index: int
    language: Language
    text: str

    def __str__(self) -> str:
        return f"{self.rule.id}-{self.kind}{self.index}-{self.language}"


def examples(rules: Iterable[Rule[Any]]) -> list[Sample]:
    """Every example of the rules."""
    found: list[Sample] = []
    for rule in rules:
        kinds: tuple[tuple[Literal["bad", "good"], tuple[Example, ...]], ...] = (("bad", rule.bad), ("good", rule.good))
        for kind, examples_ in kinds:
            for index, example in enumerate(examples_):
                if example.terraform is not None:
                    found.append(Sample(rule, kind, index, "terraform", example.terraform))
                if example.cloudformation is not None:
                    found.append(Sample(rule, kind, index, "cloudformation", example.cloudformation))
    return found


def complaints(rule: Rule[Any]) -> list[str]:
    """Return what is wrong with a rule's own examples: empty if it fails each bad one and passes each good one,
    in both languages with the same messages."""
    found: list[str] = []
    for kind, examples_ in (("bad", rule.bad), ("good", rule.good)):
        if not examples_:
            found.append(f"{rule.id} has no {kind} example")
        for index, example in enumerate(examples_):
            found += [f"{rule.id}, {kind} example {index}: {text}" for text in _example_complaints(rule, example, kind)]
    return found


def all_complaints(rule: Rule[Any]) -> list[str]:
    """Return what is wrong with a rule by all checks: its examples, an unknown value in them, and its fixes."""
    found = complaints(rule)
    for sample in examples((rule,)):
        number = f"{rule.id}, {sample.kind} example {sample.index}: {sample.language}"
        found += [f"{number}: {text}" for text in (*ignorance_complaints(sample), *fix_complaints(sample))]
    return found


def _example_complaints(rule: Rule[Any], example: Example, kind: str) -> Iterator[str]:
    said: list[list[str]] = []
    if (example.terraform is None or example.cloudformation is None) and not example.only:
        yield "one language is missing, and `only` does not say why"
    languages: tuple[tuple[Language, str | None], ...] = (
        ("terraform", example.terraform),
        ("cloudformation", example.cloudformation),
    )
    for language, text in languages:
        if text is None:
            continue
        with deployment(text, language) as found:
            for problem in found.problems:
                yield f"{language}: {problem.message}"
            yield from (f"{language}: {text}" for text in misspelt(found))
            judged = verdicts(rule, found)
            result = worst(judged)
            failing = [v for v in judged if v.outcome is Outcome.FAIL]
            if kind == "bad" and result is not Outcome.FAIL:
                yield f"{language}: {result.value}, must fail{_why(judged)}"
            if kind == "good" and result not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
                yield f"{language}: {result.value}, must pass{_why(judged)}"
            said.append(sorted(v.message for v in failing))
    if len(said) == 2 and said[0] != said[1]:
        yield f"the languages differ: {said[0]} in Terraform, {said[1]} in CloudFormation"


def _why(judged: Iterable[Verdict]) -> str:
    said = [v.message for v in judged if v.message]
    return f" ({'; '.join(said)})" if said else ""


# -- names ---------------------------------------------------------------------------------------------


def misspelt(found: Deployment) -> Iterator[str]:
    """Yield a sentence for each attribute that its resource type does not have and that resembles one that it has.

    A name that resembles none may be newer than the schemas that iaclint and cfn-lint ship, so it is let pass.
    """
    for resource in found.resources:
        siblings: dict[str, set[str]] = {}
        for name in _property_names(resource.vendor, resource.kind):
            parent, _, own = name.rpartition(".")
            siblings.setdefault(parent, set()).add(own)
        for name in sorted(set(_names(resource.body, ""))):
            parent, _, own = name.rpartition(".")
            known = siblings.get(parent, {own})
            if own not in known and (meant := closest(own, known, 0.8)):
                yield f"{resource.kind} has no attribute {name}; did you mean {meant}?"


def _names(value: Value[Any], prefix: str) -> Iterator[str]:
    if isinstance(value.data, tuple):
        for item in value.data:
            yield from _names(item, prefix)
    elif isinstance(value.data, dict):
        for name, item in value.data.items():
            full = f"{prefix}.{name}" if prefix else name
            yield full
            yield from _names(item, full)


def _property_names(vendor: str, kind: str) -> frozenset[str]:
    """Return the names of the attributes of a resource type, nested ones with dots; none if the type is not known."""
    if vendor == "terraform":
        from iaclint.terraform import schema

        return schema.attribute_names(kind)
    from iaclint.cloudformation.schema import properties

    return properties(kind)


# -- ignorance ------------------------------------------------------------------------------------------


def ignorant(found: Deployment) -> Iterator[tuple[str, Deployment]]:
    """Yield the deployment with one value after the other replaced by an unknown: leaves, containers, whole bodies."""
    for number, resource in enumerate(found.resources):
        for path, body in _with_one_unknown(resource.body, resource.kind):
            changed = _copy(resource, body)
            resources = (*found.resources[:number], changed, *found.resources[number + 1 :])
            yield f"{resource.address} {path}", _with_resources(found, resources)


def _with_one_unknown(value: Value[Any], path: str) -> Iterator[tuple[str, Value[Any]]]:
    yield path, Value(Unknown(UnknownCause.UNSUPPORTED, f"{path} is not known"), value.span)
    data = value.data
    if isinstance(data, tuple):
        for index, item in enumerate(data):
            for inner, changed in _with_one_unknown(item, f"{path}[{index}]"):
                yield inner, value.with_data((*data[:index], changed, *data[index + 1 :]))
    elif isinstance(data, dict):
        for name, item in data.items():
            for inner, changed in _with_one_unknown(item, f"{path}.{name}"):
                yield inner, value.with_data({**data, name: changed})


def _copy(resource: Resource, body: Value[Any]) -> Resource:
    return Resource(
        resource.vendor,
        resource.kind,
        resource.address,
        body,
        resource.span,
        resource.header,
        resource.exists,
        resource.meta,
        resource.insertion_points,
        resource.calls,
    )


def _with_resources(found: Deployment, resources: tuple[Resource, ...]) -> Deployment:
    return replace(found, resources=resources, memo={})


def ignorance_complaints(sample: Sample) -> list[str]:
    """Return where ignorance flips a verdict: with one value of an example unknown, a rule may cease to know, no more.

    A bad example must still fail or be undecided, and a good one must not fail.
    """
    said: list[str] = []
    with deployment(sample.text, sample.language) as known:
        bad = worst(verdicts(sample.rule, known)) is Outcome.FAIL
        for place, changed in ignorant(known):
            judged = verdicts(sample.rule, changed)
            outcomes = {v.outcome for v in judged}
            said += [f"{place} unknown: {v.message}" for v in judged if v.outcome is Outcome.ERROR]
            if bad and not outcomes & {Outcome.FAIL, Outcome.UNKNOWN}:
                said.append(f"{place} unknown: the failure became a pass, and must stay or become undecided")
            if not bad and Outcome.FAIL in outcomes:
                said.append(f"{place} unknown: the pass became a failure, and must stay or become undecided")
    return said


# -- fixes ----------------------------------------------------------------------------------------------


def fixed(fix: Fix) -> dict[str, str]:
    """Return the texts of the files that a fix changes, as they are after the fix, by path."""
    by_file: dict[str, list[Any]] = {}
    texts: dict[str, Span] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.file.path, []).append(edit)
        texts[edit.span.file.path] = edit.span
    return {path: apply_edits(texts[path].file.text, edits) for path, edits in by_file.items()}


def fix_complaints(sample: Sample) -> list[str]:
    """Return what is wrong with the fixes of an example: each must remove its finding and change nothing else."""
    said: list[str] = []
    with deployment(sample.text, sample.language) as found:
        failing = [v for v in verdicts(sample.rule, found) if v.outcome is Outcome.FAIL]
        for verdict in failing:
            for path, text in fixed(verdict.fix).items() if verdict.fix else ():
                original = next(source.text for source in found.files if source.path == path)
                said += [f"fix {verdict.fix.title!r}: {text}" for text in _after(sample, path, text, found, failing)]  # type: ignore[union-attr]
                _write(path, original)
    return said


def _after(sample: Sample, path: str, text: str, found: Deployment, failing: list[Verdict]) -> Iterator[str]:
    """Yield what is wrong after a file got a new text."""
    _write(path, text)
    again = load_file(path, sample.language)
    yield from (problem.message for problem in again.problems)
    left = [v.message for v in verdicts(sample.rule, again) if v.outcome is Outcome.FAIL]
    if len(left) >= len(failing):
        yield "the finding is still there"
    yield from (f"a new finding: {message}" for message in left if message not in {v.message for v in failing})
    if len(again.resources) != len(found.resources):
        yield "the number of resources is not the same"


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)


# -- expectations ---------------------------------------------------------------------------------------

_EXPECT = re.compile(r"\bexpect:\s*(?P<rules>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)")


def expectations(source: SourceFile) -> set[tuple[int, str]]:
    """Return the comments `# expect: rule-id` of a file as (line, rule); one alone on its line means the next line."""
    found: set[tuple[int, str]] = set()
    for comment in source.comments:
        if match := _EXPECT.search(comment.text):
            line = comment.span.line
            if not source.text[source.lines[line - 1] : comment.span.start].strip():
                line += 1
                while line <= len(source.lines) and source.line_text(line).strip().startswith(("#", "//")):
                    line += 1
            found |= {(line, name.strip()) for name in match["rules"].split(",")}
    return found


def unexpected(directory: str, rules: Sequence[Rule[Any]], others: Sequence[Rule[Any]] = ()) -> tuple[int, list[str]]:
    """Return the number of files with `# expect:` comments, and where findings and comments differ.

    rules   whose findings all must be expected
    others  further rules that a comment may name
    """
    said: list[tuple[str, int, str]] = []
    known = {rule.id: rule for rule in (*others, *rules)}
    checked = 0
    for path, language in _infrastructure(os.path.abspath(directory)):
        found = load_file(path, language)
        wanted = {(s.path, line, name) for s in found.files for line, name in expectations(s)}
        checked += len({file for file, _, _ in wanted})
        named = {name for _, _, name in wanted}
        judged = judge(Inventory((found,)), tuple(rule for rule in known.values() if rule.id in named or rule in rules))
        there = {(v.site.span.file.path, v.site.span.line, v.rule.id): v for v in judged if v.outcome is Outcome.FAIL}
        for file, line, name in wanted - set(there):
            why = "finds nothing there" if name in known else "is no rule"
            said.append((file, line, f"expects {name}, which {why}"))
        for (file, line, name), verdict in there.items():
            if (file, line, name) not in wanted:
                said.append((file, line, f"{name} is not expected: {verdict.message}"))
        said += [(path, problem.span.line if problem.span else 1, problem.message) for problem in found.problems]
    base = os.path.abspath(directory)
    return checked, [f"{relative(file, base)}:{line}: {text}" for file, line, text in sorted(said)]


def _infrastructure(directory: str) -> Iterator[tuple[str, Language]]:
    """Yield the Terraform directories (by one of their files) and the templates below a directory."""
    from iaclint import cloudformation

    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        terraform = [name for name in sorted(files) if name.endswith((".tf", ".tf.json", ".tofu"))]
        if terraform:
            yield os.path.join(folder, terraform[0]), "terraform"
        for name in sorted(files):
            if name.endswith((".yaml", ".yml", ".json", ".template")) and not name.endswith(".tf.json"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8", errors="replace") as stream:
                    if cloudformation.may_be_template(stream.read()):
                        yield path, "cloudformation"
