"""The index of a checked-out branch: held by one, robbed from nobody, cleared of what a killed run left."""

import os
import subprocess
import sys

import pytest

from fairlead.doors.git import checkout
from fairlead.doors.git.checkout import held
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import ConflictError
from tests.support import commit, new_repo

FILES = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "repo"


@pytest.fixture
def repo(folder):
    return new_repo(folder, FILES)


@pytest.fixture
def dead():
    """The id of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def leftovers(folder):
    return sorted(p.name for p in (folder / ".git").iterdir() if "lock" in p.name or p.name.startswith("fairlead"))


def test_the_index_is_held_with_our_mark_and_let_go(repo, folder):
    with held(repo.git) as one:
        assert (folder / ".git/index.lock").read_bytes() == b"fairlead %d\n" % os.getpid()
        assert one.index.read_bytes() == (folder / ".git/index").read_bytes()
        assert not one.left_behind
    assert leftovers(folder) == []


def test_it_is_let_go_after_an_error_too(repo, folder):
    with pytest.raises(KeyError), held(repo.git):
        raise KeyError
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    "content", [b"", b"somebody else", b"fairlead x\n", b"fairlead 1\n", b"fairlead 99999999999999999999\n"]
)
def test_a_lock_that_is_not_known_to_be_left_behind_is_never_robbed(repo, folder, monkeypatch, content):
    monkeypatch.setattr(checkout, "_PATIENCE", 0.1)
    lock = folder / ".git/index.lock"
    lock.write_bytes(content)
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    with pytest.raises(ConflictError) as caught:
        repo.advance("main", new, old)
    assert str(lock) in caught.value.message
    assert lock.read_bytes() == content
    assert (repo.tip("main"), (folder / "a.yaml").read_text()) == (old, "a: 1\n")


def test_a_lock_and_a_copy_that_a_killed_run_left_are_cleared(repo, folder, dead):
    git_dir = folder / ".git"
    (git_dir / "index.lock").write_bytes(b"fairlead %d\n" % dead)
    (git_dir / f"fairlead-index-{dead}").write_bytes(b"half")
    (git_dir / f"fairlead-index-{dead}.lock").write_bytes(b"")
    (git_dir / f"fairlead-index-{dead}-probe").write_bytes(b"")
    (git_dir / f"fairlead-index-{os.getppid()}").write_bytes(b"of one that lives")
    with held(repo.git) as one:
        assert one.left_behind
    assert leftovers(folder) == [f"fairlead-index-{os.getppid()}"]


def test_half_a_file_that_a_killed_run_left_is_written_again_and_a_persons_is_not(repo, folder, dead):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2 # longer than before\n", "new": "whole\n"}, start="main")
    (folder / ".git/index.lock").write_bytes(b"fairlead %d\n" % dead)
    (folder / "a.yaml").write_text("a: 2 # lo")
    (folder / "new").write_text("wh")
    repo.move("refs/heads/main", new, old)
    repo.catch_up("main", old, new)
    assert (folder / "a.yaml").read_text() == "a: 2 # longer than before\n"
    assert (folder / "new").read_text() == "whole\n"
    (folder / ".git/index.lock").write_bytes(b"fairlead %d\n" % dead)
    newer = commit(repo, "side", {"a.yaml": "a: 3\n"})
    (folder / "a.yaml").write_text("my own words")
    with pytest.raises(ConflictError):
        repo.advance("main", newer, new)
    assert (folder / "a.yaml").read_text() == "my own words"


def test_an_index_that_is_not_there_yet_is_made(repo, folder):
    (folder / ".git/index").unlink()
    with held(repo.git) as one:
        assert not one.index.exists()
    opened = Repository.open(folder)
    assert opened is not None
    assert opened.index().files() == ()
    assert leftovers(folder) == []
