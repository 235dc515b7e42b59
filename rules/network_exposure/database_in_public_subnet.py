"""A database sits in a subnet that routes to the internet gateway.

A data store belongs behind the systems that use it. In a public subnet one mistake more, a public address or an open
security group, is enough to put the data on the internet; in a private one it is not.

What counts is the route table: the subnet's own, or the main table of its VPC. A subnet that gives public addresses to
what is started in it counts as well. Subnets that are given only as ids from elsewhere are not judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, Undecided, aws, rule


@rule(
    on=aws.datastores.DataStoreSubnets,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["668"],
    applies=lambda group: group.stores.exists(),
    scenery=Example(
        terraform="""
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

        resource "aws_subnet" "a" {
          vpc_id     = aws_vpc.main.id
          cidr_block = "10.0.0.0/24"
        }
        """,
        cloudformation="""
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }
            resource "aws_route_table" "public" { vpc_id = aws_vpc.main.id }

            resource "aws_route" "out" {
              route_table_id         = aws_route_table.public.id
              destination_cidr_block = "0.0.0.0/0"
              gateway_id             = aws_internet_gateway.main.id
            }

            resource "aws_subnet" "b" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.1.0/24"
            }

            resource "aws_route_table_association" "a" {
              subnet_id      = aws_subnet.a.id
              route_table_id = aws_route_table.public.id
            }

            resource "aws_db_subnet_group" "data" { subnet_ids = [aws_subnet.a.id, aws_subnet.b.id] }

            resource "aws_db_instance" "data" {
              instance_class       = "db.t4g.medium"
              db_subnet_group_name = aws_db_subnet_group.data.name
            }
            """,
            cloudformation="""
            Resources:
              Gateway: {Type: AWS::EC2::InternetGateway}
              Attachment:
                Type: AWS::EC2::VPCGatewayAttachment
                Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
              Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
              Out:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
              B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
              OfA:
                Type: AWS::EC2::SubnetRouteTableAssociation
                Properties: {SubnetId: !Ref A, RouteTableId: !Ref Public}
              Group:
                Type: AWS::RDS::DBSubnetGroup
                Properties: {DBSubnetGroupDescription: data, SubnetIds: [!Ref A, !Ref B]}
              Data:
                Type: AWS::RDS::DBInstance
                Properties: {DBInstanceClass: db.t4g.medium, DBSubnetGroupName: !Ref Group}
            """,
        ),
        Example(
            terraform="""
            resource "aws_subnet" "a" {
              vpc_id                  = "vpc-1"
              cidr_block              = "10.0.0.0/24"
              map_public_ip_on_launch = true
            }

            resource "aws_elasticache_subnet_group" "cache" {
              name       = "cache"
              subnet_ids = [aws_subnet.a.id]
            }

            resource "aws_elasticache_replication_group" "cache" {
              replication_group_id = "cache"
              description          = "cache"
              subnet_group_name    = aws_elasticache_subnet_group.cache.name
            }
            """,
            cloudformation="""
            Resources:
              A:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true}
              Group:
                Type: AWS::ElastiCache::SubnetGroup
                Properties: {CacheSubnetGroupName: cache, Description: cache, SubnetIds: [!Ref A]}
              Cache:
                Type: AWS::ElastiCache::ReplicationGroup
                Properties: {ReplicationGroupDescription: cache, CacheSubnetGroupName: cache}
            """,
            alone=True,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_route_table" "private" {
              vpc_id = aws_vpc.main.id
              route {
                cidr_block     = "0.0.0.0/0"
                nat_gateway_id = "nat-1"
              }
            }

            resource "aws_route_table_association" "a" {
              subnet_id      = aws_subnet.a.id
              route_table_id = aws_route_table.private.id
            }

            resource "aws_db_subnet_group" "data" { subnet_ids = [aws_subnet.a.id, "subnet-1"] }
            resource "aws_rds_cluster" "data" { db_subnet_group_name = aws_db_subnet_group.data.name }
            """,
            cloudformation="""
            Resources:
              Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
              Out:
                Type: AWS::EC2::Route
                Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: nat-1}
              OfA:
                Type: AWS::EC2::SubnetRouteTableAssociation
                Properties: {SubnetId: !Ref A, RouteTableId: !Ref Private}
              Group:
                Type: AWS::RDS::DBSubnetGroup
                Properties: {DBSubnetGroupDescription: data, SubnetIds: [!Ref A, subnet-1]}
              Data: {Type: AWS::RDS::DBCluster, Properties: {DBSubnetGroupName: !Ref Group}}
            """,
        ),
    ],
)
def database_in_public_subnet(group: aws.datastores.DataStoreSubnets) -> Iterator[Finding | Undecided]:
    subnets = group.vpc_subnets
    stores = [Step(store.header, f"{store.address} is placed by it") for store in group.stores.items[:3]]
    for subnet in subnets.items:
        if _is_public(subnet).is_true:
            yield Finding(
                "a public subnet is among those that hold a data store",
                at=group.value_naming(subnet),
                related=(*stores, Step(subnet.header, f"{subnet.address} is open to the internet")),
            )
    yield Undecided(subnets.any(_is_public))


def _is_public(subnet: aws.vpc.Subnet) -> Truth:
    return subnet.exposed & subnet.exists
