"""EMR cluster's security groups let the internet in.

The nodes of a cluster run administration pages and data services that ask for no password: YARN, Spark and HDFS
take commands from whoever reaches them. A security group that lets the internet in hands the cluster and its data
over, and crypto miners look for nothing else.

Judged are the groups that a cluster names, as far as their rules are written here.
"""

from collections.abc import Iterator

from iaclint import FALSE, Example, Finding, Step, Undecided, aws, rule


@rule(
    on=aws.emr.Cluster,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "open" {
              ingress {
                protocol    = "tcp"
                from_port   = 8088
                to_port     = 8088
                cidr_blocks = ["0.0.0.0/0"]
              }
            }

            resource "aws_emr_cluster" "jobs" {
              ec2_attributes {
                emr_managed_master_security_group = aws_security_group.open.id
                emr_managed_slave_security_group  = "sg-1"
              }
            }
            """,
            cloudformation="""
            Resources:
              Open:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: open
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 8088, ToPort: 8088, CidrIp: 0.0.0.0/0}]
              Jobs:
                Type: AWS::EMR::Cluster
                Properties: {Instances: {EmrManagedMasterSecurityGroup: !Ref Open, EmrManagedSlaveSecurityGroup: sg-1}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "closed" {
              ingress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["10.0.0.0/16"]
              }
            }

            resource "aws_emr_cluster" "jobs" {
              ec2_attributes {
                emr_managed_master_security_group = aws_security_group.closed.id
                emr_managed_slave_security_group  = aws_security_group.closed.id
              }
            }
            """,
            cloudformation="""
            Resources:
              Closed:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: closed, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/16}]}
              Jobs:
                Type: AWS::EMR::Cluster
                Properties:
                  Instances: {EmrManagedMasterSecurityGroup: !Ref Closed, EmrManagedSlaveSecurityGroup: !Ref Closed}
            """,
        ),
    ],
)
def emr_cluster_open_security_group(cluster: aws.emr.Cluster) -> Iterator[Finding | Undecided]:
    seen: set[str] = set()
    for value in cluster.group_values:
        groups = aws.security_groups.SecurityGroup.named_by(value, cluster.deployment)
        yield Undecided(groups.any(lambda _: FALSE))
        for group in groups.items:
            opened = group.admitted.any_open_to_internet(aws.ports.ALL_TRAFFIC, nearly=aws.cidr.DEFAULT_NEARLY)
            yield Undecided(opened)
            if opened.is_true and group.address not in seen:
                seen.add(group.address)
                yield Finding(
                    "a security group of the cluster lets the internet in",
                    at=value,
                    related=(Step(group.header, f"{group.address} has the rule"),),
                )
