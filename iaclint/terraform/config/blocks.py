"""Reading blocks without evaluation: attributes by name, literal settings, references as text."""

from __future__ import annotations

from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block, Body, Expression


def expression_of(body: Body, name: str) -> Expression | None:
    """Return the expression of an attribute, None if the body does not set it."""
    for attribute in body.attributes:
        if attribute.name == name:
            return attribute.value
    return None


def first_block(body: Body, name: str) -> Block | None:
    """Return the first nested block of a type."""
    return next((block for block in body.blocks if block.type == name), None)


def block_name(block: Block) -> str:
    """Return the type of a nested block; for a `dynamic` block the type of the blocks that it stands for."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def is_true(block: Block, name: str) -> bool:
    """Return True if a setting is literally true."""
    node = expression_of(block.body, name)
    return isinstance(node, syntax.Literal) and node.value in (True, "true")


def is_false(block: Block, name: str) -> bool:
    """Return True if a setting is literally false."""
    node = expression_of(block.body, name)
    return isinstance(node, syntax.Literal) and (node.value is False or node.value == "false")


def provider_alias(block: Block) -> str:
    """Return the alias of a provider block, "" for the default configuration."""
    found = expression_of(block.body, "alias")
    return str(found.value) if isinstance(found, syntax.Literal) else ""


def module_source(block: Block) -> str | None:
    """Return the source of a module call, None if it is not a plain text."""
    found = expression_of(block.body, "source")
    return found.value if isinstance(found, syntax.Literal) and isinstance(found.value, str) else None


def is_local(source: str) -> bool:
    """Return True if the source of a module is a path within the configuration."""
    return source.startswith(("./", "../"))


def reference_text(node: Expression) -> str:
    """Return a reference as the code has it ("aws_kms_key.main"), without what follows in brackets."""
    if isinstance(node, syntax.Traversal):
        return ".".join((node.root, *node.names))
    if isinstance(node, syntax.Literal):
        return str(node.value)
    return node.span.text
