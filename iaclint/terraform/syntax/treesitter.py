"""The tree of HCL as tree-sitter-hcl reads it, which is fast. Sole importer of tree_sitter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from iaclint.source.files import Comment, Span
from iaclint.terraform.syntax.building import (
    MAX_DEPTH,
    UNCLOSED_LINE,
    SourceText,
    TermStep,
    apply_steps,
    comment_text,
    number_literal,
    object_key,
)
from iaclint.terraform.syntax.templates import TEMPLATE_START, TemplatePiece, assemble
from iaclint.terraform.syntax.tree import (
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    HclSyntaxError,
    Literal,
    ObjectExpr,
    Parens,
    Template,
    Traversal,
    TupleExpr,
    Unary,
)

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


class Unreliable(Exception):
    """tree-sitter found an error in a text, or is known to read it wrongly."""


def build(text: SourceText) -> tuple[Body, tuple[Comment, ...]]:
    """Return the tree of a text and its comments. Raises Unreliable, and HclSyntaxError for what is surely wrong."""
    return TreeSitterBuilder(text).build()


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


_OPERATORS = frozenset(["||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"])


class TreeSitterBuilder:
    """Makes the tree of one text from the nodes of tree-sitter.

    One class although it is long: each method makes one kind of node from its children, and nearly each calls
    `expression` again. Each raises Unreliable if the nodes cannot be the right ones for the text.
    """

    def __init__(self, text: SourceText) -> None:
        self.text = text
        self.source = text.text
        data = text.text.encode("utf-8", "surrogatepass")
        self.data = data
        self.start: Callable[[Node], int] = attrgetter("start_byte")
        self.end: Callable[[Node], int] = attrgetter("end_byte")
        if len(data) != len(text.text):
            offsets = _offsets(text.text)
            self.start = lambda node: offsets[node.start_byte]
            self.end = lambda node: offsets[node.end_byte]
        self.comments: list[Comment] = []
        self.depth = 0

    def build(self) -> tuple[Body, tuple[Comment, ...]]:
        """Return the tree and the comments in the order of the text."""
        root = _parser().parse(self.data).root_node
        if root.has_error:
            raise Unreliable
        body = Body(self.text.span(0, len(self.source)), (), ())
        for child in root.children:
            kind = child.type
            if kind == "comment":
                self.comment(child)
            elif kind == "body":
                body = self.body(child, 0, len(self.source))
            elif kind == "object":
                raise Unreliable
        self.comments.sort(key=lambda comment: comment.span.start)
        return body, tuple(self.comments)

    def span(self, node: Node) -> Span:
        """Return the place of a node."""
        return self.text.span(self.start(node), self.end(node))

    def raw(self, node: Node) -> str:
        """Return the text of a node."""
        return self.source[self.start(node) : self.end(node)]

    def comment(self, node: Node) -> None:
        """Keep a comment."""
        start, end = self.start(node), self.end(node)
        raw = self.source[start:end]
        trimmed = raw.rstrip("\r\n")
        self.comments.append(Comment(self.text.span(start, start + len(trimmed)), comment_text(trimmed)))

    def children(self, node: Node) -> list[Node]:
        """Return the children of a node without comments, which are kept."""
        kids: list[Node] = node.children
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

    def body(self, node: Node, start: int, end: int) -> Body:
        """Return attributes and blocks; `start` and `end` are offsets of the braces around them."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in self.children(node):
            if child.type == "attribute":
                name, _, value = self.children(child)
                attributes.append(Attribute(self.span(child), self.raw(name), self.span(name), self.expression(value)))
            elif child.type == "block":
                blocks.append(self.block(child))
            else:
                raise Unreliable
        return Body(self.text.span(start, end), tuple(attributes), tuple(blocks))

    def block(self, node: Node) -> Block:
        """Return a block, its labels and its body."""
        self.deeper(node)
        labels: list[str] = []
        kind = ""
        body: Body | None = None
        opened = 0
        inner: Node | None = None
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
                if not isinstance(label, Literal) or TEMPLATE_START.search(self.raw(child)):
                    raise Unreliable
                labels.append(str(label.value))
                header_end = self.end(child)
            elif what == "block_start":
                opened = self.end(child)
            elif what == "body":
                inner = child
            elif what == "block_end":
                closed = self.start(child)
                empty = Body(self.text.span(opened, closed), (), ())
                body = empty if inner is None else self.body(inner, opened, closed)
        if body is None:
            raise Unreliable
        self.depth -= 1
        start = self.start(node)
        return Block(self.span(node), kind, tuple(labels), self.text.span(start, header_end), body)

    def deeper(self, node: Node) -> None:
        """Count one level of nesting. Raises HclSyntaxError if it is one too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise HclSyntaxError(f"nested more than {MAX_DEPTH} deep, which is not read", self.span(node))

    def expression(self, node: Node) -> Expression:
        """Return the expression of a node, one level of nesting deeper."""
        self.deeper(node)
        found = self.fold(self.children(node))
        self.depth -= 1
        return found

    def fold(self, nodes: Sequence[Node]) -> Expression:
        """Return the expression of a term and the steps that follow it."""
        first = nodes[0]
        start = self.start(first)
        done = 1
        if first.type == "(":
            found: Expression = Parens(self.text.span(start, self.end(nodes[2])), self.expression(nodes[1]))
            done = 3
        else:
            found = self.term(first)
        if done == len(nodes):
            return found
        steps: list[TermStep] = []
        for node in nodes[done:]:
            if node.type == "splat":
                inner = self.children(node)[0]
                kids = self.children(inner)
                steps.append(TermStep(inner.type, self.end(kids[0])))
                steps.extend(self.step(kid) for kid in kids[1:])
            else:
                steps.append(self.step(node))
        return apply_steps(self.text, found, start, steps)

    def step(self, node: Node) -> TermStep:
        """Return one step after a term: an attribute or an index."""
        kind = node.type
        end = self.end(node)
        if kind == "get_attr":
            return TermStep("attribute", end, self.raw(self.children(node)[-1]))
        if kind == "index":
            inner = self.children(node)[0]
            if inner.type == "legacy_index":
                digits = self.raw(inner)[1:]
                return TermStep("legacy", end, key=Literal(self.text.span(end - len(digits), end), int(digits)))
            return TermStep("index", end, key=self.expression(self.children(inner)[1]))
        raise Unreliable

    def term(self, node: Node) -> Expression:
        """Return the expression of a node that is not in parentheses."""
        kind = node.type
        if kind == "variable_expr":
            name = self.raw(node)
            if "::" in name:
                raise Unreliable
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
        raise Unreliable

    def conditional(self, condition: Expression, then: Expression, otherwise: Expression) -> Conditional:
        """Return a conditional. The grammar groups `a ? b : c ? d : e` from the left, the language from the right."""
        if isinstance(condition, Conditional):
            inner = self.conditional(condition.otherwise, then, otherwise)
            return Conditional(self.joined(condition, inner), condition.condition, condition.then, inner)
        return Conditional(self.joined(condition, otherwise), condition, then, otherwise)

    def joined(self, first: Expression, last: Expression) -> Span:
        """Return the span from the start of one expression to the end of another."""
        if self.text.fixed is not None:
            return self.text.fixed
        return Span(self.text.file, first.span.start, last.span.end)

    def literal(self, node: Node) -> Expression:
        """Return a number, string, bool or null."""
        kind = node.type
        if kind == "numeric_lit":
            return number_literal(self.raw(node), self.span(node))
        if kind == "string_lit":
            return self.string(node)
        if kind == "bool_lit":
            return Literal(self.span(node), self.raw(node) == "true")
        return Literal(self.span(node), None)

    def operation(self, node: Node) -> Expression:
        """Return an operation with one or two operands."""
        self.deeper(node)
        kids = self.children(node)
        span = self.span(node)
        found: Expression
        if node.type == "unary_operation":
            found = Unary(span, kids[0].type, self.fold(kids[1:]))
        else:
            middle = next(i for i, kid in enumerate(kids) if i and not kid.is_named and kid.type in _OPERATORS)
            left, right = self.fold(kids[:middle]), self.fold(kids[middle + 1 :])
            found = Binary(span, kids[middle].type, left, right)
        self.depth -= 1
        return found

    def collection(self, node: Node) -> Expression:
        """Return a tuple or an object. The elements of an object need a comma or a line break between them."""
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
                    raise Unreliable
                last = self.end(kid)
                parts = self.children(kid)
                pairs.append((object_key(self.expression(parts[0])), self.expression(parts[-1])))
        return ObjectExpr(self.span(node), tuple(pairs))

    def call(self, node: Node) -> Expression:
        """Return a function call."""
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

    def for_expression(self, node: Node) -> Expression:
        """Return a `for` expression that makes a tuple or an object."""
        names: tuple[str, str] = ("", "")
        collection: Expression | None = None
        values: list[Expression] = []
        condition: Expression | None = None
        grouping = False
        for child in self.children(node):
            kind = child.type
            if kind == "for_intro":
                names, collection = self.for_intro(child)
            elif kind == "expression":
                values.append(self.expression(child))
            elif kind == "ellipsis":
                grouping = True
            elif kind == "for_cond":
                condition = self.expression(self.children(child)[-1])
        assert collection is not None
        result_key = values[0] if node.type == "for_object_expr" else None
        return For(self.span(node), names[0], names[1], collection, result_key, values[-1], condition, grouping)

    def for_intro(self, node: Node) -> tuple[tuple[str, str], Expression]:
        """Return the names of the key ("" if there is none) and the value of a `for` expression, and its collection."""
        names = [self.raw(kid) for kid in self.children(node) if kid.type == "identifier"]
        collection = next(kid for kid in self.children(node) if kid.type == "expression")
        pair = (names[0], names[1]) if len(names) > 1 else ("", names[0])
        return pair, self.expression(collection)

    def string(self, node: Node) -> Literal | Template:
        """Return a quoted string. Raises HclSyntaxError if a line breaks outside of an interpolation."""
        start, end = self.start(node), self.end(node)
        source = self.source
        if "\n" in source[start + 1 : end - 1]:
            self.check_line_breaks(node, start, end)
        pieces = self.pieces(node.children, start + 1, end - 1)
        return assemble(self.text, pieces, start, end, quoted=True, indented=False)

    def check_line_breaks(self, node: Node, start: int, end: int) -> None:
        """Raise HclSyntaxError if a line breaks in the text itself; within an interpolation it may."""
        for piece in self.pieces(node.children, start + 1, end - 1):
            if piece.kind == "literal" and "\n" in self.source[piece.start : piece.end]:
                raise HclSyntaxError(UNCLOSED_LINE, self.text.span(start, start + 1))

    def heredoc(self, node: Node) -> Literal | Template:
        """Return a heredoc: a literal, or a template if it contains interpolations or directives."""
        kids = node.children
        start = self.start(node)
        marks = [kid for kid in kids if kid.type == "heredoc_identifier"]
        opening = next(kid for kid in kids if kid.type == "heredoc_start")
        if len(marks) != 2:
            raise Unreliable
        after = self.source.find("\n", self.end(marks[0]))
        closing = self.start(marks[1])
        content_end = self.source.rfind("\n", 0, closing) + 1
        if after < 0 or content_end < after + 1 or self.source[self.end(marks[0]) : after].strip():
            raise Unreliable
        # the closing mark must be alone on its line
        line_end = self.source.find("\n", closing)
        rest = self.source[self.end(marks[1]) : line_end if line_end >= 0 else len(self.source)]
        if rest.strip():
            raise Unreliable
        pieces = self.pieces(kids, after + 1, content_end)
        indented = self.raw(opening) == "<<-"
        return assemble(self.text, pieces, start, self.end(node), quoted=False, indented=indented)

    def pieces(self, nodes: Sequence[Node], start: int, end: int) -> list[TemplatePiece]:
        """Return the pieces of a template, not nested; what lies between its nodes is literal text."""
        pieces: list[TemplatePiece] = []
        done = start
        for piece in self.marked_pieces(nodes):
            if piece.start < start:
                continue
            if piece.start > done:
                pieces.append(TemplatePiece("literal", done, piece.start))
            pieces.append(piece)
            done = piece.end
        if done < end:
            pieces.append(TemplatePiece("literal", done, end))
        return pieces

    def marked_pieces(self, nodes: Sequence[Node]) -> Iterator[TemplatePiece]:
        """Yield the interpolations and directives of a template."""
        for node in nodes:
            kind = node.type
            if kind == "template_interpolation":
                start = self.start(node)
                if self.source[start - 1 : start] != "$":
                    # the grammar takes an escaped $${ for one
                    yield self.piece(node, "interpolation")
            elif kind == "template_directive":
                if self.source.startswith("%", self.start(node) - 1):
                    raise Unreliable
                yield from self.marked_pieces(node.children)
            elif kind in ("template_if", "template_for"):
                yield from self.marked_pieces(node.children)
            elif kind in _DIRECTIVES:
                yield self.piece(node, _DIRECTIVES[kind])

    def piece(self, node: Node, kind: str) -> TemplatePiece:
        """Return an interpolation or directive as a piece of a template. `kind` is its TemplatePiece kind."""
        start, end = self.start(node), self.end(node)
        found = TemplatePiece(kind, start, end)
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
            raise Unreliable
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
    """Return the offset of the code point of each byte of a text in UTF-8, and that of the end."""
    offsets: list[int] = []
    done = 0
    for wide in _WIDE.finditer(text):
        start = wide.start()
        offsets.extend(range(done, start))
        offsets.extend([start] * len(wide[0].encode("utf-8", "surrogatepass")))
        done = start + 1
    offsets.extend(range(done, len(text) + 1))
    return offsets
