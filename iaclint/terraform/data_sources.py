"""Data sources, and attributes of resources, whose value follows from the configuration alone.

Source of facts: the documentation of the AWS provider, and what its version 5.100.0 answers in plans.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from iaclint.model.json_text import json_pieces
from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.model.value import Encoded, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform import schema
from iaclint.terraform.functions.json_text import JSON_STYLE, json_string, json_text
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.lang.scope import Env, NamelessScope
from iaclint.terraform.lang.texts import joined_text
from iaclint.terraform.lang.types import STRING, MapType
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block

V: TypeAlias = Value[Any]


class Declaration(Struct, frozen=True):
    """An instance of a resource or data source as the configuration declares it.

    data     its attributes;  meta: its meta-arguments, among them the configuration of its provider
    report   takes what is wrong with it
    """

    kind: str
    address: str
    data: dict[str, V]
    meta: dict[str, V]
    block: Block
    env: Env
    report: Callable[[str, Span], None]

    def provided(self, **values: Any) -> dict[str, V]:
        """Return attributes that the provider sets: Values, or plain data that is placed at the block."""
        trail = (Step(self.block.header, self.address),)
        return {
            name: value if isinstance(value, Value) else Value(value, self.block.header, trail)
            for name, value in values.items()
        }


def derived_attributes(declaration: Declaration) -> dict[str, V]:
    """Return the attributes that the provider derives from what is declared."""
    make = _SOURCES.get(declaration.kind)
    if make is not None:
        return make(declaration)
    return _tags_all(declaration) if declaration.kind.startswith("aws_") else {}


# -- tags --------------------------------------------------------------------------------------------


def _tags_all(declaration: Declaration) -> dict[str, V]:
    """Return the tags of a resource together with the provider's default ones."""
    known = schema.resource(declaration.kind)
    data = declaration.data
    if known is None or "tags_all" not in known.attributes or "tags_all" in data:
        return {}
    provider = declaration.meta.get("provider")
    defaults = provider.path("default_tags", "tags") if provider is not None else None
    sources = [value for value in (defaults, data.get("tags")) if value is not None and value.data is not None]
    if not sources:
        return {}
    if any(not isinstance(value.data, dict) for value in sources):
        found = merge(declaration.block.header, sources, MapType(STRING))
        return {"tags_all": found.replace(implicit=True)}
    tags: dict[str, V] = {}
    for value in sources:
        tags.update({name: item for name, item in value.data.items() if item.data is not None})
    sensitive = any(value.sensitive for value in sources)
    return {"tags_all": Value(tags, sources[-1].span, (), (), True, sensitive, MapType(STRING))}


# -- IAM policy documents ------------------------------------------------------------------------------


def _policy_document(declaration: Declaration) -> dict[str, V]:
    """Return `json` of aws_iam_policy_document: source documents, then own statements, then override documents."""
    data = declaration.data
    place = declaration.block.header
    document = _PolicyDocument(_text_or(data.get("version"), "2012-10-17", place), declaration.report)
    identity = data.get("policy_id")
    if identity is not None and identity.data is not None:
        document.fields["Id"] = identity
    sources = [*_documents(data.get("source_json")), *_documents(data.get("source_policy_documents"))]
    overrides = [*_documents(data.get("override_policy_documents")), *_documents(data.get("override_json"))]
    own = data.get("statement")
    for source in sources:
        document.add_all_of(source, replace_same=False)
    if own is not None:
        document.add_own(own)
    for override in overrides:
        document.add_all_of(override, replace_same=True)
    made = document.value(place)
    operands = [made, *(value for value in (own, identity) if value is not None), *sources, *overrides]
    trail = (Step(place, declaration.address),)
    if unknown_parts((made,)):
        text = joined_text(place, operands, json_pieces(made, JSON_STYLE))
        unknown = replace(text.data, prefix="{", encoded=made)
        text = text.replace(data=unknown, trail=text.trail or trail)
        return declaration.provided(json=text, minified_json=text)
    import zlib

    indented = _indented(made, 0)
    return declaration.provided(
        json=derive(place, operands, Encoded(indented, made), trail=trail),
        minified_json=derive(place, operands, _compact(made), trail=trail),
        id=str(zlib.crc32(indented.encode("utf-8", "surrogatepass"))),
    )


def _text_or(value: V | None, default: str, place: Span) -> V:
    return Value(default, place, implicit=True) if value is None or value.data is None else value


def _documents(value: V | None) -> list[V]:
    if value is None or value.data is None:
        return []
    items = value.data if isinstance(value.data, tuple) else (value,)
    return [item for item in items if item.data is not None and item.data != ""]


class _PolicyDocument:
    """A policy document that is put together."""

    def __init__(self, version: V, report: Callable[[str, Span], None]) -> None:
        self.fields: dict[str, V] = {"Version": version}
        self._statements: list[V] = []
        self._report = report

    def add_own(self, statements: V) -> None:
        """Add the `statement` blocks."""
        if isinstance(statements.data, Unknown):
            self._statements.append(statements)
            return
        for item in statements.data:
            _put(self._statements, _statement(item), replace_same=True)

    def add_all_of(self, source: V, replace_same: bool) -> None:
        """Add the statements of another document, a JSON text."""
        document = self._decoded(source)
        if isinstance(document.data, Unknown):
            self._statements.append(document)
            return
        if not isinstance(document.data, dict):
            self._report("a policy document must be a JSON object", source.span)
            return
        for name in ("Version", "Id"):
            found = document.data.get(name)
            if found is not None and found.data:
                self.fields[name] = found
        own = document.data.get("Statement")
        if own is None:
            return
        if isinstance(own.data, Unknown):
            self._statements.append(own)
            return
        for item in own.data if isinstance(own.data, tuple) else (own,):
            _put(self._statements, _normal_statement(item), replace_same)

    def _decoded(self, source: V) -> V:
        if isinstance(source.data, Unknown):
            return source if source.data.encoded is None else source.data.encoded
        try:
            plain = json.loads(source.data)
        except (ValueError, RecursionError):
            self._report("a policy document is not JSON", source.span)
            return Value(Unknown(UnknownCause.INVALID, "a policy document is not JSON"), source.span)

        def build(item: Any) -> V:
            if isinstance(item, list):
                return Value(tuple(build(part) for part in item), source.span, source.trail)
            if isinstance(item, dict):
                return Value({name: build(part) for name, part in item.items()}, source.span, source.trail)
            return Value(item, source.span, source.trail)

        return build(plain)

    def value(self, place: Span) -> V:
        """Return the document."""
        fields = dict(self.fields)
        if self._statements:
            fields["Statement"] = Value(tuple(self._statements), place)
        return Value(fields, place)


def _put(statements: list[V], statement: V, replace_same: bool) -> None:
    """Add a statement; one of the same sid is replaced."""
    sid = statement.data.get("Sid") if isinstance(statement.data, dict) else None
    if replace_same and sid is not None and isinstance(sid.data, str) and sid.data:
        for i, other in enumerate(statements):
            if isinstance(other.data, dict):
                theirs = other.data.get("Sid")
                if theirs is not None and theirs.data == sid.data:
                    statements[i] = statement
                    return
    statements.append(statement)


_ORDER = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")


def _normal_statement(item: V) -> V:
    """Return a statement of a JSON document, in the order in which the provider writes it."""
    if not isinstance(item.data, dict):
        return item
    data = {name: item.data[name] for name in _ORDER if name in item.data}
    for name in ("Principal", "NotPrincipal"):
        found = data.get(name)
        if found is not None and isinstance(found.data, dict):
            data[name] = found.with_data({key: _reversed(found.data[key]) for key in sorted(found.data)})
    condition = data.get("Condition")
    if condition is not None and isinstance(condition.data, dict):
        data["Condition"] = condition.with_data({key: condition.data[key] for key in sorted(condition.data)})
    return item.with_data(data)


def _reversed(value: V) -> V:
    if isinstance(value.data, tuple) and not unknown_parts(value.data):
        return value.with_data(tuple(sorted(value.data, key=lambda item: str(item.data), reverse=True)))
    return value


def _statement(item: V) -> V:
    """Return a `statement` block as the provider writes it."""
    if not isinstance(item.data, dict):
        return item
    data = item.data
    out: dict[str, V] = {}
    sid = data.get("sid")
    if sid is not None and sid.data not in (None, ""):
        out["Sid"] = sid
    out["Effect"] = _text_or(data.get("effect"), "Allow", item.span)
    for source, target in (
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ):
        found = data.get(source)
        texts = None if found is None else _strings(found, reverse=True)
        if texts is not None:
            out[target] = texts
    for source, target in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found = data.get(source)
        if found is not None and found.data != ():
            out[target] = _principals(found)
    condition = data.get("condition")
    if condition is not None and condition.data != ():
        out["Condition"] = _conditions(condition)
    return Value(out, item.span)


def _substituted(value: V) -> V:
    """Return a text with `${name}` in place of `&{name}`, the spelling that Terraform does not interpolate."""
    if isinstance(value.data, str) and "&{" in value.data:
        return value.with_data(value.data.replace("&{", "${"))
    if isinstance(value.data, Unknown) and any("&{" in str(part.data) for part in value.data.parts):
        return value.with_data(replace(value.data, parts=tuple(_substituted(part) for part in value.data.parts)))
    return value


def _strings(value: V, reverse: bool) -> V | None:
    """Return a single string as it is, several as a list; None if there is none."""
    if isinstance(value.data, Unknown):
        return value
    if value.data is None or not value.data:
        return None
    items = [_substituted(item) for item in value.data if item.data is not None]
    if len(items) == 1:
        return items[0]
    if reverse:
        known = [item for item in items if not isinstance(item.data, Unknown)]
        unknown = [item for item in items if isinstance(item.data, Unknown)]
        items = sorted(known, key=lambda item: str(item.data), reverse=True) + unknown
    return Value(tuple(items), value.span, value.trail, value.refs)


def _principals(value: V) -> V:
    if isinstance(value.data, Unknown):
        return value
    groups: dict[str, list[V]] = {}
    for item in value.data:
        if not isinstance(item.data, dict):
            return item if isinstance(item, Value) else value
        kind = item.data.get("type")
        identifiers = item.data.get("identifiers")
        if kind is None or identifiers is None:
            continue
        if not isinstance(kind.data, str):
            return kind if isinstance(kind.data, Unknown) else Value(None, item.span)
        if isinstance(identifiers.data, Unknown):
            groups.setdefault(kind.data, []).append(identifiers)
        else:
            groups.setdefault(kind.data, []).extend(identifiers.data or ())
    if list(groups) == ["*"] and [item.data for item in groups["*"]] == ["*"]:
        return groups["*"][0]
    out: dict[str, V] = {}
    for name in sorted(groups):
        items = groups[name]
        if len(items) == 1 and items[0].type is not None and isinstance(items[0].data, Unknown):
            out[name] = items[0]
            continue
        found = _strings(Value(tuple(items), value.span), reverse=True)
        if found is not None:
            out[name] = found
    return Value(out, value.span)


def _conditions(value: V) -> V:
    if isinstance(value.data, Unknown):
        return value
    tests: dict[str, dict[str, V]] = {}
    places: dict[str, Span] = {}
    for item in value.data:
        if not isinstance(item.data, dict):
            return item if isinstance(item, Value) else value
        test, variable, values = (item.data.get(name) for name in ("test", "variable", "values"))
        if test is None or variable is None or values is None:
            continue
        if not isinstance(test.data, str) or not isinstance(variable.data, str):
            return merge(item.span, (test, variable)) if unknown_parts((test, variable)) else Value(None, item.span)
        found = _strings(values, reverse=False)
        if found is not None:
            tests.setdefault(test.data, {})[variable.data] = found
            # a reader looks for the operator before its keys
            places.setdefault(test.data, variable.span)
    ordered = {test: {name: tests[test][name] for name in sorted(tests[test])} for test in sorted(tests)}
    return Value({test: Value(keys, places[test]) for test, keys in ordered.items()}, value.span)


def _compact(value: V) -> str:
    if isinstance(value.data, dict):
        return "{" + ",".join(f"{json_string(name)}:{_compact(item)}" for name, item in value.data.items()) + "}"
    if isinstance(value.data, tuple):
        return "[" + ",".join(_compact(item) for item in value.data) + "]"
    return json_text(value)


def _indented(value: V, depth: int) -> str:
    """JSON as Go's MarshalIndent writes it with two spaces."""
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value.data, dict) and value.data:
        lines = [f"{pad}{json_string(name)}: {_indented(item, depth + 1)}" for name, item in value.data.items()]
        return "{\n" + ",\n".join(lines) + f"\n{end}}}"
    if isinstance(value.data, tuple) and value.data:
        return "[\n" + ",\n".join(pad + _indented(item, depth + 1) for item in value.data) + f"\n{end}]"
    return _compact(value)


# -- region and partition ------------------------------------------------------------------------------


def _region(declaration: Declaration) -> V:
    """Return the region of the provider that a data source uses."""
    provider = declaration.meta.get("provider")
    found: V | None = provider.data.get("region") if provider is not None and isinstance(provider.data, dict) else None
    if found is not None and found.data is not None:
        return found
    detail = "the region of the provider is not written in the configuration"
    unknown = Unknown(UnknownCause.EXTERNAL, detail, not_null=True)
    return Value(unknown, declaration.block.header, type=STRING)


_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
)


def _partition_of(region: str) -> tuple[str, str]:
    for prefix, name, suffix in _PARTITIONS:
        if region.startswith(prefix):
            return name, suffix
    return "aws", "amazonaws.com"


def _like(region: V, data: str, declaration: Declaration) -> V:
    """Return data that is derived from the region, with the trail of the region."""
    return Value(data, declaration.block.header, region.trail or (Step(region.span, "region"),), region.refs)


def _aws_region(declaration: Declaration) -> dict[str, V]:
    data = declaration.data
    # version 6 of the provider calls it region
    named = [data[name] for name in ("name", "region") if name in data and data[name].data is not None]
    region = named[0] if named else _region(declaration)
    if isinstance(region.data, Unknown):
        return declaration.provided(name=region, id=region, region=region)
    _, suffix = _partition_of(region.data)
    endpoint = _like(region, f"ec2.{region.data}.{suffix}", declaration)
    return declaration.provided(name=region, id=region, region=region, endpoint=endpoint)


def _aws_partition(declaration: Declaration) -> dict[str, V]:
    region = _region(declaration)
    if isinstance(region.data, Unknown):
        return {}
    name, suffix = _partition_of(region.data)
    reverse = ".".join(reversed(suffix.split(".")))
    return declaration.provided(
        partition=_like(region, name, declaration),
        id=_like(region, name, declaration),
        dns_suffix=_like(region, suffix, declaration),
        reverse_dns_prefix=_like(region, reverse, declaration),
    )


def _aws_arn(declaration: Declaration) -> dict[str, V]:
    arn = declaration.data.get("arn")
    if arn is None or not isinstance(arn.data, str):
        return {}
    parts = arn.data.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        declaration.report(f'"{arn.data}" is not an ARN', arn.span)
        return {}
    _, partition, service, region, account, resource = parts
    return declaration.provided(
        account=account, resource=resource, id=arn.data, partition=partition, service=service, region=region
    )


def _default_tags(declaration: Declaration) -> dict[str, V]:
    provider = declaration.meta.get("provider")
    tags = provider.path("default_tags", "tags") if provider is not None else None
    if tags is None or tags.data is None:
        tags = Value({}, declaration.block.header, type=MapType(STRING))
    return declaration.provided(tags=tags)


def _template_file(declaration: Declaration) -> dict[str, V]:
    """Return `rendered` of the data source template_file, of the old template provider."""
    header = declaration.block.header
    text = declaration.data.get("template")
    variables = declaration.data.get("vars", Value({}, header))
    if text is None:
        return {}
    if not isinstance(text.data, str) or not isinstance(variables.data, dict):
        return declaration.provided(rendered=merge(header, (text, variables), STRING))
    scope = NamelessScope.within(declaration.env.scope, '"{name}" is not among the variables given to the template')
    try:
        template = parser.template_in(text.span.file, text.data, 0, text.span, exact=False)
        rendered = evaluate(template, Env(scope, dict(variables.data)))
    except (syntax.HclSyntaxError, EvaluationError) as error:
        declaration.report(f"the template is wrong: {error}", text.span)
        return {}
    return declaration.provided(rendered=rendered)


_SOURCES: dict[str, Callable[[Declaration], dict[str, V]]] = {
    "data.aws_iam_policy_document": _policy_document,
    "data.aws_region": _aws_region,
    "data.aws_partition": _aws_partition,
    "data.aws_arn": _aws_arn,
    "data.aws_default_tags": _default_tags,
    "data.template_file": _template_file,
}
