"""The words of the JSON schemas that are published: of reports, and of plans."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def body(description: str, **properties: Schema) -> Schema:
    """An object that has all of these keys."""
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
    }


def text(description: str) -> Schema:
    """Text."""
    return {"type": "string", "description": description}


def text_or_none(description: str) -> Schema:
    """Text, or null."""
    return {"type": ["string", "null"], "description": description}


def count(description: str, least: int = 0) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": least, "description": description}


def place(description: str) -> Schema:
    """A line or a column, from 1; or null."""
    return {"type": ["integer", "null"], "minimum": 1, "description": description}


def listing(description: str, items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "description": description, "items": items}
