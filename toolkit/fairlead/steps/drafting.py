"""Whether a promotion is opened as a draft: while it waits for something else than people and programs."""

from __future__ import annotations

from fairlead import gates
from fairlead.model.gates import Facts
from fairlead.model.plan import Hop, Plan
from fairlead.repo.apps import environment_of
from fairlead.steps.facts import Gatherer


def waits(gatherer: Gatherer, plan: Plan, hop: Hop) -> bool:
    """Whether a hop could not be merged now whoever approved it: it soaks, a freeze lasts, a value is held.

    Only promotions are; what is to be taken back never waits for that in a draft.
    """
    config = gatherer.environments.config
    if plan.verb != "promote" or not config.promote.drafts:
        return False
    environment = environment_of(config, hop.target, (a.app for a in hop.apps if a.changes()))
    facts = Facts(
        now=gatherer.world.run.clock.now(), source=hop.source, target=hop.target, requested_by="", hop_id=hop.id,
        carried=gatherer.chronicle.carried(hop), calendars=gatherer.calendars(environment),
        holds=gatherer.holds(hop.target, hop, None),
    )  # fmt: skip
    return not gates.is_open(gates.judge(environment, facts, gates.DRAFTING))
