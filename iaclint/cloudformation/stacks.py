"""Loading: which templates are roots, one template to a Deployment, and exports joined across stacks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from msgspec import field
from msgspec.structs import replace

from iaclint.cloudformation import parameter_files
from iaclint.cloudformation.exports import Export, Exports
from iaclint.cloudformation.foreach import local_path
from iaclint.cloudformation.nested import template_path
from iaclint.cloudformation.scope import STACK
from iaclint.cloudformation.session import Session, document_of
from iaclint.cloudformation.sniff import is_template
from iaclint.cloudformation.syntax import without_collector
from iaclint.cloudformation.template import STACK_SET, templates_of
from iaclint.cloudformation.tree import Document, MappingNode, Node, ScalarNode, scalar_at
from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Gap, Inputs, Resource
from iaclint.model.value import Ref
from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace


class Stack(Deployment, frozen=True, eq=False, dict=True):
    """A Deployment of a template, with what it exports to other stacks and imports from them.

    exports         what it exports, by name
    imports         the names of the exports of other stacks that it asks for
    inputs_used     what it was evaluated with
    other_exports   the exports of other stacks that it was evaluated with
    """

    exports: dict[str, Export] = field(default_factory=dict)
    imports: frozenset[str] = frozenset()
    inputs_used: Inputs = field(default_factory=Inputs)
    other_exports: Exports = field(default_factory=Exports)

    def resolve(self, ref: Ref) -> list[Resource]:
        """Return the resources that a reference may mean, those of other stacks included."""
        found = self.other_exports.resource(self.environment, ref.address)
        return [found] if found is not None else super().resolve(ref)


# -- roots -----------------------------------------------------------------------------------------------


def roots(workspace: Workspace, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the templates that are not nested in another one of `paths`, in the order of `paths`.

    If templates nest each other in a circle, all of the circle are roots.
    """
    known = {os.path.realpath(path): path for path in paths}
    parents: dict[str, set[str]] = {}
    for path in paths:
        for child in _nested_paths(workspace, path):
            target = known.get(_real(child))
            if target is not None and target != path:
                parents.setdefault(target, set()).add(path)

    def is_in_circle(path: str) -> bool:
        above: set[str] = set()
        todo = list(parents[path])
        while todo:
            parent = todo.pop()
            if parent not in above:
                above.add(parent)
                todo += parents.get(parent, ())
        return path in above

    return tuple(path for path in paths if path not in parents or is_in_circle(path))


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except ValueError:  # a NUL or half of a surrogate pair: no file has such a name
        return path


def _nested_paths(workspace: Workspace, path: str) -> list[str]:
    """Return the local files that a template names as templates of its nested stacks."""
    try:
        text = workspace.read(path).text
        if "TemplateURL" not in text and "AWS::Serverless::Application" not in text:
            return []
        document = document_of(workspace, path)
    except Unreadable:
        return []
    found: list[str] = []
    for root in document.roots:
        resources = root.get("Resources") if isinstance(root, MappingNode) else None
        for entry in resources if isinstance(resources, MappingNode) else ():
            node = _template_node(entry.value)
            if isinstance(node, MappingNode):
                found += _evaluated_path(workspace, path, entry.name)
            elif isinstance(node, ScalarNode) and isinstance(node.data, str) and "://" not in node.data:
                found.append(local_path(document.source, node.data))
    return found


def _template_node(body: Node) -> Node | None:
    """Return the node that names the template of a nested stack; None if the resource is none."""
    if not isinstance(body, MappingNode):
        return None
    kind = scalar_at(body, "Type")
    properties = body.get("Properties")
    if kind == "AWS::Serverless::Application":
        return properties.get("Location") if isinstance(properties, MappingNode) else None
    if kind not in (STACK, STACK_SET):
        return None
    metadata = body.get("Metadata")
    asset = metadata.get("aws:asset:path") if isinstance(metadata, MappingNode) else None
    return asset or (properties.get("TemplateURL") if isinstance(properties, MappingNode) else None)


def _evaluated_path(workspace: Workspace, path: str, name: str) -> list[str]:
    """Return the file of a nested stack whose TemplateURL is a function, such as Fn::Sub or Fn::FindInMap."""
    session = Session(workspace, Inputs(), workspace.display(path), {})
    try:
        for template in templates_of(session, document_of(workspace, path))[:1]:
            entry = template.scope.declarations.get(name)
            found = (
                template_path(template.scope, entry.value)
                if entry is not None and isinstance(entry.value, MappingNode)
                else None
            )
            return [found] if found is not None else []
    except RecursionError:
        pass  # loading the template reports it
    return []


# -- loading ---------------------------------------------------------------------------------------------


def load(workspace: Workspace, path: str, inputs: Inputs, exports: Exports) -> Stack:
    """Return one template, and the stacks nested in it, as a Deployment. Never raises on what it reads.

    exports  what `Fn::ImportValue` may find: the exports of other stacks
    """
    with without_collector():
        return _load(workspace, path, inputs, exports)


def _load(workspace: Workspace, path: str, inputs: Inputs, exports: Exports) -> Stack:
    name = workspace.display(path)
    session = Session(workspace, inputs, name, exports.named(inputs.name))
    header: Span | None = None
    resources: list[Resource] = []
    outputs: dict[str, Any] = {}
    try:
        document = document_of(workspace, path)
        if not document.roots:
            _second_opinion(workspace, document)
        header = _header(document)
        session.settings = parameter_files.settings(session, path)
        found = templates_of(session, document)
        if not found:
            _complain(session, document)
        if not (inputs.values and any(template.is_forbidden() for template in found)):
            for template in found:  # else an assignment that the template's own Rules exclude: nothing is there
                resources += template.resources()
                outputs |= template.outputs()
    except Unreadable as error:
        session.problems[(str(error), path)] = Problem(str(error), None, path)
    except RecursionError:
        message = "it nests or refers deeper than can be followed"
        session.problem(message, header or SourceFile(path, "").whole, fatal=True)
        session.gap(message, header)
    header = header or SourceFile(path, "", name).whole
    unread = [p for p in session.problems.values() if p.fatal]
    gaps = [*session.gaps.values(), *(Gap(p.span, p.message) for p in unread)]
    return Stack(
        "cloudformation",
        path,
        name,
        header,
        tuple(resources),
        session.declared,
        outputs,
        tuple(gaps),
        tuple(session.problems.values()),
        tuple(session.files.values()),
        inputs.name,
        exports=session.exports,
        imports=frozenset(session.imports),
        inputs_used=inputs,
        other_exports=exports,
    )


def _header(document: Document) -> Span:
    """Where a finding about the whole template points: the key Resources, else the start."""
    for root in document.roots:
        if isinstance(root, MappingNode) and is_template(root):
            entry = root.entries.get("Resources") or next(iter(root), None)
            if entry is not None:
                return entry.key
    return document.source.span(0, 0)


def _complain(session: Session, document: Document) -> None:
    """Say why a file that was taken for a template is none."""
    if not any(problem.fatal for problem in document.problems):
        session.problem("not a CloudFormation template: it has no Resources", document.source.span(0, 0), fatal=True)


def _second_opinion(workspace: Workspace, document: Document) -> None:
    """Add what cfn-lint's decoder says to the problem of a file that could not be read."""
    key = ("cloudformation decoder", document.source.path)
    if key in workspace.memo or not document.problems:
        return
    from iaclint.cloudformation.cfn_lint import decoder_says

    workspace.memo[key] = said = decoder_says(document.source)
    if said:
        first = document.problems[0]
        document.problems[0] = replace(first, message=f"{first.message}; cfn-lint says: {said}")


MAX_ROUNDS = 4
"""How often exports are passed on. An export may be made from an import, so one round is not enough for all."""


def join(workspace: Workspace, deployments: Sequence[Deployment]) -> tuple[tuple[Deployment, ...], Exports]:
    """Return the deployments, those that import evaluated with the exports of the others; and all exports.

    A stack that asks for an export is evaluated again whenever the export's value changes. Deployments of Terraform
    are returned as they are.
    """
    current = list(deployments)
    exports = Exports()
    for _ in range(MAX_ROUNDS):
        found = _exports_of(current)
        changed = found.changed_since(exports)
        if not changed:
            break
        exports = found
        for index, deployment in enumerate(current):
            if isinstance(deployment, Stack) and any(
                (deployment.environment, name) in changed for name in deployment.imports
            ):
                current[index] = load(workspace, deployment.root, deployment.inputs_used, exports)
    # a stack that both imports and exports has other resources after each evaluation
    exports = replace(exports, resources=_exports_of(current).resources)
    for index, deployment in enumerate(current):
        if isinstance(deployment, Stack) and deployment.imports:
            current[index] = replace(deployment, other_exports=exports)
    return tuple(current), exports


def _exports_of(deployments: Sequence[Deployment]) -> Exports:
    """Return what the stacks among the deployments export. If two export the same name, the first one counts."""
    tables: dict[str, dict[str, Export]] = {}
    resources: dict[str, dict[Address, Resource]] = {}
    for deployment in deployments:
        if isinstance(deployment, Stack) and deployment.exports:
            environment = deployment.environment
            tables[environment] = deployment.exports | tables.get(environment, {})
            resources.setdefault(environment, {}).update(
                (resource.address.qualified(deployment.name), resource) for resource in deployment.resources
            )
    return Exports(tables, resources)
