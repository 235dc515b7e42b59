"""What the functions share: the parts of arguments, and values made of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from iaclint.model.unknowns import is_sensitive, refs_of, unknown_parts
from iaclint.model.value import LanguageType, Step, Unknown, UnknownCause, Value
from iaclint.terraform.functions.registry import Context, FunctionError, Result, V
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.errors import MissingPackage
from iaclint.terraform.lang.types import STRING, ObjectType, SetType, TupleType, Type, type_name, type_of
from iaclint.terraform.syntax import tree as syntax


def new_elements(context: Context, parts: Sequence[Any], trail: tuple[Step, ...] = ()) -> tuple[V, ...]:
    """Return data as the elements of a list, each with the place of the call.

    Raises LimitError if too many were made already.
    """
    context.env.scope.budget.spend(len(parts), context.span)
    return tuple(Value(part, context.span, trail) for part in parts)


def graphemes(text: str) -> list[str]:
    """Return the user-perceived characters of a text, by which Terraform counts and cuts.

    Source: https://unicode.org/reports/tr29/
    """
    if text.isascii() and "\r\n" not in text:
        return list(text)
    try:
        import regex  # takes some 15 ms, for texts that few configurations have
    except ImportError:
        raise MissingPackage("regex") from None
    found: list[str] = regex.findall(r"\X", text)
    return found


def source_trail(text: V) -> tuple[Step, ...]:
    """Return the trail of what is cut out of a text: it was decided in the place of the text."""
    return text.trail or (Step(text.span, "text"),)


def bytes_from_base64(text: str) -> bytes:
    """Return the bytes that a base64 text encodes. Raises FunctionError if it is not base64."""
    plain = text.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(plain, validate=True)
    except ValueError:
        raise FunctionError("the text is not base64") from None


def text_from_utf8(data: bytes) -> str:
    """Return the text that bytes encode in UTF-8. Raises FunctionError if they are not UTF-8."""
    try:
        return syntax.nfc(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise FunctionError("the bytes are not UTF-8 text") from None


def unsupported(
    context: Context,
    operands: Sequence[V],
    detail: str,
    kind: Type | None,
    cause: UnknownCause = UnknownCause.UNSUPPORTED,
) -> V:
    """Return an unknown result of a call, with the reason why it is not evaluated."""
    unknown = Unknown(cause, detail, not_null=True)
    return Value(unknown, context.span, (), refs_of(operands), False, is_sensitive(operands), kind)


def elements_of(value: V, what: str = "a list") -> tuple[V, ...]:
    """Return the elements of a list, tuple or set; `what` names it in the message. Raises FunctionError."""
    if not isinstance(value.data, tuple):
        raise FunctionError(f"{what} is required, not a {type_name(type_of(value))}")
    return sort_set(value.data) if isinstance(value.type, SetType) else value.data


def new_collection(context: Context, operands: Sequence[V], data: Any, kind: LanguageType | None = None) -> V:
    """Return a collection of elements that come from the arguments: they keep their own places and references."""
    refs = tuple(dict.fromkeys(ref for operand in operands for ref in operand.refs))
    sensitive = any(operand.sensitive for operand in operands)
    trail: tuple[Step, ...] = operands[0].trail if len(operands) == 1 else ()
    return Value(data, context.span, trail, refs, False, sensitive, kind)


def known_length(value: V) -> int | None:
    """Return the number of elements, for an unknown value if its type tells it; None if it is unknown."""
    data = value.data
    if isinstance(data, tuple):
        if isinstance(value.type, SetType) and unknown_parts(data) and len(data) > 1:
            return None
        return len(data)
    if isinstance(data, dict):
        return len(data)
    if isinstance(data, Unknown):
        if isinstance(value.type, TupleType):
            return len(value.type.elements)
        if isinstance(value.type, ObjectType):
            return len(value.type.attributes)
    return None


def base64_text(data: bytes) -> str:
    """Return bytes in base64."""
    return base64.b64encode(data).decode()


def differs_in_every_run(name: str) -> Callable[..., Result]:
    """Return a function whose result is known only after apply, because it is another one in every run."""

    def run(context: Context, *values: V) -> Result:
        return unsupported(
            context, values, f"{name}() gives another value in every run", STRING, UnknownCause.AFTER_APPLY
        )

    return run
