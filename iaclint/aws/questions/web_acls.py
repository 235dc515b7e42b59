"""What rules ask of web ACLs of different generations, and of rule groups."""

from __future__ import annotations

from typing import Any

from iaclint.aws.services.waf import AnyWebAcl, ClassicWebAcl, RuleGroup, WebAcl
from iaclint.aws.views import Attr, Subject
from iaclint.model.inventory import Deployment
from iaclint.model.truth import Truth


class LoggableAcl(Subject):
    """A web ACL that can log; CloudFormation has no property for the logs of AWS WAF Classic."""

    anchor: AnyWebAcl

    @classmethod
    def select(cls, deployment: Deployment) -> list[LoggableAcl]:
        """Return the web ACLs whose language has a property for logs."""
        classic = [acl for acl in ClassicWebAcl.select(deployment) if acl.is_terraform]
        return [cls(acl) for acl in (*WebAcl.select(deployment), *classic)]

    @property
    def logged(self) -> Truth:
        """Return True if it logs requests."""
        return self.anchor.logged


class MeasuredRules(Subject):
    """A web ACL or rule group of AWS WAF, for the CloudWatch metrics of it and of its rules."""

    anchors = (WebAcl, RuleGroup)
    anchor: WebAcl | RuleGroup

    @property
    def metrics(self) -> tuple[Attr[Any], ...]:
        """The settings that switch metrics on, its own and those of its rules."""
        return (self.anchor.metrics, *(rule.metrics for rule in self.anchor.own_rules))
