"""What the rules about ports that are open to the internet share."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from iaclint import Finding, Severity, Undecided, aws

Rule = aws.security_groups.SecurityGroupRule
Service = aws.ports.Service
MAX_NAMES = 4
"""Services that a message names; it gives only the number of the others."""


def open_services(opening: Rule, *groups: tuple[Iterable[Service], Severity]) -> Iterator[Finding | Undecided]:
    """Yield a finding for each address family and group of services in which a service is open to the internet.

    groups  services, each group with the severity of its finding; the finding is one step less severe if only
            nearly all of the internet has access
    """
    for services, severity in groups:
        for family in aws.cidr.FAMILIES:
            if opening.opens(aws.ports.ALL_TRAFFIC, family).is_false:
                continue
            answers = [(service, opening.opens(service.traffic, family)) for service in services]
            exposed = [service for service, truth in answers if truth.is_true]
            for _, truth in answers:
                yield Undecided(truth)
            if not exposed:
                continue
            wholly = any(opening.opens(service.traffic, family, None).is_true for service in exposed)
            opened = opening.opened(family)
            names = listed([f"{service.name} ({service.traffic & opened})" for service in exposed])
            yield Finding(
                f"{names} {'is' if len(exposed) == 1 else 'are'} open to {internet_source(opening, family, wholly)}",
                at=opening.opening(family),
                severity=severity if wholly else less_severe(severity),
            )


def listed(names: Sequence[str]) -> str:
    """Return the first names of services, separated by commas, and the number of the others."""
    more = f" and {len(names) - MAX_NAMES} more services" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


def internet_source(opening: Rule, family: aws.cidr.Family, wholly: bool) -> str:
    """Return words for the source of a rule that admits the internet, with its CIDR block.

    wholly  True if the rule admits the whole internet, False if it admits nearly all of it
    """
    return f"{'the internet' if wholly else 'nearly all of the internet'} ({opening.source(family)})"


def less_severe(severity: Severity) -> Severity:
    """Return the next lower severity; the lowest stays."""
    return list(Severity)[min(severity.rank + 1, len(Severity) - 1)]


@cache
def unclassified_traffic(*allowed: int, icmp_errors: bool = False) -> aws.ports.Traffic:
    """Return all traffic that no rule about known services reports.

    allowed      TCP and UDP ports that are left out as well
    icmp_errors  True if ICMP error messages are part of it; they are harmless, and path MTU discovery needs them
    """
    ports = aws.ports
    traffic = ports.ALL_TRAFFIC
    for table in (ports.ADMIN, ports.UNAUTHENTICATED, ports.KERBEROS, ports.DATABASE):
        for service in table:
            traffic = traffic - service.traffic
    for port in allowed:
        for protocol in ("tcp", "udp"):
            traffic = traffic - ports.Traffic.of(protocol, port, port)
    if icmp_errors:
        return traffic
    # https://www.iana.org/assignments/icmp-parameters: 3 is unreachable, 4 source quench; of ICMPv6 1 to 4 are errors
    for protocol, types in (("icmp", (3, 4)), ("icmpv6", (1, 2, 3, 4))):
        for icmp_type in types:
            traffic = traffic - ports.Traffic.of(protocol, icmp_type)
    return traffic
