"""Release: what a rollback took back may come again."""

from __future__ import annotations

from fairlead.ledger import holds
from fairlead.model.errors import UsageError
from fairlead.model.gates import Hold
from fairlead.model.pulls import Forge
from fairlead.promotion.fields import contains
from fairlead.repo.names import near_miss
from fairlead.steps.world import World


def standing(world: World, app: str = "") -> tuple[Hold, ...]:
    """What is held, newest first, of one app or of all."""
    return tuple(hold for hold in holds.read(world.git).standing if app in ("", hold.app))


def run(world: World, forge: Forge, unit: str, reason: str, app: str = "") -> tuple[Hold, ...]:
    """End the holds on a unit: those of this name, or on this value.

    Raises:
        UsageError: no reason, nothing of this name is held.
    """
    if not reason.strip():
        raise UsageError("a reason is missing", remedy=f'fairlead release {unit} --reason "what has changed"')
    known = standing(world, app)
    found = tuple(h for h in known if unit == h.name or any(contains(value, unit) for _, value in h.values))
    if not found:
        there = [hold.name for hold in known]
        held = "; ".join(f"{hold.name} ({hold.app} in {hold.env})" for hold in known)
        raise UsageError(
            f"nothing named {unit!r} is held" + (f" of {app}" if app else ""),
            remedy=near_miss(unit, there) or (f"held: {held}" if held else "nothing is held"),
        )
    holds.release(world.git, found, " ".join(reason.split()), world.actor, world.run.clock.now())
    forge.share()
    return found
