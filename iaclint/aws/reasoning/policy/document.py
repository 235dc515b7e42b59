"""Policy documents: reading one, and asking for its statements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from iaclint.aws.reasoning.policy.actions import ASSUME_ROLE
from iaclint.aws.reasoning.policy.conditions import Condition, operator_named
from iaclint.aws.reasoning.policy.principals import PRINCIPAL_KINDS, PrincipalEntry
from iaclint.aws.reasoning.policy.statements import Patterns, Statement
from iaclint.aws.reasoning.policy.texts import Elements
from iaclint.model.json_text import has_unknown_piece, parse_json, parse_json_pieces, scalar_text
from iaclint.model.partial import Partial
from iaclint.model.truth import Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Encoded, Unknown, UnknownCause, Value
from iaclint.source.files import Problem


class Document(Struct, frozen=True, eq=False):
    """A policy document.

    statements  the statements that could be read; gaps for parts of the document that are unknown or malformed
    value       the whole document
    errors      what AWS would refuse
    """

    statements: Partial[Statement]
    value: Value[Any]
    errors: tuple[Problem, ...] = ()

    @classmethod
    def parse(cls, value: Value[Any]) -> Document:
        """Return the document of a Value that holds JSON text or a mapping; any part of it may be unknown.

        Never raises: what cannot be read is in `errors` and is a gap of `statements`. Null is a document without
        statements.
        """
        return _Reader().document(value)

    def allowing(self, test: Callable[[Statement], Truth]) -> Partial[Statement]:
        """Return the Allow statements that pass a test; those for which it is undecided are gaps."""
        return self.statements.where(lambda statement: statement.allows & test(statement))

    def denying(self, test: Callable[[Statement], Truth]) -> Partial[Statement]:
        """Return the Deny statements that pass a test; those for which it is undecided are gaps."""
        return self.statements.where(lambda statement: statement.denies & test(statement))

    def admin_statements(self) -> Partial[Statement]:
        """Return the Allow statements for all actions on all resources, under any conditions."""
        return self.allowing(lambda s: s.covers_action("*:*") & s.covers_resource("*"))

    def public_statements(self) -> Partial[Statement]:
        """Return the Allow statements for everyone that no condition restricts to known callers."""
        return self.allowing(lambda statement: statement.names_everyone() & ~statement.restricts_caller())

    def trust(self) -> Partial[Trust]:
        """Return the principals that this trust policy allows to assume its role, one by one."""
        entries: list[Trust] = []
        allowing = self.allowing(lambda s: any_of(s.overlaps_action(action) for action in ASSUME_ROLE))
        gaps = allowing.gaps
        for statement in allowing.items:
            if statement.principals is not None:
                entries.extend(Trust(statement, entry) for entry in statement.principals.items)
                gaps = merge_reasons(gaps, statement.principals.gaps)
            elif statement.not_principals is not None:
                everyone = statement.value.key("NotPrincipal").with_data("*")
                entries.append(Trust(statement, PrincipalEntry("AWS", everyone)))
        return Partial(tuple(entries), gaps)


class Trust(Struct, frozen=True):
    """One principal that a trust policy allows to assume the role, and the statement that names it."""

    statement: Statement
    principal: PrincipalEntry

    @property
    def requires_mfa(self) -> Truth:
        """True if the principal can assume the role with MFA only."""
        return self.statement.requires_mfa()

    @property
    def requires_external_id(self) -> Truth:
        """True if the principal can assume the role with sts:ExternalId only."""
        return self.statement.requires_external_id()


# -- reading ---------------------------------------------------------------------------------------------

_ELEMENTS = {
    name.lower(): name
    for name in (
        "Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    )
}  # fmt: skip


class _Reader:
    """Reads one document and collects the errors in it."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.variables = False

    def error(self, message: str, value: Value[Any]) -> None:
        self.errors.append(Problem(f"policy: {message}", value.span, fatal=False))

    def document(self, value: Value[Any]) -> Document:
        read = self._decoded(value)
        data = read.data
        if isinstance(data, Unknown):
            return Document(Partial((), read.reasons), value, tuple(self.errors))
        if data is None:
            return Document(Partial(()), value)
        if not isinstance(data, dict):
            self.error("the document is not an object", value)
            return self._malformed(value)
        elements = self._elements(read)
        version = elements.get("Version")
        self.variables = version is not None and (not version.known or version.data == "2012-10-17")
        found = elements.get("Statement")
        if found is None:
            self.error("there is no Statement", value)
            return self._malformed(value)
        statements: list[Statement] = []
        listed = found.elements()
        gaps = listed.gaps
        for item in listed.items:
            statement = self._statement(item)
            if statement is not None:
                statements.append(statement)
            elif not item.known:
                gaps = merge_reasons(gaps, item.reasons)
        return Document(Partial(tuple(statements), gaps), value, tuple(self.errors))

    def _malformed(self, value: Value[Any]) -> Document:
        reasons = tuple(Reason(error.message, error.span) for error in self.errors)
        return Document(Partial((), reasons), value, tuple(self.errors))

    def _decoded(self, value: Value[Any]) -> Value[Any]:
        """Return the document as a mapping, decoded if it is JSON text."""
        data = value.data
        if isinstance(data, Unknown):
            tree = parse_json_pieces(value) if data.encoded is None else data.encoded
            return value if tree is None else tree
        if isinstance(data, Encoded):
            return data.value
        if not isinstance(data, str):
            return value
        try:
            return parse_json(value)
        except ValueError as error:
            self.error(f"not valid JSON: {error}", value)
            reason = Reason(f"the policy is not valid JSON: {error}", value.origin)
            return value.with_data(Unknown(UnknownCause.INVALID, reason.detail))

    def _elements(self, value: Value[Any]) -> dict[str, Value[Any]]:
        """Return the elements of a document or statement by their correct names, without those that are null."""
        found: dict[str, Value[Any]] = {}
        for name, element in value.data.items():
            if has_unknown_piece(name):
                continue
            known = _ELEMENTS.get(name.lower())
            if known is None:
                self.error(f"{name} is no element of the policy language", element)
                continue
            if known != name:
                self.error(f"AWS spells {name} as {known}", element)
            if element.data is not None:
                found[known] = element
        return found

    def _statement(self, value: Value[Any]) -> Statement | None:
        """Return a statement; None if it is unknown, or malformed to such a degree that AWS would refuse it."""
        if not isinstance(value.data, dict):
            if value.known:
                self.error("a statement is not an object", value)
            return None
        elements = self._elements(value)
        effect = self._effect(elements.get("Effect"), value)
        if effect is None:
            return None
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
            if one in elements and other in elements:
                self.error(f"a statement has both {one} and {other}", elements[other])
        if "Action" not in elements and "NotAction" not in elements:
            self.error("a statement has neither Action nor NotAction", value)
        sid = elements.get("Sid")
        return Statement(
            effect=effect,
            actions=self._patterns(elements.get("Action"), arn=False),
            not_actions=self._patterns(elements.get("NotAction"), arn=False),
            resources=self._patterns(elements.get("Resource"), arn=True),
            not_resources=self._patterns(elements.get("NotResource"), arn=True),
            principals=self._principals(elements.get("Principal")),
            not_principals=self._principals(elements.get("NotPrincipal")),
            conditions=self._conditions(elements.get("Condition"), value),
            sid=scalar_text(sid.data) if sid is not None and sid.known else "",
            value=value,
        )

    def _effect(self, effect: Value[Any] | None, statement: Value[Any]) -> Value[Any] | None:
        """Return Allow or Deny, or an unknown value; None if it is missing or something else."""
        if effect is None:
            self.error("a statement has no Effect", statement)
            return None
        if not effect.known or effect.data in ("Allow", "Deny"):
            return effect
        self.error(f"Effect is {scalar_text(effect.data)!r}, and has to be Allow or Deny", effect)
        if isinstance(effect.data, str) and effect.data.capitalize() in ("Allow", "Deny"):
            return effect.with_data(effect.data.capitalize())
        return None

    def _texts(self, value: Value[Any]) -> Elements:
        """Return the elements of a string or list, without those that are neither text nor unknown.

        An unknown value counts as one unknown text. An answer that depends on it is undecided, as with an unknown list.
        """
        data = value.data
        if isinstance(data, Unknown):
            if any(option is None or isinstance(option, (tuple, list, dict)) for option in data.one_of):
                return Partial((), value.reasons)
            return Partial((value,))
        listed = value.elements()
        kept: list[Value[Any]] = []
        for item in listed.items:
            if isinstance(item.data, (tuple, dict)) or item.data is None:
                self.error("a text is expected here", item)
            else:
                kept.append(item)
        return Partial(tuple(kept), listed.gaps)

    def _patterns(self, value: Value[Any] | None, *, arn: bool) -> Patterns | None:
        return Patterns(self._texts(value), arn, self.variables and arn) if value is not None else None

    def _principals(self, value: Value[Any] | None) -> Partial[PrincipalEntry] | None:
        if value is None:
            return None
        if isinstance(value.data, Unknown):
            return Partial((), value.reasons)
        if not isinstance(value.data, dict):
            # "*" alone; AWS refuses any other text
            texts = self._texts(value)
            for item in texts.items:
                if item.known and item.data != "*":
                    self.error(
                        f"a principal is {scalar_text(item.data)!r}: it needs AWS, Service or Federated before it",
                        item,
                    )
            return texts.map(lambda item: PrincipalEntry("AWS", item))
        entries: list[PrincipalEntry] = []
        gaps: tuple[Reason, ...] = ()
        for kind, names in value.data.items():
            known = PRINCIPAL_KINDS.get(kind.lower())
            if known is None:
                self.error(f"{kind} is no kind of principal", names)
                continue
            texts = self._texts(names)
            gaps = merge_reasons(gaps, texts.gaps)
            entries.extend(PrincipalEntry(known, item) for item in texts.items)
        return Partial(tuple(entries), gaps)

    def _conditions(self, value: Value[Any] | None, statement: Value[Any]) -> Partial[Condition]:
        if value is None:
            return Partial(())
        if isinstance(value.data, Unknown):
            return Partial((), value.reasons)
        if not isinstance(value.data, dict):
            self.error("Condition is not an object", value)
            return Partial((), (Reason("Condition is not an object", value.span),))
        found: Partial[Condition] = Partial(())
        for operator, block in value.data.items():
            if block.data is None:
                continue
            if isinstance(block.data, Unknown):
                found = found + Partial((), block.reasons)
            elif isinstance(block.data, dict):
                if operator_named(operator) is None:
                    self.error(f"{operator} is no condition operator", block)
                found = found + self._conditions_of(operator, block, statement)
            else:
                self.error(f"{operator} holds no condition keys", block)
        return found

    def _conditions_of(self, operator: str, block: Value[Any], statement: Value[Any]) -> Partial[Condition]:
        """Return the conditions under one operator."""
        conditions: list[Condition] = []
        gaps: tuple[Reason, ...] = ()
        for key, value in block.data.items():
            if value.data is None:
                continue
            if has_unknown_piece(operator + key):
                gaps = merge_reasons(gaps, (Reason("the key of a condition is not known", value.span),))
                continue
            conditions.append(Condition(operator, key, self._texts(value), value, block, statement, self.variables))
        return Partial(tuple(conditions), gaps)
