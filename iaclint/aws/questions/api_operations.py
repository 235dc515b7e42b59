"""The operations of APIs, and who can call them."""

from __future__ import annotations

from iaclint.aws.services.apigateway import Method, Route
from iaclint.aws.services.appsync import GraphqlApi
from iaclint.aws.views import Attr, Subject
from iaclint.model.truth import Truth


class Operation(Subject):
    """A method of a REST API, a route of an HTTP or WebSocket API, or a GraphQL API."""

    anchors = (Method, Route, GraphqlApi)
    anchor: Method | Route | GraphqlApi

    @property
    def noun(self) -> str:
        """What it is, for a message."""
        if isinstance(self.anchor, GraphqlApi):
            return "GraphQL API"
        return "method" if isinstance(self.anchor, Method) else "route"

    @property
    def authorization(self) -> Attr[str]:
        """The property that gives the type of authorization."""
        return self.anchor.authorization

    @property
    def can_require_authorization(self) -> Truth:
        """Return True if authorization can be required for its calls, and a backend answers them."""
        return self.anchor.can_require_authorization

    @property
    def is_open(self) -> Truth:
        """Return True if anyone can call it."""
        return self.anchor.is_open
