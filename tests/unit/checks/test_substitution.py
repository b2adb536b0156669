"""What Flux substitutes after the build: seen by the rules, traced to the file, and never invented."""

from __future__ import annotations

import base64

import pytest

from fairlead.checks.flux_files import FluxFiles
from fairlead.checks.sources import Sources
from fairlead.checks.substitution import Substitution
from fairlead.model.findings import Where
from fairlead.model.snapshot import MemorySnapshot
from tests.judging import findings, judged, object_of

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: ${replicas}\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/web:${tag:-1.0.0}\n"
)


def _flux(name: str, path: str, after: str, space: str = "flux-system") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: {space}\nspec:\n  path: {path}\n{after}"
    )


def _table(kind: str, values: str, name: str = "vars") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n{values}"


_FROM = "  postBuild:\n    substituteFrom:\n    - {kind: %s, name: vars%s}\n"
_INLINE = "  postBuild:\n    substitute:\n      replicas: %s\n"
_FILES = {
    "apps/web/kustomization.yaml": "resources: [d.yaml]\n",
    "apps/web/d.yaml": _DEPLOYMENT,
}


def _found(files: dict[str, str]) -> tuple[Substitution, ...]:
    return FluxFiles().substitutions(Sources(MemorySnapshot.of(files))).get("apps/web", ())


def _schema(after: str, **more: str) -> list[tuple[str, str]]:
    files = {**_FILES, "clusters/prod/web.yaml": _flux("web", "./apps/web", after), **more}
    return [(str(f.where), f.message) for f in findings(files, "schema")]


def test_the_schema_judges_what_flux_applies_at_the_place_where_it_was_written() -> None:
    assert _schema(_INLINE % "'3'") == []
    assert _schema(_INLINE % "many") == [
        ("apps/web/d.yaml:6:13", 'Deployment/web: spec.replicas is "many", which is no integer')
    ]


def test_what_has_no_value_yet_has_no_type() -> None:
    assert _schema("  postBuild:\n    substitute: {other: x}\n") == []
    assert _schema("") == []


def test_a_flux_that_is_told_to_leave_it_leaves_it() -> None:
    held = _DEPLOYMENT.replace("name: web\nspec", "name: web\n  annotations:\n    "
                               "kustomize.toolkit.fluxcd.io/substitute: disabled\nspec", 1)  # fmt: skip
    (of,) = _found({**_FILES, "f.yaml": _flux("web", "apps/web", _INLINE % "'3'")})
    for text, wanted in ((held, "${replicas}"), (_DEPLOYMENT, 3)):
        rendered = object_of(judged({**_FILES, "apps/web/d.yaml": text}, "apps/web"), "Deployment/web")
        assert of.of(rendered).body["spec"]["replicas"] == wanted
        assert list(of.unknown(rendered)) == []


def test_variables_without_value_or_default_are_told_with_their_path() -> None:
    (of,) = _found({**_FILES, "f.yaml": _flux("web", "apps/web", "  postBuild:\n    substitute: {other: x}\n")})
    rendered = object_of(judged(_FILES, "apps/web"), "Deployment/web")
    assert list(of.unknown(rendered)) == [(("spec", "replicas"), "replicas")]


@pytest.mark.parametrize(
    ("written", "applied"),
    [
        ("${n}", 3), ("'${n}'", 3), ("${n}x", "3x"), ("'${yes}'", True), ("'a: ${n}'", "a: 3"),
        ('"${n}\\n"', "3\n"), ("'${list}'", ["a", "b"]), ("'@${n}'", "@3"), ("'${q}'", "3"), ("$${n}", "${n}"),
    ],
)  # fmt: skip
def test_a_value_is_read_again_as_yaml_as_flux_does(written: str, applied: object) -> None:
    thing = f"apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: x\nspec:\n  a: {written}\n"
    files = {"apps/web/kustomization.yaml": "resources: [c.yaml]\n", "apps/web/c.yaml": thing}
    of = Substitution("x", Where("f"), (("n", "3"), ("yes", "true"), ("list", "[a, b]"), ("q", "'3'")))
    assert of.of(object_of(judged(files, "apps/web"), "Thing/x")).body["spec"]["a"] == applied


def test_values_come_from_plain_config_maps_and_secrets_the_inline_ones_last() -> None:
    encoded = base64.b64encode(b"7\n").decode()
    after = (_FROM % ("ConfigMap", "")) + "    - {kind: Secret, name: vars}\n    substitute: {c: '3'}\n"
    (of,) = _found({
        **_FILES, "clusters/prod/web.yaml": _flux("web", "./apps/web", after),
        "clusters/prod/m.yaml": _table("ConfigMap", "data: {a: '1', b: '1', c: '1'}\n"),
        "clusters/prod/s.yaml": _table("Secret", f"data: {{b: {encoded}}}\nstringData: {{d: x}}\n"),
        "clusters/dev/m.yaml": _table("ConfigMap", "data: {a: '9'}\n"),
    })  # fmt: skip
    assert (dict(of.values), of.complete) == ({"a": "1", "b": "7", "c": "3", "d": "x"}, True)
    assert of.files == ("clusters/prod/web.yaml", "clusters/prod/m.yaml", "clusters/prod/s.yaml")


@pytest.mark.parametrize(
    "more",
    [
        {"clusters/prod/s.yaml": _table("Secret", "data: {a: x}\nsops: {version: 3.9.0}\n")},
        {},
        {"1.yaml": _table("Secret", "stringData: {a: x}\n"), "2.yaml": _table("Secret", "stringData: {a: y}\n")},
    ],
)
def test_what_is_encrypted_elsewhere_or_ambiguous_is_unknown(more: dict[str, str]) -> None:
    (of,) = _found({**_FILES, "clusters/prod/web.yaml": _flux("web", "apps/web", _FROM % ("Secret", "")), **more})
    assert (of.values, of.complete) == ((), False)


def test_an_optional_source_that_is_not_there_gives_nothing() -> None:
    files = {
        **_FILES,
        "f.yaml": _flux("web", "apps/web", (_FROM % ("Secret", ", optional: true")) + "    substitute: {a: b}\n"),
    }
    (of,) = _found(files)
    assert of.complete


def test_one_path_with_several_values_is_judged_with_each_and_says_which() -> None:
    files = {
        **_FILES, "a.yaml": _flux("web", "apps/web", _INLINE % "'3'"),
        "b.yaml": _flux("web", "apps/web", _INLINE % "many", space="prod"),
    }  # fmt: skip
    (found,) = findings(files, "schema")
    assert found.message == (
        'Deployment/web: spec.replicas is "many", which is no integer (as prod/web of b.yaml applies it)'
    )
    both = {**files, "a.yaml": _flux("web", "apps/web", _INLINE % "many")}
    (found,) = findings(both, "schema")
    assert "applies it" not in found.message


def test_what_was_seen_of_a_file_is_known_from_run_to_run() -> None:
    files = {**_FILES, "f.yaml": _flux("web", "apps/web", _INLINE % "'3'")}
    first = FluxFiles()
    wanted = first.substitutions(Sources(MemorySnapshot.of(files)))
    again = FluxFiles(first.dump)

    class Unread(Sources):
        def data(self, path: str) -> bytes:
            raise AssertionError(path)

    assert again.substitutions(Unread(MemorySnapshot.of(files))) == wanted
    assert (first.changed, again.changed) == (True, False)
    assert FluxFiles(lambda: b"[]").substitutions(Sources(MemorySnapshot.of(files))) == wanted
