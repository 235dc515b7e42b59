"""Address: the name of a resource, or of one instance of it, within a deployment."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]'
_KEYS = re.compile(_KEY)
_LAST_KEY = re.compile(_KEY + r"\Z")
_MODULE = re.compile(rf"module\.([^.\[]+)(?:{_KEY})?(?:\.|\Z)")
_MODULES = re.compile(f"(?:{_MODULE.pattern})*")
_RESOURCE = re.compile(rf"(data\.)?([\w-]+)\.([\w-]+)({_KEY})?")


class Address(str):
    """The address of a resource or of an instance of it, as the language writes it.

    Terraform:      aws_s3_bucket.logs, module.net["eu"].aws_subnet.a[0], data.aws_vpc.main
    CloudFormation: the logical id, after the logical ids of the nested stacks that contain it (Net/Subnet), or after
                    the name of the other template if it is a resource of another template (net.yaml:Vpc)

    It is a str, so it prints, compares, sorts and hashes as its text. Its parts are computed on first use.
    """

    @classmethod
    def in_module(cls, module: str, own: str) -> Address:
        """Return the address of something in a module, from the module's address ("" for the root) and its own."""
        return cls(f"{module}.{own}" if module else own)

    def instance(self, key: str) -> Address:
        """Return the address of an instance of this resource or module, from its key as written: `0`, `"eu"` or `*`."""
        return Address(f"{self}[{key}]")

    def qualified(self, stack: str) -> Address:
        """Return the address of this resource for use in other templates: after the name of its template, `stack`."""
        return Address(f"{stack}:{self}")

    @property
    def is_qualified(self) -> bool:
        """Whether the address names a resource of another CloudFormation template."""
        return not self._parts[2] and ":" in self

    def __reduce__(self) -> tuple[Any, ...]:
        return Address, (str(self),)

    @property
    def resource(self) -> Address:
        """The address without its own instance key: the address of the resource in one instance of its module.

        `module.net["eu"].aws_subnet.a` for `module.net["eu"].aws_subnet.a[0]`.
        """
        return self._resource if self.endswith("]") else self

    @cached_property
    def _resource(self) -> Address:
        return Address(_LAST_KEY.sub("", self))

    @property
    def config(self) -> Address:
        """The address without any instance key, which is that of the block in the code.

        `module.net.aws_subnet.a` for `module.net["eu"].aws_subnet.a[0]`.
        """
        return self._config if "[" in self else self

    @cached_property
    def _config(self) -> Address:
        return Address(_KEYS.sub("", self))

    @property
    def module(self) -> str:
        """The address of the module instance or nested stack that contains the resource; "" for the root."""
        return self._parts[0]

    @property
    def is_data(self) -> bool:
        """Whether this is the address of a data source."""
        return self._parts[1]

    @property
    def type(self) -> str:
        """The resource type without "data."; "" in CloudFormation, whose addresses contain no type."""
        return self._parts[2]

    @property
    def name(self) -> str:
        """The name of the block, or the logical id; "" for the address of a module."""
        return self._parts[3]

    @property
    def key(self) -> str:
        """The instance key as written, with its brackets: `[0]`, `["eu"]`, `[*]` or ""."""
        return self._parts[4]

    @property
    def is_module(self) -> bool:
        """Whether this is the address of a module instance and not of a resource."""
        return bool(self.module) and not self.name

    @property
    def is_any_instance(self) -> bool:
        """Whether the address stands for every instance of a resource: it ends in `[*]`."""
        return self.endswith("[*]")

    @property
    def is_instance(self) -> bool:
        """Whether this is the address of one instance of a resource with count or for_each."""
        return self.endswith("]") and not self.is_any_instance

    def names(self, other: Address) -> bool:
        """Return True if this is the address of `other` or of the resource of which `other` is an instance."""
        return self in (other, other.resource)

    @property
    def block(self) -> str:
        """The address of the block within the code of its module: `aws_subnet.a` for `module.net.aws_subnet.a[0]`."""
        return f"{'data.' * self.is_data}{self.type}.{self.name}" if self.type else self.name

    @property
    def module_calls(self) -> tuple[str, ...]:
        """The names of the module calls that lead to the resource, outermost first; empty in CloudFormation."""
        return tuple(step[1] for step in _MODULE.finditer(self.module))

    @property
    def caller(self) -> str:
        """The address of the module instance that calls the module of the resource; "" for the root."""
        steps = list(_MODULE.finditer(self.module))
        return self.module[: steps[-1].start()].rstrip(".") if steps else ""

    @cached_property
    def _parts(self) -> tuple[str, bool, str, str, str]:
        """The module, whether it is a data source, the type, the name and the instance key."""
        modules = _MODULES.match(self)
        end = modules.end() if modules else 0
        module, own = self[:end].rstrip("."), self[end:]
        found = _RESOURCE.fullmatch(own)
        if found is not None:
            return module, found[1] is not None, found[2], found[3], found[4] or ""
        if module:
            return module, False, "", own, ""
        stack, _, name = own.rpartition("/" if "/" in own.rpartition(":")[2] else ":")
        return stack, False, "", name, ""
