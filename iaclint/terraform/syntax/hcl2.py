"""The tree of HCL as python-hcl2 reads it, for text that tree-sitter finds fault with. Sole importer of hcl2."""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.source.files import Comment
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
from iaclint.terraform.syntax.heredoc import heredoc_pieces
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


def build(text: SourceText) -> tuple[Body, tuple[Comment, ...]]:
    """Return the tree of a text and its comments. Raises HclSyntaxError."""
    return LarkBuilder(text).build()


_Placed: TypeAlias = tuple[Expression, int, int]
"""An expression with the offsets of its start and end, which its span may lack (`SourceText.fixed`)."""

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class LarkBuilder:
    """Makes the tree of one text from the trees and tokens of lark, with which python-hcl2 parses.

    The method for an expression is called as its rule in the grammar, with an underscore in front. One class although
    it is long: nearly each method calls `expression` again.
    """

    def __init__(self, text: SourceText) -> None:
        self.text = text
        self.source = text.text
        self.comments: list[Comment] = []
        self.depth = 0

    def build(self) -> tuple[Body, tuple[Comment, ...]]:
        """Return the tree and the comments in the order of the text. Raises HclSyntaxError."""
        root = self.parse()
        body = self.body(root.children[0], 0, len(self.source))
        self.comments.sort(key=lambda comment: comment.span.start)
        return body, tuple(self.comments)

    def parse(self) -> Any:
        """Return the tree of lark. Raises HclSyntaxError."""
        from hcl2.parser import parser
        from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

        try:
            # the grammar has no end of file: it wants a line end
            return parser().parse(self.source + "\n")
        except UnexpectedInput as error:
            size = len(self.source)
            place = size if error.pos_in_stream is None else max(0, min(error.pos_in_stream, size))
            if isinstance(error, UnexpectedToken) and error.token.type == "$END":
                message = "the file ends here, but something is not closed yet; add what is missing: } ] ) or a quote"
            elif isinstance(error, UnexpectedToken) and error.token.type != "NL_OR_COMMENT":
                message = f"{_short(str(error.token))} is not expected here"
            elif isinstance(error, UnexpectedCharacters) and self.source[place : place + 1].strip():
                message = f"{_short(self.source[place])} is not expected here"
            else:
                message = "the line ends too early; something is missing before its end"
            raise HclSyntaxError(message, self.text.span(place, min(place + 1, size))) from None
        except (LarkError, RecursionError) as error:
            raise HclSyntaxError(f"this cannot be read ({type(error).__name__})", self.text.span(0, 0)) from None

    def children(self, tree: Any) -> list[Any]:
        """Return the children of a tree without line ends and comments; comments are kept."""
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
        """Keep a comment; line ends are nothing."""
        if raw.startswith(("#", "/")):
            trimmed = raw.rstrip("\r\n") if not raw.startswith("/*") else raw
            self.comments.append(Comment(self.text.span(start, start + len(trimmed)), comment_text(trimmed)))

    def deeper(self, tree: Any) -> None:
        """Count one level of nesting. Raises HclSyntaxError if it is one too many.

        The grammar has up to three levels for one of the text.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH * 3:
            start = tree.meta.start_pos
            place = self.text.span(start, start + 1)
            raise HclSyntaxError(f"nested more than {MAX_DEPTH} deep, which is not read", place)

    def body(self, tree: Any, start: int, end: int) -> Body:
        """Return attributes and blocks; `start` and `end` are offsets of the braces around them."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in self.children(tree):
            if child.data == "attribute":
                name, _, value = self.children(child)
                word, first, name_end = self.name(name)
                expression, _, last = self.expression(value)
                span, name_span = self.text.span(first, last), self.text.span(first, name_end)
                attributes.append(Attribute(span, word, name_span, expression))
            else:
                blocks.append(self.block(child))
        return Body(self.text.span(start, end), tuple(attributes), tuple(blocks))

    def name(self, tree: Any) -> tuple[str, int, int]:
        """Return the text of a tree with one token, and the offsets of its start and end."""
        token = tree.children[0]
        return str(token), token.start_pos, token.end_pos

    def block(self, tree: Any) -> Block:
        """Return a block. Raises HclSyntaxError if a label contains an interpolation."""
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
                if not isinstance(label, Literal) or TEMPLATE_START.search(label.span.text):
                    raise HclSyntaxError("a label is a plain text, without ${...}", label.span)
                labels.append(str(label.value))
            else:
                word, _, header_end = self.name(child)
                labels.append(word)
        body = self.body(inner, opened, closed)
        self.depth -= 1
        return Block(self.text.span(start, end), kind, tuple(labels), self.text.span(start, header_end), body)

    def expression(self, tree: Any) -> _Placed:
        """Return the expression of a tree with its offsets, one level of nesting deeper."""
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
            operand = number_literal(word[1:], self.text.span(start + 1, end))
            return Unary(self.text.span(start, end), "-", operand), start, end
        return number_literal(word, self.text.span(start, end)), start, end

    _float_lit = _int_lit

    def _conditional(self, tree: Any) -> _Placed:
        parts = []
        for child in self.children(tree):
            if hasattr(child, "children"):
                parts.append(self.expression(child))
            else:
                self.operator(child)
        condition, then, otherwise = parts
        start, end = condition[1], otherwise[2]
        return Conditional(self.text.span(start, end), condition[0], then[0], otherwise[0]), start, end

    def operator(self, token: Any) -> str:
        """Return an operator; a comment that the lexer has put in front of it is kept."""
        raw = str(token)
        operator = raw.split("\n")[-1].strip() if "\n" in raw else raw.strip()
        if "*/" in operator:
            operator = operator.rpartition("*/")[2].strip()
        lead = raw[: len(raw) - len(operator)]
        if lead.startswith(("#", "/")):
            self.comment(lead, self.source.rfind(lead, 0, token.start_pos))
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
            operator = self.operator(operator_tree.children[0])
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
            key, start, _ = self.expression(self.children(parts[0])[0])
            if last >= 0 and "\n" not in self.source[last:start]:
                raise HclSyntaxError("a comma or a new line is needed before this", self.text.span(start, start + 1))
            value, _, last = self.expression(parts[-1])
            pairs.append((object_key(key), value))
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

    def _index_expr_term(self, tree: Any) -> _Placed:
        steps: list[TermStep] = []
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
        return apply_steps(self.text, found, start, steps), start, steps[-1].end

    _get_attr_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _index_expr_term

    def steps(self, tree: Any) -> list[TermStep]:
        """Return the steps that a tree behind a term stands for."""
        kids = self.children(tree)
        kind = tree.data
        if kind == "get_attr":
            word, _, end = self.name(kids[-1])
            return [TermStep("attribute", end, word)]
        if kind == "short_index":
            token = kids[-1]
            key = Literal(self.text.span(token.start_pos, token.end_pos), int(str(token)))
            return [TermStep("legacy", token.end_pos, key=key)]
        if kind == "braces_index":
            return [TermStep("index", kids[-1].end_pos, key=self.expression(kids[1])[0])]
        found = [TermStep(kind, kids[0].end_pos)]
        for kid in kids[1:]:
            found.extend(self.steps(kid))
        return found

    def _string(self, tree: Any) -> _Placed:
        return self.string(tree)

    def string(self, tree: Any) -> tuple[Literal | Template, int, int]:
        """Return a text in quotes, and the offsets of its quotes."""
        first, last = tree.children[0], tree.children[-1]
        start, end = first.start_pos, last.end_pos
        pieces: list[TemplatePiece] = []
        done = start + 1
        for part in tree.children[1:-1]:
            for child in part.children:
                if not hasattr(child, "children"):
                    continue
                piece = self.piece(child)
                if piece.start > done:
                    pieces.append(TemplatePiece("literal", done, piece.start))
                pieces.append(piece)
                done = piece.end
        if done < end - 1:
            pieces.append(TemplatePiece("literal", done, end - 1))
        for piece in pieces:
            if piece.kind == "literal" and "\n" in self.source[piece.start : piece.end]:
                raise HclSyntaxError(UNCLOSED_LINE, self.text.span(start, start + 1))
        return assemble(self.text, pieces, start, end, quoted=True, indented=False), start, end

    def piece(self, tree: Any) -> TemplatePiece:
        """Return an interpolation or directive of a text in quotes."""
        kids = self.children(tree)
        start, end = kids[0].start_pos, kids[-1].end_pos
        kind = _LARK_DIRECTIVES[tree.data]
        found = TemplatePiece(kind, start, end)
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
        indented = raw.startswith("<<-")
        pieces = heredoc_pieces(self.text, content, content_end, self.part)
        return assemble(self.text, pieces, start, end, quoted=False, indented=indented), start, end

    _heredoc_template_trim = _heredoc_template

    def _template_string(self, tree: Any) -> _Placed:
        token = tree.children[0]
        raise HclSyntaxError("a quote must not be escaped here", self.text.span(token.start_pos, token.end_pos))

    def part(self, start: int, end: int) -> Expression | None:
        """Return the expression between two offsets; None if there is anything but one. Raises HclSyntaxError."""
        prefix = "x = ("
        text = f"{prefix}{self.source[start:end]})\n"
        inner = SourceText(self.text.file, text, self.text.shift + start - len(prefix), self.text.fixed)
        body, comments = LarkBuilder(inner).build()
        self.comments.extend(comments)
        values = [attribute.value for attribute in body.attributes]
        return values[0].inner if len(values) == 1 and isinstance(values[0], Parens) else None


_STEPPED = frozenset(["index_expr_term", "get_attr_expr_term", "attr_splat_expr_term", "full_splat_expr_term"])
_LARK_DIRECTIVES = {
    "interpolation": "interpolation",
    "template_if_start": "if",
    "template_else": "else",
    "template_endif": "endif",
    "template_for_start": "for",
    "template_endfor": "endfor",
}


def _short(text: str) -> str:
    """Return a text between backticks, cut to 24 characters."""
    shown = text.strip() or text
    return f"`{shown[:24]}`" if len(shown) <= 24 else f"`{shown[:24]}...`"
