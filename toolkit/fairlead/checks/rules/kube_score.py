"""What kube-score says of the rendered objects, where it was written.

Asked by `fairlead check --external`, at the Kubernetes version of the environment. What kube-score calls critical makes
it fail, and is an error; its warnings are warnings. It has no configuration file: leave out a check by an object's
`kube-score/ignore` annotation, or everywhere by `check: {tools: {kube-score: [--ignore-test, pod-networkpolicy]}}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from fairlead.checks.context import EXTERNAL, Example
from fairlead.checks.external import Remark, named, plain, spot
from fairlead.checks.objects import Object
from fairlead.model.findings import Severity

ID = "kube-score"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = EXTERNAL

VERSION = ("version",)
READS = ()

_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
"""
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: b\n"
BAD = Example({"overlays/dev/kustomization.yaml": "resources:\n- web.yaml\n", "overlays/dev/web.yaml": _SERVICE})
GOOD = Example({"overlays/dev/kustomization.yaml": "resources:\n- web.yaml\n", "overlays/dev/web.yaml": _CONFIG_MAP})

_GRADES = ((1, Severity.ERROR), (5, Severity.WARNING), (9, Severity.NOTE))  # the worst grade of each; 10 is fine


def arguments(kubernetes: str) -> tuple[str, ...]:
    """How it is asked about what comes in."""
    return ("score", "--output-format", "json", "--output-version", "v2", "--kubernetes-version", f"v{kubernetes}")


def told(output: bytes, objects: tuple[Object, ...]) -> Iterator[Remark]:
    """Its JSON of version 2."""
    for scored in json.loads(output) or ():
        kind, meta = scored["type_meta"], scored["object_meta"]
        group = kind["apiVersion"].rpartition("/")[0]
        about = named(objects, kind["kind"], meta["name"], meta.get("namespace", ""), group)
        for check in scored["checks"]:
            severity = next((severity for grade, severity in _GRADES if check["grade"] <= grade), None)
            if check["skipped"] or severity is None:
                continue
            about_check = check["check"]
            for comment in check["comments"] or ({"path": "", "summary": about_check["name"], "description": ""},):
                yield Remark(
                    about_check["id"],
                    severity,
                    _message(comment["summary"], comment["path"]),
                    plain(comment["description"] or about_check["comment"]),
                    about,
                    spot(about, about_check["id"], comment["summary"], comment["path"]),
                )


def _message(summary: str, path: str) -> str:
    return plain(f"{path}: {summary}" if path else summary)
