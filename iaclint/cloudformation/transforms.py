"""Transforms: what CloudFormation runs over a whole template before it deploys it.

SAM runs through AWS's translator, AWS::Include takes in a local file, AWS::LanguageExtensions is part of evaluation.
Any other macro is code that only AWS can run: a Gap.
"""

from __future__ import annotations

from msgspec.structs import replace

from iaclint.cloudformation import sam
from iaclint.cloudformation.foreach import include
from iaclint.cloudformation.scope import Scope
from iaclint.cloudformation.session import Session
from iaclint.cloudformation.tree import Document, Entry, MappingNode, Node, ScalarNode, SequenceNode, is_null
from iaclint.cloudformation.values import text_of
from iaclint.source.files import Span

SAM = "AWS::Serverless-2016-10-31"
LANGUAGE = "AWS::LanguageExtensions"
INCLUDE = "AWS::Include"


def transformed(session: Session, root: MappingNode, document: Document) -> tuple[MappingNode, str]:
    """Return the template with its transforms run, and what was not run, as a noun ("" if all were)."""
    opaque = ""
    if "Rain::Module" in document.source.text:
        opaque = "the rain tool"
        session.gap("modules of the rain tool are not here: they add resources", _place(document, "Rain::Module"))
    for node in _transforms(root):
        name, parameters = _named(node)
        outcome: MappingNode | str
        if name == LANGUAGE:
            continue
        if name == INCLUDE:
            outcome = _included(session, root, document, parameters)
            if isinstance(outcome, str):
                opaque = INCLUDE
                session.gap(f"{outcome}: it may add resources", node.span)
        else:
            translated = sam.translated(session, root, document, node.span) if name == SAM else None
            outcome = translated or ("the SAM transform" if name == SAM else name or "a macro")
            if isinstance(outcome, str):
                opaque = outcome
                session.gap(f"{opaque} is not run here: it may add and change resources", node.span)
        if isinstance(outcome, MappingNode):
            root = outcome
    return root, opaque


def _transforms(root: MappingNode) -> list[Node]:
    node = root.get("Transform")
    if node is None or is_null(node):
        return []
    return node.items if isinstance(node, SequenceNode) else [node]


def _included(session: Session, root: MappingNode, document: Document, parameters: Node | None) -> MappingNode | str:
    """Return the template with the sections of an included file, or why it cannot be included, as a phrase."""
    location = parameters.get("Location") if isinstance(parameters, MappingNode) else None
    if location is None:
        return "AWS::Include is not run"
    known = {n: e for n, e in root.entries.items() if n in ("Parameters", "Mappings", "Conditions")}
    scope = Scope(session, replace(root, entries=known), document.source).prepare()
    included = include(session, document.source, scope.evaluate(location))
    return _with(root, included) if isinstance(included, MappingNode) else included


def _named(node: Node) -> tuple[str | None, Node | None]:
    """Return the name and the parameters of a transform. `Fn::Transform` may be written around them."""
    if isinstance(node, ScalarNode):
        return text_of(node.data), None
    if isinstance(node, MappingNode):
        inner = node.get("Fn::Transform")
        if isinstance(inner, MappingNode):
            node = inner
        name = node.get("Name")
        return (text_of(name.data) if isinstance(name, ScalarNode) else None), node.get("Parameters")
    return None, None


def _place(document: Document, text: str) -> Span:
    at = max(0, document.source.text.find(text))
    return document.source.span(at, at + len(text))


def _with(root: MappingNode, included: MappingNode) -> MappingNode:
    """Return a template with the sections of an included file. Its own entries win."""
    entries = dict(root.entries)
    for entry in included:
        own = entries.get(entry.name)
        if own is None:
            entries[entry.name] = entry
        elif isinstance(own.value, MappingNode) and isinstance(entry.value, MappingNode):
            merged = entry.value.entries | own.value.entries
            entries[entry.name] = Entry(entry.name, own.key, replace(own.value, entries=merged))
    return replace(root, entries=entries)
