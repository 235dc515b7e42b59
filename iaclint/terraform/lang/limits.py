"""Limits of what evaluation builds."""

MAX_BITS = 1 << 16
"""Numbers with more binary digits before or after the point are not worked out."""
MAX_TEXT = 4 * 1024 * 1024
"""Characters; longer texts are not built."""
