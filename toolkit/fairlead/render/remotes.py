"""The allowed remote bases that overlays name: fetched once, and handed to kustomize by what stands in for git.

kustomize clones by the `git` that it finds. It finds ours, which hands over what was fetched before and knows of
nothing else: so kustomize itself reads the URLs, looks for cycles and fences the clones in, and nothing is fetched
while it renders.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from threading import Lock

from fairlead.checks.sources import Sources
from fairlead.doors import fs
from fairlead.doors.git import remotes as door
from fairlead.doors.git.remotes import CannotFetch, Fetched
from fairlead.doors.proc import which
from fairlead.model.errors import WorldError
from fairlead.model.values import dataclass
from fairlead.render.views import Problem, View, problem
from fairlead.repo.definitions import Definitions
from fairlead.repo.graph import Graph
from fairlead.repo.remotes import BuildRules, RemoteBase, denied, remote_base

# For the library, the number alone: it reads blobs. For the program, the files, where they are laid out.
_STAND_IN = """#!/bin/sh
# Stands in for git while kustomize renders: hands over what was fetched before, and reaches nothing.
[ "$1" = fetch ] || exit 0
here=${0%/*}/..
while read -r number repository ref; do
    if [ "$3 $4" = "$repository $ref" ]; then
        if [ -d "$here/trees/$number" ]; then
            exec cp -RP "$here/trees/$number/." .
        fi
        printf %s "$number" > fairlead-remote
        exit
    fi
done < "$here/table"
echo "fairlead has not fetched $4 of $3" >&2
exit 1
"""
_MOST = 100  # remote bases of one overlay


@dataclass(frozen=True)
class Clone:
    """A remote base's repository at a commit. `name` is the same for each way to write its URL."""

    name: str
    git_dir: str
    commit: str


class Remotes:
    """The remote bases that one set of rules allows, as far as they were asked for.

    `trees`: their files are laid out, for an engine that reads a disk.
    """

    def __init__(self, rules: BuildRules, *, trees: bool = False) -> None:
        self._rules = rules
        self._trees = trees
        self._known: dict[str, tuple[RemoteBase, Fetched, View]] = {}
        self._failed: dict[str, str] = {}
        self._lock = Lock()
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """What kustomize is pointed to: `bin` for its PATH, `clones` for its temporary folders."""
        if self._folder is None:
            try:
                made = Path(tempfile.mkdtemp(prefix="fairlead-")).resolve()
                weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
                for name in ("bin", "clones", "trees"):
                    (made / name).mkdir()
                (made / "bin/git").write_text(_STAND_IN, encoding="utf-8")
                (made / "bin/git").chmod(0o700)
                copy = which("cp")
                if copy is not None:
                    (made / "bin/cp").symlink_to(copy)
            except OSError as error:
                raise WorldError(f"can't make a temporary folder: {error.strerror}", remedy="set TMPDIR") from None
            self._folder = made
        return self._folder

    @property
    def clones(self) -> tuple[Clone, ...]:
        """Those that are here, in an order to which later ones are added at the end."""
        return tuple(Clone(name, f.git_dir, f.commit) for name, (_, f, _) in tuple(self._known.items()))

    def problem(self, written: str, seen: set[tuple[str, str]]) -> Problem | None:
        """Why a remote base is not rendered, it or one that it names in turn; None once all of them are here.

        Raises:
            WorldError, DeniedError: the cache can't be used.
        """
        denial = denied(written, self._rules)
        if denial is not None:
            return Problem("remote", denial.message)
        base = remote_base(written)
        assert base is not None
        if (base.name, base.path) in seen:
            return None
        seen.add((base.name, base.path))
        if len(seen) > _MOST:
            return Problem("remote", f"more than {_MOST} remote bases are named, each by another one")
        with self._lock:
            words = self._failed.get(base.name)
            if words is None and base.name not in self._known:
                words = self._provide(base)
        if words is not None:
            return Problem("remote", f"{written!r} can't be fetched: {words}")
        inner = problem(self._known[base.name][2], base.path, self, seen)
        if inner is None:
            return None
        place = f"{inner.where}: " if inner.where is not None else ""
        return Problem("remote", f"{written!r} can't be used: {place}{inner.message}")

    def _provide(self, base: RemoteBase) -> str | None:
        try:
            fetched = door.fetch(base.repository, base.ref)
        except CannotFetch as error:
            self._failed[base.name] = str(error)
            return str(error)
        snapshot = fetched.snapshot()
        number = len(self._known)
        if self._trees:
            fs.lay_out(snapshot, snapshot.files(), self.folder / "trees" / str(number))
            (self.folder / "trees" / str(number)).mkdir(exist_ok=True)
        lines = [*(known for known, _, _ in self._known.values()), base]
        fs.write_text(self.folder / "table", "".join(f"{at} {b.repository} {b.ref}\n" for at, b in enumerate(lines)))
        self._known[base.name] = (
            base,
            fetched,
            View(snapshot, Graph(snapshot), Sources(snapshot), Definitions(snapshot)),
        )
        return None
