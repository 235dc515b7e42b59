"""Reads and writes of objects, functions or tables are not recorded.

A trail records who changed a bucket, and says nothing of who read or deleted the objects in it unless it is told to
take data events. Without them nobody can say after a leak which records were read.

Asked is whether reads and writes of S3 objects are recorded, each by itself: of all buckets, or of each one that
is declared here but those that keep trails. A selector for some other bucket counts for that bucket only. Where Lambda
functions, tables of DynamoDB or custom models of Bedrock are declared, their calls are asked for as well.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule

OTHER_EVENTS = {
    "calls of functions": "AWS::Lambda::Function",
    "writes to tables": "AWS::DynamoDB::Table",
    "calls of models": "AWS::Bedrock::Model",
}
"""The types of data events that are asked for besides those of objects, by how to speak of them."""


@rule(
    on=aws.monitoring.DataEventLogging,
    severity="low",
    soc2=["PI1.5", "PI1.2", "CC7.2", "CC2.1"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
              event_selector {
                read_write_type = "WriteOnly"
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
                  S3BucketName: trail
                  IsLogging: true
                  EventSelectors:
                    - {ReadWriteType: WriteOnly, DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3"]}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
              event_selector {
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["arn:aws:s3:::elsewhere/"]
                }
              }
            }

            resource "aws_s3_bucket" "orders" { bucket = "orders" }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: trail
                  IsLogging: true
                  EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::elsewhere/"]}]}]
              Orders: {Type: AWS::S3::Bucket, Properties: {BucketName: orders}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
              event_selector {
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["arn:aws:s3"]
                }
              }
            }

            resource "aws_lambda_function" "pay" {
              function_name = "pay"
              role          = "arn:aws:iam::111122223333:role/pay"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true,
                             EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3"]}]}]}
              Pay:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/pay, Code: {S3Bucket: code, S3Key: pay.zip}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
              event_selector {
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["arn:aws:s3:::"]
                }
                data_resource {
                  type   = "AWS::Lambda::Function"
                  values = ["arn:aws:lambda"]
                }
              }
            }

            resource "aws_lambda_function" "pay" {
              function_name = "pay"
              role          = "arn:aws:iam::111122223333:role/pay"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: trail
                  IsLogging: true
                  EventSelectors:
                    - DataResources:
                        - {Type: "AWS::S3::Object", Values: [!Sub "arn:${AWS::Partition}:s3"]}
                        - {Type: "AWS::Lambda::Function", Values: ["arn:aws:lambda"]}
              Pay:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/pay, Code: {S3Bucket: code, S3Key: pay.zip}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail_event_data_store" "lake" {
              name = "lake"
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
              Lake:
                Type: AWS::CloudTrail::EventDataStore
                Properties:
                  Name: lake
                  AdvancedEventSelectors:
                    - FieldSelectors:
                        - {Field: eventCategory, Equals: [Data]}
                        - {Field: resources.type, Equals: ["AWS::S3::Object"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = aws_s3_bucket.trail.id
              event_selector {
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["${aws_s3_bucket.orders.arn}/"]
                }
              }
            }

            resource "aws_s3_bucket" "trail" { bucket = "trail" }
            resource "aws_s3_bucket" "orders" { bucket = "orders" }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
                  EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: [!Sub "${Orders.Arn}/"]}]}]
              Trail: {Type: AWS::S3::Bucket, Properties: {BucketName: trail}}
              Orders: {Type: AWS::S3::Bucket, Properties: {BucketName: orders}}
            """,
        ),
    ],
)
def cloudtrail_data_events_missing(logging: aws.monitoring.DataEventLogging) -> Iterator[Finding]:
    reads, writes = logging.logs_objects("ReadOnly"), logging.logs_objects("WriteOnly")
    if ~reads & ~writes:
        yield Finding("neither reads nor writes of objects are recorded", at=logging)
    elif ~reads:
        yield Finding("reads of objects are not recorded", at=logging)
    elif ~writes:
        yield Finding("writes of objects are not recorded", at=logging)
    for events, resource_type in OTHER_EVENTS.items():
        if logging.misses(resource_type):
            yield Finding(f"{events} are not recorded", at=logging)
