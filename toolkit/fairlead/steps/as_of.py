"""A source environment as it stood at an earlier commit of its branch: what `--as-of` promotes."""

from __future__ import annotations

from fairlead.doors.git.snapshots import ObjectSnapshot
from fairlead.model.errors import UsageError
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.repo.layout import discover
from fairlead.steps.world import Environments, World


@dataclass(frozen=True)
class Earlier:
    """A commit of the branch, by the name it was asked for."""

    name: str
    commit: str
    snapshot: ObjectSnapshot
    layout: Layout

    def lacks(self, overlay: Overlay) -> bool:
        """Whether the app was not there then, in this environment and cluster and at this place."""
        then = self.layout.find(overlay.id.app, overlay.id.env)
        return all((o.id, o.path) != (overlay.id, overlay.path) for o in then)

    def over(self, state: Snapshot, overlay: Overlay) -> Snapshot:
        """A state in which one overlay's files are those of then, and all else is as it is."""
        then, now = self.snapshot, state
        paths = {*then.files(overlay.path), *now.files(overlay.path)}
        changed: dict[str, File | None] = {}
        for path in paths:
            entry = then.entry(path)
            if entry != now.entry(path):
                changed[path] = File(then.read(path), entry.mode) if entry is not None else None
        return state.with_files(changed) if changed else state


def earlier(world: World, here: Environments, name: str) -> Earlier:
    """The environments at a commit or tag, by today's configuration.

    Raises:
        UsageError: this clone has no such commit, or it is none of the branch's own.
    """
    repo = world.git
    commit = repo.git.resolve(name)
    if commit is None:
        raise UsageError(
            f"there is no commit or tag {name!r} in this clone" + (", which is shallow" if repo.is_shallow() else ""),
            remedy="git fetch --unshallow --tags" if repo.is_shallow() else "git log and git tag show what there is",
        )
    if not repo.is_ancestor(commit, here.commit):
        raise UsageError(
            f"{name} ({commit[:12]}) is not part of {here.branch}: its environments never ran that",
            remedy=f"name a commit of {here.branch}"
            + ("; or, as this clone is shallow: git fetch --unshallow" if repo.is_shallow() else ""),
        )
    snapshot = repo.at(commit)
    return Earlier(name, commit, snapshot, discover(snapshot, here.config))
