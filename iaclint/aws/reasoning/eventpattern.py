"""Which events a pattern selects: metric filters of CloudWatch Logs, and rules of EventBridge.

A pattern is not compared with what somebody else's pattern looks like. It is asked whether it selects an example:
a record of CloudTrail of which some fields matter, and every other one may hold anything.
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


class Event(Struct, frozen=True):
    """A record of CloudTrail, as an example of its sort.

    name    for people: "StopLogging"
    fields  dotted names with their texts; None for one that the record does not have. Any other field may hold
            anything, so that a pattern that asks for something definite there leaves some of its sort out.
    """

    name: str
    fields: Mapping[str, str | None] = field(default_factory=dict)

    def ask(self, path: str, question: Callable[[str], bool], *, anything: bool, absent: bool = False) -> bool:
        """What a question says of a field; `anything` and `absent` are the answers for a field without a text."""
        if path not in self.fields:
            return anything
        text = self.fields[path]
        return absent if text is None else question(text)

    @property
    def as_sent(self) -> Event:
        """The event that EventBridge makes of the record.

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
    """The records of calls of a service that succeeded: `calls("kms", "DisableKey")`."""
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
    """Whether a filter pattern of CloudWatch Logs selects every event of a sort."""
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
    """Whether a pattern of words does: all of them, any of those with a question mark, none of those with a minus."""
    if text.startswith("["):
        return False  # fields between spaces, of which JSON has none
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
    """Reads a JSON filter pattern, and answers for one event on the way."""

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
            return Truth.of(event.ask(path, lambda _: True, anything=True))
        if operator == "NOT" and self._takes("EXISTS"):
            return Truth.of(event.ask(path, lambda _: False, anything=False, absent=True))
        if operator == "IS":
            wanted = self._next().lower()
            return Truth.of(event.ask(path, lambda text: text.lower() == wanted, anything=False))
        literal = self._next()
        if literal.startswith("%"):
            return Truth.undecided(Reason("a regular expression of a filter pattern is not evaluated"))
        if literal.startswith('"'):
            literal = re.sub(r"\\(.)", r"\1", literal[1:-1])
        if operator == "=":
            everything = literal.strip("*") == "" and literal != ""
            return Truth.of(event.ask(path, lambda text: _like(literal, text), anything=everything))
        if operator == "!=":
            return Truth.of(event.ask(path, lambda text: not _like(literal, text), anything=True, absent=True))
        if operator in ("<", ">", "<=", ">="):
            return FALSE
        raise ValueError(f"{operator!r} is no comparison")


def _like(pattern: str, text: str) -> bool:
    """Whether a text is like a pattern, in which * stands for anything."""
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
    """Whether an event pattern of EventBridge, as JSON text or as a mapping, selects every event of a sort."""
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
    return _object(tree, "", event.as_sent) if isinstance(tree.data, dict) else _unknown_or(tree, FALSE)


def _unknown_or(value: Value[Any], answer: Truth) -> Truth:
    return answer if value.known else Truth(None, value.reasons)


def _object(pattern: Value[Any], prefix: str, event: Event) -> Truth:
    if not isinstance(pattern.data, dict):
        return _unknown_or(pattern, FALSE)

    def one(name: str, value: Value[Any]) -> Truth:
        if name == "$or":
            return value.elements().any(lambda option: _object(option, prefix, event))
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value.data, dict):
            return _object(value, path, event)
        return value.elements().any(lambda matcher: _matcher(matcher, path, event))

    return all_of(one(name, value) for name, value in pattern.data.items())


def _matcher(matcher: Value[Any], path: str, event: Event) -> Truth:
    data = matcher.data
    if isinstance(data, str):
        return Truth.of(event.ask(path, lambda text: text == data, anything=False))
    if not isinstance(data, dict) or len(data) != 1:
        return _unknown_or(matcher, FALSE)
    ((operator, operand),) = data.items()
    if not operand.wholly_known:
        return Truth(None, operand.reasons)
    return Truth.of(_compare(operator, operand.plain(), path, event))


_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "prefix": lambda operand, text: text.startswith(operand),
    "suffix": lambda operand, text: text.endswith(operand),
    "equals-ignore-case": lambda operand, text: text.lower() == operand.lower(),
    "wildcard": lambda operand, text: _like(operand, text),
}


def _compare(operator: str, operand: Any, path: str, event: Event) -> bool:
    if operator == "exists":
        return event.ask(path, lambda _: bool(operand), anything=bool(operand), absent=not operand)
    if operator == "anything-but":
        listed: Iterable[Any] = operand if isinstance(operand, list) else (operand,)
        return event.ask(path, lambda text: not any(_excepted(one, text) for one in listed), anything=True)
    compare = _TEXTS.get(operator)
    if compare is None:
        return False  # numbers and addresses, which no example speaks of
    texts = operand if isinstance(operand, list) else [operand]
    everything = any(isinstance(text, str) and text.strip("*") == "" for text in texts)
    return event.ask(
        path, lambda text: any(isinstance(o, str) and compare(o, text) for o in texts), anything=everything
    )


def _excepted(exception: Any, text: str) -> bool:
    if not isinstance(exception, dict):
        return bool(exception == text)
    return any(
        compare(one, text)
        for name, operand in exception.items()
        if (compare := _TEXTS.get(name))
        for one in (operand if isinstance(operand, list) else [operand])
        if isinstance(one, str)
    )
