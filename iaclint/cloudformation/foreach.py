"""Entries that are made: Fn::ForEach repeats its body, AWS::Include takes in the entries of a local file.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from iaclint.cloudformation.session import Session
from iaclint.cloudformation.tree import (
    Entry,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    ValueNode,
    scalar_at,
    size_of,
)
from iaclint.cloudformation.values import merge_unknown, text_of
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile, Unreadable

if TYPE_CHECKING:
    from iaclint.cloudformation.scope import Scope

LOOP = "Fn::ForEach::"
TRANSFORM = "Fn::Transform"
MAX_ENTRIES = 20_000
"""How many entries a mapping with loops may have; CloudFormation takes 500 resources a stack."""


def expanded(scope: Scope, node: MappingNode, section: str) -> Iterator[Entry]:
    """Yield the entries of a mapping with its loops run and its included files put in.

    section  the name of the section that the mapping is, "" for a mapping within a resource
    """
    if not any(name.startswith((LOOP, TRANSFORM)) for name in node.entries):
        yield from node
        return
    session = scope.session
    taken = set(node.entries)
    for entry in node:
        if entry.name.startswith(LOOP):
            for made in _repeated(scope, entry, section):
                if made.name in taken:
                    session.problem(f"Fn::ForEach makes {made.name}, which is there already", entry.key)
                taken.add(made.name)
                if len(taken) > MAX_ENTRIES:
                    session.gap("Fn::ForEach makes more than can be looked at", entry.key)
                    return
                yield made
        elif entry.name == TRANSFORM:
            yield from _transformed(scope, entry, section)
        else:
            yield entry


# -- Fn::ForEach -----------------------------------------------------------------------------------------


class _Loop(Struct, frozen=True):
    """An Fn::ForEach: the name of its identifier, the collection to repeat over, and what to repeat."""

    entry: Entry
    identifier: str
    collection: Node
    body: MappingNode


def _loop(scope: Scope, entry: Entry) -> _Loop | None:
    """Return the loop that an entry is; None with a problem if it is not written as it must be."""
    session = scope.session
    found = scope.arguments_of(entry.value, 3, 3)
    if found is None or not isinstance(found[2], MappingNode):
        session.problem("Fn::ForEach needs an identifier, a collection and what to repeat", entry.key)
        return None
    identifier = found[0].data if isinstance(found[0], ScalarNode) else None
    if not isinstance(identifier, str) or not identifier:
        session.problem("Fn::ForEach needs the name of its identifier", found[0].span)
        return None
    for name in (entry.name.removeprefix(LOOP), identifier):
        if name in scope.parameters:
            session.problem(f"Fn::ForEach: {name} is the name of a parameter already", entry.key)
            break
    return _Loop(entry, identifier, found[1], found[2])


def _repeated(scope: Scope, entry: Entry, section: str) -> Iterator[Entry]:
    """Yield the entries that a loop makes."""
    loop = _loop(scope, entry)
    if loop is None:
        return
    session = scope.session
    collection = scope.evaluate(loop.collection)
    if collection.sensitive:
        session.problem("Fn::ForEach cannot repeat over a parameter with NoEcho", loop.collection.span)
    if collection.known and not isinstance(collection.data, tuple):
        session.problem("Fn::ForEach needs a list as its collection", loop.collection.span)
        return
    items = _texts_of(collection)
    if items is None:
        yield from _for_any_item(scope, loop, collection, section)
        return
    size = size_of(loop.body)
    for item in items:
        if not session.may_expand(size):
            yield from _cut(scope, entry, "Fn::ForEach makes more than can be looked at", section)
            return
        made = substitute(loop.body, loop.identifier, item)
        assert isinstance(made, MappingNode)
        yield from expanded(scope, made, section)


def _texts_of(collection: Value[Any]) -> list[str] | None:
    """Return the items of a collection, those of lists within it in their place; None if one is not known."""
    if not isinstance(collection.data, tuple):
        return None
    items = [text_of(item.data) for outer in collection.data for item in _flat(outer)]
    texts = [item for item in items if item is not None]
    return texts if len(texts) == len(items) else None


def _flat(item: Value[Any]) -> tuple[Value[Any], ...]:
    return item.data if isinstance(item.data, tuple) else (item,)


def _for_any_item(scope: Scope, loop: _Loop, collection: Value[Any], section: str) -> Iterator[Entry]:
    """Yield the entries of the body once, for any of the items, which are not known."""
    unknown = merge_unknown(loop.collection.span, [collection], refs=False)
    if section == "Resources":
        scope.session.gap(
            f"{loop.entry.name} repeats over a collection that is not known: {unknown.data.detail}",
            loop.collection.span,
        )
    scope.loops[loop.identifier] = unknown
    try:
        made = substitute(loop.body, loop.identifier, "*", keys_only=True)
        assert isinstance(made, MappingNode)
        yield from list(expanded(scope, made, section))
    finally:
        if section == "":  # the entries of a section are evaluated later, when the loop is over
            scope.loops.pop(loop.identifier, None)


def substitute(node: Node, identifier: str, text: str, *, keys_only: bool = False) -> Node:
    """Return the body of a loop for one item: `${Id}` and `&{Id}` in every text, and `Ref: Id`, replaced by a text.

    `&{Id}` leaves out what is not alphanumeric. With `keys_only`, which is for a loop whose items are not known, only
    keys are replaced. Nodes without the identifier are shared with the original.
    """
    alphanumeric = text if keys_only else re.sub(r"[^A-Za-z0-9]", "", text)
    marks = {"${" + identifier + "}": text, "&{" + identifier + "}": alphanumeric}

    def swap(written: str) -> str:
        if "{" not in written:
            return written
        for mark, replacement in marks.items():
            written = written.replace(mark, replacement)
        return written

    def walk(current: Node) -> Node:
        if isinstance(current, ScalarNode):
            if keys_only or not isinstance(current.data, str):
                return current
            swapped = swap(current.data)
            return current if swapped == current.data else ScalarNode(swapped, current.span, current.origin)
        if isinstance(current, SequenceNode):
            items = [walk(item) for item in current.items]
            if all(new is old for new, old in zip(items, current.items, strict=True)):
                return current
            return SequenceNode(items, current.span, current.origin, current.flow)
        if isinstance(current, ValueNode):
            return current
        if not keys_only and len(current.entries) == 1 and scalar_at(current, "Ref") == identifier:
            return ScalarNode(text, current.span)
        entries: dict[str, Entry] = {}
        changed = False
        for entry in current:
            name, value = swap(entry.name), walk(entry.value)
            changed = changed or name != entry.name or value is not entry.value
            entries[name] = Entry(name, entry.key, value)
        if not changed:
            return current
        return MappingNode(entries, current.span, current.origin, current.flow, current.short)

    return walk(node)


# -- Fn::Transform and AWS::Include ----------------------------------------------------------------------


def _transformed(scope: Scope, entry: Entry, section: str) -> Iterator[Entry]:
    """Yield what stands for an Fn::Transform among other keys: the entries of a local file, or an unknown.

    A macro sees and changes only the mapping that it stands in. So only in a section can it add what would be missed.
    """
    node = entry.value
    name = text_of(scalar_at(node, "Name")) or "a macro"
    parameters = node.get("Parameters") if isinstance(node, MappingNode) else None
    location = parameters.get("Location") if isinstance(parameters, MappingNode) else None
    why = f"{name} is not run"
    if name == "AWS::Include" and location is not None:
        included = include(scope.session, scope.source, scope.evaluate(location))
        if isinstance(included, MappingNode):
            if scope.session.may_expand(size_of(included)):
                yield from expanded(scope, included, section)
            else:
                yield from _cut(scope, entry, "AWS::Include adds more than can be looked at", section)
            return
        why = included
    if section:
        scope.opaque = scope.opaque or name
        if section == "Resources":
            scope.session.gap(f"{why}: what it adds here is not seen", entry.key)
    else:
        data = Unknown(UnknownCause.UNSUPPORTED, f"{why}: it may change this")
        yield Entry(TRANSFORM, entry.key, ValueNode(Value(data, node.span), node.span))


def _cut(scope: Scope, entry: Entry, why: str, section: str) -> Iterator[Entry]:
    """Note a gap for entries that are not made; within a resource, yield an unknown in their place."""
    scope.session.gap(why, entry.key)
    if not section:
        unknown: Value[Any] = Value(Unknown(UnknownCause.UNSUPPORTED, why), entry.key)
        yield Entry(TRANSFORM, entry.key, ValueNode(unknown, entry.key))


def include(session: Session, source: SourceFile, location: Value[Any]) -> MappingNode | str:
    """Return the mapping in a local file that AWS::Include in `source` names, or why there is none, as a phrase."""
    text = text_of(location.data)
    if text is None or "://" in text:
        return f"AWS::Include of {text or 'a file that is not known'} is not run"
    try:
        document = session.read(local_path(source, text))
    except Unreadable as error:
        return f"AWS::Include: {error}"
    root = document.roots[0] if document.roots else None
    return root if isinstance(root, MappingNode) else f"AWS::Include: {document.source.name} holds no mapping"


def local_path(source: SourceFile, relative: str) -> str:
    """Return the path of a file that a template names."""
    return os.path.normpath(os.path.join(os.path.dirname(source.path), relative))
