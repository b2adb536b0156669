"""Secrets: the data of a Secret and everything of a SealedSecret belong to their environment."""

from __future__ import annotations

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim what must never leave its environment; the values are not repeated anywhere."""
    kind = view.pair.document[0]
    in_secret = kind == "Secret" and bool({"data", "stringData"} & set(view.pair.keys))
    in_generator = "secretGenerator" in view.pair.keys
    if not (kind == "SealedSecret" or in_secret or in_generator):
        return None
    return Claim("secrets", FieldClass.OWNED, "secrets belong to their environment", "(secret)", "(secret)", None)
