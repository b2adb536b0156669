"""A pull request is to be merged as soon as its gates are open: who asked for that, and how, is on record."""

from __future__ import annotations

import json

from fairlead.ledger import audit
from fairlead.model.pulls import Forge, Method, Pull
from fairlead.report.markdown import inline
from fairlead.steps.world import World

MARKER = "auto"


def ask(world: World, forge: Forge, pull: Pull, method: Method | None) -> Pull:
    """Have it merged so by the forge or by `fairlead gate --all-open`; None takes that back.

    Raises:
        ConflictError: it isn't open, or its head moved.
    """
    if pull.auto is method:
        return pull
    forge.auto_merge(pull.number, pull.want.head_oid, method, world.actor)
    detail = json.dumps({"pull": pull.number, "method": method.value if method is not None else ""})
    now = world.run.clock.now()
    audit.append(world.git, audit.Entry("auto-merge", now, world.actor, (pull.want.head_oid,), detail=detail))
    who = inline(world.actor)
    text = (
        f"To be merged ({method}) as soon as every gate is open, as {who} asked. A change of it takes that back; so "
        f"does `fairlead pr auto {pull.number} --off`."
        if method is not None
        else f"Not to be merged by itself any more, as {who} asked."
    )
    return forge.comment(pull.number, MARKER, text, world.actor)
