"""Trail records one region only.

What somebody does in a region that no trail covers leaves no record. Attackers look for just such regions. One trail
for all regions is enough for an account: a second one for a single region, beside it, is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="medium",
    soc2=["PI1.5", "CC7.2"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                  = "audit"
              s3_bucket_name        = "audit-logs"
              is_multi_region_trail = true
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, IsMultiRegionTrail: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "organization" {
              name                  = "organization"
              s3_bucket_name        = "audit-logs"
              is_multi_region_trail = true
              is_organization_trail = true
            }

            resource "aws_cloudtrail" "data" {
              name           = "data-events"
              s3_bucket_name = "audit-logs"
            }
            """,
            cloudformation="""
            Resources:
              Organization:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, IsMultiRegionTrail: true,
                             IsOrganizationTrail: true}
              Data: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: audit-logs, IsLogging: true}}
            """,
        ),
    ],
)
def cloudtrail_single_region(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.regions & ~trail.covered_elsewhere:
        yield Finding(
            "the trail records one region only",
            at=trail.multi_region,
            fix=trail.multi_region.set(True, "record all regions"),
        )
