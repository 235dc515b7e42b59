"""Which CloudTrail events a pattern selects: of a metric filter of CloudWatch Logs, or of a rule of EventBridge.

Many patterns select the same events, so a pattern is not compared with a recommended one. Instead it is applied to an
example: a CloudTrail record with the fields that matter, whose other fields may have any value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from iaclint.model.json_text import parse_json, parse_json_pieces
from iaclint.model.truth import FALSE, Reason, Truth, all_of
from iaclint.model.value import Value

MAX_DEPTH = 50
"""How deep the parentheses of a filter pattern may nest."""


class Event(Struct, frozen=True):
    """A CloudTrail record that stands for all records with these fields.

    name    its name in messages: "StopLogging"
    fields  texts by dotted field name; None for a field that the record does not have. Any other field may have any
            value, so a pattern that requires a particular value there does not select all these records.
    """

    name: str
    fields: Mapping[str, str | None] = field(default_factory=dict)

    def test(self, path: str, predicate: Callable[[str], bool], *, any_value: bool, absent: bool = False) -> bool:
        """Return the predicate's answer for the text of a field.

        any_value  the answer for a field that may have any value
        absent     the answer for a field that the record does not have
        """
        if path not in self.fields:
            return any_value
        text = self.fields[path]
        return absent if text is None else predicate(text)

    @property
    def as_sent(self) -> Event:
        """The event that EventBridge receives for the record.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
        """
        fields: dict[str, str | None] = {f"detail.{path}": text for path, text in self.fields.items()}
        source = self.fields.get("eventSource")
        if source:
            fields["source"] = "aws." + source.partition(".")[0]
            kind = "AWS Console Sign In" if source.startswith("signin.") else "AWS API Call"
            fields["detail-type"] = f"{kind} via CloudTrail"
        return Event(self.name, fields)


def calls(service: str, *names: str) -> tuple[Event, ...]:
    """Return the records of successful calls of a service: `calls("kms", "DisableKey")`."""
    made = {
        "eventSource": f"{service}.amazonaws.com",
        "eventType": "AwsApiCall",
        "errorCode": None,
        "errorMessage": None,
    }
    return tuple(Event(name, {**made, "eventName": name}) for name in names)


# -- CloudWatch Logs -------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

_TOKEN = re.compile(r'\s*(\(|\)|&&|\|\||!=|>=|<=|=|>|<|"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s()=!<>&|"]+)')


def log_filter_selects(pattern: Value[Any], event: Event) -> Truth:
    """Return True if a filter pattern of CloudWatch Logs selects every record that the event stands for.

    Undecided if the pattern is unknown, malformed, or has a regular expression.
    """
    if not pattern.known or not isinstance(pattern.data, str):
        return Truth(None, pattern.reasons) if not pattern.known else FALSE
    text = pattern.data.strip()
    try:
        if text.startswith("{") and text.endswith("}"):
            return _LogFilter(text[1:-1], event).read()
        return Truth.of(_terms_select(text, event))
    except ValueError as error:
        return Truth.undecided(Reason(f"the filter pattern is not understood: {error}", pattern.origin))


def _terms_select(text: str, event: Event) -> bool:
    """Return True if a pattern of words selects every record that the event stands for.

    A record is selected if it contains all plain words, at least one of the words with "?", and none of those with "-".
    """
    if text.startswith("["):
        return False  # a pattern for lines of fields between spaces, and records are JSON
    words = re.findall(r'[?-]?"[^"]*"|\S+', text)
    values = [value for value in event.fields.values() if value is not None]

    def there(word: str) -> bool:
        return any(word.strip('"') in value for value in values)

    optional = [word[1:] for word in words if word.startswith("?")]
    if any(there(word[1:]) for word in words if word.startswith("-")) or (optional and not any(map(there, optional))):
        return False
    return all(there(word) for word in words if word[0] not in "?-")


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[str, ...]:
    tokens: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"what is {text[position : position + 10]!r}?")
        tokens.append(match[1])
        position = match.end()
    return tuple(tokens)


class _LogFilter:
    """Parses a JSON filter pattern and evaluates it for one event in the same pass."""

    def __init__(self, text: str, event: Event) -> None:
        self.tokens = _tokens(text)
        self.event = event
        self.at = 0

    def read(self) -> Truth:
        answer = self._either(0)
        if self.at < len(self.tokens):
            raise ValueError(f"{self.tokens[self.at]!r} is one too many")
        return answer

    def _next(self) -> str:
        if self.at >= len(self.tokens):
            raise ValueError("it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _takes(self, token: str) -> bool:
        """Return True, and move on, if the next token is this one."""
        if self.at < len(self.tokens) and self.tokens[self.at].upper() == token:
            self.at += 1
            return True
        return False

    def _either(self, depth: int) -> Truth:
        if depth > MAX_DEPTH:
            raise ValueError("it nests too deep")
        answer = self._both(depth)
        while self._takes("||"):
            answer = answer | self._both(depth)
        return answer

    def _both(self, depth: int) -> Truth:
        answer = self._one(depth)
        while self._takes("&&"):
            answer = answer & self._one(depth)
        return answer

    def _one(self, depth: int) -> Truth:
        token = self._next()
        if token == "(":
            answer = self._either(depth + 1)
            if not self._takes(")"):
                raise ValueError("a parenthesis is not closed")
            return answer
        if not token.startswith("$"):
            raise ValueError(f"{token!r} is no field")
        return self._compared(token.removeprefix("$").removeprefix("."))

    def _compared(self, path: str) -> Truth:
        event = self.event
        operator = self._next().upper()
        if operator == "EXISTS":
            return Truth.of(event.test(path, lambda _: True, any_value=True))
        if operator == "NOT" and self._takes("EXISTS"):
            return Truth.of(event.test(path, lambda _: False, any_value=False, absent=True))
        if operator == "IS":
            wanted = self._next().lower()
            return Truth.of(event.test(path, lambda text: text.lower() == wanted, any_value=False))
        literal = self._next()
        if literal.startswith("%"):
            return Truth.undecided(Reason("a regular expression of a filter pattern is not evaluated"))
        if literal.startswith('"'):
            literal = re.sub(r"\\(.)", r"\1", literal[1:-1])
        if operator == "=":
            everything = literal.strip("*") == "" and literal != ""
            return Truth.of(event.test(path, lambda text: _like(literal, text), any_value=everything))
        if operator == "!=":
            return Truth.of(event.test(path, lambda text: not _like(literal, text), any_value=True, absent=True))
        if operator in ("<", ">", "<=", ">="):
            return FALSE
        raise ValueError(f"{operator!r} is no comparison")


def _like(pattern: str, text: str) -> bool:
    """Return True if a text matches a pattern, in which * stands for any characters."""
    first, *rest = pattern.split("*")
    if not rest:
        return first == text
    if not text.startswith(first):
        return False
    position = len(first)
    *middle, last = rest
    for piece in middle:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(text) - position >= len(last) and text.endswith(last)


# -- EventBridge -----------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html


def event_rule_selects(pattern: Value[Any], event: Event) -> Truth:
    """Return True if an event pattern of EventBridge selects every record that the event stands for.

    The pattern is JSON text or a mapping. Undecided if it is unknown or not JSON.
    """
    tree: Value[Any] | None = pattern
    if not pattern.known:
        tree = parse_json_pieces(pattern)
    elif isinstance(pattern.data, str):
        try:
            tree = parse_json(pattern)
        except ValueError as error:
            return Truth.undecided(Reason(f"the event pattern is no JSON: {error}", pattern.origin))
    if tree is None:
        return Truth(None, pattern.reasons)
    return _object(tree, "", event.as_sent) if isinstance(tree.data, dict) else _false_or_unknown(tree)


def _false_or_unknown(value: Value[Any]) -> Truth:
    return FALSE if value.known else Truth(None, value.reasons)


def _object(pattern: Value[Any], prefix: str, event: Event) -> Truth:
    """Return True if the event matches an object of the pattern; `prefix` is the path of the object."""
    if not isinstance(pattern.data, dict):
        return _false_or_unknown(pattern)

    def one(name: str, value: Value[Any]) -> Truth:
        if name == "$or":
            return value.elements().any(lambda option: _object(option, prefix, event))
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value.data, dict):
            return _object(value, path, event)
        return value.elements().any(lambda matcher: _matcher(matcher, path, event))

    return all_of(one(name, value) for name, value in pattern.data.items())


def _matcher(matcher: Value[Any], path: str, event: Event) -> Truth:
    """Return True if a field of the event matches one element of a list of the pattern."""
    data = matcher.data
    if isinstance(data, str):
        return Truth.of(event.test(path, lambda text: text == data, any_value=False))
    if not isinstance(data, dict) or len(data) != 1:
        return _false_or_unknown(matcher)
    ((operator, operand),) = data.items()
    if not operand.wholly_known:
        return Truth(None, operand.reasons)
    return Truth.of(_compare(operator, operand.plain(), path, event))


_TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "prefix": lambda operand, text: text.startswith(operand),
    "suffix": lambda operand, text: text.endswith(operand),
    "equals-ignore-case": lambda operand, text: text.lower() == operand.lower(),
    "wildcard": lambda operand, text: _like(operand, text),
}


def _compare(operator: str, operand: Any, path: str, event: Event) -> bool:
    """Return True if a field of the event matches a content filter such as {"prefix": "Stop"}."""
    if operator == "exists":
        return event.test(path, lambda _: bool(operand), any_value=bool(operand), absent=not operand)
    if operator == "anything-but":
        listed: Iterable[Any] = operand if isinstance(operand, list) else (operand,)
        return event.test(path, lambda text: not any(_excepted(one, text) for one in listed), any_value=True)
    compare = _TEXT_OPERATORS.get(operator)
    if compare is None:
        return False  # it compares numbers or IP addresses, and no example has those
    texts = operand if isinstance(operand, list) else [operand]
    everything = any(isinstance(text, str) and text.strip("*") == "" for text in texts)
    return event.test(
        path, lambda text: any(isinstance(o, str) and compare(o, text) for o in texts), any_value=everything
    )


def _excepted(exception: Any, text: str) -> bool:
    """Return True if a text is excepted by a text or a content filter within "anything-but"."""
    if not isinstance(exception, dict):
        return bool(exception == text)
    return any(
        compare(one, text)
        for name, operand in exception.items()
        if (compare := _TEXT_OPERATORS.get(name))
        for one in (operand if isinstance(operand, list) else [operand])
        if isinstance(one, str)
    )
