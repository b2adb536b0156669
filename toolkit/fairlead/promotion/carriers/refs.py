"""`?ref=` of remote bases: only the ref moves, and only on the same URL."""

from __future__ import annotations

import re

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import neutral
from fairlead.repo.versions import reservation

_REF = re.compile(r"^(.*[?&](?:ref|version)=)([^&#]+)(.*)$", re.DOTALL)
_PLACE = re.compile(r"^((?:[a-z+]+://)?(?:[^@/]+@)?[^/:]+[/:][^/]+/[^/?]+?)(?:\.git)?/+([^?]*)\?")


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim a URL with a ref on both sides."""
    if "=" not in view.old:  # of most values that is all to be known
        return None
    old, new = _REF.match(view.old), _REF.match(view.new)
    if old is None or new is None:
        return None
    if (old[1], old[3]) != (new[1], new[3]):
        same = neutral(old[1] + old[3], around.words) == neutral(new[1] + new[3], around.words)
        if not same and old[2] != new[2] and _repository(old[1]) == _repository(new[1]) != "":
            return _moved(view, old[2], new[2])
        if not same:
            return Claim("refs", FieldClass.OFFERED, "another URL", view.old, view.new, view.replace_whole())
    if old[2] == new[2]:
        return Claim("refs", FieldClass.OWNED, "the URL names the environment", view.old, view.new, None)
    doubt = reservation(old[2], new[2])
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    span = view.replace_part("=" + old[2], "=" + new[2])
    return Claim("refs", field_class, doubt or "the ref of a remote base", old[2], new[2], span, (old[2], new[2]))


def _repository(url: str) -> str:
    """The repository and the last folder of a remote base's URL: what stays when its path moves."""
    match = _PLACE.match(url)
    return f"{match[1]} {match[2].rstrip('/').rpartition('/')[2]}" if match is not None else ""


def _moved(view: View, old: str, new: str) -> Claim:
    doubt = reservation(old, new)
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    why = "the remote base, which moved within its repository"
    return Claim("refs", field_class, doubt or why, view.old, view.new, view.replace_whole(), (old, new))


def ref_of(url: str) -> str:
    """The ref of a remote base's URL; empty where it names none."""
    match = _REF.match(url)
    return match[2] if match is not None else ""
