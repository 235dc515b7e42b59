"""Amazon EC2 instances, Auto Scaling groups, launch templates, network interfaces and Elastic IP addresses."""

from __future__ import annotations

from iaclint.aws.views import Block, View, attr, blocks


class InterfaceSettings(Block):
    """The settings of one network interface in a launch template."""

    interface = attr(str, terraform="network_interface_id", cloudformation="NetworkInterfaceId")
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    groups = attr(list, terraform="security_groups", cloudformation=("GroupSet", "Groups"))
    public = attr(bool, terraform="associate_public_ip_address", cloudformation="AssociatePublicIpAddress")
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")


class InstanceInterface(InterfaceSettings):
    """The settings of one network interface of an instance; Terraform can only name an interface that exists."""

    public = attr(bool, terraform=None, cloudformation="AssociatePublicIpAddress")


class TemplateReference(Block):
    """The launch template of an instance or an Auto Scaling group."""

    id = attr(str, terraform="id", cloudformation="LaunchTemplateId")
    name = attr(str, terraform="name", cloudformation="LaunchTemplateName")


class MixedTemplateReference(TemplateReference):
    """The launch template of a mixed instances policy."""

    id = attr(str, terraform="launch_template_id", cloudformation="LaunchTemplateId")
    name = attr(str, terraform="launch_template_name", cloudformation="LaunchTemplateName")


class LaunchTemplate(View, terraform="aws_launch_template", cloudformation="AWS::EC2::LaunchTemplate"):
    """The settings that instances are launched with."""

    name = attr(str, terraform="name", cloudformation="LaunchTemplateName")
    groups = attr(list, terraform="vpc_security_group_ids", cloudformation="LaunchTemplateData.SecurityGroupIds")
    group_names = attr(list, terraform="security_group_names", cloudformation="LaunchTemplateData.SecurityGroups")
    interfaces = blocks(
        InterfaceSettings, terraform="network_interfaces", cloudformation="LaunchTemplateData.NetworkInterfaces"
    )


class LaunchConfiguration(
    View, terraform="aws_launch_configuration", cloudformation="AWS::AutoScaling::LaunchConfiguration"
):
    """The predecessor of launch templates, for Auto Scaling groups only."""

    name = attr(str, terraform="name", cloudformation="LaunchConfigurationName")
    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
    public = attr(bool, terraform="associate_public_ip_address", cloudformation="AssociatePublicIpAddress")


class NetworkInterface(View, terraform="aws_network_interface", cloudformation="AWS::EC2::NetworkInterface"):
    """A network interface that is a resource of its own."""

    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    groups = attr(list, terraform="security_groups", cloudformation="GroupSet")
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")


class InterfaceAttachment(
    View, terraform="aws_network_interface_attachment", cloudformation="AWS::EC2::NetworkInterfaceAttachment"
):
    """The attachment of a network interface to an instance."""

    instance = attr(str, terraform="instance_id", cloudformation="InstanceId")
    interface = attr(str, terraform="network_interface_id", cloudformation="NetworkInterfaceId")


class ElasticAddress(View):
    """What gives an Elastic IP address to an instance or network interface: the address, or its association."""

    instance = attr(str, terraform="instance_id", cloudformation="InstanceId")
    interface = attr(str, terraform="network_interface_id", cloudformation="NetworkInterfaceId")


class ElasticIp(ElasticAddress, terraform="aws_eip", cloudformation="AWS::EC2::EIP"):
    """An Elastic IP address. In CloudFormation, only an association can give it to a network interface."""

    instance = attr(str, terraform="instance", cloudformation="InstanceId")
    interface = attr(str, terraform="network_interface", cloudformation=None)


class ElasticIpAssociation(ElasticAddress, terraform="aws_eip_association", cloudformation="AWS::EC2::EIPAssociation"):
    """The association of an Elastic IP address with an instance or network interface."""


class Server(View):
    """An instance, or an Auto Scaling group of instances that are launched alike."""

    subnets = attr(list, terraform="subnet_id", cloudformation="SubnetId")
    groups = attr(list, terraform=("vpc_security_group_ids", "security_groups"), cloudformation="SecurityGroupIds")
    group_names = attr(list, terraform=None, cloudformation="SecurityGroups")
    public = attr(bool, terraform="associate_public_ip_address", cloudformation=None)
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")
    interfaces = blocks(InstanceInterface, terraform="network_interface", cloudformation="NetworkInterfaces")
    primary_interface = attr(str, terraform="primary_network_interface.network_interface_id", cloudformation=None)
    templates = blocks(TemplateReference, terraform="launch_template", cloudformation="LaunchTemplate")
    mixed_templates = blocks(
        MixedTemplateReference,
        terraform="mixed_instances_policy.launch_template.launch_template_specification",
        cloudformation="MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification",
    )
    configuration = attr(str, terraform="launch_configuration", cloudformation="LaunchConfigurationName")
    tags = attr(dict, terraform="tags", cloudformation="Tags")
    source_check = attr(bool, terraform="source_dest_check", cloudformation="SourceDestCheck", default=True)


class Instance(Server, terraform="aws_instance", cloudformation="AWS::EC2::Instance"):
    """An EC2 instance."""

    interface_subnet = attr(list, terraform=None, cloudformation="NetworkInterfaces.SubnetId")
    """The subnet of its only network interface, if that has a subnet of its own."""


class SpotInstanceRequest(Server, terraform="aws_spot_instance_request", cloudformation=()):
    """A request for a spot instance, with the settings of the instance."""


class AutoScalingGroup(Server, terraform="aws_autoscaling_group", cloudformation="AWS::AutoScaling::AutoScalingGroup"):
    """An Auto Scaling group."""

    subnets = attr(list, terraform="vpc_zone_identifier", cloudformation="VPCZoneIdentifier")
