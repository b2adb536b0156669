"""An object names a ConfigMap, Secret, Service or the like that nobody brings.

A pod waits for it for ever, an Ingress leads nowhere, an autoscaler scales nothing. Looked at are pods, Ingresses and
Gateway API routes, autoscalers, RoleBindings, StatefulSets' Services, webhooks. What another app of the environment
brings counts as there, and what a controller makes of an ExternalSecret, SealedSecret, Certificate and the like; where
a Helm release or another unseen source fills the namespace, only near misses are told. What comes from outside of the
repository is named in fairlead.yaml. Of a kustomization that is no environment's overlay, only near misses are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import FLEET, Example
from fairlead.checks.controllers import ANYWHERE, may_bring
from fairlead.checks.fleet import ANYTHING, Digest, Fleet, Wanted
from fairlead.checks.references import There, answers
from fairlead.model.findings import Finding, Severity

ID = "dangling-reference"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    envFrom:\n    - configMapRef:\n        name: settings\n"
)
_MAP = "configMapGenerator:\n- name: %s\n  literals: [A=b]\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n" + _MAP % "setting",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n" + _MAP % "settings",
        "overlays/dev/pod.yaml": _POD,
    }
)


def check(fleet: Fleet) -> Iterator[Finding]:
    """Look for what each overlay wants among all that its environment gets."""
    asking = [o for o in fleet.overlays if o.path in fleet.concerned and '"wanted"' in fleet.digests[o.path]]
    grounds = {overlay.id.env: _Ground() for overlay in asking if fleet.knows(overlay.id.env)}
    for overlay in fleet.overlays if grounds else ():
        if overlay.id.env in grounds:
            grounds[overlay.id.env].add(fleet.digest(overlay))
    for overlay in asking:
        env = overlay.id.env
        if env not in grounds:
            continue
        for wanted in fleet.digest(overlay).wanted:
            there = grounds[env]
            if answers(there.holds, wanted.kind, wanted.namespace, wanted.name) or _external(fleet, wanted):
                continue
            close = there.near(wanted)
            if not close and there.unseen(wanted):
                continue
            yield _finding(fleet, overlay.path, wanted, f"nothing in {env}", close)
    for folder in fleet.others:
        yield from _slips(fleet, folder)


def _slips(fleet: Fleet, folder: str) -> Iterator[Finding]:
    """Of a folder without an environment nobody knows what there is beside it: only slips of the pen are told."""
    if '"wanted"' not in fleet.digests[folder]:
        return
    there = _Ground()
    there.add(fleet.at(folder))
    for wanted in fleet.at(folder).wanted:
        close = there.near(wanted)
        if close and not _external(fleet, wanted):
            yield _finding(fleet, folder, wanted, "nothing here", close)


def _finding(fleet: Fleet, folder: str, wanted: Wanted, nothing: str, close: str) -> Finding:
    return fleet.finding(
        ID,
        folder,
        f"{wanted.by} refers to the {wanted.kind} {wanted.name!r}, which {nothing} brings",
        (f"did you mean {close!r}? Else add it" if close else "add it")
        + f", or say that it comes from elsewhere: `check: {{external: [{wanted.kind}/{wanted.name}]}}`",
        wanted.where,
        severity=SEVERITY,
        subject=wanted.by,
    )


class _Ground:
    """What an environment holds, and what may come to it unseen."""

    def __init__(self) -> None:
        self.holds: There = {}
        self._makers: dict[str, set[str]] = {}
        self._open: set[str] = set()

    def add(self, digest: Digest) -> None:
        """What an overlay brings."""
        for made in digest.opaque:
            kind, _, name = made.partition("/")
            self.holds.setdefault((kind, name), set()).add("")
        if ANYTHING in digest.opaque:
            self._open.add(ANYWHERE)
        for item in digest.items:
            self.holds.setdefault((item.kind, item.name), set()).add(item.namespace)
            for brought in item.parts.get("brings", ()):
                kind, _, name = brought.partition("/")
                self.holds.setdefault((kind, name), set()).add(item.namespace)
            self._makers.setdefault(item.namespace, set()).update(item.parts.get("makes", ()))
            self._open.update(item.parts.get("opens", ()))

    def unseen(self, wanted: Wanted) -> bool:
        """Whether something that is not rendered may bring it."""
        if ANYWHERE in self._open or wanted.namespace in self._open:
            return True
        return may_bring(self._makers.get(wanted.namespace, ()), wanted.name)

    def near(self, wanted: Wanted) -> str:
        """A name so like the wanted one that this is a slip; empty where there is none."""
        from difflib import get_close_matches

        names = [name for kind, name in self.holds if kind == wanted.kind]
        same = [name for name in names if answers(self.holds, wanted.kind, wanted.namespace, name)]
        return next(iter(get_close_matches(wanted.name, same, 1, 0.87)), "")


def _external(fleet: Fleet, wanted: Wanted) -> bool:
    names = (f"{wanted.kind}/{wanted.name}", f"{wanted.namespace}/{wanted.kind}/{wanted.name}")
    return any(fnmatchcase(name, glob) for name in names for glob in fleet.config.check.external)
