"""Which resources encrypt their data, and with whose key."""

from __future__ import annotations

from collections.abc import Iterator

from iaclint.aws.reasoning.key_properties import KEY_PROPERTIES, KeyProperty, kinds_with_key
from iaclint.aws.services import docdb, neptune
from iaclint.aws.views import Attr, Block, Subject
from iaclint.model.inventory import Deployment
from iaclint.model.truth import TRUE, Truth, any_of


class EncryptedResource(Block):
    """A resource that stores data and can be given a KMS key: any resource whose type is judged in KEY_PROPERTIES."""

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[EncryptedResource]:
        """Yield the resources of all types of the table, type by type."""
        return (cls(resource, deployment) for resource in deployment.of_kind(*kinds_with_key()))

    @property
    def _key_property(self) -> KeyProperty:
        return KEY_PROPERTIES[self.resource.kind]

    @property
    def key(self) -> Attr[str]:
        """The property that names the key."""
        return self.read(self._key_property.path, str)

    @property
    def encrypted(self) -> Truth:
        """Return True if the resource encrypts its data, with whatever key."""
        row = self._key_property
        if not row.switch:
            return TRUE
        if row.on:
            return self.read(row.switch, type(row.on[0])).is_one_of(*row.on)
        value = self.read(row.switch, dict)
        return value.test(lambda data: data is not None) if value.unknown is None else Truth(None, value.reasons)

    @property
    def by_aws_key(self) -> Truth:
        """Return True if the key is AWS managed or AWS owned: no key is set, or one such as "alias/aws/rds"."""
        key = self.key
        if key.refs:
            looked_up = self.deployment.targets(key, "data.aws_kms_key", "data.aws_kms_alias").items
            names = (r.attribute("key_id" if r.kind == "data.aws_kms_key" else "name") for r in looked_up)
            return any_of(name.test(lambda text: "alias/aws/" in str(text)) for name in names)
        return key.test(lambda text: text is None or text == "" or "alias/aws/" in str(text))


class DocumentStore(Subject):
    """A cluster of DocumentDB or Neptune. Its storage is encrypted only if a property enables it."""

    anchors = (docdb.Cluster, neptune.Cluster, docdb.GlobalCluster)
    anchor: docdb.Cluster | neptune.Cluster | docdb.GlobalCluster

    @property
    def storage_encrypted(self) -> Attr[bool]:
        """The property that says whether the storage is encrypted."""
        return self.anchor.storage_encrypted

    @property
    def snapshot(self) -> Attr[str]:
        """The snapshot or the cluster that it is made from, which decides whether it is encrypted."""
        return self.anchor.snapshot
