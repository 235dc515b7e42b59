"""Private keys and key material that resources are given, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iaclint.aws.views import Block
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Unknown, UnknownCause, Value

_PROPERTIES: dict[str, tuple[str, ...]] = {
    "aws_kms_external_key": ("key_material_base64",),
    "aws_kms_replica_external_key": ("key_material_base64",),
    "aws_kms_ciphertext": ("plaintext",),
    "aws_acm_certificate": ("private_key",),
    "aws_iam_server_certificate": ("private_key",),
    "aws_iam_signing_certificate": (),
    "aws_transfer_server": ("host_key",),
    "aws_transfer_host_key": ("host_key_body",),
    "AWS::IAM::ServerCertificate": ("PrivateKey",),
    "AWS::Transfer::HostKey": ("HostKeyBody",),
}
"""The properties that hold a private key or key material, by resource type."""

_FILES: dict[str, tuple[str, ...]] = {
    "local_file": ("content", "sensitive_content"),
    "local_sensitive_file": ("content",),
}
"""The properties of files that may hold one: https://registry.terraform.io/providers/hashicorp/local/latest/docs"""


class KeyMaterial(Block):
    """A resource that is given a private key, or makes one."""

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[KeyMaterial]:
        """Yield the resources of all types that can hold a private key, type by type."""
        return (cls(r, deployment) for r in deployment.of_kind(*_PROPERTIES, "tls_private_key", *_FILES))

    @property
    def generated(self) -> bool:
        """Return True if Terraform itself generates the key, and keeps it in its state."""
        return self.resource.kind == "tls_private_key"

    @property
    def values(self) -> tuple[Value[Any], ...]:
        """The properties that hold the key; of a file, only what an unseen module outputs as its private_key."""
        of_file = (self.read(name, str) for name in _FILES.get(self.resource.kind, ()))
        return (
            *(self.read(name, str) for name in _PROPERTIES.get(self.resource.kind, ())),
            *(value for value in of_file if _is_key_of_unseen_module(value)),
        )

    @property
    def users(self) -> list[Resource]:
        """The AWS resources that use a generated key, directly or through a certificate."""
        found: dict[int, Resource] = {}
        queue = [self.resource]
        while queue:
            for resource in self.deployment.referrers.get(queue.pop().address.resource, ()):
                if id(resource) not in found and resource.kind.startswith(("tls_", "aws_")):
                    found[id(resource)] = resource
                    if resource.kind.startswith("tls_"):
                        queue.append(resource)
        return [r for r in found.values() if r.kind.startswith("aws_")]

    def written(self, value: Value[Any]) -> Truth:
        """Return True if a value is in the scanned code or in the state, and not supplied at deployment."""
        unknown = value.unknown
        if unknown is None:
            return TRUE
        if _is_key_of_unseen_module(value):
            return Truth(None, value.reasons)  # the module may make it, and then it lies in the state
        if unknown.cause in (UnknownCause.INPUT, UnknownCause.EXTERNAL, UnknownCause.AFTER_APPLY):
            # an input is given at deployment; a secret store or a resource holds the rest
            return TRUE if _starts_as_pem(unknown) else FALSE
        return Truth(None, value.reasons)


def _is_key_of_unseen_module(value: Value[Any]) -> bool:
    """Return True if a value is an output called private_key of a module outside the scanned code."""
    if value.unknown is None or value.unknown.cause is not UnknownCause.EXTERNAL:
        return False
    outputs = (step.what.split(".") for step in value.trail)
    return any(path[0] == "module" and path[-1].startswith("private_key") for path in outputs)


def _starts_as_pem(unknown: Unknown) -> bool:
    return unknown.prefix.lstrip().startswith("-----BEGIN")
