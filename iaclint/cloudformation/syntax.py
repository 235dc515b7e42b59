"""Template text to our own small tree, with a span on every node, key and list item.

YAML is read through libyaml's events (PyYAML's C parser; the pure one where that is missing), JSON by a reader
of our own. Nothing here recurses, so no input can exhaust the stack. Short forms (`!Ref X`) become
what they stand for (`{"Ref": X}`): nobody else knows how a function was spelt.

This is the only module that imports yaml.
"""

from __future__ import annotations

import gc
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from msgspec import Struct, field

from iaclint.source.files import Comment, Problem, SourceFile, Span
from iaclint.source.json_tree import JsonError, Key, TreeBuilder, read_json

MAX_DEPTH = 100
"""CloudFormation's own templates stay far below; deeper nesting is refused so that evaluation may recurse."""

MAX_NODES = 2_000_000
"""Nodes of a document with all aliases expanded: a template has at most 1 MB."""


class Scalar(Struct, eq=False):
    """A text, number, bool or null. `origin` is the anchored node where an alias stands here."""

    data: str | int | float | bool | None
    span: Span
    origin: Span | None = None


class Sequence(Struct, eq=False):
    """A list."""

    items: list[Node]
    span: Span
    origin: Span | None = None
    flow: bool = False


class Entry(Struct, eq=False):
    """A key with its value."""

    name: str
    key: Span
    value: Node


class Mapping(Struct, eq=False):
    """A mapping from text to nodes. `short` marks a short form such as `!Ref`: its key is the tag."""

    entries: dict[str, Entry]
    span: Span
    origin: Span | None = None
    flow: bool = False
    short: bool = False

    def get(self, name: str) -> Node | None:
        entry = self.entries.get(name)
        return entry.value if entry is not None else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


class Given(Struct, eq=False):
    """A node whose value was worked out elsewhere (a placeholder of a transform, an identifier of a loop)."""

    value: Any
    span: Span
    origin: Span | None = None


Node: TypeAlias = Scalar | Sequence | Mapping | Given


class Document(Struct, eq=False):
    """What a file holds: the roots of its documents, and what is wrong with it."""

    source: SourceFile
    language: str
    roots: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Malformed(Exception):
    """The text is not what it should be; says why and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def parse(source: SourceFile) -> Document:
    """Read a YAML or JSON text. Never raises: what is wrong is in `problems`.

    Fills the comments of the source.
    """
    with without_collector():
        return _parse(source)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the cyclic garbage collector away: trees and values hold no cycles, and it would walk them in vain.

    It makes up half of the time that a large template takes.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _parse(source: SourceFile) -> Document:
    text = source.text
    start = text.lstrip()[:1]
    json_error: JsonError | None = None
    if start in ("{", "["):
        document = Document(source, "json")
        try:
            document.roots.append(_read_json(document, text))
            return document
        except JsonError as error:
            json_error = error
    if json_error is not None and not source.path.lower().endswith((".yaml", ".yml")):
        document = Document(source, "json")
        _report(document, json_error)
        return document
    document = Document(source, "yaml")
    try:
        _read_yaml(document, text)
    except Malformed as error:
        document.roots.clear()
        _report(document, error)
    return document


def parse_within(source: SourceFile, scalar: Scalar) -> Document | None:
    """Read the document that a literal block scalar (`|`) holds; places are those in the file around it.

    None where the scalar is of another kind: then its text is not the file's, and nothing in it has a place.
    """
    header = re.compile(r"\|[-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n").match(source.text, scalar.span.start, scalar.span.end)
    if header is None or not isinstance(scalar.data, str):
        return None
    # the same file with everything else blanked: the block is a document whose root is indented
    before = re.sub(r"[^\r\n]", " ", source.text[: header.end()])
    text = before + source.text[header.end() : scalar.span.end]
    document = Document(source, "json" if scalar.data.lstrip().startswith("{") else "yaml")
    own = source.comments
    try:
        if document.language == "json":
            document.roots.append(_read_json(document, text))
        else:
            _read_yaml(document, text)
            source.comments = tuple(sorted({*own, *source.comments}, key=lambda comment: comment.span.start))
    except (Malformed, JsonError) as error:
        document.roots.clear()
        _report(document, error)
    return document


def _report(document: Document, error: Malformed | JsonError) -> None:
    at = max(0, min(error.offset, len(document.source.text)))
    document.problems.append(Problem(error.message, document.source.span(at, at), document.source.path))


# -- JSON --------------------------------------------------------------------------------------


class _JsonTree(TreeBuilder[Node]):
    """Makes the tree of a template in JSON. A duplicate key is a problem of the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source = document.source

    def text(self, text: str, start: int, end: int) -> Node:
        return Scalar(text, Span(self.source, start, end))

    def number(self, digits: str, start: int, end: int) -> Node:
        whole = digits.lstrip("-").isdigit() and len(digits) < 100
        return Scalar(int(digits) if whole else _finite(digits), Span(self.source, start, end))

    def constant(self, constant: bool | None, start: int, end: int) -> Node:
        return Scalar(constant, Span(self.source, start, end))

    def array(self, items: list[Node], start: int, end: int) -> Node:
        return Sequence(items, Span(self.source, start, end), flow=True)

    def object(self, keys: list[Key], values: list[Node], start: int, end: int) -> Node:
        source = self.source
        entries: dict[str, Entry] = {}
        mapping = Mapping(entries, Span(source, start, end), flow=True)
        for (name, key_start, key_end), value in zip(keys, values, strict=True):
            entry = Entry(name, Span(source, key_start, key_end), value)
            if name in entries:
                _put(self.document, mapping, entry)
            else:
                entries[name] = entry
        return mapping


def _read_json(document: Document, text: str) -> Node:
    """Read a JSON text. Raises JsonError."""
    root = read_json(text, _JsonTree(document), max_depth=MAX_DEPTH, control_characters=True, noun="file")
    document.problems.sort(key=_start)  # a key of an object comes before the keys within it
    return root


def _start(problem: Problem) -> int:
    return problem.span.start if problem.span is not None else 0


def _put(document: Document, mapping: Mapping, entry: Entry) -> None:
    """Add an entry; a key that is there already is a problem, and the later one counts."""
    earlier = mapping.entries.get(entry.name)
    if earlier is not None:
        document.problems.append(
            Problem(
                f"the key '{entry.name}' is here twice; the first is on line {earlier.key.line}",
                entry.key,
                document.source.path,
            )
        )
    mapping.entries[entry.name] = entry


# -- YAML --------------------------------------------------------------------------------------

_CONSTANTS: dict[str, bool | None] = {
    spelling: value
    for word, value in {
        "null": None, "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
    }.items()
    for spelling in (word, word.capitalize(), word.upper())
}  # fmt: skip
_CONSTANTS["~"] = _CONSTANTS[""] = None
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)")
_PROPERTIES = re.compile(r"(?:[!&][^\s]*\s+)+|[!&][^\s,\[\]{}]*")
_YAML_TAG = "tag:yaml.org,2002:"


def plain_scalar(text: str) -> str | int | float | bool | None:
    """What YAML 1.1 makes of an unquoted scalar; dates stay text, as CloudFormation keeps them."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "+-.0123456789" and len(text) < 100:
        if _INT.fullmatch(text):
            return _whole(text)
        if _FLOAT.fullmatch(text):
            return _finite(text.replace("_", ""))
    return text


def _finite(digits: str) -> float | str:
    """A number; one that is too large for a float stays text."""
    number = float(digits)
    return number if math.isfinite(number) else digits


def _whole(text: str) -> int | str:
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    try:
        if ":" in digits:
            number = 0
            for part in digits.split(":"):
                number = number * 60 + int(part)
            return sign * number
        if digits.startswith(("0b", "0x")):
            return sign * int(digits, 0)
        return sign * int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)
    except ValueError:
        return text


class _Frame(Struct, eq=False):
    """A collection that is being built."""

    node: Sequence | Mapping
    start: int
    tag: str | None
    anchor: str | None
    block: bool
    size: int = 1
    key: tuple[str, Span, bool] | None = None
    merges: list[tuple[Span, Node]] = field(default_factory=list)


def _read_yaml(document: Document, text: str) -> None:
    import yaml

    source = document.source
    loader: Any = getattr(yaml, "CLoader", yaml.Loader)
    scalar = yaml.ScalarEvent
    occupied: list[tuple[int, int]] = []
    stack: list[_Frame] = []
    anchors: dict[str, tuple[Node, int] | None] = {}

    def finish(node: Node, size: int, tag: str | None, anchor: str | None, start: int) -> None:
        """A node is complete: dress it with its tag and hand it to the collection around it."""
        if tag is not None:
            node = _tagged(node, tag, start, source)
        if anchor is not None:
            anchors[anchor] = (node, size)
        if not stack:
            document.roots.append(node)
            return
        frame = stack[-1]
        frame.size += size
        if frame.size > MAX_NODES:
            raise Malformed("its aliases expand to more than a template can hold", start)
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.key is None:
            if not isinstance(node, Scalar):
                raise Malformed("a key must be text", start)
            frame.key = (_key_text(text, node), node.span, text[node.span.start : node.span.start + 1] not in "'\"")
        else:
            name, key, plain = frame.key
            frame.key = None
            if name == "<<" and plain:
                frame.merges.append((key, node))
            else:
                _put(document, frame.node, Entry(name, key, node))

    try:
        events: Iterator[Any] = yaml.parse(text, Loader=loader)
        for event in events:
            kind = type(event)
            if kind is scalar:
                start, end = event.start_mark.index, event.end_mark.index
                if event.style in ("|", ">"):
                    end = len(text[:end].rstrip()) if end <= len(text) else len(text)
                occupied.append((start, end))
                begin = start
                if event.tag is not None or event.anchor is not None:
                    found = _PROPERTIES.match(text, start, end)
                    begin = min(found.end(), end) if found else start
                data: Any = event.value
                if event.implicit[0] and event.style in (None, ""):
                    data = plain_scalar(data)
                elif event.tag is not None and event.tag.startswith(_YAML_TAG):
                    data = _standard(event.tag, data)
                finish(Scalar(data, Span(source, begin, max(begin, end))), 1, event.tag, event.anchor, start)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if len(stack) >= MAX_DEPTH:
                    raise Malformed(f"nested deeper than {MAX_DEPTH} levels", event.start_mark.index)
                begin = start = event.start_mark.index
                flow = bool(event.flow_style)
                if event.tag is not None or event.anchor is not None:
                    found = _PROPERTIES.match(text, start)
                    begin = found.end() if found else start
                node: Mapping | Sequence = (
                    Mapping({}, source.span(begin, begin), flow=flow)
                    if kind is yaml.MappingStartEvent
                    else Sequence([], source.span(begin, begin), flow=flow)
                )
                if event.anchor is not None:
                    anchors[event.anchor] = None
                stack.append(_Frame(node, start, event.tag, event.anchor, not flow))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                frame = stack.pop()
                done = frame.node
                if isinstance(done, Mapping):
                    for key, merged in frame.merges:
                        _merge(done, merged, key)
                done.span = source.span(done.span.start, _end_of(frame, event.end_mark.index))
                finish(done, frame.size, frame.tag, frame.anchor, frame.start)
            elif kind is yaml.AliasEvent:
                start, end = event.start_mark.index, event.end_mark.index
                occupied.append((start, end))
                if event.anchor not in anchors:
                    raise Malformed(f"the alias *{event.anchor} has no anchor &{event.anchor} before it", start)
                anchored = anchors[event.anchor]
                if anchored is None:
                    raise Malformed(f"the alias *{event.anchor} stands inside its own anchor", start)
                finish(_alias(anchored[0], source.span(start, end)), anchored[1], None, None, start)
            elif kind is yaml.DocumentStartEvent:
                anchors.clear()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or error.context or "not YAML").strip()
        if error.context and error.problem:
            reason = f"{reason} {error.context.strip()}"
        offset = mark.index if mark is not None else 0
        if text[offset : offset + 1] == "\t":
            reason = "a tab where YAML wants spaces"
        elif text[offset : offset + 1] in "%@`{" and "{{" in text[max(0, offset - 1) : offset + 2]:
            reason += "; text that starts with '{{' must be quoted"
        raise Malformed(f"not well-formed YAML: {reason}", offset) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        reason = " ".join(str(error).split())
        raise Malformed(f"not well-formed YAML: {reason}", position if isinstance(position, int) else 0) from error
    document.roots[:] = [r for r in document.roots if not (isinstance(r, Scalar) and r.data is None)]
    if not document.roots and not document.problems:
        raise Malformed("the file is empty", 0)
    source.comments = _comments(source, text, occupied)


def _key_text(text: str, node: Scalar) -> str:
    """A key as it is written: `123456789012:` and `true:` are names, not numbers."""
    if isinstance(node.data, str):
        return node.data
    return text[node.span.start : node.span.end].strip()


def _standard(tag: str, value: str) -> Any:
    kind = tag[len(_YAML_TAG) :]
    if kind in ("int", "float", "bool", "null"):
        return plain_scalar(value) if value else None
    return value


def _end_of(frame: _Frame, end: int) -> int:
    """Where a collection ends: libyaml puts the end of a block after the blank lines that follow it."""
    node = frame.node
    if not frame.block:
        return end
    if isinstance(node, Sequence):
        return node.items[-1].span.end if node.items else node.span.start
    ends = [entry.value.span.end for entry in node if entry.value.span.start >= node.span.start]
    ends += [key.end for key, _ in frame.merges]
    return max(ends, default=node.span.start)


def _merge(mapping: Mapping, merged: Node, key: Span) -> None:
    """The entries of `<<`: those that are not written out."""
    if isinstance(merged, Sequence):
        for item in merged.items:
            _merge(mapping, item, key)
        return
    if not isinstance(merged, Mapping):
        raise Malformed("'<<' must be followed by a mapping", key.start)
    for entry in merged:
        mapping.entries.setdefault(entry.name, entry)


def _alias(node: Node, span: Span) -> Node:
    """The node again, where an alias stands: parts keep their places, and `origin` tells where it is written."""
    origin = node.origin or node.span
    if isinstance(node, Scalar):
        return Scalar(node.data, span, origin)
    if isinstance(node, Sequence):
        return Sequence(node.items, span, origin, node.flow)
    if isinstance(node, Mapping):
        return Mapping(node.entries, span, origin, node.flow, node.short)
    return node


_SAME_NAME = {"!Ref": "Ref", "!Condition": "Condition"}


def _tagged(node: Node, tag: str | None, start: int, source: SourceFile) -> Node:
    """`!Ref X` as {"Ref": X}; any other short form as {"Fn::Name": ...}."""
    if tag is None or not tag.startswith("!") or tag == "!":
        return node
    name = _SAME_NAME.get(tag) or ("Fn::" + tag[1:].removeprefix("Fn::"))
    key = source.span(start, start + len(tag))
    return Mapping({name: Entry(name, key, node)}, source.span(start, node.span.end), short=True)


_HASH = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)


def _comments(source: SourceFile, text: str, occupied: list[tuple[int, int]]) -> tuple[Comment, ...]:
    """The comments of a YAML text: what starts with '#' outside of all scalars.

    The first line of a block scalar (after `|` or `>`) may hold one too.
    """
    if "#" not in text:
        return ()
    starts = [start for start, _ in occupied]
    found: list[Comment] = []
    at = 0
    while (hit := _HASH.search(text, at)) is not None:
        at = hit.end()
        index = bisect_right(starts, hit.start()) - 1
        if index >= 0 and hit.start() < occupied[index][1]:
            start, end = occupied[index]
            header = re.compile(r"(?:[!&]\S*[ \t]+)*[|>][-+0-9]*[ \t]+(?=#)").match(text, start, end)
            if header is None or header.end() != hit.start():
                # a scalar may end on the line where the comment begins: look again behind it
                at = min(hit.start() + 1, end) if hit.end() > end else hit.end()
                continue
        found.append(Comment(source.span(hit.start(), hit.end()), hit.group().lstrip("#").strip()))
    return tuple(found)


# -- what may be a template --------------------------------------------------------------------

_HINT = re.compile(r"AWSTemplateFormatVersion|Resources|Transform")
_YAML_HEAD = re.compile(
    r"""^(?P<indent>[ ]*)(?P<quote>["']?)(?P<name>AWSTemplateFormatVersion|Resources|Transform)(?P=quote)[ \t]*:""",
    re.MULTILINE,
)
_TYPE = re.compile(r"""["']?Type["']?\s*:\s*["']?(?:[A-Za-z0-9]+::[A-Za-z0-9]|<%|\$\{)""")
_SAM = re.compile(r"AWS::(?:Serverless|LanguageExtensions|Include|SecretsManager|CodeDeployBlueGreen)")


def sniff(text: str) -> bool:
    """Whether a text may be a CloudFormation template, judged by a search for what every template has.

    True for a top-level AWSTemplateFormatVersion, for top-level Resources with a Type such as AWS::S3::Bucket,
    and for a SAM or LanguageExtensions Transform. A broken template still counts as one.
    """
    if _HINT.search(text) is None:
        return False
    start = re.search(r"\S", text)
    if start is None:
        return False
    if text[start.start()] in "{[":
        if text[start.start()] == "[":
            return False
        names = _json_heads(text)
    else:
        first = re.search(r"^(?P<indent>[ ]*)[^\s#%-]", text, re.MULTILINE)
        indent = first["indent"] if first else ""
        names = {m["name"] for m in _YAML_HEAD.finditer(text) if m["indent"] == indent}
    if "AWSTemplateFormatVersion" in names:
        return True
    if "Resources" not in names:
        return False
    return _TYPE.search(text) is not None or ("Transform" in names and _SAM.search(text) is not None)


_JSON_PIECE = re.compile(r'"(?P<text>[^"\\\n]*(?:\\.[^"\\\n]*)*)"(?P<key>\s*:)?|[{}\[\]]')


def _json_heads(text: str) -> set[str]:
    """The keys of the outermost object of a JSON text, as far as it can be read."""
    names: set[str] = set()
    depth = 0
    for piece in _JSON_PIECE.finditer(text):
        mark = piece.group()
        if mark in ("{", "["):
            depth += 1
        elif mark in ("}", "]"):
            depth -= 1
        elif depth == 1 and piece["key"]:
            names.add(piece["text"])
    return names
