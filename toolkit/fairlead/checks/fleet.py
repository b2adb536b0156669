"""What rules about several overlays at once look at: a small digest of each, kept from run to run.

No run need render everything for that: who was not judged now is known from before, if nothing of it has changed.
A rule that says that something is nowhere must ask `knows` first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fairlead.checks.ignores import Ignore
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay
from fairlead.repo.config import Config


@dataclass(frozen=True)
class Item:
    """One rendered object. `base` is its first name, before any prefix, suffix or hash; `where` is where it stands.

    `parts` are names by what they are of: `container`, `variable` (of a container: `web/PORT`), `port`, `key`. And what
    a controller will make of it: `brings` (`Secret/web`), `makes` (names that it may derive others from), `opens`
    (a namespace that it fills with objects unseen, or `*`).
    """

    group: str
    kind: str
    namespace: str
    name: str
    base: str
    where: Where
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Digest:
    """What is kept of an overlay; `holds` are the folders of others that it takes in."""

    items: tuple[Item, ...] = ()
    images: tuple[Image, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    comments: tuple[Ignore, ...] = ()
    holds: tuple[str, ...] = ()

    def dump(self) -> str:
        """As text."""
        rows = {
            "items": [
                [i.group, i.kind, i.namespace, i.name, i.base, *_row(i.where), {k: list(v) for k, v in i.parts.items()}]
                for i in self.items
            ],
            "images": [[i.owner, i.container, i.name, i.version, *_row(i.where)] for i in self.images],
            "wanted": [[w.kind, w.namespace, w.name, w.by, *_row(w.where)] for w in self.wanted],
            "comments": [[*_row(c.at), c.line, c.rules, c.reason] for c in self.comments],
            "holds": list(self.holds),
        }
        return json.dumps({key: found for key, found in rows.items() if found}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Digest:
        """From text. Raises ValueError, TypeError or KeyError where it is none."""
        said = json.loads(text)
        return cls(
            tuple(
                Item(group, kind, space, name, base, Where(*at), {k: tuple(v) for k, v in parts.items()})
                for group, kind, space, name, base, *at, parts in said.get("items", ())
            ),
            tuple(Image(a, b, name, version, Where(*at)) for a, b, name, version, *at in said.get("images", ())),
            tuple(Wanted(kind, space, name, by, Where(*at)) for kind, space, name, by, *at in said.get("wanted", ())),
            tuple(Ignore(Where(*row[:3]), row[3], tuple(row[4]), row[5]) for row in said.get("comments", ())),
            tuple(said.get("holds", ())),
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

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """All that are known, in the order of the layout."""
        return tuple(o for o in self.layout.overlays if o.path in self.digests)

    def digest(self, overlay: Overlay) -> Digest:
        """The digest of one that is known. They are many: keep what you need of it."""
        return Digest.load(self.digests[overlay.path])

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
        overlay: Overlay,
        message: str,
        remedy: str,
        where: Where,
        severity: Severity,
        subject: str = "",
    ) -> Finding:
        """A finding of one overlay."""
        return Finding(
            rule, severity, message, remedy, where, overlay=overlay.path, subject=subject, overlays=(overlay.path,)
        )
