"""Values that may be unknown, with the place where they are written and where they come from.

Knows nothing of Terraform, CloudFormation or AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from iaclint.model.address import Address
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Reason, Truth, Undetermined, any_of, merge_reasons
from iaclint.source.files import Span

T_co = TypeVar("T_co", covariant=True)


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


class LanguageType:
    """What a front-end keeps of the type that its language gives to a value. Only that front-end reads it."""

    __slots__ = ()


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

    def cause_only(self) -> Unknown:
        """Return the same cause for something else, about which nothing more is known."""
        return replace(self, one_of=(), prefix="", not_null=False, parts=(), encoded=None)


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

    address: Address
    attribute: str = ""


class Step(Struct, frozen=True):
    """One step of a trail from the use of a value to where it is decided: a place and its name ("var.cidr")."""

    span: Span
    what: str


class Value(Struct, Generic[T_co], frozen=True, eq=False):
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

    def __bool__(self) -> bool:
        """Raise TypeError: a value may be unknown, which is neither true nor false."""
        raise TypeError("a Value is not a truth: ask value.is_(True), value.is_set() or value.test(...)")

    def __eq__(self, other: object) -> bool:
        """Return True for the same object. Raises TypeError for anything but a Value."""
        if isinstance(other, Value):
            return self is other
        raise TypeError("a Value equals no plain data: ask value.is_(...), value.is_one_of(...) or value.test(...)")

    def __ne__(self, other: object) -> bool:
        """Return True for another Value. Raises TypeError for anything but a Value."""
        return not self == other

    def __hash__(self) -> int:
        return id(self)

    # -- what is known -------------------------------------------------------------------------

    @property
    def known(self) -> bool:
        """Whether the value itself is known (parts of a collection may still be unknown)."""
        return not isinstance(self.data, Unknown)

    @property
    def unknown(self) -> Unknown | None:
        """What is known of an unknown value; None if the value is known."""
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
        """Return the answer of a predicate on the data; undecided if unknown, unless all of `one_of` agree."""
        data = self.data
        if isinstance(data, Unknown):
            if data.one_of:
                answers = {bool(predicate(option)) for option in data.one_of}
                if len(answers) == 1:
                    return Truth.of(answers.pop())
            return Truth(None, self.reasons)
        return Truth.of(bool(predicate(data)))

    def is_(self, wanted: object) -> Truth:
        """Return True if the data is the wanted scalar; True is not 1."""
        return self.test(lambda data: data == wanted and isinstance(data, bool) == isinstance(wanted, bool))

    def is_one_of(self, *wanted: object) -> Truth:
        """Return whether the data is one of the wanted scalars."""
        return any_of(self.is_(w) for w in wanted)

    def ends_with(self, suffix: str) -> Truth:
        """Return True if a text ends so; decided by its last piece where only earlier ones are unknown."""
        last = self.data.parts[-1] if isinstance(self.data, Unknown) and self.data.parts else None
        if last is not None and isinstance(last.data, str) and len(last.data) >= len(suffix):
            return Truth.of(last.data.endswith(suffix))
        return self.test(lambda text: isinstance(text, str) and text.endswith(suffix))

    def is_set(self) -> Truth:
        """Return True if there is a value: neither absent, nor null, nor an empty text."""
        if isinstance(self.data, Unknown) and (self.data.not_null or self.data.prefix or self.refs):
            # a reference to a resource's attribute is a value, whatever it turns out to be
            return TRUE
        return self.test(lambda data: data is not None and data != "")

    def has_elements(self) -> Truth:
        """Return True if a list holds anything; a reference to a resource's attribute is taken for one that does."""
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
            return self.replace(data=data.cause_only())
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

    def replace(self, **changes: Any) -> Value[Any]:
        """Return a copy with some fields changed: `value.replace(data=1, span=here)`."""
        return replace(self, **changes)

    def with_data(self, data: Any) -> Value[Any]:
        """Return the same value, places and trail, with other data."""
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
