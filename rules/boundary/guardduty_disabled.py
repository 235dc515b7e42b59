"""GuardDuty detector is declared but switched off.

A detector that is off looks like detection on every diagram and finds nothing: stolen keys in use, miners and
calls to known bad hosts go unseen. Where an organization's settings are declared, they should enable the members.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.guardduty.Switch,
    severity="high",
    soc2=["CC6.8", "CC7.2"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_guardduty_detector" "main" {
              enable = false
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::GuardDuty::Detector
                Properties: {Enable: false}
            """,
        ),
        Example(
            terraform="""
            resource "aws_guardduty_organization_configuration" "main" {
              detector_id                      = "12abc34d567e8fa901bc2d34e56789f0"
              auto_enable_organization_members = "NONE"
            }
            """,
            only="CloudFormation has no resource for the organization's settings of GuardDuty",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_guardduty_detector" "main" { enable = true }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::GuardDuty::Detector
                Properties: {Enable: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_guardduty_detector" "main" {}

            resource "aws_guardduty_organization_configuration" "main" {
              detector_id                      = aws_guardduty_detector.main.id
              auto_enable_organization_members = "ALL"
            }
            """,
            only="CloudFormation has no resource for the organization's settings of GuardDuty, and demands Enable",
        ),
    ],
)
def guardduty_disabled(switch: aws.guardduty.Switch) -> Iterator[Finding]:
    if switch.enabled.is_(False):
        yield Finding(
            "GuardDuty is switched off", at=switch.enabled, fix=switch.enabled.set(True, "switch GuardDuty on")
        )
    if switch.members.is_("NONE"):
        yield Finding(
            "GuardDuty is not enabled in the accounts of the organization",
            at=switch.members,
            fix=switch.members.set("ALL", "enable GuardDuty in all accounts"),
        )
