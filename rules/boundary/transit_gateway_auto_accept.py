"""Transit gateway accepts any shared attachment.

Whoever is given a share of the transit gateway joins his network to yours without anybody looking at it. A person
should look at each attachment, and the review belongs on record.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.vpc_gateways.TransitGateway,
    severity="medium",
    soc2=["CC6.6", "CC6.7", "CC8.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_ec2_transit_gateway" "hub" {
              auto_accept_shared_attachments = "enable"
            }
            """,
            cloudformation="""
            Resources:
              Hub:
                Type: AWS::EC2::TransitGateway
                Properties: {AutoAcceptSharedAttachments: enable}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_ec2_transit_gateway" "hub" {}
            """,
            cloudformation="""
            Resources:
              Hub:
                Type: AWS::EC2::TransitGateway
            """,
        ),
    ],
)
def transit_gateway_auto_accept(gateway: aws.vpc_gateways.TransitGateway) -> Iterator[Finding]:
    if gateway.auto_accept.is_("enable"):
        yield Finding(
            "networks of other accounts are joined without anybody looking",
            at=gateway.auto_accept,
            fix=gateway.auto_accept.set("disable", "accept attachments by hand"),
        )
