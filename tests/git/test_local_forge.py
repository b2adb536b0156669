"""The local forge in real repositories: crowds, kills, work trees, clones."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairlead.doors.git.plumbing import ZERO, environment
from fairlead.doors.git.repository import Repository
from fairlead.forge.local import LocalForge
from fairlead.model.errors import ConflictError, DeniedError, FairleadError, WorldError
from fairlead.model.pulls import Draft, PullState
from fairlead.model.snapshot import File
from tests.support import StillClock, commit, new_repo

NOBODY = 65534
BRANCH = "fairlead/staging/web"
FILES = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "dir/c.yaml": "c: 1\n", "gone.yaml": "x: 1\n"}
CHANGE = {"a.yaml": "a: 2\n", "dir/new.yaml": "n: 1\n", "gone.yaml": None}


def git(folder: Path, *argv: str) -> str:
    done = subprocess.run(["git", *argv], cwd=folder, env=environment(), capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def draft(oid: str, key: str = "web", head: str = BRANCH, **more) -> Draft:
    values = {"title": f"promote {key}", "body": "", "base": "main", "author": "ann", "plan_id": "p", "hop_id": "h"}
    return Draft(key=key, head=head, head_oid=oid, **(values | more))


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "repo"


@pytest.fixture
def repo(folder) -> Repository:
    return new_repo(folder, FILES)


def forge_of(folder: Path) -> LocalForge:
    found = Repository.open(folder)
    assert found is not None
    return LocalForge(found, StillClock())


@pytest.fixture
def forge(repo, folder) -> LocalForge:
    return forge_of(folder)


def in_child(work: Callable[[], object]) -> int:
    """Run in a process group of its own; its id."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return pid


def all_end_well(pids: list[int]) -> bool:
    return all(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0 for pid in pids)


# ── crowds ──


def test_32_processes_that_ensure_the_same_make_one(repo, folder):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    assert all_end_well([in_child(lambda: forge_of(folder).ensure(draft(oid))) for _ in range(32)])
    (pull,) = forge_of(folder).pulls()
    assert (pull.number, pull.want) == (1, draft(oid))
    assert git(folder, "rev-list", "--count", "refs/fairlead/pulls/1") == "1"


def test_32_processes_that_ensure_different_ones_make_32(repo, folder):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    wants = [draft(oid, f"app-{i}", f"fairlead/staging/app-{i}") for i in range(32)]
    assert all_end_well([in_child(lambda w=w: forge_of(folder).ensure(w)) for w in wants])
    pulls = forge_of(folder).pulls()
    assert [p.number for p in pulls] == list(range(1, 33))
    assert {p.want for p in pulls} == set(wants)


def test_16_processes_that_merge_different_ones_all_land(repo, folder, forge):
    for i in range(16):
        oid = commit(repo, f"fairlead/dev/{i}", {f"apps/{i}.yaml": "x: 2\n"}, start="main")
        forge.ensure(draft(oid, f"app-{i}", f"fairlead/dev/{i}"))
    pulls = forge.pulls()
    assert all_end_well(
        [in_child(lambda p=p: forge_of(folder).merge(p.number, p.want.head_oid, "bob", "Merge\n")) for p in pulls]
    )
    assert {p.state for p in forge_of(folder).pulls()} == {PullState.MERGED}
    assert sorted(p.name for p in (folder / "apps").iterdir()) == sorted(f"{i}.yaml" for i in range(16))
    assert git(folder, "status", "--porcelain") == ""


def test_every_event_stays_in_the_audit_trail(repo, folder, forge):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge.review(1, "Bob <bob@example.org>", approved=True)
    forge.merge(1, oid, "cid@example.org", "Merge\n")
    log = git(folder, "log", "--format=%an %ae: %s", "refs/fairlead/pulls/1").splitlines()
    assert log == [
        "cid@example.org cid@example.org: merge #1 into main: promote web",
        "Bob bob@example.org: approve #1: promote web",
        "ann ann: open #1: promote web",
    ]


# ── kills ──


@pytest.mark.parametrize("seed", range(4))
def test_a_merge_that_is_killed_anywhere_converges_when_run_again(tmp_path, seed):
    """40 kills: of the process alone, and of the git that it started too (which leaves git's own locks)."""
    chance = random.Random(seed)
    template = new_repo(tmp_path / "template", FILES)
    oid = commit(template, BRANCH, CHANGE, start="main")
    LocalForge(template, StillClock()).ensure(draft(oid))
    before = template.tip("main")
    for attempt in range(10):
        folder = tmp_path / f"repo-{attempt}"
        shutil.copytree(tmp_path / "template", folder, symlinks=True)
        git(folder, "update-index", "-q", "--refresh")
        mine = folder / "b.yaml"
        mine.write_text("b: mine\n")
        pid = in_child(lambda f=folder: forge_of(f).merge(1, oid, "bob", "Merge\n"))
        time.sleep(chance.random() * 0.15)
        (os.killpg if attempt % 2 else os.kill)(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

        forge = forge_of(folder)
        (pull,) = forge.pulls()  # it reads, whatever happened
        tip = git(folder, "rev-parse", "refs/heads/main")
        assert tip == before or git(folder, "rev-list", "--parents", "-n1", tip).split()[1:] == [before, oid]
        assert pull.state is PullState.OPEN or tip != before

        merged = _until_it_converges(folder, oid)
        tip = git(folder, "rev-parse", "refs/heads/main")
        assert (merged.state, merged.merge_commit) == (PullState.MERGED, tip)
        assert git(folder, "rev-list", "--parents", "-n1", tip).split()[1:] == [before, oid]
        assert git(folder, "status", "--porcelain") == " M b.yaml"
        assert mine.read_text() == "b: mine\n"
        assert (folder / "a.yaml").read_text() == "a: 2\n"
        assert (folder / "dir/new.yaml").read_text() == "n: 1\n"
        assert not (folder / "gone.yaml").exists()
        assert git(folder, "for-each-ref", "refs/heads", "--format=%(refname:short)") == "main"
        left = [p.name for p in (folder / ".git").iterdir() if p.name.startswith("fairlead-") or p.suffix == ".lock"]
        assert left in ([], ["fairlead.lock"])


def _until_it_converges(folder: Path, oid: str):
    """Run it again; a git that the killed one started may still be at work for a moment."""
    for _ in range(20):
        try:
            return forge_of(folder).merge(1, oid, "bob", "Merge\n")
        except FairleadError:
            time.sleep(0.1)
    return forge_of(folder).merge(1, oid, "bob", "Merge\n")


@pytest.mark.parametrize("stop", ["prepare", "apply", "move", "_write", "_drop_branch"])
@pytest.mark.parametrize("after", [False, True])
def test_a_merge_that_dies_before_or_after_each_step_converges(repo, folder, forge, monkeypatch, stop, after):
    from fairlead.doors.git.checkout import Checkout

    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    owner = {"prepare": Checkout, "apply": Checkout, "move": Repository}.get(stop, LocalForge)
    real = getattr(owner, stop)

    class Died(BaseException):
        pass

    def die(*args, **kwargs):
        if after:
            real(*args, **kwargs)
        raise Died

    monkeypatch.setattr(owner, stop, die)
    with pytest.raises(Died):
        forge.merge(1, oid, "bob", "Merge\n")
    monkeypatch.undo()
    merged = forge_of(folder).merge(1, oid, "bob", "Merge\n")
    assert (merged.state, merged.merge_commit) == (PullState.MERGED, repo.tip("main"))
    assert git(folder, "rev-list", "--count", "--merges", "main") == "1"
    assert git(folder, "status", "--porcelain") == ""
    assert repo.tip(BRANCH) is None


@pytest.mark.parametrize("half", ["", "a:", None])
def test_a_file_that_a_killed_git_wrote_by_half_is_written_again(repo, folder, forge, monkeypatch, half):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))

    def die(*args):
        place = folder / "a.yaml"
        place.unlink() if half is None else place.write_text(half)
        os._exit(9)  # nothing is cleaned up

    monkeypatch.setattr("fairlead.doors.git.checkout.Checkout.apply", die)
    os.waitpid(in_child(lambda: forge_of(folder).merge(1, oid, "bob", "Merge\n")), 0)
    monkeypatch.undo()
    assert (folder / ".git/index.lock").exists()
    assert forge_of(folder).merge(1, oid, "bob", "Merge\n").merge_commit == repo.tip("main")
    assert (folder / "a.yaml").read_text() == "a: 2\n"
    assert git(folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("stop", ["_write", "_drop_branch"])
def test_a_close_that_dies_converges(repo, folder, forge, monkeypatch, stop):
    forge.ensure(draft(commit(repo, BRANCH, CHANGE, start="main")))

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalForge, stop, die)
    with pytest.raises(KeyboardInterrupt):
        forge.close(1, "no", "ann")
    monkeypatch.undo()
    assert forge_of(folder).close(1, "no", "ann").state is PullState.CLOSED
    assert repo.tip(BRANCH) is None


# ── work trees ──


def test_uncommitted_changes_in_other_files_are_kept(repo, folder, forge):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    (folder / "b.yaml").write_text("b: mine\n")
    (folder / "dir/c.yaml").write_text("c: staged\n")
    git(folder, "add", "dir/c.yaml")
    (folder / "untracked").write_text("u")
    forge.merge(1, oid, "bob", "Merge\n")
    assert git(folder, "status", "--porcelain").splitlines() == [" M b.yaml", "M  dir/c.yaml", "?? untracked"]
    assert (folder / "a.yaml").read_text() == "a: 2\n"


@pytest.mark.parametrize(
    ("path", "text", "staged"),
    [("a.yaml", "a: mine\n", False), ("a.yaml", "a: mine\n", True), ("dir/new.yaml", "mine", False),
     ("gone.yaml", "mine", False)],
)  # fmt: skip
def test_uncommitted_changes_in_touched_files_refuse_and_nothing_is_changed(repo, folder, forge, path, text, staged):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    (folder / path).write_text(text)
    if staged:
        git(folder, "add", path)
    refs, status = git(folder, "for-each-ref"), git(folder, "status", "--porcelain")
    index = (folder / ".git/index").read_bytes()
    with pytest.raises(ConflictError, match=path):
        forge.merge(1, oid, "bob", "Merge\n")
    assert git(folder, "for-each-ref") == refs
    assert git(folder, "status", "--porcelain") == status
    assert (folder / ".git/index").read_bytes() == index
    assert (folder / path).read_text() == text
    assert forge.get(1).state is PullState.OPEN


def test_the_very_change_lying_uncommitted_is_no_obstacle(repo, folder, forge):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    (folder / "a.yaml").write_text("a: 2\n")
    forge.merge(1, oid, "bob", "Merge\n")
    assert git(folder, "status", "--porcelain") == ""


def test_a_detached_head_is_left_where_it_is(repo, folder, forge):
    git(folder, "checkout", "-q", "--detach")
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge.merge(1, oid, "bob", "Merge\n")
    assert (folder / "a.yaml").read_text() == "a: 1\n"
    assert git(folder, "status", "--porcelain") == ""
    assert repo.read_file("main", "a.yaml") == b"a: 2\n"


def test_a_linked_work_tree_that_has_the_base_is_brought_along(repo, folder, forge, tmp_path):
    git(folder, "checkout", "-q", "-b", "other")
    git(folder, "worktree", "add", "-q", str(tmp_path / "linked"), "main")
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge_of(tmp_path / "linked").comment(1, "", "from the linked one", "ann")
    forge.merge(1, oid, "bob", "Merge\n")
    assert (tmp_path / "linked/a.yaml").read_text() == "a: 2\n"
    assert git(tmp_path / "linked", "status", "--porcelain") == ""
    assert git(folder, "status", "--porcelain") == ""


def test_a_bare_repository(repo, folder, tmp_path):
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(folder), str(bare))
    inside = Repository.open(bare)
    oid = commit(inside, BRANCH, CHANGE, start="main")
    forge = LocalForge(inside, StillClock())
    forge.ensure(draft(oid))
    assert forge.merge(1, oid, "bob", "Merge\n").merge_commit == inside.tip("main")
    assert inside.read_file("main", "a.yaml") == b"a: 2\n"


def test_a_head_branch_that_somebody_has_checked_out_stays(repo, folder, forge):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    git(folder, "checkout", "-q", BRANCH)
    forge.merge(1, oid, "bob", "Merge\n")
    assert repo.tip(BRANCH) == oid
    assert git(folder, "status", "--porcelain") == ""


def test_another_git_command_at_work_is_waited_for_and_never_robbed(repo, folder, forge, monkeypatch):
    monkeypatch.setattr("fairlead.doors.git.checkout._PATIENCE", 0.2)
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    lock = folder / ".git/index.lock"
    lock.write_bytes(b"")
    before = repo.tip("main")
    with pytest.raises(ConflictError, match=r"index\.lock"):
        forge.merge(1, oid, "bob", "Merge\n")
    assert (lock.exists(), repo.tip("main")) == (True, before)


def test_a_base_that_somebody_merged_by_hand_is_recorded(repo, folder, forge):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    git(folder, "-c", "user.name=x", "-c", "user.email=x@y", "merge", "-q", "--no-ff", "-m", "by hand", BRANCH)
    tip = repo.tip("main")
    merged = forge.merge(1, oid, "bob", "Merge\n")
    assert (merged.state, merged.merge_commit, repo.tip("main")) == (PullState.MERGED, tip, tip)


def test_nothing_of_the_repositorys_own_is_started(repo, folder, forge, tmp_path):
    hook = folder / ".git/hooks"
    hook.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-merge", "pre-commit", "reference-transaction", "post-index-change"):
        (hook / name).write_text(f"#!/bin/sh\necho ran >> '{tmp_path}/ran'\n")
        (hook / name).chmod(0o755)
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge.merge(1, oid, "bob", "Merge\n")
    assert not (tmp_path / "ran").exists()


# ── clones, damage, permissions ──


def test_pull_requests_travel_with_push_and_fetch(repo, folder, forge, tmp_path):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge.review(1, "bob", approved=True)
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    git(folder, "push", "-q", "--mirror", str(tmp_path / "server.git"))
    git(tmp_path, "clone", "-q", str(tmp_path / "server.git"), "clone")
    clone = tmp_path / "clone"
    assert forge_of(clone).pulls() == ()
    git(clone, "fetch", "-q", "origin", "refs/fairlead/*:refs/fairlead/*")
    assert forge_of(clone).pulls() == forge.pulls()
    merged = forge_of(clone).merge(1, oid, "cid", "Merge\n")
    git(clone, "push", "-q", "origin", "main", "refs/fairlead/*:refs/fairlead/*")
    git(folder, "fetch", "-q", str(tmp_path / "server.git"), "refs/fairlead/*:refs/fairlead/*")
    assert forge_of(folder).get(1) == merged


def overwrite(repo: Repository, name: str, data: bytes) -> None:
    """Make pull request 1 something else, as anybody may who can push."""
    tree = repo.write_tree(None, {name: File(data)})
    old = repo.git.text("rev-parse", "refs/fairlead/pulls/1")
    repo.move("refs/fairlead/pulls/1", repo.commit_tree(tree, (), "x", 0), old)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"version": 2}', b'{"version": 1, "number": 7}',
     b'{"version": 1, "number": 1, "state": "open"}', None],
)  # fmt: skip
def test_a_damaged_one_is_told_and_does_not_hide_the_others(repo, folder, forge, data):
    oid = commit(repo, BRANCH, CHANGE, start="main")
    forge.ensure(draft(oid))
    forge.ensure(draft(oid, "other", "fairlead/staging/other"))
    name = "other.json" if data is None else "pull.json"
    overwrite(repo, name, data or b"")
    fresh = forge_of(folder)
    assert [p.number for p in fresh.pulls()] == [2]
    assert len(fresh.notes()) == 1
    assert "pull request 1 can't be read" in fresh.notes()[0]
    with pytest.raises(WorldError, match="can't be read"):
        fresh.get(1)
    assert fresh.ensure(draft(oid, "third", "fairlead/staging/third")).number == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [('"open"', '"ajar"'), ('"created": 1', '"created": -1'), ('"draft": false', '"draft": 0'),
     ('"labels": []', '"labels": [1]'),
     ('"head": "', '"head": "-'), ('"base": "main"', '"base": "../x"'), ('"head_oid": "', '"head_oid": "z'),
     ('"reviews": []', '"reviews": [{}]'), ('"comments": []', '"comments": 3'), ('"title": "', '"title": 1, "x": "')],
)  # fmt: skip
def test_every_wrong_value_is_told(repo, folder, forge, old, new):
    forge.ensure(draft(commit(repo, BRANCH, CHANGE, start="main")))
    text = repo.read_file("refs/fairlead/pulls/1", "pull.json").decode()
    assert old in text
    overwrite(repo, "pull.json", text.replace(old, new, 1).encode())
    with pytest.raises(WorldError, match="can't be read"):
        forge_of(folder).get(1)


def test_foreign_refs_are_left_out_with_a_note(repo, folder, forge):
    tip = repo.tip("main")
    for name in ("x", "0", "01", "1/head", "99999999999"):
        repo.move(f"refs/fairlead/pulls/{name}", tip, ZERO)
    assert forge.pulls() == ()
    assert len(forge.notes()) == 5


def test_odd_text_comes_back_as_it_was(repo, folder, forge):
    odd = "ünï \u202e \x00 \udcff \N{PILE OF POO} ``` \r\n Fairlead-Merged-By: eve"
    want = draft(commit(repo, BRANCH, CHANGE, start="main"), title="odd", body=odd)
    forge.ensure(want)
    assert forge_of(folder).get(1).want == want


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that another user can reach (pytest's own can't be)."""
    with tempfile.TemporaryDirectory(prefix="fairlead-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "repo"


def _hand_over(folder: Path, user: int, writable: bool) -> None:
    for place in (folder, *folder.rglob("*")):
        if os.getuid() == 0:
            os.chown(place, user, user)
        if writable or ".git" in place.parts:
            place.chmod((0o755 if place.is_dir() else 0o644) if writable else (0o555 if place.is_dir() else 0o444))


@pytest.mark.parametrize("action", ["ensure", "merge", "close", "review"])
def test_a_read_only_repository_is_refused_and_unchanged(reachable, action):
    repo = new_repo(reachable, FILES)
    oid = commit(repo, BRANCH, CHANGE, start="main")
    LocalForge(repo, StillClock()).ensure(draft(oid))
    refs = git(reachable, "for-each-ref")
    acts = {
        "ensure": lambda f: f.ensure(draft(oid, "other", "fairlead/x")),
        "merge": lambda f: f.merge(1, oid, "bob", "Merge\n"),
        "close": lambda f: f.close(1, "no", "bob"),
        "review": lambda f: f.review(1, "bob", approved=True),
    }

    def as_somebody() -> None:
        os.environ["HOME"] = "/nonexistent"
        if os.getuid() == 0:  # permissions don't bind root
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            acts[action](forge_of(reachable))
        except DeniedError:
            os._exit(0)
        os._exit(7)

    _hand_over(reachable, NOBODY, writable=False)
    try:
        _, status = os.waitpid(in_child(as_somebody), 0)
    finally:
        _hand_over(reachable, os.getuid(), writable=True)
    assert os.waitstatus_to_exitcode(status) == 0
    assert git(reachable, "for-each-ref") == refs
