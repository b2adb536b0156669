"""diff: what a change, or a pull request, does to the rendered objects of the overlays that it reaches, grouped."""

from __future__ import annotations

import re
from dataclasses import replace

from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.overlays import Layout
from fairlead.model.pulls import Forge, Pull, PullState
from fairlead.model.snapshot import MemorySnapshot, Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.report.compared import Compared, Difference
from fairlead.report.difference import Row, grouped
from fairlead.report.pull_text import difference
from fairlead.steps.checking import Scope, as_it_was, below, scope, scopes
from fairlead.steps.comparing import render_both, sides, told
from fairlead.steps.effects import Effects, Stacks
from fairlead.steps.reach import Hit, changed, reached
from fairlead.steps.rendering import opened
from fairlead.steps.world import Run, World, environments, known_app, open_world

MARKER = "difference"


@dataclass(frozen=True)
class Request:
    """A change, narrowed to paths and apps.

    It is what is staged, or all since history forked from a revision, up to the files as they lie or to the
    commit `at`; with none of them, from HEAD to the files as they lie.
    """

    paths: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    staged: bool = False
    since: str | None = None
    at: str | None = None


def diff(run: Run, request: Request) -> Difference:
    """Render both sides and compare.

    Raises:
        UsageError: no such revision, path, app or environment; wishes that exclude each other.
        ConfigError: a bad fairlead.yaml.
        WorldError: no kustomize.
    """
    world = open_world(run)
    return _compared(world, request, *_states(world, request))


def of_pull(world: World, forge: Forge, pull: Pull, request: Request) -> Difference:
    """What a pull request's merge would do, compared to the branch as it stands.

    Raises:
        UsageError: it is not open, or `request` names a change.
        ConflictError: this clone lacks its commits, or it can't be merged.
    """
    if request.staged or request.since is not None or request.at is not None:
        raise UsageError("--pull names the change; leave out --staged, --since and --at", remedy="--pull with PATHs")
    if pull.state is not PullState.OPEN:
        raise UsageError(f"#{pull.number} is {pull.state}", remedy="fairlead pr list shows the open ones")
    merge = Effects(world, environments(world), Stacks(forge)).merge(pull)
    if merge is None:
        raise ConflictError(
            f"this clone lacks commits of #{pull.number}, or those that it forked from", remedy="git fetch --unshallow"
        )
    if merge.conflicts:
        raise ConflictError(
            f"#{pull.number} can't be merged: {pull.want.base} changed {', '.join(merge.conflicts[:3])} otherwise",
            remedy=f"merge {pull.want.base} into {pull.want.head}",
        )
    return _compared(world, request, merge.before, merge.after)


def keep(forge: Forge, pull: Pull, found: Difference, by: str) -> None:
    """Have its one comment say what it does, from when it does something; one that says so already is left alone."""
    text = difference(found)
    kept = next((remark.text for remark in pull.comments if remark.marker == MARKER), None)
    if text != kept and (found.differs or kept is not None):
        forge.comment(pull.number, MARKER, text, by)


def _compared(world: World, request: Request, before: Snapshot, after: Snapshot) -> Difference:
    limits = _limits(world, request, before, after)
    parts = scopes(after, limits or (world.prefix,))
    _refuse_unknown(request.apps, parts, before)
    paths = changed(before, after)
    if not paths:
        return Difference(notes=("nothing changed",))
    overlays: list[Compared] = []
    rows: list[Row] = []
    with opened(world) as engine:
        for part in parts:
            hits = _reached(engine, part, before, after, paths, limits, request.apps)
            ruled = engine.under(part.config.build)
            for one, first, second in render_both(world.run, ruled, sides(engine, before, after, hits)):
                overlay, its = told(engine, one, first, second)
                overlays.append(overlay)
                rows += its
    if not overlays:
        narrowed = " that was asked for" if limits or request.apps else ""
        return Difference(notes=(f"{len(paths)} changed files reach no overlay{narrowed}",))
    overlays.sort(key=lambda one: one.overlay)
    remarks = tuple(one.sentence for one in overlays if one.sentence)
    return Difference(tuple(overlays), grouped(rows), remarks)


def _states(world: World, request: Request) -> tuple[Snapshot, Snapshot]:
    repo = world.git
    if request.staged:
        if request.since is not None or request.at is not None:
            raise UsageError("--staged goes with neither --since nor --at", remedy="name one kind of change")
        base, index, _ = repo.staged()
        return base or MemorySnapshot(), index
    if request.since is not None:
        after = repo.at(request.at) if request.at is not None else world.work_tree
        return repo.at(repo.fork(request.since, request.at or "HEAD")), after
    if request.at is not None:
        raise UsageError(
            "--at names where the change ends, and nothing where it begins",
            remedy=f"--since {request.at}~1 --at {request.at} shows what that commit changed",
        )
    head = repo.git.resolve("HEAD")
    return repo.at(head) if head is not None else MemorySnapshot(), world.work_tree


def _limits(world: World, request: Request, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The paths that the change is narrowed to, from the root."""
    if not request.paths:
        return (world.prefix,) if world.prefix else ()
    found = tuple(world.inside(path) for path in request.paths)
    for path, written in zip(found, request.paths, strict=True):
        if not any(side.entry(path) is not None or side.is_dir(path) for side in (before, after)):
            raise UsageError(f"there is no {written}", remedy=_meant(world, request.paths, written, after))
    return found


def _meant(world: World, words: tuple[str, ...], word: str, after: Snapshot) -> str:
    """What somebody may have meant by a word that is no path."""
    part = scope(after, world.prefix)
    apps, envs = set(part.layout.apps()), {overlay.id.env for overlay in part.layout.overlays}
    named = [w for w in words if w in envs]
    app = next((w for w in words if w in apps), "")
    if len(named) == 2:
        narrowed = f" --app {app}" if app else ""
        return f"to compare two environments: fairlead diff{narrowed} --from {named[0]} --to {named[1]}"
    if word in apps:
        return f"{word} is an app: --app {word}"
    if word in envs:
        return f"{word} is an environment: --from and --to compare two"
    first, dots, last = re.match(r"(.*?)(\.{2,3}|$)(.*)", word, re.DOTALL).groups()  # type: ignore[union-attr]  # it matches all
    if all(world.git.git.resolve(revision or "HEAD") is not None for revision in (first, last)):
        return f"{word} is a revision: --since {first or 'HEAD'}" + (f" --at {last or 'HEAD'}" if dots else "")
    return "name a file or folder of the repository"


def _refuse_unknown(apps: tuple[str, ...], parts: list[Scope], before: Snapshot) -> None:
    """Refuse an app that neither side has."""
    if apps:
        scopes_of_both = (side for part in parts for side in (part, as_it_was(part, before)))
        known = Layout(tuple(overlay for side in scopes_of_both for overlay in side.layout.overlays))
        for app in apps:
            known_app(known, app)


def _reached(
    engine: Engine, part: Scope, before: Snapshot, after: Snapshot, paths: tuple[str, ...], limits: tuple[str, ...],
    apps: tuple[str, ...],
) -> tuple[Hit, ...]:  # fmt: skip
    """The overlays to look at: those that lie in what was asked for, or read a changed file that lies there."""
    # Both sides are rendered by the configuration of today: what changed in it changes no object.
    relevant = [path for path in paths if path != part.config.path]
    return tuple(
        hit
        for hit in reached(engine, replace(part, asked=()), before, after, relevant)
        if (not apps or (hit.id is not None and hit.id.app in apps))
        and (not limits or any(below(name, limit) for limit in limits for name in (hit.folder, *hit.paths)))
    )
