"""Locations: paths relative to the repository, regions, and excerpts in which secrets are masked."""

from __future__ import annotations

import os
from typing import Any

from iaclint.linting.verdict import Report, Verdict
from iaclint.report.common import Masks, Paths, clean, clean_block, first_line, uri
from iaclint.report.sarif import om
from iaclint.source.files import SourceFile, Span

ROOT = "%SRCROOT%"
"""The name that SARIF's paths are relative to: the root of the repository."""
MAX_REGION = 300
"""Columns of a region and of the context on either side of it: a minified template has one line of a megabyte."""
MAX_NAMES = 10
"""Resources and links that a result lists."""


class Places:
    """Makes the locations of a run."""

    def __init__(self, report: Report) -> None:
        self.paths = Paths(report.base)
        self._masks = Masks(report)

    def location(self, span: Span, addresses: list[str]) -> Any:
        """Return the location of a result, with the resources that it is about."""
        location = self.place(span)
        location.logical_locations = [
            om.LogicalLocation(fully_qualified_name=clean(address), kind="resource")
            for address in dict.fromkeys(addresses[:MAX_NAMES])
        ]
        return location

    def place(self, span: Span, text: str = "") -> Any:
        """Return a location, with a message if `text` is not ""."""
        region, context = self._regions(span)
        address = self.paths.uri(span.file) or uri(self.paths.shown(span.file))
        location = om.Location(
            physical_location=om.PhysicalLocation(
                artifact_location=artifact(address), region=region, context_region=context
            )
        )
        if text:
            location.message = om.Message(text=text)
        return location

    def _regions(self, span: Span) -> tuple[Any, Any]:
        """Return the region of the first line of a span, and the region of its context, or None.

        The context is the two lines before and after; of long lines a part.
        """
        file = span.file
        part = first_line(span)
        line, column = file.position(part.start)
        length = len(file.line_text(line))
        column = min(column, length + 1)
        end = min(part.end - part.start, MAX_REGION) + column
        if end == column:  # nothing to point at: the line's own text
            indent = length - len(file.line_text(line).lstrip())
            column, end = (indent + 1, min(length, indent + MAX_REGION) + 1) if length > indent else (1, 1)
        if len(file.text.rstrip("\r\n")) == length and column == 1 and end == length + 1 and length > 1:
            end -= 1  # the whole of a file has no context: point at a little less
        first, last = max(1, line - 2), min(line + 2, len(file.lines))
        while last > line and not file.line_text(last):
            last -= 1
        while first < line and not file.line_text(first):
            first += 1
        left = 1
        right = len(file.line_text(last)) + 1
        if any(len(file.line_text(number)) > MAX_REGION for number in range(first, last + 1)):
            first = last = line
            left = max(1, column - MAX_REGION // 2)
            right = min(length + 1, end + MAX_REGION // 2)
        region = om.Region(
            start_line=line,
            start_column=column,
            end_line=line,
            end_column=end,
            snippet=self._snippet(file, (line, column), (line, end)),
        )
        if (first, last, left, right) == (line, line, column, end):
            return region, None
        context = om.Region(
            start_line=first,
            start_column=left,
            end_line=last,
            end_column=right,
            snippet=self._snippet(file, (first, left), (last, right)),
        )
        return region, context

    def _snippet(self, file: SourceFile, start: tuple[int, int], end: tuple[int, int]) -> Any:
        low = file.lines[start[0] - 1] + start[1] - 1
        high = file.lines[end[0] - 1] + end[1] - 1
        return om.ArtifactContent(text=clean_block(self._masks.text(file, low, high)))

    def root_name(self, verdict: Verdict) -> str:
        """Return the name of a verdict's deployment, for a verdict that is about no single resource."""
        root = verdict.deployment.root
        return self.paths.inside(root) or os.path.basename(root.rstrip("/\\")) or "."


def artifact(address: str) -> Any:
    """Return the location of a file by its URI relative to the repository."""
    return om.ArtifactLocation(uri=address, uri_base_id=ROOT)
