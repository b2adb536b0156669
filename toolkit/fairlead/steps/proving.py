"""Is a pull request exactly its stored plan, and is the plan true? What can be verified of each verb, and no more.

- A promotion, a back-port: each value that the plan writes stands in the source's files, at the commit that the plan
  names (which must be part of the branch's history), or where the branch holds it or held it.
- A rollback: each file that it changes is, byte for byte, what stood on the branch at the commit that it goes back to.
- A version that was set: there is no plan; it changes nothing but the apps and the environment that it names.

And then that the branch changes by this and by nothing else: who made which other change is told. A merge of the target
into the branch (`update branch`) changes nothing of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from fairlead.delivery.deliver import hop_by_id, stored_plan
from fairlead.delivery.refusals import refuse_strayed
from fairlead.edit.splice import spliced
from fairlead.model.errors import FairleadError
from fairlead.model.gates import Proof
from fairlead.model.history import Verb
from fairlead.model.plan import AppMoves, Hop, Plan
from fairlead.model.pulls import Pull
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion import trailers
from fairlead.promotion.plan_json import hop_id
from fairlead.promotion.proof import Ground, unfounded
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.effects import Merge
from fairlead.steps.strays import Stray, strays
from fairlead.steps.world import World

_PLANNED = (Verb.PROMOTE, Verb.ROLLBACK, Verb.BACKPORT)
_FEW = 10
_FAR = 500  # commits of the source's files among which its tree is looked for


@dataclass(frozen=True)
class Found:
    """The plan that a pull request says it is, its hop in it, and what verifying says; None where it names none."""

    plan: Plan | None = None
    hop: Hop | None = None
    proof: Proof | None = None


@dataclass(frozen=True)
class Prover:
    """Verifies pull requests against the branch as it stands."""

    world: World
    chronicle: Chronicle

    def look(self, pull: Pull, merge: Merge | None) -> Found:
        """What a pull request claims to do, and whether that is so."""
        told = trailers.read(pull.want.body)
        verbs = {act.verb for act in told.acts}
        if not pull.want.plan_id and not verbs & {*_PLANNED}:
            return Found(proof=self._set(pull, merge, told) if Verb.SET in verbs else None)
        plan, hop, why = self._stored(pull, told.hop_id)
        if plan is None or hop is None:
            return Found(proof=Proof("", faults=(why,)))
        if merge is None:
            why = "its commits are not in this clone: git fetch --unshallow, or fetch its branch"
            return Found(plan, hop, Proof(plan.verb, faults=(why,)))
        if merge.conflicts:
            why = f"{pull.want.base} has changed in {_list(merge.conflicts)} since it was made: promote again"
            return Found(plan, hop, Proof(plan.verb, faults=(why,)))
        wrong = self._untrue(plan, hop, merge)
        if wrong:
            return Found(plan, hop, Proof(plan.verb, faults=wrong, forged=True))
        more = strays(self.world.git, pull, merge, _wished(merge, hop))
        leap = hop.target not in self.chronicle.environments.config.stages_after(hop.source)
        said = f"it leaves the order of the chain: {plan.reason or 'nobody says why'}"
        evidence = (*_evidence(plan, hop), *((said,) if leap and plan.verb == "promote" else ()))
        return Found(plan, hop, Proof(plan.verb, faults=_told(more), evidence=evidence))

    def _stored(self, pull: Pull, named: str) -> tuple[Plan | None, Hop | None, str]:
        """The stored plan and the hop; else why there is none. A text that lost its plan still names its hop."""
        repo, name = self.world.git, pull.want.plan_id
        plan = stored_plan(repo, name) if name else None
        found = (plan, next((h for h in plan.hops if h.id == pull.want.hop_id), None)) if plan is not None else None
        if found is None and named:
            found = hop_by_id(repo, named)
        if found is None or found[1] is None:
            what = f"its plan {name[:12]} is not there, or is not what it is called" if name else "it names no plan"
            return None, None, f"it says that it carries out a plan, and {what}"
        return found[0], found[1], ""

    # ── whether the plan is true ──

    def _untrue(self, plan: Plan, hop: Hop, merge: Merge) -> tuple[str, ...]:
        moving = tuple(a for a in hop.apps if a.changes())
        if hop_id(plan.verb, hop.source, hop.target, moving) != hop.id:
            return ("the stored plan is forged: its hop is not what its id says",)
        here = self.chronicle.environments
        config = here.config
        leads = {
            "promote": True,  # also past a stage, where somebody says why
            "backport": hop.source in config.downstream(hop.target),
            "rollback": hop.source == hop.target,
        }
        if not leads.get(plan.verb):
            return (f"a {plan.verb} does not lead from {hop.source} to {hop.target}",)
        try:
            upto = plan.hops[: plan.hops.index(hop) + 1]
            refuse_strayed(here.layout, replace(plan, hops=upto), lambda env: config.environment(env).words)
        except FairleadError as error:
            return (error.message,)
        if plan.verb == "rollback":
            return tuple(self._not_as_then(hop, merge))
        return tuple(fault for app in moving for fault in self._not_at_source(hop, app, merge))

    def _not_as_then(self, hop: Hop, merge: Merge) -> Iterator[str]:
        repo, tip = self.world.git, self.chronicle.environments.commit
        if repo.git.resolve(hop.source_commit) is None or not repo.is_ancestor(hop.source_commit, tip):
            yield f"it goes back to {hop.source_commit[:12]}, which is not part of the branch"
            return
        then, wished = repo.at(hop.source_commit), _wished(merge, hop)
        for path, file in (wished or {}).items():
            entry = then.entry(path)
            known = File(then.read(path), entry.mode) if entry is not None else None
            if known != file:
                yield f"{path} is not as it stood at {hop.source_commit[:12]}"

    def _not_at_source(self, hop: Hop, app: AppMoves, merge: Merge) -> tuple[str, ...]:
        """What no state of the source holds: the one that the plan names, the branch's, those it passed through."""
        layout, words = self.chronicle.environments.layout, self.chronicle.words(hop.source, hop.target)
        folders = {o.path for o in layout.find(app.app, hop.source)} | {app.source_path}
        known = {o.path for o in layout.overlays if o.id.app != app.app or o.id.env != hop.source}
        if app.source_path in known:
            return (f"{app.source_path} is not where {app.app} lies in {hop.source}",)
        astray = next((m.stands_at.path for m in app.chosen() if not _within(m.stands_at.path, folders)), "")
        if astray:
            return (f"{astray} is no file of {app.app} in {hop.source}",)
        faults: tuple[str, ...] = ()
        for read in self._states(hop, app, merge):
            ground = Ground(partial(_read, merge.before), read, words)
            faults = tuple(f"{fault} ({hop.source})" for fault in unfounded(ground, app.chosen()))
            if not faults:
                return ()
        return faults or (f"no state of {hop.source} is known that it could come from",)

    def _states(self, hop: Hop, app: AppMoves, merge: Merge) -> Iterator[Callable[[str], bytes | None]]:
        repo = self.world.git
        named = self._in_history(app.source_commit or hop.source_commit, app)
        if named:
            yield partial(repo.read_file, named)
        yield partial(_read, merge.before)
        alone = replace(hop, apps=(app,))
        carried = self.chronicle.carried(alone)
        if carried and all(c.landing for c in carried):  # several may have come one after the other
            landings = dict.fromkeys(c.landing for c in carried)
            yield from (partial(repo.read_file, landing) for landing in landings)

    def _in_history(self, commit: str, app: AppMoves) -> str:
        """A commit of the branch that holds the source as the plan knew it; empty where there is none.

        A squash loses the commit, and keeps the tree.
        """
        repo, tip = self.world.git, self.chronicle.environments.commit
        if repo.git.resolve(commit) is not None and repo.is_ancestor(commit, tip):
            return commit
        if not app.source_tree:
            return ""
        steps = repo.first_parents("", tip, (app.source_path,))[-_FAR:]
        return next((c for c in reversed(steps) if repo.tree_of(c, app.source_path) == app.source_tree), "")

    def _set(self, pull: Pull, merge: Merge | None, told: trailers.Trailers) -> Proof:
        acts = [act for act in told.acts if act.verb is Verb.SET]
        layout = self.chronicle.environments.layout
        folders = {o.path for act in acts for o in layout.find(act.app, act.target)}
        others = [path for path in (merge.paths if merge is not None else ()) if not _within(path, folders)]
        named = ", ".join(dict.fromkeys(f"{act.app} in {act.target}" for act in acts))
        if others:
            return Proof("set", faults=(f"it says that it sets {named}, and changes {_list(others)}",))
        return Proof("set", evidence=(f"it changes {named} and nothing else; a version that was set has no plan",))


def _within(path: str, folders: Iterable[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _read(snapshot: Snapshot, path: str) -> bytes | None:
    return snapshot.read(path) if snapshot.entry(path) is not None else None


def _wished(merge: Merge, hop: Hop) -> dict[str, File | None] | None:
    """The files that a hop makes of the branch; None where they are not as it expects them there."""
    changes = [change for moves in hop.apps for change in moves.changes()]
    try:
        return spliced(merge.before, changes, verify=False) if changes else None
    except FairleadError:
        return None


def _told(found: tuple[Stray, ...]) -> tuple[str, ...]:
    return tuple(map(str, found))


def _evidence(plan: Plan, hop: Hop) -> tuple[str, ...]:
    if plan.verb == "rollback":
        return (f"each file is as it stood on the branch at {hop.source_commit[:12]}",)
    told = []
    for app in hop.apps:
        commit = app.source_commit or hop.source_commit
        for move in app.chosen():
            told.append(f"{app.app}: {move.field} {move.new}: stands in {move.stands_at} at {commit[:12]} or after")
    return (*told[:_FEW], *((f"and {len(told) - _FEW} more",) if len(told) > _FEW else ()))


def _list(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
