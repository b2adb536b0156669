"""Secrets: the data of a Secret and everything of a SealedSecret belong to their environment."""

from __future__ import annotations

from fairlead.edit.nodes import Mapping, Stream
from fairlead.model.plan import FieldClass
from fairlead.promotion.align import Lone, Pair
from fairlead.promotion.views import Claim, Surroundings, View

_POINTERS = ("/data/", "/stringData/")


def is_secret(place: Pair | Lone) -> bool:
    """Whether a difference stands where secrets do, in an object or in a patch of one."""
    kind, keys, pointer = place.document[0], set(place.keys), f"{place.pointer}/"
    if kind == "SealedSecret" or "secretGenerator" in keys or pointer.startswith("/stringData/"):
        return True
    return kind == "Secret" and (not keys.isdisjoint(("data", "stringData")) or pointer.startswith(_POINTERS))


def is_sealed(stream: Stream) -> bool:
    """Whether SOPS encrypted a document of the file: then all of it belongs to its environment."""
    return any(isinstance(d, Mapping) and isinstance(d.get("sops"), Mapping) for d in stream.documents)


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim what must never leave its environment; the values are not repeated anywhere."""
    if not is_secret(view.pair):
        return None
    return Claim("secrets", FieldClass.OWNED, "secrets belong to their environment", "(secret)", "(secret)", None)
