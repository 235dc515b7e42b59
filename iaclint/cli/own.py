"""Commands for rules of one's own: a first one to start from, and their tests."""

from __future__ import annotations

import os
import re
from typing import Any

import click

from iaclint.cli.common import echo, fail, shown, shown_in, write_file

TEMPLATE = '''\
"""{title}

Say here why this matters: what can go wrong, and for whom. The first line above is the title.
"""

from collections.abc import Iterator

from iaclint import Finding, Example, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.1"],
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "example" {{
              enable_key_rotation = false
            }}
            """,
            cloudformation="""
            Resources:
              Example:
                Type: AWS::KMS::Key
                Properties:
                  EnableKeyRotation: false
            """,
        )
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "example" {{
              enable_key_rotation = true
            }}
            """,
            cloudformation="""
            Resources:
              Example:
                Type: AWS::KMS::Key
                Properties:
                  EnableKeyRotation: true
            """,
        )
    ],
)
def {function}(key: aws.kms.Key) -> Iterator[Finding]:
    if ~key.rotation.is_(True):
        yield Finding("rotation is off", at=key.rotation, fix=key.rotation.set(True))
'''


@click.command("new-rule")
@click.argument("rule_id", metavar="RULE")
@click.option(
    "--rules", "directory", type=click.Path(), default="iaclint-rules", help="Where.  [default: iaclint-rules]"
)
@click.option("--family", default="own", help="The folder in it.  [default: own]")
def new_rule(rule_id: str, directory: str, family: str) -> None:
    """Write a rule to start from, with a bad and a good example."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule_id):
        fail(f"{rule_id!r} is no id of a rule; write it like bucket-not-tagged")
    function = rule_id.replace("-", "_")
    folder = os.path.join(directory, family.replace("-", "_"))
    path = os.path.join(folder, function + ".py")
    if os.path.lexists(path):
        fail(f"{path} is there already")
    os.makedirs(folder, exist_ok=True)
    title = rule_id.replace("-", " ").capitalize()
    write_file(path, TEMPLATE.format(title=title, function=function))
    echo(f"{path}: change it, then run `iaclint test-rules {directory}`")


@click.command("test-rules")
@click.argument("directory", type=click.Path())
def test_rules(directory: str) -> None:
    """Test a directory of rules.

    Each rule must fail its bad examples and pass its good ones, with the same words in both languages. In Terraform
    and CloudFormation files below the directory, each line with `# expect: rule-id` (or the line below such a comment)
    must have that finding, and no other line may have one.
    """
    from iaclint.linting import pack
    from iaclint.run.testing import complaints, unexpected

    try:
        rules: tuple[Any, ...] = pack.load(directory, "iaclint_tested_pack")
        builtin: tuple[Any, ...] = pack.load(pack.builtin_directory())
    except pack.PackError as error:
        fail(f"a pack of rules cannot be used: {shown_in(str(error))}")
    if not rules:
        fail(f"{shown(directory)} holds no rules")
    said = [text for rule in rules for text in complaints(rule)]
    checked, more = unexpected(directory, rules, builtin)
    said += more
    for text in said:
        click.echo(f"iaclint: {text}", err=True)
    number = f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'}"
    files = f"{checked} {'file' if checked == 1 else 'files'} with expectations"
    echo(f"{number}, {files}: " + (f"{len(said)} wrong" if said else "all as expected"))
    if said:
        raise click.exceptions.Exit(1)
