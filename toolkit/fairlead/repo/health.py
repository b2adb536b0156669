"""What `gates: {health: …}` asks of a cluster: objects of Argo CD and Flux, by name."""

from __future__ import annotations

import re

from fairlead.model.overlays import OverlayId
from fairlead.model.values import dataclass

APPLICATION, KUSTOMIZATION, HELM_RELEASE = "Application", "Kustomization", "HelmRelease"
# Where both controllers look by default, and what each kind is called in full.
NAMESPACES = {APPLICATION: "argocd", KUSTOMIZATION: "flux-system", HELM_RELEASE: "flux-system"}
RESOURCES = {
    APPLICATION: "applications.argoproj.io",
    KUSTOMIZATION: "kustomizations.kustomize.toolkit.fluxcd.io",
    HELM_RELEASE: "helmreleases.helm.toolkit.fluxcd.io",
}
_KINDS = {
    "kustomization": KUSTOMIZATION, "ks": KUSTOMIZATION, "helmrelease": HELM_RELEASE, "hr": HELM_RELEASE,
    "application": APPLICATION, "app": APPLICATION,
}  # fmt: skip
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # a DNS subdomain, as Kubernetes has it
_WORD = re.compile(r"\{([a-z]*)\}")
_WORDS = ("app", "env", "cluster")


@dataclass(frozen=True)
class HealthRules:
    """What is asked: objects by name, with `{app}`, `{env}`, `{cluster}` for those of the source's overlay.

    Where no names and no command are given, it is what the repository's own objects say. `timeout` in seconds.
    """

    argocd: tuple[str, ...] = ()
    flux: tuple[str, ...] = ()
    context: str = ""
    namespace: str = ""
    command: tuple[str, ...] = ()
    timeout: int = 30

    @property
    def derives(self) -> bool:
        """Whether the names are to be found in the repository."""
        return not (self.argocd or self.flux or self.command)


@dataclass(frozen=True, order=True)
class Target:
    """One object of a cluster that is asked for; with a `maker`, all that this ApplicationSet has made."""

    context: str
    namespace: str
    kind: str
    name: str
    maker: str = ""

    @property
    def label(self) -> str:
        """How people call it."""
        what = f"what ApplicationSet {self.maker} made in {self.namespace}" if self.maker else self._plain
        return f"{what} ({self.context})" if self.context else what

    @property
    def _plain(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    @property
    def fault(self) -> str:
        """Why it can't be asked for; empty where it can."""
        odd = [text for text in (self.namespace, self.maker or self.name) if _NAME.fullmatch(text) is None]
        return f"{odd[0]!r} is no name of an object" if odd else ""


def target(rules: HealthRules, of: OverlayId, kind: str, namespace: str, name: str, maker: str = "") -> Target:
    """An object where these rules look for those of an overlay."""
    space = namespace or filled(rules.namespace, of) or NAMESPACES[kind]
    return Target(filled(rules.context, of), space, kind, name, maker)


def named(rules: HealthRules, of: OverlayId) -> tuple[Target, ...]:
    """The objects that the rules name for an overlay."""
    written = [(APPLICATION, text) for text in rules.argocd] + [(KUSTOMIZATION, text) for text in rules.flux]
    return tuple(target(rules, of, *_parts(kind, filled(text, of))) for kind, text in written)


def filled(text: str, of: OverlayId) -> str:
    """A pattern with the overlay's words in their places."""
    words = {"app": of.app, "env": of.env, "cluster": of.cluster}
    return _WORD.sub(lambda m: words.get(m[1], m[0]), text)


def _parts(kind: str, text: str) -> tuple[str, str, str]:
    """Kind, namespace (maybe empty) and name of `[KIND/][NAMESPACE/]NAME`."""
    parts = text.split("/")
    if len(parts) > 1 and parts[0].lower() in _KINDS:
        kind, parts = _KINDS[parts[0].lower()], parts[1:]
    return kind, "/".join(parts[:-1]), parts[-1]


def fault(text: str, *, name: bool = True) -> str:
    """What is wrong with a pattern as it is written; empty where nothing is."""
    odd = next((word for word in _WORD.findall(text) if word not in _WORDS), None)
    if odd is not None:
        return f"there is no {{{odd}}}: write {{app}}, {{env}} or {{cluster}}"
    if not name:
        return ""
    _, space, last = _parts(KUSTOMIZATION, filled(text, OverlayId("a", "a", "a")))
    odd_name = next((part for part in (space, last) if part and _NAME.fullmatch(part) is None), "" if last else text)
    return f"{text!r} names no object: write NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME" if odd_name else ""
