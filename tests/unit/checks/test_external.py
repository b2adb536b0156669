"""What other tools print, as findings at the lines that set the values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.checks.context import EXTERNAL, Judged
from fairlead.checks.external import findings, named, spot
from fairlead.checks.rules import RULES
from tests.judging import judged, object_of

_FOLDER = Path(__file__).parents[2] / "fixtures/external"
_TOOLS = {rule.ID: rule for rule in RULES if rule.SCOPE == EXTERNAL}
# The Deployment's image comes from an `images:` entry, its replicas from one, too.
_KUSTOMIZATION = """\
namespace: shop
resources:
- ../../base
images:
- name: example.com/web
  newTag: latest
replicas:
- name: web
  count: 2
"""


@pytest.fixture(scope="module")
def overlay() -> Judged:
    objects = (
        (_FOLDER / "objects.yaml").read_text().replace("web:latest", "web:1").replace("replicas: 2", "replicas: 1")
    )
    files = {
        "base/kustomization.yaml": "resources:\n- objects.yaml\n",
        "base/objects.yaml": objects,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
    }
    return judged(files, "overlays/dev")


def _told(overlay: Judged, tool: str, fixture: str) -> list[str]:
    remarks = tuple(_TOOLS[tool].told((_FOLDER / fixture).read_bytes(), overlay.objects))
    return [f"{f.where} {f.severity} {f.message}" for f in findings(overlay, tool, remarks)]


def test_kube_linter_is_told_by_container_and_field(overlay: Judged) -> None:
    assert _told(overlay, "kube-linter", "kube-linter-as-documented.json") == [
        "base/objects.yaml:4:9 error Service/web: no pods found matching service labels (map[app:nobody]) "
        "(dangling-service)",
        'overlays/dev/kustomization.yaml:6:11 error Deployment/web: The container "web" is using an invalid container '
        'image, "example.com/web:latest". Please use images that are not blocked by the `BlockList` criteria : '
        '[".*:(latest)$" "^[^:]*$" "(.*/[^:]+)$"] (latest-tag)',
        "base/objects.yaml:15:9 note Deployment/web: object has 2 replicas but does not specify inter pod "
        "anti-affinity (no-anti-affinity)",
        'base/objects.yaml:32:9 error Deployment/web: container "side" does not have a read-only root file system '
        "(no-read-only-root-fs)",
        'base/objects.yaml:30:9 error Deployment/web: container "web" is privileged (privileged-container)',
        'base/objects.yaml:32:9 error Deployment/web: container "side" has cpu request 0 (unset-cpu-requirements)',
    ]


def test_kube_score_is_told_by_container_and_field(overlay: Judged) -> None:
    told = _told(overlay, "kube-score", "kube-score-v1.20.0.json")
    assert len(told) == 24
    assert [line for line in told if "web: Image" in line or "Service/" in line or "warning" in line] == [
        "overlays/dev/kustomization.yaml:6:11 error Deployment/web: web: Image with latest tag (container-image-tag)",
        "base/objects.yaml:15:9 warning Deployment/web: Deployment does not have a host podAntiAffinity set "
        "(deployment-has-host-podantiaffinity)",
        "base/objects.yaml:4:9 error Service/web: The services selector does not match any pods (service-targets-pod)",
    ]


def test_conftest_is_told_by_object(overlay: Judged) -> None:
    assert _told(overlay, "conftest", "conftest-v0.71.1.json") == [
        "base/objects.yaml:4:9 error Service/web: a service names its team (main.deny)",
        "base/objects.yaml:32:9 error Deployment/web: container side has an image from elsewhere (own-registry)",
        "base/objects.yaml:28:9 error Deployment/web: container web has an image from elsewhere (own-registry)",
        "overlays/dev/kustomization.yaml:9:10 warning Deployment/web: two replicas are few (few-replicas)",
    ]


def test_pluto_is_told_at_the_api_version(overlay: Judged) -> None:
    assert _told(overlay, "pluto", "pluto-as-documented.json") == [
        "base/objects.yaml:35:13 warning FlowSchema/web: flowcontrol.apiserver.k8s.io/v1beta3 of FlowSchema is "
        "deprecated since v1.29.0 (deprecated)"
    ]


def test_an_object_that_nobody_knows_is_told_at_the_overlay(overlay: Judged) -> None:
    report = json.loads((_FOLDER / "pluto-as-documented.json").read_text())
    report["items"][0]["name"] = "other"
    (remark,) = _TOOLS["pluto"].told(json.dumps(report).encode(), overlay.objects)
    (found,) = findings(overlay, "pluto", (remark,))
    assert (str(found.where), found.subject) == ("overlays/dev/kustomization.yaml:1:1", "")


def test_a_namespace_that_a_tool_leaves_out_fits_any(overlay: Judged) -> None:
    web = object_of(overlay, "Deployment/web")
    assert named(overlay.objects, "Deployment", "web", "", "apps") == web
    assert named(overlay.objects, "Deployment", "web", "shop", "apps") == web
    assert named(overlay.objects, "Deployment", "web", "other", "apps") is None
    assert named(overlay.objects, "Deployment", "web", "shop", "extensions") is None


@pytest.mark.parametrize(
    ("check", "message", "path"),
    [
        ("unset-memory-requirements", 'container "side" has memory limit 0', (1, "resources")),
        ("env-var-secret", "environment variable TOKEN in container 'web' found", (0, "env")),
        ("my-own", "container side is not ours", (1,)),
    ],
)
def test_a_container_is_known_by_name(overlay: Judged, check: str, message: str, path: tuple[object, ...]) -> None:
    web = object_of(overlay, "Deployment/web")
    assert spot(web, check, message) == ("spec", "template", "spec", "containers", *path)


@pytest.mark.parametrize(
    ("check", "message"),
    [("latest-tag", "an image is bad"), ("container-image-tag", 'container "other" is bad'), ("hpa", "a container")],
)
def test_where_it_is_not_clear_which_container_is_meant_the_object_is_told(
    overlay: Judged, check: str, message: str
) -> None:
    assert spot(object_of(overlay, "Deployment/web"), check, message) == ("metadata", "name")


@pytest.mark.parametrize("tool", sorted(_TOOLS))
@pytest.mark.parametrize("output", [b"panic: oh", b"[[]]", b"[3]", b'{"Reports": 3, "items": 3}', b"\xff", b'"x"'])
def test_what_is_no_report_is_refused_by_an_error_that_who_asks_knows(
    overlay: Judged, tool: str, output: bytes
) -> None:
    try:
        found = list(_TOOLS[tool].told(output, overlay.objects))
    except (ValueError, LookupError, TypeError, AttributeError):
        return
    assert found == []
