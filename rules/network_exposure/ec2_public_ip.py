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
    applies=lambda item: ~item.translates,
    bad=[
        Example(
            terraform="""
            resource "aws_launch_template" "web" {
              image_id = "ami-1"

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
                    ImageId: ami-1
                    NetworkInterfaces:
                      - {DeviceIndex: 0, AssociatePublicIpAddress: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_launch_configuration" "web" {
              image_id                    = "ami-1"
              instance_type               = "t3.micro"
              associate_public_ip_address = true
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::AutoScaling::LaunchConfiguration
                Properties:
                  ImageId: ami-1
                  InstanceType: t3.micro
                  AssociatePublicIpAddress: true
            """,
        ),
        Example(
            terraform="""
            resource "aws_ecs_service" "web" {
              name            = "web"
              task_definition = "web:1"

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
                  TaskDefinition: "web:1"
                  NetworkConfiguration:
                    AwsvpcConfiguration: {Subnets: [subnet-1], AssignPublicIp: ENABLED}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_instance" "app" {
              ami                         = "ami-1"
              instance_type               = "t3.micro"
              associate_public_ip_address = false
            }

            resource "aws_ecs_service" "web" {
              name            = "web"
              task_definition = "web:1"

              network_configuration { subnets = ["subnet-1"] }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::Instance
                Properties:
                  ImageId: ami-1
                  InstanceType: t3.micro
                  NetworkInterfaces: [{DeviceIndex: "0", SubnetId: subnet-1, AssociatePublicIpAddress: false}]
              Web:
                Type: AWS::ECS::Service
                Properties:
                  TaskDefinition: "web:1"
                  NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_instance" "nat" {
              ami                         = "ami-1"
              instance_type               = "t3.micro"
              associate_public_ip_address = true
              source_dest_check           = false
            }
            """,
            cloudformation="""
            Resources:
              Nat:
                Type: AWS::EC2::Instance
                Properties:
                  ImageId: ami-1
                  InstanceType: t3.micro
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
