"""Values that may be unknown, and truth that may be undecided.

This module knows nothing of Terraform, CloudFormation or AWS. An unknown is never read as
"safe" or "broken": asking an undecided `Truth` for a bool raises `Undetermined`, which the judge turns
into the verdict UNKNOWN with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from iaclint.source import Span

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

MAX_REASONS = 8


class UnknownCause(Enum):
    """Why a value is unknown."""

    INPUT = "input"
    """A variable or parameter that has no value."""
    AFTER_APPLY = "computed"
    """Known only after deployment, such as an ARN."""
    EXTERNAL = "external"
    """Read from outside: a data source, an import, a secret store, a module whose code is not here."""
    UNSUPPORTED = "unsupported"
    """iaclint does not evaluate this (yet)."""
    INVALID = "invalid"
    """The expression is wrong; a Problem says how."""


class Unknown(Struct, frozen=True):
    """The data of a value that cannot be known from the input.

    `detail` is a phrase for people: "var.rotate has no default". `inputs` names every input that the value
    hangs on ("var.rotate", "Env", "condition IsProd"), so that inputs with finitely many values
    can be tried out. `one_of` lists the possible data where they are known; `prefix` is how a text certainly starts;
    `parts` are the pieces, known and unknown, that a text is put together from; `encoded` is what a JSON text encodes.
    """

    cause: UnknownCause
    detail: str
    inputs: tuple[str, ...] = ()
    one_of: tuple[Any, ...] = ()
    prefix: str = ""
    not_null: bool = False
    parts: tuple[Value[Any], ...] = ()
    encoded: Value[Any] | None = None


class Encoded(str):
    """A JSON text that keeps the values it encodes, with their places: what jsonencode makes."""

    __slots__ = ("value",)
    value: Value[Any]

    def __new__(cls, text: str, value: Value[Any]) -> Encoded:
        made = super().__new__(cls, text)
        made.value = value
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Encoded, (str(self), self.value)


class Ref(Struct, frozen=True):
    """A reference to a resource: its address within the deployment, and the attribute that was read ("" for all).

    An address that ends in "[*]" stands for any instance.
    """

    address: str
    attribute: str = ""


class Step(Struct, frozen=True):
    """One step of a trail from the use of a value to where it is decided: a place and its name ("var.cidr")."""

    span: Span
    what: str


class Reason(Struct, frozen=True):
    """Why something is undecided: a phrase, its place, and the inputs it hangs on."""

    detail: str
    span: Span | None = None
    inputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.detail}, {self.span.file.name}:{self.span.line}" if self.span else self.detail


class Undetermined(BaseException):
    """An undecided truth was asked for a bool.

    Derives from BaseException so that a rule's own `except Exception` cannot swallow it.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = reasons


def merge_reasons(*groups: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons of all groups, each once, at most MAX_REASONS."""
    merged: dict[Reason, None] = {}
    for group in groups:
        for reason in group:
            merged.setdefault(reason)
    return tuple(merged)[:MAX_REASONS]


class Truth(Struct, frozen=True):
    """True, False or undecided (None), then with its reasons; `&`, `|` and `~` are Kleene's."""

    value: bool | None
    reasons: tuple[Reason, ...] = ()

    def __and__(self, other: Truth) -> Truth:
        if self.value is False or other.value is False:
            return FALSE
        if self.value is True:
            return other
        if other.value is True:
            return self
        return Truth(None, merge_reasons(self.reasons, other.reasons))

    def __or__(self, other: Truth) -> Truth:
        if self.value or other.value:
            return TRUE
        if self.value is None and other.value is None:
            return Truth(None, merge_reasons(self.reasons, other.reasons))
        return self if self.value is None else other if other.value is None else FALSE

    def __invert__(self) -> Truth:
        if self.value is None:
            return self
        return FALSE if self.value else TRUE

    def __bool__(self) -> bool:
        if self.value is None:
            raise Undetermined(self.reasons)
        return self.value

    @property
    def decided(self) -> bool:
        return self.value is not None

    @property
    def is_true(self) -> bool:
        """Certainly true."""
        return self.value is True

    @property
    def is_false(self) -> bool:
        """Certainly false."""
        return self.value is False

    @property
    def possible(self) -> bool:
        """True or undecided."""
        return self.value is not False

    @classmethod
    def of(cls, truth: bool) -> Truth:
        return TRUE if truth else FALSE

    @classmethod
    def undecided(cls, *reasons: Reason) -> Truth:
        return cls(None, reasons)


TRUE = Truth(True)
FALSE = Truth(False)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's or over all; stops at the first True."""
    result = FALSE
    for truth in truths:
        if truth.value:
            return TRUE
        if truth.value is None:
            result = result | truth
    return result


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's and over all; stops at the first False."""
    return ~any_of(~truth for truth in truths)


class Value(Struct, Generic[T_co], eq=False):
    """A piece of the input with where it is written and where it comes from.

    data      a str, int, float, bool or None; a tuple of Values; a dict from str to Value; or an Unknown
    span      where it is used: the place that a person looking at the resource sees
    trail     from the use to the literal that decides it (variable, module argument, default); empty for a literal
    refs      the resources it was built from, kept even where the value is unknown
    implicit  the vendor's default: nothing is written, and the span is the resource's header
    sensitive never to be printed
    type      the language's own type of it, where the front-end keeps one; meaningless elsewhere
    """

    data: Any
    span: Span
    trail: tuple[Step, ...] = ()
    refs: tuple[Ref, ...] = ()
    implicit: bool = False
    sensitive: bool = False
    type: Any = None

    # -- what is known -------------------------------------------------------------------------

    @property
    def known(self) -> bool:
        """Whether the value itself is known (parts of a collection may still be unknown)."""
        return not isinstance(self.data, Unknown)

    @property
    def unknown(self) -> Unknown | None:
        return self.data if isinstance(self.data, Unknown) else None

    @property
    def wholly_known(self) -> bool:
        """Whether the value and every part of it is known."""
        data = self.data
        if isinstance(data, Unknown):
            return False
        if isinstance(data, tuple):
            return all(item.wholly_known for item in data)
        if isinstance(data, dict):
            return all(item.wholly_known for item in data.values())
        return True

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the value, or a part of it, is unknown; empty where it is wholly known."""
        data = self.data
        if isinstance(data, Unknown):
            return (Reason(data.detail, self.origin, data.inputs),)
        if isinstance(data, tuple):
            return merge_reasons(*(item.reasons for item in data))
        if isinstance(data, dict):
            return merge_reasons(*(item.reasons for item in data.values()))
        return ()

    @property
    def origin(self) -> Span:
        """The place that decides the value: the last step of the trail, else the use."""
        return self.trail[-1].span if self.trail else self.span

    # -- questions -----------------------------------------------------------------------------

    def test(self, predicate: Callable[[Any], bool]) -> Truth:
        """What a predicate says of the data; undecided where unknown, unless all of `one_of` agree."""
        data = self.data
        if isinstance(data, Unknown):
            if data.one_of:
                answers = {bool(predicate(option)) for option in data.one_of}
                if len(answers) == 1:
                    return Truth.of(answers.pop())
            return Truth(None, self.reasons)
        return Truth.of(bool(predicate(data)))

    def is_(self, wanted: object) -> Truth:
        """Whether the data is the wanted scalar; True is not 1."""
        return self.test(lambda data: data == wanted and isinstance(data, bool) == isinstance(wanted, bool))

    def one_of(self, *wanted: object) -> Truth:
        """Whether the data is one of the wanted scalars."""
        return any_of(self.is_(w) for w in wanted)

    def ends_with(self, suffix: str) -> Truth:
        """Whether a text ends so; decided by its last piece where only earlier ones are unknown."""
        last = self.data.parts[-1] if isinstance(self.data, Unknown) and self.data.parts else None
        if last is not None and isinstance(last.data, str) and len(last.data) >= len(suffix):
            return Truth.of(last.data.endswith(suffix))
        return self.test(lambda text: isinstance(text, str) and text.endswith(suffix))

    def is_set(self) -> Truth:
        """Whether there is a value: neither absent, nor null, nor an empty text."""
        if isinstance(self.data, Unknown) and (self.data.not_null or self.data.prefix or self.refs):
            # a reference to a resource's attribute is a value, whatever it turns out to be
            return TRUE
        return self.test(lambda data: data is not None and data != "")

    def has_elements(self) -> Truth:
        """Whether a list holds anything; a reference to a resource's attribute is taken for one that does."""
        if isinstance(self.data, Unknown) and self.refs:
            return TRUE
        return self.elements().exists()

    def get(self) -> T_co:
        """The data. Raises Undetermined where it is unknown."""
        if isinstance(self.data, Unknown):
            raise Undetermined(self.reasons)
        data: T_co = self.data
        return data

    # -- parts ---------------------------------------------------------------------------------

    def key(self, name: str) -> Value[Any]:
        """A member of a mapping: a null implicit value where absent, unknown where the mapping is."""
        data = self.data
        if isinstance(data, dict):
            found = data.get(name)
            if found is not None:
                return found  # type: ignore[no-any-return]
        elif isinstance(data, Unknown):
            return self.with_data(replace(data, one_of=(), prefix="", not_null=False, parts=(), encoded=None))
        return Value(None, self.span, self.trail, implicit=True)

    def path(self, *names: str) -> Value[Any]:
        """A member of nested mappings; a list of one block is stepped into."""
        value: Value[Any] = self
        for name in names:
            if isinstance(value.data, tuple) and len(value.data) == 1:
                value = value.data[0]
            value = value.key(name)
        return value

    def elements(self) -> Partial[Value[Any]]:
        """The elements of a list; a scalar is a list of one, null is an empty one, an unknown one is a gap."""
        data = self.data
        if isinstance(data, Unknown):
            return Partial((), self.reasons)
        if data is None:
            return Partial(())
        if isinstance(data, tuple):
            return Partial(data)
        return Partial((self,))

    def with_data(self, data: Any) -> Value[Any]:
        """The same value, places and trail, with other data."""
        return Value(data, self.span, self.trail, self.refs, self.implicit, self.sensitive, self.type)

    def plain(self) -> Any:
        """Python data without places: Unknown stays Unknown."""
        data = self.data
        if isinstance(data, tuple):
            return [item.plain() for item in data]
        if isinstance(data, dict):
            return {name: item.plain() for name, item in data.items()}
        return data

    def walk(self) -> Iterator[Value[Any]]:
        """The value and all its parts."""
        yield self
        if isinstance(self.data, tuple):
            for item in self.data:
                yield from item.walk()
        elif isinstance(self.data, dict):
            for item in self.data.values():
                yield from item.walk()

    def all_refs(self) -> tuple[Ref, ...]:
        """The references of the value and of all its parts."""
        return tuple(dict.fromkeys(ref for part in self.walk() for ref in part.refs))


class Partial(Struct, Generic[T], frozen=True):
    """The things of one sort that could be seen, and the reasons why there may be more."""

    items: tuple[T, ...]
    gaps: tuple[Reason, ...] = ()

    def any(self, predicate: Callable[[T], Truth]) -> Truth:
        """Whether one of them has the property; undecided where only a gap could hold it."""
        found = any_of(map(predicate, self.items))
        return found | self._hidden if self.gaps else found

    def all(self, predicate: Callable[[T], Truth]) -> Truth:
        """Whether all of them have the property; undecided where a gap could hide one that has not."""
        return ~self.any(lambda item: ~predicate(item))

    def exists(self) -> Truth:
        """Whether there is one at all."""
        return TRUE if self.items else self._hidden

    def where(self, predicate: Callable[[T], Truth]) -> Partial[T]:
        """Those that certainly have the property; one for which it is undecided becomes a gap."""
        kept: list[T] = []
        gaps = self.gaps
        for item in self.items:
            truth = predicate(item)
            if truth.value:
                kept.append(item)
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(kept), gaps)

    def map(self, function: Callable[[T], U]) -> Partial[U]:
        return Partial(tuple(function(item) for item in self.items), self.gaps)

    def __add__(self, other: Partial[T]) -> Partial[T]:
        return Partial(self.items + other.items, merge_reasons(self.gaps, other.gaps))

    def __iter__(self) -> Iterator[T]:
        """All items; raises Undetermined after the last one where there may be more."""
        yield from self.items
        if self.gaps:
            raise Undetermined(self.gaps)

    @property
    def _hidden(self) -> Truth:
        return Truth(None, self.gaps) if self.gaps else FALSE
