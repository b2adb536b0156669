"""Objects are read from their files where they lie by themselves, from git where not: the same bytes either way."""

import zlib

import pytest

from fairlead.doors.git import loose
from fairlead.doors.git.plumbing import Git
from fairlead.model.errors import WorldError
from tests.promotions import git
from tests.support import commit, new_repo

FILES = {f"f{number}.yaml": f"a: {number}\n" * (number * number) for number in range(90)}


@pytest.fixture
def repo(tmp_path):
    return new_repo(tmp_path / "repo", FILES)


def ids(repo) -> list[str]:
    snapshot = repo.at("main")
    return [entry.oid for path in sorted(FILES) if (entry := snapshot.entry(path)) is not None]


def folder(tmp_path):
    return tmp_path / "repo" / ".git" / "objects"


def test_loose_packed_and_mixed_objects_have_the_same_bytes(repo, tmp_path, monkeypatch):
    wished = [FILES[path].encode() for path in sorted(FILES)]
    asked = ids(repo)
    assert len(loose.read(str(folder(tmp_path)), asked)) == len(FILES)
    assert list(repo.git.objects(asked)) == wished
    git(tmp_path / "repo", "repack", "-adq")
    assert loose.read(str(folder(tmp_path)), asked) == {}
    assert list(repo.git.objects(asked)) == wished
    commit(repo, "main", {"f1.yaml": "new: 1\n"})
    now = ids(repo)
    assert set(loose.read(str(folder(tmp_path)), now)) == {now[sorted(FILES).index("f1.yaml")]}
    assert list(repo.git.objects(now))[sorted(FILES).index("f1.yaml")] == b"new: 1\n"
    # Where nothing is loose, few are looked for.
    looked: list[str] = []
    monkeypatch.setattr(loose, "_read", looked.append)
    assert loose.read("nowhere", ["0" * 40] * 1000) == {}
    assert len(looked) < 100


def test_a_linked_work_tree_reads_those_of_its_repository(repo, tmp_path):
    git(tmp_path / "repo", "worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    found = Git.discover(tmp_path / "other")
    assert found is not None
    assert len(loose.read(loose.objects_folder(found.git_dir), ids(repo))) == len(FILES)


@pytest.mark.parametrize(
    "bytes_", [b"", b"no zlib", zlib.compress(b"a: 1\n"), zlib.compress(b"blob 99\0" + b"x" * 99)[:12]]
)
def test_a_damaged_object_is_left_to_git_which_says_no(repo, tmp_path, bytes_):
    oid = ids(repo)[5]
    place = folder(tmp_path) / oid[:2] / oid[2:]
    place.chmod(0o644)
    place.write_bytes(bytes_)
    assert loose.read(str(folder(tmp_path)), [oid]) == {}
    with pytest.raises(WorldError, match=r"lacks the object|can't read"):
        list(repo.git.objects([oid]))
    place.write_bytes(zlib.compress(b"blob 3\0four"))
    assert loose.read(str(folder(tmp_path)), [oid]) == {}


def test_what_is_no_id_is_no_path(repo, tmp_path):
    (tmp_path / "secret").write_bytes(zlib.compress(b"blob 1\0x"))
    assert loose.read(str(folder(tmp_path)), ["../../../../secret", "..", ""]) == {}
