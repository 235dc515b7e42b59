"""Amazon OpenSearch Service."""

from __future__ import annotations

import json
from typing import Any

from iaclint.aws.model import Typed, attr, beside
from iaclint.aws.policy import Document, Statement
from iaclint.value import NO, Population, Tri, Value


class Domain(
    Typed,
    tf=("aws_opensearch_domain", "aws_elasticsearch_domain"),
    cfn=("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"),
):
    """A domain. Without subnets it has a public endpoint.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
    """

    name = attr(str, tf="domain_name", cfn="DomainName")
    subnets = attr(list, tf="vpc_options.subnet_ids", cfn="VPCOptions.SubnetIds")
    policy = attr(str, tf="access_policies", cfn="AccessPolicies")
    fine_grained = attr(
        bool, tf="advanced_security_options.enabled", cfn="AdvancedSecurityOptions.Enabled", default=False
    )

    @property
    def in_vpc(self) -> Tri:
        """Whether it stands in a VPC."""
        return self.subnets.has_elements()

    @property
    def policies(self) -> Population[Value[Any]]:
        """Its access policies, also one that stands beside it."""
        own: Population[Value[Any]] = Population((self.policy,))
        return own + beside(DomainPolicy, "domain", self, self.name).map(lambda p: p.policy)

    @property
    def open_statements(self) -> Population[Statement]:
        """The statements by which everybody may use it."""
        found: Population[Statement] = Population((), self.policies.gaps)
        for policy in self.policies.items:
            found = found + Document.parse(policy).public_statements()
        return found


class DomainPolicy(Typed, tf=("aws_opensearch_domain_policy", "aws_elasticsearch_domain_policy"), cfn=()):
    domain = attr(str, tf="domain_name", cfn=None)
    policy = attr(str, tf="access_policies", cfn=None)


class ServerlessPolicy(
    Typed, tf="aws_opensearchserverless_security_policy", cfn="AWS::OpenSearchServerless::SecurityPolicy"
):
    """A security policy of OpenSearch Serverless; one of type network says from where collections are reached."""

    type = attr(str, tf="type", cfn="Type")
    policy = attr(str, tf="policy", cfn="Policy")

    @property
    def public(self) -> Tri:
        """Whether it lets the internet reach collections.

        https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
        """
        encoded = getattr(self.policy.data, "value", None) or getattr(self.policy.data, "encoded", None)
        if isinstance(encoded, Value):
            return self.type.is_("network") & encoded.elements().any(lambda p: p.key("AllowFromPublic").is_(True))
        return self.type.is_("network") & self.policy.test(_allows_public)


def _allows_public(text: object) -> bool:
    try:
        policies = json.loads(str(text))
    except ValueError:
        return False
    listed = policies if isinstance(policies, list) else [policies]
    return any(isinstance(p, dict) and p.get("AllowFromPublic") is True for p in listed)


class Access(
    Typed,
    tf=(*Domain.tf_kinds, *ServerlessPolicy.tf_kinds),
    cfn=(*Domain.cfn_kinds, *ServerlessPolicy.cfn_kinds),
):
    """What decides from where, and by whom, data in OpenSearch is reached."""

    @property
    def domain(self) -> Domain | None:
        found = self.resource.kind in Domain.kinds(self.resource.vendor)
        return Domain(self.resource, self.deployment) if found else None

    @property
    def serverless(self) -> ServerlessPolicy:
        return ServerlessPolicy(self.resource, self.deployment)

    @property
    def public_by_policy(self) -> Tri:
        """Whether it is a network policy that lets the internet in."""
        return NO if self.domain else self.serverless.public
