"""A service is told to use a key whose policy does not let it.

CloudTrail, CloudWatch Logs and the services that send to topics and queues use a key under their own names. A key
policy without them makes the deployment fail, or, worse, makes messages and records vanish without a word. A key
that AWS manages, such as alias/aws/sns, has a policy that nobody can change, and it admits none of them.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule

SERVICES = {
    "cloudtrail": "CloudTrail",
    "logs": "CloudWatch Logs",
    "s3": "S3",
    "cloudwatch": "CloudWatch",
    "events": "EventBridge",
}


@rule(
    on=aws.key_policies.ServiceKeyUser,
    severity="high",
    soc2=["CC6.1", "CC7.2", "A1.2"],
    cwe=["276"],
    applies=lambda user: user.key.is_set(),
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "logs" {}
            resource "aws_cloudwatch_log_group" "app" { kms_key_id = aws_kms_key.logs.arn }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::KMS::Key}
              App:
                Type: AWS::Logs::LogGroup
                Properties: {KmsKeyId: !GetAtt Logs.Arn}
            """,
        ),
        Example(
            terraform="""
            resource "aws_sns_topic" "alarms" { kms_master_key_id = "alias/aws/sns" }
            resource "aws_cloudwatch_metric_alarm" "errors" { alarm_actions = [aws_sns_topic.alarms.arn] }
            """,
            cloudformation="""
            Resources:
              Alarms: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: alias/aws/sns}}
              Errors: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Alarms]}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "logs" {
              policy = jsonencode({ Statement = [
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                  Resource = "*"
                },
                {
                  Effect = "Allow", Principal = { Service = "logs.eu-west-1.amazonaws.com" },
                  Action = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], Resource = "*"
                },
              ] })
            }

            resource "aws_cloudwatch_log_group" "app" { kms_key_id = aws_kms_key.logs.arn }
            resource "aws_sns_topic" "alarms" { kms_master_key_id = "alias/aws/sns" }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Statement:
                      - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*",
                         Resource: "*"}
                      - {Effect: Allow, Principal: {Service: !Sub "logs.${AWS::Region}.amazonaws.com"},
                         Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"], Resource: "*"}
              App:
                Type: AWS::Logs::LogGroup
                Properties: {KmsKeyId: !GetAtt Logs.Arn}
              Alarms:
                Type: AWS::SNS::Topic
                Properties: {KmsMasterKeyId: alias/aws/sns}
            """,
        ),
    ],
)
def kms_service_grant_missing(user: aws.key_policies.ServiceKeyUser) -> Iterator[Finding]:
    for use in user.uses:
        service = SERVICES[use.service]
        related = (Step(use.by.header, f"{use.by.address} makes {service} use the key"),)
        if user.is_aws_managed:
            yield Finding(f"{service} cannot use the key that AWS manages", at=user.key, related=related)
            continue
        for key in user.keys:
            if ~aws.key_policies.admits_service(key, use.service):
                policy = (Step(key.header, f"the policy of {key.address} has no statement for it"),)
                yield Finding(f"the key's policy does not let {service} use it", at=user.key, related=related + policy)
