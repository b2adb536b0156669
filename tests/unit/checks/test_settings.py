"""Which rules speak and how loud, comments that silence them, and what several overlays say of each other."""

from __future__ import annotations

import pytest

from fairlead.model.errors import ConfigError
from fairlead.model.findings import Severity
from tests.judging import findings, outcome, told

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n"
)
_DEAD = "resources:\n- ../../base\nimages:\n- name: shop/web{}\n  newTag: '1.1'\n"
_BASE = {"base/kustomization.yaml": "resources:\n- pod.yaml\n", "base/pod.yaml": _POD}
_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\ncheck:\n"
_IMAGE = "overlays/dev/kustomization.yaml:4:9 dead-image"


def _repo(check="  {}\n", comment=""):
    return {
        **_BASE,
        "fairlead.yaml": _CONFIG + check,
        "overlays/dev/kustomization.yaml": _DEAD.format(comment),
        "overlays/production/kustomization.yaml": _DEAD.format(""),
    }


def _severities(check):
    return {f.overlay.rpartition("/")[2]: str(f.severity) for f in findings(_repo(check), "dead-image")}


@pytest.mark.parametrize(
    ("check", "want"),
    [
        ("  {}\n", {"dev": "error", "production": "error"}),
        ("  ignore: [dead]\n", {}),
        ("  ignore: [dead-image]\n", {}),
        ("  select: [schema]\n", {}),
        ("  select: [schema, dead-image]\n", {"dev": "error", "production": "error"}),
        ("  select: [schema]\n  severity: {dead-image: note}\n", {"dev": "note", "production": "note"}),
        ("  severity: {dead: warning}\n", {"dev": "warning", "production": "warning"}),
        (
            "  severity: {dead: 'off'}\n  overrides:\n  - environments: [production]\n"
            "    severity: {dead-image: error}\n",
            {"production": "error"},
        ),
        ("  overrides:\n  - environments: [dev]\n    ignore: [all]\n", {"production": "error"}),
        (
            "  overrides:\n  - paths: [overlays/d*]\n    severity: {dead: note}\n",
            {"dev": "note", "production": "error"},
        ),
        (
            "  overrides:\n  - paths: ['*.yaml']\n    ignore: [dead]\n  - environments: [dev]\n"
            "    select: [dead]\n",
            {"dev": "error"},
        ),
        (
            "  select: [schema]\n  overrides:\n  - {environments: [dev], paths: [overlays/dev], select: [default]}\n",
            {"dev": "error"},
        ),
    ],
)  # fmt: skip
def test_settings_by_environment_and_path(check, want):
    assert _severities(check) == want


def test_the_worst_severity_counts_where_environments_share_a_fault():
    files = {
        **_repo("  overrides:\n  - environments: [dev]\n    severity: {dead: note}\n"),
        "overlays/dev/kustomization.yaml": "resources:\n- ../../base\n",
        "overlays/production/kustomization.yaml": "resources:\n- ../../base\n",
        "base/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: shop/web\n  newTag: '1.1'\n",
    }
    (found,) = findings(files, "dead-image")
    assert (found.severity, len(found.overlays)) == (Severity.ERROR, 2)


@pytest.mark.parametrize(
    ("check", "place", "remedy"),
    [
        ("  ignore: [dead-imag]\n", "fairlead.yaml:5:12", "did you mean 'dead-image'?"),
        ("  severity: {dead-images: note}\n", "fairlead.yaml:5:27", "did you mean 'dead-image'?"),
        ("  overrides:\n  - select: [xyzzy]\n", "fairlead.yaml:6:14", "see the reference of rules"),
    ],
)
def test_a_rule_that_is_not_there_is_a_mistake_in_the_configuration(check, place, remedy):
    with pytest.raises(ConfigError) as caught:
        findings(_repo(check))
    assert (str(caught.value.where), caught.value.remedy) == (place, remedy)


def test_an_override_for_no_environment_is_a_mistake():
    with pytest.raises(ConfigError, match="which is no environment") as caught:
        findings(_repo("  overrides:\n  - environments: [prod]\n"))
    assert (str(caught.value.where), caught.value.remedy) == ("fairlead.yaml:6:20", "did you mean 'production'?")


# ── comments ──


@pytest.mark.parametrize(
    ("comment", "want"),
    [
        ("  # fairlead: ignore[dead-image] comes with the next release", []),
        ("  # fairlead: ignore[dead-patch, dead-image] comes later", []),
        ("  # fairlead: ignore[dead-image]", [_IMAGE, "overlays/dev/kustomization.yaml:4:19 ignore-comment"]),
        ("  # fairlead: ignore comes later", [_IMAGE, "overlays/dev/kustomization.yaml:4:19 ignore-comment"]),
        ("  # fairlead: ignore[dead-imag] later", [_IMAGE, "overlays/dev/kustomization.yaml:4:19 ignore-comment"]),
        ("  # fairlead: ignored", [_IMAGE]),
        ("  # notfairlead: ignore[dead-image] x", [_IMAGE]),
    ],
)
def test_a_comment_silences_what_it_names_and_says_why(comment, want):
    assert [line for line in told(_repo(comment=comment)) if "/dev/" in line] == want


def test_a_comment_above_speaks_of_the_next_line():
    files = _repo()
    text = "resources:\n- ../../base\nimages:\n# fairlead: ignore[dead-image] later\n# and more\n\n- name: shop/web\n"
    files["overlays/dev/kustomization.yaml"] = text + "  newTag: '1'\n"
    found = outcome(files)
    assert [f.where.path for f in found.findings] == ["overlays/production/kustomization.yaml"]
    (ignored,) = found.ignored
    assert ignored.ignored is not None
    assert (str(ignored.ignored.at), ignored.ignored.reason) == ("overlays/dev/kustomization.yaml:4:1", "later")


def test_a_comment_with_nothing_to_silence_is_told_unless_another_overlay_has_use_for_it():
    pod = _POD.replace("  - name: web\n", "  - name: web  # fairlead: ignore[schema] an old field\n    oops: 1\n")
    files = {**_repo(), "base/pod.yaml": pod.replace("    oops: 1\n", "")}
    assert [line for line in told(files) if "base" in line] == ["base/pod.yaml:7:16 ignore-comment"]
    (found,) = findings(files, "ignore-comment")
    assert found.overlays == ("overlays/dev", "overlays/production")
    # Not while some reader of the file was not judged.
    assert findings(files, "ignore-comment", only=("overlays/dev",)) == []


def test_a_comment_may_speak_of_rules_about_several_overlays():
    one = "apiVersion: v1\nkind: ConfigMap\n%smetadata:\n  name: a\n"
    config = "version: 1\nenvironments: {dev: {}}\nlayout: ['{app}/overlays/{env}']\n"
    files = {"fairlead.yaml": config}
    for app in ("a", "b"):
        files[f"{app}/overlays/dev/kustomization.yaml"] = "namespace: x\nresources:\n- m.yaml\n"
        files[f"{app}/overlays/dev/m.yaml"] = one % ""
    assert told(files) == ["a/overlays/dev/m.yaml:1:1 colliding-object", "b/overlays/dev/m.yaml:1:1 colliding-object"]
    comment = "# fairlead: ignore[colliding-object] the same by intent\n"
    files["a/overlays/dev/m.yaml"] = comment + one % ""
    assert told(files) == ["b/overlays/dev/m.yaml:1:1 colliding-object"]
    files["b/overlays/dev/m.yaml"] = comment + one.replace("name: a", "name: b") % ""
    assert told(files) == ["a/overlays/dev/m.yaml:1:1 ignore-comment", "b/overlays/dev/m.yaml:1:1 ignore-comment"]
