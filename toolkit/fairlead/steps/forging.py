"""Open the forge that fairlead.yaml and the remote's URL name, with the token that is found for it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from fairlead.forge import KINDS, local
from fairlead.model.errors import DeniedError
from fairlead.model.pulls import Forge
from fairlead.model.values import dataclass
from fairlead.repo.config import Config
from fairlead.steps.world import World, environments

if TYPE_CHECKING:
    from fairlead.forge.selection import Place


@dataclass(frozen=True)
class Login:
    """How a forge is reached: its kind, address and project, and where the token comes from (never the token).

    `source` is empty where there is none: `places` is where it was looked for, `passed` what was not to be used.
    """

    kind: str
    url: str
    project: str
    source: str
    places: tuple[str, ...]
    passed: tuple[str, ...]


def open_forge(world: World, config: Config) -> Forge:
    """The forge of `forge: {kind: …}`. With one on a server, this clone's branch and log are brought along first.

    Raises:
        ConfigError: a kind that isn't known, or can't be told.
        DeniedError: there is no token for it.
        WorldError: it can't be reached.
    """
    forge = connected(world, config)
    if config.forge.kind == "local":
        return _watched(world, config, forge, lambda _: "")
    from fairlead.forge.selection import page

    place = _place(world, config)
    with world.run.progress.task(f"asking {place.url}", 1):
        forge.follow(environments(world).branch)
        forge.share()
    return _watched(world, config, forge, lambda number: page(place, number))


def connected(world: World, config: Config) -> Forge:
    """The forge, with nothing asked of it yet. Raises ConfigError and DeniedError as `open_forge` does."""
    if config.forge.kind == "local":
        return local.connect(world.git, world.run.clock)
    from fairlead.forge import tokens

    place = _place(world, config)
    search = tokens.look(place.kind, place.url)
    if search.token is None:
        raise DeniedError(
            f"there is no token for {place.url}" + "".join(f"\n  {why}" for why in search.passed),
            remedy=f"set {search.places[0]}; looked for, in order: {', '.join(search.places)}",
        )
    module = importlib.import_module(KINDS[place.kind])
    forge: Forge = module.connect(world.git, world.run.clock, place, search.token)
    return forge


def _place(world: World, config: Config) -> Place:
    from fairlead.forge import tokens
    from fairlead.forge.selection import choose

    return choose(config.forge, world.git.origin(), tuple(KINDS), os.environ.get(tokens.MEANT, ""))


def _watched(world: World, config: Config, forge: Forge, address: Callable[[int], str]) -> Forge:
    """The forge, watched where somebody wants to be told what happens."""
    box = world.run.outbox
    if not (box.wanted or config.notify):
        return forge
    from fairlead.steps.notifying import source
    from fairlead.steps.watching import Watching

    box.rules, box.source = config.notify, source(world)
    return cast("Forge", Watching(forge, box, world.run.clock.now, address))


def told_login(world: World, config: Config) -> Login | None:
    """How the forge would be reached; None for the local one. Raises as `open_forge` does, and asks no network."""
    if config.forge.kind == "local":
        return None
    from fairlead.forge import tokens

    place = _place(world, config)
    search = tokens.look(place.kind, place.url)
    source = search.token.source if search.token is not None else ""
    return Login(place.kind, place.url, place.project, source, search.places, search.passed)
