"""What carriers of versions have in common: the same build is owned, a doubt makes it an offer, else it moves."""

from __future__ import annotations

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import neutral
from fairlead.repo.versions import reservation, same_build

SAME_BUILD = "the same build, made for each environment"


def is_same_build(old: str, new: str, words: tuple[str, ...]) -> bool:
    """Whether two versions name one build, made for each environment."""
    return same_build(old, new) or neutral(old, words) == neutral(new, words)


def versioned(view: View, around: Surroundings, carrier: str, why: str) -> Claim:
    """The claim of a value that is a version as a whole."""
    if is_same_build(view.old, view.new, around.words):
        return Claim(carrier, FieldClass.OWNED, SAME_BUILD, view.old, view.new, None)
    doubt = reservation(view.old, view.new)
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    token = (view.old, view.new)
    return Claim(carrier, field_class, doubt or why, view.old, view.new, view.replace_whole(), token)
