"""A pull request for each app, not one for all: `fairlead promote --each`, as a job in CI does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fairlead.cli import output
from fairlead.model.errors import FairleadError, TakenError
from fairlead.model.pulls import Forge
from fairlead.steps.routes import Request
from fairlead.steps.world import World
from fairlead.workflows import promote


def promote_each(world: World, forge: Forge, request: Request, alone: Callable[[Request], int]) -> int:
    """Promote every app by itself that has something to promote; one that is refused doesn't stop the others.

    An app that another open pull request changes there already is left to that. Returns the exit code of the first
    that failed otherwise.
    """
    plan = promote.plan(world, request, forge)[1].plan
    apps = dict.fromkeys(moves.app for hop in plan.hops for moves in hop.apps if moves.changes())
    if not apps:
        return alone(request)  # says so, and what is on record for the next time
    failed = 0
    for app in apps:
        try:
            code = alone(replace(request, apps=(app,), every_app=False, sets=()))
        except TakenError as error:
            output.note(f"note: {error.message}; it is left to that")
            continue
        except FairleadError as error:
            output.failure(error)
            code = error.exit_code
        failed = failed or code
    return failed
