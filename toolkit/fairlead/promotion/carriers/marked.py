"""`$imagepolicy`-marked keys that nobody automates in the target: an image's version, whatever the key is called."""

from __future__ import annotations

import re
from dataclasses import replace

from fairlead.model.plan import FieldClass
from fairlead.promotion.versioned import versioned
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.repo.versions import pins

# A mark that ends in `:name` is beside the image's name, which is no version.
_MARK = re.compile(r'"\$imagepolicy"\s*:\s*"[^"]+(?<!:name)"')


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim by the mark beside the value; where `latest` stands beside one, a build of its channel replaces it."""
    if "$imagepolicy" not in view.text or _MARK.search(view.line()) is None or not view.new or not view.old:
        return None
    found = versioned(view, around, "marked", "marked as an image's version")
    if found.field_class is FieldClass.OFFERED and pins(view.old, view.new):
        return replace(found, field_class=FieldClass.VERSION, reason=f"marked, and a build in place of {view.old!r}")
    return found
