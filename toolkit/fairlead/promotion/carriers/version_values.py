"""Values that are versions whatever their key is called: both semantic versions, both digests."""

from __future__ import annotations

import re

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.repo.versions import is_digest, is_semver, reservation


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim pairs of semantic versions (three numbers, or a `v`), and of digests or commit ids of one length."""
    both_semver = all(_is_version(v) for v in (view.old, view.new))
    both_digest = is_digest(view.old) and is_digest(view.new) and len(view.old) == len(view.new)
    if not (both_semver or both_digest):
        return None
    doubt = reservation(view.old, view.new)
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    reason = doubt or ("both are semantic versions" if both_semver else "both are digests")
    token = (view.old, view.new)
    return Claim("version-values", field_class, reason, view.old, view.new, view.replace_whole(), token)


def _is_version(value: str) -> bool:
    """Three numbers or a `v`; four bare numbers may be an address."""
    return is_semver(value) and (value.startswith("v") or re.split(r"[-+]", value)[0].count(".") == 2)
