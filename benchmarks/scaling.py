"""How the cost of a run grows with what there is to lint.

    python -m benchmarks.scaling [--runs N] [--plot FILE.svg]

Makes trees of 1 to 10,000 resources, of 1 to 5,000 files, and of modules nested 1 to 6 deep, lints each as a whole
process, and prints a Markdown table. A cost per resource that stays level, once the start has been paid, is the point.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import inventories
from benchmarks.measure import Sample, in_turns, table

Make = Callable[[Path, int], int]


def _resources(home: Path, size: int) -> int:
    inventories.resources(home, size)
    return size


def _files(home: Path, size: int) -> int:
    inventories.resources(home, size, files=size)
    return size


def _roots(home: Path, size: int) -> int:
    inventories.roots(home, size)
    return size


def _templates(home: Path, size: int) -> int:
    inventories.templates(home, size)
    return size


SERIES: dict[str, tuple[Make, tuple[int, ...]]] = {
    "Terraform, one file": (_resources, (1, 10, 100, 1_000, 10_000)),
    "Terraform, a file for each": (_files, (1, 10, 100, 1_000, 5_000)),
    "Terraform, a root for each": (_roots, (1, 10, 100, 1_000, 5_000)),
    "CloudFormation, 100 in a template": (_templates, (1, 10, 100, 1_000, 10_000)),
    "nested modules, 3 keys a level": (inventories.nested, (1, 2, 3, 4, 5, 6)),
}

Points = dict[str, list[tuple[int, Sample]]]


def measured(runs: int) -> Points:
    """Return the samples of each series, by the number of resources."""
    points: Points = {}
    for name, (make, sizes) in SERIES.items():
        for size in sizes:
            with tempfile.TemporaryDirectory() as home:
                count = make(Path(home), size)
                command = [sys.executable, "-m", "iaclint", "--format", "sarif", "--isolated", home]
                sample = in_turns({"iaclint": command}, runs)["iaclint"]
            points.setdefault(name, []).append((count, sample))
            print(f"{name}, {count}: {sample.cpu:.2f} s", file=sys.stderr)
    return points


def rows(points: Points) -> list[list[str]]:
    """Table rows; the cost per resource is what is added over the smallest tree of the series."""
    found: list[list[str]] = []
    for name, samples in points.items():
        least, start = samples[0]
        for count, sample in samples:
            each = f"{(sample.cpu - start.cpu) / (count - least) * 1000:.2f}" if count >= 100 else ""
            found.append([name, f"{count:,}", f"{sample.cpu:.2f}", each, f"{sample.memory:.0f}"])
    return found


COLOURS = ("#0969da", "#1a7f37", "#9a6700", "#cf222e", "#8250df")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 60, 20, 250, 45


def plot(points: Points) -> str:
    """CPU seconds over resources, both logarithmic, as SVG."""
    top = max(sample.cpu for samples in points.values() for _, sample in samples)
    low, high = -1.0, math.ceil(math.log10(top))
    widest = math.ceil(math.log10(max(count for samples in points.values() for count, _ in samples)))

    def place(count: float, seconds: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * math.log10(count) / widest
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(seconds) - low) / (high - low)
        return round(x, 1), round(y, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(widest + 1):
        x, y = place(10**power, 10**low)
        parts.append(f'<path d="M{x} {TOP}V{y}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(int(low), int(high) + 1):
        x, y = place(1, 10**power)
        parts.append(f'<path d="M{x} {y}H{WIDTH - RIGHT}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{10**power:g}</text>')
    for index, (name, samples) in enumerate(points.items()):
        colour = COLOURS[index % len(COLOURS)]
        line = " ".join(f"{x},{y}" for x, y in (place(count, sample.cpu) for count, sample in samples))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = TOP + 16 + 20 * index
        parts.append(f'<path d="M{WIDTH - RIGHT + 14} {at}h18" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 38}" y="{at + 4}">{name}</text>')
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">resources</text>')
    parts.append(f'<text x="14" y="{HEIGHT / 2}" transform="rotate(-90 14 {HEIGHT / 2})">CPU seconds</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    given = parser.parse_args()
    points = measured(given.runs)
    print(table(["what", "resources", "CPU s", "ms for each more", "peak MB"], rows(points)))
    if given.plot:
        given.plot.write_text(plot(points), encoding="utf-8")


if __name__ == "__main__":
    main()
