"""SARIF 2.1.0, as GitHub code scanning, GitLab and editors read it.

The objects are those of the library sarif-om; `writing` turns them into JSON.

Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
GitHub:   https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from msgspec.structs import replace

from iaclint.linting.verdict import Report
from iaclint.report import Options
from iaclint.report.common import grouped
from iaclint.report.sarif import om
from iaclint.report.sarif.results import SHOWN_BY_GITHUB, wanted
from iaclint.report.sarif.runs import other_tool_run, own_run
from iaclint.report.sarif.writing import write

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TAKEN_BY_GITHUB = 25_000
"""Results of a run above which code scanning refuses the file."""


def render(report: Report, options: Options) -> str:
    """Return the report as a SARIF log: a run of iaclint, and one of each other tool."""
    own = tuple(v for v in report.verdicts if v.rule.family not in report.other_tools)
    runs = [own_run(replace(report, verdicts=own), options)]
    runs += [other_tool_run(report, options, tool) for tool in report.other_tools]
    return write(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=runs), pretty=options.sarif_pretty)


def notices(report: Report, options: Options) -> tuple[str, ...]:
    """Return what to tell the user about results that GitHub leaves out or refuses."""
    number = len(grouped(wanted(report, options)))
    if number > TAKEN_BY_GITHUB:
        return (f"{number:,} results: GitHub code scanning refuses a run with more than {TAKEN_BY_GITHUB:,}",)
    if number > SHOWN_BY_GITHUB:
        return (f"{number:,} results: GitHub code scanning keeps {SHOWN_BY_GITHUB:,} of a run, the most severe first",)
    return ()
