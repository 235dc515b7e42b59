"""Which resources answer web requests, and which of them a web ACL protects."""

from __future__ import annotations

import pytest

from iaclint.aws.questions.web_endpoints import WebEndpoint
from iaclint.run.testing import deployment


@pytest.mark.parametrize(
    ("balancer", "public"),
    [
        ("{}", True),
        ("{Scheme: internal}", False),
        ("{Type: network}", False),
        ("{Type: gateway}", False),
        ("{Scheme: internet-facing, Type: application}", True),
    ],
)
def test_which_load_balancers_could_have_a_web_acl(balancer: str, public: bool) -> None:
    text = f"Resources:\n  lb:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties: {balancer}\n"
    with deployment(text, "cloudformation") as found:
        assert WebEndpoint.select(found)[0].public.value is public


def test_a_stage_is_protected_by_an_arn_put_together_from_its_api() -> None:
    text = """
Resources:
  api:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: api}
  stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref api, DeploymentId: "1", StageName: live}
  acl:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      ResourceArn: !Sub "arn:aws:apigateway:eu-west-1::/restapis/${api}/stages/live"
      WebACLArn: arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/common/1
"""
    with deployment(text, "cloudformation") as found:
        assert WebEndpoint.select(found)[0].protected.is_true
