"""OpenSearch domain has no fine-grained access control.

Without it a domain knows IAM at its door and no one inside: whoever gets in reads every index, and the audit log
cannot name users. With it, roles see the indices and fields that they need.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.opensearch.Domain,
    severity="low",
    soc2=["CC6.1", "CC6.3"],
    cwe=["862"],
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
    ],
    good=[
        Example(
            terraform="""
            resource "aws_opensearch_domain" "logs" {
              domain_name = "logs"
              advanced_security_options { enabled = true }
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::OpenSearchService::Domain
                Properties: {DomainName: logs, AdvancedSecurityOptions: {Enabled: true}}
            """,
        ),
    ],
)
def opensearch_fine_grained_access_off(domain: aws.opensearch.Domain) -> Iterator[Finding]:
    if ~domain.fine_grained.is_(True):
        yield Finding("fine-grained access control is off", at=domain.fine_grained)
