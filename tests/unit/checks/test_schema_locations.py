"""Schemas in files of the repository, where `check: {schema_locations}` leads."""

from __future__ import annotations

import json

from tests.judging import findings

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck:\n  schema_locations: ["
_CATALOG = "'schemas/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json'"
_WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\nspec:\n  sise: 1\n"
_SCHEMA = {"properties": {"spec": {"additionalProperties": False, "properties": {"size": {"type": "integer"}}}}}


def files(locations: str, schemas: dict[str, object]) -> dict[str, str]:
    return {
        "fairlead.yaml": _CONFIG + locations + "]\n",
        "overlays/dev/kustomization.yaml": "resources: [object.yaml]\n",
        "overlays/dev/object.yaml": _WIDGET,
        **{path: body if isinstance(body, str) else json.dumps(body) for path, body in schemas.items()},
    }


def told(given: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(f.rule, f.message, f.remedy) for f in findings(given, "schema", "no-schema")]


def test_a_file_judges_a_kind_that_nothing_defines() -> None:
    assert told(files(_CATALOG, {"schemas/example.com/widget_v1.json": _SCHEMA})) == [
        (
            "schema",
            "Widget/web: unknown field 'sise' in spec",
            "did you mean 'size'? (schemas/example.com/widget_v1.json)",
        )
    ]


def test_a_reference_to_another_file_is_followed_in_the_repository() -> None:
    schema = {"properties": {"spec": {"$ref": "../shared.json#/definitions/spec"}}}
    shared = {"definitions": {"spec": _SCHEMA["properties"]["spec"]}}
    given = files(_CATALOG, {"schemas/example.com/widget_v1.json": schema, "schemas/shared.json": shared})
    assert [rule for rule, _, _ in told(given)] == ["schema"]


def test_a_reference_that_leads_elsewhere_is_told_and_nothing_is_fetched() -> None:
    for uri in ("https://example.com/a.json", "../../../../etc/passwd", "file:///etc/passwd"):
        schema = {"properties": {"spec": {"$ref": uri}}}
        ((rule, message, _),) = told(files(_CATALOG, {"schemas/example.com/widget_v1.json": schema}))
        assert rule == "schema"
        assert message.startswith("schemas/example.com/widget_v1.json is no schema: ")


def test_a_broken_file_is_told_once_at_the_file() -> None:
    for body in ("{", "[]", '{"type": 5}', "null", "[" * 5_000):
        given = files(_CATALOG, {"schemas/example.com/widget_v1.json": body})
        (found,) = findings(given, "schema", "no-schema")
        assert (str(found.where), found.severity) == ("schemas/example.com/widget_v1.json:1:1", "error")


def test_the_first_location_that_has_the_kind_judges() -> None:
    pod = {"properties": {"spec": {"additionalProperties": False, "properties": {}}}}
    given = files(
        "'own/{{ .ResourceKind }}.json', default",
        {"own/service.json": pod, "overlays/dev/object.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
         "spec: {ports: [{port: 80}]}\n"},
    )  # fmt: skip
    assert [rule for rule, _, _ in told(given)] == ["schema"]
    given["fairlead.yaml"] = _CONFIG + "default, 'own/{{ .ResourceKind }}.json']\n"
    assert told(given) == []


def test_urls_are_not_asked_in_a_check() -> None:
    assert [rule for rule, _, _ in told(files("'https://127.0.0.1:9/{{ .Group }}.json'", {}))] == ["no-schema"]


def test_a_schema_that_multiplies_itself_is_refused_at_once() -> None:
    for file in ("", "schemas/part{}.json"):
        rows = {f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}] * 4} for n in range(40)} | {"d40": {}}
        given = {"schemas/example.com/widget_v1.json": {"definitions": rows, "$ref": "#/definitions/d0"}}
        if file:
            given = {file.format(n): {"allOf": [{"$ref": f"part{n + 1}.json"}] * 4} for n in range(40)}
            given |= {"schemas/part40.json": {}, "schemas/example.com/widget_v1.json": {"$ref": "../part0.json"}}
        ((rule, message, _),) = told(files(_CATALOG, given))
        assert (rule, message.partition(": ")[2]) == ("schema", "its references expand to too much")


def test_a_schema_that_refers_to_itself_judges() -> None:
    tree = {"additionalProperties": {"$ref": "#"}, "type": ["object", "string", "integer"]}
    assert told(files(_CATALOG, {"schemas/example.com/widget_v1.json": tree})) == []
