"""The classes of sarif-om, each imported when it is first asked for: `om.Result`.

`import sarif_om` makes all 68 of them with attrs, which takes longer than linting a small tree; a report needs half.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

NAME = "sarif_om"


def __getattr__(name: str) -> Any:
    if not name[:1].isupper():
        raise AttributeError(name)
    module = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    whole = sys.modules.get(NAME)
    if whole is None:
        # stands in for the package, whose own code would import all its modules, while one of them is imported
        spec = find_spec(NAME)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {NAME!r}", name=NAME)
        sys.modules[NAME] = package = ModuleType(NAME)
        package.__path__ = list(spec.submodule_search_locations or ())
    try:
        found = getattr(import_module(f"{NAME}._{module}"), name)
    finally:
        if whole is None:
            del sys.modules[NAME]
    globals()[name] = found
    return found
