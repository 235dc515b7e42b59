"""Trail leaves out management or global-service events.

Management events are who created, changed, opened or deleted what; sign-ins and IAM calls are global-service
events. A trail without them records everything but what a review asks for. So do one that keeps only reads or only
writes, one that leaves out the calls to KMS, and one whose advanced selectors take only data events.

A trail made for data events beside another one that records all management events is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule

NOISY_SOURCES = ("kms.amazonaws.com", "rdsdata.amazonaws.com")


@rule(
    on=aws.cloudtrail.Trail,
    severity="high",
    soc2=["PI1.5", "CC7.2", "CC7.3"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                  = "audit"
              s3_bucket_name        = "audit-logs"
              is_multi_region_trail = true
              event_selector {
                include_management_events = false
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["arn:aws:s3"]
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  IsMultiRegionTrail: true
                  EventSelectors:
                    - IncludeManagementEvents: false
                      DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3"]}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              advanced_event_selector {
                field_selector {
                  field  = "eventCategory"
                  equals = ["Data"]
                }
                field_selector {
                  field  = "resources.type"
                  equals = ["AWS::S3::Object"]
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  AdvancedEventSelectors:
                    - FieldSelectors:
                        - {Field: eventCategory, Equals: [Data]}
                        - {Field: resources.type, Equals: ["AWS::S3::Object"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                          = "audit"
              s3_bucket_name                = "audit-logs"
              include_global_service_events = false
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  IncludeGlobalServiceEvents: false
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              event_selector {
                read_write_type                  = "All"
                exclude_management_event_sources = ["kms.amazonaws.com"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true,
                             EventSelectors: [{ReadWriteType: All, ExcludeManagementEventSources: [kms.amazonaws.com]}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              event_selector { read_write_type = "ReadOnly" }
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, EventSelectors: [{ReadWriteType: ReadOnly}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              event_selector { include_management_events = false }
              event_selector { read_write_type = "All" }
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  EventSelectors:
                    - {IncludeManagementEvents: false}
                    - {ReadWriteType: All}
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
              name           = "data"
              s3_bucket_name = "audit-logs"
              advanced_event_selector {
                field_selector {
                  field  = "eventCategory"
                  equals = ["Data"]
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Organization:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, IsMultiRegionTrail: true,
                             IsOrganizationTrail: true}
              Data:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true,
                             AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}]}]}
            """,
        ),
    ],
)
def cloudtrail_events_excluded(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if trail.recorded_elsewhere:
        return
    if trail.global_events.is_(False):
        yield Finding(
            "events of global services such as IAM and sign-in are left out",
            at=trail.global_events,
            fix=trail.global_events.set(True),
        )
    if ~trail.management_events:
        yield Finding("management events are not all recorded", at=trail.narrowing)
    for selector in trail.selectors:
        excluded = selector.excluded.elements().where(lambda source: source.is_one_of(*NOISY_SOURCES))
        if selector.management.is_(True) & excluded.exists():
            yield Finding(f"events of {excluded.items[0].data} are left out", at=excluded.items[0])
