"""An object names a ConfigMap, Secret, Service or the like that nobody brings.

A pod waits for it for ever, an Ingress leads nowhere, an autoscaler scales nothing. Looked at are pods, Ingresses and
Gateway API routes, autoscalers, RoleBindings, StatefulSets' Services, webhooks. What another app of the environment
brings counts as there, and what a controller makes of an ExternalSecret, SealedSecret, Certificate and the like; where
a Helm release or another unseen source fills the namespace, only near misses are told; where an overlay of the
environment doesn't build, those, and what the same app has in another environment. Outside of all environments it is a
note, if nothing in the repository brings the name. What comes from outside of the repository is named in fairlead.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import FLEET, Example
from fairlead.checks.controllers import ANYWHERE, may_bring
from fairlead.checks.fleet import ANYTHING, Digest, Fleet, Wanted
from fairlead.checks.references import There, answers
from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Overlay
from fairlead.repo.names import slip

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
    """Look for what each overlay wants among all that comes to the same place."""
    asking = [o for o in fleet.overlays if o.path in fleet.concerned and '"wanted"' in fleet.digests[o.path]]
    grounds = {overlay.id.env: _Ground() for overlay in asking}
    for overlay in fleet.overlays if grounds else ():
        if overlay.id.env in grounds:
            grounds[overlay.id.env].add(fleet.digest(overlay))
    for overlay in asking:
        env = overlay.id.env
        if fleet.knows(env):
            yield from _of_known(fleet, overlay.path, f"nothing in {env} brings", grounds[env], SEVERITY)
        else:
            yield from _of_unknown(fleet, overlay, grounds[env])
    yield from _of_others(fleet)


def _of_known(fleet: Fleet, folder: str, lack: str, there: _Ground, unlike: Severity) -> Iterator[Finding]:
    """Of what goes to a place that is known: all that is not there, but for what may come unseen."""
    for wanted in fleet.at(folder).wanted:
        if not there.has(wanted) and not _external(fleet, wanted):
            close = there.near(wanted)
            if close or not there.unseen(wanted):
                yield _told(fleet, folder, wanted, lack, close, SEVERITY if close else unlike)


def _of_unknown(fleet: Fleet, overlay: Overlay, there: _Ground) -> Iterator[Finding]:
    """Where something in the environment does not build: what the overlay itself shows to be a slip."""
    own = _Ground()
    digest = fleet.digest(overlay)
    own.add(digest)
    for wanted in digest.wanted:
        if there.has(wanted) or _external(fleet, wanted):
            continue
        close = own.near(wanted)
        if close:
            yield _told(fleet, overlay.path, wanted, "its overlay does not bring", close, SEVERITY)
        elif ANYTHING not in digest.opaque and (mate := _mate_with(fleet, overlay, wanted)):
            yield _told(fleet, overlay.path, wanted, f"its overlay lacks, and that of {mate} brings", "", SEVERITY)


def _of_others(fleet: Fleet) -> Iterator[Finding]:
    """What belongs to no environment may be completed by whoever takes it in: what nothing anywhere brings."""
    asking = [folder for folder in fleet.others if '"wanted"' in fleet.digests[folder]]
    everywhere = _Ground()
    for folder in fleet.digests if asking else ():
        everywhere.add(fleet.at(folder))
    for folder in asking:
        if fleet.is_complete:
            yield from _of_known(fleet, folder, "nothing here brings", everywhere, Severity.NOTE)
            continue
        own = _Ground()
        own.add(fleet.at(folder))
        for wanted in fleet.at(folder).wanted:
            close = own.near(wanted)
            if close and not everywhere.has(wanted) and not _external(fleet, wanted):
                yield _told(fleet, folder, wanted, "nothing here brings", close, SEVERITY)


def _mate_with(fleet: Fleet, overlay: Overlay, wanted: Wanted) -> str:
    """Another environment where the same app's overlay brings it."""
    for mate in fleet.overlays:
        if mate.id.app == overlay.id.app and mate.id.env != overlay.id.env:
            items = fleet.digest(mate).items
            if any(item.kind == wanted.kind and wanted.name in (item.name, item.base) for item in items):
                return mate.id.env
    return ""


def _told(fleet: Fleet, folder: str, wanted: Wanted, lack: str, close: str, severity: Severity) -> Finding:
    return fleet.finding(
        ID,
        folder,
        f"{wanted.by} refers to the {wanted.kind} {wanted.name!r}, which {lack}",
        (f"did you mean {close!r}? Else add it" if close else "add it")
        + f", or say that it comes from elsewhere: `check: {{external: [{wanted.kind}/{wanted.name}]}}`",
        wanted.where,
        severity=severity,
        subject=wanted.by,
    )


class _Ground:
    """What an environment holds, and what may come to it unseen."""

    def __init__(self) -> None:
        self._holds: There = {}
        # Kind and namespace -> names, also as the files have them: without the hash of what is generated.
        self._names: dict[str, dict[str, set[str]]] = {}
        self._makers: dict[str, set[str]] = {}
        self._open: set[str] = set()

    def add(self, digest: Digest) -> None:
        """What an overlay brings."""
        for made in digest.opaque:
            kind, _, name = made.partition("/")
            self._holds.setdefault((kind, name), set()).add("")
        if ANYTHING in digest.opaque:
            self._open.add(ANYWHERE)
        for item in digest.items:
            self._holds.setdefault((item.kind, item.name), set()).add(item.namespace)
            self._calls(item.kind, item.namespace, item.name, item.base)
            for brought in item.parts.get("brings", ()):
                kind, _, name = brought.partition("/")
                self._holds.setdefault((kind, name), set()).add(item.namespace)
                self._calls(kind, item.namespace, name)
            self._makers.setdefault(item.namespace, set()).update(item.parts.get("makes", ()))
            self._open.update(item.parts.get("opens", ()))

    def has(self, wanted: Wanted) -> bool:
        """Whether it is there."""
        return answers(self._holds, wanted.kind, wanted.namespace, wanted.name)

    def unseen(self, wanted: Wanted) -> bool:
        """Whether something that is not rendered may bring it."""
        if ANYWHERE in self._open or wanted.namespace in self._open:
            return True
        return may_bring(self._makers.get(wanted.namespace, ()), wanted.name)

    def near(self, wanted: Wanted) -> str:
        """A name so like the wanted one that this is a slip; empty where there is none."""
        spaces = self._names.get(wanted.kind, {})
        near = spaces if not wanted.namespace else (wanted.namespace, "")
        return slip(wanted.name, {name for space in near for name in spaces.get(space, ())})

    def _calls(self, kind: str, namespace: str, *names: str) -> None:
        self._names.setdefault(kind, {}).setdefault(namespace, set()).update(names)


def _external(fleet: Fleet, wanted: Wanted) -> bool:
    names = (f"{wanted.kind}/{wanted.name}", f"{wanted.namespace}/{wanted.kind}/{wanted.name}")
    return any(fnmatchcase(name, glob) for name in names for glob in fleet.config.check.external)
