"""No intrusion detection (GuardDuty) in an account baseline.

GuardDuty reads the account's API calls, flow logs and DNS queries, and reports what looks like an intrusion:
stolen keys in use, miners, calls to known bad hosts. Without it, or something like it, nobody is told.

The rule asks a run that covers an account: one that sets an organization, AWS Config, CloudTrail or the like up,
or is declared so with `covers = ["account"]`. An enabled detector satisfies it, and so does an organization that
enables new members by itself. A run that only creates a VPC with an internet gateway is reported as low. Where
detection is supplied by another repository, say so with `provided = {guardduty = "where"}`.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Reason, Severity, Step, Truth, Undecided, aws, rule


@rule(
    on=aws.account.Account,
    severity="medium",
    soc2=["CC6.6", "CC6.8", "CC7.1", "CC7.2", "CC7.3", "CC4.1", "CC3.2"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" { s3_bucket_name = "audit-logs" }
            """,
            cloudformation="""
            Resources:
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: audit-logs, IsLogging: true}}
            """,
        ),
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
                Properties:
                  Enable: false
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
            resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Gateway: {Type: AWS::EC2::InternetGateway}
              Attachment:
                Type: AWS::EC2::VPCGatewayAttachment
                Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Gateway}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" { s3_bucket_name = "audit-logs" }
            resource "aws_guardduty_detector" "main" {}
            """,
            cloudformation="""
            Resources:
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: audit-logs, IsLogging: true}}
              Main: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" {}

            resource "aws_guardduty_organization_configuration" "main" {
              detector_id                      = "12abc34d567e8fa901bc2d34e56789f0"
              auto_enable_organization_members = "ALL"
            }
            """,
            only="CloudFormation has no resource for the organization's settings of GuardDuty",
        ),
    ],
)
def threat_detection_absent(account: aws.account.Account) -> Iterator[Finding | Undecided]:
    if account.provided("guardduty"):
        return
    detectors = account.all(aws.guardduty.Detector)
    settings = account.all(aws.guardduty.OrganizationConfiguration)
    delegated = account.all(aws.guardduty.OrganizationAdmin)
    detected = detectors.any(lambda d: d.enabled.is_(True) & d.exists) | settings.any(lambda s: s.enables & s.exists)
    if detected | delegated.any(_elsewhere):
        return
    for detector in detectors.items:
        yield Finding(
            "GuardDuty is switched off", at=detector.enabled, fix=detector.enabled.set(True, "switch GuardDuty on")
        )
        return
    on_the_internet = account.all(aws.vpc.Vpc).where(lambda vpc: vpc.has_internet_gateway & vpc.exists).items
    if account.is_baseline.is_true:
        yield Finding("nothing in this account looks for intrusions", at=account.header)
    elif on_the_internet:
        yield Finding(
            "a network is joined to the internet, and nothing looks for intrusions",
            at=on_the_internet[0],
            severity=Severity.LOW,
            related=tuple(Step(vpc.header, f"{vpc.address} is joined to it, too") for vpc in on_the_internet[1:5]),
        )
    else:
        yield Undecided(account.is_baseline)


def _elsewhere(admin: aws.guardduty.OrganizationAdmin) -> Truth:
    """Return an undecided truth: another account enables GuardDuty here, and its code is not scanned."""
    return Truth.undecided(
        Reason("whether the delegated administrator enables GuardDuty is not written here", admin.header)
    )
