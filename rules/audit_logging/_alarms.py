"""What the rules about alarms on a trail's records have in common."""

from collections.abc import Iterator, Mapping

from iaclint import Finding, Undecided, aws

Asked = Mapping[str, tuple[aws.eventpattern.Event, ...]]
"""Sorts of events by how to speak of them, each with an example of every one that has to be noticed."""


def unmonitored(monitoring: aws.monitoring.TrailMonitoring, asked: Asked) -> Iterator[Finding | Undecided]:
    """One finding that lists the sorts of events of which nobody is told, wholly or of some."""
    missing: list[str] = []
    for what, events in asked.items():
        told = {event.name: monitoring.alerts_on(event) for event in events}
        silent = [name for name, truth in told.items() if truth.is_false]
        if silent:
            missing.append(what if len(silent) == len(events) else f"{what} ({', '.join(silent)})")
        for truth in told.values():
            yield Undecided(truth)
    if missing:
        yield Finding(f"nobody is told of {', '.join(missing)}", at=monitoring)
