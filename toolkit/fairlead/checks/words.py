"""The words that stand for environments, and whose a name is by the words in it."""

from __future__ import annotations

import re
from functools import cache

from fairlead.model.overlays import Layout
from fairlead.repo.config import Config
from fairlead.repo.layout import KNOWN_ENVIRONMENTS, is_known

# Environments whose name says little: half of all names in a cluster hold one of these.
_VAGUE = frozenset(("app", "apps", "base", "common", "default", "main", "cluster", "shared", "global", "local"))


def environments(config: Config, layout: Layout) -> dict[str, tuple[str, ...]]:
    """Environments and the words that stand for each, from the configuration, else from the layout."""
    if config.environments:
        return {env.name: env.words for env in config.environments}
    return {o.id.env: (o.id.env,) for o in layout.overlays}


class Words:
    """Says of a name which other environment it sounds like.

    A word counts where it stands alone, between dashes, dots or the like; the longer one where one holds the other
    (`c2-production`, `production`). Environments that stand in different chains have no such names for each other.
    """

    def __init__(self, config: Config, layout: Layout) -> None:
        known = environments(config, layout)
        if not config.environments:  # folders beside each other are often variants, not environments
            known = {env: words for env, words in known.items() if is_known(env)}
        self._declared = bool(config.environments)
        self._chains = [frozenset(env for stage in chain for env in stage) for chain in config.chains]
        self._owners: dict[str, set[str]] = {}
        for env, words in known.items():
            for word in words:
                if word.lower() not in _VAGUE:
                    self._owners.setdefault(word.lower(), set()).add(env)
        if not config.environments:
            for alike in KNOWN_ENVIRONMENTS:
                owners = set().union(*(self._owners.get(word, ()) for word in alike))
                self._owners.update((word, owners) for word in alike if word in self._owners)
        longest = sorted(self._owners, key=lambda w: (-len(w), w))
        choice = "|".join(map(re.escape, longest))
        self._pattern = re.compile(rf"(?<![a-z0-9])(?:{choice})(?![a-z0-9])") if len(known) > 1 and longest else None
        self.foreign = cache(self._foreign)

    def found(self, text: str) -> tuple[str, ...]:
        """The words in a text, in its order."""
        return tuple(self._pattern.findall(text.lower())) if self._pattern is not None else ()

    def others(self, own: str) -> tuple[str, ...]:
        """The words that don't stand for this environment."""
        return tuple(word for word, envs in self._owners.items() if own not in envs)

    def neutral(self, own: str, also: tuple[str, ...], text: str) -> str:
        """A text with a `*` for each word of this environment."""
        mine = {word.lower() for word in also}
        if self._pattern is None or not self._pattern.search(text.lower()):
            return text
        return self._pattern.sub(lambda m: "*" if m[0] in mine or own in self._owners[m[0]] else m[0], text.lower())

    def _foreign(self, own: str, also: tuple[str, ...], text: str) -> str:
        """The other environment that a text names; empty where it names none, or this one as well.

        `also` are words that stand for this one beside those that are known of it.
        """
        found = self.found(text)
        mine = {word.lower() for word in also}.union(() if self._declared else re.split(r"[^a-z0-9]+", own))
        if not found or any(word in mine or own in self._owners[word] for word in found):
            return ""
        return next((env for word in found for env in sorted(self._owners[word]) if self._are_mates(own, env)), "")

    def _are_mates(self, one: str, other: str) -> bool:
        """Whether one may be copied from the other: environments of different chains divide the world differently."""
        of_one, of_other = ([chain for chain in self._chains if env in chain] for env in (one, other))
        return not of_one or not of_other or any(chain in of_other for chain in of_one)
