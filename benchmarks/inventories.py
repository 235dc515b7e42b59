"""Made-up infrastructure of any size, for the benchmarks and for the tests that count work."""

from __future__ import annotations

from pathlib import Path

KINDS = 5

TERRAFORM = (
    """resource "aws_kms_key" "r{n}" {{
  description             = "key {n}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}}
""",
    """resource "aws_s3_bucket" "r{n}" {{
  bucket = "bucket-{n}"
  tags   = {{ Name = "bucket-{n}" }}
}}
""",
    """resource "aws_security_group" "r{n}" {{
  name = "group-{n}"
  ingress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.{x}.{y}.0/24"]
  }}
}}
""",
    """resource "aws_iam_policy" "r{n}" {{
  name = "policy-{n}"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::bucket-{n}/*" }}]
  }})
}}
""",
    """resource "aws_cloudwatch_log_group" "r{n}" {{
  name              = "/app/{n}"
  retention_in_days = 365
}}
""",
)

CLOUDFORMATION = (
    """  R{n}:
    Type: AWS::KMS::Key
    Properties:
      Description: key {n}
      EnableKeyRotation: true
""",
    """  R{n}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "bucket-{n}-${{AWS::AccountId}}"
""",
    """  R{n}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: group {n}
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 10.{x}.{y}.0/24
""",
    """  R{n}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::bucket-{n}/*
""",
    """  R{n}:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: /app/{n}
      RetentionInDays: 365
""",
)


def _blocks(kinds: tuple[str, ...], first: int, count: int) -> str:
    return "".join(kinds[n % KINDS].format(n=n, x=n // 256 % 256, y=n % 256) for n in range(first, first + count))


def resources(directory: Path, count: int, files: int = 1) -> None:
    """Write a Terraform configuration of `count` resources into a directory, spread over `files` files."""
    each, left = divmod(count, files)
    at = 0
    for number in range(files):
        size = each + (number < left)
        (directory / f"part{number}.tf").write_text(_blocks(TERRAFORM, at, size))
        at += size


def roots(directory: Path, count: int) -> None:
    """So many Terraform configurations of one file with one resource, each in a directory of its own."""
    for number in range(count):
        home = directory / f"root{number}"
        home.mkdir()
        (home / "main.tf").write_text(_blocks(TERRAFORM, number, 1))


def templates(directory: Path, count: int, each: int = 100) -> None:
    """CloudFormation templates with so many resources in all; CloudFormation takes 500 in one."""
    for number, first in enumerate(range(0, count, each)):
        body = _blocks(CLOUDFORMATION, first, min(each, count - first))
        (directory / f"stack{number}.yaml").write_text(f"Resources:\n{body}")


def nested(directory: Path, depth: int, keys: int = 3) -> int:
    """Modules that call each other with for_each, so deep; the number of resources that this makes."""
    chosen = ", ".join(f'"k{n}"' for n in range(keys))
    for level in range(depth + 1):
        home = directory if level == 0 else directory / f"level{level}"
        home.mkdir(exist_ok=True)
        text = 'variable "name" {\n  type    = string\n  default = "top"\n}\n'
        text += 'resource "aws_kms_key" "k" {\n  description         = var.name\n  enable_key_rotation = true\n}\n'
        if level < depth:
            source = f"./level{level + 1}" if level == 0 else f"../level{level + 1}"
            text += (
                f'module "m" {{\n  source   = "{source}"\n  for_each = toset([{chosen}])\n'
                '  name     = "${var.name}-${each.key}"\n}\n'
            )
        (home / "main.tf").write_text(text)
    return sum(keys**level for level in range(depth + 1))
