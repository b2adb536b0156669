"""Who else writes into the repository: looked up once a plan, by git, in the files that name such a program."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from fairlead.model.values import dataclass
from fairlead.promotion import keepers
from fairlead.promotion.views import Keeper
from fairlead.repo.config import Writer
from fairlead.repo.names import covers
from fairlead.steps.mentions import Mentions
from fairlead.steps.world import World


@dataclass(frozen=True)
class Writers:
    """The programs that write into a commit's files, by path."""

    world: World
    commit: str
    configured: tuple[Writer, ...] = ()

    def of(self, path: str) -> tuple[Keeper, ...]:
        """Who writes (some values of) this file."""
        exact, globs = self._index
        parts = path.split("/")
        above = ("/".join(parts[:size]) for size in range(1, len(parts) + 1))
        found = [keeper for folder in above for keeper in exact.get(folder, ())]
        return (*found, *(k for k in globs if any(covers(glob, path) for glob in k.paths)))

    def look(self) -> None:
        """Find them all now, and not when somebody first asks."""
        self._index  # noqa: B018  it is kept

    @cached_property
    def _index(self) -> tuple[dict[str, list[Keeper]], tuple[Keeper, ...]]:
        exact: dict[str, list[Keeper]] = {}
        globs = []
        for keeper in (*keepers.configured(self.configured), *self._declared()):
            if any(sign in path for path in keeper.paths for sign in "*?["):
                globs.append(keeper)
            else:
                for path in keeper.paths:
                    exact.setdefault(path, []).append(keeper)
        return exact, tuple(globs)

    def _declared(self) -> Iterable[Keeper]:
        found = tuple(keepers.documents(self._holding(*keepers.WORDS)))
        yield from keepers.flux(found)
        yield from keepers.annotated(keepers.apps(found))
        if any(d for d in found if keepers.is_updater(d)):
            every = keepers.apps(keepers.documents(self._holding("kind: Application")))
            yield from keepers.updaters(found, every)

    def _holding(self, *words: str) -> Iterable[tuple[str, bytes]]:
        git = self.world.git.git
        for path in Mentions(self.world, words).at(self.commit):
            data = git.object(f"{self.commit}:{path}")
            if data is not None and data[0] == "blob":
                yield path, data[1]
