"""A database, cache or message-broker port is open to the internet.

Data stores are made to be reached by applications, not by strangers: many speak protocols with weak sign-in or
none, and every password guess that gets through is a breach of the data itself.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule

from ._openings import open_services


@rule(
    on=aws.ec2.IngressRule,
    severity="critical",
    soc2=["CC6.6", "CC6.1", "C1.1"],
    equivalents={
        "kics": [
            "381c3f2a-ef6f-4eff-99f7-b169cda3422c",
            "54c417bf-c762-48b9-9d31-b3d87047e3f0",
            "1e0ef61b-ad85-4518-a3d3-85eaad164885",
            "4f615f3e-fb9c-4fad-8b70-2e9f781806ce",
            "f0d8781f-99bf-4958-9917-d39283b168a0",
            "494b03d3-bf40-4464-8524-7c56ad0700ed",
            "9564406d-e761-4e61-b8d7-5926e3ab8e79",
            "0104165b-02d5-426f-abc9-91fb48189899",
            "4728cd65-a20c-49da-8b31-9c08b423e4db",
            "4a1e6b34-1008-4e61-a5f2-1f7c276f8d14",
            "78055456-f670-4d2e-94d5-392d1cf4f5e4",
        ],
        "security_hub": ["EC2.19", "Redshift.15"],
        "config": ["RESTRICTED_INCOMING_TRAFFIC", "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS"],
        "prowler": [
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_cassandra_7199_9160_8888",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_memcached_11211",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_oracle_1521_2483",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_sql_server_1433_1434",
        ],
    },
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "postgres" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 5432
              to_port           = 5432
              cidr_ipv4         = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              Postgres:
                Type: AWS::EC2::SecurityGroupIngress
                Properties:
                  GroupId: sg-1
                  IpProtocol: tcp
                  FromPort: 5432
                  ToPort: 5432
                  CidrIp: 0.0.0.0/0
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "cache" {
              ingress {
                protocol    = "6"
                from_port   = 6000
                to_port     = 7000
                cidr_blocks = ["1.2.3.4/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Cache:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: cache
                  SecurityGroupIngress:
                    - {IpProtocol: "6", FromPort: 6000, ToPort: 7000, CidrIp: 1.2.3.4/0}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "postgres" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 5432
              to_port           = 5432
              cidr_ipv4         = "10.20.0.0/16"
            }
            """,
            cloudformation="""
            Resources:
              Postgres:
                Type: AWS::EC2::SecurityGroupIngress
                Properties:
                  GroupId: sg-1
                  IpProtocol: tcp
                  FromPort: 5432
                  ToPort: 5432
                  CidrIp: 10.20.0.0/16
            """,
        ),
    ],
)
def security_group_database_port_open(opening: aws.ec2.IngressRule) -> Iterator[Finding]:
    yield from open_services(opening, (aws.network.DATABASE, Severity.CRITICAL))
