"""Data sources, and attributes of resources, whose value follows from the configuration alone.

Source of facts: the documentation of the AWS provider, and what its version 5.100.0 answers in plans.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.model.value import Encoded, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform import schema
from iaclint.terraform.evaluate import joined_text
from iaclint.terraform.lang.types import STRING, MapType
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block

if TYPE_CHECKING:
    from iaclint.terraform.modules import Instance, ModuleInstance


V = Value[Any]


def complete(module: ModuleInstance, kind: str, instance: Instance, block: Block) -> None:
    """Add what can be computed to the body of a resource or data source."""
    make = _SOURCES.get(kind)
    if make is not None:
        make(module, instance, block)
    elif kind.startswith("aws_"):
        _tags_all(kind, instance, block)


def _provided(instance: Instance, block: Block, **values: Any) -> None:
    data = instance.body.data
    step = (Step(block.header, instance.address),)
    for name, value in values.items():
        if isinstance(value, Value):
            data[name] = value
        else:
            data[name] = Value(value, block.header, step)


# -- tags --------------------------------------------------------------------------------------------


def _tags_all(kind: str, instance: Instance, block: Block) -> None:
    """The tags of a resource together with the provider's default ones."""
    known = schema.resource(kind)
    data = instance.body.data
    if known is None or "tags_all" not in known.attributes or "tags_all" in data:
        return
    defaults = instance.meta["provider"].path("default_tags", "tags") if "provider" in instance.meta else None
    tags = data.get("tags")
    sources = [value for value in (defaults, tags) if value is not None and value.data is not None]
    if not sources:
        return
    span = sources[-1].span
    if any(not isinstance(value.data, dict) for value in sources):
        found = merge(block.header, sources, MapType(STRING))
        found.implicit = True
        data["tags_all"] = found
        return
    merged: dict[str, V] = {}
    for value in sources:
        merged.update({name: item for name, item in value.data.items() if item.data is not None})
    data["tags_all"] = Value(merged, span, (), (), True, any(v.sensitive for v in sources), MapType(STRING))


# -- IAM policy documents ------------------------------------------------------------------------------


def _policy_document(module: ModuleInstance, instance: Instance, block: Block) -> None:
    """`json` of aws_iam_policy_document: source documents, then its own statements, then override documents."""
    data = instance.body.data
    place = block.header
    version = _text_or(data.get("version"), "2012-10-17", place)
    fields: dict[str, V] = {"Version": version}
    identity = data.get("policy_id")
    if identity is not None and identity.data is not None:
        fields["Id"] = identity
    statements: list[V] = []
    sources = [*_documents(data.get("source_json")), *_documents(data.get("source_policy_documents"))]
    overrides = [*_documents(data.get("override_policy_documents")), *_documents(data.get("override_json"))]
    own = data.get("statement")
    operands: list[V] = [value for value in (own, identity) if value is not None]
    for source in sources:
        operands.append(source)
        _merge(module, fields, statements, source, replace_same=False)
    if own is not None:
        if isinstance(own.data, Unknown):
            statements.append(own)
        else:
            for item in own.data:
                _put(statements, _statement(item, version), replace_same=True)
    for override in overrides:
        operands.append(override)
        _merge(module, fields, statements, override, replace_same=True)
    if statements:
        fields["Statement"] = Value(tuple(statements), place)
    document: V = Value(fields, place)
    step = (Step(place, instance.address),)
    if unknown_parts((document,)):
        from iaclint.model.json_text import json_pieces
        from iaclint.terraform.functions.json_text import JSON_STYLE

        text = joined_text(place, (document, *operands), json_pieces(document, JSON_STYLE))
        text.data = replace(text.data, prefix="{", encoded=document)
        text.trail = text.trail or step
        module.evaluation.documents[id(text.data.parts)] = (text.data.parts, document)
        _provided(instance, block, json=text, minified_json=text)
        return
    text = derive(place, (document, *operands), _indented(document, 0))
    text.data = Encoded(text.data, document)
    text.trail = step
    short = derive(place, (document, *operands), _compact(document))
    short.trail = step
    import zlib

    identifier = str(zlib.crc32(text.data.encode("utf-8", "surrogatepass")))
    _provided(instance, block, json=text, minified_json=short, id=identifier)


def _text_or(value: V | None, default: str, place: Any) -> V:
    return Value(default, place, implicit=True) if value is None or value.data is None else value


def _documents(value: V | None) -> list[V]:
    if value is None or value.data is None:
        return []
    if isinstance(value.data, tuple):
        items = list(value.data)
    else:
        items = [value]
    return [item for item in items if item.data is not None and item.data != ""]


def _merge(module: ModuleInstance, fields: dict[str, V], statements: list[V], source: V, replace_same: bool) -> None:
    document = _decoded(module, source)
    if isinstance(document.data, Unknown):
        statements.append(document)
        return
    if not isinstance(document.data, dict):
        module.evaluation.problem("a policy document must be a JSON object", source.span)
        return
    for name in ("Version", "Id"):
        found = document.data.get(name)
        if found is not None and found.data:
            fields[name] = found
    own = document.data.get("Statement")
    if own is None:
        return
    if isinstance(own.data, Unknown):
        statements.append(own)
        return
    for item in own.data if isinstance(own.data, tuple) else (own,):
        _put(statements, _normal_statement(item), replace_same)


def _decoded(module: ModuleInstance, source: V) -> V:
    if isinstance(source.data, Unknown):
        found = module.evaluation.documents.get(id(source.data.parts))
        return found[1] if found is not None else source
    try:
        plain = json.loads(source.data)
    except (ValueError, RecursionError):
        module.evaluation.problem("a policy document is not JSON", source.span)
        return Value(Unknown(UnknownCause.INVALID, "a policy document is not JSON"), source.span)

    def build(item: Any) -> V:
        if isinstance(item, list):
            return Value(tuple(build(part) for part in item), source.span, source.trail)
        if isinstance(item, dict):
            return Value({name: build(part) for name, part in item.items()}, source.span, source.trail)
        return Value(item, source.span, source.trail)

    return build(plain)


def _put(statements: list[V], statement: V, replace_same: bool) -> None:
    """Add a statement; one of the same sid is replaced."""
    sid = statement.data.get("Sid") if isinstance(statement.data, dict) else None
    if replace_same and sid is not None and isinstance(sid.data, str) and sid.data:
        for at, other in enumerate(statements):
            if isinstance(other.data, dict):
                theirs = other.data.get("Sid")
                if theirs is not None and theirs.data == sid.data:
                    statements[at] = statement
                    return
    statements.append(statement)


_ORDER = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")


def _normal_statement(item: V) -> V:
    """A statement of a JSON document, in the order in which the provider writes it."""
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


def _statement(item: V, version: V) -> V:
    """A `statement` block as the provider writes it."""
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
        texts = None if found is None else _strings(found, version, reverse=True)
        if texts is not None:
            out[target] = texts
    for source, target in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found = data.get(source)
        if found is not None and found.data != ():
            out[target] = _principals(found, version)
    condition = data.get("condition")
    if condition is not None and condition.data != ():
        out["Condition"] = _conditions(condition, version)
    return Value(out, item.span)


def _substituted(value: V) -> V:
    """`&{name}` stands for `${name}`, which Terraform would take for its own."""
    if isinstance(value.data, str) and "&{" in value.data:
        return value.with_data(value.data.replace("&{", "${"))
    if isinstance(value.data, Unknown) and any("&{" in str(part.data) for part in value.data.parts):
        return value.with_data(replace(value.data, parts=tuple(_substituted(part) for part in value.data.parts)))
    return value


def _strings(value: V, version: V, reverse: bool) -> V | None:
    """One string alone, several as a list; None where there is none."""
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


def _principals(value: V, version: V) -> V:
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
        found = _strings(Value(tuple(items), value.span), version, reverse=True)
        if found is not None:
            out[name] = found
    return Value(out, value.span)


def _conditions(value: V, version: V) -> V:
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
        found = _strings(values, version, reverse=False)
        if found is not None:
            tests.setdefault(test.data, {})[variable.data] = found
            # a reader looks for the operator before its keys
            places.setdefault(test.data, variable.span)
    ordered = {test: {name: tests[test][name] for name in sorted(tests[test])} for test in sorted(tests)}
    return Value({test: Value(keys, places[test]) for test, keys in ordered.items()}, value.span)


def _compact(value: V) -> str:
    from iaclint.terraform.functions.json_text import json_string, json_text

    if isinstance(value.data, dict):
        return "{" + ",".join(f"{json_string(name)}:{_compact(item)}" for name, item in value.data.items()) + "}"
    if isinstance(value.data, tuple):
        return "[" + ",".join(_compact(item) for item in value.data) + "]"
    return json_text(value)


def _indented(value: V, depth: int) -> str:
    """JSON as Go's MarshalIndent writes it with two spaces."""
    from iaclint.terraform.functions.json_text import json_string

    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value.data, dict) and value.data:
        lines = [f"{pad}{json_string(name)}: {_indented(item, depth + 1)}" for name, item in value.data.items()]
        return "{\n" + ",\n".join(lines) + f"\n{end}}}"
    if isinstance(value.data, tuple) and value.data:
        return "[\n" + ",\n".join(pad + _indented(item, depth + 1) for item in value.data) + f"\n{end}]"
    return _compact(value)


# -- where the deployment goes -------------------------------------------------------------------------


def _region(instance: Instance, block: Block) -> V:
    """The region of the provider that a data source uses."""
    provider = instance.meta.get("provider")
    found = provider.data.get("region") if provider is not None and isinstance(provider.data, dict) else None
    if found is None or found.data is None:
        return Value(
            Unknown(
                UnknownCause.EXTERNAL, "the region of the provider is not written in the configuration", not_null=True
            ),
            block.header,
            type=STRING,
        )
    region: V = found
    return region


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


def _like(region: V, data: str, block: Block) -> V:
    return Value(data, block.header, region.trail or (Step(region.span, "region"),), region.refs)


def _aws_region(module: ModuleInstance, instance: Instance, block: Block) -> None:
    data = instance.body.data
    # version 6 of the provider calls it region
    given = [data[name] for name in ("name", "region") if name in data and data[name].data is not None]
    region = given[0] if given else _region(instance, block)
    if isinstance(region.data, Unknown):
        _provided(instance, block, name=region, id=region, region=region)
        return
    _, suffix = _partition_of(region.data)
    endpoint = _like(region, f"ec2.{region.data}.{suffix}", block)
    _provided(instance, block, name=region, id=region, region=region, endpoint=endpoint)


def _aws_partition(module: ModuleInstance, instance: Instance, block: Block) -> None:
    region = _region(instance, block)
    if isinstance(region.data, Unknown):
        return
    name, suffix = _partition_of(region.data)
    reverse = ".".join(reversed(suffix.split(".")))
    _provided(
        instance,
        block,
        partition=_like(region, name, block),
        id=_like(region, name, block),
        dns_suffix=_like(region, suffix, block),
        reverse_dns_prefix=_like(region, reverse, block),
    )


def _aws_arn(module: ModuleInstance, instance: Instance, block: Block) -> None:
    arn = instance.body.data.get("arn")
    if arn is None or not isinstance(arn.data, str):
        return
    parts = arn.data.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        module.evaluation.problem(f'"{arn.data}" is not an ARN', arn.span)
        return
    _, partition, service, region, account, resource = parts
    values = {"id": arn.data, "partition": partition, "service": service, "region": region}
    _provided(instance, block, account=account, resource=resource, **values)


def _default_tags(module: ModuleInstance, instance: Instance, block: Block) -> None:
    provider = instance.meta.get("provider")
    tags = provider.path("default_tags", "tags") if provider is not None else None
    if tags is None or tags.data is None:
        tags = Value({}, block.header, type=MapType(STRING))
    _provided(instance, block, tags=tags)


def _template_file(module: ModuleInstance, instance: Instance, block: Block) -> None:
    """`rendered` of the old template provider."""
    from iaclint.terraform.evaluate import Env, EvaluationError, evaluate
    from iaclint.terraform.functions.registry import FunctionError
    from iaclint.terraform.functions.templates import TemplateScope

    data = instance.body.data
    text, variables = data.get("template"), data.get("vars")
    if text is None:
        return
    if variables is None:
        variables = Value({}, block.header)
    if not isinstance(text.data, str) or not isinstance(variables.data, dict):
        _provided(instance, block, rendered=merge(block.header, (text, variables), STRING))
        return
    try:
        template = parser.template_in(text.span.file, text.data, 0, text.span, exact=False)
        scope = TemplateScope(module, "the template")
        rendered = evaluate(template, Env(scope, dict(variables.data)))
    except (syntax.HclSyntaxError, EvaluationError, FunctionError) as error:
        module.evaluation.problem(f"the template is wrong: {error}", text.span)
        return
    _provided(instance, block, rendered=rendered)


_SOURCES: dict[str, Callable[[ModuleInstance, Instance, Block], None]] = {
    "data.aws_iam_policy_document": _policy_document,
    "data.aws_region": _aws_region,
    "data.aws_partition": _aws_partition,
    "data.aws_arn": _aws_arn,
    "data.aws_default_tags": _default_tags,
    "data.template_file": _template_file,
}
