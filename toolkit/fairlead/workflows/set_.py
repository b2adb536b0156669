"""Set: bring a version into an environment, directly on the branch or by a pull request."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from fairlead.delivery.deliver import delivering, place_branch
from fairlead.edit.splice import spliced
from fairlead.ledger import audit
from fairlead.model.changes import Edit
from fairlead.model.errors import ConflictError, DeniedError, UsageError
from fairlead.model.history import Verb
from fairlead.model.pulls import Draft, Forge, Pull
from fairlead.promotion.branches import head_branch
from fairlead.promotion.trailers import act, line
from fairlead.steps.assignment import Assignment, assign
from fairlead.steps.world import Environments, World, environments, known_app

_TRIES = 60


@dataclass(frozen=True)
class Outcome:
    """What was done: the commit on the branch, or the pull request; neither where nothing differed."""

    told: tuple[str, ...]
    commit: str = ""
    pull: Pull | None = None


def run(world: World, forge: Forge, app: str, env: str, assignments: tuple[str, ...], *, pull: bool) -> Outcome:
    """Set values of an app in an environment.

    A direct commit is tried again on a race, from the branch as it then stands.

    Raises:
        UsageError: unknown app, environment, image or field.
        DeniedError: the environment takes changes by promotion alone (`direct: deny`).
        ConflictError: uncommitted changes stand in the way.
    """
    for attempt in range(_TRIES):
        here = environments(world)
        target = here.config.environment(env)
        first = target.name in here.config.first_environments()
        if target.direct == "deny" and not first:
            raise DeniedError(
                f"{target.name} takes changes by promotion alone (direct: deny)",
                remedy=f"set it in {', '.join(here.config.first_environments())} and promote",
            )
        by_pull = pull or (target.direct == "approve" and not first)
        made = _assign(here, known_app(here.layout, app), target.name, assignments)
        edits = tuple(dict.fromkeys(e for a in made for e in a.edits))
        told = tuple(a.told for a in made)
        if not edits:
            return Outcome(told)
        commit = _commit(world, here, app, target.name, made, edits, by_pull=by_pull)
        if by_pull:
            return Outcome(told, pull=_pull(world, forge, here, app, target.name, made, commit))
        try:
            with delivering(world.git):
                world.git.advance(here.branch, commit, here.commit)
        except ConflictError as error:
            if "moved meanwhile" not in error.message or attempt == _TRIES - 1:
                raise
            time.sleep(random.uniform(0.01, 0.05) * min(attempt + 1, 10))
            continue
        audit.append(world.git, audit.Entry("set", world.run.clock.now(), world.actor, (commit,), app, target.name))
        return Outcome(told, commit=commit)
    raise ConflictError("the branch moves faster than it can be followed", remedy="run the command again")


def _assign(here: Environments, app: str, env: str, assignments: tuple[str, ...]) -> tuple[Assignment, ...]:
    overlays = here.layout.find(app, env)
    if not overlays:
        raise UsageError(
            f"{app} has no overlay in {env}",
            remedy="it is in: " + ", ".join(sorted({o.id.env for o in here.layout.overlays if o.id.app == app})),
        )
    return tuple(assign(here.snapshot, overlay, words) for overlay in overlays for words in assignments)


def _message(app: str, env: str, made: tuple[Assignment, ...], actor: str) -> str:
    new = made[0].new if len(made) == 1 else f"{len(made)} values"
    subject = f"chore({env}): set {app} to {new}" if len(made) == 1 else f"chore({env}): set {new} of {app}"
    lines = "\n".join(f"- {a.told}" for a in made)
    return f"{subject}\n\n{lines}\n\n{act(Verb.SET, app, env, env)}\n{line('Requested-By', actor)}\n"


def _commit(
    world: World,
    here: Environments,
    app: str,
    env: str,
    made: tuple[Assignment, ...],
    edits: tuple[Edit, ...],
    *,
    by_pull: bool,
) -> str:
    repo = world.git
    tree = repo.write_tree(repo.tree_of(here.commit, ""), spliced(here.snapshot, edits))
    # For a pull request the branch's own time, so that the same words on the same commit are the same commit.
    time = repo.commit_time(here.commit) if by_pull else world.run.clock.now()
    return repo.commit_tree(tree, [here.commit], _message(app, env, made, world.actor), time)


def _pull(
    world: World,
    forge: Forge,
    here: Environments,
    app: str,
    env: str,
    made: tuple[Assignment, ...],
    commit: str,
) -> Pull:
    repo = world.git
    branch = head_branch(env, (app,), "set-")
    with delivering(repo):
        place_branch(repo, branch, commit)
    subject, _, text = _message(app, env, made, world.actor).partition("\n\n")
    return forge.ensure(
        Draft(
            key=f"set {env} {app}",
            title=subject,
            body=text,
            head=branch,
            head_oid=commit,
            base=here.branch,
            author=world.actor,
            plan_id="",
            hop_id=commit,
            labels=(f"environment: {env}", f"app: {app}"),
        )
    )
