"""Functions of dates and times: timestamps of RFC 3339, durations of Go, Terraform's own language of date formats.

Source of facts: https://developer.hashicorp.com/terraform/language/functions/formatdate and
https://pkg.go.dev/time#ParseDuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import differs_in_every_run
from iaclint.terraform.lang.types import NUMBER, STRING

FUNCTIONS = Functions()

FUNCTIONS.define("timestamp", returns=STRING, unknown="own")(differs_in_every_run("timestamp"))
FUNCTIONS.define("plantimestamp", returns=STRING, unknown="own")(differs_in_every_run("plantimestamp"))


@FUNCTIONS.define("formatdate", STRING, STRING, returns=STRING)
def _formatdate(context: Context, pattern: V, moment: V) -> Result:
    when = _parse_moment(moment.data)
    return "".join(_date_part(item, when) if is_verb else item for item, is_verb in _format_items(pattern.data))


@FUNCTIONS.define("timeadd", STRING, STRING, returns=STRING)
def _timeadd(context: Context, moment: V, duration: V) -> Result:
    start = _parse_moment(moment.data)
    total = start.nanoseconds + _parse_duration(duration.data)
    try:
        local = start.local + timedelta(seconds=total // 10**9)
    except OverflowError:
        raise FunctionError("the result is out of range") from None
    zone = "Z" if start.utc else _offset_text(start.offset, ":")
    # Terraform drops the fraction of a second
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}{zone}"


@FUNCTIONS.define("timecmp", STRING, STRING, returns=NUMBER)
def _timecmp(context: Context, left: V, right: V) -> Result:
    one, other = _parse_moment(left.data).absolute, _parse_moment(right.data).absolute
    return (one > other) - (one < other)


class _Moment(Struct, frozen=True):
    """A point in time: date and time of day at the offset (in minutes) from UTC, whether it is UTC, nanoseconds."""

    local: datetime
    offset: int
    utc: bool
    nanoseconds: int

    @property
    def absolute(self) -> tuple[datetime, int]:
        """Date and time in UTC, and nanoseconds, for comparison."""
        return self.local - timedelta(minutes=self.offset), self.nanoseconds


_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)


def _parse_moment(text: str) -> _Moment:
    """Return the point in time of a timestamp in RFC 3339. Raises FunctionError."""
    match = _MOMENT.match(text)
    if match is None:
        raise FunctionError(f'"{text}" is not a timestamp; it has the form 2006-01-02T15:04:05Z')
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise FunctionError(f'"{text}" is not a timestamp: {error}') from None
    nanoseconds = int((match[7] or "0")[:9].ljust(9, "0"))
    offset = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:
            raise FunctionError(f'"{text}" has no valid offset')
        offset = (hours * 60 + minutes) * (-1 if match[9] == "-" else 1)
    return _Moment(local, offset, match[8] == "Z" or offset == 0, nanoseconds)


_DURATION = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def _parse_duration(text: str) -> int:
    """Return the nanoseconds of a duration such as "1h30m". Raises FunctionError."""
    rest = text[1:] if text.startswith(("+", "-")) else text
    if rest == "0":
        return 0
    total = 0
    offset = 0
    while offset < len(rest):
        match = _DURATION.match(rest, offset)
        if match is None or match[1] in ("", "."):
            raise FunctionError(f'"{text}" is not a duration; it has the form 1h30m')
        whole, _, part = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or "0") * unit + (int(part[:12]) * unit // 10 ** len(part[:12]) if part else 0)
        offset = match.end()
    if not rest or total > 2**63:
        raise FunctionError(f'"{text}" is not a duration; it has the form 1h30m')
    return -total if text.startswith("-") else total


def _offset_text(minutes: int, colon: str) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


_ITEM = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<open>')|(?P<verb>([A-Za-z])\4*)|[^A-Za-z']+", re.S)


def _format_items(pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield the texts and verbs of a date format, each verb with True. Raises FunctionError."""
    for match in _ITEM.finditer(pattern):
        if match["open"]:
            raise FunctionError("a quoted text in the format is not closed")
        if match["quoted"] is not None:
            yield match["quoted"].replace("''", "'") or "'", False
        else:
            yield match[0], match["verb"] is not None


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _date_part(verb: str, when: _Moment) -> str:
    """Return the part of a date that a verb of the format language stands for. Raises FunctionError."""
    local = when.local
    hour = local.hour % 12 or 12
    zone = "" if when.utc else _offset_text(when.offset, "")
    table = {
        "YY": f"{local.year % 100:02d}", "YYYY": f"{local.year:04d}",
        "M": str(local.month), "MM": f"{local.month:02d}", "MMM": _MONTHS[local.month - 1][:3],
        "MMMM": _MONTHS[local.month - 1],
        "D": str(local.day), "DD": f"{local.day:02d}",
        "EEE": _DAYS[local.weekday()][:3], "EEEE": _DAYS[local.weekday()],
        "h": str(local.hour), "hh": f"{local.hour:02d}", "H": str(hour), "HH": f"{hour:02d}",
        "AA": "AM" if local.hour < 12 else "PM", "aa": "am" if local.hour < 12 else "pm",
        "m": str(local.minute), "mm": f"{local.minute:02d}", "s": str(local.second), "ss": f"{local.second:02d}",
        "Z": "Z" if when.utc else _offset_text(when.offset, ":"), "ZZZ": "UTC" if when.utc else zone,
        "ZZZZ": _offset_text(when.offset, ""), "ZZZZZ": _offset_text(when.offset, ":"),
    }  # fmt: skip
    if verb not in table:
        raise FunctionError(f'"{verb}" is not part of the format language')
    return table[verb]
