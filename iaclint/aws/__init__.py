"""Typed views of AWS resources, one class for both languages, and the reasoning over them."""

from iaclint.aws import (
    account,
    cloudtrail,
    cognito,
    ec2,
    iam,
    kms,
    logs,
    network,
    networkfirewall,
    policy,
    s3,
    secrets,
    vpc,
)

__all__ = [
    "account",
    "cloudtrail",
    "cognito",
    "ec2",
    "iam",
    "kms",
    "logs",
    "network",
    "networkfirewall",
    "policy",
    "s3",
    "secrets",
    "vpc",
]
