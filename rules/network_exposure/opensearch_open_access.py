"""OpenSearch domain is on the internet or open to anyone.

Search clusters hold logs and customer data, and leaks of open ones fill the news. A domain outside a VPC has a
public endpoint that no security group limits; one whose policy speaks of everybody, without fine-grained access
control, asks nobody for a name.

Moving a domain into a VPC means making it anew. Network policies of OpenSearch Serverless that let the public in
are reported as well.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.opensearch.Access,
    severity="high",
    soc2=["CC6.6", "CC6.1", "C1.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_opensearch_domain" "logs" { domain_name = "logs" }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::OpenSearchService::Domain
                Properties: {DomainName: logs}
            """,
        ),
        Example(
            terraform="""
            resource "aws_opensearch_domain" "logs" {
              domain_name = "logs"
              vpc_options { subnet_ids = ["subnet-1"] }
              access_policies = jsonencode({
                Statement = [{ Effect = "Allow", Principal = "*", Action = "es:*", Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::OpenSearchService::Domain
                Properties:
                  DomainName: logs
                  VPCOptions: {SubnetIds: [subnet-1]}
                  AccessPolicies: {Statement: [{Effect: Allow, Principal: "*", Action: "es:*", Resource: "*"}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_opensearchserverless_security_policy" "logs" {
              type = "network"
              policy = jsonencode([{
                Rules           = [{ ResourceType = "collection", Resource = ["collection/logs"] }]
                AllowFromPublic = true
              }])
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::OpenSearchServerless::SecurityPolicy
                Properties:
                  Type: network
                  Policy: '[{"Rules": [{"ResourceType": "collection"}], "AllowFromPublic": true}]'
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_opensearch_domain" "logs" {
              domain_name = "logs"
              vpc_options { subnet_ids = ["subnet-1"] }
              advanced_security_options { enabled = true }
              access_policies = jsonencode({
                Statement = [{ Effect = "Allow", Principal = "*", Action = "es:*", Resource = "*" }]
              })
            }

            resource "aws_opensearchserverless_security_policy" "logs" {
              type = "network"
              policy = jsonencode([{
                Rules           = [{ ResourceType = "collection", Resource = ["collection/logs"] }]
                AllowFromPublic = false
                SourceVPCEs     = ["vpce-1"]
              }])
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::OpenSearchService::Domain
                Properties:
                  DomainName: logs
                  VPCOptions: {SubnetIds: [subnet-1]}
                  AdvancedSecurityOptions: {Enabled: true}
                  AccessPolicies: {Statement: [{Effect: Allow, Principal: "*", Action: "es:*", Resource: "*"}]}
              Serverless:
                Type: AWS::OpenSearchServerless::SecurityPolicy
                Properties: {Type: network, Policy: '[{"AllowFromPublic": false, "SourceVPCEs": ["vpce-1"]}]'}
            """,
        ),
    ],
)
def opensearch_open_access(access: aws.opensearch.Access) -> Iterator[Finding | Undecided]:
    domain = access.domain
    if domain is None:
        if access.public_by_policy:
            yield Finding("collections can be reached from the internet", at=access.policy)
        return
    yield Undecided(domain.in_vpc)
    if domain.in_vpc.is_false:
        yield Finding("the domain has a public endpoint", at=domain.subnets)
    statements = domain.open_statements
    checked = domain.fine_grained.is_(True)
    if checked.is_false:
        for statement in statements.items:
            yield Finding("the access policy lets everybody in", at=statement.value)
    yield Undecided(~checked & statements.exists())
