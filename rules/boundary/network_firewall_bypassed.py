"""Traffic reaches the internet without passing the firewall.

A firewall inspects only what routes lead through one of its endpoints. It can be there, paid for and shown to an
auditor, while every packet walks around it. Three things are looked at:

- some route in the VPC leads to an endpoint of the firewall; - no subnet but the firewall's own has a default
route straight to the internet gateway, save the subnet of a NAT gateway that the firewall stands before; - where
what leaves passes the firewall on its way to the internet gateway, the gateway has a route table that leads the
answers back through it. Otherwise the firewall sees one half of each connection, and its stateful rules fail.

Endpoints of firewalls elsewhere and Gateway Load Balancer endpoints count as well.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Undecided, aws, rule


@rule(
    on=aws.boundary.Boundary,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["693"],
    applies=lambda boundary: boundary.firewalls.exists() | boundary.firewall_endpoints.exists(),
    scenery=Example(
        terraform="""
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

        resource "aws_subnet" "firewall" {
          vpc_id     = aws_vpc.main.id
          cidr_block = "10.0.0.0/28"
        }

        resource "aws_subnet" "app" {
          vpc_id     = aws_vpc.main.id
          cidr_block = "10.0.1.0/24"
        }

        resource "aws_networkfirewall_firewall" "main" {
          name                = "main"
          vpc_id              = aws_vpc.main.id
          firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
          subnet_mapping { subnet_id = aws_subnet.firewall.id }
        }

        resource "aws_route_table" "firewall" {
          vpc_id = aws_vpc.main.id
          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.main.id
          }
        }

        resource "aws_route_table_association" "firewall" {
          subnet_id      = aws_subnet.firewall.id
          route_table_id = aws_route_table.firewall.id
        }

        resource "aws_route_table" "app" { vpc_id = aws_vpc.main.id }

        resource "aws_route_table_association" "app" {
          subnet_id      = aws_subnet.app.id
          route_table_id = aws_route_table.app.id
        }
        """,
        cloudformation="""
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment:
            Type: AWS::EC2::VPCGatewayAttachment
            Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Gateway}
          FirewallSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/28}}
          App: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24}}
          Firewall:
            Type: AWS::NetworkFirewall::Firewall
            Properties: {FirewallName: main, VpcId: !Ref Main,
                         FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge,
                         SubnetMappings: [{SubnetId: !Ref FirewallSubnet}]}
          FirewallTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
          FirewallOut:
            Type: AWS::EC2::Route
            Properties:
              {RouteTableId: !Ref FirewallTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
          OfFirewall:
            Type: AWS::EC2::SubnetRouteTableAssociation
            Properties: {SubnetId: !Ref FirewallSubnet, RouteTableId: !Ref FirewallTable}
          AppTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
          OfApp:
            Type: AWS::EC2::SubnetRouteTableAssociation
            Properties: {SubnetId: !Ref App, RouteTableId: !Ref AppTable}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_route" "app" {
              route_table_id         = aws_route_table.app.id
              destination_cidr_block = "0.0.0.0/0"
              gateway_id             = aws_internet_gateway.main.id
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              AppOut:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref AppTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
            """,
        ),
        Example(
            terraform="""
            resource "aws_route" "app" {
              route_table_id         = aws_route_table.app.id
              destination_cidr_block = "0.0.0.0/0"
              vpc_endpoint_id = [
                for state in aws_networkfirewall_firewall.main.firewall_status[0].sync_states :
                state.attachment[0].endpoint_id
              ][0]
            }

            resource "aws_route_table" "edge" {
              vpc_id = aws_vpc.main.id
              route {
                cidr_block = "10.0.1.0/24"
                vpc_endpoint_id = [
                  for state in aws_networkfirewall_firewall.main.firewall_status[0].sync_states :
                  state.attachment[0].endpoint_id
                ][0]
              }
            }

            resource "aws_route_table_association" "edge" {
              gateway_id     = aws_internet_gateway.main.id
              route_table_id = aws_route_table.edge.id
            }

            resource "aws_subnet" "other" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.2.0/24"
            }

            resource "aws_route_table_association" "other" {
              subnet_id      = aws_subnet.other.id
              route_table_id = aws_route_table.firewall.id
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              AppOut:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref AppTable, DestinationCidrBlock: 0.0.0.0/0,
                             VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Firewall.EndpointIds]]]}
              Edge: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
              Back:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref Edge, DestinationCidrBlock: 10.0.1.0/24,
                             VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Firewall.EndpointIds]]]}
              OfGateway:
                Type: AWS::EC2::GatewayRouteTableAssociation
                Properties: {GatewayId: !Ref Gateway, RouteTableId: !Ref Edge}
              Other: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.2.0/24}}
              OfOther:
                Type: AWS::EC2::SubnetRouteTableAssociation
                Properties: {SubnetId: !Ref Other, RouteTableId: !Ref FirewallTable}
            """,
        ),
        Example(
            terraform="""
            resource "aws_route" "app" {
              route_table_id         = aws_route_table.app.id
              destination_cidr_block = "0.0.0.0/0"
              vpc_endpoint_id = [
                for state in aws_networkfirewall_firewall.main.firewall_status[0].sync_states :
                state.attachment[0].endpoint_id
              ][0]
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              AppOut:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref AppTable, DestinationCidrBlock: 0.0.0.0/0,
                             VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Firewall.EndpointIds]]]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_route" "app" {
              route_table_id         = aws_route_table.app.id
              destination_cidr_block = "0.0.0.0/0"
              vpc_endpoint_id = [
                for state in aws_networkfirewall_firewall.main.firewall_status[0].sync_states :
                state.attachment[0].endpoint_id
              ][0]
            }

            resource "aws_route_table" "edge" {
              vpc_id = aws_vpc.main.id
              route {
                cidr_block = "10.0.1.0/24"
                vpc_endpoint_id = [
                  for state in aws_networkfirewall_firewall.main.firewall_status[0].sync_states :
                  state.attachment[0].endpoint_id
                ][0]
              }
            }

            resource "aws_route_table_association" "edge" {
              gateway_id     = aws_internet_gateway.main.id
              route_table_id = aws_route_table.edge.id
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              AppOut:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref AppTable, DestinationCidrBlock: 0.0.0.0/0,
                             VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Firewall.EndpointIds]]]}
              Edge: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
              Back:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref Edge, DestinationCidrBlock: 10.0.1.0/24,
                             VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Firewall.EndpointIds]]]}
              OfGateway:
                Type: AWS::EC2::GatewayRouteTableAssociation
                Properties: {GatewayId: !Ref Gateway, RouteTableId: !Ref Edge}
            """,
        ),
    ],
)
def network_firewall_bypassed(boundary: aws.boundary.Boundary) -> Iterator[Finding | Undecided]:
    firewalls = tuple(
        Step(f.header, f"{f.address} is the firewall")
        for f in (*boundary.firewalls.items, *boundary.firewall_endpoints.items)
    )
    if ~boundary.used:
        yield Finding("no route leads through the firewall of this VPC", at=boundary, related=firewalls)
        return
    bypasses = boundary.routes_around_firewall()
    for route, subnets in bypasses.items:
        subject = "a subnet reaches" if len(subnets) == 1 else f"{len(subnets)} subnets reach"
        yield Finding(
            f"{subject} the internet gateway past the firewall",
            at=route,
            related=(*(Step(s.header, f"{s.address} uses this route") for s in subnets[:5]), *firewalls),
        )
    if boundary.asymmetric_routing.is_true:
        gateway = boundary.vpc.internet_gateways.items[0]
        yield Finding("answers from the internet come back past the firewall", at=gateway, related=firewalls)
    yield Undecided(bypasses.exists() | boundary.asymmetric_routing)
