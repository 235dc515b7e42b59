"""Game server fleet opens a range of ports.

A game server listens on known ports. A range opens those of everything else that runs on the instance, also what
is put there later.

Off by default: a fleet with several servers on an instance needs a range.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.gamelift.Fleet,
    severity="low",
    soc2=["CC6.6"],
    enabled=False,
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_gamelift_fleet" "game" {
              ec2_instance_type = "c5.large"
              name              = "game"
              ec2_inbound_permission {
                from_port = 1900
                to_port   = 2000
                ip_range  = "0.0.0.0/0"
                protocol  = "UDP"
              }
            }
            """,
            cloudformation="""
            Resources:
              Game:
                Type: AWS::GameLift::Fleet
                Properties: {Name: game, EC2InstanceType: c5.large,
                             EC2InboundPermissions: [{FromPort: 1900, ToPort: 2000, IpRange: 0.0.0.0/0, Protocol: UDP}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_gamelift_fleet" "game" {
              ec2_instance_type = "c5.large"
              name              = "game"
              ec2_inbound_permission {
                from_port = 1900
                to_port   = 1900
                ip_range  = "0.0.0.0/0"
                protocol  = "UDP"
              }
            }
            """,
            cloudformation="""
            Resources:
              Game:
                Type: AWS::GameLift::Fleet
                Properties: {Name: game, EC2InstanceType: c5.large,
                             EC2InboundPermissions: [{FromPort: 1900, ToPort: 1900, IpRange: 0.0.0.0/0, Protocol: UDP}]}
            """,
        ),
    ],
)
def gamelift_fleet_port_range(fleet: aws.gamelift.Fleet) -> Iterator[Finding | Undecided]:
    for permission in fleet.permissions:
        single = permission.single_port
        yield Undecided(single)
        if single.is_false:
            yield Finding(
                f"ports {permission.from_port.data} to {permission.to_port.data} are open", at=permission.to_port
            )
