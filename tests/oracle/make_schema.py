"""Make iaclint/terraform/aws.schema from what the AWS provider says of itself.

    python tests/oracle/make_schema.py PLUGIN_DIRECTORY

PLUGIN_DIRECTORY is what `terraform init -plugin-dir` takes. The form of the file is described in
iaclint/terraform/schema.py. Blocks that occur several times are written once, on a line of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from typing import Any

TARGET = os.path.join(os.path.dirname(__file__), "..", "..", "iaclint", "terraform", "aws.schema")
NESTING = {"list": "l", "set": "e", "single": "g", "map": "m"}
PRIMITIVE = {"string": "s", "number": "n", "bool": "b", "dynamic": "d"}
COLLECTION = {"list": "L", "set": "S", "map": "M"}
SHARED_FROM = 60


def type_text(kind: Any) -> str:
    if isinstance(kind, str):
        return PRIMITIVE[kind]
    if kind[0] in COLLECTION:
        return COLLECTION[kind[0]] + type_text(kind[1])
    return "{" + ",".join(f"{name}:{type_text(inner)}" for name, inner in sorted(kind[1].items())) + "}"


def block_text(block: dict[str, Any], shared: dict[str, str]) -> str:
    parts: list[str] = []
    for name, attribute in sorted(block.get("attributes", {}).items()):
        optional, computed = attribute.get("optional"), attribute.get("computed")
        flag = "r" if attribute.get("required") else ("p" if computed else "o") if optional else "c"
        parts.append(f"{name}:{flag}{type_text(attribute['type'])}")
    for name, nested in sorted(block.get("block_types", {}).items()):
        inner = block_text(nested["block"], shared)
        parts.append(f"{name}:{NESTING[nested['nesting_mode']]}({shared.get(inner, inner)})")
    return ",".join(parts)


def count_blocks(block: dict[str, Any], counts: Counter[str], shared: dict[str, str]) -> None:
    for nested in block.get("block_types", {}).values():
        count_blocks(nested["block"], counts, shared)
        counts[block_text(nested["block"], shared)] += 1


def lines_of(schema: dict[str, Any]) -> list[str]:
    """The lines of the file, sorted."""
    blocks = {name: found["block"] for name, found in schema["resource_schemas"].items()}
    blocks |= {f"data.{name}": found["block"] for name, found in schema["data_source_schemas"].items()}
    shared: dict[str, str] = {}
    while True:
        # the innermost repeated blocks first: what holds them becomes shorter
        counts: Counter[str] = Counter()
        for _, block in sorted(blocks.items()):
            count_blocks(block, counts, shared)
        worth = [text for text, n in counts.items() if n > 1 and len(text) >= SHARED_FROM and text not in shared]
        if not worth:
            break
        for text in sorted(worth, key=lambda text: (len(text), text))[:25]:
            shared[text] = f"@{len(shared)}"
    lines = [f"{name} {text}" for text, name in shared.items()]
    lines += [f"{name} {block_text(block, shared)}" for name, block in blocks.items()]
    return sorted(lines)


def main() -> None:
    plugins = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "main.tf"), "w", encoding="utf-8") as file:
            file.write('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n')
        init = ["terraform", "init", f"-plugin-dir={plugins}"]
        subprocess.run(init, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        shown = subprocess.run(
            ["terraform", "providers", "schema", "-json"], cwd=folder, check=True, stdout=subprocess.PIPE
        )
    schema = json.loads(shown.stdout)["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write("\n".join(lines_of(schema)) + "\n")


if __name__ == "__main__":
    main()
