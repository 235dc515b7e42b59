"""The network interfaces that servers have, from their own settings, launch templates and attachments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct

from iaclint.aws.joins import attached_to
from iaclint.aws.services.ec2 import (
    ElasticAddress,
    InterfaceAttachment,
    InterfaceSettings,
    LaunchConfiguration,
    LaunchTemplate,
    NetworkInterface,
    Server,
)
from iaclint.aws.views import Block
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.value import Unknown, UnknownCause, Value

B = TypeVar("B", bound=Block)
T = TypeVar("T", LaunchTemplate, LaunchConfiguration)


class Interface(Struct, frozen=True, dict=True):
    """A network interface of a server, as its settings leave it.

    subnets   values that name the subnets it may be in; none for a default subnet of the default VPC
    groups    values that name its security groups; none for the default group of its VPC
    public    whether it requests a public address; null leaves it to the subnet
    ipv6      values that request IPv6 addresses
    elastic   the Elastic IP addresses of the interface or its server
    separate  whether it is a resource of its own, which gets no public address from its subnet
    """

    owner: Server
    subnets: tuple[Value[Any], ...]
    groups: tuple[Value[Any], ...]
    public: Value[Any]
    ipv6: tuple[Value[Any], ...]
    elastic: Partial[ElasticAddress]
    separate: bool = False


def interfaces_of(server: Server) -> tuple[Interface, ...]:
    """Return the network interfaces of a server; at least one."""
    own = Interface(
        server,
        values_of(server.subnets),
        values_of(server.groups) or values_of(server.group_names),
        server.public,
        (server.ipv6_count, server.ipv6_addresses),
        attached_to(ElasticAddress, "instance", server),
    )
    found: list[Interface] = []
    if server.primary_interface.is_set().possible:
        found += _separate(own, server.primary_interface, own.elastic)
    for settings in _written(server.interfaces):
        found += _from_settings(own, settings, own.groups)
    found = found or _from_templates(own) or [own]
    for attachment in attached_to(InterfaceAttachment, "instance", server).items:
        found += _separate(own, attachment.interface, Partial(()))
    return tuple(found)


def _from_settings(own: Interface, settings: InterfaceSettings, groups: tuple[Value[Any], ...]) -> list[Interface]:
    """Return the interface of one block of settings.

    own     the interface that the server's own settings describe
    groups  values that name security groups outside the block
    """
    if settings.interface.is_set().possible:
        return _separate(own, settings.interface, own.elastic)
    return [
        Interface(
            own.owner,
            values_of(settings.subnet) or own.subnets,
            groups or values_of(settings.groups),
            _unless_null(own.public, settings.public),
            (settings.ipv6_count, settings.ipv6_addresses),
            own.elastic,
        )
    ]


def _separate(own: Interface, value: Value[Any], elastic: Partial[ElasticAddress]) -> list[Interface]:
    """Return the interfaces that a value names, which are resources of their own."""
    found = NetworkInterface.referenced_by(value, own.owner.deployment)
    if not found.items:
        hidden = _unresolved(value, "network interface")
        separate = value.known or bool(value.refs)
        return [Interface(own.owner, (hidden,), (hidden,), hidden, (hidden,), elastic, separate)]
    return [
        Interface(
            own.owner,
            values_of(interface.subnet),
            values_of(interface.groups),
            Value(None, value.span, implicit=True),
            (interface.ipv6_count, interface.ipv6_addresses),
            elastic + attached_to(ElasticAddress, "interface", interface),
            separate=True,
        )
        for interface in found.items
    ]


def _from_templates(own: Interface) -> list[Interface]:
    """Return the interfaces that the launch templates and the launch configuration of a server describe."""
    found: list[Interface] = []
    server = own.owner
    templates, unresolved = _templates(server)
    for template in templates:
        if isinstance(template, LaunchConfiguration):
            groups = own.groups or values_of(template.groups)
            public = _unless_null(own.public, template.public)
            found.append(Interface(server, own.subnets, groups, public, own.ipv6, own.elastic))
            continue
        groups = own.groups or values_of(template.groups) or values_of(template.group_names)
        blocks = _written(template.interfaces)
        for settings in blocks:
            found += _from_settings(own, settings, groups)
        if not blocks:
            found.append(Interface(server, own.subnets, groups, own.public, own.ipv6, own.elastic))
    for hidden in unresolved:
        public = _unless_null(own.public, hidden)
        found.append(Interface(server, own.subnets, own.groups or (hidden,), public, own.ipv6, own.elastic))
    return found


def _templates(server: Server) -> tuple[list[LaunchTemplate | LaunchConfiguration], list[Value[Any]]]:
    """Return the launch templates of a server, and unknown values that stand for those outside the scanned code."""
    found: list[LaunchTemplate | LaunchConfiguration] = []
    unresolved: list[Value[Any]] = []
    references = [(t.id, t.name) for t in (*_written(server.templates), *_written(server.mixed_templates))]
    for pair in references:
        templates = [template for value in pair for template in _with_name(LaunchTemplate, value, server.deployment)]
        found += templates[:1]
        given = [value for value in pair if value.is_set().possible]
        if not templates and given:
            unresolved.append(_unresolved(given[0], "launch template"))
    if server.configuration.is_set().possible:
        configurations = _with_name(LaunchConfiguration, server.configuration, server.deployment)
        found += configurations[:1]
        if not configurations:
            unresolved.append(_unresolved(server.configuration, "launch configuration"))
    return found, unresolved


def _with_name(view: type[T], value: Value[Any], deployment: Deployment) -> tuple[T, ...]:
    """Return the resources of a type that a value refers to, else those of that name."""
    if value.data is None:
        return ()
    found = view.referenced_by(value, deployment).items
    if not found and value.known:
        found = tuple(other for other in view.select(deployment) if other.name.is_(value.data).is_true)
    return found


def _unresolved(value: Value[Any], noun: str) -> Value[Any]:
    """Return an unknown value for the settings of a resource outside the scanned code, which `value` names."""
    if value.known:
        reason = f"what the {noun} {value.data} holds is not written here"
        return Value(Unknown(UnknownCause.EXTERNAL, reason), value.span, value.trail)
    return Value(value.data, value.span, value.trail)


def _written(blocks: Iterable[B]) -> list[B]:
    """Return the blocks that are not null."""
    return [block for block in blocks if block.body.data is not None]


def values_of(value: Value[Any]) -> tuple[Value[Any], ...]:
    """Return the elements of a list; an unknown list is one unknown element, null and "" are none."""
    data = value.data
    if data is None or data == "":
        return ()
    return data if isinstance(data, tuple) else (value,)


def _unless_null(value: Value[Any], default: Value[Any]) -> Value[Any]:
    """Return the value, or the default if it is null."""
    return default if value.known and value.data is None else value
