"""The principals of a statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from iaclint.model.json_text import scalar_text
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Unknown, Value

PRINCIPAL_KINDS = {name.lower(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}
"""The kinds of principals by their name in lower case."""

_ACCOUNT = re.compile(r"[0-9]{12}")


class PrincipalEntry(Struct, frozen=True):
    """One principal of a Principal or NotPrincipal element.

    kind   "AWS", "Service", "Federated" or "CanonicalUser"; a bare "*" has kind "AWS", which means the same
    value  the name; may be unknown
    """

    kind: str
    value: Value[Any]

    @property
    def is_everyone(self) -> Truth:
        """True if it is "*", which stands for everyone."""
        if self.kind != "AWS":
            return FALSE
        unknown = self.value.unknown
        if unknown is not None and not unknown.one_of and not "*".startswith(unknown.prefix):
            return FALSE
        return self.value.is_("*")

    @property
    def account(self) -> str:
        """The id of the account that it is or belongs to; "" if there is none or it is unknown."""
        data = self.value.data
        text = data.prefix if isinstance(data, Unknown) else scalar_text(data)
        if _ACCOUNT.fullmatch(text):
            return text
        parts = text.split(":", 5)
        return parts[4] if len(parts) == 6 and _ACCOUNT.fullmatch(parts[4]) else ""

    @property
    def is_account(self) -> Truth:
        """True if it is a whole account: an account id, or the ARN of its root user."""
        if self.kind != "AWS":
            return FALSE
        if _is_account_id(self.value):
            return TRUE
        return self._test_name(lambda text: bool(_ACCOUNT.fullmatch(text)) or text == "root" or text.endswith(":root"))

    def is_entity(self, kind: str) -> Truth:
        """Return True if it is the ARN of an entity of this kind: "user", "role", "assumed-role" ..."""
        if self.kind != "AWS" or _is_account_id(self.value):
            return FALSE
        return self._test_name(lambda text: text.startswith(kind + "/") or f":{kind}/" in text)

    def _test_name(self, test: Callable[[str], bool]) -> Truth:
        """Return the answer of a test about the name.

        If only a part of an ARN is unknown, such as the account in "arn:aws:iam::${...}:role/admin", the test gets
        its last part: "role/admin".
        """
        unknown = self.value.unknown
        if unknown is None or unknown.one_of:
            return self.value.test(lambda data: test(scalar_text(data)))
        pieces = unknown.parts or (self.value.with_data(unknown.prefix),)
        text = "".join(scalar_text(piece.data) if piece.known else "\0" for piece in pieces)
        segments = text.split(":", 5)
        if len(segments) == 6 and segments[0] == "arn" and re.match(r"(root$|[a-z-]+/)", segments[5]):
            return Truth.of(test(segments[5]))
        return Truth(None, self.value.reasons)


def _is_account_id(value: Value[Any]) -> bool:
    """Return True if an unknown value is the account's own id: a pseudo parameter, or the result of a data source."""
    unknown = value.unknown
    if unknown is None or unknown.parts:
        return False
    looked_up = [
        ref
        for ref in value.refs
        if ref.address.is_data and ref.address.type == "aws_caller_identity" and ref.attribute == "account_id"
    ]
    return unknown.inputs == ("AWS::AccountId",) or (bool(value.refs) and len(looked_up) == len(value.refs))
