"""What kube-linter says of the rendered objects, where it was written.

Asked by `fairlead check --external`. It reads the `.kube-linter.yaml` beside fairlead.yaml and the objects'
`ignore-check.kube-linter.io/…` annotations, as always. Each remark makes kube-linter fail, so it is an error here,
unless the check itself has a severity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from fairlead.checks.context import EXTERNAL, Example
from fairlead.checks.external import Remark, named, plain, spot
from fairlead.checks.objects import Object
from fairlead.model.findings import Severity

ID = "kube-linter"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = EXTERNAL

VERSION = ("version",)
READS = (".kube-linter.yaml", ".kube-linter.yml")

_POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: example.com/web:1
    securityContext:
      privileged: true
"""
_SERVICE_ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n"
BAD = Example({"overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n", "overlays/dev/pod.yaml": _POD})
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- account.yaml\n", "overlays/dev/account.yaml": _SERVICE_ACCOUNT}
)

_SEVERITIES = {"medium": Severity.WARNING, "warning": Severity.WARNING, "low": Severity.NOTE, "info": Severity.NOTE}


def arguments(_kubernetes: str) -> tuple[str, ...]:
    """How it is asked about what comes in."""
    return ("lint", "--format", "json")


def told(output: bytes, objects: tuple[Object, ...]) -> Iterator[Remark]:
    """Its JSON; where it knows none of the objects' kinds it prints nothing."""
    for report in (json.loads(output)["Reports"] or ()) if output.strip() else ():
        it, check, said = report["Object"]["K8sObject"], report["Check"], report["Diagnostic"]
        kind = it["GroupVersionKind"]
        about = named(objects, kind["Kind"], it["Name"], it["Namespace"], kind["Group"])
        yield Remark(
            check,
            _SEVERITIES.get(said.get("Severity", ""), SEVERITY),
            plain(said["Message"]),
            plain(report["Remediation"]) or f"kube-linter checks list tells what {check} is about",
            about,
            spot(about, check, said["Message"]),
        )
