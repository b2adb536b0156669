"""Set: bring a version into an environment, directly on the branch or by a pull request."""

from __future__ import annotations

import random
import time
from dataclasses import replace

from fairlead.delivery.commits import flat
from fairlead.delivery.deliver import delivering, place_branch
from fairlead.doors.git.origin import Origin
from fairlead.edit.splice import spliced
from fairlead.ledger import audit
from fairlead.model.errors import ConflictError, DeniedError, UsageError
from fairlead.model.history import Verb
from fairlead.model.pulls import Draft, Forge, Pull
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion.branches import head_branch
from fairlead.promotion.trailers import act, line
from fairlead.repo.apps import chains_of, named
from fairlead.repo.config import Environment
from fairlead.steps.assignment import Assignment, assign
from fairlead.steps.reviewers import of_change
from fairlead.steps.world import Environments, World, environments

_PATIENCE = 300.0  # seconds; a crowd of writers waits for its turn
_LONGEST_PAUSE = {False: 0.5, True: 4.0}  # seconds; a remote takes longer, and who asks it in vain holds up others


@dataclass(frozen=True)
class Wish:
    """What is to be set: apps (names, sets, globs), where, the assignments, how.

    `pull`: by a pull request; `push`: on the remote's branch; `dry_run`: only tell.
    """

    apps: tuple[str, ...]
    env: str
    assignments: tuple[str, ...]
    pull: bool = False
    push: bool = False
    dry_run: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What was done: the commit on the branch, or the pull request; neither where nothing differed, or was to be."""

    told: tuple[str, ...]
    commit: str = ""
    pull: Pull | None = None
    differs: bool = False


@dataclass(frozen=True)
class _Made:
    """The assignments of a wish as files of one commit; `app` beside each assignment."""

    wish: Wish
    env: str
    apps: tuple[str, ...]
    rows: tuple[tuple[str, Assignment], ...]
    files: dict[str, File | None]
    by_pull: bool

    @property
    def told(self) -> tuple[str, ...]:
        return tuple(row.told for _, row in self.rows)


def run(world: World, forge: Forge, wish: Wish) -> Outcome:
    """Set values of apps in an environment, all by one commit.

    A direct commit is tried again on a race, from the branch as it then stands.

    Raises:
        UsageError: unknown app, environment, image or field.
        DeniedError: the environment takes changes by promotion alone (`direct: deny`).
        ConflictError: uncommitted changes stand in the way, or somebody set the same value meanwhile.
    """
    here = environments(world)
    origin = _origin(world) if wish.push and not wish.dry_run else None
    if origin is not None:
        here = environments(world, at=_theirs(origin, here.branch))
    made = first = _assigned(here, wish)
    actor, until, pause = world.actor, time.monotonic() + _PATIENCE, 0.05
    while made.files and not wish.dry_run:
        commit = _commit(world, here, made, actor)
        if made.by_pull:
            return Outcome(made.told, pull=_pull(world, forge, here, made, commit), differs=True)
        if _landed(world, here, commit, origin):
            for app in made.apps:
                entry = audit.Entry("set", world.run.clock.now(), actor, (commit,), app, made.env, wish.reason)
                audit.append(world.git, entry)
            if origin is not None:
                forge.share()
            return Outcome(made.told, commit=commit, differs=True)
        if time.monotonic() > until:
            raise ConflictError("the branch moves faster than it can be followed", remedy="run the command again")
        time.sleep(random.uniform(0, pause))
        pause = min(2 * pause, _LONGEST_PAUSE[wish.push])
        here, made = _again(world, here, made, origin)
        _refuse_overtaken(first, made, here)
    return Outcome(made.told, differs=bool(made.files))


def _origin(world: World) -> Origin:
    if not world.git.origin():
        raise UsageError("this repository has no remote called origin", remedy="leave out --push, or git remote add")
    return Origin(world.git)


def _theirs(origin: Origin, branch: str) -> str:
    """The remote's tip of the branch, now."""
    tip = origin.fetch(branch)
    if tip is None:
        raise UsageError(f"origin has no branch {branch!r}", remedy=f"git push origin {branch}")
    return tip


def _again(world: World, here: Environments, made: _Made, origin: Origin | None) -> tuple[Environments, _Made]:
    """The branch as it stands now, and the wish on it; where only other overlays moved, the wish is the same files."""
    tip = world.git.tip(here.branch) if origin is None else _theirs(origin, here.branch)
    if tip is not None and _elsewhere(here, made, world.git.changed_paths(here.commit, tip)):
        return replace(here, commit=tip), made
    here = environments(world, at=tip)
    return here, _assigned(here, made.wish)


def _elsewhere(here: Environments, made: _Made, paths: tuple[str, ...]) -> bool:
    """Whether paths lie in overlays of which none is to be written, and so can't touch what is set."""
    ours = tuple(f"{o.path}/" for o in here.layout.overlays if o.id.env == made.env and o.id.app in made.apps)
    others = tuple(f"{o.path}/" for o in here.layout.overlays if f"{o.path}/" not in ours)
    return all(path.startswith(others) and not path.startswith(ours) for path in paths)


def _by_pull(here: Environments, target: Environment, apps: tuple[str, ...], wish: Wish) -> bool:
    """Whether it takes a pull request. Raises DeniedError where promotion alone may bring a change."""
    starts = {env for app in apps for chain in chains_of(here.config, app) for env in chain[0]}
    free = target.ephemeral or all(
        any(target.name in chain[0] for chain in chains_of(here.config, app)) for app in apps
    )
    if target.direct == "deny" and not free:
        raise DeniedError(
            f"{target.name} takes changes by promotion alone (direct: deny)",
            remedy=f"set it in {', '.join(sorted(starts))} and promote",
        )
    return wish.pull or (target.direct == "approve" and not free)


def _assigned(here: Environments, wish: Wish) -> _Made:
    """Each assignment upon what the ones before it have made."""
    apps = named(here.config, here.layout, wish.apps)
    target = here.config.environment(wish.env)
    env = target.name
    state: Snapshot = here.snapshot
    files: dict[str, File | None] = {}
    rows = []
    for app in apps:
        overlays = here.layout.find(app, env)
        if not overlays:
            raise UsageError(
                f"{app} has no overlay in {env}",
                remedy="it is in: " + ", ".join(sorted({o.id.env for o in here.layout.overlays if o.id.app == app})),
            )
        for overlay in overlays:
            for words in wish.assignments:
                row = assign(state, overlay, words)
                files |= spliced(state, row.edits)
                state = here.snapshot.with_files(files) if files else state
                rows.append((app, row))
    return _Made(wish, env, apps, tuple(rows), files, _by_pull(here, target, apps, wish))


def _refuse_overtaken(first: _Made, now: _Made, here: Environments) -> None:
    """Somebody who set the same value meanwhile is not overwritten unseen. Raises ConflictError."""
    for (app, mine), (_, row) in zip(first.rows, now.rows, strict=False):
        if row.old not in (mine.old, row.new):
            raise ConflictError(
                f"{app}: {mine.told.partition(' -> ')[0]} was set to {row.old} meanwhile",
                remedy=f"look at {here.branch}, and run the command again if {row.new} is still right",
            )


def _message(made: _Made, actor: str) -> str:
    versions = tuple(dict.fromkeys(row.new for _, row in made.rows))
    apps = made.apps[0] if len(made.apps) == 1 else f"{len(made.apps)} apps"
    one = len(versions) == 1
    subject = f"set {apps} to {versions[0]}" if one else f"set {len(versions)} values of {apps}"
    parts = [f"chore({made.env}): {flat(subject)}", "\n".join(f"- {told}" for told in made.told)]
    parts += [f"Reason: {flat(made.wish.reason)}"] if made.wish.reason else []
    acts = [act(Verb.SET, app, made.env, made.env) for app in made.apps]
    return "\n\n".join([*parts, "\n".join([*acts, line("Requested-By", actor)])]) + "\n"


def _commit(world: World, here: Environments, made: _Made, actor: str) -> str:
    repo = world.git
    tree = repo.write_tree(here.commit, made.files)
    # For a pull request the branch's own time, so that the same words on the same commit are the same commit.
    time = repo.commit_time(here.commit) if made.by_pull else world.run.clock.now()
    return repo.commit_tree(tree, [here.commit], _message(made, actor), time)


def _landed(world: World, here: Environments, commit: str, origin: Origin | None) -> bool:
    """Move the branch to the commit; False where it had moved meanwhile."""
    repo = world.git
    if origin is not None:
        landed = origin.push(here.branch, commit, here.commit) == commit
        if landed:
            _follow(world, here, commit)
        return landed
    try:
        with delivering(repo):
            repo.advance(here.branch, commit, here.commit)
    except ConflictError:
        if repo.tip(here.branch) == here.commit:
            raise
        return False
    return True


def _follow(world: World, here: Environments, commit: str) -> None:
    """Bring this clone's own branch along, where nothing of its own stands in the way; the remote counts."""
    repo = world.git
    tip = repo.tip(here.branch)
    if tip is None or not repo.is_ancestor(tip, commit):
        return
    try:
        with delivering(repo):
            repo.advance(here.branch, commit, tip)
    except ConflictError:
        return


def _pull(world: World, forge: Forge, here: Environments, made: _Made, commit: str) -> Pull:
    repo = world.git
    branch = head_branch(made.env, made.apps, "set-")
    with delivering(repo):
        place_branch(repo, branch, commit)
    subject, _, text = _message(made, world.actor).partition("\n\n")
    return forge.ensure(
        Draft(
            key=f"set {made.env} {','.join(made.apps)}",
            title=subject,
            body=text,
            head=branch,
            head_oid=commit,
            base=here.branch,
            author=world.actor,
            plan_id="",
            hop_id=commit,
            labels=(f"environment: {made.env}", *(f"app: {app}" for app in made.apps)),
            reviewers=of_change(here, made.env, made.apps, made.files, world.actor),
        )
    )
