"""Nested stacks: which file is the template of a stack, and what is passed to it."""

from __future__ import annotations

from typing import Any

from iaclint.cloudformation.foreach import local_path
from iaclint.cloudformation.scope import Scope
from iaclint.cloudformation.session import document_of
from iaclint.cloudformation.syntax import parse_within
from iaclint.cloudformation.tree import Document, MappingNode, Node, ScalarNode, scalar_at
from iaclint.cloudformation.values import ABSENT, text_of
from iaclint.model.value import Value
from iaclint.source.files import Span, Unreadable

MAX_STACKS = 8
"""How deep stacks may nest; CloudFormation itself sets no limit below this that people reach."""


def template_path(scope: Scope, body: MappingNode) -> str | None:
    """Return the local file of a nested stack's template; None if it is not local, such as a URL.

    The CDK notes the file in the metadata of the resource; otherwise it is TemplateURL.
    """
    asset = text_of(scalar_at(body.get("Metadata"), "aws:asset:path"))
    if asset:
        return local_path(scope.source, asset)
    properties = body.get("Properties")
    url = properties.get("TemplateURL") if isinstance(properties, MappingNode) else None
    text = text_of(scope.evaluate(url).data) if url is not None else None
    if not text or "://" in text or text.startswith("{{"):
        return None
    return local_path(scope.source, text)


def template_of(
    scope: Scope, address: str, body: MappingNode, properties: MappingNode, header: Span, chain: tuple[str, ...]
) -> tuple[Document, tuple[str, ...]] | None:
    """Return the document of a nested stack, and the chain of templates that leads to it.

    address     of the stack
    body        of the stack's resource, with its properties and the place of its name
    chain       the paths of the templates from the root to the one that declares the stack

    None if the document cannot be seen; a gap of the session tells why.
    """
    session = scope.session
    inline, url = properties.get("TemplateBody"), properties.get("TemplateURL")
    node = inline or url
    at = node.span if node is not None else header
    if isinstance(inline, ScalarNode):
        document = parse_within(inline.span.file, inline)
        if document is not None:
            return document, (*chain, f"{scope.source.path}#{address}")
    hint = ""
    path = template_path(scope, body) if inline is None else None
    if path is None:
        text = text_of(scope.evaluate(url).data) if url is not None else None
        hint = f": {text}" if text else ""
    elif path in chain or len(chain) > MAX_STACKS:
        why = "contains itself" if path in chain else f"is nested more than {MAX_STACKS} deep"
        session.problem(f"stack {address} {why}", at)
        session.gap(f"stack {address} {why}", at, address)
        return None
    else:
        try:
            return document_of(session.workspace, path), (*chain, path)
        except Unreadable as error:
            hint = f": {error}"
    passed = scope.evaluate(properties).all_refs()
    session.gap(f"the template of stack {address} is not here{hint}", at, address, passed)
    return None


def arguments_of(scope: Scope, node: Node | None) -> tuple[dict[str, Value[Any]], str]:
    """Return what a stack passes in, by parameter, from a mapping or from the list of a stack set.

    The second result is a noun for parameters that are not known, which may be any; "" if all are known.
    """
    if node is None:
        return {}, ""
    passed = scope.evaluate(node)
    if isinstance(passed.data, dict):
        return dict(passed.data), ""
    if isinstance(passed.data, tuple):
        pairs = [(text_of(item.key("ParameterKey").data), item.key("ParameterValue")) for item in passed.data]
        return {name: value for name, value in pairs if name is not None and not value.implicit}, ""
    return {}, "" if passed.data is ABSENT else "parameters that are not known"
