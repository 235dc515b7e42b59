"""Transfer Family server speaks plain FTP.

FTP sends user names, passwords and files in clear text: whoever sits on the path reads them and may change them. The
same server can speak SFTP, or FTPS with a certificate, for the same users.

A server without protocols speaks SFTP alone and passes. AS2 signs and encrypts by itself and is left alone.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.transfer.Server,
    severity="high",
    soc2=["CC6.6", "CC6.7"],
    cwe=["319"],
    bad=[
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {
              endpoint_type          = "VPC"
              identity_provider_type = "AWS_LAMBDA"
              protocols              = ["FTP"]
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::Transfer::Server
                Properties:
                  EndpointType: VPC
                  IdentityProviderType: AWS_LAMBDA
                  Protocols:
                    - FTP
            """,
        ),
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {
              endpoint_type          = "VPC"
              identity_provider_type = "AWS_LAMBDA"
              protocols              = ["SFTP", "FTP"]
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::Transfer::Server
                Properties: {EndpointType: VPC, IdentityProviderType: AWS_LAMBDA, Protocols: [SFTP, FTP]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {
              protocols   = ["SFTP", "FTPS"]
              certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::Transfer::Server
                Properties: {Protocols: [SFTP, FTPS], Certificate: arn:aws:acm:eu-west-1:111122223333:certificate/1}
            """,
        ),
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {}
            """,
            cloudformation="""
            Resources:
              Files: {Type: AWS::Transfer::Server}
            """,
        ),
    ],
)
def transfer_server_ftp_enabled(server: aws.transfer.Server) -> Iterator[Finding | Undecided]:
    protocols = server.protocols.items()
    unencrypted = protocols.where(lambda protocol: protocol.is_("FTP"))
    alone = len(protocols.items) == 1 and not protocols.gaps
    for protocol in unencrypted.items:
        # users stay, but clients have to change: a person has to look at it
        fix = protocol.set("SFTP", "speak SFTP instead of FTP") if alone else None
        yield Finding(
            "the server speaks FTP, which encrypts nothing",
            at=protocol,
            fix=fix.for_review() if fix else None,
        )
    yield Undecided(unencrypted.exists())
