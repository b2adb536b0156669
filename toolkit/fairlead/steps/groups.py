"""A merge queue's or train's commit: several pull requests at once, as they would land together.

Each of them is judged for itself, and what they do together by one look at the rendering. The commit is the forge's
own work; that it holds nothing but its pull requests is looked at all the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from fairlead import gates
from fairlead.gates import checks
from fairlead.model.errors import UsageError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Draft, Forge, Pull, PullState
from fairlead.steps.ci import group_base, group_number
from fairlead.steps.gating import Gating
from fairlead.steps.verdicts import Verdict
from fairlead.steps.world import World

_RUNS = {"GITHUB_REF": "GITHUB_SHA", "CI_MERGE_REQUEST_REF_PATH": "CI_COMMIT_SHA"}  # a ref, and its commit
_NAMED = re.compile(r"(?:\(#|pull request #|merge request \S*!)([0-9]+)")
_FEW = 5


def commit_of(world: World, forge: Forge, ref: str) -> str:
    """The group's commit: of the ref, or what CI runs for. Raises UsageError where it isn't here, nor there."""
    repo = world.git
    full = f"refs/heads/{ref}" if group_base(ref) and not ref.startswith("refs/") else ref
    found = forge.fetch(full) if group_number(ref) else None
    if found is None:
        runs = {os.environ.get(name, ""): os.environ.get(commit, "") for name, commit in _RUNS.items()}
        found = repo.git.resolve(full) or (repo.git.resolve(runs[full]) if runs.get(full) else None)
    if found is None:
        raise UsageError(f"there is no commit {ref!r} in this clone", remedy=f"git fetch origin {ref}")
    return found


def judge(world: World, forge: Forge, gating: Gating, ref: str) -> Verdict:
    """The word on a group's commit: that of each of its pull requests, and of the checks on all of them together."""
    repo, here = world.git, gating.environments
    oid = commit_of(world, forge, ref)
    leads_to = group_base(ref) or here.branch
    base = repo.merge_base(here.commit, oid)
    members = tuple(_members(world, forge, ref, base or "", oid)) if base else ()
    names = ", ".join(f"#{pull.number}" for pull in members)
    title = f"merge group of {names or oid[:12]}"
    draft = Draft(f"group {oid}", title, "", ref, oid, leads_to, world.actor, plan_id="", hop_id=oid)
    group = Pull(0, PullState.OPEN, draft, world.run.clock.now(), world.run.clock.now())
    if leads_to != here.branch:
        return Verdict(group, (), (), world.run.clock.now())
    effect = gating.effect(group)
    if not members:
        results = gating.judge(group)
    else:
        results = (*_each(gating, members), *_stray(world, members, base or "", oid))
        for environment in gating.reached(group, effect):
            facts = gating.facts(group, environment, effect)
            results += tuple(
                replace(r, message=f"together: {environment.name}: {r.message}")
                for r in gates.judge(environment, facts, (checks,))
            )
    reached = tuple(e.name for e in gating.reached(group, effect))
    return Verdict(group, reached, results, world.run.clock.now(), here.commit)


def _each(gating: Gating, members: tuple[Pull, ...]) -> Iterator[GateResult]:
    for pull in members:
        yield from (replace(r, message=f"#{pull.number}: {r.message}") for r in gating.judge(pull))


def _members(world: World, forge: Forge, ref: str, base: str, oid: str) -> Iterator[Pull]:
    """The open pull requests in it, by their heads; of squashed ones, by the numbers that the forge wrote down."""
    repo = world.git
    messages = repo.messages_between(base, oid)
    named = {int(number) for text in messages for number in _NAMED.findall(text.partition("\n")[0])}
    named |= {group_number(ref)}
    for pull in forge.pulls(open_only=True):
        head = pull.want.head_oid
        known = repo.git.resolve(head) is not None
        held = known and repo.is_ancestor(head, oid) and not repo.is_ancestor(head, base)
        if held or pull.number in named:
            yield forge.get(pull.number)


def _stray(world: World, members: tuple[Pull, ...], base: str, oid: str) -> Iterator[GateResult]:
    """What the commit changes and none of its pull requests does."""
    repo = world.git
    known: set[str] = set()
    for pull in members:
        start = repo.merge_base(base, pull.want.head_oid) if repo.git.resolve(pull.want.head_oid) else None
        known.update(repo.changed_paths(start, pull.want.head_oid) if start is not None else ())
    others = [path for path in repo.changed_paths(base, oid) if path not in known]
    if others:
        more = f" and {len(others) - _FEW} more" if len(others) > _FEW else ""
        told = f"the group changes {', '.join(others[:_FEW])}{more}, which none of its pull requests does"
        yield GateResult("plan", GateState.CLOSED, told, tuple(others[:_FEW]))
