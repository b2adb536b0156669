"""A CustomResourceDefinition's structural schema as JSON schema, by the API server's rules of what it takes and keeps.

What the server would drop is an error, as under `kubectl --validate=strict`. Rules in CEL (`x-kubernetes-validations`)
are not evaluated; of list types, sets are.
"""

from __future__ import annotations

import re
from typing import Any

from fairlead.checks.objects import Json
from fairlead.model.patterns import pattern
from fairlead.model.values import dataclass
from fairlead.repo.definitions import KIND

_PLAIN = (
    "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties", "maxProperties", "multipleOf", "uniqueItems",
)  # fmt: skip
_IMPLIED: dict[str, Json] = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
# What Go's time.ParseDuration and kube-openapi's strfmt take.
_DURATION = pattern(r"\s*[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)\s*[a-zµμ]+\s*)+)", re.IGNORECASE)
_URI = pattern(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*:).*", re.DOTALL)
_CIDR = pattern(r"[0-9A-Fa-f.:]+/[0-9]{1,3}")
# The formats that JSON schema and the API server know by different rules.
FORMATS = {
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "cidr": lambda text: _CIDR.fullmatch(text) is not None,
}


@dataclass(frozen=True)
class Version:
    """One version of a definition; `schema` is None where it has none, and anything goes."""

    name: str
    served: bool
    deprecated: bool
    warning: str
    schema: Json
    pruned: bool


def versions(body: Json) -> tuple[Version, ...]:
    """The versions of a definition, in its order; none where it is no such object."""
    spec = body.get("spec") if isinstance(body, dict) and body.get("kind") == KIND else None
    if not isinstance(spec, dict):
        return ()
    old = body.get("apiVersion") != "apiextensions.k8s.io/v1"
    pruned = spec.get("preserveUnknownFields", old) is not True
    rows = spec.get("versions")
    if not isinstance(rows, list):
        rows = [{"name": spec.get("version"), "served": True}]
    return tuple(_version(row, spec, pruned) for row in rows if isinstance(row, dict) and row.get("name"))


def _version(row: dict[str, Any], spec: dict[str, Any], pruned: bool) -> Version:
    holder = row.get("schema") or spec.get("validation")
    schema = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
    return Version(
        str(row["name"]), row.get("served") is not False, row.get("deprecated") is True,
        str(row.get("deprecationWarning") or ""), schema if isinstance(schema, dict) else None, pruned,
    )  # fmt: skip


def json_schema(version: Version, api_version: str, kind: str, metadata: Json) -> dict[str, Any]:
    """The schema of whole objects; `metadata` is the schema of an object's metadata."""
    own = version.schema if isinstance(version.schema, dict) else {"x-kubernetes-preserve-unknown-fields": True}
    out = _converted(own, version.pruned)
    properties = out.setdefault("properties", {})
    properties["apiVersion"] = {"enum": [api_version]}
    properties["kind"] = {"enum": [kind]}
    asked = properties.get("metadata")
    below = own.get("properties")
    limits = _value(below.get("metadata")) if asked is not None and isinstance(below, dict) else {}
    properties["metadata"] = {"allOf": [metadata, limits]} if limits else metadata
    out["type"] = "object"
    out["required"] = list(dict.fromkeys(("apiVersion", "kind", *out.get("required", ()))))
    return out


def _converted(schema: Json, pruned: bool) -> dict[str, Any]:
    """A node of a structural schema, closed where the server drops what is not specified."""
    if not isinstance(schema, dict):
        return {}
    out = _value(schema)
    properties, extra = schema.get("properties"), schema.get("additionalProperties")
    if isinstance(properties, dict):
        needed = out.get("required", ())
        out["properties"] = {str(name): _property(below, pruned, name in needed) for name, below in properties.items()}
        _drop_defaulted(out, properties)
    if isinstance(schema.get("items"), dict):
        out["items"] = _converted(schema["items"], pruned)
    if schema.get("x-kubernetes-embedded-resource") is True:
        out["properties"] = {**out.get("properties", {}), **_IMPLIED, "metadata": {"type": "object"}}
        out["required"] = list(dict.fromkeys((*out.get("required", ()), *_IMPLIED)))
    if isinstance(extra, dict):
        out["additionalProperties"] = _converted(extra, pruned)
    elif pruned and _is_closed(schema) and extra is not True:
        out.setdefault("properties", {})  # without them, a validator does not name what is unknown
        out["additionalProperties"] = False
    return out


def _is_closed(schema: dict[str, Any]) -> bool:
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True
    return not keeps and (schema.get("type") == "object" or isinstance(schema.get("properties"), dict))


def _property(schema: Json, pruned: bool, needed: bool) -> dict[str, Any]:
    """A property. The server takes a null as if nothing were written; what has a default is given it."""
    out = _converted(schema, pruned)
    if isinstance(schema, dict) and not schema.get("nullable") and ("default" in schema or not needed):
        return _nullable(out)
    return out


def _drop_defaulted(out: dict[str, Any], properties: dict[str, Any]) -> None:
    """What has a default is never missing."""
    given = {name for name, below in properties.items() if isinstance(below, dict) and "default" in below}
    if given and "required" in out:
        out["required"] = [name for name in out["required"] if name not in given]


def _value(schema: Json) -> dict[str, Any]:
    """What a node says of its own value, and its junctors: these never decide what is kept."""
    if not isinstance(schema, dict):
        return {}
    out = {key: schema[key] for key in _PLAIN if schema.get(key) is not None}
    kind = schema.get("type")
    if schema.get("x-kubernetes-int-or-string") is True:
        out["type"] = ["integer", "string"]
    elif isinstance(kind, str):
        out["type"] = kind
    _limit(schema, out, "minimum", "exclusiveMinimum")
    _limit(schema, out, "maximum", "exclusiveMaximum")
    if isinstance(schema.get("required"), list):
        out["required"] = [name for name in schema["required"] if isinstance(name, str)]
    if schema.get("x-kubernetes-list-type") == "set":
        out["uniqueItems"] = True
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            out[key] = [_junctor(below) for below in schema[key]]
    if isinstance(schema.get("not"), dict):
        out["not"] = _junctor(schema["not"])
    return _nullable(out) if schema.get("nullable") is True else out


def _junctor(schema: Json) -> dict[str, Any]:
    out = _value(schema)
    if not isinstance(schema, dict):
        return out
    if isinstance(schema.get("properties"), dict):
        out["properties"] = {str(name): _junctor(below) for name, below in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            out[key] = _junctor(schema[key])
    return out


def _limit(schema: dict[str, Any], out: dict[str, Any], limit: str, exclusive: str) -> None:
    """Draft 4's `exclusiveMinimum: true` as later drafts have it."""
    if schema.get(exclusive) is True and limit in out:
        out[exclusive] = out.pop(limit)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type")
    out = dict(schema)
    if kinds is not None:
        out["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    if "enum" in out:
        out["enum"] = [*out["enum"], None]
    return out


def self_contained(schema: dict[str, Any], definitions: Json) -> dict[str, Any]:
    """A schema with the definitions that it refers to written in, for files that other programs read as well."""
    known = definitions.get("$defs", {}) if isinstance(definitions, dict) else {}

    def inlined(node: Json) -> Json:
        if isinstance(node, list):
            return [inlined(each) for each in node]
        if not isinstance(node, dict):
            return node
        name = str(node["$ref"]).rpartition("/")[2] if isinstance(node.get("$ref"), str) else ""
        if name in known:
            return inlined(known[name])
        return {key: inlined(each) for key, each in node.items() if not _is_prose(key, each)}

    return {"$schema": "http://json-schema.org/draft-07/schema#", **inlined(schema)}


def _is_prose(key: str, value: Json) -> bool:
    return key.startswith("x-kubernetes-") or (key == "description" and isinstance(value, str))
