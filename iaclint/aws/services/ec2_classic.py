"""EC2-Classic: security groups of databases, caches and warehouses outside any VPC.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.html
"""

from __future__ import annotations

from iaclint.aws.views import Block, View, attr, blocks


class ClassicIngress(Block):
    """An address range that a group allows."""

    cidr = attr(str, terraform="cidr", cloudformation="CIDRIP")


class ClassicGroup(
    View,
    terraform=("aws_db_security_group", "aws_elasticache_security_group", "aws_redshift_security_group"),
    cloudformation=(
        "AWS::RDS::DBSecurityGroup",
        "AWS::ElastiCache::SecurityGroup",
        "AWS::Redshift::ClusterSecurityGroup",
    ),
):
    """A security group of a database, cache or warehouse outside any VPC; Terraform had them until version 4."""

    ingress = blocks(ClassicIngress, terraform="ingress", cloudformation="DBSecurityGroupIngress")
