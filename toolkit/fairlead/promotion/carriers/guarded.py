"""What can't be taken back, or is no version though it looks like one: offered, never by default."""

from __future__ import annotations

from fairlead.edit.nodes import Scalar
from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim apiVersion, selectors of patches, and versions of data stores."""
    keys = view.pair.keys
    if not keys:
        return None
    if keys[-1] in ("apiVersion", "kind"):
        return _offer(view, "an API, not a version of an app")
    if "target" in keys[:-1] and keys[-1] in (
        "group",
        "version",
        "kind",
        "name",
        "namespace",
        "labelSelector",
    ):
        return _offer(view, "a selector")
    if view.words[-2:] == ("engine", "version"):
        return _offer(view, "a data store's version can't be taken back")
    kind = view.pair.document[0]
    custom = kind not in (
        "",
        "HelmRelease",
        "Application",
        "ApplicationSet",
        "Kustomization",
        "HelmChart",
        "Component",
    )
    if keys == ("spec", "version") and custom and isinstance(view.pair.target, Scalar):
        return _offer(view, "the version that an operator keeps can't be taken back")
    return None


def _offer(view: View, reason: str) -> Claim:
    return Claim("guarded", FieldClass.OFFERED, reason, view.old, view.new, view.replace_whole())
