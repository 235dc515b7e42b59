"""What comes out of a run, in the forms that people and programs read.

Each format is a module of this package with `render(report, options) -> str`; it is imported when it
is first asked for, so that a format costs nothing to those who do not use it. No module here prints,
writes a file or changes the exit code.
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
"""What `Options.sarif_include` may name."""


class Options(Struct, frozen=True):
    """How a report is to look. No option changes what was found.

    colour          ANSI colours in `text`
    width           columns of the terminal; None where the output is not one, and nothing is cut to fit
    show_unknown    also list what could not be decided
    quiet           findings and fatal problems only: no hints, no gaps, no summary
    sarif_include   results besides open failures: any of SARIF_INCLUDES
    sarif_category  GitHub code scanning's category, where the file is to carry one
    sarif_pretty    indent SARIF for people
    can_fix         whether the command line has `--fix`, so that `text` may point to it
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
"""The formats by name; the text they give ends with a line end, or is empty where there is nothing to say."""


def render(name: str, report: Report, options: Options) -> str:
    """The report in a format. Raises KeyError where there is no such format."""
    return FORMATS[name](report, options)


def notices(name: str, report: Report, options: Options) -> tuple[str, ...]:
    """Return what to print on stderr with a format: limits of the platform that reads it."""
    if name != "sarif":
        return ()
    found: tuple[str, ...] = import_module("iaclint.report.sarif").notices(report, options)
    return found
