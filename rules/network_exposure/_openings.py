"""What the rules about open ports share."""

from collections.abc import Iterable, Iterator

from iaclint import Finding, Severity, aws

Rule = aws.ec2.SecurityGroupRule
Service = aws.network.Service


def open_services(opening: Rule, services: Iterable[Service], severity: Severity) -> Iterator[Finding]:
    """A finding for each address family in which any of the services is open to the internet.

    Raises Undetermined, after what is certain, where an unknown value could open one.
    """
    for family in aws.network.FAMILIES:
        found = [s for s in services if opening.opens(s.traffic, family)]
        if not found:
            continue
        wholly = any(opening.opens(s.traffic, family, None).is_true for s in found)
        names = ", ".join(map(str, found[:4])) + (f" and {len(found) - 4} more services" if len(found) > 4 else "")
        yield Finding(
            f"{names} {'is' if len(found) == 1 else 'are'} open to {whom(opening, family, wholly)}",
            at=opening.opening(family),
            severity=severity if wholly else lower(severity),
        )


def whom(opening: Rule, family: aws.network.Family, wholly: bool) -> str:
    """The addresses that are let in, in words."""
    return f"{'the internet' if wholly else 'nearly all of the internet'} ({opening.source(family)})"


def lower(severity: Severity) -> Severity:
    """One step less severe."""
    return list(Severity)[min(severity.rank + 1, len(Severity) - 1)]
