"""Which resources answer web requests from the internet, and which of them a web ACL protects."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.services import apprunner, fms
from iaclint.aws.services.apigateway import RestApi, Stage
from iaclint.aws.services.appsync import GraphqlApi
from iaclint.aws.services.cloudfront import Distribution
from iaclint.aws.services.cognito import UserPool
from iaclint.aws.services.elb import LoadBalancer
from iaclint.aws.services.waf import Association
from iaclint.aws.views import Subject, View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Value


class WebEndpoint(Subject):
    """A resource that answers web requests and can have a web ACL."""

    noun = ""
    """What it is, for a message."""
    anchor: View

    @classmethod
    def select(cls, deployment: Deployment) -> list[WebEndpoint]:
        """Return the endpoints of a deployment, type by type."""
        return [
            endpoint(view)
            for endpoint in (_LoadBalancer, _RestApiStage, _GraphqlApi, _Distribution, _AppRunnerService, _UserPool)
            for anchor in endpoint.anchors
            for view in anchor.select(deployment)
        ]

    @property
    def public(self) -> Truth:
        """Return True if the internet can call it, and it can have a web ACL."""
        return TRUE

    @property
    def shielded(self) -> Truth:
        """Return True if only an AWS service that can have a web ACL itself, such as CloudFront, can call it."""
        return FALSE

    @property
    def protected(self) -> Truth:
        """Return True if it has a web ACL, from an association or from a policy of Firewall Manager."""
        return self.associations.exists() | fms.enforces(self.deployment, *fms.WEB_ACLS)

    @property
    def acl_values(self) -> Partial[Value[Any]]:
        """The values that name its web ACL."""
        return self.associations.map(lambda association: association.acl)

    @property
    def associations(self) -> Partial[Association]:
        """The associations of a web ACL with it."""
        return attached_to(Association, "resource_arn", self.anchor)

    @property
    def is_minor(self) -> bool:
        """Return True if a missing web ACL matters less."""
        return False


class _LoadBalancer(WebEndpoint):
    noun = "load balancer"
    anchors = (LoadBalancer,)
    anchor: LoadBalancer

    @property
    def public(self) -> Truth:
        return self.anchor.application & self.anchor.internet_facing

    @property
    def shielded(self) -> Truth:
        return self.anchor.closed_by_groups


class _RestApiStage(WebEndpoint):
    noun = "REST API stage"
    anchors = (Stage,)
    anchor: Stage

    @property
    def _apis(self) -> Partial[RestApi]:
        return RestApi.referenced_by(self.anchor.api, self.deployment)

    @property
    def public(self) -> Truth:
        return ~self._apis.any(lambda api: api.is_private)

    @property
    def associations(self) -> Partial[Association]:
        # the ARN of a stage is often put together from its API and its name
        found = super().associations
        for api in self._apis.items:
            found = found + attached_to(Association, "resource_arn", api)
        return found


class _GraphqlApi(WebEndpoint):
    noun = "GraphQL API"
    anchors = (GraphqlApi,)
    anchor: GraphqlApi

    @property
    def public(self) -> Truth:
        return ~self.anchor.is_private


class _Distribution(WebEndpoint):
    noun = "distribution"
    anchors = (Distribution,)
    anchor: Distribution

    @property
    def acl_values(self) -> Partial[Value[Any]]:
        web_acl = self.anchor.web_acl
        return Partial((web_acl,)) if web_acl.is_set().possible else Partial(())

    @property
    def protected(self) -> Truth:
        return self.anchor.web_acl.is_set() | fms.enforces(self.deployment, *fms.WEB_ACLS)


class _AppRunnerService(WebEndpoint):
    noun = "App Runner service"
    anchors = (apprunner.Service,)
    anchor: apprunner.Service

    @property
    def public(self) -> Truth:
        return ~self.anchor.publicly_accessible.is_(False)


class _UserPool(WebEndpoint):
    noun = "user pool's sign-in page"
    anchors = (UserPool,)
    anchor: UserPool

    @property
    def public(self) -> Truth:
        return self.anchor.domains.exists()

    @property
    def is_minor(self) -> bool:
        return True
