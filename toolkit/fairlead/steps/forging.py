"""Open the forge that fairlead.yaml names."""

from __future__ import annotations

import importlib

from fairlead.forge import KINDS
from fairlead.model.errors import ConfigError
from fairlead.model.findings import Where
from fairlead.model.pulls import Forge
from fairlead.repo.config import Config
from fairlead.repo.names import near_miss
from fairlead.steps.world import World


def open_forge(world: World, config: Config) -> Forge:
    """The forge of `forge: {kind: …}`. Raises ConfigError for a kind that isn't known."""
    module = KINDS.get(config.forge)
    if module is None:
        raise ConfigError(
            f"there is no forge {config.forge!r}",
            where=Where(config.path) if config.path else None,
            remedy=near_miss(config.forge, list(KINDS)) or f"forges are: {', '.join(KINDS)}",
        )
    forge: Forge = importlib.import_module(module).connect(world.git, world.run.clock)
    return forge
