"""A VPC that talks to the internet has no firewall in its path.

Security groups and network ACLs look at addresses and ports. A firewall at the boundary also looks at what is
sent: it detects and stops known attacks, and keeps systems from calling where they should not.

A firewall may stand in the VPC itself (AWS Network Firewall, or an endpoint of one), behind a Gateway Load
Balancer endpoint, or in an inspection VPC to which a transit gateway leads; or Firewall Manager may put one into
every VPC. Leave out of `accept` what you do not take for an answer. A VPC with no way to the internet needs none,
nor does one that VPC Block Public Access of the same deployment keeps from it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, any_of, aws, rule


@rule(
    on=aws.boundary.Boundary,
    severity="medium",
    soc2=["CC6.6", "CC6.8", "CC7.2"],
    cwe=["693"],
    applies=lambda boundary: boundary.vpc.has_way_to_internet,
    scenery=Example(
        terraform="""
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        """,
        cloudformation="""
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment:
            Type: AWS::EC2::VPCGatewayAttachment
            Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Gateway}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_nat_gateway" "main" {
              vpc_id            = aws_vpc.main.id
              availability_mode = "regional"
            }

            resource "aws_fms_policy" "firewalls" {
              name                  = "firewalls"
              resource_type         = "AWS::EC2::VPC"
              exclude_resource_tags = false
              security_service_policy_data { type = "NETWORK_FIREWALL" }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              Nat: {Type: AWS::EC2::NatGateway, Properties: {VpcId: !Ref Main, AvailabilityMode: regional}}
              Firewalls:
                Type: AWS::FMS::Policy
                Properties: {PolicyName: firewalls, ResourceType: AWS::EC2::VPC, ExcludeResourceTags: false,
                             RemediationEnabled: true, SecurityServicePolicyData: {Type: NETWORK_FIREWALL}}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

            resource "aws_vpc_endpoint" "inspection" {
              vpc_id            = aws_vpc.main.id
              vpc_endpoint_type = "GatewayLoadBalancer"
              service_name      = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Inspection:
                Type: AWS::EC2::VPCEndpoint
                Properties: {VpcId: !Ref Main, VpcEndpointType: GatewayLoadBalancer,
                             ServiceName: com.amazonaws.vpce.eu-west-1.vpce-svc-1}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "closed" { cidr_block = "10.0.0.0/16" }
            """,
            cloudformation="""
            Resources:
              Closed: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

            resource "aws_subnet" "firewall" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.0.0/28"
            }

            resource "aws_networkfirewall_firewall" "main" {
              name                = "main"
              vpc_id              = aws_vpc.main.id
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              subnet_mapping { subnet_id = aws_subnet.firewall.id }
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              FirewallSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/28}}
              Firewall:
                Type: AWS::NetworkFirewall::Firewall
                Properties: {FirewallName: main, VpcId: !Ref Main,
                             FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge,
                             SubnetMappings: [{SubnetId: !Ref FirewallSubnet}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "spoke" { cidr_block = "10.1.0.0/16" }

            resource "aws_route_table" "spoke" {
              vpc_id = aws_vpc.spoke.id
              route {
                cidr_block         = "0.0.0.0/0"
                transit_gateway_id = "tgw-1"
              }
            }
            """,
            cloudformation="""
            Resources:
              Spoke: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
              Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Spoke}}
              Default:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, TransitGatewayId: tgw-1}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

            resource "aws_vpc_block_public_access_options" "closed" {
              internet_gateway_block_mode = "block-bidirectional"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Closed:
                Type: AWS::EC2::VPCBlockPublicAccessOptions
                Properties: {InternetGatewayBlockMode: block-bidirectional}
            """,
        ),
    ],
)
def network_firewall_absent(
    boundary: aws.boundary.Boundary, *, accept: tuple[str, ...] = ("gwlb", "transit-gateway", "fms-policy")
) -> Iterator[Finding]:
    inspected: list[Truth] = [boundary.firewalls.exists(), boundary.firewall_endpoints.exists()]
    if "gwlb" in accept:
        inspected += [boundary.inspection_endpoints.exists(), boundary.used]
    if "transit-gateway" in accept:
        inspected.append(boundary.inspected_upstream)
    if "fms-policy" in accept:
        inspected.append(aws.fms.enforces(boundary.deployment, *aws.fms.FIREWALLS))
    if ~any_of(inspected) & boundary.vpc.talks_to_internet:
        gateways = (*boundary.vpc.internet_gateways.items, *boundary.vpc.nat_gateways.items)
        yield Finding(
            "traffic between this VPC and the internet passes no firewall",
            at=boundary,
            related=tuple(Step(g.header, f"{g.address} joins it to the internet") for g in gateways[:4]),
        )
