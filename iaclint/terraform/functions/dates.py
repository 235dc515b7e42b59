"""Dates as Terraform's functions take and give them: RFC 3339, Go's durations, its own format language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct


class DateError(Exception):
    """A text that is no date, duration or format."""


class Moment(Struct, frozen=True):
    """A point in time with its offset in minutes ("Z" is 0 and `utc`), and nanoseconds."""

    local: datetime
    offset: int
    utc: bool
    nanoseconds: int

    @property
    def absolute(self) -> tuple[datetime, int]:
        return self.local - timedelta(minutes=self.offset), self.nanoseconds


_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)


def parse(text: str) -> Moment:
    """A timestamp in RFC 3339. Raises DateError."""
    match = _MOMENT.match(text)
    if match is None:
        raise DateError(f'"{text}" is not a timestamp; it has the form 2006-01-02T15:04:05Z')
    try:
        local = datetime(*(int(match[i]) for i in range(1, 7)), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError as error:
        raise DateError(f'"{text}" is not a timestamp: {error}') from None
    fraction = int((match[7] or "0")[:9].ljust(9, "0"))
    offset = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:
            raise DateError(f'"{text}" has no valid offset')
        offset = (hours * 60 + minutes) * (-1 if match[9] == "-" else 1)
    return Moment(local, offset, match[8] == "Z" or offset == 0, fraction)


_DURATION = re.compile(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def duration(text: str) -> int:
    """A duration in nanoseconds. Raises DateError."""
    rest = text[1:] if text[:1] in "+-" and text else text
    if rest == "0":
        return 0
    total = 0
    at = 0
    while at < len(rest):
        match = _DURATION.match(rest, at)
        if match is None or match[1] in ("", "."):
            raise DateError(f'"{text}" is not a duration; it has the form 1h30m')
        whole, _, part = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or "0") * unit + (int(part[:12]) * unit // 10 ** len(part[:12]) if part else 0)
        at = match.end()
    if not rest or total > 2**63:
        raise DateError(f'"{text}" is not a duration; it has the form 1h30m')
    return -total if text.startswith("-") else total


def add(moment: str, length: str) -> str:
    """A timestamp moved by a duration."""
    start = parse(moment)
    total = start.nanoseconds + duration(length)
    try:
        local = start.local + timedelta(seconds=total // 10**9)
    except OverflowError:
        raise DateError("the result is out of range") from None
    zone = "Z" if start.utc else _offset(start.offset, ":")
    # RFC 3339 without a fraction, as Terraform gives it
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}{zone}"


def _offset(minutes: int, colon: str) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"


def compare(left: str, right: str) -> int:
    """-1, 0 or 1."""
    a, b = parse(left).absolute, parse(right).absolute
    return (a > b) - (a < b)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def format_date(pattern: str, moment: str) -> str:
    """A timestamp in a format such as "DD MMM YYYY". Raises DateError."""
    when = parse(moment)
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "'":
            end = at + 1
            text: list[str] = []
            while True:
                close = pattern.find("'", end)
                if close < 0:
                    raise DateError("a quoted text in the format is not closed")
                text.append(pattern[end:close])
                end = close + 1
                if pattern.startswith("'", end):
                    text.append("'")
                    end += 1
                    continue
                break
            out.append("".join(text) if end - at > 2 else "'")
            at = end
            continue
        if not (char.isascii() and char.isalpha()):
            out.append(char)
            at += 1
            continue
        end = at
        while end < len(pattern) and pattern[end] == char:
            end += 1
        out.append(_piece(pattern[at:end], when))
        at = end
    return "".join(out)


def _piece(verb: str, when: Moment) -> str:
    local = when.local
    hour = local.hour % 12 or 12
    zone = "" if when.utc else _offset(when.offset, "")
    table = {
        "YY": f"{local.year % 100:02d}", "YYYY": f"{local.year:04d}",
        "M": str(local.month), "MM": f"{local.month:02d}", "MMM": _MONTHS[local.month - 1][:3],
        "MMMM": _MONTHS[local.month - 1],
        "D": str(local.day), "DD": f"{local.day:02d}",
        "EEE": _DAYS[local.weekday()][:3], "EEEE": _DAYS[local.weekday()],
        "h": str(local.hour), "hh": f"{local.hour:02d}", "H": str(hour), "HH": f"{hour:02d}",
        "AA": "AM" if local.hour < 12 else "PM", "aa": "am" if local.hour < 12 else "pm",
        "m": str(local.minute), "mm": f"{local.minute:02d}", "s": str(local.second), "ss": f"{local.second:02d}",
        "Z": "Z" if when.utc else _offset(when.offset, ":"), "ZZZ": "UTC" if when.utc else zone,
        "ZZZZ": _offset(when.offset, ""), "ZZZZZ": _offset(when.offset, ":"),
    }  # fmt: skip
    if verb not in table:
        raise DateError(f'"{verb}" is not part of the format language')
    return table[verb]
