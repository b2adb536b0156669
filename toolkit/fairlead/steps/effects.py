"""What a pull request would do: the branch before and after its merge, and the overlays that then render otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from fairlead.model.findings import Finding
from fairlead.model.overlays import OverlayId
from fairlead.model.pulls import Forge, Pull, PullState
from fairlead.model.rendering import Rendered
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.steps.reach import Hit
from fairlead.steps.world import Environments, World

_GITLINK = 0o160000


@dataclass(frozen=True)
class Merge:
    """The branch before and after a pull request, nothing written; `paths` are what it changes there.

    Of one that stands on another, the lower one's result is its before. `conflicts` are paths that both sides
    changed differently: after is then the head alone, and it can't be merged anyway.
    """

    before: Snapshot
    after: Snapshot
    paths: tuple[str, ...]
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effect:
    """The overlays that a merge changes, and what the checks find after it that they did not find before."""

    hits: tuple[Hit, ...] = ()
    findings: tuple[Finding, ...] = ()

    def environments(self) -> tuple[str, ...]:
        """Whose rendered objects it changes."""
        return tuple(dict.fromkeys(hit.id.env for hit in self.hits if hit.id is not None))

    def of(self, env: str) -> tuple[Hit, ...]:
        """What it reaches in one environment."""
        return tuple(hit for hit in self.hits if hit.id is not None and hit.id.env == env)

    def found_in(self, env: str) -> tuple[Finding, ...]:
        """The findings on overlays of one environment."""
        folders = {hit.folder for hit in self.of(env)}
        found = [(f, set(f.overlays or (f.overlay,)) - {""}) for f in self.findings]
        return tuple(f for f, where in found if not where or where & folders)


@dataclass(frozen=True)
class Stacks:
    """Which open pull request another stands on: among those `opened` by key, or (None) as the forge has it."""

    forge: Forge
    opened: Mapping[str, Pull] | None = None

    def below(self, pull: Pull) -> Pull | None:
        """The open pull request that must be merged before; None where there is none."""
        key = pull.want.below
        if not key:
            return None
        return self.forge.find(key) if self.opened is None else self.opened.get(key)


@dataclass
class Effects:
    """Looks at pull requests as they would be merged into the branch as it stands; each once."""

    world: World
    environments: Environments
    stacks: Stacks
    _merges: dict[tuple[str, str, str], Merge | None] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], Effect] = field(default_factory=dict)

    def merge(self, pull: Pull) -> Merge | None:
        """The merge, in memory; None where this clone lacks the commits."""
        key = self._key(pull)
        if key not in self._merges:
            self._merges[key] = self._merge(*key)
        return self._merges[key]

    def effect(self, pull: Pull) -> Effect | None:
        """What it does to the rendering, and the findings. Raises WorldError where there is no kustomize."""
        key, merge = self._key(pull), self.merge(pull)
        if merge is None:
            return None
        if key not in self._seen:
            self._seen[key] = _effect(self.world, self.environments, merge)
        return self._seen[key]

    def _key(self, pull: Pull) -> tuple[str, str, str]:
        lower = self.stacks.below(pull)
        standing = lower.want.head_oid if lower is not None and lower.state is PullState.OPEN else ""
        return self.world.git.tip(pull.want.base) or "", standing, pull.want.head_oid

    def _merge(self, tip: str, lower: str, head: str) -> Merge | None:
        after = self._merged(tip, head)
        before = self._merged(tip, lower) if lower else _Merged(self.world.git.at(tip)) if tip else None
        if after is None or before is None:
            return None
        start = before.state
        if after.conflicts:
            base = self.world.git.merge_base(lower or tip, head)
            start = start if base is None else self.world.git.at(base)
        paths = sorted({*before.paths, *after.paths})
        told = tuple(path for path in paths if start.entry(path) != after.state.entry(path))
        return Merge(start, after.state, told, after.conflicts)

    def _merged(self, tip: str, head: str) -> _Merged | None:
        """The branch with a head merged into it, file by file, as it would be landed."""
        repo = self.world.git
        known = tip and repo.git.resolve(head) is not None
        start = repo.merge_base(tip, head) if known else None
        if start is None:
            return None
        theirs, ours, changed = repo.at(head), repo.at(tip), repo.changed_paths(start, head)
        if start == tip:
            return _Merged(theirs, changed)
        moved = set(repo.changed_paths(start, tip))
        conflicts = tuple(p for p in changed if p in moved and ours.entry(p) != theirs.entry(p))
        if conflicts:
            return _Merged(theirs, changed, conflicts)
        return _Merged(ours.with_files({p: _file(theirs, p) for p in changed if p not in moved}), changed)


@dataclass(frozen=True)
class _Merged:
    """The branch with a head merged into it, the paths that the head changes, those in conflict."""

    state: Snapshot
    paths: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def _file(snapshot: Snapshot, path: str) -> File | None:
    entry = snapshot.entry(path)
    if entry is None or entry.mode == _GITLINK:
        return None
    return File(snapshot.read(path), entry.mode)


def _effect(world: World, environments: Environments, merge: Merge) -> Effect:
    # Rules and rendering take as long to import as all the rest, and `pr list` asks for neither.
    from fairlead.steps.comparing import render_both, sides
    from fairlead.steps.rendering import opened
    from fairlead.steps.verify import hits, weigh

    if not merge.paths:
        return Effect()
    with opened(world) as engine:
        found = hits(engine, environments, merge.before, merge.after, merge.paths)
        ruled = engine.under(environments.config.build)
        same = {
            one.overlay
            for one, first, second in render_both(world.run, ruled, sides(engine, merge.before, merge.after, found))
            if isinstance(first, Rendered) and isinstance(second, Rendered) and first.text == second.text
        }
        changed = tuple(hit for hit in found if hit.folder not in same)
        touched = {hit.id.env for hit in changed if hit.id is not None}
        judged = tuple(hit for hit in found if hit.id is not None and hit.id.env in touched)
        findings = weigh(world.run, engine, environments, merge.before, merge.after, judged).findings
    return Effect(changed, findings)


def apps(hits: tuple[Hit, ...]) -> tuple[str, ...]:
    """The apps of some overlays."""
    known: list[OverlayId] = [hit.id for hit in hits if hit.id is not None]
    return tuple(dict.fromkeys(one.app for one in known))
