"""The SAM transform: run through AWS's own translator, with every part of its result where it was copied from.

This is the only module that imports the translator, and only for templates that need it: importing it takes most of a
second.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/transform-aws-serverless.html
"""

from __future__ import annotations

import copy
import re
import sys
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

from msgspec.structs import replace

from iaclint.cloudformation.scope import Scope
from iaclint.cloudformation.session import Session
from iaclint.cloudformation.tree import Document, Entry, MappingNode, Node, ScalarNode, SequenceNode, ValueNode
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import Span

_PACKAGE = "iaclint-package"
_ASSUMED = "iaclintassumed"


class _Text(str):
    """A text that remembers its node while the translator moves it about."""

    __slots__ = ("node",)
    node: ScalarNode

    def __deepcopy__(self, memo: Any) -> _Text:
        return self


class _Object(dict[str, Any]):
    """A mapping that remembers its node."""

    node: MappingNode

    def __deepcopy__(self, memo: Any) -> _Object:
        made = _Object((name, copy.deepcopy(item, memo)) for name, item in self.items())
        made.node = self.node
        return made


class _Items(list[Any]):
    """A list that remembers its node."""

    node: SequenceNode

    def __deepcopy__(self, memo: Any) -> _Items:
        made = _Items(copy.deepcopy(item, memo) for item in self)
        made.node = self.node
        return made


def _forth(node: Node) -> Any:
    """A node as the data that the translator takes."""
    if isinstance(node, MappingNode):
        mapping = _Object((entry.name, _forth(entry.value)) for entry in node)
        mapping.node = node
        return mapping
    if isinstance(node, SequenceNode):
        items = _Items(_forth(item) for item in node.items)
        items.node = node
        return items
    if isinstance(node, ValueNode):
        return None
    if isinstance(node.data, str):
        text = _Text(node.data)
        text.node = node
        return text
    return node.data


def _back(data: Any, fallback: Span, hints: tuple[MappingNode, ...] = ()) -> Node:
    """The translator's result as nodes: what was copied keeps its place, the rest stands at `fallback`.

    `hints` are mappings in which a number or bool, which cannot remember its node, may have been written.
    """
    if isinstance(data, dict):
        return _back_mapping(data, fallback, hints)
    if isinstance(data, (list, tuple)):
        known = data.node if isinstance(data, _Items) else None
        span = known.span if known is not None else fallback
        items = [_back(item, span) for item in data]
        if known is not None and len(items) == len(known.items) and all(map(_alike, items, known.items)):
            return known
        return SequenceNode(items, span)
    if not isinstance(data, str):
        return ScalarNode(data if data is None or isinstance(data, (bool, int, float)) else str(data), fallback)
    if _PACKAGE in data:
        unknown = Unknown(UnknownCause.EXTERNAL, "packaging decides where the code is put", not_null=True)
        return ValueNode(Value(unknown, fallback), fallback)
    if _ASSUMED in data:
        text = re.sub(_ASSUMED + r"([A-Za-z0-9]+?)x", r"${\1}", data)
        return MappingNode(
            {"Fn::Sub": Entry("Fn::Sub", fallback, ScalarNode(text, fallback))}, fallback, origin=fallback
        )
    return data.node if isinstance(data, _Text) else ScalarNode(str(data), fallback)


def _back_mapping(data: dict[Any, Any], fallback: Span, hints: tuple[MappingNode, ...]) -> MappingNode:
    known = data.node if isinstance(data, _Object) else None
    span = known.span if known is not None else fallback
    entries: dict[str, Entry] = {}
    same = known is not None and list(known.entries) == list(data)
    for raw, item in data.items():
        name = str(raw)
        entry = known.entries.get(name) if known is not None else None
        if entry is None:
            entry = next((hint.entries[name] for hint in hints if _wrote(hint, name, item)), None)
        key = entry.key if entry is not None else span
        value = entry.value if entry is not None and _same_scalar(entry.value, item) else _back(item, key)
        same = same and entry is not None and value is entry.value
        entries[name] = Entry(name, key, value)
    if known is not None and same:
        return known
    return MappingNode(entries, span, origin=span, flow=True)


def _same_scalar(node: Node, data: Any) -> bool:
    """Whether a scalar still says what it said: a bool is no number."""
    return isinstance(node, ScalarNode) and node.data == data and isinstance(node.data, bool) == isinstance(data, bool)


def _wrote(hint: MappingNode, name: str, data: Any) -> bool:
    node = hint.get(name)
    return node is not None and _same_scalar(node, data)


def _alike(new: Node, old: Node) -> bool:
    if new is old:
        return True
    return (
        isinstance(new, ScalarNode)
        and isinstance(old, ScalarNode)
        and new.data == old.data
        and type(new.data) is type(old.data)
    )


def translated(session: Session, root: MappingNode, document: Document, at: Span) -> MappingNode | None:
    """The template as the SAM translator rewrites it; None where it cannot, and a Problem says why.

    A resource that the translator refuses is a Problem too, but the others are translated.
    """
    try:
        import samtranslator.public.exceptions  # noqa: F401
    except ImportError:
        session.gap("AWS::Serverless needs the package aws-sam-translator, which is not installed", at)
        return None
    expanded = _without_loops(session, root, document)
    parameters, unset = _parameter_values(session, expanded)
    region = str(session.inputs.values.get("AWS::Region") or "us-east-1")
    result, causes = _translate(expanded, parameters, region)
    if result is None and unset:  # some things SAM must know: a stand-in, which becomes the parameter again
        parameters |= {name: f"{_ASSUMED}{name}x" for name in unset}
        result, second = _translate(expanded, parameters, region)
        causes = second if result is None else []
    refused: dict[str, Entry] = {}
    for cause, culprit in causes:
        session.problem(f"SAM: {cause}", culprit.key if culprit is not None else at)
    while result is None and causes and len(refused) < 50:
        culprits = {entry.name: entry for _, entry in causes if entry is not None and entry.name not in refused}
        if not culprits:
            break
        refused |= culprits
        result, causes = _translate(_lacking(expanded, refused), parameters, region)
    if result is None:
        return None
    for name, entry in refused.items():
        session.gap(f"SAM does not translate {name}", entry.key, name)
    return _placed(result, expanded, refused, at)


class _NoSdk:
    """Stands for what the AWS SDK has."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("there is no AWS SDK here")


class _NoSdkError(Exception):
    pass


_SDK: dict[str, dict[str, Any]] = {
    "boto3": {"Session": _NoSdk, "session": SimpleNamespace(Session=_NoSdk), "client": _NoSdk},
    "botocore": {},
    "botocore.client": {"BaseClient": _NoSdk},
    "botocore.config": {"Config": _NoSdk},
    "botocore.exceptions": {"ClientError": _NoSdkError, "EndpointConnectionError": _NoSdkError},
}
"""What the translator imports of the SDK and asks it for: regions and applications that are published elsewhere."""


@cache
def _sam() -> tuple[Any, Any, Any]:
    """AWS's translator, its parser and its error, imported without the SDK.

    The SDK takes nearly as long to import as all the rest, and whoever has none cannot reach the network.
    """
    import logging

    stand_ins: dict[str, Any] = {}
    if not any(name in sys.modules for name in _SDK):
        for name, members in _SDK.items():
            stand_ins[name] = sys.modules[name] = ModuleType(name)
            vars(stand_ins[name]).update(members)
    try:
        from samtranslator.parser.parser import Parser
        from samtranslator.public.exceptions import InvalidDocumentException
        from samtranslator.translator import translator as sam
    finally:
        for name in stand_ins:
            del sys.modules[name]
    # the translator's own policies never change; each Translator would read and validate them anew
    sam.make_policy_template_for_function_plugin = cache(sam.make_policy_template_for_function_plugin)
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL + 1)
    return sam, Parser, InvalidDocumentException


def _translate(
    root: MappingNode, parameters: dict[str, Any], region: str
) -> tuple[dict[str, Any] | None, list[tuple[str, Entry | None]]]:
    """What the translator makes of a template, or why it refuses it, with the resources to blame."""
    sam, Parser, InvalidDocumentException = _sam()  # noqa: N806 - classes
    template = _forth(root)
    template.pop("Transform", None)
    _package(template)
    try:
        translator = sam.Translator({}, Parser(), boto_session=SimpleNamespace(region_name=region))
        result: dict[str, Any] = translator.translate(template, parameters, passthrough_metadata=True)
    except InvalidDocumentException as error:
        messages = [str(cause.message) for cause in error.causes]
        return None, [(message, _blamed(message, root)) for message in messages[:50]]
    except Exception as error:  # the translator has no promise about what it raises
        return None, [(f"{type(error).__name__}: {error}", None)]
    return result, []


def _lacking(root: MappingNode, names: dict[str, Entry]) -> MappingNode:
    """The template without some of its resources."""
    own = root.entries["Resources"]
    if not isinstance(own.value, MappingNode):
        return root
    rest = {name: entry for name, entry in own.value.entries.items() if name not in names}
    changed = Entry("Resources", own.key, replace(own.value, entries=rest))
    return replace(root, entries=root.entries | {"Resources": changed})


def _without_loops(session: Session, root: MappingNode, document: Document) -> MappingNode:
    """The template with the loops of its Resources run, which comes before SAM."""
    resources = root.get("Resources")
    if not isinstance(resources, MappingNode) or not any(e.name.startswith("Fn::") for e in resources):
        return root
    entries = dict(Scope(session, root, document.source).prepare().expanded("Resources"))
    made = Entry("Resources", root.entries["Resources"].key, replace(resources, entries=entries))
    return replace(root, entries=root.entries | {"Resources": made})


def _parameter_values(session: Session, root: MappingNode) -> tuple[dict[str, Any], list[str]]:
    """The parameters that have a value, and the names of those that have none."""
    values: dict[str, Any] = {}
    unset: list[str] = []
    section = root.get("Parameters")
    for entry in section if isinstance(section, MappingNode) else ():
        fixed, data = session.assigned(entry.name)
        setting = session.settings.get(entry.name)
        default = entry.value.get("Default") if isinstance(entry.value, MappingNode) else None
        if fixed:
            values[entry.name] = data
        elif setting is not None and isinstance(setting.node, ScalarNode):
            values[entry.name] = setting.node.data
        elif isinstance(default, ScalarNode):
            values[entry.name] = default.data
        else:
            unset.append(entry.name)
    return values, unset


def _package(template: Any) -> None:
    """Local paths of code become a stand-in for where packaging would put it: the translator takes nothing else."""
    sections = [template.get("Globals")]
    resources = template.get("Resources")
    if isinstance(resources, dict):
        sections += [resources]
    for section in sections:
        if not isinstance(section, dict):
            continue
        for name, body in section.items():
            if not isinstance(body, dict):
                continue
            kind = str(body.get("Type", "")) if section is resources else f"AWS::Serverless::{name}"
            properties = body.get("Properties") if section is resources else body
            if isinstance(properties, dict):
                _package_one(kind, properties, section is resources, template)


_CODE = {
    "AWS::Serverless::Function": ("CodeUri", "ImageUri"),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
}


def _package_one(kind: str, properties: dict[str, Any], whole: bool, template: Any) -> None:
    """Put addresses of uploaded code into the properties of a resource, as `sam package` does.

    whole  whether the properties are a resource's own, and not those that Globals share
    """
    for key in _CODE.get(kind, ()):
        if not _is_packaged(key, properties.get(key)):
            properties[key] = _address_of_code(key)
    if kind == "AWS::Serverless::Application" and isinstance(properties.get("Location"), dict):
        # an application of the public repository: the translator would ask AWS for its template
        properties["Location"] = f"https://{_PACKAGE}/"
    if kind == "AWS::Serverless::Function" and whole:
        _give_code(properties, template)


def _is_packaged(key: str, value: Any) -> bool:
    """Return True if a property needs no upload: it names code that is in S3 or ECR, or is an intrinsic function."""
    if isinstance(value, str):
        return value.startswith("s3://") or (key == "ImageUri" and ".dkr." in value)
    return not isinstance(value, dict) or not any(name == "Ref" or name.startswith("Fn::") for name in value)


def _address_of_code(key: str) -> str:
    return _PACKAGE if key == "ImageUri" else f"s3://{_PACKAGE}/{_PACKAGE}"


def _give_code(properties: dict[str, Any], template: Any) -> None:
    """Give a function code if neither it nor Globals name any: `sam build` finds it by its directory."""
    shared = template.get("Globals")
    shared = shared.get("Function") if isinstance(shared, dict) else None
    shared = shared if isinstance(shared, dict) else {}
    image = properties.get("PackageType", shared.get("PackageType")) == "Image"
    key = "ImageUri" if image else "CodeUri"
    if not any(name in properties or name in shared for name in (key, "InlineCode")):
        properties[key] = _address_of_code(key)


def _placed(result: dict[str, Any], root: MappingNode, refused: dict[str, Entry], at: Span) -> MappingNode:
    """The translator's result as a tree; resources that it made are placed at the SAM resource they are made for."""
    shared = root.get("Globals")
    sections = [e.value for e in shared if isinstance(e.value, MappingNode)] if isinstance(shared, MappingNode) else []
    written = root.get("Resources")
    sources = written.entries if isinstance(written, MappingNode) else {}
    entries: dict[str, Entry] = {}
    for name, section in result.items():
        own = root.entries.get(name)
        key = own.key if own is not None else at
        if name != "Resources":
            entries[name] = Entry(name, key, _back(section, key))
            continue
        made = dict(refused)
        for logical, body in section.items():
            source = sources.get(logical) or _maker(logical, sources)
            made[logical] = Entry(logical, source.key if source is not None else at, _made(body, source, sections, at))
        entries[name] = Entry(name, key, MappingNode(made, own.value.span if own is not None else at))
    return replace(root, entries=entries)


def _made(body: Any, source: Entry | None, sections: list[MappingNode], at: Span) -> Node:
    """The body of a resource that comes out of the translator; the written one itself where nothing changed."""
    span = source.value.span if source is not None else at
    node = _back(body, span)
    if not isinstance(node, MappingNode) or (source is not None and node is source.value):
        return node
    written = source.value.get("Properties") if source is not None and isinstance(source.value, MappingNode) else None
    if isinstance(body.get("Properties"), dict):
        hints = (*([written] if isinstance(written, MappingNode) else []), *sections)
        node.entries["Properties"] = replace(node.entries["Properties"], value=_back(body["Properties"], span, hints))
    return replace(node, span=span, origin=span)


def _maker(logical: str, written: dict[str, Entry]) -> Entry | None:
    """The SAM resource for which the translator made a resource: its logical id starts the new one's."""
    names = [name for name in written if logical.startswith(name)]
    return written[max(names, key=len)] if names else None


def _blamed(cause: str, root: MappingNode) -> Entry | None:
    """The resource that an error of the translator names."""
    hit = re.search(r"\[([A-Za-z0-9]+)\]", cause)
    resources = root.get("Resources")
    return resources.entries.get(hit[1]) if hit is not None and isinstance(resources, MappingNode) else None
