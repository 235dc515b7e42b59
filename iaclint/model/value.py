"""Values that may be unknown. Each has a place in the code and a trail to the place that decides it.

The module depends on neither Terraform, CloudFormation nor AWS.
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
    """Read from outside: a data source, an import, a secret store, a module whose code is not in the scan."""
    UNSUPPORTED = "unsupported"
    """An expression that iaclint does not evaluate."""
    INVALID = "invalid"
    """The expression is wrong; a Problem says how."""


class LanguageType:
    """Base class of the types that a front-end records on its values. Only that front-end reads them."""

    __slots__ = ()


class Unknown(Struct, frozen=True):
    """The data of a value that cannot be known from the input.

    detail    a phrase for people: "var.rotate has no default"
    inputs    every input that the value depends on ("var.rotate", "Env", "condition IsProd"); the judge tries out the
              values of inputs that have finitely many
    one_of    the possible data; empty if they are not known
    prefix    the certain start of a text
    not_null  True if the value is certainly not null
    parts     the pieces, known and unknown, that a text consists of; empty if they are not known
    encoded   the value that a JSON text encodes
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
        """Return an Unknown with the same cause, detail and inputs, and none of the facts about the data."""
        return replace(self, one_of=(), prefix="", not_null=False, parts=(), encoded=None)


class Encoded(str):
    """A JSON text, as jsonencode returns it, with the Value that it encodes."""

    __slots__ = ("value",)
    value: Value[Any]

    def __new__(cls, text: str, value: Value[Any]) -> Encoded:
        made = super().__new__(cls, text)
        made.value = value
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Encoded, (str(self), self.value)


class Ref(Struct, frozen=True):
    """A reference to a resource: its address within the deployment, and the attribute that is read.

    The attribute is "" for a reference to the whole resource.

    An address that ends in "[*]" stands for any instance.
    """

    address: Address
    attribute: str = ""


class Step(Struct, frozen=True):
    """One step of the trail from the use of a value to the place that decides it: a place and a name ("var.cidr")."""

    span: Span
    what: str


class Value(Struct, Generic[T_co], frozen=True, eq=False):
    """A value of the scanned code, with its place and its trail.

    data      a str, int, float, bool or None; a tuple of Values; a dict from str to Value; or an Unknown
    span      where it is used: the place that a person looking at the resource sees
    trail     the steps from the use to the literal that decides it (variable, module argument, default); empty for a
              literal
    refs      the resources that the value was built from, also if it is unknown
    implicit  True for a default of the vendor: the code does not set the property, and the span is the header of the
              resource
    sensitive True for a value that no report may print
    type      the language's own type of the value if the front-end records it; only that front-end reads it
    """

    data: Any
    span: Span
    trail: tuple[Step, ...] = ()
    refs: tuple[Ref, ...] = ()
    implicit: bool = False
    sensitive: bool = False
    type: LanguageType | None = None

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
        """The Unknown of an unknown value; None if the value is known."""
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
        """Why the value, or a part of it, is unknown; empty if it is wholly known."""
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
        """Return True if the data is one of the wanted scalars."""
        return any_of(self.is_(w) for w in wanted)

    def ends_with(self, suffix: str) -> Truth:
        """Return True if a text ends with `suffix`. A known last piece decides if it is long enough."""
        last = self.data.parts[-1] if isinstance(self.data, Unknown) and self.data.parts else None
        if last is not None and isinstance(last.data, str) and len(last.data) >= len(suffix):
            return Truth.of(last.data.endswith(suffix))
        return self.test(lambda text: isinstance(text, str) and text.endswith(suffix))

    def is_set(self) -> Truth:
        """Return True if the value is neither absent, nor null, nor an empty text."""
        if isinstance(self.data, Unknown) and (self.data.not_null or self.data.prefix or self.refs):
            # a reference to a resource's attribute is a value, whatever it turns out to be
            return TRUE
        return self.test(lambda data: data is not None and data != "")

    def has_elements(self) -> Truth:
        """Return True if a list has an element. An unknown list that refers to a resource counts as one that has."""
        if isinstance(self.data, Unknown) and self.refs:
            return TRUE
        return self.elements().exists()

    def get(self) -> T_co:
        """Return the data. Raises Undetermined if it is unknown."""
        if isinstance(self.data, Unknown):
            raise Undetermined(self.reasons)
        data: T_co = self.data
        return data

    # -- parts ---------------------------------------------------------------------------------

    def key(self, name: str) -> Value[Any]:
        """Return a member of a mapping: an implicit null if it is absent, unknown if the mapping is unknown."""
        data = self.data
        if isinstance(data, dict):
            found = data.get(name)
            if found is not None:
                return found  # type: ignore[no-any-return]
        elif isinstance(data, Unknown):
            return self.replace(data=data.cause_only())
        return Value(None, self.span, self.trail, implicit=True)

    def path(self, *names: str) -> Value[Any]:
        """Return the member of nested mappings that the names lead to. Passes through lists of a single block."""
        value: Value[Any] = self
        for name in names:
            if isinstance(value.data, tuple) and len(value.data) == 1:
                value = value.data[0]
            value = value.key(name)
        return value

    def elements(self) -> Partial[Value[Any]]:
        """Return the elements of a list. A scalar is its own only element, null has none; an unknown list is a gap."""
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
        """Return a copy with other data and the same places, trail and references."""
        return Value(data, self.span, self.trail, self.refs, self.implicit, self.sensitive, self.type)

    def plain(self) -> Any:
        """Return the data as plain lists, dicts and scalars. An unknown part is its Unknown."""
        data = self.data
        if isinstance(data, tuple):
            return [item.plain() for item in data]
        if isinstance(data, dict):
            return {name: item.plain() for name, item in data.items()}
        return data

    def walk(self) -> Iterator[Value[Any]]:
        """Yield the value and all its parts, each before its own parts."""
        yield self
        if isinstance(self.data, tuple):
            for item in self.data:
                yield from item.walk()
        elif isinstance(self.data, dict):
            for item in self.data.values():
                yield from item.walk()

    def all_refs(self) -> tuple[Ref, ...]:
        """Return the references of the value and of all its parts, each once."""
        return tuple(dict.fromkeys(ref for part in self.walk() for ref in part.refs))
