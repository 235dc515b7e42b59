"""Log groups or destinations can be read or written by anyone.

A resource policy of CloudWatch Logs says which services and accounts may write to log groups or read them; the
policy of a destination says who may send to it. With everybody in it, logs leave the account, or forged events
come in and bury the real ones.

Everybody who is tied by a condition to known accounts, organizations or sources is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.logs.LogAccess,
    severity="high",
    soc2=["PI1.4", "CC6.1"],
    cwe=["732"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_destination_policy" "central" {
              destination_name = "central"
              access_policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Everyone", Effect = "Allow", Principal = { AWS = "*" }, Action = "logs:*",
                Resource = "arn:aws:logs:eu-west-1:111122223333:destination:central"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Central:
                Type: AWS::Logs::Destination
                Properties:
                  DestinationName: central
                  RoleArn: arn:aws:iam::111122223333:role/logs
                  TargetArn: arn:aws:kinesis:eu-west-1:111122223333:stream/logs
                  DestinationPolicy: |
                    {
                      "Version": "2012-10-17",
                      "Statement": [{
                        "Sid": "Everyone",
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": "logs:*",
                        "Resource": "arn:aws:logs:eu-west-1:111122223333:destination:central"
                      }]
                    }
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_resource_policy" "open" {
              policy_name = "open"
              policy_document = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Open", Effect = "Allow", Principal = "*",
                Action = ["logs:PutLogEvents", "logs:CreateLogStream"], Resource = "*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Open:
                Type: AWS::Logs::ResourcePolicy
                Properties:
                  PolicyName: open
                  PolicyDocument: >-
                    {"Version": "2012-10-17", "Statement": [{"Sid": "Open", "Effect": "Allow", "Principal": "*",
                    "Action": ["logs:PutLogEvents", "logs:CreateLogStream"], "Resource": "*"}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_destination_policy" "central" {
              destination_name = "central"
              access_policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = "*", Action = "logs:PutSubscriptionFilter",
                Resource = "arn:aws:logs:eu-west-1:111122223333:destination:central",
                Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1234567890" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Central:
                Type: AWS::Logs::Destination
                Properties:
                  DestinationName: central
                  RoleArn: arn:aws:iam::111122223333:role/logs
                  TargetArn: arn:aws:kinesis:eu-west-1:111122223333:stream/logs
                  DestinationPolicy: |
                    {
                      "Version": "2012-10-17",
                      "Statement": [{
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "logs:PutSubscriptionFilter",
                        "Resource": "arn:aws:logs:eu-west-1:111122223333:destination:central",
                        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
                      }]
                    }
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_resource_policy" "dns" {
              policy_name = "dns"
              policy_document = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { Service = "route53.amazonaws.com" },
                Action = ["logs:PutLogEvents", "logs:CreateLogStream"],
                Resource = "arn:aws:logs:*:*:log-group:/aws/route53/*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Dns:
                Type: AWS::Logs::ResourcePolicy
                Properties:
                  PolicyName: dns
                  PolicyDocument: >-
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                    "Principal": {"Service": "route53.amazonaws.com"},
                    "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
                    "Resource": "arn:aws:logs:*:*:log-group:/aws/route53/*"}]}
            """,
        ),
    ],
)
def log_group_policy_public(access: aws.logs.LogAccess) -> Iterator[Finding]:
    for statement in access.document.public_statements():
        yield Finding(f"{statement.name} admits everybody", at=statement.value)
