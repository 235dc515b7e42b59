"""Runs cfn-lint: its own rules on the same templates, and its decoder on a template that iaclint cannot read.

cfn-lint checks that a template is valid, iaclint that its resources are safe. Importing it takes about a second,
so this module is imported only on use.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from iaclint.source.files import Problem, SourceFile

LEADING_OUT = frozenset(
    {"append_rules", "custom_rules", "override_spec", "registry_schemas", "parameter_files", "deployment_files"}
)
"""Settings of cfn-lint that templates and config files cannot set: cfn-lint runs some of these files as Python."""
DECODER_LIMIT = 1_000_000
"""The characters of the longest text to decode. CloudFormation accepts no longer template."""


class Remark(Struct, frozen=True):
    """One result of a cfn-lint rule; lines and columns count from 1, the end is exclusive.

    level is "error", "warning" or "informational"; path is absolute if the path of the template was.
    """

    rule: str
    title: str
    description: str
    url: str
    message: str
    level: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def lint(paths: Sequence[str], regions: Sequence[str] = ()) -> tuple[list[Remark], list[Problem]]:
    """Run cfn-lint on the templates. Returns its remarks in cfn-lint's order, and a Problem if it failed.

    The settings of `.cfnlintrc` and of a template's Metadata apply, except those that load rules, which would run code
    of the scanned tree, and those that name other files to read. `regions` are AWS regions; empty for cfn-lint's
    default.
    """
    if not paths:
        return [], []
    logging.getLogger("cfnlint").setLevel(logging.CRITICAL)
    try:
        from cfnlint.config import ConfigMixIn
        from cfnlint.runner import Runner

        class Config(ConfigMixIn):  # type: ignore[misc]
            """The settings without those in LEADING_OUT, which load code or name files."""

            def _get_argument_value(self, arg_name: str, is_template: bool, is_config_file: bool) -> Any:
                if arg_name in LEADING_OUT:
                    return getattr(self.cli_args, arg_name)
                return super()._get_argument_value(arg_name, is_template, is_config_file)

        arguments = ["--template", *paths]
        if regions:
            arguments += ["--regions", *regions]
        matches = list(Runner(Config(arguments)).run())
    except (Exception, SystemExit) as error:
        return [], [Problem(f"cfn-lint could not run: {type(error).__name__}: {error}")]
    remarks: dict[Remark, None] = {}
    for match in matches:
        line, column = max(1, match.linenumber or 1), max(1, match.columnnumber or 1)
        end_line = max(line, match.linenumberend or line)
        end_column = max(1, match.columnnumberend or column)
        if (end_line, end_column) < (line, column):
            end_line, end_column = line, column
        rule = match.rule
        remark = Remark(
            rule=str(rule.id),
            title=str(rule.shortdesc),
            description=str(rule.description),
            url=str(rule.source_url or ""),
            message=str(match.message),
            level=str(rule.severity).lower(),
            path=str(match.filename or ""),
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )
        remarks.setdefault(remark)
    return list(remarks), []


def decoder_says(source: SourceFile) -> str:
    """Return the error of cfn-lint's decoder for a text, with the place; "" if it has none or the text is too large."""
    if len(source.text) > DECODER_LIMIT:
        return ""
    logging.getLogger("cfnlint").setLevel(logging.CRITICAL)
    try:
        from cfnlint.decode.decode import decode_str

        _, errors = decode_str(source.text)
    except (Exception, SystemExit):
        return ""
    for error in errors or ():
        message = " ".join(str(error.message).split())
        return f"{message} (line {error.linenumber}, column {error.columnnumber})"
    return ""
