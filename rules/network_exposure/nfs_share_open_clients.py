"""NFS export or EFS is mountable by anyone.

NFS believes what the client says about its user. A share that lists the whole internet among its clients, or a
file system whose policy lets everybody mount it, is read and written by whoever finds it; without squashing also
as root.

A policy of EFS for Principal "*" is fine where a condition demands that clients come through a mount target, since
its security group then decides. A file system without a policy is reported, as low, where that group lets the
internet in.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Step, Undecided, aws, rule


@rule(
    on=aws.nfs.FileAccess,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_storagegateway_nfs_file_share" "files" {
              client_list = ["0.0.0.0/0"]
              gateway_arn = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
              squash      = "NoSquash"
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::StorageGateway::NFSFileShare
                Properties: {ClientList: [0.0.0.0/0],
                             GatewayARN: arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1, Squash: NoSquash}
            """,
        ),
        Example(
            terraform="""
            resource "aws_efs_file_system_policy" "files" {
              file_system_id = "fs-1"
              policy = jsonencode({
                Statement = [{ Effect = "Allow", Principal = "*", Action = "elasticfilesystem:*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::EFS::FileSystem
                Properties:
                  FileSystemPolicy: {Statement: [{Effect: Allow, Principal: "*", Action: "elasticfilesystem:*"}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_efs_file_system" "files" {}

            resource "aws_security_group" "open" {
              ingress {
                protocol    = "tcp"
                from_port   = 2049
                to_port     = 2049
                cidr_blocks = ["0.0.0.0/0"]
              }
            }

            resource "aws_efs_mount_target" "a" {
              file_system_id  = aws_efs_file_system.files.id
              subnet_id       = "subnet-1"
              security_groups = [aws_security_group.open.id]
            }
            """,
            cloudformation="""
            Resources:
              Files: {Type: AWS::EFS::FileSystem}
              Open:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: open
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 2049, ToPort: 2049, CidrIp: 0.0.0.0/0}]
              A:
                Type: AWS::EFS::MountTarget
                Properties: {FileSystemId: !Ref Files, SubnetId: subnet-1, SecurityGroups: [!Ref Open]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_storagegateway_nfs_file_share" "files" {
              client_list = ["10.0.0.0/16"]
              gateway_arn = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
            }

            resource "aws_efs_file_system_policy" "files" {
              file_system_id = "fs-1"
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = "*", Action = "elasticfilesystem:ClientMount",
                Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Share:
                Type: AWS::StorageGateway::NFSFileShare
                Properties:
                  ClientList: [10.0.0.0/16]
                  GatewayARN: arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1
              Files:
                Type: AWS::EFS::FileSystem
                Properties:
                  FileSystemPolicy:
                    Statement:
                      - {Effect: Allow, Principal: "*", Action: "elasticfilesystem:ClientMount",
                         Condition: {Bool: {"elasticfilesystem:AccessedViaMountTarget": "true"}}}
            """,
        ),
    ],
)
def nfs_share_open_clients(access: aws.nfs.FileAccess) -> Iterator[Finding | Undecided]:
    if access.share and access.open_to_all.is_true:
        root = ", also as root" if access.share.squash.is_("NoSquash").is_true else ""
        yield Finding(f"everybody may mount the share{root}", at=access.share.clients)
    for statement in access.open_statements.items:
        yield Finding("everybody may mount the file system", at=statement.value)
    for group in access.open_groups.items:
        yield Finding(
            "the file system has no policy, and a security group lets the internet reach it",
            at=access,
            severity=Severity.LOW,
            related=(Step(group.header, f"{group.address} has the rule"),),
        )
    unknown = (access.open_to_all, access.open_statements.exists(), access.open_groups.exists())
    for truth in unknown:
        yield Undecided(truth)
