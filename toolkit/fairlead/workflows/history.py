"""History: what came into the environments, rebuilt from any clone, a bare one too."""

from __future__ import annotations

from fairlead.model.errors import UsageError
from fairlead.model.history import History
from fairlead.model.pulls import Forge
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.world import World, environments, known_app


def run(world: World, forge: Forge, app: str = "", env: str = "", limit: int = 0) -> History:
    """The records, newest first, of one app or environment or of all."""
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    if app:
        known_app(here.layout, app)
    target = here.config.environment(env).name if env else ""
    paths = [o.path for o in here.layout.overlays if app in ("", o.id.app) and target in ("", o.id.env)]
    if not paths:
        raise UsageError(f"{app or 'no app'} has {'no' if app else 'an'} overlay in {target}")
    found = chronicle.history(paths)
    records = tuple(r for r in found.records if app in ("", r.app) and target in ("", r.target))
    return History(records[:limit] if limit else records, found.gaps)
