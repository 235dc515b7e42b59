"""A policy lets someone stop or rewrite the audit trail.

Whoever can stop the trail, delete it or empty its log group can act unseen. These calls belong to few people, with
MFA, and an organization denies them to everybody else by a service control policy.

Full access, "*" on "*", is another rule's matter.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule

from ._tampering import denied_by_organization

AUDIT_RESOURCES = ("trail/*", "log-group:*", "detector/*", "hub/default", "hub/*", "vpc-flow-log/*")


@rule(
    on=aws.iam.IdentityPolicy,
    severity="high",
    soc2=["CC6.3", "PI1.5", "CC3.3", "CC7.2"],
    cwe=["269"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_policy" "operators" {
              name = "operators"
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Trails", Effect = "Allow", Action = ["cloudtrail:*", "s3:GetObject"], Resource = "*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Operators:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Sid: Trails, Effect: Allow, Action: ["cloudtrail:*", "s3:GetObject"], Resource: "*"}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_role_policy" "tools" {
              role = "tools"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = {
                  Sid = "Detectors", Effect = "Allow", Action = "guardduty:Delete*",
                  Resource = "arn:aws:guardduty:*:*:detector/*"
                }
              })
            }
            """,
            cloudformation="""
            Resources:
              Tools:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
                  Policies:
                    - PolicyName: tools
                      PolicyDocument:
                        Version: "2012-10-17"
                        Statement:
                          Sid: Detectors
                          Effect: Allow
                          Action: "guardduty:Delete*"
                          Resource: arn:aws:guardduty:*:*:detector/*
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_policy" "readers" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                { Effect = "Allow", Action = ["cloudtrail:Get*", "cloudtrail:LookupEvents"], Resource = "*" },
                {
                  Effect = "Allow", Action = "cloudtrail:StopLogging", Resource = "*",
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
                },
                {
                  Effect = "Allow", Action = "logs:PutRetentionPolicy",
                  Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:application"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Readers:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Action: ["cloudtrail:Get*", "cloudtrail:LookupEvents"], Resource: "*"}
                      - {Effect: Allow, Action: "cloudtrail:StopLogging", Resource: "*",
                         Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}
                      - {Effect: Allow, Action: "logs:PutRetentionPolicy",
                         Resource: arn:aws:logs:eu-west-1:111122223333:log-group:application}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_policy" "operators" {
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "cloudtrail:StopLogging", Resource = "*" }]
              })
            }

            resource "aws_organizations_policy" "guard" {
              name = "guard"
              content = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Deny", Action = ["cloudtrail:Stop*", "cloudtrail:Delete*"], Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Operators:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument: {Statement: [{Effect: Allow, Action: "cloudtrail:StopLogging", Resource: "*"}]}
              Guard:
                Type: AWS::Organizations::Policy
                Properties:
                  Name: guard
                  Type: SERVICE_CONTROL_POLICY
                  Content:
                    Version: "2012-10-17"
                    Statement: [{Effect: Deny, Action: ["cloudtrail:Stop*", "cloudtrail:Delete*"], Resource: "*"}]
            """,
        ),
    ],
)
def audit_tampering_permitted(policy: aws.iam.IdentityPolicy) -> Iterator[Finding]:
    granted = aws.grants.granted_widely(policy.document, aws.policy.AUDIT_TAMPERING, AUDIT_RESOURCES)
    for grant in granted:
        statement = grant.statement
        if statement.requires_mfa() | aws.grants.limited_by_principal_tag(statement):
            continue
        open_actions = [a for a in grant.actions if ~denied_by_organization(policy, a)]
        if open_actions:
            yield Finding(f"{statement.name} allows {open_actions[0]}", at=grant.value)
