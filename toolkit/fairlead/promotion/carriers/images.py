"""Images: newTag, digest and newName of `images:` entries, and image references anywhere.

Of a reference only `:tag@digest` moves: registry, host and path stay the target's, for each environment may
pull from its own mirror.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fairlead.edit.nodes import Scalar
from fairlead.edit.scalars import spell
from fairlead.model.plan import FieldClass
from fairlead.model.values import dataclass
from fairlead.promotion.align import Lone
from fairlead.promotion.versioned import SAME_BUILD, is_same_build
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import neutral
from fairlead.repo.versions import is_digest, is_semver, reservation

_PART = r"(?:[a-z0-9._-]|\\?\$\{[^{}]*\}|\$\([^()]*\))+"  # a part of a name may be filled in later: ${REGISTRY}
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_PART}(?::[0-9]+)?/)*{_PART})"
    r"(?::(?P<tag>[A-Za-z0-9_][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_TAG_MARK = re.compile(r'"\$imagepolicy"\s*:\s*"[^"]+:tag"')
_KEYS = frozenset(("image", "newName"))


@dataclass(frozen=True, slots=True)
class Reference:
    """An image reference in its parts."""

    name: str
    tag: str
    digest: str

    @property
    def version(self) -> str:
        """What moves: `:tag`, `@digest`, or both."""
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference | None:
    """An image reference; None for what is none."""
    match = _REFERENCE.fullmatch(text)
    return None if match is None else Reference(match["name"], match["tag"] or "", match["digest"] or "")


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim fields of `images:` entries and image references."""
    keys = view.pair.keys
    if "images" in keys and keys[-1] in ("newTag", "digest"):
        return _version(view, around, view.old, view.new, view.replace_whole(), f"images: {keys[-1]}")
    called = bool(keys) and (keys[-1] in _KEYS or keys[-1] == "images" or view.words[-1:] == ("image",))
    if not called and ("/" not in view.old or ":" not in view.old):  # no tag, or no name of several parts
        return None
    old, new = parse(view.old), parse(view.new)
    if old is None or new is None:
        return None
    if not called and not (old.tag and new.tag and "/" in old.name and "/" in new.name):
        return None
    if not old.version and not new.version and (not called or _is_tag(view)):
        return None
    last_old, last_new = (neutral(r.name.rpartition("/")[2], around.words) for r in (old, new))
    if last_old != last_new:
        return Claim("images", FieldClass.OFFERED, "another image", view.old, view.new, view.replace_whole())
    if old.version == new.version:
        return Claim("images", FieldClass.OWNED, "the registry is the environment's own", view.old, view.new, None)
    if not old.version or not new.version:
        return Claim("images", FieldClass.OFFERED, "only one side names a tag", view.old, view.new, None)
    span = view.replace_tail(old.version, new.version)
    return _version(view, around, old.version.lstrip(":@"), new.version.lstrip(":@"), span, "the image's tag")


def _is_tag(view: View) -> bool:
    """Whether a key called image holds but a tag: a mark says so, or both sides look like versions."""
    if _TAG_MARK.search(view.line()) is not None:
        return True
    return all("/" not in v and (is_semver(v) or is_digest(v)) for v in (view.old, view.new))


def _version(
    view: View, around: Surroundings, old: str, new: str, span: tuple[int, int, str] | None, what: str
) -> Claim:
    if is_same_build(old, new, around.words):
        return Claim("images", FieldClass.OWNED, SAME_BUILD, old, new, None)
    doubt = "" if old.startswith("sha256:") or new.startswith("sha256:") else reservation(_tag(old), _tag(new))
    field_class = FieldClass.OFFERED if doubt else FieldClass.VERSION
    return Claim("images", field_class, doubt or what, old, new, span, (old, new))


def _tag(version: str) -> str:
    return version.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Switch:
    """An entry of `images:` where the source has a digest and the target a tag, or the other way round."""

    source: Lone
    target: Lone
    claim: Claim


def switched(lones: Iterable[Lone], text: str) -> Iterator[Switch]:
    """The entries where one side has newTag and the other digest: key and value change together."""
    entries: dict[str, dict[bool, Lone]] = {}
    for lone in lones:
        if "images" in lone.keys[:-1] and lone.keys[-1] in ("newTag", "digest") and isinstance(lone.node, Scalar):
            entries.setdefault(lone.field.rpartition(".")[0], {})[lone.in_source] = lone
    for sides in entries.values():
        source, target = sides.get(True), sides.get(False)
        if source is None or target is None or target.parent is None:
            continue
        key, old, new = target.parent.key(target.keys[-1]), target.node, source.node
        if key is None or not isinstance(old, Scalar) or not isinstance(new, Scalar) or old.shared:
            continue
        spelled = spell(new.value, new, new)
        if spelled is None or text[key.end : old.start].strip(" ") != ":":
            continue
        doubt = "" if source.keys[-1] == "digest" else "the target is pinned by digest, the source is not"
        if old.value.removeprefix("sha256:") == new.value.removeprefix("sha256:"):
            doubt = "the same digest, written as a tag on one side"
        claim = Claim(
            "images",
            FieldClass.OFFERED if doubt else FieldClass.VERSION,
            doubt or f"images: {source.keys[-1]} instead of {target.keys[-1]}",
            f"{target.keys[-1]}: {old.value}",
            f"{source.keys[-1]}: {new.value}",
            (key.start, old.end, f"{source.keys[-1]}: {spelled}"),
            (old.value, new.value),
        )
        yield Switch(source, target, claim)
