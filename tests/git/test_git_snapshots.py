"""The same content is the same snapshot, wherever it is read from: folder, work tree, index, commit."""

import os
import subprocess

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.git.plumbing import environment
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import UsageError, WorldError
from fairlead.model.snapshot import (
    EXECUTABLE,
    REGULAR,
    SYMLINK,
    AtFolder,
    AtIndex,
    AtTree,
    Entry,
    File,
    blob_id,
    follow,
)

ODD = {
    "plain.yaml": b"a: b\n",
    "crlf.yaml": b"a: b\r\n",
    "with space/x y.yaml": b"1",
    "--option": b"2",
    "-": b"3",
    "new\nline/a\tb": b"4",
    "\udcff\udcfe/\udc80": b"5",
    "é/😀.yaml": b"6",
    "e\u0301": b"7",
    "quote\"'": b"8",
    "back\\slash": b"9",
    ":(glob)*": b"10",
    "a/b/c/d/e": b"11",
    "a.b": b"12",
    "a0": b"13",
    "empty": b"",
    "binary": bytes(range(256)),
}


def git(folder, *argv, check=True):
    done = subprocess.run(["git", *argv], cwd=folder, env=environment(), capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return os.fsdecode(done.stdout).rstrip("\n")


@pytest.fixture
def repo(tmp_path):
    for path, data in ODD.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (tmp_path / "run").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "a/link").symlink_to("../plain.yaml")
    (tmp_path / "folder-link").symlink_to("a/b")
    (tmp_path / "dangling").symlink_to("/nowhere/at/all")
    return Repository.create(tmp_path, "main", "Begin")


def everything(snapshot):
    return {path: (snapshot.entry(path), snapshot.read(path)) for path in snapshot.files()}


def test_all_four_agree_file_by_file(repo, tmp_path):
    expected = {path: (Entry(REGULAR, blob_id(data)), data) for path, data in ODD.items()} | {
        "run": (Entry(EXECUTABLE, blob_id(b"#!/bin/sh\n")), b"#!/bin/sh\n"),
        "a/link": (Entry(SYMLINK, blob_id(b"../plain.yaml")), b"../plain.yaml"),
        "folder-link": (Entry(SYMLINK, blob_id(b"a/b")), b"a/b"),
        "dangling": (Entry(SYMLINK, blob_id(b"/nowhere/at/all")), b"/nowhere/at/all"),
    }
    views = {
        "folder": FolderSnapshot(str(tmp_path)),
        "work tree": repo.work_tree(),
        "index": repo.index(),
        "commit": repo.at("HEAD"),
        "tree": repo.at(repo.tree_of("HEAD", "")),
    }
    assert {name: everything(view) == expected for name, view in views.items()} == dict.fromkeys(views, True)
    for under in ("", "a", "a/b", "with space", "new\nline", "\udcff\udcfe", "run", "nowhere"):
        files = {name: view.files(under) for name, view in views.items()}
        assert len(set(files.values())) == 1, files
        if under != "folder-link":
            assert {view.is_dir(under) for view in views.values()} == {bool(files["index"])}
    assert {follow(view, "folder-link/c") for view in views.values()} == {"a/b/c"}
    assert {follow(view, "dangling") for view in views.values()} == {None}


def test_each_says_where_it_is_read_from(repo, tmp_path):
    commit = git(tmp_path, "rev-parse", "HEAD")
    tree = git(tmp_path, "rev-parse", "HEAD^{tree}")
    assert repo.at("main").anchor == AtTree(str(tmp_path / ".git"), tree, commit)
    assert repo.at(tree).anchor == AtTree(str(tmp_path / ".git"), tree, None)
    assert repo.index().anchor == AtIndex(str(tmp_path / ".git"))
    assert repo.work_tree().anchor == AtFolder(str(tmp_path))
    assert repo.at("main").tree("a/b") == git(tmp_path, "rev-parse", "HEAD:a/b")
    assert (repo.at("main").tree("nowhere"), repo.index().tree("a")) == ("", "")


def test_what_is_missing_is_told_as_missing(repo):
    for view in (repo.work_tree(), repo.index(), repo.at("HEAD")):
        assert (view.entry("nowhere"), view.entry("a"), view.files("nowhere")) == (None, None, ())
        with pytest.raises(KeyError):
            view.read("nowhere")


def test_edits_on_a_commit(repo):
    edited = repo.at("HEAD").with_files({"plain.yaml": None, "new": File(b"n")})
    assert set(edited.files()) == (set(repo.at("HEAD").files()) - {"plain.yaml"}) | {"new"}
    assert edited.read("crlf.yaml") == b"a: b\r\n"


def test_the_work_tree_has_what_git_would_add_and_not_what_is_gone_or_ignored(repo, tmp_path):
    (tmp_path / ".gitignore").write_text("*.log\n/build/\n")
    (tmp_path / "x.log").write_text("")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/y").write_text("")
    (tmp_path / "untracked").write_text("u")
    (tmp_path / "plain.yaml").unlink()
    (tmp_path / "empty").write_bytes(b"not any more")
    view = repo.work_tree()
    assert set(view.files()) == (set(ODD) - {"plain.yaml"}) | {
        "run", "a/link", "folder-link", "dangling", ".gitignore", "untracked",
    }  # fmt: skip
    assert (view.read("empty"), view.read("x.log"), view.entry("plain.yaml")) == (b"not any more", b"", None)


def test_the_index_has_exactly_what_is_staged(repo, tmp_path):
    (tmp_path / "plain.yaml").write_text("staged")
    git(tmp_path, "add", "plain.yaml")
    (tmp_path / "plain.yaml").write_text("later")
    (tmp_path / "new").write_text("unstaged")
    git(tmp_path, "rm", "--cached", "-q", "empty", "new\nline/a\tb")
    view = repo.index()
    assert view.read("plain.yaml") == b"staged"
    assert set(repo.at("HEAD").files()) - set(view.files()) == {"empty", "new\nline/a\tb"}
    base, index, paths = repo.staged()
    assert sorted(paths) == ["empty", "new\nline/a\tb", "plain.yaml"]
    assert _entries(index) == _entries(view)
    assert _entries(base) == _entries(repo.at("HEAD"))
    assert base.read("plain.yaml") == repo.at("HEAD").read("plain.yaml")
    assert base.anchor.tree == repo.at("HEAD").anchor.tree


def _entries(snapshot):
    return {path: snapshot.entry(path) for path in snapshot.files()}


def test_a_hook_says_which_index_is_committed(repo, tmp_path, monkeypatch):
    other = tmp_path / ".git" / "other-index"
    monkeypatch.chdir(tmp_path)
    subprocess.run(
        ["git", "rm", "--cached", "-q", "empty"],
        env=environment({"GIT_INDEX_FILE": str(other)}) | {"GIT_DIR": ".git"},
        check=False, capture_output=True,
    )  # fmt: skip
    subprocess.run(["git", "read-tree", "--empty"], env=environment({"GIT_INDEX_FILE": str(other)}), check=True)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    assert repo.index().files() == ()
    assert set(repo.staged()[2]) == set(repo.at("HEAD").files())


def test_of_a_path_in_conflict_the_index_has_our_side(repo, tmp_path):
    git(tmp_path, "checkout", "-q", "-b", "theirs")
    (tmp_path / "plain.yaml").write_text("theirs")
    git(tmp_path, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qam", "theirs")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "plain.yaml").write_text("ours")
    git(tmp_path, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qam", "ours")
    git(tmp_path, "-c", "user.name=x", "-c", "user.email=x", "merge", "-q", "theirs", check=False)
    assert repo.index().read("plain.yaml") == b"ours"
    base, index, paths = repo.staged()
    assert (base.read("plain.yaml"), index.read("plain.yaml"), paths) == (b"ours", b"ours", ("plain.yaml",))
    assert _entries(base) == _entries(repo.at("HEAD"))


def test_submodules_are_left_out(repo, tmp_path):
    commit = git(tmp_path, "rev-parse", "HEAD")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    tree = git(tmp_path, "write-tree")
    assert "sub" not in repo.index().files()
    assert _entries(repo.staged()[0]) == _entries(repo.at("HEAD"))
    assert repo.at(tree).files() == repo.at("HEAD").files()


def test_everything_staged_counts_before_the_first_commit(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main", ".")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    repo = Repository.open(tmp_path)
    assert repo is not None
    assert repo.staged()[0] is None
    assert (repo.staged()[2], repo.index().files(), repo.work_tree().files()) == (("a",), ("a",), ("a",))
    with pytest.raises(UsageError) as caught:
        repo.at("HEAD")
    assert caught.value.remedy == "git log shows what there is"


def test_a_bare_repository_has_commits_and_no_work_tree(repo, tmp_path, tmp_path_factory):
    bare = tmp_path_factory.mktemp("bare") / "r.git"
    git(tmp_path, "clone", "-q", "--bare", ".", str(bare))
    opened = Repository.open(bare)
    assert opened is not None
    assert (opened.root, opened.git.work_tree) == (str(bare), None)
    assert everything(opened.at("main")) == everything(repo.at("main"))
    with pytest.raises(UsageError):
        opened.work_tree()


def test_a_linked_work_tree_has_its_own_files_and_index(repo, tmp_path, tmp_path_factory):
    linked = tmp_path_factory.mktemp("linked") / "tree"
    git(tmp_path, "worktree", "add", "-q", "-b", "side", str(linked))
    (linked / "plain.yaml").write_text("side")
    git(linked, "add", "plain.yaml")
    opened = Repository.open(linked / "a" / "b")
    assert opened is not None
    assert (opened.root, opened.head_branch()) == (str(linked), "side")
    assert opened.index().read("plain.yaml") == b"side"
    assert repo.index().read("plain.yaml") == b"a: b\n"
    assert opened.common_dir == repo.common_dir == tmp_path / ".git"


def test_a_shallow_clone_says_what_it_lacks(repo, tmp_path, tmp_path_factory):
    first = git(tmp_path, "rev-parse", "HEAD")
    git(tmp_path, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "two")
    clone = tmp_path_factory.mktemp("shallow") / "c"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tmp_path}", str(clone))
    opened = Repository.open(clone)
    assert opened is not None
    assert (opened.is_shallow(), repo.is_shallow()) == (True, False)
    assert everything(opened.at("HEAD")) == everything(repo.at("HEAD"))
    with pytest.raises(UsageError) as caught:
        opened.at(first)
    assert caught.value.remedy == "git fetch --unshallow"


def test_an_object_that_the_clone_lacks_is_told(repo, tmp_path):
    oid = repo.at("HEAD").entry("plain.yaml").oid
    (tmp_path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    fresh = Repository.open(tmp_path)
    assert fresh is not None
    with pytest.raises(WorldError) as caught:
        fresh.at("HEAD").read("plain.yaml")
    assert oid in caught.value.message
