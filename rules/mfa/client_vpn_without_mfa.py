"""Client VPN lets people in with a certificate alone.

A client certificate is a file. Whoever copies it from a laptop is in the network, and nothing asks them anything. With
a directory or a SAML identity provider people sign in, and MFA is asked for there; a certificate may be asked for as
well.

Whether the directory or the identity provider asks for MFA does not show here and is not judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.clientvpn.Endpoint,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_ec2_client_vpn_endpoint" "staff" {
              authentication_options {
                type                       = "certificate-authentication"
                root_certificate_chain_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/b"
              }
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::EC2::ClientVpnEndpoint
                Properties:
                  AuthenticationOptions:
                    - Type: certificate-authentication
                      MutualAuthentication:
                        ClientRootCertificateChainArn: arn:aws:acm:eu-west-1:111122223333:certificate/b
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_ec2_client_vpn_endpoint" "staff" {
              authentication_options {
                type                       = "certificate-authentication"
                root_certificate_chain_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/b"
              }
              authentication_options {
                type              = "federated-authentication"
                saml_provider_arn = "arn:aws:iam::111122223333:saml-provider/staff"
              }
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::EC2::ClientVpnEndpoint
                Properties:
                  AuthenticationOptions:
                    - Type: certificate-authentication
                      MutualAuthentication:
                        ClientRootCertificateChainArn: arn:aws:acm:eu-west-1:111122223333:certificate/b
                    - Type: federated-authentication
                      FederatedAuthentication: {SAMLProviderArn: arn:aws:iam::111122223333:saml-provider/staff}
            """,
        ),
        Example(
            terraform="""
            resource "aws_ec2_client_vpn_endpoint" "staff" {
              authentication_options {
                type                = "directory-service-authentication"
                active_directory_id = "d-1234567890"
              }
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::EC2::ClientVpnEndpoint
                Properties:
                  AuthenticationOptions:
                    - {Type: directory-service-authentication, ActiveDirectory: {DirectoryId: d-1234567890}}
            """,
        ),
    ],
)
def client_vpn_without_mfa(endpoint: aws.clientvpn.Endpoint) -> Iterator[Finding]:
    if endpoint.needs_only_certificate:
        yield Finding("a client certificate alone opens the network", at=endpoint.authentications[0].type)
