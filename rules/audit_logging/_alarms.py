"""What the rules about alarms on a trail's records have in common."""

from collections.abc import Iterator, Mapping

from iaclint import NO, Finding, aws, tri_any

Asked = Mapping[str, tuple[aws.eventpattern.Event, ...]]
"""Sorts of events by how to speak of them, each with an example of every one that has to be noticed."""


def unnoticed(watch: aws.cloudwatch.Watch, asked: Asked) -> Iterator[Finding]:
    """One finding that lists the sorts of events of which nobody is told, wholly or of some."""
    missing: list[str] = []
    undecided = NO
    for what, events in asked.items():
        told = {event.name: watch.tells_of(event) for event in events}
        silent = [name for name, tri in told.items() if tri.is_false]
        if silent:
            missing.append(what if len(silent) == len(events) else f"{what} ({', '.join(silent)})")
        undecided = undecided | tri_any(~tri for tri in told.values() if not tri.decided)
    if missing:
        yield Finding(f"nobody is told of {', '.join(missing)}", at=watch)
    else:
        bool(undecided)  # says why it cannot be told, where it cannot
