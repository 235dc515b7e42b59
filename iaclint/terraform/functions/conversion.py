"""Functions that convert between types, and that mark values as sensitive or not."""

from __future__ import annotations

from collections.abc import Callable

from iaclint.model.unknowns import merge
from iaclint.model.value import Unknown, Value
from iaclint.terraform.functions.registry import Context, Functions, Result, V
from iaclint.terraform.lang.conversion import convert
from iaclint.terraform.lang.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type

FUNCTIONS = Functions()


def _converter(kind: Type) -> Callable[..., Result]:
    """Return a function that converts its argument to a type."""

    def run(context: Context, value: V) -> Result:
        return convert(value, kind)

    return run


def _collection_converter(collection: Callable[[Type], Type]) -> Callable[..., Result]:
    """Return a function that converts its argument to a list, set or map.

    An unknown collection keeps the type of its elements.
    """

    def run(context: Context, value: V) -> Result:
        element: Type = DYNAMIC
        if isinstance(value.data, Unknown) and isinstance(value.type, (ListType, SetType, MapType)):
            element = value.type.element
        return convert(value, collection(element))

    return run


FUNCTIONS.define("tostring", DYNAMIC, unknown="own", nullable=True)(_converter(STRING))
FUNCTIONS.define("tonumber", DYNAMIC, unknown="own", nullable=True)(_converter(NUMBER))
FUNCTIONS.define("tobool", DYNAMIC, unknown="own", nullable=True)(_converter(BOOL))
FUNCTIONS.define("tolist", DYNAMIC, unknown="own", nullable=True)(_collection_converter(ListType))
FUNCTIONS.define("toset", DYNAMIC, unknown="own", nullable=True)(_collection_converter(SetType))
FUNCTIONS.define("tomap", DYNAMIC, unknown="own", nullable=True)(_collection_converter(MapType))


@FUNCTIONS.define("sensitive", DYNAMIC, unknown="own", nullable=True)
def _sensitive(context: Context, value: V) -> Result:
    return Value(value.data, value.span, value.trail, value.refs, value.implicit, True, value.type)


@FUNCTIONS.define("nonsensitive", DYNAMIC, unknown="own", nullable=True)
def _nonsensitive(context: Context, value: V) -> Result:
    return Value(value.data, value.span, value.trail, value.refs, value.implicit, False, value.type)


@FUNCTIONS.define("ephemeralasnull", DYNAMIC, unknown="own", nullable=True)
def _ephemeralasnull(context: Context, value: V) -> Result:
    return value


@FUNCTIONS.define("issensitive", DYNAMIC, returns=BOOL, unknown="own", nullable=True)
def _issensitive(context: Context, value: V) -> Result:
    if value.sensitive:
        return Value(True, context.span)
    if isinstance(value.data, Unknown):
        return merge(context.span, (value,), BOOL)
    return Value(False, context.span)
