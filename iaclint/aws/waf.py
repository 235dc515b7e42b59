"""Web ACLs of AWS WAF, and what can be put behind one.

https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""

from __future__ import annotations

from iaclint.aws import fms
from iaclint.aws.elb import LoadBalancer
from iaclint.aws.model import Typed, attr, beside
from iaclint.estate import Deployment
from iaclint.value import NO, YES, Tri


class Association(
    Typed,
    tf=("aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"),
    cfn=("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"),
):
    """A web ACL put before a resource."""

    resource_arn = attr(str, tf="resource_arn", cfn="ResourceArn")


class Endpoint(Typed):
    """What answers web requests and can have a web ACL."""

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Endpoint]:
        """The endpoints of all kinds in a deployment."""
        kinds: tuple[type[Endpoint], ...] = (
            *(ApplicationLoadBalancer, RestApiStage, GraphqlApi),
            *(Distribution, AppRunnerService, UserPool),
        )
        return [
            kind(resource, deployment)
            for kind in kinds
            for resource in deployment.of_kind(*kind.kinds(deployment.vendor))
        ]

    @property
    def public(self) -> Tri:
        """Whether the internet can call it, and a web ACL could stand before it."""
        return YES

    @property
    def shielded(self) -> Tri:
        """Whether only something that can be protected in its stead can call it."""
        return NO

    @property
    def protected(self) -> Tri:
        """Whether a web ACL stands before it."""
        return beside(Association, "resource_arn", self).exists() | fms.enforces(self.deployment, *fms.WEB_ACLS)

    @property
    def low(self) -> bool:
        """Whether less hangs on it."""
        return False


class ApplicationLoadBalancer(Endpoint, tf=LoadBalancer.tf_kinds, cfn=LoadBalancer.cfn_kinds):
    what = "load balancer"

    @property
    def _balancer(self) -> LoadBalancer:
        return LoadBalancer(self.resource, self.deployment)

    @property
    def public(self) -> Tri:
        return self._balancer.application & self._balancer.internet_facing

    @property
    def shielded(self) -> Tri:
        return self._balancer.closed_by_groups


class RestApi(Typed, tf="aws_api_gateway_rest_api", cfn="AWS::ApiGateway::RestApi"):
    types = attr(list, tf="endpoint_configuration.types", cfn="EndpointConfiguration.Types")


class RestApiStage(Endpoint, tf="aws_api_gateway_stage", cfn="AWS::ApiGateway::Stage"):
    what = "REST API stage"

    api = attr(str, tf="rest_api_id", cfn="RestApiId")

    @property
    def public(self) -> Tri:
        return ~RestApi.at(self.api, self.deployment).any(_private)

    @property
    def protected(self) -> Tri:
        # its ARN is often put together from the API and the name of the stage
        by_api = NO
        for api in RestApi.at(self.api, self.deployment).items:
            by_api = by_api | beside(Association, "resource_arn", api).exists()
        return super().protected | by_api


def _private(api: RestApi) -> Tri:
    return api.types.elements().any(lambda kind: kind.is_("PRIVATE"))


class GraphqlApi(Endpoint, tf="aws_appsync_graphql_api", cfn="AWS::AppSync::GraphQLApi"):
    what = "GraphQL API"

    visibility = attr(str, tf="visibility", cfn="Visibility", default="GLOBAL")

    @property
    def public(self) -> Tri:
        return ~self.visibility.is_("PRIVATE")


class Distribution(Endpoint, tf="aws_cloudfront_distribution", cfn="AWS::CloudFront::Distribution"):
    what = "distribution"

    web_acl = attr(str, tf="web_acl_id", cfn="DistributionConfig.WebACLId")
    enabled = attr(bool, tf="enabled", cfn="DistributionConfig.Enabled")

    @property
    def protected(self) -> Tri:
        return self.web_acl.is_set() | fms.enforces(self.deployment, *fms.WEB_ACLS)


class AppRunnerService(Endpoint, tf="aws_apprunner_service", cfn="AWS::AppRunner::Service"):
    what = "App Runner service"

    publicly = attr(
        bool,
        tf="network_configuration.ingress_configuration.is_publicly_accessible",
        cfn="NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        default=True,
    )

    @property
    def public(self) -> Tri:
        return ~self.publicly.is_(False)


class UserPoolDomain(Typed, tf="aws_cognito_user_pool_domain", cfn="AWS::Cognito::UserPoolDomain"):
    pool = attr(str, tf="user_pool_id", cfn="UserPoolId")


class UserPool(Endpoint, tf="aws_cognito_user_pool", cfn="AWS::Cognito::UserPool"):
    """A user pool; its sign-in pages are on the internet once it has a domain."""

    what = "user pool's sign-in page"

    @property
    def public(self) -> Tri:
        return beside(UserPoolDomain, "pool", self).exists()

    @property
    def low(self) -> bool:
        return True
