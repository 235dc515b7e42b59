"""The places at which a fix can insert properties into a template, and the text to insert."""

from __future__ import annotations

from msgspec.structs import replace

from iaclint.cloudformation.tree import MappingNode, ScalarNode
from iaclint.model.inventory import InsertionPoint
from iaclint.source.files import SourceFile


def insertion_points_of(body: MappingNode, source: SourceFile, language: str) -> dict[str, InsertionPoint]:
    """Return the places for new properties ("") and for new attributes ("meta") of a resource.

    Empty for a resource that a macro or an alias made, and for one without attributes.
    """
    slots: dict[str, InsertionPoint] = {}
    if body.span.file is not source or body.origin is not None or not body.entries:
        return slots
    own = _before_first(body, language)
    if own is not None:
        slots["meta"] = own
    entry = body.entries.get("Properties")
    if entry is None:
        if own is not None:
            slots[""] = replace(own, template=_wrapped(own.template, language, body.flow))
        return slots
    node = entry.value
    if isinstance(node, MappingNode) and not node.short and node.origin is None and "Ref" not in node.entries:
        if not any(name.startswith("Fn::") and len(node.entries) == 1 for name in node.entries):
            slot = _before_first(node, language)
            if slot is not None:
                slots[""] = slot
    elif isinstance(node, ScalarNode) and node.data is None and not body.flow and language == "yaml":
        colon = source.text.find(":", entry.key.end)
        column = entry.key.column - 1
        if colon >= 0:
            at = source.span(colon + 1, colon + 1)
            slots[""] = InsertionPoint(at, "\n" + " " * (column + 2) + "{name}: {value}", "yaml")
    return slots


def _before_first(node: MappingNode, language: str) -> InsertionPoint | None:
    """Return the place for a new entry: before the first one, so that no comment or blank line is in the way."""
    source = node.span.file
    first = next(iter(node), None)
    if language == "json" or node.flow:
        at = source.span(node.span.start + 1, node.span.start + 1)
        name = '"{name}"' if language == "json" else "{name}"
        if first is None:
            return InsertionPoint(at, name + ": {value}", language)
        line, column = source.position(first.key.start)
        if source.line_text(line)[: column - 1].strip() == "":
            return InsertionPoint(at, "\n" + source.line_text(line)[: column - 1] + name + ": {value},", language)
        return InsertionPoint(at, name + ": {value}, ", language)
    if first is None or first.key.start < node.span.start or first.key.file is not source:
        return None
    line, column = source.position(first.key.start)
    at = source.span(first.key.start, first.key.start)
    return InsertionPoint(at, "{name}: {value}\n" + " " * (column - 1), language)


def _wrapped(template: str, language: str, flow: bool) -> str:
    """Return the template for an attribute, changed to one for a property: with the missing `Properties` around it."""
    if language == "json" or flow:
        key = '"Properties"' if language == "json" else "Properties"
        name = '"{name}"' if language == "json" else "{name}"
        return template.replace(name + ": {value}", key + ": {{" + name + ": {value}}}")
    indent = template.partition("\n")[2]
    return f"Properties:\n{indent}  {{name}}: {{value}}\n{indent}"
