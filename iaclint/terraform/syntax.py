"""HCL and Terraform's JSON, read into one small tree with a span on every node.

Nothing outside this module knows which parser ran. tree-sitter-hcl is asked first, as it is fast;
where it finds an error, python-hcl2 has the last word: it gives the tree, or the message. Both builders
give the same tree. The rules of the language that neither grammar enforces (line ends, block
structure) are checked on the tree itself.

Grammar: the HCL native syntax specification and HCL JSON syntax specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Any, TypeAlias

from msgspec import Struct

from iaclint.source.files import Comment, SourceFile, Span

MAX_DEPTH = 200
"""Expressions and blocks nested deeper are refused."""

MAX_EXPONENT = 4096

_NO_LINE_BREAK = "a quoted string must end on its line; write \\n, or use a heredoc (<<EOT)"


class HclSyntaxError(Exception):
    """Text that is not HCL; says what is wrong, where, and what to do."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


# -- the tree ----------------------------------------------------------------------------------


class Literal(Struct, frozen=True):
    """A constant: text, an int, a Fraction, a bool or None."""

    span: Span
    value: str | int | Fraction | bool | None


class Interpolation(Struct, frozen=True):
    """`${ ... }` within a template."""

    span: Span
    expression: Expression


class TemplateIf(Struct, frozen=True):
    """`%{ if ... }` with its two bodies."""

    span: Span
    condition: Expression
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


class TemplateFor(Struct, frozen=True):
    """`%{ for ... }` with its body."""

    span: Span
    key: str
    value: str
    collection: Expression
    body: tuple[Part, ...]


class Template(Struct, frozen=True):
    """Text with interpolations or directives; strip markers and indentation are applied already.

    `wrap` is set for a template that is one interpolation and nothing else, whose value is not made text.
    """

    span: Span
    parts: tuple[Part, ...]
    wrap: bool = False


class Traversal(Struct, frozen=True):
    """A name, and the attributes that follow it directly: `var.a.b`."""

    span: Span
    root: str
    names: tuple[str, ...]


class GetAttr(Struct, frozen=True):
    span: Span
    source: Expression
    name: str


class Index(Struct, frozen=True):
    span: Span
    source: Expression
    key: Expression


class Item(Struct, frozen=True):
    """Stands for the current element within `Splat.each`."""

    span: Span


class Splat(Struct, frozen=True):
    """`source[*]` or `source.*`; `each` is what follows, applied to an `Item`."""

    span: Span
    source: Expression
    each: Expression
    full: bool


class Call(Struct, frozen=True):
    """A function call; `expand` where the last argument is followed by `...`."""

    span: Span
    name: str
    arguments: tuple[Expression, ...]
    expand: bool


class Unary(Struct, frozen=True):
    span: Span
    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    span: Span
    operator: str
    left: Expression
    right: Expression


class Conditional(Struct, frozen=True):
    span: Span
    condition: Expression
    then: Expression
    otherwise: Expression


class For(Struct, frozen=True):
    """A `for` expression; `result_key` is None for the one in square brackets, `grouping` stands for `...`."""

    span: Span
    key: str
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    grouping: bool


class TupleExpr(Struct, frozen=True):
    span: Span
    items: tuple[Expression, ...]


class ObjectExpr(Struct, frozen=True):
    """An object; a bare name as key is a Literal."""

    span: Span
    items: tuple[tuple[Expression, Expression], ...]


class Parens(Struct, frozen=True):
    span: Span
    inner: Expression


Expression: TypeAlias = (
    Literal
    | Template
    | Traversal
    | GetAttr
    | Index
    | Item
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | For
    | TupleExpr
    | ObjectExpr
    | Parens
)
Part: TypeAlias = Literal | Interpolation | TemplateIf | TemplateFor


class Attribute(Struct, frozen=True):
    """`name = value`."""

    span: Span
    name: str
    name_span: Span
    value: Expression


class Block(Struct, frozen=True):
    """`type "label" { ... }`. `header` runs from the type to the last label."""

    span: Span
    type: str
    labels: tuple[str, ...]
    header: Span
    body: Body


class Body(Struct, frozen=True):
    """Attributes and blocks in the order written. The span is what lies between the braces.

    `json` is set where the source is JSON: an attribute may then mean nested blocks.
    """

    span: Span
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    json: bool = False


# -- reading -----------------------------------------------------------------------------------


def parse(source: SourceFile) -> Body:
    """The tree of a .tf or .tfvars file; fills the file's comments. Raises HclSyntaxError."""
    text = _Text(source, source.text)
    body, comments = _build(text)
    source.comments = comments
    _check_body(body)
    return body


def parse_template(source: SourceFile) -> Template | Literal:
    """A whole file as a template, as `templatefile` reads it. Raises HclSyntaxError."""
    return _template_of(source, source.text, 0, None)


def template_in(source: SourceFile, value: str, start: int, whole: Span, exact: bool) -> Template | Literal:
    """A string of a JSON file as a template; positions are exact where the JSON text has no escapes."""
    if "${" not in value and "%{" not in value:
        return Literal(whole, value)
    found = _template_of(source, value, start, None if exact else whole)
    if isinstance(found, Template):
        return Template(whole, found.parts, found.wrap)
    return Literal(whole, found.value)


def parse_expression(source: SourceFile, text: str, whole: Span) -> Expression:
    """An expression given as text within a JSON string (a type constraint, a reference)."""
    body, _ = _build(_Text(source, f"x = {text}\n", fixed=whole))
    if len(body.attributes) != 1 or body.blocks:
        raise HclSyntaxError("this is not a single expression", whole)
    return body.attributes[0].value


_MARK = "IACLINT_END_OF_TEMPLATE"


def _template_of(source: SourceFile, value: str, start: int, fixed: Span | None) -> Template | Literal:
    prefix = f"x = <<{_MARK}\n"
    body, _ = _build(_Text(source, f"{prefix}{value}\n{_MARK}\n", shift=start - len(prefix), fixed=fixed))
    if len(body.attributes) != 1 or body.blocks:
        raise HclSyntaxError("this is not a template", fixed or source.span(start, start))
    found = body.attributes[0].value
    whole = fixed or source.span(start, start + len(value))
    # the line end before the closing mark is not part of the text
    if isinstance(found, Literal):
        return Literal(whole, str(found.value)[:-1])
    assert isinstance(found, Template)
    parts = list(found.parts)
    last = parts[-1]
    if isinstance(last, Literal) and str(last.value).endswith("\n"):
        cut = str(last.value)[:-1]
        parts[-1:] = [Literal(last.span, cut)] if cut else []
    wrap = len(parts) == 1 and isinstance(parts[0], Interpolation)
    return Template(whole, tuple(parts), wrap)


class _Text:
    """Text that is parsed, and how offsets in it become spans of the file."""

    __slots__ = ("file", "fixed", "shift", "text")

    def __init__(self, file: SourceFile, text: str, shift: int = 0, fixed: Span | None = None) -> None:
        self.file = file
        self.text = text
        self.shift = shift
        self.fixed = fixed

    def span(self, start: int, end: int) -> Span:
        if self.fixed is not None:
            return self.fixed
        shift = self.shift
        return Span(self.file, start + shift, end + shift)


class _Retry(Exception):
    """tree-sitter cannot be trusted with this text."""


def _build(text: _Text) -> tuple[Body, tuple[Comment, ...]]:
    depth = bracket_depth(text.text)
    if depth > MAX_DEPTH * 4:
        raise HclSyntaxError(
            f"brackets are nested {depth:,} deep here, which is not read", text.span(0, min(1, len(text.text)))
        )
    try:
        return build_with_tree_sitter(text)
    except _Retry:
        return build_with_hcl2(text)


def bracket_depth(text: str) -> int:
    """How deep brackets may be nested, counted without regard to strings (which only counts too many)."""
    depth = deepest = 0
    for mark in _BRACKETS.findall(text):
        if mark in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


_TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")

_BRACKETS = re.compile(r"[\[\](){}]")


# -- templates, the same for both builders ---------------------------------------------------------


class _Piece(Struct, eq=False):
    """A stretch of a template: literal text, an interpolation, or one directive."""

    kind: str  # literal, interpolation, if, else, endif, for, endfor
    start: int
    end: int
    expression: Expression | None = None
    names: tuple[str, str] = ("", "")
    strip_left: bool = False
    strip_right: bool = False
    value: str = ""


_QUOTED_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_PLAIN_ESCAPE = re.compile(r"\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _assemble(text: _Text, pieces: list[_Piece], start: int, end: int, quoted: bool, flush: bool) -> Literal | Template:
    """A template of its pieces, with strip markers, indentation and escapes applied."""
    tokens: list[_Piece] = []
    source = text.text
    for piece in pieces:
        if piece.kind != "literal":
            tokens.append(piece)
        elif quoted:
            tokens.append(_Piece("literal", piece.start, piece.end, value=source[piece.start : piece.end]))
        else:
            # the language reads text line by line: a strip marker reaches no further than its line
            for match in _LINE.finditer(source, piece.start, piece.end):
                tokens.append(_Piece("literal", match.start(), match.end(), value=match.group()))
    for at, token in enumerate(tokens):
        if token.strip_left and at and tokens[at - 1].kind == "literal":
            tokens[at - 1].value = tokens[at - 1].value.rstrip()
        if token.strip_right and at + 1 < len(tokens) and tokens[at + 1].kind == "literal":
            tokens[at + 1].value = tokens[at + 1].value.lstrip()
    if flush:
        # after the strip markers: a line that one of them has emptied is no start of a line any more
        _flush(tokens)
    for token in tokens:
        if token.kind == "literal":
            token.value = _unescape(text, token, quoted)
    whole = text.span(start, end)
    if all(token.kind == "literal" for token in tokens):
        return Literal(whole, normal("".join(token.value for token in tokens)))
    queue = list(reversed(tokens))
    parts = _nest(text, queue, ())
    if queue:
        stray = queue[-1]
        raise HclSyntaxError(
            f"%{{ {stray.kind} }} has no directive that it belongs to", text.span(stray.start, stray.end)
        )
    wrap = len(parts) == 1 and isinstance(parts[0], Interpolation)
    return Template(whole, parts, wrap)


def _flush(tokens: list[_Piece]) -> None:
    """Take the common indentation of an indented heredoc away, as HCL counts it."""
    smallest: int | None = None
    adjust: list[_Piece] = []
    newline = True
    for token in tokens:
        if newline:
            newline = False
            spaces: int | None = 0
            if token.kind == "literal":
                trimmed = token.value.lstrip()
                if not trimmed and token.value.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(token.value) - len(trimmed)
                    adjust.append(token)
            if spaces is not None and (smallest is None or spaces < smallest):
                smallest = spaces
        if token.kind == "literal" and token.value.endswith("\n"):
            newline = True
    for token in adjust:
        token.value = token.value[smallest or 0 :]


def _unescape(text: _Text, token: _Piece, quoted: bool) -> str:
    value = token.value
    if quoted:
        if "\\" not in value and "$${" not in value and "%%{" not in value:
            return value

        def replace(match: re.Match[str]) -> str:
            found = match.group()
            if found[0] != "\\":
                return found[1:]
            code = found[1]
            if code in _SIMPLE:
                return _SIMPLE[code]
            if code in "uU" and len(found) > 2:
                point = int(found[2:], 16)
                if point < 0x110000:
                    return chr(point) if not 0xD800 <= point < 0xE000 else "\ufffd"
            at = token.start + match.start()
            raise HclSyntaxError(
                f'{found} is not an escape; write \\\\ for a backslash, or one of \\n \\r \\t \\" \\uNNNN',
                text.span(at, at + len(found)),
            )

        return _QUOTED_ESCAPE.sub(replace, value)
    if "$${" not in value and "%%{" not in value:
        return value
    return _PLAIN_ESCAPE.sub(lambda match: match.group()[1:], value)


def _nest(text: _Text, queue: list[_Piece], until: tuple[str, ...]) -> tuple[Part, ...]:
    """Parts up to a directive named in `until`, which stays in the queue."""
    parts: list[Part] = []
    while queue:
        piece = queue[-1]
        if piece.kind in until:
            break
        if piece.kind in ("else", "endif", "endfor"):
            break
        queue.pop()
        if piece.kind == "literal":
            if not piece.value:
                continue
            span = text.span(piece.start, piece.end)
            last = parts[-1] if parts else None
            if isinstance(last, Literal):
                span = last.span if text.fixed else Span(span.file, last.span.start, span.end)
                parts[-1] = Literal(span, normal(f"{last.value}{piece.value}"))
            else:
                parts.append(Literal(span, normal(piece.value)))
        elif piece.kind == "interpolation":
            assert piece.expression is not None
            parts.append(Interpolation(text.span(piece.start, piece.end), piece.expression))
        elif piece.kind == "if":
            then = _nest(text, queue, ("else", "endif"))
            otherwise: tuple[Part, ...] = ()
            if queue and queue[-1].kind == "else":
                queue.pop()
                otherwise = _nest(text, queue, ("endif",))
            end = _closing(text, queue, piece, "endif")
            assert piece.expression is not None
            parts.append(TemplateIf(text.span(piece.start, end), piece.expression, then, otherwise))
        else:
            body = _nest(text, queue, ("endfor",))
            end = _closing(text, queue, piece, "endfor")
            assert piece.expression is not None
            parts.append(
                TemplateFor(text.span(piece.start, end), piece.names[0], piece.names[1], piece.expression, body)
            )
    return tuple(parts)


def _closing(text: _Text, queue: list[_Piece], opening: _Piece, kind: str) -> int:
    if not queue or queue[-1].kind != kind:
        raise HclSyntaxError(
            f"%{{ {opening.kind} }} is not closed; add %{{ {kind} }}", text.span(opening.start, opening.end)
        )
    return queue.pop().end


def normal(text: str) -> str:
    """Text in Unicode normalisation form C, in which the language keeps all its strings."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def _number(text: str, span: Span) -> Literal:
    exponent = re.search(r"[eE]([+-]?\d+)$", text)
    if len(text) > 2048 or (exponent and abs(int(exponent.group(1))) > MAX_EXPONENT):
        raise HclSyntaxError("this number is too large to be read", span)
    try:
        if text.isdigit():
            return Literal(span, int(text))
        exact = Fraction(text)
    except ValueError:
        raise HclSyntaxError(f"{text} is not a number", span) from None
    return Literal(span, exact.numerator if exact.denominator == 1 else exact)


class _Step(Struct, frozen=True):
    """What follows a term: attribute, index, legacy (`.0`), attr_splat or full_splat."""

    kind: str
    end: int
    name: str = ""
    key: Expression | None = None


def _follow(text: _Text, source: Expression, start: int, steps: Sequence[_Step]) -> Expression:
    """A term with the steps that follow it applied."""
    at = 0
    while at < len(steps):
        step = steps[at]
        at += 1
        span = text.span(start, step.end)
        if step.kind == "attribute":
            if isinstance(source, Traversal):
                source = Traversal(span, source.root, (*source.names, step.name))
            else:
                source = GetAttr(span, source, step.name)
        elif step.kind in ("index", "legacy"):
            assert step.key is not None
            source = Index(span, source, step.key)
        else:
            full = step.kind == "full_splat"
            last = at
            while last < len(steps) and (full or steps[last].kind in ("attribute", "legacy")):
                last += 1
            each = _follow(text, Item(span), start, steps[at:last])
            source = Splat(text.span(start, steps[last - 1].end), source, each, full)
            at = last
    return source


def _key(expression: Expression) -> Expression:
    """An object key: a bare name stands for itself."""
    if isinstance(expression, Traversal) and not expression.names:
        return Literal(expression.span, expression.root)
    if isinstance(expression, Literal) and not isinstance(expression.value, str):
        word = {True: "true", False: "false", None: "null"}
        if expression.value is None or isinstance(expression.value, bool):
            return Literal(expression.span, word[expression.value])
    return expression


# -- tree-sitter -------------------------------------------------------------------------------

_ts_parser: Any = None


def _tree_sitter() -> Any:
    global _ts_parser
    if _ts_parser is None:
        import tree_sitter
        import tree_sitter_hcl

        _ts_parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    return _ts_parser


def build_with_tree_sitter(text: _Text) -> tuple[Body, tuple[Comment, ...]]:
    """The tree by tree-sitter. Raises _Retry where it found an error."""
    return _TreeSitterBuilder(text).build()


_OPERATORS = frozenset(["||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"])


class _TreeSitterBuilder:
    def __init__(self, text: _Text) -> None:
        self.text = text
        self.source = text.text
        data = text.text.encode("utf-8", "surrogatepass")
        self.data = data
        self.start: Callable[[Any], int] = attrgetter("start_byte")
        self.end: Callable[[Any], int] = attrgetter("end_byte")
        if len(data) != len(text.text):
            offsets = _offsets(text.text)
            self.start = lambda node: offsets[node.start_byte]
            self.end = lambda node: offsets[node.end_byte]
        self.comments: list[Comment] = []
        self.depth = 0

    def build(self) -> tuple[Body, tuple[Comment, ...]]:
        root = _tree_sitter().parse(self.data).root_node
        if root.has_error:
            raise _Retry
        body = Body(self.text.span(0, len(self.source)), (), ())
        for child in root.children:
            kind = child.type
            if kind == "comment":
                self.comment(child)
            elif kind == "body":
                body = self.body(child, 0, len(self.source))
            elif kind == "object":
                raise _Retry
        self.comments.sort(key=lambda comment: comment.span.start)
        return body, tuple(self.comments)

    def span(self, node: Any) -> Span:
        return self.text.span(self.start(node), self.end(node))

    def raw(self, node: Any) -> str:
        return self.source[self.start(node) : self.end(node)]

    def comment(self, node: Any) -> None:
        start, end = self.start(node), self.end(node)
        raw = self.source[start:end]
        trimmed = raw.rstrip("\r\n")
        self.comments.append(Comment(self.text.span(start, start + len(trimmed)), comment_text(trimmed)))

    def children(self, node: Any) -> list[Any]:
        kids: list[Any] = node.children
        for kid in kids:
            if kid.type == "comment":
                kept = []
                for child in kids:
                    if child.type == "comment":
                        self.comment(child)
                    else:
                        kept.append(child)
                return kept
        return kids

    def body(self, node: Any, start: int, end: int) -> Body:
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in self.children(node):
            if child.type == "attribute":
                name, _, value = self.children(child)
                attributes.append(Attribute(self.span(child), self.raw(name), self.span(name), self.expression(value)))
            elif child.type == "block":
                blocks.append(self.block(child))
            else:
                raise _Retry
        return Body(self.text.span(start, end), tuple(attributes), tuple(blocks))

    def block(self, node: Any) -> Block:
        self.deeper(node)
        labels: list[str] = []
        kind = ""
        body: Body | None = None
        opened = 0
        inner: Any = None
        header_end = self.end(node)
        for child in self.children(node):
            what = child.type
            if what == "identifier":
                if kind:
                    labels.append(self.raw(child))
                else:
                    kind = self.raw(child)
                header_end = self.end(child)
            elif what == "string_lit":
                label = self.string(child)
                if not isinstance(label, Literal) or _TEMPLATE.search(self.raw(child)):
                    raise _Retry
                labels.append(str(label.value))
                header_end = self.end(child)
            elif what == "block_start":
                opened = self.end(child)
            elif what == "body":
                inner = child
            elif what == "block_end":
                closed = self.start(child)
                body = (
                    self.body(inner, opened, closed)
                    if inner is not None
                    else Body(self.text.span(opened, closed), (), ())
                )
        if body is None:
            raise _Retry
        self.depth -= 1
        start = self.start(node)
        return Block(self.span(node), kind, tuple(labels), self.text.span(start, header_end), body)

    def deeper(self, node: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise HclSyntaxError(f"nested more than {MAX_DEPTH} deep, which is not read", self.span(node))

    # expressions

    def expression(self, node: Any) -> Expression:
        self.deeper(node)
        found = self.fold(self.children(node))
        self.depth -= 1
        return found

    def fold(self, nodes: Sequence[Any]) -> Expression:
        """A term and the steps that follow it."""
        first = nodes[0]
        start = self.start(first)
        at = 1
        if first.type == "(":
            inner = self.expression(nodes[1])
            found: Expression = Parens(self.text.span(start, self.end(nodes[2])), inner)
            at = 3
        else:
            found = self.term(first)
        if at == len(nodes):
            return found
        steps: list[_Step] = []
        for node in nodes[at:]:
            if node.type == "splat":
                inner = self.children(node)[0]
                kids = self.children(inner)
                steps.append(_Step(inner.type, self.end(kids[0])))
                steps.extend(self.step(kid) for kid in kids[1:])
            else:
                steps.append(self.step(node))
        return _follow(self.text, found, start, steps)

    def step(self, node: Any) -> _Step:
        kind = node.type
        end = self.end(node)
        if kind == "get_attr":
            return _Step("attribute", end, self.raw(self.children(node)[-1]))
        if kind == "index":
            inner = self.children(node)[0]
            if inner.type == "legacy_index":
                digits = self.raw(inner)[1:]
                return _Step("legacy", end, key=Literal(self.text.span(end - len(digits), end), int(digits)))
            return _Step("index", end, key=self.expression(self.children(inner)[1]))
        raise _Retry

    def term(self, node: Any) -> Expression:
        kind = node.type
        if kind == "variable_expr":
            name = self.raw(node)
            if "::" in name:
                raise _Retry
            return Traversal(self.span(node), name, ())
        if kind == "literal_value":
            return self.literal(self.children(node)[0])
        if kind == "template_expr":
            inner = self.children(node)[0]
            if inner.type == "quoted_template":
                return self.string(inner)
            return self.heredoc(inner)
        if kind == "operation":
            return self.operation(self.children(node)[0])
        if kind == "collection_value":
            return self.collection(self.children(node)[0])
        if kind == "function_call":
            return self.call(node)
        if kind == "conditional":
            condition, _, then, _, otherwise = self.children(node)
            return self.conditional(self.expression(condition), self.expression(then), self.expression(otherwise))
        if kind == "for_expr":
            return self.for_expression(self.children(node)[0])
        if kind == "expression":
            return self.expression(node)
        raise _Retry

    def conditional(self, condition: Expression, then: Expression, otherwise: Expression) -> Conditional:
        """A conditional; the grammar groups `a ? b : c ? d : e` from the left, the language from the right."""
        if isinstance(condition, Conditional):
            inner = self.conditional(condition.otherwise, then, otherwise)
            return Conditional(self.joined(condition, inner), condition.condition, condition.then, inner)
        return Conditional(self.joined(condition, otherwise), condition, then, otherwise)

    def joined(self, first: Expression, last: Expression) -> Span:
        if self.text.fixed is not None:
            return self.text.fixed
        return Span(self.text.file, first.span.start, last.span.end)

    def literal(self, node: Any) -> Expression:
        kind = node.type
        if kind == "numeric_lit":
            return _number(self.raw(node), self.span(node))
        if kind == "string_lit":
            return self.string(node)
        if kind == "bool_lit":
            return Literal(self.span(node), self.raw(node) == "true")
        return Literal(self.span(node), None)

    def operation(self, node: Any) -> Expression:
        self.deeper(node)
        kids = self.children(node)
        span = self.span(node)
        found: Expression
        if node.type == "unary_operation":
            found = Unary(span, kids[0].type, self.fold(kids[1:]))
        else:
            at = next(i for i, kid in enumerate(kids) if i and not kid.is_named and kid.type in _OPERATORS)
            found = Binary(span, kids[at].type, self.fold(kids[:at]), self.fold(kids[at + 1 :]))
        self.depth -= 1
        return found

    def collection(self, node: Any) -> Expression:
        kids = self.children(node)
        if node.type == "tuple":
            items = tuple(self.expression(kid) for kid in kids if kid.type == "expression")
            return TupleExpr(self.span(node), items)
        pairs: list[tuple[Expression, Expression]] = []
        last = -1
        for kid in kids:
            if kid.type == ",":
                last = -1
            elif kid.type == "object_elem":
                start = self.start(kid)
                if last >= 0 and "\n" not in self.source[last:start]:
                    raise _Retry
                last = self.end(kid)
                parts = self.children(kid)
                pairs.append((_key(self.expression(parts[0])), self.expression(parts[-1])))
        return ObjectExpr(self.span(node), tuple(pairs))

    def call(self, node: Any) -> Expression:
        name = ""
        arguments: list[Expression] = []
        expand = False
        for child in self.children(node):
            if child.type == "identifier":
                name = self.raw(child)
            elif child.type == "function_arguments":
                for argument in self.children(child):
                    if argument.type == "expression":
                        arguments.append(self.expression(argument))
                    elif argument.type == "ellipsis":
                        expand = True
        return Call(self.span(node), name, tuple(arguments), expand)

    def for_expression(self, node: Any) -> Expression:
        names: tuple[str, str] = ("", "")
        collection: Expression | None = None
        values: list[Expression] = []
        condition: Expression | None = None
        grouping = False
        for child in self.children(node):
            kind = child.type
            if kind == "for_intro":
                names, collection = self.intro(child)
            elif kind == "expression":
                values.append(self.expression(child))
            elif kind == "ellipsis":
                grouping = True
            elif kind == "for_cond":
                condition = self.expression(self.children(child)[-1])
        assert collection is not None
        result_key = values[0] if node.type == "for_object_expr" else None
        return For(self.span(node), names[0], names[1], collection, result_key, values[-1], condition, grouping)

    def intro(self, node: Any) -> tuple[tuple[str, str], Expression]:
        names = [self.raw(kid) for kid in self.children(node) if kid.type == "identifier"]
        collection = next(kid for kid in self.children(node) if kid.type == "expression")
        pair = (names[0], names[1]) if len(names) > 1 else ("", names[0])
        return pair, self.expression(collection)

    # templates

    def string(self, node: Any) -> Literal | Template:
        start, end = self.start(node), self.end(node)
        source = self.source
        if "\n" in source[start + 1 : end - 1]:
            self.no_line_break(node, start, end)
        pieces = self.pieces(node.children, start + 1, end - 1)
        return _assemble(self.text, pieces, start, end, quoted=True, flush=False)

    def no_line_break(self, node: Any, start: int, end: int) -> None:
        """Line breaks are fine within an interpolation, not in the text itself."""
        for piece in self.pieces(node.children, start + 1, end - 1):
            if piece.kind == "literal" and "\n" in self.source[piece.start : piece.end]:
                raise HclSyntaxError(_NO_LINE_BREAK, self.text.span(start, start + 1))

    def heredoc(self, node: Any) -> Literal | Template:
        kids = node.children
        start = self.start(node)
        marks = [kid for kid in kids if kid.type == "heredoc_identifier"]
        opening = next(kid for kid in kids if kid.type == "heredoc_start")
        if len(marks) != 2:
            raise _Retry
        after = self.source.find("\n", self.end(marks[0]))
        closing = self.start(marks[1])
        content_end = self.source.rfind("\n", 0, closing) + 1
        if after < 0 or content_end < after + 1 or self.source[self.end(marks[0]) : after].strip():
            raise _Retry
        # the mark must be the first thing of its name in the text, alone on its line
        line_end = self.source.find("\n", closing)
        rest = self.source[self.end(marks[1]) : line_end if line_end >= 0 else len(self.source)]
        if rest.strip():
            raise _Retry
        pieces = self.pieces(kids, after + 1, content_end)
        flush = self.raw(opening) == "<<-"
        return _assemble(self.text, pieces, start, self.end(node), quoted=False, flush=flush)

    def pieces(self, nodes: Sequence[Any], start: int, end: int) -> list[_Piece]:
        """Flat pieces of a template; what lies between its nodes is literal text."""
        pieces: list[_Piece] = []
        at = start
        for piece in self.marked(nodes):
            if piece.start < start:
                continue
            if piece.start > at:
                pieces.append(_Piece("literal", at, piece.start))
            pieces.append(piece)
            at = piece.end
        if at < end:
            pieces.append(_Piece("literal", at, end))
        return pieces

    def marked(self, nodes: Sequence[Any]) -> Iterator[_Piece]:
        for node in nodes:
            kind = node.type
            if kind == "template_interpolation":
                start = self.start(node)
                if self.source[start - 1 : start] != "$":
                    # the grammar takes an escaped $${ for one
                    yield self.piece(node, "interpolation")
            elif kind == "template_directive":
                if self.source.startswith("%", self.start(node) - 1):
                    raise _Retry
                yield from self.marked(node.children)
            elif kind in ("template_if", "template_for"):
                yield from self.marked(node.children)
            elif kind in _DIRECTIVES:
                yield self.piece(node, _DIRECTIVES[kind])

    def piece(self, node: Any, kind: str) -> _Piece:
        start, end = self.start(node), self.end(node)
        found = _Piece(kind, start, end)
        found.strip_left = self.source.startswith("~", start + 2)
        found.strip_right = self.source.startswith("~", end - 2) and end - 2 > start + (2 if found.strip_left else 1)
        names = []
        for child in self.children(node):
            if child.type == "expression":
                found.expression = self.expression(child)
            elif child.type == "identifier":
                names.append(self.raw(child))
        if kind == "for":
            found.names = (names[0], names[1]) if len(names) > 1 else ("", names[0])
        if kind == "interpolation" and found.expression is None:
            raise _Retry
        return found


_DIRECTIVES = {
    "template_if_intro": "if",
    "template_else_intro": "else",
    "template_if_end": "endif",
    "template_for_start": "for",
    "template_for_end": "endfor",
}


_WIDE = re.compile(r"[^\x00-\x7f]")


def _offsets(text: str) -> list[int]:
    """The code point of each byte of a text in UTF-8, and of its end."""
    offsets: list[int] = []
    done = 0
    for wide in _WIDE.finditer(text):
        at = wide.start()
        offsets.extend(range(done, at))
        offsets.extend([at] * len(wide[0].encode("utf-8", "surrogatepass")))
        done = at + 1
    offsets.extend(range(done, len(text) + 1))
    return offsets


def comment_text(raw: str) -> str:
    """A comment's text without its marks."""
    if raw.startswith("/*"):
        return raw[2:-2].strip()
    return raw.lstrip("#/").strip()


# -- what neither grammar checks -------------------------------------------------------------------


def _check_body(body: Body) -> None:
    """Line ends and names: each attribute and block on a line of its own, each attribute once."""
    text = body.span.file.text
    seen: dict[str, Attribute] = {}
    ends: list[tuple[int, int, Span]] = []
    for attribute in body.attributes:
        if attribute.name in seen:
            raise HclSyntaxError(
                f"{attribute.name} is set twice here (first in line {seen[attribute.name].span.line}); remove one",
                attribute.name_span,
            )
        seen[attribute.name] = attribute
        ends.append((attribute.span.start, attribute.span.end, attribute.name_span))
        if "\n" in text[attribute.span.start : attribute.span.end]:
            _check_lines(attribute.value, text)
    for block in body.blocks:
        ends.append((block.span.start, block.span.end, block.header))
        inner = block.body
        if inner.blocks and "\n" not in text[block.span.start : inner.blocks[0].span.end]:
            raise HclSyntaxError("a block within a block needs a line of its own", inner.blocks[0].header)
        _check_body(inner)
    ends.sort(key=lambda item: item[0])
    for before, after in pairwise(ends):
        if "\n" not in text[before[1] - 1 : after[0]]:
            raise HclSyntaxError("a new line is needed before this", after[2])


def _check_lines(expression: Expression, text: str) -> None:
    """Outside brackets an expression must not break its line."""
    parts: tuple[Expression, ...]
    if isinstance(expression, Binary):
        parts = (expression.left, expression.right)
    elif isinstance(expression, Conditional):
        parts = (expression.condition, expression.then, expression.otherwise)
    elif isinstance(expression, Unary):
        parts = (expression.operand,)
    else:
        return
    for before, after in pairwise(parts):
        if "\n" in text[before.span.end : after.span.start]:
            raise HclSyntaxError(
                "the expression breaks its line here; put it in parentheses, or on one line", after.span
            )
    for part in parts:
        _check_lines(part, text)


# -- python-hcl2 ---------------------------------------------------------------------------------


def build_with_hcl2(text: _Text) -> tuple[Body, tuple[Comment, ...]]:
    """The tree by python-hcl2. Raises HclSyntaxError."""
    return _LarkBuilder(text).build()


_Placed: TypeAlias = tuple[Expression, int, int]
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _LarkBuilder:
    def __init__(self, text: _Text) -> None:
        self.text = text
        self.source = text.text
        self.comments: list[Comment] = []
        self.depth = 0

    def build(self) -> tuple[Body, tuple[Comment, ...]]:
        root = self.parse()
        body = self.body(root.children[0], 0, len(self.source))
        self.comments.sort(key=lambda comment: comment.span.start)
        return body, tuple(self.comments)

    def parse(self) -> Any:
        from hcl2.parser import parser
        from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

        try:
            # the grammar has no end of file: it wants a line end
            return parser().parse(self.source + "\n")
        except UnexpectedInput as error:
            at = error.pos_in_stream if error.pos_in_stream is not None else len(self.source)
            at = max(0, min(at, len(self.source)))
            if isinstance(error, UnexpectedToken) and error.token.type == "$END":
                message = "the file ends here, but something is not closed yet; add what is missing: } ] ) or a quote"
            elif isinstance(error, UnexpectedToken) and error.token.type != "NL_OR_COMMENT":
                message = f"{_short(str(error.token))} is not expected here"
            elif isinstance(error, UnexpectedCharacters) and self.source[at : at + 1].strip():
                message = f"{_short(self.source[at])} is not expected here"
            else:
                message = "the line ends too early; something is missing before its end"
            raise HclSyntaxError(message, self.text.span(at, min(at + 1, len(self.source)))) from None
        except (LarkError, RecursionError) as error:
            raise HclSyntaxError(f"this cannot be read ({type(error).__name__})", self.text.span(0, 0)) from None

    def children(self, tree: Any) -> list[Any]:
        """The children that count; comments are collected."""
        kept: list[Any] = []
        for child in tree.children:
            if child is None:
                continue
            if hasattr(child, "children"):
                if child.data == "new_line_or_comment":
                    for token in child.children:
                        self.comment(str(token), token.start_pos)
                    continue
            elif child.type == "NL_OR_COMMENT":
                self.comment(str(child), child.start_pos)
                continue
            kept.append(child)
        return kept

    def comment(self, raw: str, start: int) -> None:
        if raw.startswith(("#", "/")):
            trimmed = raw.rstrip("\r\n") if not raw.startswith("/*") else raw
            self.comments.append(Comment(self.text.span(start, start + len(trimmed)), comment_text(trimmed)))

    def deeper(self, tree: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH * 3:
            at = tree.meta.start_pos
            raise HclSyntaxError(f"nested more than {MAX_DEPTH} deep, which is not read", self.text.span(at, at + 1))

    def body(self, tree: Any, start: int, end: int) -> Body:
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in self.children(tree):
            if child.data == "attribute":
                name, _, value = self.children(child)
                word, at, after = self.name(name)
                expression, _, last = self.expression(value)
                attributes.append(Attribute(self.text.span(at, last), word, self.text.span(at, after), expression))
            else:
                blocks.append(self.block(child))
        return Body(self.text.span(start, end), tuple(attributes), tuple(blocks))

    def name(self, tree: Any) -> tuple[str, int, int]:
        token = tree.children[0]
        return str(token), token.start_pos, token.end_pos

    def block(self, tree: Any) -> Block:
        self.deeper(tree)
        kids = self.children(tree)
        kind, start, header_end = self.name(kids[0])
        labels: list[str] = []
        opened = closed = end = 0
        inner: Any = None
        for child in kids[1:]:
            if not hasattr(child, "children"):
                if child.type == "LBRACE":
                    opened = child.end_pos
                else:
                    closed, end = child.start_pos, child.end_pos
            elif child.data == "body":
                inner = child
            elif child.data == "string":
                label, _, header_end = self.string(child)
                if not isinstance(label, Literal) or _TEMPLATE.search(label.span.text):
                    raise HclSyntaxError("a label is a plain text, without ${...}", label.span)
                labels.append(str(label.value))
            else:
                word, _, header_end = self.name(child)
                labels.append(word)
        body = self.body(inner, opened, closed)
        self.depth -= 1
        return Block(self.text.span(start, end), kind, tuple(labels), self.text.span(start, header_end), body)

    # expressions: each with where it starts and ends

    def expression(self, tree: Any) -> _Placed:
        self.deeper(tree)
        found: _Placed = getattr(self, "_" + tree.data)(tree)
        self.depth -= 1
        return found

    def _expr_term(self, tree: Any) -> _Placed:
        kids = self.children(tree)
        if not hasattr(kids[0], "children"):
            inner, _, _ = self.expression(kids[1])
            start, end = kids[0].start_pos, kids[-1].end_pos
            return Parens(self.text.span(start, end), inner), start, end
        return self.expression(kids[0])

    def _identifier(self, tree: Any) -> _Placed:
        word, start, end = self.name(tree)
        return Traversal(self.text.span(start, end), word, ()), start, end

    _keyword = _identifier

    def _literal_value(self, tree: Any) -> _Placed:
        word, start, end = self.name(tree)
        return Literal(self.text.span(start, end), _WORDS[word]), start, end

    def _int_lit(self, tree: Any) -> _Placed:
        word, start, end = self.name(tree)
        if word.startswith("-"):
            operand = _number(word[1:], self.text.span(start + 1, end))
            return Unary(self.text.span(start, end), "-", operand), start, end
        return _number(word, self.text.span(start, end)), start, end

    _float_lit = _int_lit

    def _conditional(self, tree: Any) -> _Placed:
        parts = []
        for child in self.children(tree):
            if hasattr(child, "children"):
                parts.append(self.expression(child))
            else:
                self.merged(child)
        condition, then, otherwise = parts
        start, end = condition[1], otherwise[2]
        return Conditional(self.text.span(start, end), condition[0], then[0], otherwise[0]), start, end

    def merged(self, token: Any) -> str:
        """An operator; the lexer may have put a comment in front of it."""
        raw = str(token)
        operator = raw.split("\n")[-1].strip() if "\n" in raw else raw.strip()
        if "*/" in operator:
            operator = operator.rpartition("*/")[2].strip()
        lead = raw[: len(raw) - len(operator)]
        if lead.startswith(("#", "/")):
            at = self.source.rfind(lead, 0, token.start_pos)
            self.comment(lead, at)
        return operator

    def _binary_op(self, tree: Any) -> _Placed:
        # a long chain leans to the left; it is walked without recursion
        chain = []
        while hasattr(tree, "data") and tree.data == "binary_op":
            left, term = self.children(tree)
            chain.append(term)
            tree = left
        found, start, end = self.expression(tree)
        for number, term in enumerate(reversed(chain)):
            if number + self.depth > MAX_DEPTH * 3:
                raise HclSyntaxError("too many operators in a row", self.text.span(start, end))
            operator_tree, right_tree = self.children(term)
            operator = self.merged(operator_tree.children[0])
            right, _, end = self.expression(right_tree)
            found = Binary(self.text.span(start, end), operator, found, right)
        return found, start, end

    def _unary_op(self, tree: Any) -> _Placed:
        token, operand_tree = self.children(tree)
        operand, _, end = self.expression(operand_tree)
        return Unary(self.text.span(token.start_pos, end), str(token), operand), token.start_pos, end

    def _function_call(self, tree: Any) -> _Placed:
        name: list[str] = []
        arguments: list[Expression] = []
        expand = False
        start = tree.meta.start_pos
        end = start
        for child in self.children(tree):
            if not hasattr(child, "children"):
                if child.type == "COLONS":
                    name.append("::")
                end = child.end_pos
            elif child.data == "identifier":
                name.append(self.name(child)[0])
            else:
                for argument in self.children(child):
                    if hasattr(argument, "children"):
                        arguments.append(self.expression(argument)[0])
                    elif argument.type == "ELLIPSIS":
                        expand = True
        return Call(self.text.span(start, end), "".join(name), tuple(arguments), expand), start, end

    def _tuple(self, tree: Any) -> _Placed:
        kids = self.children(tree)
        items = tuple(self.expression(kid)[0] for kid in kids if hasattr(kid, "children"))
        start, end = kids[0].start_pos, kids[-1].end_pos
        return TupleExpr(self.text.span(start, end), items), start, end

    def _object(self, tree: Any) -> _Placed:
        kids = self.children(tree)
        pairs: list[tuple[Expression, Expression]] = []
        last = -1
        for kid in kids[1:-1]:
            if not hasattr(kid, "children"):
                last = -1
                continue
            parts = self.children(kid)
            key, at, _ = self.expression(self.children(parts[0])[0])
            if last >= 0 and "\n" not in self.source[last:at]:
                raise HclSyntaxError("a comma or a new line is needed before this", self.text.span(at, at + 1))
            value, _, last = self.expression(parts[-1])
            pairs.append((_key(key), value))
        start, end = kids[0].start_pos, kids[-1].end_pos
        return ObjectExpr(self.text.span(start, end), tuple(pairs)), start, end

    def _for_tuple_expr(self, tree: Any) -> _Placed:
        names = ("", "")
        collection: Expression | None = None
        values: list[Expression] = []
        condition: Expression | None = None
        grouping = False
        kids = self.children(tree)
        for kid in kids:
            if not hasattr(kid, "children"):
                grouping = grouping or kid.type == "ELLIPSIS"
            elif kid.data == "for_intro":
                inner = self.children(kid)
                words = [
                    self.name(item)[0] for item in inner if hasattr(item, "children") and item.data == "identifier"
                ]
                names = (words[0], words[1]) if len(words) > 1 else ("", words[0])
                collection = self.expression([item for item in inner if hasattr(item, "children")][-1])[0]
            elif kid.data == "for_cond":
                condition = self.expression(self.children(kid)[-1])[0]
            else:
                values.append(self.expression(kid)[0])
        assert collection is not None
        start, end = kids[0].start_pos, kids[-1].end_pos
        key = values[0] if tree.data == "for_object_expr" else None
        span = self.text.span(start, end)
        return For(span, names[0], names[1], collection, key, values[-1], condition, grouping), start, end

    _for_object_expr = _for_tuple_expr

    # steps

    def _index_expr_term(self, tree: Any) -> _Placed:
        steps: list[_Step] = []
        base = tree
        while True:
            kids = self.children(base)
            if base.data == "expr_term":
                if len(kids) != 1 or not hasattr(kids[0], "children") or kids[0].data not in _STEPPED:
                    break
                base = kids[0]
                continue
            steps[:0] = self.steps(kids[1])
            base = kids[0]
        found, start, _ = self.expression(base)
        return _follow(self.text, found, start, steps), start, steps[-1].end

    _get_attr_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _index_expr_term

    def steps(self, tree: Any) -> list[_Step]:
        kids = self.children(tree)
        kind = tree.data
        if kind == "get_attr":
            word, _, end = self.name(kids[-1])
            return [_Step("attribute", end, word)]
        if kind == "short_index":
            token = kids[-1]
            key = Literal(self.text.span(token.start_pos, token.end_pos), int(str(token)))
            return [_Step("legacy", token.end_pos, key=key)]
        if kind == "braces_index":
            return [_Step("index", kids[-1].end_pos, key=self.expression(kids[1])[0])]
        found = [_Step(kind, kids[0].end_pos)]
        for kid in kids[1:]:
            found.extend(self.steps(kid))
        return found

    # templates

    def _string(self, tree: Any) -> _Placed:
        return self.string(tree)

    def string(self, tree: Any) -> tuple[Literal | Template, int, int]:
        first, last = tree.children[0], tree.children[-1]
        start, end = first.start_pos, last.end_pos
        pieces: list[_Piece] = []
        at = start + 1
        for part in tree.children[1:-1]:
            for child in part.children:
                if not hasattr(child, "children"):
                    continue
                piece = self.piece(child)
                if piece.start > at:
                    pieces.append(_Piece("literal", at, piece.start))
                pieces.append(piece)
                at = piece.end
        if at < end - 1:
            pieces.append(_Piece("literal", at, end - 1))
        for piece in pieces:
            if piece.kind == "literal" and "\n" in self.source[piece.start : piece.end]:
                raise HclSyntaxError(_NO_LINE_BREAK, self.text.span(start, start + 1))
        return _assemble(self.text, pieces, start, end, quoted=True, flush=False), start, end

    def piece(self, tree: Any) -> _Piece:
        kids = self.children(tree)
        start, end = kids[0].start_pos, kids[-1].end_pos
        kind = _LARK_DIRECTIVES[tree.data]
        found = _Piece(kind, start, end)
        found.strip_left = self.source.startswith("~", start + 2)
        found.strip_right = self.source.startswith("~", end - 2) and end - 2 > start + 2
        names = []
        for kid in kids:
            if hasattr(kid, "children"):
                if kid.data == "identifier" and kind == "for":
                    names.append(self.name(kid)[0])
                else:
                    found.expression = self.expression(kid)[0]
        if names:
            found.names = (names[0], names[1]) if len(names) > 1 else ("", names[0])
        return found

    def _heredoc_template(self, tree: Any) -> _Placed:
        token = tree.children[0]
        raw = str(token)
        start = token.start_pos
        content = start + raw.index("\n") + 1
        body = raw.rstrip("\r\n")
        end = start + len(body)
        content_end = start + body.rindex("\n") + 1
        flush = raw.startswith("<<-")
        pieces = self.scan(content, content_end)
        return _assemble(self.text, pieces, start, end, quoted=False, flush=flush), start, end

    _heredoc_template_trim = _heredoc_template

    def _template_string(self, tree: Any) -> _Placed:
        token = tree.children[0]
        raise HclSyntaxError("a quote must not be escaped here", self.text.span(token.start_pos, token.end_pos))

    def scan(self, start: int, end: int) -> list[_Piece]:
        """The pieces of a heredoc, which the grammar takes for one token."""
        pieces: list[_Piece] = []
        at = literal = start
        source = self.source
        while at < end:
            mark = source[at : at + 2]
            if source.startswith(("$${", "%%{"), at):
                at += 3
                continue
            if mark not in ("${", "%{"):
                at += 1
                continue
            close = _closing_brace(source, at + 2, end)
            if close < 0:
                raise HclSyntaxError(f"{mark} is not closed; add a }}", self.text.span(at, at + 2))
            if at > literal:
                pieces.append(_Piece("literal", literal, at))
            pieces.append(self.scanned(at, close + 1))
            at = literal = close + 1
        if literal < end:
            pieces.append(_Piece("literal", literal, end))
        return pieces

    def scanned(self, start: int, end: int) -> _Piece:
        source = self.source
        found = _Piece("interpolation", start, end)
        first, last = start + 2, end - 1
        if source.startswith("~", first):
            found.strip_left = True
            first += 1
        if source.startswith("~", last - 1) and last - 1 >= first:
            found.strip_right = True
            last -= 1
        if source[start] == "%":
            match = _DIRECTIVE.match(source, first, last)
            if match is None:
                raise HclSyntaxError("this directive is not known; there are if and for", self.text.span(start, end))
            found.kind = match["kind"]
            if found.kind not in ("if", "for"):
                return found
            if found.kind == "for":
                found.names = ("", match["one"]) if match["two"] is None else (match["one"], match["two"])
            first = match.end()
        prefix = "x = ("
        inner = _Text(
            self.text.file, f"{prefix}{source[first:last]})\n", self.text.shift + first - len(prefix), self.text.fixed
        )
        body, comments = _LarkBuilder(inner).build()
        self.comments.extend(comments)
        value = body.attributes[0].value
        if len(body.attributes) != 1 or not isinstance(value, Parens):
            raise HclSyntaxError("one expression is expected here", self.text.span(start, end))
        found.expression = value.inner
        return found


_STEPPED = frozenset(["index_expr_term", "get_attr_expr_term", "attr_splat_expr_term", "full_splat_expr_term"])
_LARK_DIRECTIVES = {
    "interpolation": "interpolation",
    "template_if_start": "if",
    "template_else": "else",
    "template_endif": "endif",
    "template_for_start": "for",
    "template_endfor": "endfor",
}
_DIRECTIVE = re.compile(
    r"\s*(?:(?P<kind>if|else|endif|endfor|for)\b)(?:(?<=for)\s+(?P<one>[^\W\d][\w-]*)\s*(?:,\s*(?P<two>[^\W\d][\w-]*)\s*)?\bin\b)?"
)


def _closing_brace(source: str, at: int, end: int) -> int:
    """Where the brace closes that stands before `at`; -1 where nowhere."""
    depth = 0
    while at < end:
        char = source[at]
        if char == '"':
            at = _closing_quote(source, at + 1, end)
            if at < 0:
                return -1
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return -1


def _closing_quote(source: str, at: int, end: int) -> int:
    while at < end:
        char = source[at]
        if char == "\\":
            at += 1
        elif char == '"':
            return at
        elif source.startswith(("$${", "%%{"), at):
            at += 2
        elif source.startswith(("${", "%{"), at):
            at = _closing_brace(source, at + 2, end)
            if at < 0:
                return -1
        at += 1
    return -1


def _short(text: str) -> str:
    shown = text.strip() or text
    return f"`{shown[:24]}`" if len(shown) <= 24 else f"`{shown[:24]}...`"
