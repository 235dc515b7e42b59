"""From the options of a command and the config to a Request."""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec.structs import replace

from iaclint.cli.options import InputOptions, RuleOptions, words
from iaclint.cli.output import fail
from iaclint.cli.rules import all_rules, check_config, chosen, load_config
from iaclint.run.request import Request


def request(
    paths: Sequence[str],
    inputs: InputOptions,
    choice: RuleOptions = RuleOptions(),  # noqa: B008 - it cannot be changed
    *,
    deleted: Sequence[str] = (),
    honour: Sequence[str] = (),
    no_inline_ignores: bool = False,
) -> Request:
    """Return what a command asks a run for. Ends the program if an option or a setting is wrong.

    paths, deleted     as in Request; the config is that of the first path
    honour             names of other tools whose exceptions count, separated by commas; none for those of the config
    no_inline_ignores  True if comments and metadata suppress nothing
    """
    config = load_config(paths or deleted, inputs.config_file, inputs.isolated)
    rules = all_rules((*config.rules, *inputs.packs))
    check_config(rules, config)
    config = replace(
        config,
        var_files=(*config.var_files, *map(os.path.abspath, inputs.var_file)),
        parameter_files=(*config.parameter_files, *map(os.path.abspath, inputs.parameter_file)),
        inline_ignores=config.inline_ignores and not no_inline_ignores,
        honour=_tools(honour) or config.honour,
    )
    run = chosen(
        rules,
        words(choice.select) or config.select,
        (*config.extend_select, *words(choice.extend_select)),
        (*config.ignore, *words(choice.ignore)),
    )
    return Request(
        paths=tuple(paths),
        config=config,
        rules=run,
        known=rules,
        deleted=tuple(deleted),
        root=inputs.root,
        source_root=inputs.source_root,
        read_environment=inputs.tf_env,
    )


def _tools(values: Sequence[str]) -> tuple[str, ...]:
    """Return the tools that the option --honour names. Ends the program if one is not known."""
    from iaclint.linting.other_tools import TOOLS

    tools = words(values)
    for tool in tools:
        if tool not in TOOLS:
            fail(f"--honour {tool}: use some of {', '.join(TOOLS)}")
    return tools
