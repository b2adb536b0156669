"""A repository as the jobs see it: commits off to the side, one ref moved, history, checked-out branches."""

import os
import subprocess
import sys

import pytest

from fairlead.doors.git.history import Landing
from fairlead.doors.git.merging import Merged, merge_trees
from fairlead.doors.git.plumbing import ZERO, GitFailed, environment
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import ConflictError, DeniedError, UsageError, WorldError
from fairlead.model.snapshot import EXECUTABLE, SYMLINK, File
from tests.support import commit, files, new_repo
from tests.unprivileged import unprivileged

FILES = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "dir/c.yaml": "c: 1\n"}
WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")


def git(folder, *argv, **more):
    done = subprocess.run(["git", *WHO, *argv], cwd=folder, env=environment(more), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return os.fsdecode(done.stdout).rstrip("\n")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "repo"


@pytest.fixture
def repo(folder):
    return new_repo(folder, FILES)


def reopened(folder):
    found = Repository.open(folder)
    assert found is not None
    return found


def state(folder):
    """All that a person would see changed: refs, HEAD, index, files."""
    return (
        git(folder, "for-each-ref"),
        (folder / ".git" / "HEAD").read_text(),
        git(folder, "ls-files", "-s"),
        {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts},
    )


# ── where we are ──


def test_a_new_repository_has_one_commit_of_all_files_and_is_clean(tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / ".gitignore").write_text("ignored\n")
    repo = new_repo(tmp_path / "repo", FILES | {"ignored": "x"}, branch="trunk")
    assert repo.head_branch() == "trunk"
    assert repo.at("trunk").files() == (".gitignore", "a.yaml", "b.yaml", "dir/c.yaml", "ignored")
    assert git(tmp_path / "repo", "status", "--porcelain") == ""
    assert repo.message("trunk") == "Begin"
    assert not (tmp_path / "elsewhere").exists()


def test_no_repository_is_made_where_none_can_be(tmp_path):
    (tmp_path / ".git").write_bytes(b"in the way")
    with pytest.raises(WorldError, match="git init failed"):
        Repository.create(tmp_path, "main", "Begin")


def test_a_detached_head_has_no_branch(repo, folder):
    git(folder, "checkout", "-q", "--detach")
    assert (repo.head_branch(), repo.is_checked_out("main")) == (None, False)


def test_branches_and_tips(repo, folder):
    git(folder, "branch", "odd/näme")
    assert set(repo.branches()) == {"main", "odd/näme"}
    assert repo.tip("main") == repo.tip("odd/näme") == git(folder, "rev-parse", "HEAD")
    assert (repo.tip("nowhere"), repo.tip("--all"), repo.tip("$(id)")) == (None, None, None)
    assert repo.refs("refs/heads/odd") == {"refs/heads/odd/näme": repo.tip("main")}


def test_the_default_branch_of_origin(repo, folder, tmp_path):
    assert repo.remote_head() is None
    git(tmp_path, "clone", "-q", str(folder), "clone")
    assert reopened(tmp_path / "clone").remote_head() == "main"


def test_who_works_here_by_gits_configuration_or_the_system(repo, folder, monkeypatch):
    monkeypatch.setenv("USER", "sys")
    assert repo.identity() == "sys"
    monkeypatch.delenv("USER")
    monkeypatch.setenv("LOGNAME", "log")
    assert repo.identity() == "log"
    monkeypatch.delenv("LOGNAME")
    assert repo.identity() == "somebody"
    git(folder, "config", "user.email", "ann@example.org")
    assert repo.identity() == "ann@example.org"


def test_ignored_paths(repo, folder):
    (folder / ".gitignore").write_text("/out/\n")
    assert (repo.ignores(folder / "out" / "x"), repo.ignores(folder / "a.yaml")) == (True, False)


# ── commits off to the side ──


def test_a_tree_is_built_of_a_base_and_changes_and_nothing_of_the_users_moves(repo, folder):
    before = state(folder)
    odd = {"new\nline": File(b"1"), "\udcff": File(b"2"), "--x": File(b"3"), "run": File(b"4", EXECUTABLE)}
    odd |= {"link": File(b"a.yaml", SYMLINK), "a.yaml": None, "dir/deep/er": File(b""), "b.yaml": File(b"b: 2\n")}
    view = repo.at(repo.write_tree("main", odd))
    assert {path: (view.entry(path).mode, view.read(path)) for path in view.files()} == {
        "--x": (0o100644, b"3"),
        "b.yaml": (0o100644, b"b: 2\n"),
        "dir/c.yaml": (0o100644, b"c: 1\n"),
        "dir/deep/er": (0o100644, b""),
        "link": (0o120000, b"a.yaml"),
        "new\nline": (0o100644, b"1"),
        "run": (0o100755, b"4"),
        "\udcff": (0o100644, b"2"),
    }
    assert state(folder) == before
    assert repo.at(repo.write_tree(None, {"only": File(b"")})).files() == ("only",)
    assert repo.write_tree("main", {}) == repo.tree_of("main", "")


def test_a_file_may_take_the_place_of_a_folder_and_a_folder_that_of_a_file(repo):
    view = repo.at(
        repo.write_tree("main", files({"dir": "file\n", "dir/c.yaml": None, "a.yaml": None, "a.yaml/x": "f"}))
    )
    assert view.files() == ("a.yaml/x", "b.yaml", "dir")


def test_the_same_content_gives_the_same_ids_anywhere(tmp_path):
    made = []
    for name in ("one", "two"):
        repo = new_repo(tmp_path / name, {name: ""})
        tree = repo.write_tree(None, files(FILES))
        first = repo.commit_tree(tree, (), "Grüße\n\nbody", 1_700_000_000)
        made.append((tree, first, repo.commit_tree(tree, (first,), "next", 1_700_000_001, "Ann <ann@example.org>")))
    assert made[0] == made[1]
    text = repo.git.text("cat-file", "commit", made[0][2])
    assert text == (
        f"tree {made[0][0]}\nparent {made[0][1]}\nauthor Ann <ann@example.org> 1700000001 +0000\n"
        "committer fairlead <fairlead@localhost> 1700000001 +0000\n\nnext"
    )
    assert repo.commit_time(made[0][2]) == 1_700_000_001
    assert repo.commit_tree(made[0][0], (), "m", 1, "ann@example.org") == repo.commit_tree(
        made[0][0], (), "m", 1, "ann@example.org <ann@example.org>"
    )


def test_a_commit_of_nothing_that_is_there_is_refused(repo):
    with pytest.raises(WorldError):
        repo.commit_tree(ZERO, (), "m", 1)
    with pytest.raises(WorldError):
        repo.write_tree("nowhere", {})


@pytest.mark.parametrize("path", ["../out", "a/../b", ".git/config", "x/.GIT/y", "a//b", "/abs", "x/", "", ".", "n\0l"])
def test_a_path_that_no_file_can_have_is_refused_and_not_left_out(repo, path):
    with pytest.raises(UsageError):
        repo.write_tree("main", {path: File(b""), "fine": File(b"")})
    assert repo.at(repo.write_tree("main", {"..x": File(b""), ".gitx": File(b"")})).files() == (
        "..x", ".gitx", "a.yaml", "b.yaml", "dir/c.yaml",
    )  # fmt: skip


def test_a_blob_is_stored_as_it_is(repo):
    assert repo.git.blob(repo.store_blob(b"a\r\n\0")) == b"a\r\n\0"


# ── one ref ──


def test_a_ref_moves_only_from_where_it_is_thought_to_be(repo):
    first = repo.tip("main")
    second = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    for new, old in ((second, ZERO), (second, second), (ZERO, second)):
        with pytest.raises(ConflictError):
            repo.move("refs/heads/main", new, old)
    with pytest.raises(ConflictError):
        repo.move("refs/heads/new", second, first)
    assert repo.refs("refs/heads") == {"refs/heads/main": first, "refs/heads/side": second}
    repo.move("refs/heads/main", second, first)
    repo.move("refs/heads/side", ZERO, second)
    assert repo.refs("refs/heads") == {"refs/heads/main": second}


@pytest.mark.parametrize(
    "ref", ["refs/heads/main/below", "refs/heads/with space", "refs/heads/a..b", "refs/heads/x.lock"]
)
def test_a_ref_that_can_not_be_is_refused(repo, ref):
    tip = repo.tip("main")
    with pytest.raises((WorldError, ConflictError)):
        repo.move(ref, tip, ZERO)
    assert repo.refs("refs/heads") == {"refs/heads/main": tip}


def test_of_many_who_move_one_ref_one_wins(repo, folder):
    code = (
        "import sys; from pathlib import Path\n"
        "from fairlead.doors.git.repository import Repository\n"
        "from fairlead.model.errors import ConflictError\n"
        "repo = Repository.open(Path(sys.argv[1]))\n"
        "made = repo.commit_tree(sys.argv[2], (sys.argv[3],), sys.argv[4], 1)\n"
        "try: repo.move('refs/heads/main', made, sys.argv[3]); print('moved')\n"
        "except ConflictError: print('conflict')\n"
    )
    tip, tree = repo.tip("main"), repo.tree_of("main", "")
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), tree, tip, str(n)], stdout=subprocess.PIPE)
        for n in range(6)
    ]
    told = sorted(run.communicate()[0].decode().strip() for run in runs)
    assert told == ["conflict"] * 5 + ["moved"]
    assert git(folder, "rev-parse", "main~1") == tip


# ── a branch that is checked out ──


def test_the_checked_out_branch_is_brought_along_with_everything_uncommitted_kept(repo, folder):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n", "new/x": "x", "dir/c.yaml": None}, start="main")
    (folder / "b.yaml").write_text("mine\n")
    (folder / "staged").write_text("s")
    git(folder, "add", "staged")
    (folder / "untracked").write_text("u")
    repo.advance("main", new, old)
    assert repo.tip("main") == new
    assert git(folder, "status", "--porcelain") == " M b.yaml\nA  staged\n?? untracked"
    assert not (folder / "dir").exists()


@pytest.mark.parametrize(
    ("dirty", "stage"),
    [("a.yaml", False), ("a.yaml", True), ("new/x", False), ("new/x", True), ("dir/c.yaml", False), ("new", False)],
)
def test_what_is_uncommitted_in_a_touched_file_stops_all_of_it(repo, folder, dirty, stage):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n", "new/x": "x", "dir/c.yaml": None}, start="main")
    (folder / dirty).parent.mkdir(exist_ok=True)
    (folder / dirty).write_text("mine\n")
    if stage:
        git(folder, "add", dirty)
    before = state(folder)
    with pytest.raises(ConflictError) as caught:
        repo.advance("main", new, old)
    assert caught.value.remedy == "commit or stash them, then run the command again"
    assert state(folder) == before


def test_a_branch_that_has_moved_stays_and_so_does_the_work_tree(repo, folder):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "meanwhile")
    before = state(folder)
    with pytest.raises(ConflictError):
        repo.advance("main", new, old)
    assert state(folder) == before


def test_a_detached_head_a_bare_repository_and_another_branch_only_move_the_ref(repo, folder, tmp_path):
    old = repo.tip("main")
    git(tmp_path, "clone", "-q", "--bare", str(folder), "bare.git")
    git(folder, "checkout", "-q", "--detach")
    for place in (folder, tmp_path / "bare.git"):
        one = reopened(place)
        new = commit(one, "side", {"a.yaml": "a: 2\n"}, start="main")
        one.advance("main", new, old)
        assert one.tip("main") == new
    assert git(folder, "rev-parse", "HEAD") == old
    assert (folder / "a.yaml").read_text() == "a: 1\n"


def test_the_linked_work_tree_that_has_the_branch_is_brought_along(repo, folder, tmp_path):
    git(folder, "worktree", "add", "-q", "-b", "side", str(tmp_path / "with space"))
    old = repo.tip("side")
    new = commit(repo, "other", {"a.yaml": "a: 2\n"}, start="main")
    assert repo.is_checked_out("side")
    repo.advance("side", new, old)
    assert (tmp_path / "with space" / "a.yaml").read_text() == "a: 2\n"
    assert (folder / "a.yaml").read_text() == "a: 1\n"
    assert git(tmp_path / "with space", "status", "--porcelain") == ""


def test_odd_names_links_and_modes_arrive_in_the_work_tree(repo, folder):
    old = repo.tip("main")
    tree = repo.write_tree(
        "main",
        {"\udcff": File(b"1"), "new\nline": File(b"2"), "--x": File(b"3"), "l": File(b"/etc/passwd", SYMLINK),
         "b.yaml": File(b"b: 1\n", EXECUTABLE)},
    )  # fmt: skip
    repo.advance("main", repo.commit_tree(tree, (old,), "odd", 1), old)
    assert git(folder, "status", "--porcelain") == ""
    assert (folder / "\udcff").read_bytes() == b"1"
    assert str((folder / "l").readlink()) == "/etc/passwd"
    assert os.access(folder / "b.yaml", os.X_OK)


def test_catching_up_does_nothing_where_nothing_is_behind(repo, folder):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    repo.advance("main", new, old)
    before = state(folder)
    repo.catch_up("main", old, new)
    repo.catch_up("nowhere", old, new)
    assert state(folder) == before


def test_catching_up_finishes_what_was_killed_after_the_ref_had_moved(repo, folder):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n", "new/x": "x"}, start="main")
    repo.move("refs/heads/main", new, old)
    assert git(folder, "status", "--porcelain") != ""
    repo.catch_up("main", old, new)
    assert git(folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("work", ["move", "write_tree", "store_blob", "commit_tree", "advance"])
def test_a_repository_that_may_not_be_written_is_denied_and_unchanged(repo, folder, tmp_path, work):
    tip = repo.tip("main")
    side = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    tree = repo.tree_of("main", "")
    repo.git.close()
    before = state(folder)

    def attempt():
        git_dir = folder / ".git"
        for path in (git_dir, *git_dir.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
        try:
            opened = Repository.open(folder)
            if opened is None:
                return "not found"
            jobs = {
                "move": lambda: opened.move("refs/heads/main", side, tip),
                "write_tree": lambda: opened.write_tree("main", {"x": File(b"never seen")}),
                "store_blob": lambda: opened.store_blob(b"never seen"),
                "commit_tree": lambda: opened.commit_tree(tree, (tip,), "never seen", 1),
                "advance": lambda: opened.advance("main", side, tip),
            }
            jobs[work]()
        except DeniedError as error:
            return f"denied: {error.remedy}"
        finally:
            for path in (git_dir, *git_dir.rglob("*")):
                path.chmod(path.stat().st_mode | 0o200)
        return "written"

    assert unprivileged(tmp_path, attempt) == "denied: check the folder's permissions"
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, os.getuid(), os.getgid(), follow_symlinks=False)
    assert state(folder) == before


# ── history ──


def test_landings_are_the_first_parent_history_newest_first(repo, folder):
    first = repo.tip("main")
    assert first is not None
    side = commit(repo, "side", {"b.yaml": "b: 2\n"}, start="main", message="On the side\n\nFairlead-Hop: 1")
    second = commit(repo, "main", {"a.yaml": "a: 2\n", "dir/c.yaml": None}, message="Second")
    tree = repo.write_tree(second, files({"b.yaml": "b: 2\n"}))
    merge = repo.commit_tree(tree, (second, side), "Merge branch 'side'", 1_750_000_002)
    repo.move("refs/heads/main", merge, second)
    time, author = 1_750_000_000, "fairlead <fairlead@localhost>"
    landings = repo.landings("main")
    assert landings[:2] == (
        Landing(
            merge, second, time + 2, author, ("Merge branch 'side'", "On the side\n\nFairlead-Hop: 1"), ("b.yaml",)
        ),
        Landing(second, first, time, author, ("Second",), ("a.yaml", "dir/c.yaml")),
    )
    assert (landings[2].commit, landings[2].parent, landings[2].paths) == (first, "", tuple(sorted(FILES)))
    assert [one.commit for one in repo.landings("main", ("dir",))] == [second, first]
    assert [one.commit for one in repo.landings("main", ("b.yaml",))] == [merge, first]
    assert repo.landings("main", ("nowhere",)) == ()
    assert [one.commit for one in repo.landings(second)] == [second, first]


def test_a_merge_with_trailers_of_its_own_speaks_for_itself(repo):
    side = commit(repo, "side", {"b.yaml": "b: 2\n"}, start="main", message="On the side")
    main = repo.tip("main")
    merge = repo.commit_tree(repo.tree_of("side", ""), (main, side), "Merge\n\nFairlead-Hop: 1", 1)
    assert repo.landings(merge)[0].messages == ("Merge\n\nFairlead-Hop: 1",)


@pytest.mark.parametrize(
    "name", ["with space", "new\nline", "tab\t", 'quo"te', "back\\slash", "\udcff\udcfe", "é😀", "--x", "\x1e\x1f"]
)
def test_odd_names_come_back_from_history_as_they_are(repo, name):
    old = repo.tip("main")
    made = commit(repo, "side", {name: "x"}, start="main")
    assert repo.landings("side")[0].paths == (name,)
    assert repo.changed_paths(old, made) == (name,)
    assert [one.commit for one in repo.landings("side", (name,))] == [made]


@pytest.mark.parametrize(
    "message", ["a\x1eb\x1fc", "a\x1e\x1f\x1eb", "subject\n\n\x1f" * 3, "é\u2028😀", "\udcff bad", "-x\n--y", "%H %x00"]
)
def test_odd_words_come_back_from_history_as_they_are(repo, folder, message):
    commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main", message=message)
    (top, *below) = repo.landings("side")
    words = message.encode("utf-8", "replace").decode().strip("\n")
    assert (top.messages[0].strip("\n"), top.paths, len(below)) == (words, ("a.yaml",), 1)
    ((_, time, told), _) = repo.commit_messages("refs/heads/side")
    assert (time, told) == (1_750_000_000, words.strip())
    assert repo.messages_between("main", "side") == (words.strip(),)


def test_an_odd_author_does_not_upset_history(repo, folder):
    git(folder, "commit", "-q", "--allow-empty", "-m", "x", GIT_AUTHOR_NAME="a\x1fb\x1ec", GIT_AUTHOR_EMAIL="e")
    assert repo.landings("main")[0].author == "a\x1fb\x1ec <e>"


def test_messages_of_a_chain_that_is_not_there(repo):
    assert repo.commit_messages("refs/fairlead/audit") == ()
    assert (repo.message("nowhere"), repo.messages_between("main", "main")) == ("", ())


def test_files_trees_and_ancestors_of_commits(repo, folder):
    old = repo.tip("main")
    new = commit(repo, "side", {"a.yaml": "a: 2\n"}, start="main")
    lone = repo.commit_tree(repo.tree_of("main", ""), (), "lone", 1)
    assert [repo.read_file(r, "a.yaml") for r in ("main", "side")] == [b"a: 1\n", b"a: 2\n"]
    assert [repo.read_file("main", p) for p in ("dir", "no where", "nowhere")] == [None] * 3
    assert repo.tree_of("main", "dir") == git(folder, "rev-parse", "main:dir")
    assert [repo.tree_of("main", p) for p in ("a.yaml", "no where")] == ["", ""]
    assert [repo.is_ancestor(*p) for p in ((old, new), (new, old), (old, "nowhere"))] == [True, False, False]
    assert (repo.merge_base(new, old), repo.merge_base(new, lone)) == (old, None)


def test_the_commit_by_which_a_branch_came_to_contain_another(repo):
    first = repo.tip("main")
    side = commit(repo, "side", {"b.yaml": "b: 2\n"}, start="main")
    assert repo.landed(side, first) is None
    assert repo.landed(first, first) == (first, "")
    second = commit(repo, "main", {"a.yaml": "a: 2\n"})
    merge = repo.commit_tree(repo.tree_of("side", ""), (second, side), "Merge", 1)
    repo.move("refs/heads/main", merge, second)
    later = commit(repo, "main", {"a.yaml": "a: 3\n"})
    assert repo.landed(side, later) == (merge, second)
    assert repo.landed(second, later) == (second, first)
    assert repo.landed(later, later) == (later, merge)


def test_in_a_shallow_clone_history_ends_where_it_was_cut(repo, folder, tmp_path):
    second = commit(repo, "main", {"a.yaml": "a: 2\n"})
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{folder}", "clone")
    shallow = reopened(tmp_path / "clone")
    (only,) = shallow.landings("main")
    assert (only.commit, only.parent, shallow.is_shallow()) == (second, "", True)
    with pytest.raises(UsageError):
        shallow.at(repo.tip("main") + "~1")


def test_a_revision_that_is_an_option_is_refused(repo):
    with pytest.raises(GitFailed):
        repo.landings("--output=x")
    assert not os.path.lexists("x")


# ── merges ──


def merged(repo, ours, theirs):
    base = repo.tip("main")
    made = [repo.write_tree(base, files(changes)) for changes in (ours, theirs)]
    return merge_trees(repo.git, base, *made)


def test_changes_of_different_files_are_merged(repo, folder):
    before = state(folder)
    result = merged(repo, {"a.yaml": "a: 2\n", "n/x": "1"}, {"b.yaml": None, "n/y": "2"})
    assert result.conflicts == ()
    view = repo.at(result.tree)
    assert {p: view.read(p) for p in view.files()} == {
        "a.yaml": b"a: 2\n",
        "dir/c.yaml": b"c: 1\n",
        "n/x": b"1",
        "n/y": b"2",
    }
    assert state(folder) == before


def test_the_same_change_on_both_sides_is_no_conflict(repo):
    change = {"a.yaml": "a: 2\n", "b.yaml": None, "new": "n"}
    assert merged(repo, change, change) == Merged(tree=repo.write_tree("main", files(change)))


@pytest.mark.parametrize(
    ("ours", "theirs", "conflicts"),
    [
        ({"a.yaml": "x\n"}, {"a.yaml": "y\n"}, ("a.yaml",)),
        ({"a.yaml": None}, {"a.yaml": "y\n"}, ("a.yaml",)),
        ({"a.yaml": "x", "new\nline": "1"}, {"a.yaml": "y", "new\nline": "2"}, ("a.yaml", "new\nline")),
    ],
)
def test_a_file_that_both_changed_is_a_conflict(repo, ours, theirs, conflicts):
    assert merged(repo, ours, theirs) == Merged(conflicts=conflicts)


def test_a_file_where_the_other_has_a_folder_is_a_conflict(repo):
    result = merged(repo, {"n": "file"}, {"n/x": "folder"})
    assert result.tree == ""
    assert "n" in " ".join(result.conflicts)
