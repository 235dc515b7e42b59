"""The request of a run: what to scan and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from iaclint.linting.config import Config
from iaclint.linting.rule import Rule

if TYPE_CHECKING:
    from datetime import date

    from iaclint.linting.baseline import Baseline
    from iaclint.run.parallel import Executor


class UsageError(Exception):
    """The run cannot start. The text names the remedy."""


class Request(Struct, frozen=True):
    """What to scan and how.

    paths             a directory is scanned whole; a file selects the deployments that it belongs to
    config            the settings
    rules             the rules to run, also those about suppressions (SUPPRESSION_RULES)
    known             all rules that there are: a suppression may name a rule that is not run
    deleted           files that were deleted: the modules that they belonged to are scanned and reported whole
    root              a further directory that may be read; "" for none
    source_root       the configuration that a plan was made from: findings then point to its lines; "" for none
    read_environment  True if TF_VAR_ variables of the process count
    skip_other_files  True if a named file that is no infrastructure code is passed over silently
    whole_units       True to report all of the modules and templates that a named file belongs to; False to report only
                      what touches the file
    today             the day on which the last days of suppressions are checked; None for the present day
    progress          is called with what the run does next, as text for a person
    baseline          findings that were accepted before
    overlay           contents that replace those of files, by absolute path
    with_cfn_lint     True to run cfn-lint on the templates, too
    jobs              the number of processes; 0 for one on each core, up to DEFAULT_MAX_JOBS, if the input is large
    executor          what loads the parts that this process does not load, such as a `concurrent.futures.Executor`;
                      `jobs` is then the number of parts
    """

    paths: tuple[str, ...]
    config: Config = field(default_factory=Config)
    rules: tuple[Rule[Any], ...] = ()
    known: tuple[Rule[Any], ...] = ()
    deleted: tuple[str, ...] = ()
    root: str = ""
    source_root: str = ""
    read_environment: bool = False
    skip_other_files: bool = False
    whole_units: bool = False
    today: date | None = None
    progress: Callable[[str], None] | None = None
    baseline: Baseline | None = None
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    with_cfn_lint: bool = False
    jobs: int = 0
    executor: Executor | None = None

    @property
    def day(self) -> date:
        """The day on which the last days of suppressions are checked."""
        from iaclint.linting.suppressions import present_day

        return self.today or present_day()
