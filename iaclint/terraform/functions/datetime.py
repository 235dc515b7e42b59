"""Functions of dates and times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import differs_in_every_run
from iaclint.terraform.lang.types import NUMBER, STRING

FUNCTIONS = Functions()


FUNCTIONS.define("timestamp", returns=STRING, unknown="own")(differs_in_every_run("timestamp"))
FUNCTIONS.define("plantimestamp", returns=STRING, unknown="own")(differs_in_every_run("plantimestamp"))


@FUNCTIONS.define("formatdate", STRING, STRING, returns=STRING)
def _formatdate(context: Context, pattern: V, moment: V) -> Result:
    from iaclint.terraform.functions import dates

    return _dated(lambda: dates.format_date(pattern.data, moment.data))


@FUNCTIONS.define("timeadd", STRING, STRING, returns=STRING)
def _timeadd(context: Context, moment: V, duration: V) -> Result:
    from iaclint.terraform.functions import dates

    return _dated(lambda: dates.add(moment.data, duration.data))


@FUNCTIONS.define("timecmp", STRING, STRING, returns=NUMBER)
def _timecmp(context: Context, left: V, right: V) -> Result:
    from iaclint.terraform.functions import dates

    return _dated(lambda: dates.compare(left.data, right.data))


def _dated(run: Callable[[], Any]) -> Result:
    from iaclint.terraform.functions import dates

    try:
        return run()
    except dates.DateError as error:
        raise FunctionError(str(error)) from None
