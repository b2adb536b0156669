"""Custom resources are judged by the definitions of the repository, as the API server does."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from tests.judging import findings, told

_CONFIG = "version: 1\nenvironments: {dev: {kubernetes: '1.34'}, production: {kubernetes: '1.34'}}\n"
_SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size", "mode"],
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
                "port": {"x-kubernetes-int-or-string": True},
                "note": {"type": "string", "nullable": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "closed": {"type": "object"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "template": {"type": "object", "x-kubernetes-embedded-resource": True},
                "wait": {"type": "string", "format": "duration"},
                "hosts": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "name": {"type": "string", "pattern": "^[a-z]+$"},
                "limit": {"type": "integer", "maximum": 5, "exclusiveMaximum": True},
                "either": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                    "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                },
            },
        }
    },
}


def definition(spec: object = None, **version: object) -> str:
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": spec or _SCHEMA}}
                | version
            ],
        },
    }
    return json.dumps(body)


def widget(spec: str, api: str = "example.com/v1") -> str:
    return f"apiVersion: {api}\nkind: Widget\nmetadata:\n  name: web\nspec:\n  size: 2\n{spec}"


def repository(spec: str, crd: str = "", api: str = "example.com/v1") -> dict[str, str]:
    return {
        "fairlead.yaml": _CONFIG,
        "definitions/widget.yaml": crd or definition(),
        "overlays/dev/kustomization.yaml": "resources: [widget.yaml]\n",
        "overlays/dev/widget.yaml": widget(spec, api),
    }


def of(files: dict[str, str], *rules: str) -> list[tuple[str, str, str]]:
    return [(str(f.where), f.rule, f.message) for f in findings(files, *(rules or ("schema", "no-schema")))]


@pytest.mark.parametrize(
    "spec",
    [
        "  port: 80\n", "  port: http\n", "  note: null\n", "  mode: null\n", "  free: {a: {b: 1}}\n",
        "  labels: {a: b}\n", "  template: {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "  wait: 1h30m\n",
        "  hosts: [a, b]\n", "  name: abc\n", "  limit: 4\n", "  either: {a: x}\n",
        "  labels: null\n", "  hosts:\n", "  name:\n",  # the server takes these as if nothing were written
    ],
)  # fmt: skip
def test_what_the_server_takes_is_no_finding(spec: str) -> None:
    assert of(repository(spec)) == []


@pytest.mark.parametrize(
    ("spec", "place", "words"),
    [
        ("  sise: 3\n", "7:3", "unknown field 'sise' in spec"),
        ("  port: [80]\n", "7:3", "spec.port"),
        ("  mode: c\n", "7:9", "spec.mode"),
        ("  closed: {a: 1}\n", "7:12", "unknown field 'a' in spec.closed"),
        ("  labels: {a: 1}\n", "7:15", "spec.labels.a is 1, which is no string"),
        ("  template: {kind: Pod}\n", "7:3", "spec.template lacks 'apiVersion'"),
        ("  template: {apiVersion: v1, kind: Pod, metadata: {}, spec: {}}\n", "7:55", "unknown field 'spec' in"),
        ("  wait: soon\n", "7:9", "spec.wait"),
        ("  hosts: [a, a]\n", "7:3", "spec.hosts"),
        ("  hosts: [null]\n", "7:11", "spec.hosts[0] is null, which is no string"),
        ("  name: A\n", "7:9", "spec.name"),
        ("  limit: 5\n", "7:10", "spec.limit"),
        ("  either: {}\n", "7:3", "spec.either"),
        ("  size: null\n", "7:9", "spec.size is null, which is no integer"),
    ],
)
def test_what_the_server_refuses_or_drops_is_told_at_its_line(spec: str, place: str, words: str) -> None:
    found = of(repository(spec.replace("  size: 2\n", "")) if "size: null" not in spec else {
        **repository(""), "overlays/dev/widget.yaml": widget(spec).replace("  size: 2\n", ""),
    })  # fmt: skip
    place = "6:9" if "size: null" in spec else place
    assert [(at, rule) for at, rule, _ in found] == [(f"overlays/dev/widget.yaml:{place}", "schema")]
    assert words in found[0][2]


def test_metadata_is_judged_though_no_definition_says_it() -> None:
    files = repository("")
    files["overlays/dev/widget.yaml"] = widget("").replace("  name: web\n", "  name: web\n  lables: {}\n")
    assert of(files) == [
        ("overlays/dev/widget.yaml:5:3", "schema", "Widget/web: unknown field 'lables' in metadata"),
    ]


def test_a_definition_that_keeps_unknown_fields_takes_them() -> None:
    keeping = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    assert of(repository("  any: thing\n", definition(keeping))) == []


def _keeping(spec: str) -> list[tuple[str, str, str, str]]:
    """The findings by a definition of the first form, whose objects keep what it does not know."""
    body = json.loads(definition())
    body["apiVersion"] = "apiextensions.k8s.io/v1beta1"
    found = findings(repository(spec, json.dumps(body)), "schema")
    return [(str(f.where), str(f.severity), f.message, f.remedy.partition(" (")[0]) for f in found]


def test_a_slip_of_the_pen_is_told_though_the_server_keeps_the_field() -> None:
    assert _keeping("  hosst: [a]\n  anything: else\n") == [
        (
            "overlays/dev/widget.yaml:7:3", "warning",
            "Widget/web: spec has 'hosst', which its definition doesn't know", "did you mean 'hosts'?",
        )
    ]  # fmt: skip
    assert _keeping("  hosts: [a]\n  hosst: [a]\n") == []


def test_a_misspelled_field_that_is_required_is_told_at_its_line() -> None:
    files = repository("")
    files["overlays/dev/widget.yaml"] = widget("").replace("size", "sise")
    assert of(files) == [("overlays/dev/widget.yaml:6:3", "schema", "Widget/web: unknown field 'sise' in spec")]
    files["definitions/widget.yaml"] = definition().replace("v1", "v1beta1", 1)
    assert of(files) == [("overlays/dev/widget.yaml:6:3", "schema", "Widget/web: spec has 'sise', and lacks 'size'")]


def test_without_a_schema_the_kind_is_counted() -> None:
    files = repository("", definition(schema=None))
    assert [rule for _, rule, _ in of(files)] == ["no-schema"]
    del files["definitions/widget.yaml"]
    assert [rule for _, rule, _ in of(files)] == ["no-schema"]


def test_a_kind_without_a_schema_is_an_error_where_that_is_configured() -> None:
    files = repository("")
    del files["definitions/widget.yaml"]
    override = "check: {overrides: [{environments: [%s], severity: {no-schema: error}}]}\n"
    for environment, severity in (("dev", "error"), ("production", "note")):
        files["fairlead.yaml"] = _CONFIG + override % environment
        assert [str(f.severity) for f in findings(files, "no-schema")] == [severity]


def test_a_version_that_is_not_there_or_not_served_is_told_at_the_api_version() -> None:
    place = "overlays/dev/widget.yaml:1:13"
    assert of(repository("", api="example.com/v2"), "removed-api", "no-schema") == [
        (place, "removed-api", "Widget/web: example.com/v2 is not in the definition in definitions/widget.yaml")
    ]
    unserved = definition(served=False)
    assert of(repository("", unserved), "removed-api", "no-schema", "schema") == [
        (place, "removed-api", "Widget/web: example.com/v1 is not served by the definition in definitions/widget.yaml")
    ]


def test_a_deprecated_version_is_a_warning_with_the_definitions_words() -> None:
    files = repository("", definition(deprecated=True, deprecationWarning="use v2"))
    (found,) = findings(files, "deprecated-api")
    assert (found.severity, found.remedy) == ("warning", "use v2")


def test_of_several_definitions_the_nearest_judges_and_no_other_environments() -> None:
    strict = definition({"type": "object", "properties": {"spec": {"type": "object", "properties": {}}}})
    files = repository("", strict)
    assert [rule for _, rule, _ in of(files)] == ["schema"]
    files["overlays/definitions.yaml"] = definition()  # nearer
    assert of(files) == []
    files["overlays/dev/more/definitions.yaml"] = strict  # nearer still
    assert [rule for _, rule, _ in of(files)] == ["schema"]
    files["overlays/production/definitions.yaml"] = definition()
    del files["overlays/dev/more/definitions.yaml"]
    files["overlays/definitions.yaml"] = strict
    assert [rule for _, rule, _ in of(files)] == ["schema"]


def test_of_definitions_that_are_equally_near_one_must_accept() -> None:
    strict = definition({"type": "object", "properties": {"spec": {"type": "object", "properties": {}}}})
    files = repository("", strict) | {"definitions/other.yaml": definition()}
    assert of(files) == []


def test_the_overlays_own_definition_comes_first_patches_and_all() -> None:
    files = repository("  more: 1\n")
    files["overlays/dev/kustomization.yaml"] = (
        "resources: [widget.yaml, ../../definitions]\npatches:\n- target: {kind: CustomResourceDefinition}\n"
        "  patch: |-\n    - op: add\n"
        "      path: /spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/more\n"
        "      value: {type: integer}\n"
    )
    files["definitions/kustomization.yaml"] = "resources: [widget.yaml]\n"
    assert of(files) == []


_BROKEN = "kind: CustomResourceDefinition\nspec:\n  group: example.com\n  names:\n    kind: Widget\n"


@pytest.mark.parametrize(
    "text",
    [
        _BROKEN + "  versions: {{ x }}\n",
        _BROKEN + "  versions: [1, x: 2]\n",
        '{"kind": "CustomResourceDefinition", "spec": 5}',
        "kind: CustomResourceDefinition\nspec:\n  group: example.com\n  names: &a\n    kind: Widget\n    b: *a\n",
        "\0kind: CustomResourceDefinition\n",
        _BROKEN
        + "  a: &a [x]\n"
        + "".join(f"  {b}: &{b} [{', '.join(f'*{a}' for _ in range(9))}]\n" for a, b in pairwise("abcdefgh")),
        _BROKEN + "  versions: " + "[" * 30_000 + "\n",
    ],
)
def test_a_definition_that_can_not_be_read_is_none(text: str) -> None:
    files = repository("", text)
    assert [rule for _, rule, _ in of(files)] == ["no-schema"]


def test_a_group_whose_first_word_is_a_built_in_ones_is_not_taken_for_it() -> None:
    files = repository("")
    files["overlays/dev/widget.yaml"] = (
        "apiVersion: apps.example.com/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {x: 1}\n"
    )
    assert [rule for _, rule, _ in of(files)] == ["no-schema"]


def test_told_places_hold_in_lists() -> None:
    files = repository("")
    files["definitions/widget.yaml"] += "\n---\n# nothing\n"
    assert told(files, "schema") == []
