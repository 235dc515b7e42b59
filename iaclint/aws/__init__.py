"""Typed views of AWS resources, one class for both languages, and the reasoning over them."""

from iaclint.aws import account, cloudtrail, cognito, ec2, iam, kms, network, networkfirewall, policy, vpc

__all__ = ["account", "cloudtrail", "cognito", "ec2", "iam", "kms", "network", "networkfirewall", "policy", "vpc"]
