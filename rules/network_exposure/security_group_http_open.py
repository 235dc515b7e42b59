"""The internet is let in on port 80 without a redirect to HTTPS.

What answers on port 80 answers in clear text: whoever sits on the way reads passwords and sessions, and changes
pages. Keep the port for a load balancer that only sends clients on to HTTPS.

A group that belongs to a load balancer whose listener on port 80 redirects passes. Protocol -1 and all ports at
once are left to security-group-open-to-world.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._openings import internet_source

HTTP = aws.ports.Traffic.of("tcp", 80, 80)


@rule(
    on=aws.security_groups.IngressRule,
    severity="low",
    soc2=["CC6.6", "CC6.7"],
    cwe=["319"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "tcp"
                from_port   = 80
                to_port     = 80
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: web
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "tcp"
                from_port   = 80
                to_port     = 80
                cidr_blocks = ["0.0.0.0/0"]
              }
            }

            resource "aws_lb" "web" { security_groups = [aws_security_group.web.id] }

            resource "aws_lb_listener" "http" {
              load_balancer_arn = aws_lb.web.arn
              port              = 80
              protocol          = "HTTP"
              default_action {
                type = "redirect"
                redirect {
                  protocol = "HTTPS"
                  port     = "443"
                }
              }
            }

            resource "aws_security_group" "inside" {
              ingress {
                protocol    = "tcp"
                from_port   = 80
                to_port     = 80
                cidr_blocks = ["10.0.0.0/8"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Group:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: web
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]
              Web: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {SecurityGroups: [!Ref Group]}}
              Http:
                Type: AWS::ElasticLoadBalancingV2::Listener
                Properties: {LoadBalancerArn: !Ref Web, Port: 80, Protocol: HTTP,
                             DefaultActions: [{Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: "443"}}]}
              Inside:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: inside
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 10.0.0.0/8}]
            """,
        ),
    ],
)
def security_group_http_open(opening: aws.security_groups.IngressRule) -> Iterator[Finding | Undecided]:
    redirected = aws.elb.belongs_to_redirecting_balancer(opening)
    for family in aws.cidr.FAMILIES:
        truth = opening.opens(HTTP, family) & ~opening.opens_all_ports(family) & ~redirected
        yield Undecided(truth)
        if truth.is_true:
            wholly = opening.opens(HTTP, family, None).is_true
            yield Finding(f"port 80 is open to {internet_source(opening, family, wholly)}", at=opening.opening(family))
