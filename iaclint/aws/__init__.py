"""AWS: typed views of its resource types, the reasoning over them, and the questions that rules ask.

`aws.kms` is the module `iaclint.aws.services.kms`; it is imported when it is first named, so that a run imports the
services that its rules are about and no others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iaclint.aws.questions import account as account
    from iaclint.aws.questions import api_operations as api_operations
    from iaclint.aws.questions import balancers as balancers
    from iaclint.aws.questions import boundary as boundary
    from iaclint.aws.questions import compute as compute
    from iaclint.aws.questions import datastores as datastores
    from iaclint.aws.questions import ddos_protection as ddos_protection
    from iaclint.aws.questions import default_group as default_group
    from iaclint.aws.questions import default_vpc as default_vpc
    from iaclint.aws.questions import descriptions as descriptions
    from iaclint.aws.questions import encryption as encryption
    from iaclint.aws.questions import endpoint_access as endpoint_access
    from iaclint.aws.questions import exposure as exposure
    from iaclint.aws.questions import grants as grants
    from iaclint.aws.questions import interfaces as interfaces
    from iaclint.aws.questions import key_policies as key_policies
    from iaclint.aws.questions import mfa as mfa
    from iaclint.aws.questions import monitoring as monitoring
    from iaclint.aws.questions import nfs as nfs
    from iaclint.aws.questions import reachability as reachability
    from iaclint.aws.questions import routing as routing
    from iaclint.aws.questions import secrets as secrets
    from iaclint.aws.questions import unused as unused
    from iaclint.aws.questions import web_acls as web_acls
    from iaclint.aws.questions import web_endpoints as web_endpoints
    from iaclint.aws.reasoning import acl as acl
    from iaclint.aws.reasoning import cidr as cidr
    from iaclint.aws.reasoning import eventpattern as eventpattern
    from iaclint.aws.reasoning import flows as flows
    from iaclint.aws.reasoning import key_properties as key_properties
    from iaclint.aws.reasoning import policy as policy
    from iaclint.aws.reasoning import ports as ports
    from iaclint.aws.reasoning import suricata as suricata
    from iaclint.aws.reasoning import x509 as x509
    from iaclint.aws.services import acm as acm
    from iaclint.aws.services import apigateway as apigateway
    from iaclint.aws.services import apprunner as apprunner
    from iaclint.aws.services import appsync as appsync
    from iaclint.aws.services import clientvpn as clientvpn
    from iaclint.aws.services import cloudfront as cloudfront
    from iaclint.aws.services import cloudtrail as cloudtrail
    from iaclint.aws.services import cloudwatch as cloudwatch
    from iaclint.aws.services import cognito as cognito
    from iaclint.aws.services import config as config
    from iaclint.aws.services import dms as dms
    from iaclint.aws.services import docdb as docdb
    from iaclint.aws.services import ec2 as ec2
    from iaclint.aws.services import ec2_classic as ec2_classic
    from iaclint.aws.services import ecs as ecs
    from iaclint.aws.services import efs as efs
    from iaclint.aws.services import eks as eks
    from iaclint.aws.services import elasticache as elasticache
    from iaclint.aws.services import elb as elb
    from iaclint.aws.services import emr as emr
    from iaclint.aws.services import eventbridge as eventbridge
    from iaclint.aws.services import flow_logs as flow_logs
    from iaclint.aws.services import fms as fms
    from iaclint.aws.services import gamelift as gamelift
    from iaclint.aws.services import globalaccelerator as globalaccelerator
    from iaclint.aws.services import guardduty as guardduty
    from iaclint.aws.services import iam as iam
    from iaclint.aws.services import kafka as kafka
    from iaclint.aws.services import kms as kms
    from iaclint.aws.services import lambda_ as lambda_
    from iaclint.aws.services import logs as logs
    from iaclint.aws.services import memorydb as memorydb
    from iaclint.aws.services import mq as mq
    from iaclint.aws.services import mwaa as mwaa
    from iaclint.aws.services import neptune as neptune
    from iaclint.aws.services import network_acl as network_acl
    from iaclint.aws.services import networkfirewall as networkfirewall
    from iaclint.aws.services import opensearch as opensearch
    from iaclint.aws.services import organizations as organizations
    from iaclint.aws.services import prefix_lists as prefix_lists
    from iaclint.aws.services import rds as rds
    from iaclint.aws.services import redshift as redshift
    from iaclint.aws.services import route53 as route53
    from iaclint.aws.services import routes as routes
    from iaclint.aws.services import s3 as s3
    from iaclint.aws.services import sagemaker as sagemaker
    from iaclint.aws.services import security_groups as security_groups
    from iaclint.aws.services import shield as shield
    from iaclint.aws.services import sns as sns
    from iaclint.aws.services import sqs as sqs
    from iaclint.aws.services import storagegateway as storagegateway
    from iaclint.aws.services import transfer as transfer
    from iaclint.aws.services import vpc as vpc
    from iaclint.aws.services import vpc_block_public_access as vpc_block_public_access
    from iaclint.aws.services import vpc_endpoints as vpc_endpoints
    from iaclint.aws.services import vpc_gateways as vpc_gateways
    from iaclint.aws.services import waf as waf

_PACKAGES = {
    "account": "questions",
    "acl": "reasoning",
    "acm": "services",
    "api_operations": "questions",
    "apigateway": "services",
    "apprunner": "services",
    "appsync": "services",
    "balancers": "questions",
    "boundary": "questions",
    "cidr": "reasoning",
    "clientvpn": "services",
    "cloudfront": "services",
    "cloudtrail": "services",
    "cloudwatch": "services",
    "cognito": "services",
    "compute": "questions",
    "config": "services",
    "datastores": "questions",
    "ddos_protection": "questions",
    "default_group": "questions",
    "default_vpc": "questions",
    "descriptions": "questions",
    "dms": "services",
    "docdb": "services",
    "ec2": "services",
    "ec2_classic": "services",
    "ecs": "services",
    "efs": "services",
    "eks": "services",
    "elasticache": "services",
    "elb": "services",
    "emr": "services",
    "encryption": "questions",
    "endpoint_access": "questions",
    "eventbridge": "services",
    "eventpattern": "reasoning",
    "exposure": "questions",
    "flow_logs": "services",
    "flows": "reasoning",
    "fms": "services",
    "gamelift": "services",
    "globalaccelerator": "services",
    "grants": "questions",
    "guardduty": "services",
    "iam": "services",
    "interfaces": "questions",
    "kafka": "services",
    "key_policies": "questions",
    "key_properties": "reasoning",
    "kms": "services",
    "lambda_": "services",
    "logs": "services",
    "memorydb": "services",
    "mfa": "questions",
    "monitoring": "questions",
    "mq": "services",
    "mwaa": "services",
    "neptune": "services",
    "network_acl": "services",
    "networkfirewall": "services",
    "nfs": "questions",
    "opensearch": "services",
    "organizations": "services",
    "policy": "reasoning",
    "ports": "reasoning",
    "prefix_lists": "services",
    "rds": "services",
    "reachability": "questions",
    "redshift": "services",
    "route53": "services",
    "routes": "services",
    "routing": "questions",
    "s3": "services",
    "sagemaker": "services",
    "secrets": "questions",
    "security_groups": "services",
    "shield": "services",
    "sns": "services",
    "sqs": "services",
    "storagegateway": "services",
    "suricata": "reasoning",
    "transfer": "services",
    "unused": "questions",
    "vpc": "services",
    "vpc_block_public_access": "services",
    "vpc_endpoints": "services",
    "vpc_gateways": "services",
    "waf": "services",
    "web_acls": "questions",
    "web_endpoints": "questions",
    "x509": "reasoning",
}
"""The package of each module by its name."""

__all__ = list(_PACKAGES)


def __getattr__(name: str) -> Any:
    package = _PACKAGES.get(name)
    if package is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"iaclint.aws.{package}.{name}")
    globals()[name] = module
    return module
