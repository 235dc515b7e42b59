"""What the rules about alarms on the events of a trail share."""

from collections.abc import Iterator, Mapping

from iaclint import Finding, Undecided, aws

EventGroups = Mapping[str, tuple[aws.eventpattern.Event, ...]]
"""Events that need an alarm, by the words for the group in a message; each event is an example of its name."""


def unmonitored(monitoring: aws.monitoring.TrailMonitoring, event_groups: EventGroups) -> Iterator[Finding | Undecided]:
    """Yield one finding that lists the groups with events that no alarm reports.

    If only some events of a group have no alarm, the finding names them in parentheses.
    """
    missing: list[str] = []
    for group, events in event_groups.items():
        alerts = {event.name: monitoring.alerts_on(event) for event in events}
        silent = [name for name, truth in alerts.items() if truth.is_false]
        if silent:
            missing.append(group if len(silent) == len(events) else f"{group} ({', '.join(silent)})")
        for truth in alerts.values():
            yield Undecided(truth)
    if missing:
        yield Finding(f"nobody is told of {', '.join(missing)}", at=monitoring)
