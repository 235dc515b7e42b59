"""Template text to the tree, with a span on every node, key and list item.

YAML is read through libyaml's events (PyYAML's C parser; the pure one if that is missing), JSON by the JSON reader.
Nothing here recurses, so no input can exhaust the stack.
"""

from __future__ import annotations

import gc
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct, field

from iaclint.cloudformation.tree import Document, Entry, MappingNode, Node, Scalar, ScalarNode, SequenceNode, is_null
from iaclint.source.files import Comment, Problem, SourceFile, Span
from iaclint.source.json_tree import JsonError, Key, TreeBuilder, read_json

MAX_DEPTH = 100
"""CloudFormation's own templates stay far below; deeper nesting is refused so that evaluation may recurse."""

MAX_NODES = 2_000_000
"""Nodes of a document with all aliases expanded: a template has at most 1 MB."""


class Malformed(Exception):
    """The text is not what it should be: why, and at which offset."""

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
    """Suspend the cyclic garbage collector: trees and values hold no cycles, and walking them is half the work."""
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


def parse_within(source: SourceFile, scalar: ScalarNode) -> Document | None:
    """Return the document that a literal block scalar (`|`) holds, with the places of the file around it.

    None for any other scalar: its text differs from the file's, so that nothing in it has a place.
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
        return ScalarNode(text, Span(self.source, start, end))

    def number(self, digits: str, start: int, end: int) -> Node:
        whole = digits.lstrip("-").isdigit() and len(digits) < 100
        return ScalarNode(int(digits) if whole else _finite(digits), Span(self.source, start, end))

    def constant(self, constant: bool | None, start: int, end: int) -> Node:
        return ScalarNode(constant, Span(self.source, start, end))

    def array(self, items: list[Node], start: int, end: int) -> Node:
        return SequenceNode(items, Span(self.source, start, end), flow=True)

    def object(self, keys: list[Key], values: list[Node], start: int, end: int) -> Node:
        source = self.source
        entries: dict[str, Entry] = {}
        mapping = MappingNode(entries, Span(source, start, end), flow=True)
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


def _put(document: Document, mapping: MappingNode, entry: Entry) -> None:
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
    """Return the data of an unquoted scalar by YAML 1.1; dates stay text, as CloudFormation keeps them."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "+-.0123456789" and len(text) < 100:
        if _INT.fullmatch(text):
            return _whole(text)
        if _FLOAT.fullmatch(text):
            return _finite(text.replace("_", ""))
    return text


def _finite(digits: str) -> float | str:
    """Return a number; one that is too large for a float stays text."""
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

    node: SequenceNode | MappingNode
    start: int
    tag: str | None
    anchor: str | None
    block: bool
    size: int = 1
    key: tuple[str, Span, bool] | None = None
    merges: list[tuple[Span, Node]] = field(default_factory=list)


def _read_yaml(document: Document, text: str) -> None:
    """Read a YAML text: fills the roots of the document and the comments of its source. Raises Malformed."""
    reader = _YamlReader(document, text)
    reader.read()
    document.roots[:] = [root for root in document.roots if not is_null(root)]
    if not document.roots and not document.problems:
        raise Malformed("the file is empty", 0)
    document.source.comments = _comments(document.source, text, reader.occupied)


class _YamlReader:
    """Builds the tree of a YAML text from the events of libyaml."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.source = document.source
        self.text = text
        self.occupied: list[tuple[int, int]] = []
        """The start and end of every scalar and alias, in order: comments stand outside of them."""
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        """The anchored nodes with their sizes; None while the node of the anchor is being built."""

    def read(self) -> None:
        """Read all documents of the text. Raises Malformed."""
        import yaml

        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: lambda _: self.anchors.clear(),
        }
        loader: Any = getattr(yaml, "CLoader", yaml.Loader)
        try:
            for event in yaml.parse(self.text, Loader=loader):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except yaml.MarkedYAMLError as error:
            raise self._marked(error) from error
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0)
            reason = " ".join(str(error).split())
            raise Malformed(f"not well-formed YAML: {reason}", position if isinstance(position, int) else 0) from error

    def _marked(self, error: Any) -> Malformed:
        """Return what an error of libyaml that has a place says."""
        text = self.text
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or error.context or "not YAML").strip()
        if error.context and error.problem:
            reason = f"{reason} {error.context.strip()}"
        offset = mark.index if mark is not None else 0
        if text[offset : offset + 1] == "\t":
            reason = "a tab where YAML wants spaces"
        elif text[offset : offset + 1] in "%@`{" and "{{" in text[max(0, offset - 1) : offset + 2]:
            reason += "; text that starts with '{{' must be quoted"
        return Malformed(f"not well-formed YAML: {reason}", offset)

    def _scalar(self, event: Any) -> None:
        text = self.text
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("|", ">"):
            end = len(text[:end].rstrip()) if end <= len(text) else len(text)
        self.occupied.append((start, end))
        begin = start
        if event.tag is not None or event.anchor is not None:
            found = _PROPERTIES.match(text, start, end)
            begin = min(found.end(), end) if found else start
        data: Scalar = event.value
        if event.implicit[0] and event.style in (None, ""):
            data = plain_scalar(event.value)
        elif event.tag is not None and event.tag.startswith(_YAML_TAG):
            data = _standard(event.tag, event.value)
        node = ScalarNode(data, Span(self.source, begin, max(begin, end)))
        self._finish(node, 1, event.tag, event.anchor, start)

    def _mapping(self, event: Any) -> None:
        self._open(event, MappingNode({}, self._begin(event), flow=bool(event.flow_style)))

    def _sequence(self, event: Any) -> None:
        self._open(event, SequenceNode([], self._begin(event), flow=bool(event.flow_style)))

    def _begin(self, event: Any) -> Span:
        """Return the place where a collection starts, behind its tag and anchor."""
        begin: int = event.start_mark.index
        if event.tag is not None or event.anchor is not None:
            found = _PROPERTIES.match(self.text, begin)
            begin = found.end() if found else begin
        return self.source.span(begin, begin)

    def _open(self, event: Any, node: MappingNode | SequenceNode) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH} levels", event.start_mark.index)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(node, event.start_mark.index, event.tag, event.anchor, not node.flow))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        if isinstance(node, MappingNode):
            for key, merged in frame.merges:
                _merge(node, merged, key)
        node.span = self.source.span(node.span.start, _end_of(frame, event.end_mark.index))
        self._finish(node, frame.size, frame.tag, frame.anchor, frame.start)

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self.occupied.append((start, end))
        if event.anchor not in self.anchors:
            raise Malformed(f"the alias *{event.anchor} has no anchor &{event.anchor} before it", start)
        anchored = self.anchors[event.anchor]
        if anchored is None:
            raise Malformed(f"the alias *{event.anchor} stands inside its own anchor", start)
        node, size = anchored
        self._finish(_aliased(node, self.source.span(start, end)), size, None, None, start)

    def _finish(self, node: Node, size: int, tag: str | None, anchor: str | None, start: int) -> None:
        """Give a complete node its tag, and hand it to the collection around it."""
        if tag is not None:
            node = _tagged(node, tag, start, self.source)
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.document.roots.append(node)
            return
        frame = self.stack[-1]
        frame.size += size
        if frame.size > MAX_NODES:
            raise Malformed("its aliases expand to more than a template can hold", start)
        if isinstance(frame.node, SequenceNode):
            frame.node.items.append(node)
        elif frame.key is None:
            if not isinstance(node, ScalarNode):
                raise Malformed("a key must be text", start)
            is_plain = self.text[node.span.start : node.span.start + 1] not in "'\""
            frame.key = (_key_text(self.text, node), node.span, is_plain)
        else:
            name, key, is_plain = frame.key
            frame.key = None
            if name == "<<" and is_plain:
                frame.merges.append((key, node))
            else:
                _put(self.document, frame.node, Entry(name, key, node))


def _key_text(text: str, node: ScalarNode) -> str:
    """Return a key as it is written: `123456789012:` and `true:` are names."""
    if isinstance(node.data, str):
        return node.data
    return text[node.span.start : node.span.end].strip()


def _standard(tag: str, value: str) -> Any:
    kind = tag[len(_YAML_TAG) :]
    if kind in ("int", "float", "bool", "null"):
        return plain_scalar(value) if value else None
    return value


def _end_of(frame: _Frame, end: int) -> int:
    """Return where a collection ends. libyaml puts the end of a block after the blank lines that follow it."""
    node = frame.node
    if not frame.block:
        return end
    if isinstance(node, SequenceNode):
        return node.items[-1].span.end if node.items else node.span.start
    ends = [entry.value.span.end for entry in node if entry.value.span.start >= node.span.start]
    ends += [key.end for key, _ in frame.merges]
    return max(ends, default=node.span.start)


def _merge(mapping: MappingNode, merged: Node, key: Span) -> None:
    """Add the entries that `<<` brings and the mapping does not have itself."""
    if isinstance(merged, SequenceNode):
        for item in merged.items:
            _merge(mapping, item, key)
        return
    if not isinstance(merged, MappingNode):
        raise Malformed("'<<' must be followed by a mapping", key.start)
    for entry in merged:
        mapping.entries.setdefault(entry.name, entry)


def _aliased(node: Node, span: Span) -> Node:
    """Return the anchored node for the place of an alias: its parts keep their places, `origin` is its own place."""
    origin = node.origin or node.span
    if isinstance(node, ScalarNode):
        return ScalarNode(node.data, span, origin)
    if isinstance(node, SequenceNode):
        return SequenceNode(node.items, span, origin, node.flow)
    if isinstance(node, MappingNode):
        return MappingNode(node.entries, span, origin, node.flow, node.short)
    return node


_SAME_NAME = {"!Ref": "Ref", "!Condition": "Condition"}


def _tagged(node: Node, tag: str | None, start: int, source: SourceFile) -> Node:
    """Return {"Ref": X} for `!Ref X`, and {"Fn::Name": ...} for any other short form."""
    if tag is None or not tag.startswith("!") or tag == "!":
        return node
    name = _SAME_NAME.get(tag) or ("Fn::" + tag[1:].removeprefix("Fn::"))
    key = source.span(start, start + len(tag))
    return MappingNode({name: Entry(name, key, node)}, source.span(start, node.span.end), short=True)


_HASH = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)


def _comments(source: SourceFile, text: str, occupied: list[tuple[int, int]]) -> tuple[Comment, ...]:
    """Return the comments of a YAML text: what starts with '#' outside of the occupied ranges.

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
