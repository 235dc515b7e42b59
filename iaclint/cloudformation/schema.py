"""The properties of resource types, as the schemas that cfn-lint ships know them.

Names of nested properties are written with dots, list items left out:
"BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled". Importing cfn-lint takes half a second, so only
the tests of rules ask.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

MAX_LEVELS = 8


@functools.cache
def properties(resource_type: str) -> frozenset[str]:
    """Return the property names of a type, nested ones dotted, over all regions; empty if no region has the type."""
    found: set[str] = set()
    for schema in _schemas(resource_type):
        found |= set(_names(schema, schema, (), ()))
    return frozenset(found)


@functools.cache
def attributes(resource_type: str) -> frozenset[str]:
    """Return the names that Fn::GetAtt can read of a type, over all regions."""
    found: set[str] = set()
    for schema in _schemas(resource_type):
        found |= {
            pointer.removeprefix("/properties/").replace("/", ".") for pointer in schema.get("readOnlyProperties", ())
        }
    return frozenset(found)


@functools.cache
def resource_types() -> frozenset[str]:
    """Return every resource type of any region."""
    from cfnlint.helpers import REGIONS
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    return frozenset(name for region in REGIONS for name in PROVIDER_SCHEMA_MANAGER.get_resource_types(region))


def _schemas(resource_type: str) -> list[dict[str, Any]]:
    from cfnlint.helpers import REGIONS
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    if resource_type not in resource_types():
        return []
    return [
        schema.schema
        for _, schema in PROVIDER_SCHEMA_MANAGER.get_resource_schemas_by_regions(resource_type, list(REGIONS))
    ]


def _names(root: dict[str, Any], node: Any, prefix: tuple[str, ...], seen: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(node, dict) or len(prefix) > MAX_LEVELS:
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return
        target: Any = root
        for step in reference.removeprefix("#/").split("/"):
            target = target.get(step, {}) if isinstance(target, dict) else {}
        yield from _names(root, target, prefix, (*seen, reference))
    own = node.get("properties")
    for name, inner in own.items() if isinstance(own, dict) else ():
        yield ".".join((*prefix, name))
        yield from _names(root, inner, (*prefix, name), seen)
    yield from _names(root, node.get("items"), prefix, seen)
    for key in ("oneOf", "anyOf", "allOf"):
        for option in node.get(key) or ():
            yield from _names(root, option, prefix, seen)
