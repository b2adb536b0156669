"""What is wrong with an object, in plain words, from what a JSON schema validator says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairlead.checks.objects import Json
from fairlead.repo.names import near_miss

_REQUIRED = re.compile(r'^"(.*)" is a required property')
_TYPE = re.compile(r"^(.*) is not of types? (.*)$", re.DOTALL)


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with an object. `unknown` is a field's name that the schema doesn't have."""

    path: tuple[str | int, ...]
    message: str
    remedy: str
    unknown: str = ""


class Schema:
    """A compiled schema. `named` is what judges, as people are told; `documents` hold the fields that are known."""

    def __init__(self, validator: Any, named: str, documents: Sequence[Json]) -> None:
        self.named = named
        self._validator = validator
        self._documents = documents

    def violations(self, body: Json) -> list[Violation]:
        """What is wrong with an object."""
        if self._validator.is_valid(body):
            return []
        return [found for error in self._validator.iter_errors(body) for found in self._told(error)]

    def _told(self, error: Any) -> list[Violation]:
        path = tuple(error.instance_path)
        message = str(error.message)
        spot = dotted(path)
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            known = self._properties([str(s) for s in error.schema_path])
            return [_unknown(path, name, known) for name in unexpected]
        required = _REQUIRED.match(message)
        if required is not None:
            return [Violation(path, f"{spot or 'the object'} lacks {required[1]!r}", f"add {required[1]}")]
        kind = _TYPE.match(message)
        if kind is not None:
            wanted = re.sub(r'"null",? ?(?:and )?|, "null"|"', "", kind[2]).strip(", ")
            return [Violation(path, f"{spot} is {kind[1][:80]}, which is no {wanted}", f"write it as {wanted}")]
        if "oneOf" in message or "anyOf" in message:
            message = f"{spot} has a value of a wrong type"
        elif spot:
            message = f"{spot}: {message[:200]}"
        return [Violation(path, message, "see the field in `kubectl explain`")]

    def _properties(self, steps: list[str]) -> list[str]:
        for document in self._documents:
            at = document
            for step in steps[:-1]:
                at = at.get(step) if isinstance(at, dict) else None
            properties = at.get("properties") if isinstance(at, dict) else None
            if isinstance(properties, dict):
                return sorted(properties)
        return []


def _unknown(path: tuple[str | int, ...], name: str, known: list[str]) -> Violation:
    spot = dotted(path)
    remedy = near_miss(name, known) or ("known are: " + ", ".join(known[:30]) if known else "remove it")
    return Violation((*path, name), f"unknown field {name!r}" + (f" in {spot}" if spot else ""), remedy, name)


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else part)
    return out
