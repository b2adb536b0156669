"""The id that a tree would have is the id that git gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.doors.git.trees import tree_id
from fairlead.model.snapshot import EXECUTABLE, SYMLINK, File
from tests.support import new_repo

_FILES = {"a.yaml": "1\n", "a/b.yaml": "2\n", "a/c/d.yaml": "3\n", "a-b/x": "4\n", "z/é.yaml": "5\n"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"a/c/d.yaml": File(b"new\n")},
        {"a/c/d.yaml": None},
        {"a/b.yaml": None, "a/c/d.yaml": None},
        dict.fromkeys(_FILES),
        {"a.b/new": File(b"x"), "a0": File(b"y"), "run": File(b"#!", EXECUTABLE), "link": File(b"a", SYMLINK)},
        {"z/é.yaml": File("ü".encode()), "z/sub/deep/file": File(b""), "not/there": None},
    ],
)
def test_the_computed_tree_is_the_one_that_git_writes(tmp_path: Path, changes: dict[str, File | None]) -> None:
    repo = new_repo(tmp_path, _FILES)
    base = repo.tree_of("HEAD", "")
    objects = sorted(p for p in (tmp_path / ".git" / "objects").rglob("*") if p.is_file())

    computed = tree_id(repo.git, base, changes)

    assert sorted(p for p in (tmp_path / ".git" / "objects").rglob("*") if p.is_file()) == objects
    assert computed == repo.write_tree(base, changes)
