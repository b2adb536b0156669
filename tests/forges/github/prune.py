"""GitHub's published descriptions, cut to what fairlead uses: `openapi.json` and `graphql.json` beside this file.

    npm pack @octokit/openapi@23.0.2 @octokit/graphql-schema@15.26.1     (both MIT; unpack each)
    python -m tests.forges.github.prune OPENAPI-FOLDER GRAPHQL-FOLDER

Words for people are left out, `nullable` is said as JSON Schema says it, and what isn't reached is dropped. Nothing is
added or loosened.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPO = "/repos/{owner}/{repo}"
OPERATIONS = (
    "GET /user", "GET /users/{username}", f"GET {REPO}",
    f"GET {REPO}/pulls", f"POST {REPO}/pulls",
    f"GET {REPO}/pulls/{{pull_number}}", f"PATCH {REPO}/pulls/{{pull_number}}",
    f"PUT {REPO}/pulls/{{pull_number}}/merge",
    f"GET {REPO}/pulls/{{pull_number}}/reviews", f"POST {REPO}/pulls/{{pull_number}}/reviews",
    f"POST {REPO}/pulls/{{pull_number}}/requested_reviewers",
    f"GET {REPO}/issues/{{issue_number}}/comments", f"POST {REPO}/issues/{{issue_number}}/comments",
    f"PATCH {REPO}/issues/comments/{{comment_id}}",
    f"POST {REPO}/issues/{{issue_number}}/labels", f"DELETE {REPO}/issues/{{issue_number}}/labels/{{name}}",
    f"GET {REPO}/commits/{{ref}}/statuses", f"GET {REPO}/commits/{{ref}}/check-runs",
    f"POST {REPO}/statuses/{{sha}}",
    f"GET {REPO}/git/commits/{{commit_sha}}", f"GET {REPO}/rules/branches/{{branch}}",
    f"GET {REPO}/branches/{{branch}}", f"GET {REPO}/branches/{{branch}}/protection",
)  # fmt: skip
MUTATIONS = (
    "enablePullRequestAutoMerge", "disablePullRequestAutoMerge", "markPullRequestReadyForReview",
    "convertPullRequestToDraft",
)  # fmt: skip
FIELDS = {  # of objects that their answers hold: those that are asked
    "PullRequest": ("isDraft", "id", "number"), "User": ("login",),
    "Actor": ("login", "avatarUrl", "resourcePath", "url"),
}  # fmt: skip
_WORDS = {"description", "example", "examples", "title", "externalDocs", "deprecated", "default", "summary", "tags"}


def main(openapi: str, graphql: str) -> None:
    """Write both."""
    whole = json.loads((Path(openapi) / "generated" / "api.github.com.json").read_text())
    _write("openapi.json", pruned(whole))
    schema = json.loads((Path(graphql) / "schema.json").read_text())
    _write("graphql.json", mutations(schema.get("data", schema)["__schema"], Path(graphql)))


def _write(name: str, value: Any) -> None:
    rows = (f"{json.dumps(key)}:{_rows(part)}" for key, part in value.items())
    (HERE / name).write_text("{\n" + ",\n".join(rows) + "\n}\n")


def _rows(value: Any) -> str:
    """One line for each entry: a change of the description shows as the lines that it changes."""
    if not isinstance(value, dict):
        return json.dumps(value)
    rows = (f"{json.dumps(key)}:{json.dumps(part, separators=(',', ':'))}" for key, part in value.items())
    return "{\n" + ",\n".join(rows) + "\n}"


def pruned(whole: dict[str, Any]) -> dict[str, Any]:
    """Operation -> parameters, body, answers as JSON Schema; `schemas` are those that they refer to."""
    operations = {}
    for name in OPERATIONS:
        verb, _, path = name.partition(" ")
        operations[name] = _operation(whole, whole["paths"][path], whole["paths"][path][verb.lower()])
    schemas: dict[str, Any] = {}
    _collect(whole, operations, schemas)
    origin = {"from": "@octokit/openapi", "version": whole["info"]["version"], "license": "MIT"}
    return {"origin": origin, "operations": operations, "schemas": dict(sorted(schemas.items()))}


def _operation(whole: dict[str, Any], item: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    rows = [_resolve(whole, row) for row in (*item.get("parameters", ()), *raw.get("parameters", ()))]
    out: dict[str, Any] = {
        "parameters": {r["name"]: {"in": r["in"], "schema": _schema(r["schema"])} for r in rows},
        "answers": {},
    }
    body = _resolve(whole, raw["requestBody"]) if "requestBody" in raw else None
    if body is not None:
        out["body"] = _schema(body["content"]["application/json"]["schema"])
    for status, ref in raw["responses"].items():
        content = _resolve(whole, ref).get("content", {})
        media = next((content[kind] for kind in content if kind.endswith("json")), None)
        out["answers"][status] = _schema(media["schema"]) if media else None
    return out


def _resolve(whole: dict[str, Any], raw: Any) -> Any:
    while "$ref" in raw:
        place: Any = whole
        for part in raw["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        raw = place
    return raw


def _schema(raw: Any) -> Any:
    if isinstance(raw, list):
        return [_schema(part) for part in raw]
    if not isinstance(raw, dict):
        return raw
    out = {}
    for key, part in raw.items():
        if key == "properties":
            out[key] = {name: _schema(value) for name, value in part.items()}
        elif key == "$ref":
            out[key] = part.replace("#/components/schemas/", "#/$defs/")
        elif key not in _WORDS and not key.startswith("x-") and key != "nullable":
            out[key] = _schema(part)
    return _or_null(out) if raw.get("nullable") else out


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if set(schema) & {"$ref", "allOf", "anyOf", "oneOf"} or "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema and None not in schema["enum"] else {}
    return {**schema, "type": [schema["type"], "null"], **more}


def _collect(whole: dict[str, Any], found: Any, schemas: dict[str, Any]) -> None:
    if isinstance(found, list):
        for part in found:
            _collect(whole, part, schemas)
    if not isinstance(found, dict):
        return
    name = str(found.get("$ref", "")).removeprefix("#/$defs/")
    if name and name not in schemas:
        schemas[name] = _schema(whole["components"]["schemas"][name])
        _collect(whole, schemas[name], schemas)
    for part in found.values():
        _collect(whole, part, schemas)


def mutations(schema: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Mutation -> its input's fields and its payload's; and the fields of the objects that these hold."""
    types = {row["name"]: row for row in schema["types"]}
    out = {}
    for field in types[schema["mutationType"]["name"]]["fields"]:
        if field["name"] in MUTATIONS:
            takes = types[_named(field["args"][0]["type"])]
            gives = types[_named(field["type"])]
            out[field["name"]] = {
                "input": {row["name"]: _typed(types, row["type"]) for row in takes["inputFields"]},
                "payload": {row["name"]: _named(row["type"]) for row in gives["fields"]},
            }
    objects = {
        name: {row["name"]: _typed(types, row["type"]) for row in types[name]["fields"] if row["name"] in wanted}
        for name, wanted in FIELDS.items()
    }
    viewer = next(row for row in types["Query"]["fields"] if row["name"] == "viewer")
    version = json.loads((folder / "package.json").read_text())["version"]
    origin = {"from": "@octokit/graphql-schema", "version": version, "license": "MIT"}
    return {"origin": origin, "query": {"viewer": _named(viewer["type"])}, "mutations": out, "objects": objects}


def _named(ref: dict[str, Any]) -> str:
    while ref.get("ofType"):
        ref = ref["ofType"]
    return str(ref["name"])


def _typed(types: dict[str, Any], ref: dict[str, Any]) -> dict[str, Any]:
    name = _named(ref)
    values = [row["name"] for row in types[name].get("enumValues") or ()]
    return {"type": name, "required": ref["kind"] == "NON_NULL"} | ({"values": values} if values else {})


if __name__ == "__main__":
    main(*sys.argv[1:])
