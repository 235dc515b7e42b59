"""The classes of the library sarif-om, each loaded when it is first asked for: `om.Result`.

`import sarif_om` makes all 68 of them with attrs, which takes longer than to lint a small tree; a report needs half.
Each class is in a module of its own, which imports none of the others, so it can be loaded without the package.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from typing import Any

PACKAGE = "sarif_om"


def __getattr__(name: str) -> Any:
    """Return the class of a name. Raises ModuleNotFoundError if the library is not installed."""
    if not name[:1].isupper():
        raise AttributeError(name)
    file = "_" + re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    full_name = f"{PACKAGE}.{file}"
    if full_name not in sys.modules:
        spec = spec_from_file_location(full_name, os.path.join(_directory(), f"{file}.py"))
        if spec is None or spec.loader is None or not spec.has_location:
            raise AttributeError(name)
        sys.modules[full_name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    found = getattr(sys.modules[full_name], name)
    globals()[name] = found
    return found


@cache
def _directory() -> str:
    """Return the directory of the library, which is not imported for it."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
    return spec.submodule_search_locations[0]
