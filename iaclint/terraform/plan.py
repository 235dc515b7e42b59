"""Plan files: what `terraform show -json` prints, as a Deployment.

Values come from what is planned; what the plan marks as unknown is Unknown; references come from the configuration
that the plan quotes. A plan may hold secrets: the file's text is never kept, only its line numbers, so that no report
can quote it. With a source root the places are those of the configuration there.

Source of facts: the documentation of Terraform's JSON output format.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

from msgspec.structs import replace

from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Gap, Input, Inputs, Resource
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace, decode, encoding_of

V = Value[Any]


def is_plan(text_head: str) -> bool:
    """Return True if the start of a file is that of a plan or state in Terraform's JSON output format."""
    head = text_head.lstrip("\ufeff \t\r\n")
    return head.startswith("{") and re.match(r'\{\s*"format_version"\s*:\s*"[01]\.', head) is not None


def load(workspace: Workspace, path: str, inputs: Inputs, source_root: str | None = None) -> Deployment:
    """The deployment of a plan file. Never raises on what the file holds."""
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
        deployment = _Reader(source, text, data).deployment(inputs)
    except (AttributeError, TypeError, LookupError, ValueError, RecursionError):
        return _failed(source, inputs, Problem(f"{name} does not have the form of a plan", path=path))
    if source_root is None:
        return deployment
    return _place_in_source(workspace, deployment, os.path.abspath(source_root), inputs)


def _blank(path: str, name: str, text: str, encoding: str) -> SourceFile:
    """A file with as many lines as the plan, all of them empty."""
    return SourceFile(path, "\n" * text.count("\n"), name, encoding)


def _failed(source: SourceFile, inputs: Inputs, problem: Problem) -> Deployment:
    return Deployment(
        "terraform", source.path, source.name, source.span(0, 0), problems=(problem,), files=(source,),
        environment=inputs.name,
    )  # fmt: skip


_REFERENCE = re.compile(
    r"(?P<address>(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*)(?P<key>\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?(?:\.(?P<rest>[\w-]+))?"
)
_OUTPUT = re.compile(r"module\.([\w-]+)(\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?(?:\.([\w-]+))?")


class _Reader:
    def __init__(self, source: SourceFile, text: str, data: dict[str, Any]) -> None:
        self.source = source
        self.data = data
        self.changes: dict[str, dict[str, Any]] = {}
        for change in data.get("resource_changes") or ():
            self.changes[change["address"]] = change
        self.configuration = (data.get("configuration") or {}).get("root_module") or {}
        self.providers = (data.get("configuration") or {}).get("provider_config") or {}
        self.by_config: dict[Address, list[Address]] = {}
        self.lines = self._lines(text) if "\n" in text.strip() else {}

    def _lines(self, text: str) -> dict[str, int]:
        """The line of each address, for a plan that was formatted."""
        found: dict[str, int] = {}
        line = 0
        for number, content in enumerate(text.split("\n")):
            line = number
            match = re.match(r'\s*"address"\s*:\s*("(?:[^"\\]|\\.)*")', content)
            if match:
                found.setdefault(json.loads(match[1]), line)
        return found

    def span(self, address: str) -> Span:
        at = min(self.lines.get(address, 0), len(self.source.text))
        return self.source.span(at, at)

    def deployment(self, inputs: Inputs) -> Deployment:
        described = list(self._described())
        for found in described:
            address = Address(found["address"])
            self.by_config.setdefault(address.config, []).append(address)
        resources = [self._resource(found) for found in described]
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
            "terraform", self.source.path, self.source.name, self.span(""), tuple(resources), variables, outputs,
            tuple(gaps), (), (self.source,), inputs.name,
        )  # fmt: skip

    def _described(self) -> list[dict[str, Any]]:
        """Address, type, values, and the rest of every resource that will be there."""
        found: dict[str, dict[str, Any]] = {}
        for section in ("prior_state", "planned_values"):
            values = self.data.get(section) or {}
            root = (
                (values.get("values") or {}).get("root_module")
                if section == "prior_state"
                else values.get("root_module")
            )
            for item in _all_resources(root or {}):
                if section == "prior_state" and item.get("mode") != "data":
                    continue
                found[item["address"]] = item
        for item in _all_resources((self.data.get("values") or {}).get("root_module") or {}):
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
        change = (self.changes.get(address) or {}).get("change") or {}
        after = change.get("after")
        values = after if isinstance(after, dict) else item.get("values") or {}
        unknown = change.get("after_unknown") or {}
        sensitive = change.get("after_sensitive") or item.get("sensitive_values") or {}
        kind = ("data." if item.get("mode") == "data" else "") + item["type"]
        span = self.span(address)
        body: dict[str, V] = {}
        for name in dict.fromkeys((*values, *(unknown if isinstance(unknown, dict) else ()))):
            data = values.get(name)
            hidden = unknown is True or (isinstance(unknown, dict) and unknown.get(name, False))
            secret = sensitive is True or (isinstance(sensitive, dict) and sensitive.get(name, False))
            if data is None and not hidden:
                continue
            body[name] = self._value(data, hidden, secret, span, f"{address}.{name}")
        prefix, block = self._configured(address)
        if block is not None:
            for name, expression in (block.get("expressions") or {}).items():
                self._refer(body, name, expression, prefix, span)
        meta: dict[str, V] = {}
        if block is not None:
            meta["provider"] = self._provider(block.get("provider_config_key") or "", span)
            if block.get("depends_on"):
                items: tuple[V, ...] = tuple(
                    Value(text, span, refs=self._refs([text], prefix, 0))
                    for text in block["depends_on"]
                    if isinstance(text, str)
                )
                meta["depends_on"] = Value(items, span)
        return Resource("terraform", kind, address, Value(body, span), span, span, meta=meta)

    def _value(self, data: Any, unknown: Any, sensitive: Any, span: Span, what: str) -> V:
        if unknown is True:
            detail = f"{what} is known only after deployment"
            return Value(Unknown(UnknownCause.AFTER_APPLY, detail), span, sensitive=sensitive is True)
        secret = sensitive is True
        if isinstance(data, dict) or (data is None and isinstance(unknown, dict) and unknown):
            fields: dict[str, V] = {}
            data = data or {}
            for name in dict.fromkeys((*data, *(unknown if isinstance(unknown, dict) else ()))):
                hidden = unknown.get(name, False) if isinstance(unknown, dict) else False
                inner = secret or (sensitive.get(name, False) if isinstance(sensitive, dict) else False)
                if name in data or hidden:
                    fields[name] = self._value(data.get(name), hidden, inner, span, what)
            return Value(fields, span, sensitive=secret)
        if isinstance(data, list):
            items: list[V] = []
            for at, item in enumerate(data):
                hidden = unknown[at] if isinstance(unknown, list) and at < len(unknown) else False
                inner = secret or (sensitive[at] if isinstance(sensitive, list) and at < len(sensitive) else False)
                items.append(self._value(item, hidden, inner, span, what))
            return Value(tuple(items), span, sensitive=secret)
        return Value(data, span, sensitive=secret)

    # references

    def _configured(self, address: Address) -> tuple[str, dict[str, Any] | None]:
        """The module address of a resource, and its block in the quoted configuration."""
        config = self.configuration
        for name in address.module_calls:
            config = ((config.get("module_calls") or {}).get(name) or {}).get("module") or {}
        for block in config.get("resources") or ():
            if block.get("address") == address.block:
                return address.module, block
        return address.module, None

    def _module_config(self, module: str) -> tuple[dict[str, Any], dict[str, Any], str]:
        """The configuration of a module, its call, and the address of the module that holds the call."""
        address = Address(module)
        config = self.configuration
        call: dict[str, Any] = {}
        for name in address.module_calls:
            call = (config.get("module_calls") or {}).get(name) or {}
            config = call.get("module") or {}
        return config, call, address.caller

    def _refer(self, body: dict[str, V], name: str, expression: Any, module: str, span: Span) -> None:
        value = body.get(name)
        if value is None:
            if isinstance(expression, dict) and expression.get("references"):
                refs = self._refs(expression["references"], module, 0)
                if refs:
                    body[name] = Value(None, span, refs=refs)
            return
        body[name] = self._referred(value, expression, module)

    def _referred(self, value: V, expression: Any, module: str) -> V:
        if isinstance(expression, dict):
            references = expression.get("references")
            if isinstance(references, list):
                refs = self._refs(references, module, 0)
                return replace_refs(value, refs)
            if "constant_value" in expression:
                return value
            if isinstance(value.data, dict):
                fields = dict(value.data)
                for name, inner in expression.items():
                    if name in fields:
                        fields[name] = self._referred(fields[name], inner, module)
                return value.with_data(fields)
            if isinstance(value.data, tuple) and len(value.data) == 1:
                return value.with_data((self._referred(value.data[0], expression, module),))
        elif isinstance(expression, list) and isinstance(value.data, tuple):
            if len(expression) == len(value.data):
                items = tuple(self._referred(v, e, module) for v, e in zip(value.data, expression, strict=True))
                return value.with_data(items)
            if len(expression) == 1:
                return value.with_data(tuple(self._referred(item, expression[0], module) for item in value.data))
        return value

    def _refs(self, references: list[Any], module: str, depth: int) -> tuple[Ref, ...]:
        found: dict[Ref, None] = {}
        texts = [text for text in references if isinstance(text, str)]
        for text in texts:
            # Terraform lists "a.b.c" and then "a.b" for one reference: the longest says it all
            if any(other != text and other.startswith((text + ".", text + "[")) for other in texts):
                continue
            for ref in self._ref(text, module, depth):
                found[ref] = None
        return tuple(found)

    def _ref(self, text: str, module: str, depth: int) -> tuple[Ref, ...]:
        if depth > 20:
            return ()
        if text.startswith("var."):
            _, call, parent = self._module_config(module)
            expression = (call.get("expressions") or {}).get(text.split(".")[1].split("[")[0])
            if module and isinstance(expression, dict) and isinstance(expression.get("references"), list):
                return self._refs(expression["references"], parent, depth + 1)
            return ()
        if text.startswith("module."):
            match = _OUTPUT.match(text)
            if match is None or match[3] is None:
                return ()
            inner = f"{module}.module.{match[1]}" if module else f"module.{match[1]}"
            config, _, _ = self._module_config(inner)
            output = (config.get("outputs") or {}).get(match[3]) or {}
            references = (output.get("expression") or {}).get("references")
            return self._refs(references, inner + (match[2] or ""), depth + 1) if isinstance(references, list) else ()
        match = _REFERENCE.match(text)
        if match is None or text.split(".")[0] in ("local", "each", "count", "path", "self", "terraform"):
            return ()
        address = Address.in_module(module, match["address"] + (match["key"] or ""))
        attribute = match["rest"] or ""
        candidates = self.by_config.get(address.config, [])
        if address in candidates:
            return (Ref(address, attribute),)
        near = [candidate for candidate in candidates if address.names(candidate)] or [
            candidate for candidate in candidates if not module or candidate.module == module
        ]
        return tuple(Ref(candidate, attribute) for candidate in (near or candidates)[:50]) or (Ref(address, attribute),)

    def _provider(self, key: str, span: Span) -> V:
        config = self.providers.get(key) or {}
        data: dict[str, V] = {"name": Value(str(config.get("name") or key.split(".")[0].split(":")[-1]), span)}
        if config.get("alias"):
            data["alias"] = Value(config["alias"], span)
        for name, expression in (config.get("expressions") or {}).items():
            if name in ("region", "default_tags", "assume_role", "allowed_account_ids"):
                data[name] = self._constant(expression, span, f"the provider's {name}")
        return Value(data, span)

    def _constant(self, expression: Any, span: Span, what: str) -> V:
        if isinstance(expression, list):
            return Value(tuple(self._constant(item, span, what) for item in expression), span)
        if isinstance(expression, dict):
            if "constant_value" in expression:
                return self._value(expression["constant_value"], False, False, span, what)
            if "references" in expression:
                return Value(Unknown(UnknownCause.EXTERNAL, f"{what} is not written in the plan"), span)
            return Value({name: self._constant(inner, span, what) for name, inner in expression.items()}, span)
        return Value(None, span)


def replace_refs(value: V, refs: tuple[Ref, ...]) -> V:
    """A value with more references."""
    if not refs:
        return value
    merged = tuple(dict.fromkeys((*value.refs, *refs)))
    return Value(value.data, value.span, value.trail, merged, value.implicit, value.sensitive, value.type)


def _all_resources(module: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    queue = [module]
    while queue:
        current = queue.pop(0)
        found.extend(current.get("resources") or ())
        queue.extend(current.get("child_modules") or ())
    return found


# -- places in the configuration -------------------------------------------------------------------------


def _place_in_source(workspace: Workspace, deployment: Deployment, root: str, inputs: Inputs) -> Deployment:
    """Return the deployment with the places of the configuration that the plan was made from."""
    from iaclint import terraform

    source = terraform.load(workspace, root, inputs)
    exact = source.by_address
    by_config: dict[Address, Resource] = {}
    for resource in source.resources:
        by_config.setdefault(resource.address.config, resource)
    placed: list[Resource] = []
    for resource in deployment.resources:
        found = exact.get(resource.address) or by_config.get(resource.address.config)
        if found is None:
            placed.append(resource)
            continue
        fields = {
            name: _placed(value, found.body.data.get(name), found.header) for name, value in resource.body.data.items()
        }
        meta = {**found.meta, **resource.meta}
        placed.append(
            Resource(
                resource.vendor, resource.kind, resource.address, Value(fields, found.span), found.span, found.header,
                resource.exists, meta, found.insertion_points, found.calls,
            )
        )  # fmt: skip
    if not source.files:
        return replace(deployment, resources=tuple(placed))
    files = (*deployment.files, *source.files)
    return replace(deployment, resources=tuple(placed), files=files, header=source.header)


def _placed(value: V, source: V | None, header: Span) -> V:
    if source is None:
        # nothing is written there: the provider's default
        return _moved(value, header)
    data = value.data
    theirs = source.data
    if isinstance(data, dict):
        inner = theirs if isinstance(theirs, dict) else {}
        data = {name: _placed(item, inner.get(name), source.span) for name, item in data.items()}
    elif isinstance(data, tuple):
        same = isinstance(theirs, tuple) and len(theirs) == len(data)
        matched = _matching(data, theirs) if same else (None,) * len(data)
        data = tuple(_placed(item, other, source.span) for item, other in zip(data, matched, strict=True))
    refs = tuple(dict.fromkeys((*value.refs, *source.refs)))
    return Value(data, source.span, source.trail, refs, False, value.sensitive or source.sensitive)


def _matching(data: tuple[V, ...], theirs: tuple[V, ...]) -> tuple[V | None, ...]:
    """For each planned element the written one: sets come in another order."""
    rest = list(theirs)
    found: list[V | None] = []
    for item in data:
        best = max(rest, key=lambda other: _likeness(item, other))
        rest.remove(best)
        found.append(best)
    return tuple(found)


def _likeness(item: V, other: V) -> int:
    if isinstance(item.data, dict) and isinstance(other.data, dict):
        return sum(1 for name, part in item.data.items() if name in other.data and _likeness(part, other.data[name]))
    if isinstance(other.data, Unknown):
        return 0
    return int(item.plain() == other.plain())


def _moved(value: V, span: Span) -> V:
    data = value.data
    if isinstance(data, dict):
        data = {name: _moved(item, span) for name, item in data.items()}
    elif isinstance(data, tuple):
        data = tuple(_moved(item, span) for item in data)
    return Value(data, span, value.trail, value.refs, True, value.sensitive)
