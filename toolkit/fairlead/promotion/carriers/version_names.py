"""Keys that say version: tag, targetRevision, IMAGE_TAG, appVersion, chart versions."""

from __future__ import annotations

from fairlead.promotion.versioned import versioned
from fairlead.promotion.views import Claim, Surroundings, View

_LAST = frozenset(("tag", "version", "sha", "revision", "digest", "commit"))
_NOT = frozenset(("api", "min", "max", "kubernetes", "k8s", "tls", "ssl", "http", "protocol", "schema"))


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim by the key's name."""
    named = bool(view.words) and view.words[-1] in _LAST and not _NOT & set(view.words[:-1])
    if not named or not view.new or not view.old:
        return None
    return versioned(view, around, "version-names", f"{view.name} names a version")
