"""Gather what gates judge by: from the history, the forge, the branch that is entered, the checks, a program."""

from __future__ import annotations

from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.model.errors import SyntaxProblem
from fairlead.model.gates import Facts, Hold, Ownership
from fairlead.model.plan import Hop
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
from fairlead.steps.effects import Effect, Effects, Merge, apps
from fairlead.steps.proving import Found, Prover
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
    looked: dict[tuple[str, str, str], Found] = field(default_factory=dict, compare=False, repr=False)

    def gather(self, facts: Facts, pull: Pull, environment: Environment, effect: Effect | None) -> Facts:
        """The facts with all that is known here; what needs rendering only where the effect is known."""
        merge = self.effects.merge(pull)
        found = self._look(pull, merge)
        true = found if found.proof is not None and not found.proof.forged else Found()
        facts = self._of_plan(replace(facts, proof=found.proof), true, environment)
        comes = true.hop if true.plan is not None and true.plan.verb == "promote" else None
        held = self.holds(environment.name, comes, merge)
        facts = replace(facts, calendars=self.calendars(environment), holds=held)
        if environment.gates.codeowners and merge is not None:
            facts = self._owners(facts, merge, effect)
        if effect is not None:
            facts = replace(facts, findings=effect.found_in(environment.name))
            facts = self._asked(facts, pull.want.head_oid, environment, apps(effect.of(environment.name)), true.hop)
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
        hop: Hop | None,
    ) -> Facts:
        """With what a cluster and a program say of the apps that change, or are said to."""
        rules = environment.gates
        if rules.health:
            told = () if hop is None else tuple(a.app for a in hop.apps if a.changes())
            facts = self._examiner.examine(facts, tuple(dict.fromkeys((*changed, *told))), head)
        if rules.command:
            question = Question(
                environment, facts.source, head, str(self.world.root), rules.command, rules.timeout, facts.source_commit
            )
            facts = replace(facts, ran=ask(question, self.environments.snapshot, changed))
        return facts

    def _look(self, pull: Pull, merge: Merge | None) -> Found:
        key = (pull.want.head_oid, pull.want.plan_id, pull.want.body)
        if key not in self.looked:
            self.looked[key] = Prover(self.world, self.chronicle).look(pull, merge)
        return self.looked[key]

    def _of_plan(self, facts: Facts, found: Found, environment: Environment) -> Facts:
        plan, hop, proof = found.plan, found.hop, found.proof
        if plan is None or hop is None or proof is None:
            return facts
        if facts.target != hop.target:
            return facts
        # The text of a pull request may say anything: what it carries, and from where, is the plan's to say.
        facts = replace(facts, planned=not proof.faults, source=hop.source if plan.verb == "promote" else "")
        if plan.verb != "promote":
            return facts
        self.chronicle.observe(a.source_path for a in hop.apps)
        carried = self.chronicle.carried(hop)
        asked = environment.gates.statuses
        commits = dict.fromkeys((hop.source_commit, *(c.landing for c in carried)) if asked else ())
        statuses: dict[str, tuple[Status, ...]] = {c: self.forge.statuses(c) for c in commits if c}
        return replace(facts, carried=carried, source_commit=hop.source_commit, statuses=tuple(statuses.items()))

    def calendars(self, environment: Environment) -> tuple[tuple[str, bytes], ...]:
        """The calendar files that its freezes name, as the branch has them."""
        branch = self.environments.snapshot
        paths = dict.fromkeys(f.calendar for f in environment.gates.freeze if f.calendar)
        return tuple((path, branch.read(path)) for path in paths if branch.entry(path) is not None)

    def holds(self, env: str, hop: Hop | None, merge: Merge | None) -> tuple[Hold, ...]:
        """The holds on what comes: by a promotion's moves, and by what the environment's files newly hold."""
        if not self.chronicle.holds.standing:
            return ()
        layout, out = self.environments.layout, []
        apps_of = hop.apps if hop is not None and hop.target == env else ()
        for overlay in (o for o in layout.overlays if o.id.env == env):
            for hold in self.chronicle.held(overlay.id.app, env):
                moves = [m for a in apps_of if a.app == overlay.id.app for m in a.chosen()]
                if any(holding(m, (hold,)) for m in moves) or (merge is not None and _newly(merge, overlay.path, hold)):
                    out.append(hold)
        return tuple(dict.fromkeys(out))

    def _owners(self, facts: Facts, merge: Merge, effect: Effect | None) -> Facts:
        branch = self.environments.snapshot
        path = codeowners.find(lambda name: branch.entry(name) is not None)
        reached = {p for hit in effect.of(facts.target) for p in hit.paths} if effect is not None else set(merge.paths)
        teams = {name.casefold(): people for name, people in self.environments.config.teams}
        reached |= set(facts.rules)
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
