"""Gather what gates judge by: from the history, the forge, the branch that is entered, the checks, a program."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.delivery.deliver import hop_of
from fairlead.model.errors import SyntaxProblem
from fairlead.model.gates import Facts, Hold, Ownership
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Forge, Pull, Status, person
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion.fields import contains, leaf_at
from fairlead.promotion.holds import holding
from fairlead.repo import codeowners
from fairlead.repo.apps import owners_of
from fairlead.repo.config import Environment
from fairlead.steps.asking import Question, ask
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.effects import Effect, Effects, Merge, apps, is_exactly
from fairlead.steps.world import Environments, World

if TYPE_CHECKING:
    from fairlead.steps.health import Examiner


@dataclass(frozen=True)
class Gatherer:
    """Completes the facts of a pull request for one environment; the rules are those of the branch."""

    world: World
    environments: Environments
    forge: Forge
    chronicle: Chronicle
    effects: Effects

    def gather(self, facts: Facts, pull: Pull, environment: Environment, effect: Effect | None) -> Facts:
        """The facts with all that is known here; what needs rendering only where the effect is known."""
        merge, found = self.effects.merge(pull), hop_of(self.world.git, pull)
        facts = self._of_plan(facts, found, merge)
        facts = replace(
            facts,
            calendars=self._calendars(environment),
            holds=self._holds(environment.name, found, merge),
        )
        if environment.gates.codeowners and merge is not None:
            facts = self._owners(facts, merge, effect)
        if effect is not None:
            facts = replace(facts, findings=effect.found_in(environment.name))
            facts = self._asked(facts, pull.want.head_oid, environment, apps(effect.of(environment.name)), found)
        return facts

    @cached_property
    def _examiner(self) -> Examiner:
        from fairlead.steps.health import Examiner  # it renders, and `pr list` asks for nothing of that

        return Examiner(self.world, self.environments)

    def _asked(
        self,
        facts: Facts,
        head: str,
        environment: Environment,
        changed: tuple[str, ...],
        found: tuple[Plan, Hop] | None,
    ) -> Facts:
        """With what a cluster and a program say of the apps that change, or are said to."""
        rules = environment.gates
        if rules.health:
            told = () if found is None else tuple(a.app for a in found[1].apps if a.changes())
            facts = self._examiner.examine(facts, tuple(dict.fromkeys((*changed, *told))), head)
        if rules.command:
            question = Question(
                environment, facts.source, head, str(self.world.root), rules.command, rules.timeout, facts.source_commit
            )
            facts = replace(facts, ran=ask(question, self.environments.snapshot, changed))
        return facts

    def _of_plan(self, facts: Facts, found: tuple[Plan, Hop] | None, merge: Merge | None) -> Facts:
        if found is None or merge is None:
            return facts
        plan, hop = found
        facts = replace(facts, planned=facts.target == hop.target and self._is_its_plan(merge, plan, hop))
        if plan.verb != "promote" or not facts.source:
            return facts
        self.chronicle.observe(a.source_path for a in hop.apps)
        carried = self.chronicle.carried(hop)
        commits = dict.fromkeys((hop.source_commit, *(c.landing for c in carried)))
        statuses: dict[str, tuple[Status, ...]] = {c: self.forge.statuses(c) for c in commits if c}
        return replace(facts, carried=carried, source_commit=hop.source_commit, statuses=tuple(statuses.items()))

    def _is_its_plan(self, merge: Merge, plan: Plan, hop: Hop) -> bool:
        """Whether it does its plan; a rollback must also lead to what once stood on the branch."""
        if not is_exactly(merge, plan, hop):
            return False
        if plan.verb != "rollback":
            return True
        repo, tip = self.world.git, self.environments.commit
        if repo.git.resolve(hop.source_commit) is None or not repo.is_ancestor(hop.source_commit, tip):
            return False
        then = repo.at(hop.source_commit)
        return all(merge.after.entry(path) == then.entry(path) for path in merge.paths)

    def _calendars(self, environment: Environment) -> tuple[tuple[str, bytes], ...]:
        branch = self.environments.snapshot
        paths = dict.fromkeys(f.calendar for f in environment.gates.freeze if f.calendar)
        return tuple((path, branch.read(path)) for path in paths if branch.entry(path) is not None)

    def _holds(self, env: str, found: tuple[Plan, Hop] | None, merge: Merge | None) -> tuple[Hold, ...]:
        """The holds on what comes: by the plan's moves, and by what the environment's files newly hold."""
        if not self.chronicle.holds.standing:
            return ()
        layout, out = self.environments.layout, []
        for overlay in (o for o in layout.overlays if o.id.env == env):
            for hold in self.chronicle.held(overlay.id.app, env):
                apps_of = found[1].apps if found is not None and found[1].target == env else ()
                moves = [m for a in apps_of if a.app == overlay.id.app for m in a.chosen()]
                carried = found is not None and found[0].verb == "promote" and any(holding(m, (hold,)) for m in moves)
                if carried or (merge is not None and _newly(merge, overlay.path, hold)):
                    out.append(hold)
        return tuple(dict.fromkeys(out))

    def _owners(self, facts: Facts, merge: Merge, effect: Effect | None) -> Facts:
        branch = self.environments.snapshot
        path = codeowners.find(lambda name: branch.entry(name) is not None)
        reached = {p for hit in effect.of(facts.target) for p in hit.paths} if effect is not None else set(merge.paths)
        teams = {name.casefold(): people for name, people in self.environments.config.teams}
        theirs = self._of_apps(facts.target, [p for p in merge.paths if p in reached], teams)
        if not path:
            lacking = () if theirs else ("there is no CODEOWNERS on the branch: every file belongs to nobody",)
            return replace(facts, owners=theirs, remarks=lacking)
        rules = codeowners.read(path, branch.read(path))
        owned = tuple(
            Ownership(one.paths, one.owners, _people(one.owners, teams), one.section, one.wanted)
            for one in rules.of(p for p in merge.paths if p in reached)
        )
        return replace(facts, owners=(*owned, *theirs), remarks=rules.faults)

    def _of_apps(self, env: str, paths: list[str], teams: dict[str, tuple[str, ...]]) -> tuple[Ownership, ...]:
        """Whose the changed apps are, as `apps:` of fairlead.yaml says."""
        found = []
        for overlay in (o for o in self.environments.layout.overlays if o.id.env == env):
            mine = tuple(path for path in paths if path.startswith(overlay.path + "/"))
            owners = owners_of(self.environments.config, overlay.id.app) if mine else ()
            if owners:
                found.append(Ownership(mine, owners, _people(owners, teams)))
        return tuple(found)


def _people(owners: tuple[str, ...], teams: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Who the owners are: the people of a team, a login without its @, an address."""
    found: dict[str, None] = {}
    for owner in owners:
        found.update((person(name), None) for name in teams.get(owner.casefold(), (owner.removeprefix("@"),)))
    return tuple(found)


def _newly(merge: Merge, folder: str, hold: Hold) -> bool:
    """Whether a file of an overlay holds after the merge what it did not hold before, and is held."""
    for field_name, value in hold.values:
        path, _, name = field_name.partition(": ")
        path = f"{folder}/{path}"
        if name and path in merge.paths and _at(merge.after, path, name, value):
            return not _at(merge.before, path, name, value)
    return False


def _at(snapshot: Snapshot, path: str, field_name: str, value: str) -> bool:
    if snapshot.entry(path) is None:
        return False
    try:
        leaf = leaf_at(snapshot.read(path), field_name)
    except SyntaxProblem:
        return False
    return leaf is not None and contains(leaf.value, value)
