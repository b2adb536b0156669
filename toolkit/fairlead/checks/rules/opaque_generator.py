"""A generator or transformer that only the controller runs, so that the rendering lacks its work.

kustomize starts programs and containers (ksops, KRM functions, exec plugins) only with `--enable-alpha-plugins`, and
fairlead starts none. The overlay is rendered without them and judged as far as it goes: what they would make is not
seen, and references to it are not missed. For ksops the names are read from the encrypted files.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Rendered

ID = "opaque-generator"
GROUP = "builds"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_KSOPS = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: secrets\nfiles:\n- secret.enc.yaml\n"
_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nsops:\n  version: 3.9.0\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\ngenerators:\n- ksops.yaml\n",
        "overlays/dev/ksops.yaml": _KSOPS,
        "overlays/dev/secret.enc.yaml": _SECRET,
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
_DOES = {"generators": "makes", "transformers": "changes", "validators": "would refuse"}


def check(judged: Judged) -> Iterator[Finding]:
    """Name each plugin that the rendering goes without."""
    result = judged.result
    if not isinstance(result, Rendered):
        return
    for one in result.opaque:
        if one.role == "releases":
            continue
        known = f" ({', '.join(one.makes)})" if one.makes else ""
        yield judged.finding(
            ID,
            f"{one.kind} is run by the controller alone: what it {_DOES[one.role]}{known} is not judged",
            "nothing, where the controller has it; else render it to files and list those",
            one.where,
            severity=SEVERITY,
        )
