"""One environment lacks what all others of its app have.

A variable that was forgotten in one overlay is found when its pods start there, and that is late. What is compared
is what comes out: objects, their containers, ports and variables, the keys of ConfigMaps and Secrets, all by their
names; names that hold the environment's own word are the same name. It is a warning in the middle of a chain, and at
its end where that runs the versions that others do: else the next promotion may bring it. The beginning of a chain
often has less, by intent, and gets a note. So does either of two environments, and of objects nothing is said there;
and one of an environment's clusters that lacks what all others have, there and in the other environments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Digest, Fleet, Item
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Overlay
from fairlead.model.values import dataclass
from fairlead.repo.apps import chains_of

ID = "parity"
GROUP = "environment"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}, staging: {}, production: {}}\nchains: [[dev, staging, production]]\n"
_MAP = "configMapGenerator:\n- name: web\n  literals:\n  - COLOUR=%s\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _MAP % "red" + "  - PORT=80\n",
        "overlays/staging/kustomization.yaml": _MAP % "blue" + "  - PORT=80\n",
        "overlays/production/kustomization.yaml": _MAP % "blue",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _MAP % "red" + "  - PORT=80\n",
        "overlays/staging/kustomization.yaml": _MAP % "blue" + "  - PORT=80\n",
        "overlays/production/kustomization.yaml": _MAP % "blue" + "  - PORT=8080\n",
    }
)
_KINDS = ("container", "key", "port", "variable")
_OF_PODS = ("container", "port", "variable")
_FEW = 2  # environments, of which one can't be outvoted
_Key = tuple[str, str, str]  # group, kind, name without the environment's word
_Part = tuple[str, str]  # what it is, its name


class _Had(NamedTuple):
    """An object as one overlay has it."""

    overlay: Overlay
    item: Item
    parts: frozenset[_Part]


@dataclass
class _Held:
    """An object as an environment has it: by its item, with the parts that any of its overlays gives it."""

    item: Item
    parts: set[_Part] = field(default_factory=set)
    each: list[_Had] = field(default_factory=list)


@dataclass
class _Env:
    """What an app is in one environment, all its clusters together."""

    name: str
    overlay: Overlay
    entry: str
    objects: dict[_Key, _Held] = field(default_factory=dict)
    versions: set[tuple[str, str, str]] = field(default_factory=set)


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare the environments of each chain, app by app."""
    ephemeral = {env.name for env in fleet.config.environments if env.ephemeral}
    for overlays in fleet.siblings():
        app = overlays[0].id.app
        envs: dict[str, _Env] = {}
        for overlay in overlays:
            name = overlay.id.env
            if name not in ephemeral and all(o.path in fleet.digests for o in fleet.layout.find(app, name)):
                _add(fleet, envs, overlay)
        chains = [[env for stage in chain for env in stage] for chain in chains_of(fleet.config, app)]
        for order in chains or [list(envs)]:
            mates = [envs[env] for env in order if env in envs]
            if len(mates) >= _FEW:
                yield from _compared(fleet, mates)


def _add(fleet: Fleet, envs: dict[str, _Env], overlay: Overlay) -> None:
    digest: Digest = fleet.digest(overlay)
    env = envs.setdefault(overlay.id.env, _Env(overlay.id.env, overlay, digest.entry))
    for item in digest.items:
        key = (item.group, item.kind, fleet.neutral(overlay, item.base))
        held = env.objects.setdefault(key, _Held(item))
        parts = ((kind, fleet.neutral(overlay, name)) for kind in _KINDS for name in item.parts.get(kind, ()))
        held.each.append(_Had(overlay, item, frozenset(parts)))
        held.parts |= held.each[-1].parts
    env.versions.update((image.owner, image.container, image.version) for image in digest.images)


def _compared(fleet: Fleet, mates: list[_Env]) -> Iterator[Finding]:
    keys = dict.fromkeys(key for env in mates for key in env.objects)
    for key in keys:
        have = [env for env in mates if key in env.objects]
        if len(have) == len(mates) - 1 and len(have) >= _FEW:
            (lacking,) = (env for env in mates if env not in have)
            if _is_like(lacking, have, keys):
                yield _whole(fleet, mates, lacking, have, key)
        parts = dict.fromkeys(part for env in have for part in sorted(env.objects[key].parts))
        for part in parts:
            haves = [env for env in have if part in env.objects[key].parts]
            if len(haves) == len(have) - 1 and haves:
                (lacking,) = (env for env in have if env not in haves)
                yield from _part(fleet, mates, lacking, haves, key, part)
        yield from _alone(fleet, have, key)


def _alone(fleet: Fleet, have: list[_Env], key: _Key) -> Iterator[Finding]:
    """What one overlay of several lacks, and all others have, those of its own environment included."""
    each = [one for env in have for one in env.objects[key].each]
    if len(each) == len(have) or len(each) <= _FEW:
        return
    counts = Counter(part for one in each for part in one.parts)
    for part in sorted(part for part, count in counts.items() if count == len(each) - 1):
        lacking = next(one for one in each if part not in one.parts)
        name, others = lacking.overlay.path, len(each) - 1
        beside = any(one.overlay.id.env == lacking.overlay.id.env for one in each if one is not lacking)
        what = _said(part, lacking.parts, counts) if beside else ""  # else the environment is told
        if what:
            yield fleet.finding(
                ID,
                lacking.overlay,
                f"{lacking.item.label} of {name} has no {what}; all {others} others that have the object have it",
                f"add it for {name}, or take it out where nothing needs it",
                _near(lacking.item, part),
                severity=Severity.NOTE,
                subject=lacking.item.label,
            )


def _said(part: _Part, own: Collection[_Part], theirs: Container[_Part]) -> str:
    """What a part is called; empty where the container is told, or may only have another name here."""
    kind, name = part
    container, slash, short = name.partition("/")
    inner = slash and kind in ("variable", "port")
    if inner and ("container", container) not in own:
        return ""
    if kind == "container" and any(one[0] == kind and one not in theirs for one in own):
        return ""
    return f"{kind} {short!r} in its container {container}" if inner else f"{kind} {name!r}"


def _is_like(lacking: _Env, others: list[_Env], keys: Mapping[_Key, None]) -> bool:
    """Whether an environment has most of what all others have: else it is another thing, by intent."""
    common = [key for key in keys if all(key in env.objects for env in others)]
    return 2 * sum(key in lacking.objects for key in common) >= len(common)


def _whole(fleet: Fleet, mates: list[_Env], lacking: _Env, have: list[_Env], key: _Key) -> Finding:
    return fleet.finding(
        ID,
        lacking.overlay,
        f"{lacking.name} has no {have[0].objects[key].item.label}; {_owners(have, key)}",
        f"add it, or take it out where {lacking.name} is right to have none",
        Where(lacking.entry, 1, 1),
        severity=_severity(mates, lacking, have),
        subject=f"{key[1]}/{key[2]}",
    )


def _part(
    fleet: Fleet, mates: list[_Env], lacking: _Env, have: list[_Env], key: _Key, part: _Part
) -> Iterator[Finding]:
    item = lacking.objects[key].item
    what = _said(part, lacking.objects[key].parts, {one for env in have for one in env.objects[key].parts})
    if not what:
        return
    yield fleet.finding(
        ID,
        lacking.overlay,
        f"{item.label} of {lacking.name} has no {what}; {_owners(have, key, part)}",
        f"add it for {lacking.name}, or take it out where nothing needs it",
        _near(item, part),
        severity=_severity(mates, lacking, have) if len(have) >= _FEW else Severity.NOTE,
        subject=item.label,
    )


def _near(item: Item, part: _Part) -> Where:
    """The list that lacks or has a part, or the container; of all else where the object stands."""
    kind, name = part
    container, slash, _ = name.partition("/")
    named = container if slash else ""
    at = item.places.get(f"{named}/{kind}") or item.places.get(named)
    return at if at is not None and kind in _OF_PODS else item.where


def _owners(have: list[_Env], key: _Key, part: _Part = ("", "")) -> str:
    places = [f"{env.name} ({_near(env.objects[key].item, part)})" for env in have]
    return ", ".join(places) + (" has it" if len(places) == 1 else " have it")


def _severity(mates: list[_Env], lacking: _Env, have: list[_Env]) -> Severity:
    """A warning where neither the place in the chain nor a promotion that is under way explains what is lacking."""
    if lacking is mates[0]:
        return Severity.NOTE
    explained = lacking is mates[-1] and not any(lacking.versions == env.versions for env in have)
    return Severity.NOTE if explained else SEVERITY
