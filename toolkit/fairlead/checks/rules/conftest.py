"""What the repository's Rego policies say of the rendered objects, as conftest judges them.

Asked by `fairlead check --external` where there is a `policy/` folder or a `conftest.toml` beside fairlead.yaml, from
which conftest takes its policies. Each object is a file of its own to it. `deny` and `violation` rules make conftest
fail, and are errors; `warn` rules are warnings. A policy names its own check by `metadata: {id: …}` beside `msg`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fairlead.checks.context import EXTERNAL, Example
from fairlead.checks.external import Remark, plain, spot
from fairlead.checks.objects import Object
from fairlead.model.findings import Severity

ID = "conftest"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = EXTERNAL

VERSION = ("--version",)
READS = ("conftest.toml", "policy")
NEEDS_OWN = True  # there are no policies but those of the repository
LASTING = False  # Rego may ask the network and the clock, and policies may come from elsewhere
FILES = True

_POLICY = """\
package main

import rego.v1

deny contains msg if {
  input.kind == "Service"
  not input.metadata.labels.team
  msg := "a service names its team"
}
"""
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_KUSTOMIZATION = "resources:\n- service.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/service.yaml": _SERVICE,
        "policy/team.rego": _POLICY,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/service.yaml": _SERVICE + "  labels:\n    team: shop\n",
        "policy/team.rego": _POLICY,
    }
)


def arguments(_kubernetes: str) -> tuple[str, ...]:
    """How it is asked about the files of a folder, whose name follows."""
    return ("test", "--output", "json", "--no-color")


def told(output: bytes, objects: tuple[Object, ...]) -> Iterator[Remark]:
    """Its JSON; a file's name is the number of the object that it holds."""
    for result in json.loads(output) or ():
        number = result["filename"].replace("\\", "/").rpartition("/")[2].partition(".")[0]
        about = objects[int(number)] if number.isdigit() and int(number) < len(objects) else None
        for key, severity in (("failures", Severity.ERROR), ("warnings", Severity.WARNING)):
            for said in result.get(key) or ():
                check = _check(said, result["namespace"])
                yield Remark(
                    check,
                    severity,
                    plain(str(said["msg"])),
                    f"change the object, or the policy (package {result['namespace']})",
                    about,
                    spot(about, check, str(said["msg"])),
                )


def _check(said: dict[str, Any], namespace: str) -> str:
    """What the policy calls itself, else where it stands: `main.deny`."""
    about = said.get("metadata") or {}
    query = str(about.get("query", "")).removeprefix("data.")
    return plain(str(about.get("id") or query or namespace))
