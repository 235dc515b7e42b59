"""What the rules about open ports share."""

from collections.abc import Iterable, Iterator
from functools import cache

from iaclint import Finding, Severity, Undecided, aws

Rule = aws.ec2.SecurityGroupRule
Service = aws.ports.Service


def open_services(opening: Rule, *groups: tuple[Iterable[Service], Severity]) -> Iterator[Finding | Undecided]:
    """A finding for each address family and group of services in which any is open to the internet.

    Raises Undetermined, after what is certain, where an unknown value could open one.
    """
    for services, severity in groups:
        for family in aws.cidr.FAMILIES:
            if opening.opens(aws.ports.ALL_TRAFFIC, family).is_false:
                continue
            asked = [(service, opening.opens(service.traffic, family)) for service in services]
            found = [service for service, truth in asked if truth.is_true]
            for _, truth in asked:
                yield Undecided(truth)
            if not found:
                continue
            wholly = any(opening.opens(service.traffic, family, None).is_true for service in found)
            opened = opening.opened(family)
            names = ", ".join(f"{service.name} ({service.traffic & opened})" for service in found[:4])
            names += f" and {len(found) - 4} more services" if len(found) > 4 else ""
            yield Finding(
                f"{names} {'is' if len(found) == 1 else 'are'} open to {whom(opening, family, wholly)}",
                at=opening.opening(family),
                severity=severity if wholly else lower(severity),
            )


def whom(opening: Rule, family: aws.cidr.Family, wholly: bool) -> str:
    """The addresses that are let in, in words."""
    return f"{'the internet' if wholly else 'nearly all of the internet'} ({opening.source(family)})"


def lower(severity: Severity) -> Severity:
    """One step less severe."""
    return list(Severity)[min(severity.rank + 1, len(Severity) - 1)]


@cache
def unnamed(*allowed: int, errors: bool = False) -> aws.ports.Traffic:
    """All traffic but some ports of TCP and UDP, what rules about known services report, and errors of ICMP.

    errors  whether those errors are to be in it
    """
    ports = aws.ports
    rest = ports.ALL_TRAFFIC
    for table in (ports.ADMIN, ports.UNAUTHENTICATED, ports.KERBEROS, ports.DATABASE):
        for service in table:
            rest = rest - service.traffic
    for port in allowed:
        for protocol in ("tcp", "udp"):
            rest = rest - ports.Traffic.of(protocol, port, port)
    if errors:
        return rest
    # https://www.iana.org/assignments/icmp-parameters: 3 is unreachable, 4 source quench; of ICMPv6 1 to 4 are errors
    for protocol, types in (("icmp", (3, 4)), ("icmpv6", (1, 2, 3, 4))):
        for kind in types:
            rest = rest - ports.Traffic.of(protocol, kind)
    return rest
