"""Branches that a GitOps controller follows: Flux GitRepository `ref.branch`, Argo CD `targetRevision`, `?ref=`.

A branch that names its environment is the environment's own. A topic branch is a passing state: where the
source has left it for the trunk, the target follows.
"""

from __future__ import annotations

from fairlead.model.plan import FieldClass
from fairlead.promotion.versioned import SAME_BUILD, is_same_build
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import names_environment
from fairlead.repo.versions import floats, is_digest, is_semver, reservation, to_trunk


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim `ref.branch`, and a targetRevision that is a branch on both sides."""
    keys = view.pair.keys
    if keys[-2:] == ("ref", "name"):
        return _named(view)
    branch = keys[-2:] == ("ref", "branch")
    revision = keys[-1:] == ("targetRevision",) and all(_is_branch(v) for v in (view.old, view.new))
    if not (branch or revision) or not view.new or not view.old:
        return None
    if is_same_build(view.old, view.new, around.words):
        return Claim("branches", FieldClass.OWNED, SAME_BUILD, view.old, view.new, None)
    token = (view.old, view.new)
    named = next((v for v in (view.new, view.old) if names_environment(v, around.words)), "")
    if not named and to_trunk(view.old, view.new):
        why = f"the source left a branch of its own for {view.new!r}"
        return Claim("branches", FieldClass.VERSION, why, view.old, view.new, view.replace_whole(), token)
    why = f"{named!r} names the environment" if named else f"{view.new!r} is a branch, not one version"
    return Claim("branches", FieldClass.OFFERED, why, view.old, view.new, view.replace_whole(), token)


def _named(view: View) -> Claim | None:
    """Of a full name, `refs/tags/v1.5.0`, the tag."""
    old, new = (v.removeprefix("refs/tags/") for v in (view.old, view.new))
    if old == view.old or new == view.new:
        return None
    doubt = reservation(old, new)
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    return Claim(
        "branches", field_class, doubt or "the tag of a source", old, new, view.replace_tail(old, new), (old, new)
    )


def _is_branch(value: str) -> bool:
    return floats(value) or not (is_semver(value) or is_digest(value) or any(c.isdigit() for c in value))
