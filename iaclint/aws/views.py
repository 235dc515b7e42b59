"""Typed views of resources: one class for both languages.

A property of a view reads the property of the resource by its name in the resource's language, converts it ("true"
to true, "22" to 22) and gives the vendor's default as an implicit value. It can also make the fix that sets it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from msgspec.structs import replace

from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Inventory, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, any_of, merge_reasons
from iaclint.model.value import Step, Unknown, UnknownCause, Value
from iaclint.source.edits import Edit, Fix, Safety
from iaclint.source.files import Span

T = TypeVar("T")
V = TypeVar("V", bound="Block")
R = TypeVar("R", bound="View")

TERRAFORM = "terraform"

REPLACING = frozenset(
    {
        *("storage_encrypted", "StorageEncrypted", "key_algorithm", "KeyAlgorithm"),
        *("validation_method", "ValidationMethod"),
    }
)
"""Properties whose change makes AWS replace the resource, which deletes the data of a database: "Update requires:
Replacement" in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/, on the pages of their types."""


class per_vendor(Generic[T]):  # noqa: N801 - reads as a keyword where it is used
    """A default of a property that differs between the languages."""

    def __init__(self, *, terraform: T | None, cloudformation: T | None) -> None:
        self.terraform = terraform
        self.cloudformation = cloudformation


class Attr(Value[T], frozen=True, eq=False, kw_only=True):
    """The value of a property, with the view that it was read from.

    owner      the view that the property belongs to
    path_name  the property path within the resource: "encryption[0].kms_key"
    part       True for an element of a list that has the trail of the list, so that no edit can change it alone
    """

    owner: Block
    path_name: str
    part: bool = False

    @classmethod
    def of(cls, value: Value[Any], data: Any, owner: Block, path_name: str, *, implicit: bool = False) -> Attr[Any]:
        """Return the property at a path of a view, with the place and trail of `value`, and with other data."""
        return cls(
            data,
            value.span,
            value.trail,
            value.refs,
            implicit or value.implicit,
            value.sensitive,
            value.type,
            owner=owner,
            path_name=path_name,
        )

    def set(self, data: Any, title: str = "") -> Fix | None:
        """Return the fix that sets the property to `data`, or None if no single edit is sure to.

        The fix rewrites a literal or inserts an absent property. It needs a review if it changes a literal elsewhere
        (the default of a variable), replaces an expression, or makes AWS replace the resource.
        """
        title = title or f"set {self.path_name} to {_shown(data)}"
        slot = self.owner.resource.insertion_points.get("")
        language = slot.language if slot else "hcl"
        replaces = self.path_name.rpartition(".")[2] in REPLACING
        if self.implicit:
            if slot is None or "." in self.path_name or self.owner.body is not self.owner.resource.body:
                return None
            text = slot.template.format(name=self.path_name, value=_literal(data, language))
            return Fix(title, (Edit(slot.at, text),), Safety.REVIEW if replaces else Safety.SAFE)
        if self.part or isinstance(self.data, (Unknown, tuple, dict)) or self._cut_out(language):
            return None
        spelt = _literal(data, language)
        quote = self.origin.text[:1]
        if quote in ("'", '"') and not spelt.startswith('"'):
            spelt = quote + spelt + quote  # CloudFormation requires the default of a parameter to be a string
        if self.trail:
            return Fix(title, (Edit(self.origin, spelt),), Safety.REVIEW)
        plain = _is_literal(self.span.text, language) and not replaces
        safety = Safety.SAFE if plain else Safety.REVIEW
        return Fix(title, (Edit(self.span, spelt),), safety)

    def _cut_out(self, language: str) -> bool:
        """Return True if the literal that decides the value holds more than the value: a comma-separated list."""
        text = self.origin.text
        written = _is_literal(text, language) and (text[:1] in ("'", '"') or isinstance(self.data, str))
        return bool(self.trail) and written and text.strip("'\"").lower() != _shown(self.data).lower()

    def each(self) -> tuple[Attr[Any], ...]:
        """Return the elements of a list, or an unknown list itself as the only element."""
        return self.items().items if self.known else (self,)

    def items(self) -> Partial[Attr[Any]]:
        """Return the elements of a list. An element without a trail has the place and trail of the list."""
        if isinstance(self.data, tuple):
            return Partial(tuple(self._item(element) for element in self.data))
        return self.elements().map(self._item)

    def _item(self, element: Value[Any]) -> Attr[Any]:
        made = Attr.of(element, element.data, self.owner, self.path_name)
        if not made.trail and self.trail:
            return replace(made, span=self.span, trail=self.trail, part=True)
        return made


def _is_literal(text: str, language: str) -> bool:
    """Return True if a text is a literal and not an expression."""
    if language == "hcl":
        return re.fullmatch(r'true|false|null|-?[0-9.]+|"(?:[^"\\$%]|\\.)*"', text) is not None
    return not text.startswith(("!", "{", "[", "*", "Fn::", "Ref:")) and "\n" not in text


def _shown(data: Any) -> str:
    return str(data).lower() if isinstance(data, bool) else str(data)


def _literal(data: Any, language: str) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (int, float)):
        return str(data)
    text = str(data).replace("\\", "\\\\").replace('"', '\\"')
    if language == "hcl":
        text = text.replace("${", "$${").replace("%{", "%%{")
    return f'"{text}"'


def coerce(data: Any, kind: type[Any]) -> Any:
    """Return scalar data converted to the type `kind` if both languages convert it; other data unchanged.

    Terraform and CloudFormation convert "true" to true and "22" to 22. Also converts the possible data of an Unknown.
    """
    if isinstance(data, Unknown):
        if data.one_of:
            return Unknown(
                data.cause,
                data.detail,
                data.inputs,
                tuple(coerce(o, kind) for o in data.one_of),
                data.prefix,
                data.not_null,
            )
        return data
    if data is None or isinstance(data, (tuple, dict)) or (isinstance(data, kind) and kind is not int):
        return data
    if kind is bool:
        if isinstance(data, str) and data.lower() in ("true", "false"):
            return data.lower() == "true"
        return data
    if kind is int:
        if isinstance(data, bool):
            return data
        try:
            number = float(data)
            return int(number) if number == int(number) else number
        except (TypeError, ValueError, OverflowError):
            return data
    if kind is str:
        if isinstance(data, bool):
            return "true" if data else "false"
        return str(data)
    return data


class Block:
    """A resource or a nested block of one, with methods to read its properties.

    resource    the resource;  body: the mapping whose properties are read
    deployment  the deployment of the resource
    prefix      the property path of the body within the resource; "" for the resource itself
    """

    def __init__(
        self, resource: Resource, deployment: Deployment, body: Value[Any] | None = None, prefix: str = ""
    ) -> None:
        self.resource = resource
        self.deployment = deployment
        self.body = resource.body if body is None else body
        self.prefix = prefix

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.resource.address}{'.' + self.prefix if self.prefix else ''})"

    @property
    def address(self) -> Address:
        """The address of the resource."""
        return self.resource.address

    @property
    def span(self) -> Span:
        """The place of findings about the whole."""
        return self.resource.header if self.body is self.resource.body else self.body.span

    @property
    def header(self) -> Span:
        """The line that names the resource."""
        return self.resource.header

    @property
    def calls(self) -> tuple[Step, ...]:
        """The module calls or parent stacks that lead to the resource, outermost first."""
        return self.resource.calls

    @property
    def exists(self) -> Truth:
        """True, or undecided if a count or a condition is unknown."""
        return self.resource.exists

    @property
    def is_terraform(self) -> bool:
        """True for Terraform, false for CloudFormation."""
        return self.resource.vendor == TERRAFORM

    def meta(self, name: str) -> Value[Any]:
        """Return a setting of the language itself, such as DeletionPolicy or lifecycle; null if it is not set."""
        found = self.resource.meta.get(name)
        return found if found is not None else Value(None, self.header, implicit=True)

    def read(self, path: str, kind: type[T], default: Any = None) -> Attr[T]:
        """Return the value at a dotted path of the body, as `coerce` converts it.

        Passes through lists of a single block. An absent property or a null gives the default as an implicit value.
        """
        value = self.body
        for name in path.split("."):
            if isinstance(value.data, tuple) and len(value.data) == 1:
                value = value.data[0]
            value = value.key(name)
        full = f"{self.prefix}.{path}" if self.prefix else path
        if value.data is None:
            if value.implicit:
                value = Value(None, self.span, implicit=True)
            return Attr.of(value, default, self, full, implicit=True)
        return Attr.of(value, coerce(value.data, kind), self, full)


class attr(Generic[T]):  # noqa: N801 - reads as a keyword where it is used
    """A property of a view: its type, its spelling in each language, and the vendor's default.

    terraform, cloudformation: the name of the property in each language, dotted for a property of a nested block. None
    means that the language has no such property. Of several names the first that the code sets is read.
    """

    __slots__ = ("cloudformation", "default", "kind", "terraform")

    def __init__(
        self,
        kind: type[T],
        *,
        terraform: str | tuple[str, ...] | None,
        cloudformation: str | tuple[str, ...] | None,
        default: T | per_vendor[T] | None = None,
    ) -> None:
        self.kind = kind
        self.terraform = (terraform,) if isinstance(terraform, str) else terraform or ()
        self.cloudformation = (cloudformation,) if isinstance(cloudformation, str) else cloudformation or ()
        self.default = default

    @overload
    def __get__(self, view: None, owner: type[Any]) -> attr[T]: ...
    @overload
    def __get__(self, view: Block, owner: type[Any]) -> Attr[T]: ...
    def __get__(self, view: Block | None, owner: type[Any]) -> attr[T] | Attr[T]:
        if view is None:
            return self
        names = self.terraform if view.is_terraform else self.cloudformation
        default = self.default
        if isinstance(default, per_vendor):
            default = default.terraform if view.is_terraform else default.cloudformation
        absent: Attr[T] | None = None
        for name in names:
            found = view.read(name, self.kind, default)
            if not found.implicit:
                return found
            absent = found if absent is None else absent
        if absent is not None:
            return absent
        return Attr.of(Value(None, view.span, implicit=True), default, view, "", implicit=True)


class blocks(Generic[V]):  # noqa: N801 - reads as a keyword where it is used
    """The nested blocks of a view at a path, each as an object of the class `of`.

    An unknown list gives one block of which all properties are unknown, so that no property reads as absent.
    """

    __slots__ = ("cloudformation", "of", "terraform")

    def __init__(
        self, of: Callable[[], type[V]] | type[V], *, terraform: str | None, cloudformation: str | None
    ) -> None:
        self.of = of
        self.terraform = terraform
        self.cloudformation = cloudformation

    @overload
    def __get__(self, view: None, owner: type[Any]) -> blocks[V]: ...
    @overload
    def __get__(self, view: Block, owner: type[Any]) -> tuple[V, ...]: ...
    def __get__(self, view: Block | None, owner: type[Any]) -> blocks[V] | tuple[V, ...]:
        if view is None:
            return self
        name = self.terraform if view.is_terraform else self.cloudformation
        if name is None:
            return ()
        of: Any = self.of if isinstance(self.of, type) else self.of()
        return tuple(of(view.resource, view.deployment, body, prefix) for body, prefix in parts(view, name))


def parts(view: Block, path: str) -> Iterator[tuple[Value[Any], str]]:
    """Yield the members of the list (or the single block) at a dotted path of a view, each with its property path."""
    value = view.body
    for name in path.split("."):
        if isinstance(value.data, tuple) and len(value.data) == 1:
            value = value.data[0]
        value = value.key(name)
    full = f"{view.prefix}.{path}" if view.prefix else path
    data = value.data
    if data is None:
        return
    if isinstance(data, tuple):
        for index, item in enumerate(data):
            if item.data is not None:
                yield item, f"{full}[{index}]"
    else:
        yield value, full


class View(Block):
    """A view of a resource type.

    Subclasses name the type in each language: `class Key(View, terraform="aws_kms_key", cloudformation=...)`.
    A view that names no type is the base of several: it selects the resources of all views that are derived from it,
    each as the view of its type.
    """

    terraform_kinds: ClassVar[tuple[str, ...]] = ()
    cloudformation_kinds: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls,
        *,
        terraform: str | tuple[str, ...] | None = None,
        cloudformation: str | tuple[str, ...] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if terraform is not None or cloudformation is not None:
            cls.terraform_kinds = (terraform,) if isinstance(terraform, str) else terraform or ()
            cls.cloudformation_kinds = (cloudformation,) if isinstance(cloudformation, str) else cloudformation or ()

    @classmethod
    def concrete(cls: type[R]) -> tuple[type[R], ...]:
        """Return the views that name a resource type: this view, or those derived from it, as they are defined."""
        if cls.terraform_kinds or cls.cloudformation_kinds:
            return (cls,)
        return tuple(view for derived in cls.__subclasses__() for view in derived.concrete())

    @classmethod
    def kinds(cls, vendor: str) -> tuple[str, ...]:
        """Return the resource types of the view in one language."""
        terraform = vendor == TERRAFORM
        return tuple(
            kind
            for view in cls.concrete()
            for kind in (view.terraform_kinds if terraform else view.cloudformation_kinds)
        )

    @classmethod
    def of(cls: type[R], resource: Resource, deployment: Deployment) -> R:
        """Return the view of a resource whose type is one of `kinds`. Raises ValueError for any other resource."""
        for view in cls.concrete():
            if resource.kind in (*view.terraform_kinds, *view.cloudformation_kinds):
                return view(resource, deployment)
        raise ValueError(f"{resource.address} is no {cls.__name__}")

    @classmethod
    def select(cls: type[R], deployment: Deployment) -> list[R]:
        """Return the resources of this view's types in a deployment, type by type."""
        return views(cls.concrete(), deployment)

    @classmethod
    def found_in(cls: type[R], deployment: Deployment) -> Partial[R]:
        """Return what `select` returns, with the deployment's gaps, each of which may hide more of them."""
        return Partial(tuple(cls.select(deployment)), tuple(gap.reason for gap in deployment.gaps))

    @classmethod
    def referenced_by(cls: type[R], value: Value[Any], deployment: Deployment) -> Partial[R]:
        """Return the resources of this type that a value refers to; a gap if it is unknown and refers to none."""
        return deployment.targets(value, *cls.kinds(deployment.vendor)).map(lambda r: cls.of(r, deployment))

    def is_identified_by(self, value: Value[Any], *names: Value[Any]) -> Truth:
        """Return True if a value means this resource: by reference or by one of its chosen names."""
        by_reference = self.deployment.refers_to(value, self.resource)
        if by_reference.is_true or value.refs:
            return by_reference
        return by_reference | any_of(_same_name(value, name) for name in names)


def views(kinds: Iterable[type[R]], deployment: Deployment) -> list[R]:
    """Return the resources of several types in a deployment, each as the view of its type, type by type."""
    vendor = deployment.vendor
    return [kind(resource, deployment) for kind in kinds for resource in deployment.of_kind(*kind.kinds(vendor))]


def _same_name(value: Value[Any], name: Value[Any]) -> Truth:
    """Return True if a value is a chosen name; a name that AWS makes up cannot be known in advance."""
    if name.implicit or (name.known and not isinstance(name.data, str)):
        return FALSE
    for one, other in ((value, name), (name, value)):
        unknown = one.unknown
        if unknown is None:
            continue
        if unknown.cause is UnknownCause.AFTER_APPLY:
            return FALSE
        if other.known and not str(other.data).startswith(unknown.prefix):
            return FALSE
        if unknown.one_of and other.known and other.data not in unknown.one_of:
            return FALSE
    if not value.known or not name.known:
        if _apart(_ends(value), _ends(name)):
            return FALSE
        return Truth(None, merge_reasons(value.reasons, name.reasons))
    return Truth.of(value.data == name.data)


def _ends(value: Value[Any]) -> tuple[str, str]:
    """Return the known start and the known end of a text."""
    unknown = value.unknown
    if unknown is None:
        return str(value.data), str(value.data)
    last = unknown.parts[-1] if unknown.parts else None
    return unknown.prefix, str(last.data) if last is not None and last.known else ""


def _apart(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Return True if two texts with these starts and ends cannot be equal."""
    start, end = zip(one, other, strict=True)
    return not (start[0].startswith(start[1]) or start[1].startswith(start[0])) or not (
        end[0].endswith(end[1]) or end[1].endswith(end[0])
    )


class Subject:
    """A subject of rules that is not a view of a resource type. It has the place of its `anchor`, which is a view.

    A subclass that asks one question of several resource types names their views as `anchors`, and wraps each in turn.
    """

    anchors: ClassVar[tuple[type[View], ...]] = ()

    def __init__(self, anchor: Block) -> None:
        self.anchor = anchor
        self.deployment = anchor.deployment

    @classmethod
    def select(cls, deployment: Deployment) -> Iterable[Self]:
        """Return a subject for each resource of `anchors` in a deployment, type by type."""
        return [cls(view) for view in views(cls.anchors, deployment)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.anchor!r})"

    @property
    def address(self) -> Address:
        """The address of the resource that the subject is about."""
        return self.anchor.address

    @property
    def prefix(self) -> str:
        """The property path of what is judged within the resource; "" for a whole resource."""
        return self.anchor.prefix

    @property
    def span(self) -> Span:
        """The place of findings about the whole."""
        return self.anchor.span

    @property
    def header(self) -> Span:
        """The line that names this resource."""
        return self.anchor.header

    @property
    def calls(self) -> tuple[Step, ...]:
        """The module calls or parent stacks that lead to the resource, outermost first."""
        return self.anchor.calls

    @property
    def exists(self) -> Truth:
        """True, or undecided if it is unknown whether the resource exists."""
        return self.anchor.exists


class InventoryView:
    """A view of all deployments of a run: the subject of rules about a whole account."""

    scope = "inventory"

    def __init__(self, inventory: Inventory, deployment: Deployment) -> None:
        self.inventory = inventory
        self.deployment = deployment

    address = ""
    calls: tuple[Step, ...] = ()
    exists = TRUE

    @property
    def header(self) -> Span:
        """The place of findings about the whole inventory: the header of its deployment."""
        return self.deployment.header
