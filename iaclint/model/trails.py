"""Values in another place: how the trail of a value grows from the place that decides it to the place of its use.

Each function returns the value with another span, and with steps put before its trail. The data stays as it is.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.value import Step, Value
from iaclint.source.files import Span

V: TypeAlias = Value[Any]


def through_name(value: V, span: Span, name: str) -> V:
    """Return a value as seen through a name (a variable, a resource) that is used at `span`."""
    trail = value.trail or (Step(value.span, name),)
    return Value(value.data, span, (Step(span, name), *trail), value.refs, False, value.sensitive, value.type)


def chosen_by(value: V, span: Span, what: str) -> V:
    """Return a value that an expression at `span` chose as the value of the whole expression.

    `what` names the kind of choice: "condition".
    """
    if value.span == span:
        return value
    trail = value.trail
    if not trail or trail[0].span != value.span:
        trail = (Step(value.span, what), *trail)
    return Value(value.data, span, trail, value.refs, False, value.sensitive, value.type)


def picked_from(collection: V, element: V, span: Span) -> V:
    """Return an element of a collection as the value of the expression at `span` that picks it."""
    trail = collection.trail
    if trail:
        tail = element.trail or (Step(element.span, trail[-1].what),)
        trail = (*trail[:-1], *tail)
    else:
        trail = element.trail or (Step(element.span, "element"),)
    sensitive = element.sensitive or collection.sensitive
    return Value(element.data, span, trail, element.refs, element.implicit, sensitive, element.type)


def visited_in(collection: V, element: V) -> V:
    """Return an element of a collection at its own place, with the names that lead to the collection."""
    if not collection.trail:
        return element
    tail = element.trail or (Step(element.span, collection.trail[-1].what),)
    return element.replace(trail=(*collection.trail[:-1], *tail))


def moved(value: V, span: Span, steps: tuple[Step, ...]) -> V:
    """Return a value that is used elsewhere, all its parts included.

    `steps` lead from the use at `span` to the value's own place. A part that lies elsewhere gets a step to its place.
    """
    data = value.data
    what = steps[-1].what if steps else ""

    def part(item: V) -> V:
        return moved(item, span, (*steps, Step(item.span, what)) if item.span != span else steps)

    if isinstance(data, tuple):
        data = tuple(part(item) for item in data)
    elif isinstance(data, dict):
        data = {name: part(item) for name, item in data.items()}
    return value.replace(data=data, span=span, trail=steps + value.trail)


def gathered(value: V, block: Span) -> V:
    """Return the value of an attribute of a block, with the elements that lie outside of the block moved into it.

    Such an element gets the place of the attribute, and a trail of the attribute's steps and its own place.
    """
    data = value.data
    if isinstance(data, tuple):
        return value.replace(data=tuple(gathered(_into(item, value, block), block) for item in data))
    if isinstance(data, dict):
        return value.replace(data={name: gathered(_into(item, value, block), block) for name, item in data.items()})
    return value


def _into(item: V, holder: V, block: Span) -> V:
    """Return an element of `holder`, with the place of `holder` if the element lies outside of the block."""
    if item.span.file is block.file and block.start <= item.span.start and item.span.end <= block.end:
        return item
    trail = holder.trail
    tail = item.trail or (Step(item.span, trail[-1].what if trail else "value"),)
    return item.replace(span=holder.span, trail=(*trail[:-1], *tail))
