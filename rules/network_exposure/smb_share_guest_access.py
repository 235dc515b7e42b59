"""SMB file share accepts guests.

A share with guest access asks everybody for the same password, or hardly at all: nobody can tell later who read or
changed a file, and who leaves the company keeps the way in. Windows file shares are also what ransomware walks
along.

A share without `authentication` uses Active Directory and passes. A gateway is reported when it sets a guest
password, or when its security strategy leaves signing to what the client offers; CloudFormation has no resource
for gateways.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.storagegateway.SmbAccess,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["287"],
    bad=[
        Example(
            terraform="""
            resource "aws_storagegateway_smb_file_share" "team" {
              authentication = "GuestAccess"
              gateway_arn    = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
              location_arn   = "arn:aws:s3:::team-files"
            }
            """,
            cloudformation="""
            Resources:
              Team:
                Type: AWS::StorageGateway::SMBFileShare
                Properties:
                  Authentication: GuestAccess
                  GatewayARN: arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1
                  LocationARN: arn:aws:s3:::team-files
            """,
        ),
        Example(
            terraform="""
            resource "aws_storagegateway_gateway" "files" {
              gateway_type          = "FILE_S3"
              smb_security_strategy = "ClientSpecified"
            }
            """,
            only="CloudFormation has no resource for gateways",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_storagegateway_smb_file_share" "team" {
              gateway_arn  = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
              location_arn = "arn:aws:s3:::team-files"
            }

            resource "aws_storagegateway_gateway" "files" {
              gateway_type          = "FILE_S3"
              smb_security_strategy = "MandatoryEncryption"
            }
            """,
            cloudformation="""
            Resources:
              Team:
                Type: AWS::StorageGateway::SMBFileShare
                Properties:
                  GatewayARN: arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1
                  LocationARN: arn:aws:s3:::team-files
            """,
        ),
    ],
)
def smb_share_guest_access(access: aws.storagegateway.SmbAccess) -> Iterator[Finding | Undecided]:
    guests = access.authentication.is_("GuestAccess")
    password = access.guest_password.is_set()
    unsigned = access.security_strategy.is_("ClientSpecified")
    if guests.is_true:
        # works only if the gateway has joined a domain
        fix = access.authentication.set("ActiveDirectory", "ask for a user of Active Directory")
        fix = fix.for_review() if fix else None
        yield Finding("the share lets guests in", at=access.authentication, fix=fix)
    if password.is_true:
        yield Finding("the gateway has a password for guests", at=access.guest_password)
    if unsigned.is_true:
        fix = access.security_strategy.set("MandatoryEncryption", "demand encryption")
        fix = fix.for_review() if fix else None
        yield Finding("clients may leave SMB traffic unsigned", at=access.security_strategy, fix=fix)
    yield Undecided(guests | password | unsigned)
