"""Recognising templates: by a quick search of the text, and by the root of the tree."""

from __future__ import annotations

import re

from iaclint.cloudformation.tree import MappingNode, Node

_HINT = re.compile(r"AWSTemplateFormatVersion|Resources|Transform")
_YAML_HEAD = re.compile(
    r"""^(?P<indent>[ ]*)(?P<quote>["']?)(?P<name>AWSTemplateFormatVersion|Resources|Transform)(?P=quote)[ \t]*:""",
    re.MULTILINE,
)
_TYPE = re.compile(r"""["']?Type["']?\s*:\s*["']?(?:[A-Za-z0-9]+::[A-Za-z0-9]|<%|\$\{)""")
_SAM = re.compile(r"AWS::(?:Serverless|LanguageExtensions|Include|SecretsManager|CodeDeployBlueGreen)")
_JSON_PIECE = re.compile(r'"(?P<text>[^"\\\n]*(?:\\.[^"\\\n]*)*)"(?P<key>\s*:)?|[{}\[\]]')


def may_be_template(text: str) -> bool:
    """Return True if a text may be a CloudFormation template, judged by a search for what every template has.

    That is a top-level AWSTemplateFormatVersion, top-level Resources with a Type such as AWS::S3::Bucket, or a
    SAM or LanguageExtensions Transform. A broken template still counts as one.
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


def _json_heads(text: str) -> set[str]:
    """Return the keys of the outermost object of a JSON text, as far as it can be read."""
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


def is_template(root: Node) -> bool:
    """Return True if the root of a document looks like a template."""
    return isinstance(root, MappingNode) and (
        isinstance(root.get("Resources"), MappingNode) or root.get("AWSTemplateFormatVersion") is not None
    )
