"""Kubernetes' own schemas, compiled a kind at a time when the first object of the kind comes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from fairlead.checks.objects import Json, Object
from fairlead.repo.names import near_miss

_UNEXPECTED = re.compile(r"^Additional properties are not allowed \((.*) (?:was|were) unexpected\)")
_REQUIRED = re.compile(r'^"(.*)" is a required property')
_TYPE = re.compile(r"^(.*) is not of types? (.*)$", re.DOTALL)
_GROUP = re.compile(r"^([^./]*)(?:\.[^/]*)?/")


class SchemaSource(Protocol):
    """Where the schema files come from; reading them is not for pure rooms."""

    def versions(self) -> tuple[str, ...]:
        """The Kubernetes versions there are (`1.34`), oldest first."""

    def document(self, version: str, name: str) -> Json:
        """One schema file; None where there is none."""


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with an object. `unknown` is a field's name that the schema doesn't have."""

    path: tuple[str | int, ...]
    message: str
    remedy: str
    unknown: str = ""


class NoSchemas:
    """A source without schemas: nothing is judged."""

    def versions(self) -> tuple[str, ...]:
        """See SchemaSource."""
        return ()

    def document(self, version: str, name: str) -> Json:
        """See SchemaSource."""
        return None


class Schemas:
    """Judges objects by the strict schemas of a Kubernetes version."""

    def __init__(self, source: SchemaSource) -> None:
        self._source = source
        self._nearest: dict[str, str] = {}
        self._registries: dict[str, Any] = {}
        self._definitions: dict[str, Json] = {}
        self._validators: dict[tuple[str, str], Any] = {}

    def nearest(self, wanted: str) -> str:
        """The version that judges: the newest that is not newer than the wanted one, else the oldest."""
        if wanted not in self._nearest:
            versions = self._source.versions()
            fitting = [v for v in versions if _number(v) <= _number(wanted)]
            self._nearest[wanted] = (fitting or list(versions[:1]) or [""])[-1]
        return self._nearest[wanted]

    def knows(self, version: str, rendered: Object) -> bool:
        """Whether there is a schema for the object's kind."""
        return self._validator(version, rendered) is not None

    def violations(self, version: str, rendered: Object) -> list[Violation]:
        """What is wrong with an object; nothing for a kind without a schema."""
        validator = self._validator(version, rendered)
        if validator is None or validator.is_valid(rendered.body):
            return []
        out: list[Violation] = []
        for error in validator.iter_errors(rendered.body):
            out += self._told(version, error)
        return out

    def _validator(self, version: str, rendered: Object) -> Any:
        key = (version, file_name(rendered.api_version, rendered.kind))
        if key not in self._validators:
            self._validators[key] = self._compile(*key)
        return self._validators[key]

    def _compile(self, version: str, name: str) -> Any:
        schema = self._source.document(version, name) if version else None
        if not isinstance(schema, dict):
            return None
        import jsonschema_rs

        if version not in self._registries:
            definitions = self._source.document(version, "_definitions.json")
            self._definitions[version] = definitions
            self._registries[version] = jsonschema_rs.Registry([(definitions["$id"], definitions)])
        return jsonschema_rs.Draft202012Validator(schema, registry=self._registries[version])

    def _told(self, version: str, error: Any) -> list[Violation]:
        path = tuple(error.instance_path)
        message = str(error.message)
        spot = dotted(path)
        unexpected = _UNEXPECTED.match(message)
        if unexpected is not None:
            known = self._properties(version, [str(s) for s in error.schema_path])
            names = re.findall(r"'((?:[^'\\]|\\.)*)'", unexpected[1])
            return [_unknown(path, name, known) for name in names]
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

    def _properties(self, version: str, steps: list[str]) -> list[str]:
        at: Json = self._definitions.get(version)
        for step in steps[:-1]:
            at = at.get(step) if isinstance(at, dict) else None
        properties = at.get("properties") if isinstance(at, dict) else None
        return sorted(properties) if isinstance(properties, dict) else []


def _unknown(path: tuple[str | int, ...], name: str, known: list[str]) -> Violation:
    spot = dotted(path)
    remedy = near_miss(name, known) or ("known are: " + ", ".join(known[:30]) if known else "remove it")
    return Violation((*path, name), f"unknown field {name!r}" + (f" in {spot}" if spot else ""), remedy, name)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def file_name(api_version: str, kind: str) -> str:
    """The bundle's name of a kind's schema: `apps/v1` Deployment is `deployment-apps-v1.json`."""
    return f"{kind.lower()}-{_GROUP.sub(lambda m: m[1] + '-', api_version)}.json"


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else part)
    return out
