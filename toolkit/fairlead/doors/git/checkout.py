"""Bring a checked-out branch's index and work tree along when it moves; safe to run again after a kill.

All is done in a copy of the index, while git's own `index.lock` is held with our mark in it: a lock that a
killed fairlead left is known as ours and cleared, one of anybody else's never is.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.doors.git.plumbing import ZERO, Git, GitFailed
from fairlead.model.errors import ConflictError, DeniedError
from fairlead.model.snapshot import Entry
from fairlead.model.values import dataclass

_MARK = b"fairlead "
_COPY = "fairlead-index-"
_PATIENCE = 2.0


@dataclass(frozen=True)
class Checkout:
    """A work tree with its index held; `index` is the copy that is worked in, `place` the real one.

    `left_behind`: a killed run was at work here before.
    """

    git: Git
    index: Path
    place: Path
    left_behind: bool = False

    def prepare(self, old: str, new: str) -> None:
        """Check that the files that differ between two commits may be replaced; changes only the copy.

        A file that already is as `new` has it counts as done: a killed run, or a person, put it there.

        Raises:
            ConflictError: uncommitted changes, or files that git doesn't track, stand in the way.
        """
        self._run("update-index", "-q", "--refresh", ok=(0, 1))
        changes = _changes(self.git, old, new)
        if self.left_behind:
            self._drop_half_written(changes)
        self._adopt(changes)
        try:
            self._run("read-tree", "-n", "-m", "-u", old, new)
        except GitFailed as error:
            detail = [line for line in error.stderr.strip().splitlines() if line.strip()]
            raise ConflictError(
                "the branch is checked out and has uncommitted changes in files that this would change: "
                + (detail[0].removeprefix("error: ") if detail else "see git status"),
                remedy="commit or stash them, then run the command again",
            ) from None

    def apply(self, old: str, new: str) -> None:
        """Replace the files, then the index. Raises GitFailed."""
        self._run("read-tree", "-m", "-u", old, new)
        self.index.replace(self.place)

    def _run(self, *argv: str, stdin: bytes | None = None, ok: tuple[int, ...] = (0,)) -> bytes:
        return self.git.run(*argv, stdin=stdin, env={"GIT_INDEX_FILE": str(self.index)}, ok=ok)

    def _drop_half_written(self, changes: dict[str, tuple[Entry | None, Entry | None]]) -> None:
        """Remove what a git that was killed left: the beginning of a new file, at the place of the old one."""
        root = Path(self.git.work_tree or "")
        for path, (_, new) in changes.items():
            place = root / path
            if new is None or place.is_symlink() or not place.is_file():
                continue
            found = place.read_bytes()
            whole = self.git.run("cat-file", "--filters", f"--path={path}", new.oid)
            if len(found) < len(whole) and whole.startswith(found):
                place.unlink()

    def _adopt(self, changes: dict[str, tuple[Entry | None, Entry | None]]) -> None:
        """Enter into the copy what the work tree already holds as the new commit has it."""
        held = self._entries()
        already = self._already(changes)
        lines = []
        for path, (old, new) in changes.items():
            if path in already and held.get(path) == old:
                mode, oid = (new.mode, new.oid) if new is not None else (0, ZERO)
                lines.append(b"%o %s\t%s\0" % (mode, oid.encode(), os.fsencode(path)))
        if lines:
            self._run("update-index", "-z", "--index-info", stdin=b"".join(lines))
            self._run("update-index", "-q", "--refresh", ok=(0, 1))

    def _entries(self) -> dict[str, Entry]:
        entries = {}
        for line in self._run("ls-files", "-s", "-z").split(b"\0"):
            if line:
                head, _, name = line.partition(b"\t")
                mode, oid, _ = head.split()
                entries[os.fsdecode(name)] = Entry(int(mode, 8), oid.decode())
        return entries

    def _already(self, changes: dict[str, tuple[Entry | None, Entry | None]]) -> set[str]:
        """The paths that lie in the work tree as the new commit has them (by git's own comparison)."""
        root = Path(self.git.work_tree or "")
        probe = self.index.with_name(self.index.name + "-probe")
        env = {"GIT_INDEX_FILE": str(probe)}
        _forget(probe)
        lines = [
            b"%o %s\t%s\0" % (new.mode, new.oid.encode(), os.fsencode(path))
            for path, (_, new) in changes.items()
            if new is not None
        ]
        try:
            self.git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), env=env)
            self.git.run("update-index", "-q", "--refresh", env=env, ok=(0, 1))
            out = self.git.run("diff-files", "--name-only", "--no-renames", "-z", env=env)
        finally:
            _forget(probe)
        different = {os.fsdecode(name) for name in out.split(b"\0") if name}
        return {
            path
            for path, (_, new) in changes.items()
            if (path not in different if new is not None else not os.path.lexists(root / path))
        }


def _changes(git: Git, old: str, new: str) -> dict[str, tuple[Entry | None, Entry | None]]:
    """The paths that differ between two commits, with what each holds there."""
    fields = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).split(b"\0")
    changes = {}
    for head, name in zip(fields[0::2], fields[1::2], strict=False):
        modes = head.decode().lstrip(":").split()
        before, after = ((int(mode, 8), oid) for mode, oid in ((modes[0], modes[2]), (modes[1], modes[3])))
        changes[os.fsdecode(name)] = (
            Entry(*before) if before[0] else None,
            Entry(*after) if after[0] else None,
        )
    return changes


@contextmanager
def held(git: Git) -> Iterator[Checkout]:
    """Hold a work tree's index; other git commands that would write it have to wait.

    Raises:
        ConflictError: another git command holds it.
        DeniedError: the folder can't be written.
    """
    import shutil

    place = Path(git.text("rev-parse", "--path-format=absolute", "--git-path", "index"))
    lock = place.with_name(place.name + ".lock")
    copy = place.with_name(f"{_COPY}{os.getpid()}")  # a git that a killed run started may still write to its own
    left_behind = _take(lock)
    try:
        for left in place.parent.glob(f"{_COPY}*"):
            if not _lives(left.name.removeprefix(_COPY).partition(".")[0].partition("-")[0]):
                left_behind = True
                _forget(left)
        if place.exists():
            shutil.copy2(place, copy)  # with its times: git tells by them which files to look at again
        yield Checkout(git, copy, place, left_behind)
    finally:
        _forget(copy)
        lock.unlink(missing_ok=True)


def _forget(index: Path) -> None:
    index.unlink(missing_ok=True)
    index.with_name(index.name + ".lock").unlink(missing_ok=True)


def _take(lock: Path) -> bool:
    """Take the lock; whether a killed run had left it."""
    deadline = time.monotonic() + _PATIENCE
    left_behind = False
    while True:
        try:
            _create(lock, _MARK + b"%d\n" % os.getpid())
            return left_behind
        except FileExistsError:
            if _left_behind(lock):
                left_behind = True
                lock.unlink(missing_ok=True)
                continue
            if time.monotonic() > deadline:
                raise ConflictError(
                    f"another git command works in this work tree ({lock} is there)",
                    remedy="wait for it; where none runs any more, a killed one left the file: remove it",
                ) from None
            time.sleep(0.05)
        except OSError as error:
            raise DeniedError(
                f"can't write {lock}: {error.strerror}", remedy="check the folder's permissions"
            ) from None


def _create(lock: Path, content: bytes) -> None:
    """Make the lock with its content at once, so that a kill leaves none without our mark."""
    beside = lock.with_name(f"fairlead-{os.getpid()}")
    try:
        beside.write_bytes(content)
        os.link(beside, lock)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with lock.open("xb") as handle:
            handle.write(content)
    finally:
        beside.unlink(missing_ok=True)


def _left_behind(lock: Path) -> bool:
    """Whether a fairlead that is no more made this lock."""
    try:
        with lock.open("rb") as handle:
            content = handle.read(64)
    except OSError:
        return False
    return content.startswith(_MARK) and not _lives(content[len(_MARK) :].decode("ascii", "replace"))


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and a polite kill wait until this is over, for us and the git that we start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
