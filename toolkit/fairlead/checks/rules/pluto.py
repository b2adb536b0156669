"""What pluto says of API versions that are removed or deprecated, where they were written.

Asked by `fairlead check --external`, for the Kubernetes version of the environment. What is removed in it is an error,
what is deprecated a warning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from fairlead.checks.context import EXTERNAL, Example
from fairlead.checks.external import Remark, named
from fairlead.checks.objects import Object
from fairlead.model.findings import Severity

ID = "pluto"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = EXTERNAL

VERSION = ("version",)
READS = ()

_CONFIG = 'version: 1\nenvironments: {dev: {kubernetes: "1.30"}}\n'
_SCHEMA = """\
apiVersion: flowcontrol.apiserver.k8s.io/{version}
kind: FlowSchema
metadata:
  name: web
spec:
  priorityLevelConfiguration:
    name: exempt
"""
_FILES = {"fairlead.yaml": _CONFIG, "overlays/dev/kustomization.yaml": "resources:\n- flow.yaml\n"}
BAD = Example({**_FILES, "overlays/dev/flow.yaml": _SCHEMA.format(version="v1beta3")})
GOOD = Example({**_FILES, "overlays/dev/flow.yaml": _SCHEMA.format(version="v1")})

_NOWHERE = "<UNKNOWN>"


def arguments(kubernetes: str) -> tuple[str, ...]:
    """How it is asked about what comes in."""
    return ("detect", "--output", "json", "--target-versions", f"k8s=v{kubernetes}.0")


def told(output: bytes, objects: tuple[Object, ...]) -> Iterator[Remark]:
    """Its JSON; where it knows no API of the input it says so in words."""
    if output.startswith(b"There were no"):
        return
    for item in json.loads(output).get("items") or ():
        api, space = item["api"], item.get("namespace", "")
        version, kind, after = api["version"], api["kind"], api.get("replacement-api", "")
        about = named(objects, kind, item["name"], "" if space == _NOWHERE else space, version.rpartition("/")[0])
        key = "removed-in" if item["removed"] else "deprecated-in"
        what = "removed" if item["removed"] else "deprecated"
        yield Remark(
            what,
            Severity.ERROR if item["removed"] else Severity.WARNING,
            f"{version} of {kind} is {what}{f' since {api[key]}' if api.get(key) else ''}",
            f"write apiVersion: {after}" if after else "nothing replaces it: see its release notes",
            about,
            ("apiVersion",),
        )
