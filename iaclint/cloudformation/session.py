"""What the evaluation of a root template shares with the stacks nested in it: its inputs, its findings, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from iaclint.cloudformation.exports import Export
from iaclint.cloudformation.syntax import parse
from iaclint.cloudformation.tree import Document, Node
from iaclint.model.inventory import Gap, Input, Inputs
from iaclint.model.value import Ref
from iaclint.source.files import Problem, SourceFile, Span, Workspace

MAX_GAPS = 500
"""How many gaps are told apart."""
MAX_NESTED = 2_000
"""How many nested stacks of one root are evaluated."""
MAX_EXPANDED = 1_000_000
"""How many nodes loops, included files and nested stacks may make together; few templates have 10,000."""


class Setting(Struct, frozen=True):
    """A parameter's value from a parameter file: the node that holds it, and the name of the file."""

    node: Node
    label: str


class Session(Struct, eq=False):
    """The evaluation of one root template with one set of inputs.

    inputs      what it is evaluated with
    stack       the name of the root template, as shown to people
    importable  the exports of other stacks by name
    settings    parameters that parameter files set, by name; they hold for the root only

    The other fields are what the evaluation finds: `declared` are the inputs by qualified name;
    `files` are all files that were read, by path; `exports` is what the stacks export; `imports` are the names of the
    exports that they ask for.
    """

    workspace: Workspace
    inputs: Inputs
    stack: str
    importable: Mapping[str, Export]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    declared: dict[str, Input] = field(default_factory=dict)
    gaps: dict[tuple[str, str], Gap] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    nested: int = 0
    expanded: int = 0

    def may_expand(self, size: int) -> bool:
        """Count nodes that are about to be made. Return False if they are more than the limit leaves."""
        self.expanded += size
        return self.expanded <= MAX_EXPANDED

    def may_nest(self, size: int) -> bool:
        """Count a nested stack of so many nodes. Return False if it exceeds a limit."""
        self.nested += 1
        return self.nested <= MAX_NESTED and self.may_expand(size)

    def problem(self, message: str, span: Span, *, fatal: bool = False) -> None:
        """Note that something is wrong."""
        self.problems.setdefault((message, str(span)), Problem(message, span, span.file.path, fatal))

    def gap(self, detail: str, span: Span | None, address: str = "", refs: tuple[Ref, ...] | None = None) -> None:
        """Note that something cannot be seen; see Gap."""
        if len(self.gaps) > MAX_GAPS:  # one for all the others, which may hide anything
            detail, span, address, refs = "there is more that cannot be seen than is listed", None, "", None
        self.gaps.setdefault((detail, str(span)), Gap(span, detail, address, refs))

    def read(self, path: str) -> Document:
        """Return a file that the evaluation uses, its problems noted. Raises Unreadable."""
        document = document_of(self.workspace, path)
        self.note(document)
        return document

    def note(self, document: Document) -> None:
        """Note a file that the evaluation uses, and its problems."""
        self.files[document.source.path] = document.source
        for problem in document.problems:
            self.problems.setdefault((problem.message, str(problem.span)), problem)

    def has_domain(self, name: str) -> bool:
        """Return True if an input has finitely many possible values."""
        declared = self.declared.get(name)
        return declared is not None and bool(declared.domain)

    def assigned(self, name: str) -> tuple[bool, Any]:
        """Return whether the inputs assign a value to this name, and the value."""
        return name in self.inputs.values, self.inputs.values.get(name)


def document_of(workspace: Workspace, path: str) -> Document:
    """Return the parsed file, which is read once a run. Raises Unreadable."""
    key = ("cloudformation", path)
    found = workspace.memo.get(key)
    if isinstance(found, Document):
        return found
    document = parse(workspace.read(path))
    workspace.memo[key] = document
    return document
