"""What is wrong with an object, in plain words, from what a JSON schema validator says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.checks.objects import Json
from fairlead.checks.places import value_at
from fairlead.model.values import dataclass
from fairlead.repo.names import near_miss

_REQUIRED = re.compile(r'^"(.*)" is a required property')
_SLIP, _SLIP_OF_NEEDED = 0.8, 0.7  # how like a field's name a slip of the pen is, and where that is required
_TYPE = re.compile(r"^(.*) is not of types? (.*)$", re.DOTALL)


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with an object. `unknown` is a field's name that the schema doesn't have.

    `kept`: the server takes such a field nevertheless.
    """

    path: tuple[str | int, ...]
    message: str
    remedy: str
    unknown: str = ""
    kept: bool = False


class Schema:
    """A compiled schema. `named` is what judges, as people are told; `documents` hold the fields that are known.

    `keeps`: it says which fields there are, and the server keeps others, too. `stands_for` is the apiVersion that it is
    of, where it judges objects of another one.
    """

    def __init__(
        self, validator: Any, named: str, documents: Sequence[Json], *, keeps: bool = False, stands_for: str = ""
    ) -> None:
        self.named = named
        self._validator = validator
        self._documents = documents
        self._keeps = keeps
        self._stands_for = stands_for

    def violations(self, body: Json) -> list[Violation]:
        """What is wrong with an object; of a misspelled field that is required one thing only."""
        if self._stands_for:
            body = {**body, "apiVersion": self._stands_for}
        found: list[Violation] = []
        if not self._validator.is_valid(body):
            found = [one for error in self._validator.iter_errors(body) for one in self._told(error, body)]
        if self._keeps:
            found += _slips(self._documents[0], body, ())
        once: dict[tuple[tuple[str | int, ...], str], Violation] = {}
        for one in found:
            key = (one.path, one.unknown or one.message)
            if key not in once or one.message.startswith("unknown field"):
                once[key] = one
        return list(once.values())

    def _told(self, error: Any, body: Json) -> list[Violation]:
        path = tuple(error.instance_path)
        message = str(error.message)
        spot = dotted(path)
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            known = self._properties([str(s) for s in error.schema_path])
            return [_unknown(path, name, known) for name in unexpected]
        required = _REQUIRED.match(message)
        if required is not None:
            known = self._properties([str(s) for s in error.schema_path])
            near = _meant(required[1], value_at(body, path), known)
            if near:
                told = f"{spot or 'the object'} has {near!r}, and lacks {required[1]!r}"
                return [Violation((*path, near), told, f"did you mean {required[1]!r}?", near)]
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


def _close(name: str, others: Sequence[str], cutoff: float) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, others, 1, cutoff)), "")


def _meant(name: str, body: Json, known: Sequence[str]) -> str:
    """The field of a map that is a slip of the pen for one that it lacks; empty where there is none."""
    others = [str(key) for key in body if key not in known] if isinstance(body, dict) and known else []
    return _close(name, others, _SLIP_OF_NEEDED) if others else ""


def _slips(schema: Json, body: Json, path: tuple[str | int, ...]) -> Iterator[Violation]:
    """The fields that look like one that is known and lacking, where the server keeps what it does not know."""
    if not isinstance(schema, dict):
        return
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from _slips(schema.get("items"), item, (*path, index))
    properties = schema.get("properties")
    if not isinstance(body, dict) or not isinstance(properties, dict):
        return
    lacking = [name for name in properties if name not in body]
    for key, value in body.items():
        if key in properties:
            yield from _slips(properties[key], value, (*path, key))
        elif lacking and not isinstance(schema.get("additionalProperties"), dict):
            close = _close(str(key), lacking, _SLIP)
            if close:
                message = f"{dotted(path) or 'the object'} has {key!r}, which its definition doesn't know"
                yield Violation((*path, key), message, f"did you mean {close!r}?", str(key), kept=True)


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
