"""What GitHub publishes of its API, as far as fairlead uses it: requests and answers are held against it.

`openapi.json` and `graphql.json` are made by `prune.py` from `@octokit/openapi` and `@octokit/graphql-schema` (MIT).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

HERE = Path(__file__).parent
_FORMATS = {
    "uri": "https://placeholder.example/", "date-time": "2025-01-01T00:00:00Z", "email": "placeholder@example.org",
    "uuid": "00000000-0000-0000-0000-000000000000",
}  # fmt: skip
_PLAIN = {"string": "placeholder", "integer": 0, "number": 0, "boolean": False, "null": None}


@dataclass(frozen=True)
class Operation:
    """One of them, and how its path is told from others."""

    name: str
    pattern: re.Pattern[str]
    parameters: dict[str, Any]
    body: Any
    answers: dict[str, Any]

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]


@dataclass
class Description:
    """All operations. `path` here is what stands below `/api/v3`."""

    schemas: dict[str, Any]
    operations: tuple[Operation, ...]
    _validators: dict[str, Any] = field(default_factory=dict)
    _empty: dict[int, dict[str, Any]] = field(default_factory=dict)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        for operation in self.operations:
            found = operation.pattern.fullmatch(path) if operation.method == method else None
            if found:
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def refusal(self, operation: Operation, query: dict[str, str], body: Any) -> str:
        """Why a request is none that GitHub describes. Stricter than GitHub: what it doesn't know is a mistake."""
        known = {name for name, row in operation.parameters.items() if row["in"] == "query"}
        odd = set(query) - known
        if odd:
            return f"{operation.name} has no parameter {', '.join(sorted(odd))}"
        for name, value in query.items():
            schema = operation.parameters[name]["schema"]
            typed: Any = int(value) if schema.get("type") == "integer" and value.isdecimal() else value
            problem = self._problem(f"{operation.name} ?{name}", schema, typed)
            if problem:
                return f"parameter {name}: {problem}"
        if operation.body is None:
            return "" if body is None else f"{operation.name} takes no body"
        if isinstance(body, dict):
            more = set(body) - self._properties(operation.body)
            if more:
                return f"{operation.name} has no {', '.join(sorted(more))} in its body"
        return self._problem(f"{operation.name} body", operation.body, body)

    def wrong(self, operation: Operation, status: int, data: Any) -> str:
        """Why an answer is none that GitHub describes."""
        schema = operation.answers.get(str(status))
        if schema is None and status >= 300:  # such as 401: they are described once, for all
            return self._problem("basic-error", {"$ref": "#/$defs/basic-error"}, data)
        if schema is None:
            return "" if data is None else f"{operation.name} answers {status} without a body"
        return self._problem(f"{operation.name} {status}", schema, data)

    def filled(self, operation: Operation, status: int, data: Any) -> Any:
        """An answer with all that GitHub's has: what the double has no word for gets a placeholder, or null."""
        schema = operation.answers.get(str(status))
        return data if schema is None else self._fill(schema, data)

    def _problem(self, name: str, schema: Any, data: Any) -> str:
        if name not in self._validators:
            whole = {**schema, "$defs": self.schemas}
            self._validators[name] = jsonschema_rs.validator_for(whole, validate_formats=True)
        errors = self._validators[name].iter_errors(data)
        return "; ".join(f"{'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in errors)

    def _properties(self, schema: Any) -> set[str]:
        schema = self._resolved(schema)
        parts = (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ()))
        return set(schema.get("properties", ())).union(*(self._properties(part) for part in parts))

    def _resolved(self, schema: Any) -> Any:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].removeprefix("#/$defs/")]
        return schema

    def _fill(self, schema: Any, data: Any) -> Any:
        schema = self._resolved(schema)
        if isinstance(data, list):
            return [self._fill(self._branch(schema, list).get("items", {}), row) for row in data]
        if not isinstance(data, dict):
            return data
        schema = self._branch(schema, dict, data)
        out = dict(data)
        for part in schema.get("allOf", ()):
            out = self._fill(part, out)
        properties = schema.get("properties", {})
        given = {
            name: self._fill(properties.get(name, {}), value) if isinstance(value, dict | list) else value
            for name, value in out.items()
        }
        return {**self._placeholders(schema), **given}

    def _placeholders(self, schema: Any) -> dict[str, Any]:
        if id(schema) not in self._empty:
            properties = schema.get("properties", {})
            required = schema.get("required", ())
            self._empty[id(schema)] = {name: self._placeholder(properties.get(name, {})) for name in required}
        return self._empty[id(schema)]

    def _branch(self, schema: Any, kind: type, data: Any = None) -> Any:
        wanted = "array" if kind is list else "object"
        for row in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            part = self._resolved(row)
            types = part.get("type", "object")
            typed = part.get("properties", {}).get("type", {}).get("enum")
            if wanted not in (types if isinstance(types, list) else [types]):
                continue
            if typed is None or not isinstance(data, dict) or data.get("type") in typed:
                return self._branch(part, kind, data)
        return schema

    def _placeholder(self, schema: Any) -> Any:
        schema = self._resolved(schema)
        parts = [self._resolved(part) for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
        types = schema.get("type")
        if "null" in (types if isinstance(types, list) else [types]) or any(p.get("type") == "null" for p in parts):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        if parts:
            return self._placeholder(parts[0])
        if types == "array":
            return []
        if types == "string":
            return _FORMATS.get(schema.get("format", ""), _PLAIN["string"])
        return _PLAIN[types] if types in _PLAIN else self._fill(schema, {})


@cache
def rest() -> Description:
    raw = json.loads((HERE / "openapi.json").read_text())
    rows = []
    longest_first = sorted(raw["operations"].items(), key=lambda item: -len(item[0]))  # `/branches/{branch}` fits much
    for name, row in longest_first:
        path = name.partition(" ")[2]
        pattern = re.sub(r"\\\{(\w+)\\\}", lambda m: f"(?P<{m[1]}>{_part(m[1])})", re.escape(path))
        rows.append(Operation(name, re.compile(pattern), row["parameters"], row.get("body"), row["answers"]))
    return Description(raw["schemas"], tuple(rows))


def _part(name: str) -> str:
    return ".+?" if name in ("branch", "ref") else "[^/]+"  # names of branches have slashes


@cache
def graphql() -> dict[str, Any]:
    return json.loads((HERE / "graphql.json").read_text())
