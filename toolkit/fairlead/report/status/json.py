"""A status for programs; `schema` says what each key means."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fairlead.model.standing import Status

FORM = "fairlead-status/1"


def as_data(status: Status) -> dict[str, Any]:
    """The status as JSON values; keys may be added within a form, and keep their meaning."""
    body = asdict(status)
    return {"form": FORM} | {("apps" if name == "rows" else name): value for name, value in body.items()}
