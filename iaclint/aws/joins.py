"""Joins of views: the resources attached to a resource, the resource that a value means, and caches for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from operator import attrgetter
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from iaclint.aws.views import View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.value import Value

P = ParamSpec("P")
R = TypeVar("R", bound=View)
T = TypeVar("T")


def per_deployment(function: Callable[Concatenate[Deployment, P], T]) -> Callable[Concatenate[Deployment, P], T]:
    """Make a function of a deployment compute each answer once for each deployment.

        @per_deployment
        def groups_by_name(deployment: Deployment) -> dict[str, list[SecurityGroup]]: ...

    Further arguments must be hashable; views and resources are, by identity. Callers share an answer, so they must not
    change it. The answers are in `deployment.memo` under the function and its arguments. They live as long as the
    deployment does, or until the judge (linting/judge.py) has finished with a deployment and clears its memo.
    """

    @wraps(function)
    def remembered(deployment: Deployment, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args, *kwargs.items())
        memo = deployment.memo
        if key not in memo:
            memo[key] = function(deployment, *args, **kwargs)
        answer: T = memo[key]
        return answer

    return remembered


def attached_to(view: type[R], link: str, owner: View, *names: Value[Any]) -> Partial[R]:
    """Return the resources of a type whose property `link` means `owner`, by reference or by one of its `names`.

    The result has a gap for each resource that may not exist or whose link is undecided, and for each module outside
    the scanned code that receives a reference to `owner`.
    """
    linked = _links(owner.deployment, view, link).candidates(owner, names)
    found = Partial(tuple(linked)).where(
        lambda other: owner.is_identified_by(getattr(other, link), *names) & other.exists
    )
    return found + Partial((), owner.deployment.gaps_about(owner.resource))


def identified_by(view: type[R], value: Value[Any], deployment: Deployment, name: str) -> Partial[R]:
    """Return the resources of a type that a value means, by reference or by their property `name`.

    If none is certain, the result has a gap for each resource that the value may mean.
    """
    found = Partial(tuple(candidates(view, deployment, name, value))).where(
        lambda one: one.is_identified_by(value, getattr(one, name)) & one.exists
    )
    return Partial(found.items) if found.items else found


def candidates(view: type[R], deployment: Deployment, name: str, *values: Value[Any]) -> list[R]:
    """Return the resources of a type that some value may mean, by reference or by their property `name`, in order."""
    names = _names(deployment, view, name)
    found = {index: view for value in values for index, view in names.candidates(value, deployment)}
    return [found[index] for index in sorted(found)]


class Links(Generic[T]):
    """An index of objects by one value of each, a reference or a text, so that a join need not test all of them.

    With `dangling`, a reference to a resource outside that deployment does not count: its object is then a candidate
    for every owner.
    """

    def __init__(
        self, objects: Iterable[T], value: Callable[[T], Value[Any]], dangling: Deployment | None = None
    ) -> None:
        self.by_reference: dict[str, list[tuple[int, T]]] = {}
        self.by_text: dict[str, list[tuple[int, T]]] = {}
        self.others: list[tuple[int, T]] = []
        for entry in enumerate(objects):
            link = value(entry[1])
            refs = link.refs
            if refs and (dangling is None or any(map(dangling.resolve, refs))):
                for address in {ref.address.resource for ref in refs}:
                    self.by_reference.setdefault(address, []).append(entry)
            elif isinstance(link.data, str) and not refs:
                self.by_text.setdefault(link.data, []).append(entry)
            else:
                self.others.append(entry)

    def candidates(self, owner: View, names: Iterable[Value[Any]]) -> list[T]:
        """Return the objects whose value may mean `owner`, by reference or by one of its `names`, in their order."""
        found = [*self.by_reference.get(owner.resource.address.resource, ()), *self.others]
        written = [name for name in names if not name.implicit]
        if all(name.known for name in written):
            for text in {name.data for name in written if isinstance(name.data, str)}:
                found += self.by_text.get(text, ())
        else:
            for entries in self.by_text.values():
                found += entries
        found.sort(key=_position)
        return [linked for _, linked in found]


class Names(Generic[R]):
    """An index of the resources of a type by their property `name`, for the values that mean one of them."""

    def __init__(self, views: list[R], name: str) -> None:
        self.views = list(enumerate(views))
        self.by_resource: dict[int, list[tuple[int, R]]] = {}
        self.by_name: dict[str, list[tuple[int, R]]] = {}
        self.unnamed: list[tuple[int, R]] = []
        for index, view in self.views:
            self.by_resource.setdefault(id(view.resource), []).append((index, view))
            own: Value[Any] = getattr(view, name)
            if not own.known:
                self.unnamed.append((index, view))
            elif isinstance(own.data, str) and not own.implicit:
                self.by_name.setdefault(own.data, []).append((index, view))

    def candidates(self, value: Value[Any], deployment: Deployment) -> list[tuple[int, R]]:
        """Return the resources that the value may mean, each with its position."""
        if value.refs:
            meant = {id(r) for ref in value.all_refs() for r in deployment.resolve(ref)}
            return [entry for one in meant for entry in self.by_resource.get(one, ())] if meant else self.views
        if isinstance(value.data, str):
            return [*self.by_name.get(value.data, ()), *self.unnamed]
        return self.views


def _position(entry: tuple[int, Any]) -> int:
    return entry[0]


@per_deployment
def _links(deployment: Deployment, view: type[R], link: str) -> Links[R]:
    return Links(view.select(deployment), attrgetter(link))


@per_deployment
def _names(deployment: Deployment, view: type[R], name: str) -> Names[R]:
    return Names(view.select(deployment), name)
