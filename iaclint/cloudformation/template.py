"""A template to resources and outputs, as CloudFormation would deploy it.

Nothing here raises on user input: what cannot be known is an Unknown with its cause, what could not be seen is a Gap,
what is wrong is a Problem. Facts are those of the CloudFormation user guide's template reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iaclint.cloudformation import nested
from iaclint.cloudformation.exports import Export, qualify_refs
from iaclint.cloudformation.insertion_points import insertion_points_of
from iaclint.cloudformation.scope import STACK, Scope
from iaclint.cloudformation.session import Session
from iaclint.cloudformation.sniff import is_template
from iaclint.cloudformation.transforms import transformed
from iaclint.cloudformation.tree import (
    Document,
    Entry,
    MappingNode,
    Node,
    ValueNode,
    is_null,
    name_in,
    scalar_at,
    size_of,
)
from iaclint.cloudformation.values import ABSENT, text_of
from iaclint.model.address import Address
from iaclint.model.inventory import Resource
from iaclint.model.truth import TRUE, Truth
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span

STACK_SET = "AWS::CloudFormation::StackSet"
METADATA_KEYS = (
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy", "UpdateReplacePolicy",
)  # fmt: skip
"""The keys of a resource that are neither its type nor its properties."""


def templates_of(
    session: Session,
    document: Document,
    *,
    prefix: str = "",
    arguments: Mapping[str, Value[Any]] | None = None,
    calls: tuple[Step, ...] = (),
    exists: Truth = TRUE,
    chain: tuple[str, ...] = (),
    opaque: str = "",
) -> list[Template]:
    """Return the templates of a file, transforms run and problems noted; empty if it holds none.

    prefix     what precedes their logical ids: "" for a root, "Network/" for a nested stack
    arguments  what a parent stack passes in; None for a root
    calls      the stacks that lead to them, outermost first
    exists     whether the stack exists
    chain      the paths of the templates that lead to them, with their own
    opaque     why parameters are not known, as a noun; "" if they are
    """
    session.note(document)
    found: list[Template] = []
    for root in document.roots:
        if not is_template(root):
            continue
        assert isinstance(root, MappingNode)
        tree, unseen = transformed(session, root, document)
        if not unseen and is_null(tree.get("Resources")):
            session.problem("there are no Resources", next(iter(root)).key)
        # CloudFormation takes one document a file; others are kept apart by a number
        number = f"document {len(found) + 1}/" if found else ""
        scope = Scope(
            session, tree, document.source, prefix=prefix + number, arguments=arguments, opaque=unseen or opaque
        )
        template = Template(scope, document.language, calls, exists, chain or (document.source.path,))
        template.prepare()
        found.append(template)
    return found


class Template:
    """A template with its parameters. Its nested stacks and outputs are evaluated when they are first asked for.

    scope     what its names mean
    language  "yaml" or "json"
    calls, exists, chain  see `templates_of`
    """

    def __init__(
        self, scope: Scope, language: str, calls: tuple[Step, ...], exists: Truth, chain: tuple[str, ...]
    ) -> None:
        self.scope = scope
        self.session = scope.session
        self.language = language
        self.calls = calls
        self.exists = exists
        self.chain = chain
        self._children: dict[str, Template | None] = {}
        self._outputs: dict[str, Value[Any]] | None = None
        scope.nested = self.child

    @property
    def opaque(self) -> str:
        """What may add or change anything in the template, as a noun; "" if nothing may."""
        return self.scope.opaque

    def prepare(self) -> None:
        """Evaluate parameters and conditions, run the loops of resources, and note what hides resources."""
        scope = self.scope
        scope.prepare()
        scope.conditions.evaluate_all()
        scope.declarations = scope.expanded("Resources")
        for name, entry in scope.declarations.items():
            if str(scalar_at(entry.value, "Type")).endswith("::MODULE"):
                self.session.gap(f"module {name} is not here: it may hold resources", entry.key, scope.prefix + name)
                scope.opaque = scope.opaque or f"module {name}"

    def is_forbidden(self) -> bool:
        """Return True if the Rules section refuses the parameters in any case: then nothing is deployed."""
        return self.scope.conditions.forbid(self.scope.section("Rules"))

    # -- resources ---------------------------------------------------------------------------------------

    def resources(self) -> list[Resource]:
        """Return the resources of the stack and of the stacks nested in it, without those that cannot exist."""
        found: list[Resource] = []
        for name, entry in self.scope.declarations.items():
            resource = self._resource(name, entry)
            if resource is None:
                continue
            found.append(resource)
            if resource.kind in (STACK, STACK_SET):
                child = self.child(name)
                if child is not None:
                    found += child.resources()
        return found

    def _resource(self, name: str, entry: Entry) -> Resource | None:
        """Return a resource; None if a condition rules it out, or if it has no type."""
        body = entry.value
        if not isinstance(body, MappingNode):
            self.session.problem(f"resource {name} must be a mapping", entry.key)
            return None
        exists = self._existence(body)
        if exists.is_false:
            return None
        kind = self._kind(name, entry.key, body)
        if kind is None:
            return None
        header = entry.key
        is_one_text = body.span.file is header.file
        return Resource(
            "cloudformation",
            kind,
            Address(self.scope.prefix + name),
            self._properties(name, header, body),
            header.file.span(header.start, max(header.end, body.span.end)) if is_one_text else header,
            header,
            exists,
            self._metadata(name, body),
            insertion_points_of(body, self.scope.source, self.language),
            self.calls,
        )

    def _kind(self, name: str, header: Span, body: MappingNode) -> str | None:
        """Return the type of a resource; None with a gap or a problem if it has none."""
        node = body.get("Type")
        kind = text_of(self.scope.evaluate(node).data) if node is not None else None
        if kind is None and self.opaque:
            self.session.gap(f"resource {name} is made by {self.opaque}", header, self.scope.prefix + name)
        elif kind is None:
            self.session.problem(f"resource {name} has no Type", header)
        return kind

    def _properties(self, name: str, header: Span, body: MappingNode) -> Value[Any]:
        """Return the properties of a resource: a mapping, or unknown."""
        node = body.get("Properties")
        value: Value[Any] = Value({}, header) if node is None else self.scope.evaluate(node)
        if value.data is ABSENT or value.data is None:
            return Value({}, header)
        if not isinstance(value.data, (dict, Unknown)):
            self.session.problem(f"Properties of {name} must be a mapping", value.span)
            return Value(Unknown(UnknownCause.INVALID, "not a mapping"), value.span)
        return value

    def _metadata(self, name: str, body: MappingNode) -> dict[str, Value[Any]]:
        """Return what a resource has besides its type and properties, by key."""
        found: dict[str, Value[Any]] = {}
        for key in METADATA_KEYS:
            node = body.get(key)
            if node is None or is_null(node):
                continue
            value = self.scope.evaluate(node)
            if value.data is not ABSENT:
                found[key] = self._referring(value) if key == "DependsOn" else value
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            if key in found and not isinstance(found[key].data, (str, Unknown)):
                self.session.problem(f"{key} of {name} must be a text", found[key].span)
        return found

    def _referring(self, value: Value[Any]) -> Value[Any]:
        """Return the value of DependsOn with a reference to each resource that it names."""
        data = value.data
        if isinstance(data, str):
            return value.replace(refs=(Ref(Address(self.scope.prefix + data)),))
        if isinstance(data, tuple):
            return value.with_data(tuple(self._referring(item) for item in data))
        return value

    def _existence(self, body: MappingNode) -> Truth:
        """Return whether a resource or output exists: by its Condition, and by that of the stack."""
        node = body.get("Condition")
        if node is not None and (name := name_in(node)) is not None:
            return self.exists & self.scope.conditions.condition(name, node.span)
        if isinstance(node, ValueNode) and isinstance(node.value.data, str):
            return self.exists & self.scope.conditions.condition(node.value.data, node.span)
        if isinstance(node, MappingNode):
            return self.exists & self.scope.conditions.truth(node)
        return self.exists

    # -- nested stacks and outputs -----------------------------------------------------------------------

    def child(self, name: str) -> Template | None:
        """Return the template of a nested stack with what this stack passes in; None if it cannot be seen."""
        if name not in self._children:
            self._children[name] = None  # while it is being evaluated: outputs that need themselves are unknown
            self._children[name] = self._child(name, self.scope.declarations[name])
        return self._children[name]

    def _child(self, name: str, entry: Entry) -> Template | None:
        body = entry.value
        if not isinstance(body, MappingNode):
            return None
        exists = self._existence(body)
        if exists.is_false:
            return None
        address = self.scope.prefix + name
        written = body.get("Properties")
        properties = written if isinstance(written, MappingNode) else MappingNode({}, body.span)
        found = nested.template_of(self.scope, address, body, properties, entry.key, self.chain)
        if found is None:
            return None
        document, chain = found
        if not self.session.may_nest(sum(map(size_of, document.roots))):
            self.session.gap("there are more nested stacks than can be looked at", None)
            return None
        arguments, opaque = nested.arguments_of(self.scope, properties.get("Parameters"))
        children = templates_of(
            self.session,
            document,
            prefix=address + "/",
            arguments=arguments,
            calls=(*self.calls, Step(entry.key, f"stack {name}")),
            exists=exists,
            chain=chain,
            opaque=opaque,
        )
        if not children:
            self.session.gap(f"the template of stack {address} cannot be read", entry.key, address)
            return None
        return children[0]

    def outputs(self) -> dict[str, Value[Any]]:
        """Return the outputs by name, placed where they are written. Exports are noted in the session."""
        if self._outputs is not None:
            return self._outputs
        self._outputs = {}
        for name, entry in self.scope.expanded("Outputs").items():
            body = entry.value
            if not isinstance(body, MappingNode):
                continue
            node = body.get("Value")
            if self._existence(body).is_false or node is None:
                continue
            value = self.scope.evaluate(node)
            if value.data is not ABSENT:
                self._outputs[name] = value
                self._export(body.get("Export"), value)
        return self._outputs

    def _export(self, node: Node | None, value: Value[Any]) -> None:
        name = node.get("Name") if isinstance(node, MappingNode) else None
        text = text_of(self.scope.evaluate(name).data) if name is not None else None
        if text is not None:
            stack = self.session.stack
            self.session.exports.setdefault(text, Export(qualify_refs(value, stack), stack))
