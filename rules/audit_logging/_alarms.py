"""What the rules about alarms on a trail's records have in common."""

from collections.abc import Iterator, Mapping

from iaclint import FALSE, Finding, any_of, aws

Asked = Mapping[str, tuple[aws.eventpattern.Event, ...]]
"""Sorts of events by how to speak of them, each with an example of every one that has to be noticed."""


def unmonitored(monitoring: aws.monitoring.TrailMonitoring, asked: Asked) -> Iterator[Finding]:
    """One finding that lists the sorts of events of which nobody is told, wholly or of some."""
    missing: list[str] = []
    undecided = FALSE
    for what, events in asked.items():
        told = {event.name: monitoring.alerts_on(event) for event in events}
        silent = [name for name, truth in told.items() if truth.is_false]
        if silent:
            missing.append(what if len(silent) == len(events) else f"{what} ({', '.join(silent)})")
        undecided = undecided | any_of(~truth for truth in told.values() if not truth.decided)
    if missing:
        yield Finding(f"nobody is told of {', '.join(missing)}", at=monitoring)
    else:
        bool(undecided)  # says why it cannot be told, where it cannot
