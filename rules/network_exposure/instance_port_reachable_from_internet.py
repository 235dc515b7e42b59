"""A server can be reached from the internet on a sensitive port.

An open security group alone harms nobody, nor does a public address. This rule puts together what has to come
together: a public address, a route between the subnet and an internet gateway, a network ACL that lets packets and
their answers through, and a security group that lets the whole internet in, on a port for administration, for a
data store, for a directory or for a service that asks for no credentials. Each finding is a way in that exists,
and lists its hops.

A server without a subnet is started in a default subnet of the default VPC, which is public and gives public
addresses. Launch templates, launch configurations, network interfaces of their own and Elastic IP addresses are
followed, and so is VPC Block Public Access where the same deployment sets it. What is not written here, such as a
security group from elsewhere, makes the answer unknown.

The cheapest way to break the chain is to take away the public address; Session Manager reaches a server without
one.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, any_of, aws, rule

from ._openings import listed

SENSITIVE = (*aws.ports.ADMIN, *aws.ports.UNAUTHENTICATED, *aws.ports.DATABASE, *aws.ports.KERBEROS)


@rule(
    on=aws.ec2.Server,
    severity="critical",
    soc2=["CC6.6", "CC6.1", "CC7.1"],
    cwe=["668"],
    scenery=Example(
        terraform="""
        resource "aws_security_group" "ssh" {
          vpc_id = aws_vpc.main.id
          ingress {
            protocol    = "tcp"
            from_port   = 22
            to_port     = 22
            cidr_blocks = ["0.0.0.0/0"]
          }
        }

        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

        resource "aws_subnet" "a" {
          vpc_id     = aws_vpc.main.id
          cidr_block = "10.0.0.0/24"
        }

        resource "aws_route_table" "a" {
          vpc_id = aws_vpc.main.id
          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.main.id
          }
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.a.id
        }
        """,
        cloudformation="""
        Resources:
          Ssh:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: ssh, VpcId: !Ref Main,
                         SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]}
          Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Igw: {Type: AWS::EC2::InternetGateway}
          Attach: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Igw}}
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
          Out:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}
          OfA: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref A, RouteTableId: !Ref Table}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_instance" "server" {
              subnet_id                   = aws_subnet.a.id
              vpc_security_group_ids      = [aws_security_group.ssh.id]
              associate_public_ip_address = true
            }
            """,
            cloudformation="""
            Resources:
              Server:
                Type: AWS::EC2::Instance
                Properties:
                  NetworkInterfaces:
                    - {DeviceIndex: "0", SubnetId: !Ref A, GroupSet: [!Ref Ssh], AssociatePublicIpAddress: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "data" { vpc_id = aws_vpc.main.id }

            resource "aws_vpc_security_group_ingress_rule" "data" {
              security_group_id = aws_security_group.data.id
              ip_protocol       = "tcp"
              from_port         = 6379
              to_port           = 6379
              cidr_ipv4         = "0.0.0.0/0"
            }

            resource "aws_network_interface" "data" {
              subnet_id       = aws_subnet.a.id
              security_groups = [aws_security_group.data.id]
            }

            resource "aws_eip" "data" { network_interface = aws_network_interface.data.id }

            resource "aws_instance" "server" {
              network_interface {
                network_interface_id = aws_network_interface.data.id
                device_index         = 0
              }
            }
            """,
            cloudformation="""
            Resources:
              Data: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: data, VpcId: !Ref Main}}
              FromAnywhere:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref Data, IpProtocol: tcp, FromPort: 6379, ToPort: 6379, CidrIp: 0.0.0.0/0}
              Interface: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref A, GroupSet: [!Ref Data]}}
              Address: {Type: AWS::EC2::EIP}
              OfInterface:
                Type: AWS::EC2::EIPAssociation
                Properties: {AllocationId: !GetAtt Address.AllocationId, NetworkInterfaceId: !Ref Interface}
              Server:
                Type: AWS::EC2::Instance
                Properties: {NetworkInterfaces: [{DeviceIndex: "0", NetworkInterfaceId: !Ref Interface}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "rdp" {
              vpc_id = aws_vpc.main.id
              ingress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["0.0.0.0/0"]
              }
            }

            resource "aws_launch_template" "fleet" {
              network_interfaces {
                associate_public_ip_address = true
                security_groups             = [aws_security_group.rdp.id]
              }
            }

            resource "aws_autoscaling_group" "fleet" {
              vpc_zone_identifier = [aws_subnet.a.id]
              launch_template { id = aws_launch_template.fleet.id }
            }
            """,
            cloudformation="""
            Resources:
              Rdp:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: rdp, VpcId: !Ref Main,
                             SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}
              Template:
                Type: AWS::EC2::LaunchTemplate
                Properties:
                  LaunchTemplateData:
                    NetworkInterfaces: [{DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [!Ref Rdp]}]
              Fleet:
                Type: AWS::AutoScaling::AutoScalingGroup
                Properties:
                  VPCZoneIdentifier: [!Ref A]
                  LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_instance" "without_public_address" {
              subnet_id              = aws_subnet.a.id
              vpc_security_group_ids = [aws_security_group.ssh.id]
            }

            resource "aws_security_group" "web" {
              vpc_id = aws_vpc.main.id
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                cidr_blocks = ["198.51.100.0/24"]
              }
            }

            resource "aws_instance" "web" {
              subnet_id                   = aws_subnet.a.id
              vpc_security_group_ids      = [aws_security_group.web.id]
              associate_public_ip_address = true
            }
            """,
            cloudformation="""
            Resources:
              WithoutPublicAddress:
                Type: AWS::EC2::Instance
                Properties: {SubnetId: !Ref A, SecurityGroupIds: [!Ref Ssh]}
              Web:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: web
                  VpcId: !Ref Main
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
                    - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 198.51.100.0/24}
              WebServer:
                Type: AWS::EC2::Instance
                Properties:
                  NetworkInterfaces:
                    - {DeviceIndex: "0", SubnetId: !Ref A, GroupSet: [!Ref Web], AssociatePublicIpAddress: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_network_acl" "a" {
              vpc_id     = aws_vpc.main.id
              subnet_ids = [aws_subnet.a.id]
              ingress {
                rule_no    = 100
                action     = "allow"
                protocol   = "tcp"
                from_port  = 443
                to_port    = 443
                cidr_block = "0.0.0.0/0"
              }
              egress {
                rule_no    = 100
                action     = "allow"
                protocol   = "-1"
                from_port  = 0
                to_port    = 0
                cidr_block = "0.0.0.0/0"
              }
            }

            resource "aws_instance" "server" {
              subnet_id                   = aws_subnet.a.id
              vpc_security_group_ids      = [aws_security_group.ssh.id]
              associate_public_ip_address = true
            }
            """,
            cloudformation="""
            Resources:
              Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Main}}
              OfSubnet:
                Type: AWS::EC2::SubnetNetworkAclAssociation
                Properties: {SubnetId: !Ref A, NetworkAclId: !Ref Acl}
              NoSsh:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Acl, RuleNumber: 90, RuleAction: deny, Protocol: 6,
                             PortRange: {From: 22, To: 22}, CidrBlock: 0.0.0.0/0}
              AllIn:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Acl, RuleNumber: 100, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0}
              AllOut:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Acl, Egress: true, RuleNumber: 100, RuleAction: allow, Protocol: -1,
                             CidrBlock: 0.0.0.0/0}
              Server:
                Type: AWS::EC2::Instance
                Properties:
                  NetworkInterfaces:
                    - {DeviceIndex: "0", SubnetId: !Ref A, GroupSet: [!Ref Ssh], AssociatePublicIpAddress: true}
            """,
        ),
    ],
)
def instance_port_reachable_from_internet(server: aws.ec2.Server) -> Iterator[Finding]:
    ways = aws.reachability.paths_from_internet(server)
    if ways.any(lambda way: any_of(way.opens(service) for service in SENSITIVE)):
        for way in ways.items:
            found = [service for service in SENSITIVE if way.opens(service).is_true]
            if found:
                names = listed([service.name for service in found])
                yield Finding(f"the internet can reach {names} on it", at=server, related=way.steps(found[0]))
                return
