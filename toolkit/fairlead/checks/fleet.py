"""What rules about several overlays at once look at: a small digest of each, kept from run to run.

No run need render everything for that: who was not judged now is known from before, if nothing of it has changed.
A rule that says that something is nowhere must ask `knows` first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

from fairlead.checks.ignores import Ignore
from fairlead.checks.words import Words
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.values import dataclass
from fairlead.repo.config import Config

_AT_HAND = 1_500  # digests that are kept as read
TELLING = '"reconcilers"'  # in the text of a digest: something there tells controllers what to apply
AROUND = "/"  # in the place of a folder: what lies in files that no kustomization reads


@dataclass(frozen=True)
class Item:
    """One rendered object. `base` is its first name, before any prefix, suffix or hash; `where` is where it stands.

    `parts` are names by what they are of: `container`, `variable` (of a container: `web/PORT`), `port`, `key`. And what
    a controller will make of it: `brings` (`Secret/web`), `makes` (names that it may derive others from), `opens`
    (a namespace that it fills with objects unseen, or `*`). `places` are those of its containers by name, of their
    lists (`web/port`, `web/variable`), and by no name of the list of containers.
    """

    group: str
    kind: str
    namespace: str
    name: str
    base: str
    where: Where
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, Where] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Kind and name, as people write them."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Image:
    """The image of a container (`owner` is the object's kind and first name), and where its version was written."""

    owner: str
    container: str
    name: str
    version: str
    where: Where


@dataclass(frozen=True)
class Wanted:
    """An object that another one refers to, and that its own render does not hold."""

    kind: str
    namespace: str
    name: str
    by: str
    where: Where


ANYTHING = "*"  # what a plugin makes of which nothing is known


@dataclass(frozen=True)
class Host:
    """A host name that an object answers for (an Ingress), or that a setting names; `by` is the object."""

    name: str
    answered: bool
    by: str
    where: Where


@dataclass(frozen=True)
class Variable:
    """A `${name}` without a default, and the first place that it stands at."""

    name: str
    where: Where


@dataclass(frozen=True)
class Set:
    """An image that a controller sets to a version."""

    name: str
    version: str
    where: Where


@dataclass(frozen=True)
class Reconciler:
    """An object that tells a controller to apply folders (`*`: whatever the cluster puts there).

    `substitutes` are the variables that it gives values to (None: it puts in nothing), `sources` the ConfigMaps and
    Secrets that it takes more from.
    """

    label: str
    where: Where
    paths: tuple[str, ...] = ()
    overrides: tuple[Set, ...] = ()
    substitutes: tuple[str, ...] | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Digest:
    """What is kept of an overlay; `holds` are the folders of others that it takes in.

    `entry` is the path of its kustomization file.
    `opaque` are the objects that plugins make in it and the rendering lacks (`Secret/db`), or ANYTHING.
    """

    items: tuple[Item, ...] = ()
    images: tuple[Image, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    comments: tuple[Ignore, ...] = ()
    holds: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    entry: str = ""
    variables: tuple[Variable, ...] = ()
    reconcilers: tuple[Reconciler, ...] = ()
    opaque: tuple[str, ...] = ()

    def dump(self) -> str:
        """As text."""
        rows = {
            "items": [
                [
                    *(i.group, i.kind, i.namespace, i.name, i.base, *_row(i.where)),
                    {k: list(v) for k, v in i.parts.items()},
                    *([{name: _row(at) for name, at in i.places.items()}] if i.places else ()),
                ]
                for i in self.items
            ],
            "images": [[i.owner, i.container, i.name, i.version, *_row(i.where)] for i in self.images],
            "wanted": [[w.kind, w.namespace, w.name, w.by, *_row(w.where)] for w in self.wanted],
            "comments": [[*_row(c.at), c.line, c.rules, c.reason] for c in self.comments],
            "holds": list(self.holds),
            "hosts": [[h.name, h.answered, h.by, *_row(h.where)] for h in self.hosts],
            "entry": self.entry,
            "variables": [[v.name, *_row(v.where)] for v in self.variables],
            "reconcilers": [
                [
                    *(r.label, r.paths, [[s.name, s.version, *_row(s.where)] for s in r.overrides]),
                    *(r.substitutes, r.sources, *_row(r.where)),
                ]
                for r in self.reconcilers
            ],
            "opaque": list(self.opaque),
        }
        return json.dumps({key: found for key, found in rows.items() if found}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Digest:
        """From text. Raises ValueError, TypeError or KeyError where it is none."""
        said = json.loads(text)
        return cls(
            tuple(map(_item, said.get("items", ()))),
            tuple(Image(a, b, name, version, Where(*at)) for a, b, name, version, *at in said.get("images", ())),
            tuple(Wanted(kind, space, name, by, Where(*at)) for kind, space, name, by, *at in said.get("wanted", ())),
            tuple(Ignore(Where(*row[:3]), row[3], tuple(row[4]), row[5]) for row in said.get("comments", ())),
            tuple(said.get("holds", ())),
            tuple(Host(name, answered, by, Where(*at)) for name, answered, by, *at in said.get("hosts", ())),
            said.get("entry", ""),
            tuple(Variable(name, Where(*at)) for name, *at in said.get("variables", ())),
            tuple(map(_reconciler, said.get("reconcilers", ()))),
            tuple(said.get("opaque", ())),
        )


def _item(row: list[Any]) -> Item:
    group, kind, space, name, base, path, line, column, parts, *more = row
    places = {name: Where(*at) for name, at in more[0].items()} if more else {}
    told = {kind: tuple(names) for kind, names in parts.items()}
    return Item(group, kind, space, name, base, Where(path, line, column), told, places)


def _reconciler(row: list[Any]) -> Reconciler:
    label, paths, overrides, substitutes, sources, *at = row
    sets = tuple(Set(name, version, Where(*where)) for name, version, *where in overrides)
    return Reconciler(
        label, Where(*at), tuple(paths), sets, None if substitutes is None else tuple(substitutes), tuple(sources)
    )


def _row(where: Where) -> list[Any]:
    return [where.path, where.line, where.column]


@dataclass(frozen=True)
class Fleet:
    """The overlays of one configuration by their folders, with the digests that are known.

    `concerned` are the overlays that findings are asked about: what was judged now.
    """

    config: Config
    layout: Layout
    digests: Mapping[str, str]
    concerned: frozenset[str]
    _read: dict[str, Digest] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """All that are known, in the order of the layout."""
        return tuple(o for o in self.layout.overlays if o.path in self.digests)

    def digest(self, overlay: Overlay) -> Digest:
        """The digest of one that is known. They may be many: keep what you need of it."""
        return self.at(overlay.path)

    def at(self, folder: str) -> Digest:
        """The digest of a folder that is known, be it an overlay or not."""
        found = self._read.get(folder)
        if found is None:
            found = Digest.load(self.digests[folder])
            if len(self._read) < _AT_HAND:
                self._read[folder] = found
        return found

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The concerned folders that are nobody's overlay."""
        overlays = {overlay.path for overlay in self.layout.overlays}
        return tuple(sorted(f for f in self.concerned if f in self.digests and f not in overlays and f != AROUND))

    def comparable(self) -> Iterator[Overlay]:
        """The known overlays that may have an object in common with a concerned one, those included."""
        near = [overlay for overlay in self.overlays if overlay.path in self.concerned]
        if len(near) == len(self.overlays):
            yield from near
            return
        names: dict[str, set[str]] = {}
        for overlay in near:
            told = names.setdefault(overlay.id.env, set())
            told.update(f'"{item.name}"' for item in self.digest(overlay).items)
        for overlay in self.overlays:
            text = self.digests[overlay.path]
            if overlay.path in self.concerned or any(name in text for name in names.get(overlay.id.env, ())):
                yield overlay

    @property
    def is_whole(self) -> bool:
        """Whether all files were looked at, also those that no overlay reads."""
        return AROUND in self.digests

    @property
    def is_complete(self) -> bool:
        """Whether, beyond that, everything builds."""
        return self.is_whole and self.concerned <= self.digests.keys() and not self._unknown

    @cached_property
    def reconcilers(self) -> tuple[tuple[str, Reconciler], ...]:
        """What tells controllers to apply folders, each with the folder that renders it (AROUND: none does)."""
        return tuple(
            (folder, one)
            for folder, text in self.digests.items()
            if TELLING in text
            for one in Digest.load(text).reconcilers
        )

    def held_by(self, folder: str) -> tuple[str, ...]:
        """The overlays that a folder takes in."""
        text = self.digests[folder]
        return Digest.load(text).holds if '"holds"' in text else ()

    def variables_of(self, folder: str) -> tuple[Variable, ...]:
        """The variables without a default in what a folder renders."""
        text = self.digests[folder]
        return Digest.load(text).variables if '"variables"' in text else ()

    def keys_of(self, names: frozenset[str]) -> dict[str, set[str]]:
        """The keys of these `kind/name`s, for those that are anywhere in the repository."""
        found: dict[str, set[str]] = {}
        wanted = tuple(name.partition("/")[2] for name in names)
        for text in self.digests.values() if names else ():
            for item in Digest.load(text).items if any(name in text for name in wanted) else ():
                if item.label in names:
                    found.setdefault(item.label, set()).update(item.parts.get("key", ()))
        return found

    def entry(self, overlay: Overlay) -> Where:
        """Where the kustomization of one that is known begins."""
        return Where(self.digest(overlay).entry, 1, 1)

    def knows(self, environment: str) -> bool:
        """Whether every overlay of an environment is known."""
        return environment not in self._unknown

    @cached_property
    def _unknown(self) -> frozenset[str]:
        return frozenset(o.id.env for o in self.layout.overlays if o.path not in self.digests)

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments of all overlays."""
        return tuple(sorted({overlay.id.env for overlay in self.layout.overlays}))

    def environment_of(self, folder: str) -> str:
        """The environment of an overlay; empty where it has none."""
        return self._environments.get(folder, "")

    @cached_property
    def _environments(self) -> dict[str, str]:
        return {overlay.path: overlay.id.env for overlay in self.layout.overlays}

    def comments(self) -> tuple[Ignore, ...]:
        """The comments that silence something in the files of what is concerned."""
        found = dict.fromkeys(
            comment
            for folder, text in self.digests.items()
            if folder in self.concerned and '"comments"' in text
            for comment in Digest.load(text).comments
        )
        return tuple(found)

    def foreign(self, overlay: Overlay, text: str) -> str:
        """The environment that a text names, where it is another one than the overlay's."""
        return self._words.foreign(overlay.id.env, overlay.words, text)

    def neutral(self, overlay: Overlay, text: str) -> str:
        """A text with a `*` for each word of the overlay's environment: the same for all environments."""
        return self._words.neutral(overlay.id.env, overlay.words, text)

    @cached_property
    def _words(self) -> Words:
        return Words(self.config, self.layout)

    def weighed(self, overlay: Overlay, protected: Severity, elsewhere: Severity) -> Severity:
        """The severity of a rule that weighs more where the overlay's environment is protected."""
        return protected if overlay.id.env in self.protected else elsewhere

    @cached_property
    def protected(self) -> frozenset[str]:
        """The environments that are protected."""
        return frozenset(env.name for env in self.config.environments if env.protected)

    def siblings(self) -> Iterator[tuple[Overlay, ...]]:
        """The known overlays of each app, for apps that anything concerned belongs to."""
        apps: dict[str, list[Overlay]] = {}
        for overlay in self.overlays:
            apps.setdefault(overlay.id.app, []).append(overlay)
        for members in apps.values():
            if any(overlay.path in self.concerned for overlay in members):
                yield tuple(members)

    def finding(
        self,
        rule: str,
        overlay: Overlay | str,
        message: str,
        remedy: str,
        where: Where,
        severity: Severity,
        subject: str = "",
    ) -> Finding:
        """A finding of one overlay, or folder."""
        folder = overlay if isinstance(overlay, str) else overlay.path
        return Finding(rule, severity, message, remedy, where, overlay=folder, subject=subject, overlays=(folder,))
