"""VPC endpoints and endpoint services (AWS PrivateLink): private ways to services, and who may use them."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.views import Block, View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Truth
from iaclint.model.value import Unknown, Value


class Endpoint(View, terraform="aws_vpc_endpoint", cloudformation="AWS::EC2::VPCEndpoint"):
    """An endpoint in a VPC, by which it reaches a service."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    type = attr(str, terraform="vpc_endpoint_type", cloudformation="VpcEndpointType", default="Gateway")
    service = attr(str, terraform="service_name", cloudformation="ServiceName")
    policy = attr(str, terraform="policy", cloudformation="PolicyDocument")

    @property
    def policies(self) -> Partial[EndpointPolicy]:
        """Its policies that are resources of their own."""
        return attached_to(EndpointPolicy, "endpoint", self)

    @property
    def leads_to_store(self) -> Truth:
        """Whether it leads to S3 or DynamoDB, where any AWS account may have buckets or tables.

        Gateway endpoints lead nowhere else: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
        """
        if self.type.is_("Gateway").is_true:
            return TRUE
        is_store = _is_store(self.service)
        for ref in self.service.refs if not is_store.decided else ():
            for resource in self.deployment.resolve(ref):
                if resource.kind == "data.aws_vpc_endpoint_service":
                    looked_up = Block(resource, self.deployment)
                    by_name = _is_store(looked_up.read("service_name", str))
                    is_store = looked_up.read("service", str).is_one_of(*_STORES) | by_name
        return self.type.is_("Gateway") | (self.type.is_("Interface") & is_store)


class EndpointPolicy(View, terraform="aws_vpc_endpoint_policy", cloudformation=()):
    """The policy of an endpoint, as a resource of its own."""

    endpoint = attr(str, terraform="vpc_endpoint_id", cloudformation=None)


_STORES = ("s3", "dynamodb", "dynamodb-fips")
"""https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html lists the names."""


def _is_store(name: Value[Any]) -> Truth:
    """Return True if the name of a service, such as com.amazonaws.eu-west-1.s3, ends in that of S3 or DynamoDB."""
    last = name.data.parts[-1] if isinstance(name.data, Unknown) and name.data.parts else name
    if isinstance(last.data, str) and (name.known or "." in last.data):
        return Truth.of(last.data.rpartition(".")[2] in _STORES)
    return name.test(lambda _: False)


class EndpointService(View, terraform="aws_vpc_endpoint_service", cloudformation="AWS::EC2::VPCEndpointService"):
    """A service that other accounts reach by endpoints in their VPCs."""

    acceptance = attr(bool, terraform="acceptance_required", cloudformation="AcceptanceRequired")
    principals = attr(list, terraform="allowed_principals", cloudformation=None)


class EndpointServicePermissions(
    View,
    terraform="aws_vpc_endpoint_service_allowed_principal",
    cloudformation="AWS::EC2::VPCEndpointServicePermissions",
):
    """The principals that may create endpoints for a service."""

    service = attr(str, terraform="vpc_endpoint_service_id", cloudformation="ServiceId")
    principals = attr(list, terraform="principal_arn", cloudformation="AllowedPrincipals")
