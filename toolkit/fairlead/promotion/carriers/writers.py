"""Values that another program keeps: Flux image automation, by its markers."""

from __future__ import annotations

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim a marked value where an ImageUpdateAutomation covers the target's file."""
    if "$imagepolicy" not in view.line():
        return None
    writer = around.automated(view.path)
    if not writer:
        return None
    return Claim(
        "writers", FieldClass.AUTOMATED, f"{writer} keeps this value", view.old, view.new, view.replace_whole(),
        (view.old, view.new),
    )  # fmt: skip
