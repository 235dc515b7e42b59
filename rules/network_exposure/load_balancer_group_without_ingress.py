"""Load balancer's security group lets nothing in.

A load balancer whose groups admit nothing answers nobody. Either it is dead, or somebody will open it in a hurry,
without the review that a planned rule gets.
"""

from collections.abc import Iterator

from iaclint import FALSE, Example, Finding, Undecided, aws, rule


@rule(
    on=aws.balancers.BalancerGroups,
    severity="low",
    soc2=["CC6.6", "A1.2"],
    enabled=False,
    scenery=Example(
        terraform="""
        resource "aws_lb" "web" {
          security_groups = [aws_security_group.web.id]
          subnets         = ["subnet-1", "subnet-2"]
        }
        """,
        cloudformation="""
        Resources:
          Web:
            Type: AWS::ElasticLoadBalancingV2::LoadBalancer
            Properties: {SecurityGroups: [!Ref Group], Subnets: [subnet-1, subnet-2]}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "web" { vpc_id = "vpc-1" }
            """,
            cloudformation="""
            Resources:
              Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web, VpcId: vpc-1}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              vpc_id = "vpc-1"
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Group:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: web, VpcId: vpc-1,
                             SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]}
            """,
        ),
    ],
)
def load_balancer_group_without_ingress(balancer: aws.balancers.BalancerGroups) -> Iterator[Finding | Undecided]:
    for value, groups in balancer.groups:
        yield Undecided(groups.any(lambda _: FALSE))
        for group in groups.items:
            admits = group.ingress.any(lambda rule: rule.is_present)
            yield Undecided(admits)
            if admits.is_false:
                yield Finding("a security group of the load balancer lets nothing in", at=value)
