"""`check: {fields}`: what is asked of single fields, and where what is wrong was written."""

from __future__ import annotations

import pytest

from tests.judging import findings

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {team: a}
spec:
  replicas: 3
  paused: true
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: one
        image: good.example/one:1
      - name: two
        image: bad.example/two:1
"""


def _told(*rules: str) -> list[str]:
    config = "version: 1\nenvironments: {dev: {}, live: {}}\ncheck:\n  fields:\n" + "".join(f"  - {r}\n" for r in rules)
    files = {
        "fairlead.yaml": config,
        "overlays/dev/kustomization.yaml": "resources: [web.yaml]\nreplicas: [{name: web, count: 4}]\n",
        "overlays/dev/web.yaml": _DEPLOYMENT,
    }
    return [f"{f.where} {f.severity.value} {f.message}" for f in findings(files, "field-pattern")]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{field: spec.replicas, allowed: [4]}", []),
        ("{field: spec.replicas, allowed: ['4', true]}", ["spec.replicas is 4"]),
        ("{field: spec.paused, forbidden: true}", ["8:3 spec.paused is forbidden"]),
        ("{field: spec.paused, allowed: [1]}", ["8:11 spec.paused is true"]),
        ("{field: spec.nothing, forbidden: true}", []),
        ("{field: spec.nothing, allowed: [1]}", []),
        ("{field: spec.nothing, required: true}", ["6:1 spec.nothing is required"]),
        ("{field: 'metadata.labels[team]', required: true, pattern: a|b}", []),
        ("{field: 'metadata.labels[team]', pattern: b+}", ['5:18 metadata.labels.team is "a"']),
        (
            "{field: 'metadata.labels[example.com/x]', required: true}",
            ["5:3 metadata.labels[example.com/x] is required"],
        ),
        (
            "{field: 'spec.template.spec.containers[*].image', pattern: 'good\\.example/.*'}",
            ['17:16 spec.template.spec.containers[1].image is "bad.example/two:1"'],
        ),
        (
            "{field: 'spec.template.spec.containers[*].resources', required: true}",
            [
                "14:9 spec.template.spec.containers[0].resources is required",
                "16:9 spec.template.spec.containers[1].resources is required",
            ],
        ),
        ("{field: spec.paused, forbidden: true, kind: Stateful*}", []),
        ("{field: spec.paused, forbidden: true, environments: [live]}", []),
        ("{field: spec.paused, forbidden: true, environments: [dev]}", ["8:3 spec.paused is forbidden"]),
    ],
)
def test_each_thing_that_can_be_asked(rule: str, told: list[str]) -> None:
    found = [one.replace("overlays/dev/web.yaml:", "").replace("error Deployment/web: ", "") for one in _told(rule)]
    if "replicas" in rule:
        found = [one.partition(" ")[2] for one in found]
    assert found == told


def test_severity_and_words_are_the_entrys_own() -> None:
    (told,) = _told("{field: spec.paused, forbidden: true, severity: note, message: it would not roll out}")
    assert told == "overlays/dev/web.yaml:8:3 note Deployment/web: spec.paused is forbidden: it would not roll out"


def test_a_value_that_another_entry_set_is_told_there() -> None:
    (told,) = _told("{field: spec.replicas, allowed: [3]}")
    assert told.startswith("overlays/dev/kustomization.yaml:2:")
