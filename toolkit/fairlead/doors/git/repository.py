"""A repository as the jobs see it: snapshots, commits off to the side, one ref moved at a time, history."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.doors.fs import FolderSnapshot, Marks
from fairlead.doors.git.checkout import held, undisturbed
from fairlead.doors.git.history import Landing, begin_landings, commit_messages, landings
from fairlead.doors.git.plumbing import IDENTITY, ZERO, Git, GitFailed, environment
from fairlead.doors.git.snapshots import ObjectSnapshot, at_index, at_tree, at_work_tree, staged
from fairlead.model.errors import ConflictError, DeniedError, UsageError, WorldError
from fairlead.model.snapshot import File

if TYPE_CHECKING:
    import git as gitpython

_KEPT = 4


class Repository:
    """The one door to git. Nothing here touches the work tree but `advance`, and that never loses a change."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._at: dict[tuple[str, str | None], ObjectSnapshot] = {}  # the last few: listing a large tree takes its time

    @classmethod
    def open(cls, folder: Path) -> Repository | None:
        """The repository that holds a folder; None where there is none."""
        found = Git.discover(folder)
        return None if found is None else cls(found)

    @classmethod
    def create(cls, folder: Path, branch: str, message: str) -> Repository:
        """Make a folder's files the one commit of a new repository."""
        import git as gitpython

        # A hook's GIT_DIR must not decide where this repository goes.
        place = {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder)}
        place |= {"GIT_COMMON_DIR": place["GIT_DIR"], "GIT_OBJECT_DIRECTORY": str(folder / ".git" / "objects")}
        try:
            git = gitpython.Git(folder)
            git.init(initial_branch=branch, template="", object_format="sha1", env=place)
        except gitpython.GitCommandError as error:
            raise WorldError(f"git init failed: {str(error.stderr).strip()}") from None
        made = cls.open(folder)
        if made is None:  # pragma: no cover  init would have raised
            raise WorldError(f"git made no repository in {folder}")
        try:
            made.git.run("add", "--all", "--force")  # whatever the user's own excludes say
            tree = made.git.text("write-tree")
        except GitFailed as error:
            raise made._refused(error) from None
        made.move(f"refs/heads/{branch}", made.commit_tree(tree, (), message, None), ZERO)
        return made

    def ignores(self, path: Path) -> bool:
        """Whether the repository's ignore rules leave a path out."""
        try:
            self.git.run("check-ignore", "--quiet", "--", str(path))
        except GitFailed:
            return False
        return True

    @cached_property
    def _python(self) -> gitpython.Repo:
        import git as gitpython

        repo = gitpython.Repo(self.git.git_dir, expand_vars=False)
        repo.git.update_environment(**{k: v for k, v in environment().items() if k.startswith(("GIT_", "LC_"))})
        return repo

    # ── where we are ──

    @property
    def root(self) -> str:
        """The work tree, or the git folder of a bare repository."""
        return self.git.work_tree or self.git.git_dir

    @cached_property
    def common_dir(self) -> Path:
        """The git folder; of a linked work tree, that of the repository it belongs to."""
        return Path(self.git.text("rev-parse", "--path-format=absolute", "--git-common-dir"))

    def head_branch(self) -> str | None:
        """The branch that is checked out; None for a detached HEAD."""
        try:
            return self.git.text("symbolic-ref", "--quiet", "--short", "HEAD")
        except GitFailed:
            return None

    def tip(self, branch: str) -> str | None:
        """The commit at a branch's tip."""
        return self.git.resolve(f"refs/heads/{branch}")

    def branches(self) -> tuple[str, ...]:
        """All local branches."""
        return tuple(h.name for h in self._python.heads)

    def remote_head(self) -> str | None:
        """The default branch of `origin`, as far as this clone knows."""
        try:
            name = self.git.text("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
        except GitFailed:
            return None
        return name.removeprefix("origin/")

    def origin(self) -> str:
        """Where this was cloned from, without a login in it; empty where from nowhere."""
        try:
            url = self.git.text("config", "--get", "remote.origin.url")
        except GitFailed:
            return ""
        head, sign, rest = url.partition("://")
        return head + sign + rest.rpartition("@")[2]

    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        shallow = self.common_dir / "shallow"
        return shallow.is_file() and shallow.stat().st_size > 0

    def identity(self) -> str:
        """Who works here, as git's configuration says, else as the system does."""
        try:
            email = self.git.text("config", "--get", "user.email")
        except GitFailed:
            email = ""
        if email:
            return email
        return os.environ.get("USER") or os.environ.get("LOGNAME") or "somebody"

    # ── snapshots ──

    def at(self, revision: str) -> ObjectSnapshot:
        """The files of a commit or tree. Raises UsageError for a revision that isn't there."""
        commit = self.git.resolve(revision)
        found = self.git.find(f"{commit or revision}^{{tree}}")
        if found is None:
            raise UsageError(
                f"there is no commit {revision!r} in this clone",
                remedy="git fetch --unshallow" if self.is_shallow() else "git log shows what there is",
            )
        key = (found[0], commit)
        listed = self._at.pop(key, None) or at_tree(self.git, *key)
        self._at[key] = listed
        if len(self._at) > _KEPT:
            del self._at[next(iter(self._at))]
        return listed

    def fork(self, revision: str, head: str) -> str:
        """The commit at which the history of `head` left that of a revision; the revision's where there is none.

        Raises:
            UsageError: for a revision that isn't there.
        """
        known = []
        for name in (revision, head):
            commit = self.git.resolve(name)
            if commit is None:
                raise UsageError(
                    f"there is no commit {name!r} in this clone",
                    remedy="git fetch --unshallow" if self.is_shallow() else "git log shows what there is",
                )
            known.append(commit)
        return self.merge_base(*known) or known[0]

    def index(self) -> ObjectSnapshot:
        """What is staged."""
        return at_index(self.git)

    def work_tree(self, known: Marks | None = None) -> FolderSnapshot:
        """The files as they lie there; `known` is what they looked like earlier.

        Raises:
            UsageError: in a bare repository.
        """
        if self.git.work_tree is None:
            raise UsageError("a bare repository has no work tree", remedy="name a commit with --at, or use a clone")
        return at_work_tree(self.git, known)

    def staged(self) -> tuple[ObjectSnapshot | None, ObjectSnapshot, tuple[str, ...]]:
        """What is committed (None: nothing yet), what is staged, and the paths that differ, removed ones included."""
        head = self.git.find("HEAD^{tree}")
        return staged(self.git, None if head is None else head[0])

    def changed_paths(self, old: str, new: str) -> tuple[str, ...]:
        """Paths that differ between two commits or trees."""
        out = self.git.run("diff-tree", "-r", "--name-only", "--no-renames", "-z", old, new)
        return tuple(os.fsdecode(n) for n in out.split(b"\0") if n)

    def tree_of(self, revision: str, path: str) -> str:
        """The tree id of a folder in a commit or tree; empty where it isn't there."""
        found = self.git.find(f"{revision}:{path}" if path else f"{revision}^{{tree}}")
        return found[0] if found is not None and found[1] == "tree" else ""

    # ── writing ──

    def write_tree(self, base: str | None, files: Mapping[str, File | None]) -> str:
        """The tree that these files make of a base tree, built in an index of its own.

        Raises:
            UsageError: for a path that no file of a repository can have; git would leave it out without a word.
        """
        import tempfile

        for path in files:
            if "\0" in path or any(part.lower() in ("", ".", "..", ".git") for part in path.split("/")):
                raise UsageError(f"{path!r} can't be a file of a repository", remedy="name a path inside of it")
        with tempfile.TemporaryDirectory(prefix="fairlead-index-") as folder:
            scope = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            try:
                if base is not None:
                    self.git.run("read-tree", base, env=scope)
                written = {path: file for path, file in sorted(files.items()) if file is not None}
                oids = self.git.write_blobs([file.data for file in written.values()])
                lines = [
                    b"%o %s\t%s" % (file.mode, oid.encode(), os.fsencode(path))
                    for (path, file), oid in zip(written.items(), oids, strict=True)
                ]
                lines += [
                    b"0 %s\t%s" % (ZERO.encode(), os.fsencode(path)) for path, file in files.items() if file is None
                ]
                self.git.run("update-index", "-z", "--index-info", stdin=b"".join(x + b"\0" for x in lines), env=scope)
                return self.git.text("write-tree", env=scope)
            except GitFailed as error:
                raise self._refused(error) from None

    def commit_tree(
        self, tree: str, parents: Sequence[str], message: str, time: int | None, author: str = IDENTITY
    ) -> str:
        """A commit object; with a fixed identity and time the same content gives the same id.

        `time` in seconds since the epoch; None for now.
        """
        name, _, mail = author.rstrip(">").partition(" <")
        env = {"GIT_AUTHOR_NAME": name or mail, "GIT_AUTHOR_EMAIL": mail or name}
        env |= {"GIT_COMMITTER_NAME": "fairlead", "GIT_COMMITTER_EMAIL": "fairlead@localhost"}
        if time is not None:
            env |= {"GIT_AUTHOR_DATE": f"@{time} +0000", "GIT_COMMITTER_DATE": f"@{time} +0000"}
        argv = ["commit-tree", "--no-gpg-sign", tree, "-F", "-"]
        for parent in parents:
            argv += ["-p", parent]
        try:
            return self.git.text(*argv, stdin=message.encode("utf-8", "replace"), env=env)
        except GitFailed as error:
            raise self._refused(error) from None

    def commit_time(self, commit: str) -> int:
        """The committer date, in seconds since the epoch."""
        return int(self.git.text("show", "-s", "--format=%ct", commit))

    def store_blob(self, data: bytes) -> str:
        """Store bytes as a blob; its id."""
        try:
            return self.git.write_blobs([data])[0]
        except GitFailed as error:
            raise self._refused(error) from None

    def move(self, ref: str, new: str, old: str) -> None:
        """Move one ref from `old` (forty zeros: it must not exist) to `new` (zeros: delete).

        Raises:
            ConflictError: where it stands elsewhere by now.
        """
        try:
            if new == ZERO:
                self.git.run("update-ref", "-d", ref, old)
            else:
                self.git.run("update-ref", "-m", "fairlead", ref, new, old)
        except GitFailed as error:
            words = ("expected", "exists", "unable to resolve reference")
            if "cannot lock ref" in error.stderr and any(word in error.stderr for word in words):
                raise ConflictError(f"{ref} has moved meanwhile", remedy="run the command again") from None
            raise self._refused(error) from None

    def advance(self, branch: str, new: str, old: str) -> None:
        """Move a branch; where it is the one checked out, bring index and work tree along.

        Files that the move doesn't touch keep their uncommitted changes; where it touches a changed file,
        nothing at all happens.

        Raises:
            ConflictError: the branch moved meanwhile, or uncommitted changes stand in the way.
        """
        ref = f"refs/heads/{branch}"
        checked_out = self._checked_out(branch)
        if checked_out is None:
            self.move(ref, new, old)
            return
        with held(checked_out) as checkout:
            checkout.prepare(old, new)
            with undisturbed():
                self.move(ref, new, old)
                try:
                    checkout.apply(old, new)
                except (GitFailed, OSError) as error:
                    self.move(ref, old, new)
                    raise self._refused(error) if isinstance(error, GitFailed) else error from None

    def catch_up(self, branch: str, old: str, new: str) -> None:
        """Finish an `advance` that was killed after the branch had moved: bring index and work tree along.

        Nothing happens where they are there already, or where the branch isn't checked out.

        Raises:
            ConflictError: files that this would change were changed since.
        """
        checked_out = self._checked_out(branch)
        if checked_out is None:
            return
        with held(checked_out) as checkout:
            checkout.prepare(old, new)
            with undisturbed():
                try:
                    checkout.apply(old, new)
                except GitFailed as error:
                    raise self._refused(error) from None

    def is_checked_out(self, branch: str) -> bool:
        """Whether a work tree of this repository has the branch checked out."""
        return self._checked_out(branch) is not None

    def _checked_out(self, branch: str) -> Git | None:
        """The work tree, ours or a linked one, that has the branch checked out."""
        if self.git.work_tree is not None and self.head_branch() == branch:
            return self.git
        for block in self.git.text("worktree", "list", "--porcelain").split("\n\n"):
            lines = block.splitlines()
            if f"branch refs/heads/{branch}" in lines:
                folder = Path(lines[0].removeprefix("worktree "))
                found = Git.discover(folder) if folder.is_dir() else None
                if found is not None and found.work_tree is not None:
                    return found
        return None

    def _refused(self, error: GitFailed) -> WorldError | DeniedError:
        text = error.stderr.strip()
        if "ermission denied" in text or "Read-only file system" in text or "insufficient permission" in text:
            return DeniedError(f"git may not write in {self.git.git_dir}", remedy="check the folder's permissions")
        return WorldError(f"git {error.argv[0]} failed: {text[-300:] or error.code}", remedy="nothing was changed")

    # ── refs and history ──

    def refs(self, prefix: str) -> dict[str, str]:
        """Refs below a prefix -> object ids."""
        out = self.git.text("for-each-ref", "--format=%(objectname) %(refname)", prefix)
        return {name: oid for oid, _, name in (line.partition(" ") for line in out.splitlines())}

    def read_file(self, revision: str, path: str) -> bytes | None:
        """A file of a commit; None where it isn't there."""
        found = self.git.object(f"{revision}:{path}")
        return found[1] if found is not None and found[0] == "blob" else None

    def message(self, commit: str) -> str:
        """A commit's message."""
        found = self.git.object(commit)
        return found[1].partition(b"\n\n")[2].decode("utf-8", "replace") if found is not None else ""

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        try:
            self.git.run("merge-base", "--is-ancestor", old, new)
        except GitFailed:
            return False
        return True

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits; None for unrelated histories."""
        try:
            return self.git.text("merge-base", one, other).splitlines()[0]
        except GitFailed:
            return None

    def messages_between(self, base: str, head: str) -> tuple[str, ...]:
        """The messages of the commits that `head` has and `base` has not, oldest first."""
        argv = ["log", "--reverse", "--topo-order", "--format=%B%x00", "--end-of-options", f"{base}..{head}"]
        out = self.git.run(*argv)
        return tuple(text.strip() for text in out.decode("utf-8", "replace").split("\0") if text.strip())

    def first_parents(self, base: str, head: str, paths: Sequence[str] = ()) -> tuple[str, ...]:
        """The first-parent commits that `head` has and `base` (if any) has not, oldest first; of some paths, if any."""
        argv = ["rev-list", "--first-parent", "--reverse", head, *((f"^{base}",) if base else ())]
        return tuple(self.git.text(*argv, *(("--", *paths) if paths else ())).split())

    def holds(self, tip: str, head: str) -> bool:
        """Whether all that a head does is in a tip already: merged, squashed or rebased."""
        from fairlead.doors.git.merging import merge_trees

        fork = self.merge_base(tip, head) if self.git.resolve(head) is not None else None
        if fork is None:
            return False
        merged = merge_trees(self.git, fork, tip, head)
        return not merged.conflicts and merged.tree == self.tree_of(tip, "")

    def landed(self, head: str, tip: str) -> tuple[str, str] | None:
        """The first-parent commit by which `tip` came to contain `head`, and its parent; None where not.

        `head` itself, with its own parent, where the branch was moved onto it without a merge.
        """
        if not self.is_ancestor(head, tip):
            return None
        listing = self.git.text("rev-list", "--first-parent", "--parents", tip, f"^{head}")
        rows = [line.split() for line in reversed(listing.splitlines())]
        on_the_way = not rows or rows[0][1:2] == [head]  # the branch itself was moved onto it
        for row in () if on_the_way else rows:
            if len(row) > 2 and (head in row[2:] or self.is_ancestor(head, row[0])):
                return row[0], row[1]
        parents = self.git.text("rev-list", "--parents", "-n", "1", head).split()
        return head, parents[1] if len(parents) > 1 else ""

    def landings(self, tip: str, under: Sequence[str] = ()) -> tuple[Landing, ...]:
        """The first-parent history of a tip, newest first, for changes below the given paths (all where none)."""
        return landings(self.git, tip, under)

    def begin_landings(self, tip: str) -> None:
        """Have git read all of that history meanwhile, for who asks for it later."""
        begin_landings(self.git, tip)

    def commit_messages(self, ref: str) -> tuple[tuple[str, int, str], ...]:
        """(commit, committer date, message) of a chain of commits, newest first; empty where there is no ref."""
        return () if self.git.resolve(ref) is None else commit_messages(self.git, ref)
