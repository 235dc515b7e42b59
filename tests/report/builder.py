"""Reports made by hand: small sources, values and rules, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iaclint.linting.rule import Example, Finding, Rule, Severity
from iaclint.linting.verdict import Outcome, Report, Site, Suppression, Verdict
from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Gap, Resource
from iaclint.model.truth import Reason
from iaclint.model.value import Step, Value
from iaclint.source.edits import Edit, Fix
from iaclint.source.files import Problem, SourceFile, Span

BASE = "/repo"

MAIN = """\
resource "aws_kms_key" "main" {
  description         = "all of it"
  enable_key_rotation = var.rotate
  policy              = "secret"
}

resource "aws_security_group" "web" {
  count = 3
  ingress {
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
VARIABLES = """\
variable "rotate" {
  default = false
}
"""
CALL = """\
module "keys" {
  source = "./modules/keys"
}
"""


def source(name: str, text: str) -> SourceFile:
    return SourceFile(f"{BASE}/{name}", text, name)


def at(file: SourceFile, text: str, part: str = "") -> Span:
    """The span of a text in a file, or of a part of it."""
    start = file.text.index(text)
    if part:
        start += text.index(part)
    return Span(file, start, start + len(part or text))


def _check(_: Any) -> Iterator[Finding]:
    return iter(())


def make_rule(name: str = "kms-key-not-rotated", severity: Severity = Severity.MEDIUM, **fields: Any) -> Rule[Any]:
    """A rule with everything that a rule can have."""
    given: dict[str, Any] = {
        "id": name,
        "family": "key-management",
        "title": "Symmetric KMS keys should rotate their key material",
        "doc": "A key that never rotates keeps every ciphertext within reach of one leaked secret.\n\nTurn it on.",
        "on": object,
        "check": _check,
        "severity": severity,
        "soc2": ("CC6.1", "C1.1"),
        "equivalents": {"checkov": ("CKV_AWS_7",), "trivy": ("AVD-AWS-0065",), "cfn_nag": ("F19",)},
        "bad": (
            Example(terraform='resource "aws_kms_key" "k" {}', cloudformation="Resources:\n  K: {Type: AWS::KMS::Key}"),
        ),
        "good": (
            Example(terraform='resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}', only="no such thing"),
        ),
        "cwe": ("320",),
        "options": {"max_days": 365},
    }
    return Rule(**(given | fields))


def make_deployment(files: Iterable[SourceFile] = (), name: str = ".", **fields: Any) -> Deployment:
    files = tuple(files) or (source("main.tf", MAIN),)
    root = BASE if name == "." else f"{BASE}/{name}"
    return Deployment("terraform", root, name, Span(files[0], 0, 0), files=files, **fields)


def make_site(span: Span, attribute: str = "", **fields: Any) -> Site:
    given: dict[str, Any] = {"inner": span, "trail": (), "header": span, "calls": ()}
    return Site(span=span, attribute=attribute, **(given | fields))


def make_report(verdicts: Iterable[Verdict] = (), **fields: Any) -> Report:
    verdicts = tuple(verdicts)
    rules = {v.rule.id: v.rule for v in verdicts}
    deployments = {id(v.deployment): v.deployment for v in verdicts}
    files = {v.site.span.file.path: v.site.span.file for v in verdicts}
    given: dict[str, Any] = {
        "rules": tuple(rules[name] for name in sorted(rules)),
        "verdicts": tuple(sorted(verdicts, key=lambda v: v.sort_key)),
        "problems": (),
        "gaps": (),
        "deployments": tuple(deployments.values()),
        "files": tuple(files.values()),
        "unread": (),
        "base": BASE,
        "version": "0.1.0",
    }
    return Report(**(given | fields))


def simple(text: str = MAIN, name: str = "main.tf", part: str = "var.rotate", **fields: Any) -> Report:
    """A report with one finding, at a part of one file."""
    file = source(name, text)
    site = make_site(at(file, part), fields.pop("attribute", ""))
    given: dict[str, Any] = {"message": "key rotation is off", "severity": Severity.MEDIUM}
    rule = fields.pop("rule", make_rule())
    address = fields.pop("address", "aws_kms_key.main")
    return make_report([Verdict(rule, Outcome.FAIL, make_deployment([file]), address, site, **(given | fields))])


def everything(names: Mapping[str, str] | None = None) -> Report:
    """A report with one of each thing that a report can hold; `names` overrides texts that users write."""
    n = {
        "file": "main.tf",
        "address": "aws_kms_key.main",
        "message": "key rotation is off",
        "what": "var.rotate",
        "reason": "the key is short-lived",
        "detail": "var.rotate has no default",
        "problem": "expected a closing brace",
        "why": "module terraform-aws-modules/vpc/aws is not here",
        "environment": "prod",
        "title": "turn rotation on",
        "inserted": "true",
        "text": MAIN,
        "path": "broken.tf",
    } | dict(names or {})
    main = source(n["file"], n["text"] if "var.rotate" in n["text"] else n["text"] + MAIN)
    variables = source("variables.tf", VARIABLES)
    call = source("network/main.tf", CALL)
    module = source("modules/keys/main.tf", MAIN.replace("secret", "public"))
    fetched = source(".terraform/modules/kms/main.tf", MAIN.replace("secret", "public"))
    rotate = at(main, "var.rotate")
    default = at(variables, "false")
    policy = at(main, '"secret"')
    keys = make_rule()
    open_group = make_rule("security-group-open-to-world", Severity.CRITICAL, family="network-exposure", cwe=())
    bare = make_rule(
        "bare", Severity.LOW, soc2=(), equivalents={}, bad=(), good=(), cwe=(), doc="", options={}, family=""
    )
    resource = Resource(
        "terraform",
        "aws_kms_key",
        Address(n["address"]),
        Value({"policy": Value("secret", policy, sensitive=True)}, at(main, "resource")),
        at(main, "resource"),
        at(main, "resource"),
    )
    here = make_deployment([main, variables], resources=(resource,))
    there = make_deployment([call, module], "network")
    trail = (Step(rotate, n["what"]), Step(default, "variable default"))
    calls = (Step(at(call, 'module "keys"'), "module.keys"),)
    reason = Reason(n["detail"], at(variables, "variable"), ("var.rotate",))
    fix = Fix(n["title"], (Edit(default, n["inserted"]), Edit(Span(main, 0, 0), "# " + n["inserted"] + "\n")))
    cidr = at(main, '["0.0.0.0/0"]')
    verdicts = [
        Verdict(
            keys,
            Outcome.FAIL,
            here,
            n["address"],
            make_site(rotate, "enable_key_rotation", trail=trail),
            message=n["message"],
            fix=fix,
            related=(Step(cidr, n["what"]),),
            environments=(n["environment"],),
        ),
        *(
            Verdict(
                open_group,
                Outcome.FAIL,
                here,
                f"aws_security_group.web[{index}]",
                make_site(cidr, "ingress.cidr_blocks"),
                message="port 22 is open to the world",
                severity=Severity.CRITICAL,
            )
            for index in range(3)
        ),
        Verdict(
            keys,
            Outcome.FAIL,
            there,
            "module.keys.aws_kms_key.main",
            make_site(at(module, "var.rotate"), "enable_key_rotation", calls=calls),
            message=n["message"],
            severity=Severity.HIGH,
        ),
        Verdict(
            keys,
            Outcome.FAIL,
            there,
            "module.kms.aws_kms_key.main",
            make_site(at(call, 'module "keys"'), inner=at(fetched, "var.rotate"), calls=calls),
            message=n["message"],
        ),
        Verdict(bare, Outcome.FAIL, here, "", make_site(here.header), message="no trail", severity=Severity.LOW),
        Verdict(bare, Outcome.FAIL, here, "aws_x.whole", make_site(main.whole), message="whole file"),
        Verdict(keys, Outcome.PASS, here, "aws_kms_key.good", make_site(rotate)),
        Verdict(keys, Outcome.NOT_APPLICABLE, here, "aws_kms_key.rsa", make_site(rotate)),
        Verdict(
            keys,
            Outcome.UNKNOWN,
            here,
            "aws_kms_key.maybe",
            make_site(rotate),
            message=f"cannot tell: {n['detail']}",
            reasons=(reason,),
        ),
        Verdict(keys, Outcome.UNKNOWN, here, "aws_kms_key.far", make_site(rotate), reasons=(Reason(n["detail"]),)),
        Verdict(keys, Outcome.ERROR, here, "aws_kms_key.odd", make_site(rotate), message=f"ValueError: {n['detail']}"),
        *(
            Verdict(
                keys,
                Outcome.FAIL,
                here,
                f"aws_kms_key.accepted_{kind}",
                make_site(policy),
                message=n["message"],
                suppressed_by=Suppression(kind, n["reason"], at(main, "description"), "2030-01-01"),
            )
            for kind in ("inline", "metadata", "config", "baseline")
        ),
    ]
    problems = (
        Problem(n["problem"], at(main, "count = 3")),
        Problem(n["problem"], None, n["path"]),
        Problem(n["problem"], at(variables, "default"), fatal=False),
    )
    gaps = (Gap(at(call, "module"), n["why"], "module.vpc"), Gap(None, "macro Foo is not expanded", "Stack"))
    files = (main, variables, call, module, fetched)
    return make_report(verdicts, problems=problems, gaps=gaps, files=files, unread=(n["path"],))
