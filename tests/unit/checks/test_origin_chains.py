"""The files that led to a value, what is said of a field that is not there, and how sure an answer is."""

from __future__ import annotations

import pytest

from fairlead.checks.accumulate import Accumulator
from fairlead.checks.context import Judged
from fairlead.checks.objects import Object
from fairlead.checks.origin import Origin, Way
from fairlead.checks.sources import Sources
from fairlead.model.findings import Where
from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.graph import Graph
from tests.judging import findings, judged, object_of
from tests.origins import DEPLOYMENT, FEATURES

_WEB = ("spec", "template", "spec", "containers", 1)
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def chain(of: Judged, label: str, *path: str | int) -> list[str]:
    """The chain of a field, its place last."""
    told = of.origin.trace(object_of(of, label), path)
    assert told.chain[-1] == told.where.path
    return [*told.chain[:-1], str(told.where)]


def test_a_chain_goes_through_every_base() -> None:
    of = judged(FEATURES["three bases"], "o")
    bases = [f"{name}/kustomization.yaml" for name in ("o", "base", "inner", "innermost")]
    assert chain(of, "Deployment/", "spec", "replicas") == [*bases, "innermost/d.yaml:7:13"]
    assert chain(of, "Deployment/", "metadata", "namespace") == [*bases[:2], "inner/kustomization.yaml:2:12"]
    assert chain(of, "Deployment/", "metadata", "name") == ["o/kustomization.yaml:3:13"]


def test_a_chain_goes_through_components_and_to_the_patch_file() -> None:
    of = judged(FEATURES["component"], "o")
    component = ["o/kustomization.yaml", "c/kustomization.yaml"]
    assert chain(of, "Deployment/", "metadata", "annotations", "note") == [*component, "c/p.yaml:5:23"]
    assert chain(of, "Deployment/", "spec", "replicas") == ["o/kustomization.yaml", "c/kustomization.yaml:7:10"]
    assert chain(of, "Deployment/", *_WEB[:4], 0, "image") == [*component, "c2/kustomization.yaml:5:11"]
    assert chain(of, "Service/", "spec", "ports", 0, "port") == [*component, "c/s.yaml:8:11"]


def test_a_component_of_two_bases_is_reached_by_the_base_of_the_object() -> None:
    base = "resources: [d.yaml]\ncomponents: [../c]\n"
    files = {
        "o/kustomization.yaml": "resources: [../a, ../b]\n",
        "a/kustomization.yaml": base,
        "a/d.yaml": DEPLOYMENT,
        "b/kustomization.yaml": base,
        "b/d.yaml": DEPLOYMENT.replace("  name: web\n  labels", "  name: other\n  labels"),
        "c/kustomization.yaml": _COMPONENT + "commonAnnotations: {note: x}\n",
    }
    of = judged(files, "o")
    way = ("metadata", "annotations", "note")
    for name, folder in (("web", "a"), ("other", "b")):
        expected = ["o/kustomization.yaml", f"{folder}/kustomization.yaml", "c/kustomization.yaml:3:27"]
        assert chain(of, f"Deployment/{name}", *way) == expected


def test_a_replaced_value_leads_by_the_replacement_to_its_source() -> None:
    of = judged(FEATURES["replacements"], "o")
    rendered = object_of(of, "Deployment/")
    assert rendered.body["spec"]["template"]["spec"]["containers"][1]["args"][1] == "two words"
    told = of.origin.trace(rendered, (*_WEB, "args", 1))
    assert told.chain == ("o/kustomization.yaml", "o/more.yaml", "o/kustomization.yaml")
    assert (str(told.where), told.exact) == ("o/kustomization.yaml:7:5", True)


def test_an_env_line_and_a_generated_file_end_the_chain() -> None:
    of = judged(FEATURES["generators"], "o")
    assert chain(of, "ConfigMap/from-files", "data", "C") == ["o/kustomization.yaml", "o/x.env:4:3"]
    assert chain(of, "ConfigMap/from-files", "data", "other") == ["o/kustomization.yaml", "o/sub/conf.txt:1:1"]


@pytest.mark.parametrize(
    ("feature", "way", "expected"),
    [
        ("base", (*_WEB, "resources"), "base/d.yaml:24:9"),
        ("base", (*_WEB[:4], 0, "resources", "limits"), "base/d.yaml:19:9"),
        ("base", ("spec", "strategy"), "base/d.yaml:6:1"),
        ("patch in a file", (*_WEB[:4], 1, "resources"), "o/p.yaml:16:9"),
        ("patch in a file", (*_WEB[:4], 0, "resources"), "base/d.yaml:24:9"),
    ],
)
def test_what_is_not_there_is_told_by_the_nearest_part_that_is(feature: str, way: Way, expected: str) -> None:
    of = judged(FEATURES[feature], "o")
    told = of.origin.trace(object_of(of, "Deployment/"), way)
    assert (str(told.where), told.exact) == (expected, False)


def test_a_fields_name_can_be_asked_for() -> None:
    of = judged(FEATURES["patch in a file"], "o")
    assert str(of.origin.of(object_of(of, "Deployment/"), ("spec", "replicas"), key=True)) == "o/p.yaml:7:3"


def test_a_removed_field_is_not_told_by_what_once_stood_there() -> None:
    of = judged(FEATURES["patch in a file"], "o")
    init = of.origin.trace(object_of(of, "Deployment/"), ("spec", "template", "spec", "initContainers", 0, "image"))
    assert (str(init.where), init.exact) == ("base/d.yaml:15:9", False)


def _led(origin: Origin, rendered: Object, *path: str | int) -> list[str]:
    told = origin.trace(rendered, path)
    return [*told.chain[:-1], str(told.where)]


_CHARTS = """\
helmCharts:
- name: first
  releaseName: one
  valuesFile: values.yaml
- name: second
  valuesInline:
    replicaCount: 7
    service: {port: 8080}
"""


def test_a_charts_object_is_told_by_its_value_or_by_the_charts_entry() -> None:
    files = {
        "o/kustomization.yaml": "resources: [../base]\n",
        "base/kustomization.yaml": "configMapGenerator:\n- name: x\n" + _CHARTS,
        "base/values.yaml": "image:\n  tag: v1.2.3\nother: {tag: v9}\n",
    }
    graph = Graph(MemorySnapshot.of(files))
    origin = Origin(Accumulator(graph, Sources(graph.snapshot)), "o", Where("o"))  # helm need not be here
    body = {"metadata": {"labels": {"app.kubernetes.io/instance": "one"}}, "spec": {"tag": "v1.2.3", "x": "y"}}
    first = Object("apps/v1", "Deployment", "one-web", "", body)
    assert _led(origin, first, "spec", "tag") == [
        "o/kustomization.yaml",
        "base/kustomization.yaml",
        "base/values.yaml:2:8",
    ]
    assert _led(origin, first, "spec", "x") == ["o/kustomization.yaml", "base/kustomization.yaml:4:9"]
    second = Object("v1", "Service", "second", "", {"spec": {"ports": [{"port": 8080}]}})
    assert _led(origin, second, "spec", "ports", 0, "port") == ["o/kustomization.yaml", "base/kustomization.yaml:10:21"]


def test_a_finding_has_its_chain() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: web:latest\n"
    )
    files = {
        "fairlead.yaml": "version: 1\nenvironments: {production: {protected: true}}\n",
        "overlays/production/kustomization.yaml": "resources: [../../base]\n",
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": pod,
    }
    (found,) = findings(files, "mutable-tag")
    assert (str(found.where), found.chain) == (
        "base/pod.yaml:7:12",
        ("overlays/production/kustomization.yaml", "base/kustomization.yaml", "base/pod.yaml"),
    )
