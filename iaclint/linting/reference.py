"""Views for people: which resource types rules can ask about, and what they can ask.

The text of `iaclint views` and the page docs/views.md are made from the classes themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from msgspec import Struct

from iaclint import aws
from iaclint.aws.views import Block, Subject, View, attr, blocks, per_vendor

Judged = Block | Subject
"""What rules can be about: a view or a block of a resource, or a subject that wraps views."""
_BASES = (object, Block, View, Subject)


class Member(Struct, frozen=True):
    """One thing that a rule can ask a view: an attribute, nested blocks, or a question.

    name         as rules write it, with the parameters of a method
    kind         what comes out: "str", "tuple[Rule, ...]", "Truth"
    names        the property in Terraform and in CloudFormation, empty for a question
    description  one sentence
    """

    name: str
    kind: str
    names: tuple[str, str]
    description: str


def views() -> dict[str, type[Judged]]:
    """Return every view, block and subject class by the name that rules write: "aws.kms.Key"."""
    found: dict[str, type[Judged]] = {}
    for name in sorted(aws.__all__):
        module: ModuleType = getattr(aws, name)
        for own, item in vars(module).items():
            if _is_view(item) and item.__module__ == module.__name__ and not own.startswith("_"):
                found[f"aws.{name}.{own}"] = item
    return found


def _is_view(item: Any) -> bool:
    return isinstance(item, type) and issubclass(item, Judged) and item not in _BASES


def members(view: type[Judged]) -> list[Member]:
    """Return what a rule can ask a view, in the order of the source, attributes of base classes first."""
    found: dict[str, Member] = {}
    for owner in reversed(view.__mro__):
        if owner in _BASES or not issubclass(owner, Judged):
            continue
        for name, item in vars(owner).items():
            if not name.startswith("_") and (member := _member(name, item)) is not None:
                found[name] = member
    return list(found.values())


def _member(name: str, item: Any) -> Member | None:
    if isinstance(item, attr):
        spelt = (" or ".join(item.terraform), " or ".join(item.cloudformation))
        return Member(name, item.kind.__name__, spelt, _default(item.default))
    if isinstance(item, blocks):
        return Member(name, "blocks", (item.terraform or "", item.cloudformation or ""), "")
    if isinstance(item, property):
        return Member(name, _returned(item.fget), ("", ""), _sentence(item))
    if callable(getattr(item, "func", None)):  # a cached property
        return Member(name, _returned(item.func), ("", ""), _sentence(item.func))
    if isinstance(item, classmethod | staticmethod) or not inspect.isfunction(item):
        return None
    parameters = [p for p in inspect.signature(item).parameters if p != "self"]
    return Member(f"{name}({', '.join(parameters)})", _returned(item), ("", ""), _sentence(item))


def _returned(function: Any) -> str:
    return str(getattr(function, "__annotations__", {}).get("return", ""))


def _default(default: Any) -> str:
    if isinstance(default, per_vendor):
        return (
            f"default {_literal(default.terraform)} in Terraform, {_literal(default.cloudformation)} in CloudFormation"
        )
    return "" if default is None else f"default {_literal(default)}"


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(item: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(item) or "").partition("\n\n")[0].split())


def types_of(view: type[Judged]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the resource types of a view in Terraform and in CloudFormation; empty for a nested block.

    The types of a subject are those of the views that it wraps.
    """
    found = (view,) if issubclass(view, View) else view.anchors if issubclass(view, Subject) else ()
    terraform, cloudformation = (
        [k for v in found for k in v.kinds(vendor)] for vendor in ("terraform", "cloudformation")
    )
    return tuple(terraform), tuple(cloudformation)


def views_text(word: str = "") -> str:
    """Return the list of views, or all about those that a word names: a view, a module or a resource type."""
    if word:
        return "\n\n".join(_view_text(name, view) for name, view in matching(word).items())
    found = views()
    width = max(map(len, found))
    return "\n".join(f"{name:{width}}  {_sentence(view)}" for name, view in found.items())


def matching(word: str) -> dict[str, type[Judged]]:
    """Return the views that a word means, by the name that rules write.

    The word is the name of a view ("aws.kms.Key" or "kms.Key"), of a service ("kms"), or of a resource type
    ("aws_kms_key", "AWS::KMS::Key").
    """
    return {
        name: view
        for name, view in views().items()
        if word in (name, name.removeprefix("aws."), name.rpartition(".")[0], name.split(".")[1])
        or any(word in kinds for kinds in types_of(view))
    }


def _view_text(name: str, view: type[Judged]) -> str:
    lines = [name, f"  {_sentence(view)}"]
    for language, kinds in zip(("Terraform", "CloudFormation"), types_of(view), strict=True):
        if kinds:
            lines.append(f"  {language}: {', '.join(kinds)}")
    for member in members(view):
        spelt = ", ".join(dict.fromkeys(filter(None, member.names)))
        text = "; ".join(filter(None, (spelt, member.description)))
        lines.append(f"    {member.name}: {member.kind}" + (f"  {text}" if text else ""))
    return "\n".join(lines)


def views_page() -> str:
    """Return the page docs/views.md: every view with its resource types, attributes and questions."""
    return "\n".join(_page()) + "\n"


_HEAD = """# Views

What rules can ask about AWS resources. One class reads both languages. [own-rules.md](own-rules.md) shows how a rule
uses it, and how to add a view of another resource type. `iaclint views NAME` prints the same. This page is made by
`iaclint docs`.

Every view also has `address`, `exists` (a `Truth`), `meta(name)` for what the language itself says about a resource
(`lifecycle`, `DeletionPolicy`), and `deployment`, which holds all other resources."""


def _page() -> Iterator[str]:
    yield _HEAD
    module = ""
    for name, view in views().items():
        if name.rpartition(".")[0] != module:
            module = name.rpartition(".")[0]
            yield from ("", f"## {module}")
        yield from ("", f"### {name.rpartition('.')[2]}", "", _sentence(view))
        for language, kinds in zip(("Terraform", "CloudFormation"), types_of(view), strict=True):
            if kinds:
                yield from ("", f"{language}: " + ", ".join(f"`{kind}`" for kind in kinds))
        rows = members(view)
        if rows:
            yield from ("", "| ask | get | property, or what it means |", "|---|---|---|")
        for member in rows:
            spelt = ", ".join(f"`{n}`" for n in dict.fromkeys(filter(None, member.names)))
            text = "; ".join(filter(None, (spelt, member.description))).replace("|", "\\|")
            yield f"| `{member.name}` | `{member.kind}` | {text} |"
