"""Transforms: what CloudFormation runs over a template before it deploys it.

This is the only module that imports cfn-lint and the SAM translator that comes with it, and only for
templates that need them: importing them takes about a second.
"""

from __future__ import annotations

from iaclint.cloudformation.evaluate import Session, text_of
from iaclint.cloudformation.syntax import Document, Mapping, Node, Scalar, Sequence

SAM = "AWS::Serverless-2016-10-31"
LANGUAGE = "AWS::LanguageExtensions"


def transformed(session: Session, root: Mapping, document: Document) -> tuple[Mapping, str]:
    """The template with its transforms run, and what could not be run ("" where all could)."""
    opaque = ""
    for node in _transforms(root):
        name = text_of(node.data) if isinstance(node, Scalar) else None
        if name == LANGUAGE:
            continue
        opaque = name or "a macro"
        session.gap(f"the macro {opaque} is not run: it may add and change resources", node.span)
    return root, opaque


def _transforms(root: Mapping) -> list[Node]:
    node = root.get("Transform")
    if node is None:
        return []
    return node.items if isinstance(node, Sequence) else [node]
