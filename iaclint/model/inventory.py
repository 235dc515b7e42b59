"""The common model: the resources of one deployment, and the inventory of all deployments of a run.

Both front-ends produce it; every rule reads it. It holds resources, their evaluated attributes and the references
between them, and nothing about AWS services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from iaclint.model.address import Address
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, merge_reasons
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, SourceFile, Span


class Gap(Struct, frozen=True):
    """A part of a deployment that the scan could not read: a missing module, a file that does not parse, a macro.

    detail   a phrase for people that names the missing code and the reason
    address  the module call or nested stack that was not read; "" if the gap concerns the whole deployment
    refs     the references that are passed to it: its resources can belong only to these; None if that is not known
    """

    span: Span | None
    detail: str
    address: str = ""
    refs: tuple[Ref, ...] | None = None

    @property
    def reason(self) -> Reason:
        """The gap as the reason of an undecided answer."""
        return Reason(self.detail, self.span)


class InsertionPoint(Struct, frozen=True):
    """The place at which a new property can be inserted into a block, and the text to insert.

    `template` has the fields {name} and {value}, and contains the line breaks and the indentation.
    """

    at: Span
    template: str
    language: str
    """The syntax of literals there: "hcl", "yaml" or "json"."""


class Input(Struct, frozen=True):
    """A variable or parameter of a deployment.

    `domain` lists its possible values if there are finitely many (a bool, AllowedValues); else it is empty.
    """

    name: str
    value: Value[Any]
    domain: tuple[Any, ...] = ()


class Inputs(Struct, frozen=True):
    """The inputs that a deployment is evaluated with.

    files      paths of var files or parameter files; a later file overrides an earlier one
    values     values by name that override all files, such as those that the judge tries out
    name       the name of the environment; "" for the default one
    """

    files: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    read_environment: bool = False
    """Whether environment variables TF_VAR_... of the process set variables."""


class Resource(Struct, eq=False):
    """One resource, or one instance of a resource with count or for_each.

    vendor   "terraform" or "cloudformation"
    kind     the resource type: "aws_kms_key", "AWS::KMS::Key"; data sources are "data.aws_vpc"
    address  "module.net["a"].aws_subnet.s[0]", or the logical id after the logical ids of its parent stacks
    body     its attributes: a Value of a dict (or Unknown); nested blocks are lists of dicts
    span     the whole block;  header: the line that names it
    exists   undecided if its count or condition is undecided
    meta     the settings of the language itself by name: lifecycle, DeletionPolicy, DependsOn, Metadata ...
    insertion_points   the places for new properties by the path of the block; "" is the resource's own body
    calls    the module calls or parent stacks that lead to it, outermost first
    """

    vendor: str
    kind: str
    address: Address
    body: Value[Any]
    span: Span
    header: Span
    exists: Truth = TRUE
    meta: dict[str, Value[Any]] = field(default_factory=dict)
    insertion_points: dict[str, InsertionPoint] = field(default_factory=dict)
    calls: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        return f"Resource({self.address})"

    def attribute(self, *names: str) -> Value[Any]:
        """Return the attribute of the body that the names lead to, as `Value.path` does; an implicit null if absent."""
        value = self.body.path(*names)
        return Value(None, self.header, implicit=True) if value.implicit and value.data is None else value


class Deployment(Struct, eq=False, frozen=True, dict=True):
    """One Terraform root with one set of inputs, or one CloudFormation template with its parameters.

    root       the absolute path of the directory or file;  name: the path that reports show
    header     the place of findings about the whole deployment
    inputs     its variables or parameters by name
    outputs    its outputs by name
    """

    vendor: str
    root: str
    name: str
    header: Span
    resources: tuple[Resource, ...] = ()
    inputs: dict[str, Input] = field(default_factory=dict)
    outputs: dict[str, Value[Any]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[SourceFile, ...] = ()
    environment: str = ""
    memo: dict[Any, Any] = field(default_factory=dict)
    """Results that the views cache for the deployment; not part of the model."""

    def __repr__(self) -> str:
        return f"Deployment({self.name})"

    def drop_computed(self) -> None:
        """Empty the cache `memo`. The views compute its entries again when they need them."""
        self.memo.clear()

    @cached_property
    def by_kind(self) -> dict[str, list[Resource]]:
        """The resources by their type."""
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            index.setdefault(resource.kind, []).append(resource)
        return index

    @cached_property
    def by_address(self) -> dict[str, Resource]:
        """The resources by their address as text."""
        return {resource.address: resource for resource in self.resources}

    @cached_property
    def by_resource(self) -> dict[str, list[Resource]]:
        """The instances of each resource by its address without instance key: "aws_subnet.s"."""
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            index.setdefault(resource.address.resource, []).append(resource)
        return index

    @cached_property
    def referrers(self) -> dict[str, list[Resource]]:
        """The resources whose attributes refer to a resource, by the address of that resource without instance key."""
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            for address in {ref.address.resource for ref in resource.body.all_refs()}:
                index.setdefault(address, []).append(resource)
        return index

    def of_kind(self, *kinds: str) -> list[Resource]:
        """Return the resources of these types: type by type, for each type in the order of the code."""
        return [resource for kind in kinds for resource in self.by_kind.get(kind, ())]

    def gaps_about(self, resource: Resource) -> tuple[Reason, ...]:
        """Return the reasons why more may belong to a resource than was found."""
        own = resource.address.resource
        return tuple(
            gap.reason for gap in self.gaps if gap.refs is None or any(ref.address.resource == own for ref in gap.refs)
        )

    def is_exported(self, resource: Resource) -> bool:
        """Return True if an output refers to a resource, so that another deployment may use it."""
        own = resource.address.resource
        return any(ref.address.resource == own for value in self.outputs.values() for ref in value.all_refs())

    def found_in(self, *kinds: str) -> Partial[Resource]:
        """Return the resources of these types, with the deployment's gaps, each of which may hide more."""
        return Partial(tuple(self.of_kind(*kinds)), tuple(gap.reason for gap in self.gaps))

    def resolve(self, ref: Ref) -> list[Resource]:
        """Return the resources that a reference may mean: several for "[*]" or a resource with count or for_each."""
        exact = self.by_address.get(ref.address)
        if exact is not None:
            return [exact]
        candidates = self.by_resource.get(ref.address.resource, [])
        if ref.address.is_instance:
            # no instance has that key: only an instance whose key is unknown can be meant
            return [c for c in candidates if c.address.is_any_instance]
        return candidates

    def targets(self, value: Value[Any], *kinds: str) -> Partial[Resource]:
        """Return the resources of these types that a value refers to.

        An unknown value that refers to none of them is a gap. A known text is not a reference.
        """
        found: dict[int, Resource] = {}
        gaps: tuple[Reason, ...] = ()
        refs = value.all_refs()
        for ref in refs:
            for resource in self.resolve(ref):
                if resource.kind in kinds:
                    found[id(resource)] = resource
        if not found:
            gaps = merge_reasons(value.reasons)
        return Partial(tuple(found.values()), gaps)

    def refers_to(self, value: Value[Any], target: Resource) -> Truth:
        """Return True if a value refers to a resource; undecided if it is unknown and refers to no resource.

        Does not compare the value with the names of resources.
        """
        resolved = False
        for ref in value.all_refs():
            candidates = self.resolve(ref)
            if target in candidates:
                if len(candidates) == 1:
                    return TRUE
                detail = f"which instance of {ref.address.resource} is meant is not known"
                return Truth.undecided(Reason(detail, value.span))
            resolved = resolved or bool(candidates)
        unknown = value.unknown
        if unknown is None or resolved or unknown.cause is UnknownCause.INPUT:
            # the value of an input is known before the deployment exists, so it is no id of one of its resources
            return FALSE
        if unknown.cause is UnknownCause.INVALID and value.refs:
            return FALSE  # the resource that the value refers to is not declared
        return Truth(None, value.reasons)


class Inventory(Struct, eq=False, dict=True):
    """All deployments of a run, and the settings that rules read.

    covers    the scopes that the config declares complete: "account", "network"
    provided  controls that exist outside of the scanned code, with the reason: {"cloudtrail": "organization trail"}
    options   options of rules: {"kms-rotation-period-too-long": {"max_days": 365}}
    """

    deployments: tuple[Deployment, ...]
    covers: frozenset[str] = frozenset()
    provided: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> Iterator[tuple[Deployment, Resource]]:
        """Yield each resource of these types, with the deployment that it belongs to."""
        for deployment in self.deployments:
            for resource in deployment.of_kind(*kinds):
                yield deployment, resource

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps of all deployments."""
        return tuple(gap for deployment in self.deployments for gap in deployment.gaps)


def unknown(span: Span, why: Any, detail: str, *, inputs: Iterable[str] = (), refs: Iterable[Ref] = ()) -> Value[Any]:
    """Return an unknown Value with the cause `why` (an UnknownCause) and the phrase `detail`."""
    return Value(Unknown(why, detail, tuple(inputs)), span, refs=tuple(refs))
