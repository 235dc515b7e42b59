"""Load balancer forwards malformed headers.

Headers that no standard allows, and requests that two servers read differently, are how one user's request is
smuggled into another's. The load balancer can drop the headers and refuse such requests before the application
sees them.

Dropping is off unless it is asked for. The handling of ambiguous requests is defensive by default, and only
monitor switches it off; classic load balancers have it, too.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.balancers.HeaderHandling,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["444"],
    applies=lambda balancer: balancer.reads_requests,
    bad=[
        Example(
            terraform="""
            resource "aws_lb" "web" {
              subnets = ["subnet-1", "subnet-2"]
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Subnets: [subnet-1, subnet-2]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_lb" "web" {
              drop_invalid_header_fields = true
              desync_mitigation_mode     = "monitor"
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties:
                  LoadBalancerAttributes:
                    - {Key: routing.http.drop_invalid_header_fields.enabled, Value: "true"}
                    - {Key: routing.http.desync_mitigation_mode, Value: monitor}
            """,
        ),
        Example(
            terraform="""
            resource "aws_elb" "old" { desync_mitigation_mode = "monitor" }
            """,
            only="CloudFormation has no property for it",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_lb" "web" { drop_invalid_header_fields = true }
            resource "aws_lb" "network" { load_balancer_type = "network" }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties:
                  LoadBalancerAttributes: [{Key: routing.http.drop_invalid_header_fields.enabled, Value: "true"}]
              Network: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network}}
            """,
        ),
    ],
)
def alb_header_handling_weak(balancer: aws.balancers.HeaderHandling) -> Iterator[Finding]:
    dropped = balancer.drops_invalid_headers
    if dropped is not None and ~dropped.is_(True):
        fix = balancer.drop_invalid_headers("drop invalid headers")
        yield Finding("malformed headers reach the application", at=dropped, fix=fix)
    if balancer.desync_mitigation.is_("monitor"):
        yield Finding("requests that two servers read differently are let through", at=balancer.desync_mitigation)
