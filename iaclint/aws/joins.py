"""TODO: say what iaclint.aws.joins holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar

from iaclint.aws.views import View
from iaclint.model.inventory import Deployment, stem
from iaclint.model.partial import Partial
from iaclint.model.truth import Reason, merge_reasons
from iaclint.model.value import Value

T = TypeVar("T")
R = TypeVar("R", bound="View")


def attached_to(of: type[R], link: str, owner: View, *names: Value[Any]) -> Partial[R]:
    """The satellites of a resource: those of a type whose property `link` means it, by reference or by one of `names`.

    One whose link is undecided becomes a gap, and so does one that may not exist; so does a module that is not here
    and is handed a reference to the resource.
    """
    deployment = owner.deployment
    candidates = _linked(of, link, deployment)
    found: list[R] = []
    gaps: tuple[Reason, ...] = ()
    for view in candidates.candidates(owner, names):
        truth = owner.is_identified_by(getattr(view, link), *names) & view.exists
        if truth.value:
            found.append(view)
        elif truth.value is None:
            gaps = merge_reasons(gaps, truth.reasons)
    return Partial(tuple(found), merge_reasons(gaps, deployment.gaps_about(owner.resource)))


class Links(Generic[T]):
    """Things by what one of their values refers to or is, so that a join does not look at them all.

    With `dangling`, references to what is not there count for nothing, so that such a thing is near to everything.
    """

    def __init__(
        self, things: Iterable[T], value: Callable[[T], Value[Any]], dangling: Deployment | None = None
    ) -> None:
        self.by_reference: dict[str, list[tuple[int, T]]] = {}
        self.by_text: dict[str, list[tuple[int, T]]] = {}
        self.others: list[tuple[int, T]] = []
        for entry in enumerate(things):
            link = value(entry[1])
            refs = link.refs
            if refs and (dangling is None or any(map(dangling.resolve, refs))):
                for address in {stem(ref.address) for ref in refs}:
                    self.by_reference.setdefault(address, []).append(entry)
            elif isinstance(link.data, str) and not refs:
                self.by_text.setdefault(link.data, []).append(entry)
            else:
                self.others.append(entry)

    def candidates(self, owner: View, names: Iterable[Value[Any]]) -> list[T]:
        """Those that `owner.named_by` may say yes to, in their order."""
        found = [*self.by_reference.get(stem(owner.resource.address), ()), *self.others]
        written = [name for name in names if not name.implicit]
        if all(name.known for name in written):
            for text in {name.data for name in written if isinstance(name.data, str)}:
                found += self.by_text.get(text, ())
        else:
            for entries in self.by_text.values():
                found += entries
        found.sort(key=_place)
        return [thing for _, thing in found]


def _place(entry: tuple[int, Any]) -> int:
    return entry[0]


def _linked(of: type[R], link: str, deployment: Deployment) -> Links[R]:
    key = (of, link)
    if key not in deployment.memo:
        deployment.memo[key] = Links(of.select(deployment), attrgetter(link))
    found: Links[R] = deployment.memo[key]
    return found
