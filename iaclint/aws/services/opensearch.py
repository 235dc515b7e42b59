"""Amazon OpenSearch Service."""

from __future__ import annotations

import json
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.views import Attr, Subject, View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Truth
from iaclint.model.value import Encoded, Unknown, Value


class Domain(
    View,
    terraform=("aws_opensearch_domain", "aws_elasticsearch_domain"),
    cloudformation=("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"),
):
    """A domain. Without subnets it has a public endpoint.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
    """

    name = attr(str, terraform="domain_name", cloudformation="DomainName")
    subnets = attr(list, terraform="vpc_options.subnet_ids", cloudformation="VPCOptions.SubnetIds")
    policy = attr(str, terraform="access_policies", cloudformation="AccessPolicies")
    fine_grained = attr(
        bool,
        terraform="advanced_security_options.enabled",
        cloudformation="AdvancedSecurityOptions.Enabled",
        default=False,
    )

    @property
    def in_vpc(self) -> Truth:
        """Return True if the domain is placed in a VPC."""
        return self.subnets.has_elements()

    @property
    def policies(self) -> Partial[Value[Any]]:
        """Its access policies: its own, and those attached to it."""
        own: Partial[Value[Any]] = Partial((self.policy,))
        return own + attached_to(DomainPolicy, "domain", self, self.name).map(lambda p: p.policy)

    @property
    def open_statements(self) -> Partial[Statement]:
        """The statements that allow everyone to use the domain."""
        found: Partial[Statement] = Partial((), self.policies.gaps)
        for policy in self.policies.items:
            found = found + Document.parse(policy).public_statements()
        return found


class DomainPolicy(
    View, terraform=("aws_opensearch_domain_policy", "aws_elasticsearch_domain_policy"), cloudformation=()
):
    """An access policy that is a resource of its own."""

    domain = attr(str, terraform="domain_name", cloudformation=None)
    policy = attr(str, terraform="access_policies", cloudformation=None)


class ServerlessPolicy(
    View,
    terraform="aws_opensearchserverless_security_policy",
    cloudformation="AWS::OpenSearchServerless::SecurityPolicy",
):
    """A security policy of OpenSearch Serverless. One of type "network" says from where collections can be reached."""

    type = attr(str, terraform="type", cloudformation="Type")
    policy = attr(str, terraform="policy", cloudformation="Policy")

    @property
    def public(self) -> Truth:
        """Return True if it is a network policy that makes collections reachable from the internet.

        https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
        """
        data = self.policy.data
        encoded = data.value if isinstance(data, Encoded) else data.encoded if isinstance(data, Unknown) else None
        if encoded is not None:
            return self.type.is_("network") & encoded.elements().any(lambda p: p.key("AllowFromPublic").is_(True))
        return self.type.is_("network") & self.policy.test(_allows_public)


def _allows_public(text: object) -> bool:
    try:
        policies = json.loads(str(text))
    except ValueError:
        return False
    listed = policies if isinstance(policies, list) else [policies]
    return any(isinstance(p, dict) and p.get("AllowFromPublic") is True for p in listed)


class Access(Subject):
    """A domain, or a security policy of OpenSearch Serverless: what decides who reaches the data."""

    anchors = (Domain, ServerlessPolicy)
    anchor: Domain | ServerlessPolicy

    @property
    def domain(self) -> Domain | None:
        """The domain, if it is one."""
        return self.anchor if isinstance(self.anchor, Domain) else None

    @property
    def policy(self) -> Attr[str]:
        """The property that holds the policy."""
        return self.anchor.policy

    @property
    def public_by_policy(self) -> Truth:
        """Return True if it is a network policy of OpenSearch Serverless that lets the internet in."""
        return self.anchor.public if isinstance(self.anchor, ServerlessPolicy) else FALSE
