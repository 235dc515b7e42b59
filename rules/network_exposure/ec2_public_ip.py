"""Instance, template or task asks for a public address.

A system with a public address can be reached from the internet as soon as a security group or a route is changed
by mistake; one without cannot. Balancers and NAT gateways belong to the edge, workloads behind it.

What says nothing follows its subnet, which subnet-auto-public-ip judges. NAT instances, which do without the check
of addresses, pass. A bastion can be accepted with a reason.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.compute.AddressRequest,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["284"],
    applies=lambda item: ~item.is_nat_instance,
    bad=[
        Example(
            terraform="""
            resource "aws_launch_template" "web" {
              network_interfaces {
                associate_public_ip_address = true
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::LaunchTemplate
                Properties:
                  LaunchTemplateData:
                    NetworkInterfaces:
                      - {DeviceIndex: 0, AssociatePublicIpAddress: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_launch_configuration" "web" {
              associate_public_ip_address = true
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::AutoScaling::LaunchConfiguration
                Properties:
                  AssociatePublicIpAddress: true
            """,
        ),
        Example(
            terraform="""
            resource "aws_ecs_service" "web" {
              name            = "web"
              network_configuration {
                subnets          = ["subnet-1"]
                assign_public_ip = true
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ECS::Service
                Properties:
                  NetworkConfiguration:
                    AwsvpcConfiguration: {Subnets: [subnet-1], AssignPublicIp: ENABLED}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_instance" "app" { associate_public_ip_address = false }

            resource "aws_ecs_service" "web" {
              name = "web"
              network_configuration { subnets = ["subnet-1"] }
            }

            resource "aws_instance" "nat" {
              associate_public_ip_address = true
              source_dest_check           = false
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::Instance
                Properties:
                  NetworkInterfaces: [{DeviceIndex: "0", SubnetId: subnet-1, AssociatePublicIpAddress: false}]
              Web:
                Type: AWS::ECS::Service
                Properties: {NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}}
              Nat:
                Type: AWS::EC2::Instance
                Properties:
                  SourceDestCheck: false
                  NetworkInterfaces: [{DeviceIndex: "0", SubnetId: subnet-1, AssociatePublicIpAddress: true}]
            """,
        ),
    ],
)
def ec2_public_ip(item: aws.compute.AddressRequest) -> Iterator[Finding | Undecided]:
    for request, none in item.requests:
        asks = request.is_one_of(True, "ENABLED")
        yield Undecided(asks)
        if asks.is_true:
            yield Finding(
                "a public address is asked for", at=request, fix=request.set(none, "ask for no public address")
            )
