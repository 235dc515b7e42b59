"""Commands for rules of one's own: a first one to start from, and their tests."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from iaclint.cli.output import echo, fail, hint, shown, shown_in, write_file

if TYPE_CHECKING:
    from iaclint.aws.views import View, attr

TEMPLATE = '''\
"""{title}

Say here why this matters: what can go wrong, and for whom. The first line above is the title.
"""

from collections.abc import Iterator

from iaclint import {imports}
{own_view}

@rule(
    on={view},
    severity="medium",
    soc2=["CC6.1"],
    bad=[
        Example(
            terraform="""
            resource "{terraform}" "example" {{
              {terraform_name} = {bad}
            }}
            """,
            cloudformation="""
            Resources:
              Example:
                Type: {cloudformation}
                Properties:
                  {cloudformation_name}: {bad}
            """,
        )
    ],
    good=[
        Example(
            terraform="""
            resource "{terraform}" "example" {{
              {terraform_name} = {good}
            }}
            """,
            cloudformation="""
            Resources:
              Example:
                Type: {cloudformation}
                Properties:
                  {cloudformation_name}: {good}
            """,
        )
    ],
)
def {function}({parameter}: {view}) -> Iterator[Finding]:
    if ~{parameter}.{attribute}.is_({wanted}):
        fix = {parameter}.{attribute}.set({wanted})
        yield Finding('{attribute} is not {good}', at={parameter}.{attribute}, fix=fix)
'''
OWN_VIEW = '''

class {name}(View, terraform="{terraform}", cloudformation="{cloudformation}"):
    """Say here what the resource is, with the address of its documentation."""

    {attribute} = attr(bool, terraform="{terraform_name}", cloudformation="{cloudformation_name}", default=False)
'''


@click.command()
@click.argument("name", required=False, default="")
def views(name: str) -> None:
    """List what rules can ask about, or show all about one view, service or resource type.

    \b
    iaclint views                   every view with a sentence on it
    iaclint views kms.Key           its attributes, their names in both languages, their defaults
    iaclint views aws_kms_key       the view of a resource type
    """
    from iaclint.linting import reference

    if name and not reference.matching(name):
        known = {word for view in reference.views() for word in (view, view.removeprefix("aws."))}
        fail(f"there is no view {name!r}; {hint(name, known, '`iaclint views` lists them')}")
    echo(reference.views_text(name))


@click.command("new-rule")
@click.argument("rule_id", metavar="RULE")
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="The resource type that it judges, such as aws_kms_key; once for each language where no view is there.",
)
@click.option(
    "--rules", "directory", type=click.Path(), default="iaclint-rules", help="Where.  [default: iaclint-rules]"
)
@click.option("--family", default="own", help="The folder in it.  [default: own]")
def new_rule(rule_id: str, types: tuple[str, ...], directory: str, family: str) -> None:
    """Write a rule to start from, with a bad and a good example."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule_id):
        fail(f"{rule_id!r} is no id of a rule; write it like bucket-not-tagged")
    function = rule_id.replace("-", "_")
    folder = os.path.join(directory, family.replace("-", "_"))
    path = os.path.join(folder, function + ".py")
    if os.path.lexists(path):
        fail(f"{path} is there already")
    if not types and sys.stdin.isatty():
        types = tuple(click.prompt("Resource type that the rule judges (aws_kms_key or AWS::KMS::Key)").split())
    if not types:
        fail("say which resource type the rule judges: --type aws_kms_key")
    fields = _scaffold(types)
    os.makedirs(folder, exist_ok=True)
    write_file(path, TEMPLATE.format(title=rule_id.replace("-", " ").capitalize(), function=function, **fields))
    echo(f"{path}: change it, then run `iaclint test-rules {directory}`")


def _scaffold(types: tuple[str, ...]) -> dict[str, str]:
    """Return the fields of TEMPLATE for a resource type: from its view, or with a view of its own to fill in."""
    from iaclint.aws.views import View
    from iaclint.linting import reference

    for name, view in reference.matching(types[0]).items():
        if issubclass(view, View) and (fields := _fields_of(name, view)):
            return fields
    terraform = next((kind for kind in types if "::" not in kind), "")
    cloudformation = next((kind for kind in types if "::" in kind), "")
    if not terraform or not cloudformation:
        fail(f"there is no view of {types[0]}; name its type in the other language too: --type ... --type ...")
    name = cloudformation.rpartition("::")[2]
    spelt = {"terraform_name": "enabled", "cloudformation_name": "Enabled"}
    own_view = OWN_VIEW.format(
        name=name, terraform=terraform, cloudformation=cloudformation, attribute="enabled", **spelt
    )
    return {
        **spelt,
        "imports": "Example, Finding, View, attr, rule",
        "own_view": own_view,
        "view": name,
        "parameter": "resource",
        "terraform": terraform,
        "cloudformation": cloudformation,
        "attribute": "enabled",
        "wanted": "True",
        "good": "true",
        "bad": "false",
    }


def _fields_of(name: str, view: type[View]) -> dict[str, str] | None:
    """Return the fields of TEMPLATE for a view, about its first attribute that both languages have at the top."""
    from iaclint.aws.views import attr

    attributes = {
        own: item
        for owner in reversed(view.__mro__)
        for own, item in vars(owner).items()
        if isinstance(item, attr)
        and "." not in (item.terraform[:1] or (".",))[0] + (item.cloudformation[:1] or (".",))[0]
    }
    for kind, wanted, good, bad in ((bool, "True", "true", "false"), (str, '"example"', '"example"', '"other"')):
        for own, item in attributes.items():
            if item.kind is kind and view.terraform_kinds and view.cloudformation_kinds:
                return {
                    "imports": "Example, Finding, aws, rule",
                    "own_view": "",
                    "view": name,
                    "parameter": re.findall("[A-Z][a-z0-9]*", name)[-1].lower(),
                    "terraform": view.terraform_kinds[0],
                    "terraform_name": item.terraform[0],
                    "cloudformation": view.cloudformation_kinds[0],
                    "cloudformation_name": item.cloudformation[0],
                    "attribute": own,
                    "wanted": wanted,
                    "good": good,
                    "bad": bad,
                }
    return None


def _is_at_the_top(attribute: attr[Any]) -> bool:
    """Return True if both languages have the attribute, and neither in a nested block."""
    return all(names and "." not in names[0] for names in (attribute.terraform, attribute.cloudformation))


@click.command("test-rules")
@click.argument("directory", type=click.Path())
def test_rules(directory: str) -> None:
    """Test a directory of rules.

    Each rule must fail its bad examples and pass its good ones, with the same words in both languages. With any one
    value of an example unknown, its verdict may become undecided but never change sides. A fix must remove its finding
    and change nothing else. In Terraform
    and CloudFormation files below the directory, each line with `# expect: rule-id` (or the line below such a comment)
    must have that finding, and no other line may have one.
    """
    from iaclint.linting import pack
    from iaclint.run.testing import all_complaints, unexpected

    try:
        rules: tuple[Any, ...] = pack.load_pack(directory, "iaclint_tested_pack")
        builtin: tuple[Any, ...] = pack.load_pack(pack.builtin_directory())
    except pack.PackError as error:
        fail(f"a pack of rules cannot be used: {shown_in(str(error))}")
    if not rules:
        fail(f"{shown(directory)} holds no rules")
    said = [text for rule in rules for text in all_complaints(rule)]
    checked, more = unexpected(directory, rules, builtin)
    said += more
    for text in said:
        click.echo(f"iaclint: {text}", err=True)
    number = f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'}"
    files = f"{checked} {'file' if checked == 1 else 'files'} with expectations"
    echo(f"{number}, {files}: " + (f"{len(said)} wrong" if said else "all as expected"))
    if said:
        raise click.exceptions.Exit(1)
