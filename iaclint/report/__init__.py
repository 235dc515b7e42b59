"""The results of a run in the formats that people and programs read.

Each format is a module of this package with `render(report, options) -> str`. It is imported on first use, so that
a run imports only the formats that it writes. No module of the package prints, writes a file or changes the exit code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from iaclint.linting.verdict import Report

__all__ = ["FORMATS", "SARIF_INCLUDES", "Options", "notices", "render"]

SARIF_INCLUDES = ("suppressed", "pass", "review", "open", "not-applicable")
"""The allowed values of `Options.sarif_include`."""


class Options(Struct, frozen=True):
    """Options of the presentation. No option changes a verdict.

    colour          ANSI colours in `text`
    width           columns of the terminal; None if the output is no terminal, and no line is shortened
    show_unknown    list undecided verdicts too
    quiet           list only findings and fatal problems: no hints, no gaps, no summary
    sarif_include   results in addition to open failures: any of SARIF_INCLUDES
    sarif_category  the category of GitHub code scanning that the file contains; "" for none
    sarif_pretty    indent the SARIF file
    can_fix         True if the command has `--fix`, so that `text` may mention it
    changed         absolute paths of changed files; annotations on these come first
    """

    colour: bool = False
    width: int | None = None
    show_unknown: bool = False
    quiet: bool = False
    sarif_include: frozenset[str] = frozenset()
    sarif_category: str = ""
    sarif_pretty: bool = False
    can_fix: bool = False
    changed: frozenset[str] = frozenset()


Renderer = Callable[["Report", Options], str]


def _lazily(name: str) -> Renderer:
    def render(report: Report, options: Options) -> str:
        text: str = import_module(f"iaclint.report.{name}").render(report, options)
        return text

    render.__name__ = f"render_{name}"
    return render


FORMATS: Mapping[str, Renderer] = {
    name: _lazily(name) for name in ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
}
"""The formats by name. The text of a format ends with a line end, or is empty."""


def render(name: str, report: Report, options: Options) -> str:
    """Return the report in a format. Raises KeyError if there is no format of this name."""
    return FORMATS[name](report, options)


def notices(name: str, report: Report, options: Options) -> tuple[str, ...]:
    """Return messages for stderr about limits of the platform that reads a format."""
    if name != "sarif":
        return ()
    found: tuple[str, ...] = import_module("iaclint.report.sarif").notices(report, options)
    return found
