"""Moments and spans of time, in the words that people and fairlead.yaml use."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def span(seconds: int) -> str:
    """A span as it could be written in fairlead.yaml, by its two largest units: `1d12h`."""
    parts = []
    left = max(0, seconds)
    for unit, size in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return "".join(parts[:2]) or "0s"


def moment(seconds: int) -> str:
    """A moment, in UTC, to the minute."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"@{seconds}"
