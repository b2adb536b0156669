"""Before a person is asked anything: is this clone as its remote has it, does the forge answer, are the tools there?"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.doors.git.origin import REMOTE, Origin
from fairlead.model.errors import ConflictError, DeniedError, WorldError
from fairlead.model.pulls import Forge
from fairlead.model.values import dataclass
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Environments, World


@dataclass(frozen=True)
class Looked:
    """One thing that was looked at. `doubt` says why a person has to decide whether to go on."""

    what: str
    found: str
    doubt: str = ""


def preflight(world: World, here: Environments, forge: Forge) -> Iterator[Looked]:
    """Look, one by one.

    Raises:
        ConflictError: the remote has commits that this clone has not.
        WorldError: there is no kustomize.
    """
    yield _branch(world, here)
    waiting = len(forge.pulls(open_only=True))
    yield Looked("forge", f"{forge.kind}, {waiting} open pull request{'' if waiting == 1 else 's'}")
    yield Looked("kustomize", renderer(world.run).version)


def _branch(world: World, here: Environments) -> Looked:
    repo, branch = world.git, here.branch
    at = f"{branch} at {here.commit[:8]}"
    if not repo.origin():
        return Looked("git", f"{at}; this clone has no remote")
    try:
        with world.run.progress.task(f"asking {REMOTE}", 1):
            theirs = Origin(repo).fetch(branch)
    except (WorldError, DeniedError) as why:
        return Looked("git", at, f"{REMOTE} can't be asked ({why.message}): this clone may be behind")
    if theirs is None:
        return Looked("git", f"{at}; {REMOTE} has no such branch yet")
    if theirs == here.commit:
        return Looked("git", f"{at}, as {REMOTE} has it")
    if repo.is_ancestor(theirs, here.commit):
        return Looked("git", f"{at}, ahead of {REMOTE}")
    if repo.is_ancestor(here.commit, theirs):
        pull = "git pull --ff-only" if repo.head_branch() == branch else f"git fetch {REMOTE} {branch}:{branch}"
        raise ConflictError(f"{branch} is behind {REMOTE}/{branch} ({theirs[:8]})", remedy=pull)
    raise ConflictError(
        f"{branch} and {REMOTE}/{branch} have parted: {here.commit[:8]} and {theirs[:8]}",
        remedy=f"bring them together first: git rebase {REMOTE}/{branch} {branch}",
    )
