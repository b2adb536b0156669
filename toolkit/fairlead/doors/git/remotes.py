"""Commits of other repositories, fetched once by git into bare stores below the cache, and from then on local.

A commit's id proves what was fetched. What a tag named when it was fetched is kept: it is not asked again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from fairlead.doors.git.plumbing import HARDENED, Git, environment
from fairlead.doors.git.snapshots import ObjectSnapshot, at_tree
from fairlead.doors.lock import locked
from fairlead.doors.places import cache_folder
from fairlead.doors.proc import Process, run
from fairlead.model.errors import DeniedError, WorldError
from fairlead.model.values import dataclass

FETCH_TIME = 120.0  # seconds, for one commit
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORM = 1  # of the stores: another number, another folder
# A server that stops in the middle is left; one is asked for a commit by its id, which the older protocol refuses.
_NETWORK = (
    "-c", "protocol.version=2",
    "-c", "http.lowSpeedLimit=500", "-c", "http.lowSpeedTime=30", "-c", "credential.interactive=never",
)  # fmt: skip
_FETCH = (
    "fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
    "--no-auto-gc", "--end-of-options",
)  # fmt: skip


class CannotFetch(Exception):  # noqa: N818  it is caught, and turned into a result
    """A commit is not in the cache, and can't be had; the words say why, and hold no secret."""


@dataclass(frozen=True)
class Fetched:
    """A commit that is here: the bare repository that holds it, and its id."""

    git_dir: str
    commit: str

    def snapshot(self) -> ObjectSnapshot:
        """Its files."""
        git = Git(self.git_dir, None)
        tree = git.resolve(self.commit, "tree")
        if tree is None:
            raise WorldError(f"the cache's {self.git_dir} is damaged", remedy=f"rm -r '{self.git_dir}'")
        return at_tree(git, tree, self.commit)


def folder() -> Path:
    """Where the stores lie."""
    return cache_folder() / "remotes" / str(_FORM)


def held(repository: str, ref: str) -> Fetched | None:
    """A commit that was fetched before; None where it wasn't. Never asks the network."""
    store = _store(repository)
    if not (store / "HEAD").is_file():
        return None
    commit = Git(str(store), None).resolve(_kept(ref))
    return None if commit is None else Fetched(str(store), commit)


def fetch(repository: str, ref: str, *, seconds: float = FETCH_TIME) -> Fetched:
    """The commit that a repository's full commit id or tag names, from the cache, else from its server.

    Credentials are git's own affair (its helpers, ssh's agent); nobody is asked.

    Raises:
        CannotFetch: there is no such commit or tag, no network, no permission, or it takes too long.
        WorldError, DeniedError: the cache can't be written, or somebody else fetches for too long.
    """
    found = held(repository, ref)
    if found is not None:
        return found
    store = _store(repository)
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeniedError(f"can't write {store.parent}: {error.strerror}", remedy="set FAIRLEAD_CACHE") from None
    with locked(store.with_suffix(".lock"), patience=seconds + 10):
        found = held(repository, ref)  # somebody else may have fetched it meanwhile
        if found is not None:
            return found
        _make(store)
        _fetch(store, repository, ref, seconds)
    found = held(repository, ref)
    if found is None:
        raise CannotFetch(f"{ref!r} of {repository} is no commit")
    return found


def _store(repository: str) -> Path:
    return folder() / f"{hashlib.sha256(repository.encode()).hexdigest()[:32]}.git"


def _kept(ref: str) -> str:
    """The name under which a commit is kept: nothing that it needs is ever taken for garbage."""
    return f"refs/fairlead/{'commits' if _COMMIT.fullmatch(ref) else 'tags'}/{ref}"


def _make(store: Path) -> None:
    """A bare repository, whole or not at all."""
    if (store / "HEAD").is_file():
        return
    try:
        shutil.rmtree(store, ignore_errors=True)
        building = tempfile.mkdtemp(prefix=".new-", dir=store.parent)
    except OSError as error:
        raise DeniedError(f"can't write {store.parent}: {error.strerror}", remedy="set FAIRLEAD_CACHE") from None
    try:
        # --template= : no hooks of the user's own come in.
        argv = ("git", *HARDENED, "init", "--quiet", "--bare", "--template=", building)
        done = run(Process(argv, env=environment(), timeout=20))
        if done.code:
            raise WorldError(f"git init failed: {_last(done.stderr)}", remedy="free space, or set FAIRLEAD_CACHE")
        Path(building).replace(store)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fetch(store: Path, repository: str, ref: str, seconds: float) -> None:
    source = ref if _COMMIT.fullmatch(ref) else f"refs/tags/{ref.removeprefix('refs/tags/')}"
    argv = ("git", f"--git-dir={store}", *HARDENED, *_NETWORK, *_FETCH, repository, f"+{source}:{_kept(ref)}")
    env = environment({"SSH_ASKPASS_REQUIRE": "never", "GIT_ALLOW_PROTOCOL": _protocols(repository)})
    _unlock(store, FETCH_TIME)
    try:
        done = run(Process(argv, cwd=str(store), env=env, timeout=seconds))
    finally:
        _unlock(store, 0.0)  # it has ended, maybe by our hand, which gives it no time to tidy up
    if done.timed_out:
        raise CannotFetch(f"{repository} did not give it within {seconds:.0f} seconds")
    if done.code:
        if "couldn't find remote ref" in done.stderr:
            raise CannotFetch(f"{repository} has no tag {ref!r}")
        if "not our ref" in done.stderr or "unadvertised object" in done.stderr:
            raise CannotFetch(f"{repository} has no commit {ref}, or gives it to nobody")
        raise CannotFetch(_last(done.stderr))


def _unlock(store: Path, age: float) -> None:
    """Remove lock files that are at least so many seconds old: of a git that was killed. We hold a lock of our own."""
    for place in (*store.glob("*.lock"), *(store / "refs").rglob("*.lock")):
        with suppress(OSError):
            if time.time() - place.stat().st_mtime >= age:
                place.unlink()


def _protocols(repository: str) -> str:
    """The protocols that git may use. Files of this machine only where the configuration names them so."""
    return "file" if repository.startswith("file://") else "https:http:ssh"


def _last(said: str) -> str:
    """The most telling line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (telling or lines or ["git said nothing"])[0].removeprefix("fatal: ").removeprefix("error: ")[:300]
