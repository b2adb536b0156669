"""git's plumbing as plain commands: what GitPython would do thirty times slower, or not exactly.

Nothing from the repository's configuration is started: hooks and the file system monitor are switched off,
no filters, no text conversion, no prompts.
"""

from __future__ import annotations

import os
import re
import subprocess  # sh takes 100 ms to import and can't hold `cat-file --batch` open; this is the pre-commit path
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from fairlead.doors.git.loose import objects_folder, read
from fairlead.model.errors import UsageError, WorldError

ZERO = "0" * 40
_PLAIN = re.compile(r"[0-9a-f]{40}|HEAD|refs/[\w./+-]+")  # what asks nothing of a name but to be there
_HEAD = re.compile(rb"([0-9a-f]{40,64}) (blob|tree|commit|tag) ([0-9]+)\n")
HARDENED = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotePath=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "protocol.ext.allow=never",
    "-c", "log.showSignature=false",
    "-c", "core.commitGraph=true",
)  # fmt: skip
IDENTITY = "fairlead <fairlead@localhost>"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment without what would point git elsewhere, trace secrets, or ask."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in ("GIT_SSH_COMMAND", "GIT_ASKPASS")}
    env |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
    env.setdefault("HOME", "/nonexistent")
    return env | dict(extra or {})


class GitFailed(Exception):  # noqa: N818  it is caught and turned into an error with a remedy
    """git said no; `code` and `stderr` as it gave them."""

    def __init__(self, argv: tuple[str, ...], code: int, stderr: str) -> None:
        super().__init__(f"git {argv[0]}: {stderr.strip() or f'exit {code}'}")
        self.argv = argv
        self.code = code
        self.stderr = stderr


_early: dict[str, Git] = {}


def listing(tree: str) -> tuple[str, ...]:
    """The command that lists all files and folders of a tree."""
    return ("ls-tree", "-r", "-t", "-z", "--full-tree", "--end-of-options", tree)


def list_early() -> None:
    """Have git list what is committed in this folder's repository, for who opens it a moment later.

    Python has much to read before it gets there. What is wrong with the folder is told then.
    """
    with suppress(UsageError, WorldError, OSError):
        folder = Path.cwd().resolve()
        git = Git.discover(folder)
        tree = git.resolve("HEAD", "tree") if git is not None else None
        if git is not None and tree is not None:
            git.begin(*listing(tree))
            _early[str(folder)] = git


class Git:
    """One repository's plumbing."""

    def __init__(self, git_dir: str, work_tree: str | None) -> None:
        self.git_dir = git_dir
        self.work_tree = work_tree
        self._batch: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._begun: dict[tuple[str, ...], tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
        self._lock = threading.Lock()

    @classmethod
    def discover(cls, folder: Path) -> Git | None:
        """The repository that holds a folder; None where there is none.

        Raises:
            WorldError: where git is missing.
            UsageError: where git refuses the repository (owned by somebody else).
        """
        if str(folder) in _early:
            return _early.pop(str(folder))
        try:
            done = subprocess.run(
                ["git", *HARDENED, "rev-parse", "--absolute-git-dir", "--is-bare-repository", "--show-toplevel"],
                cwd=folder, env=environment(), capture_output=True, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except FileNotFoundError:
            if not folder.is_dir():
                raise UsageError(f"there is no folder {folder}") from None
            raise WorldError("git is missing", remedy="install git 2.34 or later") from None
        except NotADirectoryError:
            raise UsageError(f"{folder} is not a folder") from None
        lines = os.fsdecode(done.stdout).splitlines()
        if len(lines) < 2:
            message = done.stderr.decode("utf-8", "replace")
            if "dubious ownership" in message:
                raise UsageError(message.splitlines()[0], remedy="git config --global --add safe.directory <folder>")
            return None
        return cls(lines[0], lines[2] if lines[1] == "false" and len(lines) > 2 else None)

    def run(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> bytes:
        """Run a command in the repository. Raises GitFailed for other exit codes than `ok`."""
        if stdin is None and env is None and argv in self._begun:
            process, said = self._begun.pop(argv)
            if process.wait() == 0:
                with said:
                    said.seek(0)
                    return said.read()
            said.close()
        done = subprocess.run(
            self._command(argv), cwd=self.work_tree or self.git_dir, env=environment(env), capture_output=True,
            check=False, input=b"" if stdin is None else stdin,
        )  # fmt: skip
        if done.returncode not in ok:
            raise GitFailed(argv, done.returncode, done.stderr.decode("utf-8", "replace"))
        return bytes(done.stdout)

    def _command(self, argv: tuple[str, ...]) -> list[str]:
        place = [] if self.work_tree is None else [f"--work-tree={self.work_tree}"]
        return ["git", f"--git-dir={self.git_dir}", *place, *HARDENED, *argv]

    def begin(self, *argv: str) -> None:
        """Start a command of which the output is asked for later, by `run` with the same words; it only reads."""
        import tempfile

        if argv not in self._begun:
            said = tempfile.TemporaryFile(prefix="fairlead-")  # noqa: SIM115  it is read and closed by `run`
            process = subprocess.Popen(
                self._command(argv), cwd=self.work_tree or self.git_dir, env=environment(), stdin=subprocess.DEVNULL,
                stdout=said, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._begun[argv] = process, said

    def text(self, *argv: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """Like `run`, decoded (file names keep odd bytes as surrogates), without the final newline."""
        return os.fsdecode(self.run(*argv, stdin=stdin, env=env)).rstrip("\n")

    def object(self, name: str) -> tuple[str, bytes] | None:
        """Type and bytes of an object by its id (or any name that holds no newline); None where it isn't."""
        found = self._ask(name)
        return None if found is None else (found[1], found[2])

    def find(self, name: str) -> tuple[str, str] | None:
        """Id and type of what a name leads to; None where it leads nowhere."""
        found = self._ask(name)
        return None if found is None else (found[0], found[1])

    def _ask(self, name: str) -> tuple[str, str, bytes] | None:
        if "\n" in name:
            return None
        with self._lock:
            if self._owner != os.getpid():  # of a process that was forked the pipes belong to the other one
                self._batch, self._owner = None, os.getpid()
            if self._batch is None or self._batch.poll() is not None:
                self._batch = subprocess.Popen(
                    ["git", f"--git-dir={self.git_dir}", *HARDENED, "cat-file", "--batch"],
                    env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            source, sink = self._batch.stdout, self._batch.stdin
            assert source is not None
            assert sink is not None
            sink.write(os.fsencode(name) + b"\n")
            sink.flush()
            head = _HEAD.fullmatch(source.readline())
            if head is None:  # "… missing", where a name may hold spaces
                return None
            oid, kind, size = head.groups()
            data = source.read(int(size) + 1)
            return oid.decode(), kind.decode(), data[:-1]

    def blob(self, oid: str) -> bytes:
        """The bytes of a blob. Raises WorldError where the clone doesn't have it."""
        found = self.object(oid)
        if found is None or found[0] != "blob":
            raise WorldError(f"this clone lacks the object {oid}", remedy="git fetch --unshallow (or --refetch)")
        return found[1]

    def objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """The bytes of many objects, by one process at most. Raises WorldError where the clone doesn't have one."""
        found = read(objects_folder(self.git_dir), ids)
        packed = self._packed([one for one in ids if one not in found])
        for one in ids:
            yield found[one] if one in found else next(packed)

    def _packed(self, ids: Sequence[str]) -> Iterator[bytes]:
        asked = "".join(f"{one}\n" for one in ids).encode()
        try:
            said, at = self.run("cat-file", "--batch", "--buffer", stdin=asked) if ids else b"", 0
        except GitFailed as error:
            raise WorldError(f"git can't read what this clone has: {error.stderr.strip()}", remedy="git fsck") from None
        for one in ids:
            line = said.index(b"\n", at)
            head = _HEAD.fullmatch(said[at : line + 1])
            if head is None:
                raise WorldError(f"this clone lacks the object {one}", remedy="git fetch --unshallow (or --refetch)")
            end = line + 1 + int(head[3])
            yield said[line + 1 : end]
            at = end + 1

    def resolve(self, revision: str, kind: str = "commit") -> str | None:
        """The id that a revision names, peeled to a commit or tree; None where it names none."""
        if revision.startswith("-") or "\n" in revision or "\0" in revision:
            return None
        if _PLAIN.fullmatch(revision) and ".." not in revision:
            found = self.find(f"{revision}^{{{kind}}}")  # by the process that runs already
            return None if found is None else found[0]
        try:
            return self.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{{kind}}}")
        except GitFailed:
            return None

    def write_blobs(self, blobs: Sequence[bytes]) -> list[str]:
        """Store blobs, without filters, by one process; their ids in order."""
        import tempfile

        if not blobs:
            return []
        with tempfile.TemporaryDirectory(prefix="fairlead-blobs-") as folder:
            places = [Path(folder) / str(number) for number in range(len(blobs))]
            for place, data in zip(places, blobs, strict=True):
                place.write_bytes(data)
            names = b"".join(os.fsencode(place) + b"\n" for place in places)
            return self.text("hash-object", "-w", "--no-filters", "-t", "blob", "--stdin-paths", stdin=names).split()

    def close(self) -> None:
        """End the processes that run."""
        with self._lock:
            for process, said in self._begun.values():
                process.kill()
                process.wait()
                said.close()
            self._begun.clear()
            if self._batch is not None:
                for pipe in (self._batch.stdin, self._batch.stdout):
                    if pipe is not None:
                        pipe.close()
                self._batch.wait()
                self._batch = None

    def __del__(self) -> None:
        self.close()
