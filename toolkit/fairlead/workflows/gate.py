"""Gate: may this pull request be merged now? The required check of a forge, and the same for a branch without one."""

from __future__ import annotations

from contextlib import suppress

from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.pulls import Draft, Forge, Pull, PullState
from fairlead.steps import groups, verdicts, vouching
from fairlead.steps.gating import Gating, open_gating
from fairlead.steps.sweeping import Row, Sweep
from fairlead.steps.verdicts import Verdict
from fairlead.steps.world import World, environments


def run(world: World, forge: Forge, number: int) -> Verdict:
    """Judge a pull request, keep what the gates say in its comment, and as a status of its head.

    One that enters another branch than that of the environments has nothing to wait for, and gets no status: its head
    may come back in another pull request.

    Raises:
        UsageError: it is not open, or there is none of this number.
    """
    pull = forge.get(number)
    if pull.state is not PullState.OPEN:
        raise UsageError(f"#{number} is {pull.state}", remedy="fairlead pr list shows the open ones")
    gating = open_gating(world, environments(world), forge)
    if pull.want.base != gating.environments.branch:
        return Verdict(pull, (), (), world.run.clock.now())
    verdict = verdicts.judge(world, gating, pull)
    verdicts.publish(world, forge, verdict)
    verdicts.ready(forge, verdict)
    forge.share()
    return verdict


def all_open(world: World, forge: Forge) -> tuple[Row, ...]:
    """Judge every open pull request, keep what has changed, and merge those that are to be merged by themselves."""
    rows = Sweep(world, forge).run()
    forge.share()
    return rows


def unrequired(world: World, forge: Forge) -> str:
    """What is to be said where the forge lets the branch move without this check; empty where all is well."""
    return vouching.lacking(forge, environments(world).branch)


def of_group(world: World, forge: Forge, ref: str) -> Verdict:
    """Judge a merge queue's or train's commit, and keep it as the commit's status where the forge takes one.

    Raises:
        UsageError: there is no such commit.
    """
    verdict = groups.judge(world, forge, open_gating(world, environments(world), forge), ref)
    with suppress(ConflictError):  # a train's commit may be none that takes a status: the job itself is the answer
        forge.set_status(verdict.pull.want.head_oid, verdict.status(world.actor))
    return verdict


def of_branch(world: World, forge: Forge, head: str) -> Verdict:
    """Judge a revision as if it were a pull request that nobody has reviewed; nothing is written.

    Raises:
        UsageError: there is no such commit.
    """
    gating = open_gating(world, environments(world), forge)
    return verdicts.judge(world, gating, _unopened(world, gating, head))


def _unopened(world: World, gating: Gating, head: str) -> Pull:
    repo, base = world.git, gating.environments.branch
    oid = repo.git.resolve(head)
    if oid is None:
        raise UsageError(f"there is no commit {head!r} in this clone", remedy="git fetch --unshallow, or git log")
    subject, _, text = repo.message(oid).partition("\n")
    draft = Draft(f"branch {head}", subject, text, head, oid, base, world.actor, plan_id="", hop_id=oid)
    now = world.run.clock.now()
    return Pull(0, PullState.OPEN, draft, now, now)
