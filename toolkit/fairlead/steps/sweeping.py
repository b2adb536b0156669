"""Judge every open pull request: what has opened, what has closed again, what is to be merged by itself.

From the bottom of each stack up. One that fails is told, and stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from fairlead.doors.git.plumbing import GitFailed
from fairlead.model.errors import FairleadError, WorldError
from fairlead.model.pulls import GATE, Forge, Pull, PullState
from fairlead.model.values import dataclass
from fairlead.steps import merging, verdicts
from fairlead.steps.gating import Gating, open_gating
from fairlead.steps.merging import Merged, Seen
from fairlead.steps.verdicts import Verdict
from fairlead.steps.world import World, environments


@dataclass(frozen=True)
class Row:
    """A pull request, what the gates say (None where they were not asked), what was done, what went wrong."""

    pull: Pull
    verdict: Verdict | None = None
    did: tuple[str, ...] = ()
    error: FairleadError | None = None


@dataclass
class Sweep:
    """One round over the open pull requests of a forge."""

    world: World
    forge: Forge
    _gating: Gating | None = None
    _touched: set[int] = field(default_factory=set)

    def run(self) -> tuple[Row, ...]:
        """A row for each, in the order in which they were judged. Raises where the forge can't be asked at all."""
        every = self.forge.pulls(reviewed=True)
        self._gating = open_gating(self.world, environments(self.world), self.forge, every)
        rows = []
        waiting = bottom_first(pull for pull in every if pull.state is PullState.OPEN)
        with self.world.run.progress.task("judging pull requests", len(waiting)) as task:
            for pull in waiting:
                rows.append(self._row(pull))
                task.advance()
        return tuple(rows)

    def _row(self, pull: Pull) -> Row:
        try:
            now = self.forge.get(pull.number) if pull.number in self._touched else pull
            return self._judged(now) if now.state is PullState.OPEN else Row(now)
        except FairleadError as error:
            return Row(pull, error=error)
        except GitFailed as error:
            return Row(pull, error=WorldError(str(error), remedy="git fsck shows whether the repository is whole"))

    @property
    def gating(self) -> Gating:
        """By the branch as it stands now."""
        if self._gating is None:
            self._gating = open_gating(self.world, environments(self.world), self.forge)
        return self._gating

    def _judged(self, pull: Pull) -> Row:
        branch = self.gating.environments.branch
        if pull.want.base != branch:
            return Row(pull, did=(f"enters {pull.want.base}, and not {branch}",))
        if self.forge.kind == "local" and self._landed(pull):
            return self._recorded(pull)
        pull, did = self._on_the_branch(pull)
        verdict = verdicts.judge(self.world, self.gating, pull)
        if verdicts.publish(self.world, self.forge, verdict):
            did += (f"{GATE}: {verdict.state}",)
        row = Row(pull, verdict, did)
        try:
            if verdicts.ready(self.forge, verdict) is not None:
                row = replace(row, did=(*did, "made ready"))
            return self._merged(row, verdict) if verdict.open and pull.auto is not None else row
        except FairleadError as error:  # what was judged stands all the same
            return replace(row, error=error)

    def _landed(self, pull: Pull) -> bool:
        """Whether somebody has brought it to the branch with git alone."""
        tip = self.world.git.tip(pull.want.base)
        return tip is not None and self.world.git.holds(tip, pull.want.head_oid)

    def _recorded(self, pull: Pull) -> Row:
        seen = merging.prepare(self.world, self.forge, self.gating, pull.number)
        done = self._after(merging.merge(self.world, self.forge, self.gating, seen))
        return Row(done.pull, did=("had landed by hand: recorded as merged", *_told(done)))

    def _on_the_branch(self, pull: Pull) -> tuple[Pull, tuple[str, ...]]:
        """One whose lower was merged on the forge's own page stands on the branch from then on."""
        if not pull.want.below or pull.want.below in (self.gating.opened or {}):
            return pull, ()
        lower = [p for p in self.forge.pulls() if p.want.key == pull.want.below]
        if not lower or lower[-1].state is not PullState.MERGED:
            return pull, ()
        done = self._after(merging.ended(self.world, self.forge, Merged(lower[-1], ())))
        return self.forge.get(pull.number), _told(done)

    def _merged(self, row: Row, verdict: Verdict) -> Row:
        pull, now = verdict.pull, self.forge.get(verdict.pull.number)
        if now.auto is None:
            return row
        same = (now.want, now.reviews) == (replace(pull.want, draft=now.want.draft), pull.reviews)
        seen = Seen(now if same else pull, verdict.gates, (), verdict.at, verdict.tip)
        done = self._after(merging.merge(self.world, self.forge, self.gating, seen, now.auto))
        return replace(row, pull=done.pull, did=(*row.did, f"merged as {done.pull.merge_commit[:12]}", *_told(done)))

    def _after(self, done: Merged) -> Merged:
        """The branch has moved: what follows is judged by it, and what stood on the merged one is another."""
        self._gating = None
        self._touched |= {above.number for above in done.above}
        return done


def _told(done: Merged) -> tuple[str, ...]:
    return (*(f"#{above.number} built again" for above in done.above), *done.notes)


def bottom_first(pulls: Iterable[Pull]) -> tuple[Pull, ...]:
    """By number, each after the one that it stands on."""
    by_key = {pull.want.key: pull for pull in sorted(pulls, key=lambda p: p.number)}
    found: dict[int, Pull] = {}

    def add(pull: Pull, above: frozenset[str]) -> None:
        lower = by_key.get(pull.want.below) if pull.want.below else None
        if lower is not None and lower.want.key not in above:
            add(lower, above | {pull.want.key})
        found.setdefault(pull.number, pull)

    for pull in by_key.values():
        add(pull, frozenset((pull.want.key,)))
    return tuple(found.values())
