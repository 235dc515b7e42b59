"""DMS, MQ, MSK, MWAA, SageMaker, EMR or Argo CD endpoint is public.

These services run inside your network unless they are told otherwise, or are told nothing: replication instances
see whole databases, brokers every message, notebooks and clusters the roles that analysts work with, and the Argo CD
server of an EKS cluster deploys to it. On the internet only a sign-in stands before them.

An EMR cluster is public by its subnet, unless the account blocks open security groups; switching that guard off is
reported, too.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.exposure.ManagedEndpoint,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_dms_replication_instance" "move" {
              replication_instance_class = "dms.t3.small"
              replication_instance_id    = "move"
              publicly_accessible        = true
            }

            resource "aws_mq_broker" "orders" {
              broker_name         = "orders"
              engine_type         = "RabbitMQ"
              engine_version      = "3.13"
              host_instance_type  = "mq.m5.large"
              publicly_accessible = true
              user {
                username = "app"
                password = "from-a-secret"
              }
            }
            """,
            cloudformation="""
            Resources:
              Move:
                Type: AWS::DMS::ReplicationInstance
                Properties: {ReplicationInstanceClass: dms.t3.small, PubliclyAccessible: true}
              Orders:
                Type: AWS::AmazonMQ::Broker
                Properties:
                  BrokerName: orders
                  EngineType: RABBITMQ
                  HostInstanceType: mq.m5.large
                  DeploymentMode: SINGLE_INSTANCE
                  PubliclyAccessible: true
            """,
        ),
        Example(
            terraform="""
            resource "aws_sagemaker_notebook_instance" "analysis" {
              name          = "analysis"
              role_arn      = "arn:aws:iam::111122223333:role/analysis"
              instance_type = "ml.t3.medium"
            }

            resource "aws_mwaa_environment" "jobs" {
              name                  = "jobs"
              dag_s3_path           = "dags/"
              execution_role_arn    = "arn:aws:iam::111122223333:role/jobs"
              source_bucket_arn     = "arn:aws:s3:::jobs"
              webserver_access_mode = "PUBLIC_ONLY"
              network_configuration {
                security_group_ids = ["sg-1"]
                subnet_ids         = ["subnet-1", "subnet-2"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Analysis:
                Type: AWS::SageMaker::NotebookInstance
                Properties:
                  RoleArn: arn:aws:iam::111122223333:role/analysis
                  InstanceType: ml.t3.medium
              Jobs:
                Type: AWS::MWAA::Environment
                Properties: {Name: jobs, WebserverAccessMode: PUBLIC_ONLY}
            """,
        ),
        Example(
            terraform="""
            resource "aws_emr_block_public_access_configuration" "guard" {
              block_public_security_group_rules = false
            }
            """,
            only="CloudFormation has no resource for the guard",
        ),
        Example(
            terraform="""
            resource "aws_eks_capability" "deploy" {
              cluster_name              = "main"
              capability_name           = "deploy"
              type                      = "ARGOCD"
              role_arn                  = "arn:aws:iam::111122223333:role/deploy"
              delete_propagation_policy = "RETAIN"
              configuration {
                argo_cd {
                  aws_idc { idc_instance_arn = "arn:aws:sso:::instance/ssoins-1" }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Deploy:
                Type: AWS::EKS::Capability
                Properties: {ClusterName: main, CapabilityName: deploy, Type: ARGOCD,
                             RoleArn: arn:aws:iam::111122223333:role/deploy, DeletePropagationPolicy: RETAIN,
                             Configuration: {ArgoCd: {AwsIdc: {IdcInstanceArn: "arn:aws:sso:::instance/ssoins-1"}}}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_dms_replication_instance" "move" {
              replication_instance_class = "dms.t3.small"
              replication_instance_id    = "move"
            }

            resource "aws_sagemaker_notebook_instance" "analysis" {
              name                   = "analysis"
              role_arn               = "arn:aws:iam::111122223333:role/analysis"
              instance_type          = "ml.t3.medium"
              direct_internet_access = "Disabled"
            }

            resource "aws_msk_cluster" "events" {
              cluster_name           = "events"
              kafka_version          = "3.6.0"
              number_of_broker_nodes = 2
              broker_node_group_info {
                client_subnets  = ["subnet-1", "subnet-2"]
                instance_type   = "kafka.m5.large"
                security_groups = ["sg-1"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Move:
                Type: AWS::DMS::ReplicationInstance
                Properties: {ReplicationInstanceClass: dms.t3.small, PubliclyAccessible: false}
              Analysis:
                Type: AWS::SageMaker::NotebookInstance
                Properties: {RoleArn: arn:aws:iam::111122223333:role/analysis, InstanceType: ml.t3.medium,
                             DirectInternetAccess: Disabled}
              Events:
                Type: AWS::MSK::Cluster
                Properties:
                  ClusterName: events
                  KafkaVersion: 3.6.0
                  NumberOfBrokerNodes: 2
                  BrokerNodeGroupInfo: {ClientSubnets: [subnet-1, subnet-2], InstanceType: kafka.m5.large,
                                        SecurityGroups: [sg-1]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_eks_capability" "deploy" {
              cluster_name              = "main"
              capability_name           = "deploy"
              type                      = "ARGOCD"
              role_arn                  = "arn:aws:iam::111122223333:role/deploy"
              delete_propagation_policy = "RETAIN"
              configuration {
                argo_cd {
                  aws_idc { idc_instance_arn = "arn:aws:sso:::instance/ssoins-1" }
                  network_access { vpce_ids = ["vpce-1"] }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Deploy:
                Type: AWS::EKS::Capability
                Properties:
                  ClusterName: main
                  CapabilityName: deploy
                  Type: ARGOCD
                  RoleArn: arn:aws:iam::111122223333:role/deploy
                  DeletePropagationPolicy: RETAIN
                  Configuration:
                    ArgoCd:
                      AwsIdc: {IdcInstanceArn: "arn:aws:sso:::instance/ssoins-1"}
                      NetworkAccess: {VpceIds: [vpce-1]}
            """,
        ),
    ],
)
def managed_service_public_endpoint(endpoint: aws.exposure.ManagedEndpoint) -> Iterator[Finding]:
    if endpoint.public:
        fix = endpoint.setting.set(endpoint.private_value) if endpoint.private_value is not None else None
        yield Finding(f"the {endpoint.noun} is open to the internet", at=endpoint.setting, fix=fix)
