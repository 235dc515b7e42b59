"""Plan files: what `terraform show -json` prints, as a Deployment.

Values come from what is planned; what the plan marks as unknown is Unknown; references come from the configuration
that the plan quotes. A plan may hold secrets: the text of the file is never kept, only its line numbers, so that no
report can quote it. With a source root the places are those of the configuration there.

Source of facts: the documentation of Terraform's JSON output format,
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import os
import re
from typing import Any, TypeAlias

from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Gap, Input, Inputs, Resource
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace, decode, encoding_of
from iaclint.terraform.plan_places import place_in_source
from iaclint.terraform.plan_references import PlanReferences

V: TypeAlias = Value[Any]

PROVIDER_SETTINGS = ("region", "default_tags", "assume_role", "allowed_account_ids")
"""Settings of providers that are read from the configuration that a plan quotes."""


def is_plan(text_head: str) -> bool:
    """Return True if the start of a file is that of a plan or state in Terraform's JSON output format."""
    head = text_head.lstrip("\ufeff \t\r\n")
    return head.startswith("{") and re.match(r'\{\s*"format_version"\s*:\s*"[01]\.', head) is not None


def load(workspace: Workspace, path: str, inputs: Inputs, source_root: str | None = None) -> Deployment:
    """Return the deployment of a plan file. Never raises on the content of the file."""
    path = os.path.abspath(path)
    name = workspace.display(path)
    try:
        contents = workspace.read_bytes(path)
        text = decode(contents, name)
    except Unreadable as error:
        source = SourceFile(path, "", name)
        return _failed(source, inputs, Problem(str(error), path=path))
    source = _blank(path, name, text, encoding_of(contents))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return _failed(source, inputs, Problem(f"{name}:{line}: this is not JSON", path=path))
    if not isinstance(data, dict) or not isinstance(data.get("format_version"), str):
        return _failed(
            source, inputs, Problem(f"{name} is not a plan in JSON; make it with terraform show -json", path=path)
        )
    if not data["format_version"].startswith(("0.", "1.")):
        version = data["format_version"]
        return _failed(
            source, inputs, Problem(f"{name} has the format version {version}, which is not known", path=path)
        )
    try:
        deployment = _PlanReader(source, text, data).deployment(inputs)
    except (AttributeError, TypeError, LookupError, ValueError, RecursionError):
        return _failed(source, inputs, Problem(f"{name} does not have the form of a plan", path=path))
    if source_root is None:
        return deployment
    return place_in_source(workspace, deployment, os.path.abspath(source_root), inputs)


def _blank(path: str, name: str, text: str, encoding: str) -> SourceFile:
    """Return a file with as many lines as the plan, all of them empty."""
    return SourceFile(path, "\n" * text.count("\n"), name, encoding)


def _failed(source: SourceFile, inputs: Inputs, problem: Problem) -> Deployment:
    return Deployment(
        "terraform",
        source.path,
        source.name,
        source.span(0, 0),
        problems=(problem,),
        files=(source,),
        environment=inputs.name,
    )


class _PlanReader:
    """Reads one plan. AttributeError, TypeError, LookupError or ValueError mean that it has another form."""

    def __init__(self, source: SourceFile, text: str, data: dict[str, Any]) -> None:
        self.source = source
        self.data = data
        self.changes: dict[str, dict[str, Any]] = {}
        for change in data.get("resource_changes") or ():
            self.changes[change["address"]] = change
        self.configuration = data.get("configuration") or {}
        self.described = list(self._described())
        addresses = [Address(item["address"]) for item in self.described]
        self.references = PlanReferences(self.configuration.get("root_module") or {}, addresses)
        self.lines = self._lines(text) if "\n" in text.strip() else {}

    def _lines(self, text: str) -> dict[str, int]:
        """Return the line of each address, for a plan that was formatted."""
        found: dict[str, int] = {}
        for line, content in enumerate(text.split("\n")):
            match = re.match(r'\s*"address"\s*:\s*("(?:[^"\\]|\\.)*")', content)
            if match:
                found.setdefault(json.loads(match[1]), line)
        return found

    def span(self, address: str) -> Span:
        """Return the place of a resource in the plan, the start of the plan if it has no line of its own."""
        offset = min(self.lines.get(address, 0), len(self.source.text))  # the file has nothing but line breaks
        return self.source.span(offset, offset)

    def deployment(self, inputs: Inputs) -> Deployment:
        """Return what the plan describes."""
        resources = [self._resource(item) for item in self.described]
        variables: dict[str, Input] = {}
        for name, variable in (self.data.get("variables") or {}).items():
            value = self._value(variable.get("value"), False, False, self.span(""), f"var.{name}")
            variables[name] = Input(name, value)
        planned = self.data.get("planned_values") or self.data.get("values") or {}
        outputs: dict[str, V] = {}
        changed = self.data.get("output_changes") or {}
        for name, output in (planned.get("outputs") or {}).items():
            unknown = (changed.get(name) or {}).get("after_unknown", False)
            outputs[name] = self._value(
                output.get("value"), unknown, bool(output.get("sensitive")), self.span(""), f"output {name}"
            )
        gaps: list[Gap] = []
        if self.data.get("errored"):
            gaps.append(Gap(self.span(""), "the plan is not complete: planning ended with an error"))
        return Deployment(
            "terraform",
            self.source.path,
            self.source.name,
            self.span(""),
            tuple(resources),
            variables,
            outputs,
            tuple(gaps),
            files=(self.source,),
            environment=inputs.name,
        )

    def _described(self) -> list[dict[str, Any]]:
        """Address, type, values, and the rest of every resource that will exist, and of every data source."""
        prior = (self.data.get("prior_state") or {}).get("values") or {}
        planned = self.data.get("planned_values") or {}
        state = self.data.get("values") or {}
        found = {item["address"]: item for item in _all_resources(prior) if item.get("mode") == "data"}
        found |= {item["address"]: item for item in _all_resources(planned)}
        for item in _all_resources(state):
            found.setdefault(item["address"], item)
        for address, change in self.changes.items():
            actions = (change.get("change") or {}).get("actions") or []
            if actions in (["delete"], ["forget"]):
                found.pop(address, None)
            elif address not in found:
                found[address] = change
        return list(found.values())

    def _resource(self, item: dict[str, Any]) -> Resource:
        address = Address(item["address"])
        kind = ("data." if item.get("mode") == "data" else "") + item["type"]
        span = self.span(address)
        body = self._body(item, address, span)
        meta: dict[str, V] = {}
        block = self.references.block_of(address)
        if block is not None:
            for name, expression in (block.get("expressions") or {}).items():
                self._refer(body, name, expression, address.module, span)
            meta["provider"] = self._provider(block.get("provider_config_key") or "", span)
            if block.get("depends_on"):
                texts = [text for text in block["depends_on"] if isinstance(text, str)]
                items: tuple[V, ...] = tuple(
                    Value(text, span, refs=self.references.refs_of([text], address.module)) for text in texts
                )
                meta["depends_on"] = Value(items, span)
        return Resource("terraform", kind, address, Value(body, span), span, span, meta=meta)

    def _body(self, item: dict[str, Any], address: Address, span: Span) -> dict[str, V]:
        """Return the attributes of a resource that are not null."""
        change = (self.changes.get(address) or {}).get("change") or {}
        after = change.get("after")
        values = after if isinstance(after, dict) else item.get("values") or {}
        unknown = change.get("after_unknown") or {}
        sensitive = change.get("after_sensitive") or item.get("sensitive_values") or {}
        body: dict[str, V] = {}
        for name in dict.fromkeys((*values, *(unknown if isinstance(unknown, dict) else ()))):
            data, mark = values.get(name), _mark(unknown, name)
            if data is not None or mark:
                body[name] = self._value(data, mark, _mark(sensitive, name), span, f"{address}.{name}")
        return body

    def _value(self, data: Any, unknown: Any, sensitive: Any, span: Span, what: str) -> V:
        """Return a planned value. `unknown` and `sensitive` have its shape, with true for parts that are so."""
        secret = sensitive is True
        if unknown is True:
            detail = f"{what} is known only after deployment"
            return Value(Unknown(UnknownCause.AFTER_APPLY, detail), span, sensitive=secret)
        if isinstance(data, dict) or (data is None and isinstance(unknown, dict) and unknown):
            data = data or {}
            fields: dict[str, V] = {}
            for name in dict.fromkeys((*data, *(unknown if isinstance(unknown, dict) else ()))):
                mark = _mark(unknown, name)
                if name in data or mark:
                    fields[name] = self._value(data.get(name), mark, _mark(sensitive, name), span, what)
            return Value(fields, span, sensitive=secret)
        if isinstance(data, list):
            items = tuple(
                self._value(item, _mark(unknown, i), _mark(sensitive, i), span, what) for i, item in enumerate(data)
            )
            return Value(items, span, sensitive=secret)
        return Value(data, span, sensitive=secret)

    def _refer(self, body: dict[str, V], name: str, expression: Any, module: str, span: Span) -> None:
        """Add the references of the expression of an attribute to its value."""
        if name in body:
            body[name] = self.references.add_to(body[name], expression, module)
        elif isinstance(expression, dict) and expression.get("references"):
            refs = self.references.refs_of(expression["references"], module)
            if refs:
                body[name] = Value(None, span, refs=refs)

    def _provider(self, key: str, span: Span) -> V:
        config = (self.configuration.get("provider_config") or {}).get(key) or {}
        data: dict[str, V] = {"name": Value(str(config.get("name") or key.split(".")[0].split(":")[-1]), span)}
        if config.get("alias"):
            data["alias"] = Value(config["alias"], span)
        for name, expression in (config.get("expressions") or {}).items():
            if name in PROVIDER_SETTINGS:
                data[name] = self._constant(expression, span, f"the provider's {name}")
        return Value(data, span)

    def _constant(self, expression: Any, span: Span, what: str) -> V:
        """Return the value of an expression of the quoted configuration, which tells only constants."""
        if isinstance(expression, list):
            return Value(tuple(self._constant(item, span, what) for item in expression), span)
        if isinstance(expression, dict):
            if "constant_value" in expression:
                return self._value(expression["constant_value"], False, False, span, what)
            if "references" in expression:
                return Value(Unknown(UnknownCause.EXTERNAL, f"{what} is not written in the plan"), span)
            return Value({name: self._constant(inner, span, what) for name, inner in expression.items()}, span)
        return Value(None, span)


def _mark(marks: Any, key: str | int) -> Any:
    """Return the mark of a part, from marks in the shape of the whole; true for the whole is true for each part."""
    if isinstance(marks, dict):
        return marks.get(key, False)
    if isinstance(marks, list) and isinstance(key, int):
        return marks[key] if key < len(marks) else False
    return marks is True


def _all_resources(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of all modules of a section of the plan."""
    found: list[dict[str, Any]] = []
    queue = [values.get("root_module") or {}]
    while queue:
        module = queue.pop(0)
        found.extend(module.get("resources") or ())
        queue.extend(module.get("child_modules") or ())
    return found
