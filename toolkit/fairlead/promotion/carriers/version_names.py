"""Keys that say version: tag, targetRevision, IMAGE_TAG, appVersion, chart versions, `$imagepolicy` marks."""

from __future__ import annotations

import re

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import neutral
from fairlead.repo.versions import reservation, same_build

# A mark that ends in `:name` is beside the image's name, which is no version.
_MARK = re.compile(r'"\$imagepolicy"\s*:\s*"[^"]+(?<!:name)"')
_LAST = frozenset(("tag", "version", "sha", "revision", "digest", "commit"))
_NOT = frozenset(("api", "min", "max", "kubernetes", "k8s", "tls", "ssl", "http", "protocol", "schema"))


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim by the key's name, or by a mark of image automation beside the value."""
    marked = _MARK.search(view.line()) is not None
    named = bool(view.words) and view.words[-1] in _LAST and not _NOT & set(view.words[:-1])
    if not (named or marked) or not view.new or not view.old:
        return None
    if same_build(view.old, view.new) or neutral(view.old, around.words) == neutral(view.new, around.words):
        reason = "the same build, made for each environment"
        return Claim("version-names", FieldClass.OWNED, reason, view.old, view.new, None)
    doubt = reservation(view.old, view.new)
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    reason = doubt or ("marked as an image's version" if marked else f"{view.name} names a version")
    token = (view.old, view.new)
    return Claim("version-names", field_class, reason, view.old, view.new, view.replace_whole(), token)
