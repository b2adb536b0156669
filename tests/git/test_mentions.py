"""Which files hold a word is searched once, and then only in what changed; the answer is that of a whole search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from fairlead.doors.git.snapshots import ObjectSnapshot
from fairlead.steps.mentions import Mentions
from tests.promotions import Desk, git

WORDS = ("ImageUpdateAutomation", "updater")
STEPS: tuple[dict[str, str | None], ...] = (
    {"flux/auto.yaml": "kind: ImageUpdateAutomation\n", "notes.txt": "ImageUpdateAutomation\n"},
    {"argo/a b.yml": "updater: x\n"},
    {"other.yaml": "a: 1\n"},
    {"flux/auto.yaml": "kind: Nothing\n", "flux/[1].json": '{"a": "updater"}\n'},
    {"argo/a b.yml": None},
    {".gitattributes": "*.json binary\n"},
    {".gitattributes": None, "x*y.yaml": "updater\n"},
)


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path / "cache"))
    return Desk.make(tmp_path / "repo")


def step(desk: Desk, files: dict[str, str | None]) -> str:
    for path, text in files.items():
        place = desk.folder / path
        place.parent.mkdir(exist_ok=True)
        place.unlink() if text is None else place.write_text(text)
    git(desk.folder, "add", "--all")
    git(desk.folder, "commit", "-qm", "Step")
    return git(desk.folder, "rev-parse", "HEAD").strip()


def test_after_each_commit_the_remembered_answer_is_that_of_a_fresh_search(desk, monkeypatch, tmp_path):
    told = []
    commits = [step(desk, files) for files in STEPS]
    for commit in (*commits, commits[0], commits[3]):
        found = Mentions(desk.world, WORDS).at(commit)
        with monkeypatch.context() as fresh:
            fresh.setenv("FAIRLEAD_CACHE", str(tmp_path / f"fresh-{len(told)}"))
            assert found == Mentions(desk.world, WORDS).at(commit)
        told.append(found)
    assert told[:4] == [
        ("flux/auto.yaml",),
        ("argo/a b.yml", "flux/auto.yaml"),
        ("argo/a b.yml", "flux/auto.yaml"),
        ("argo/a b.yml", "flux/[1].json"),
    ]
    assert told[-3] == ("flux/[1].json", "x*y.yaml")


def test_the_whole_repository_is_searched_once(desk, monkeypatch):
    first = step(desk, STEPS[0])
    Mentions(desk.world, WORDS).at(first)
    searched: list[str] = []
    passing = ObjectSnapshot.passing

    def watched(self: ObjectSnapshot, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        searched.extend(paths)
        return passing(self, paths)

    monkeypatch.setattr(ObjectSnapshot, "passing", watched)
    assert Mentions(desk.world, WORDS).at(first) == ("flux/auto.yaml",)
    assert searched == []
    Mentions(desk.world, WORDS).at(step(desk, STEPS[1]))
    assert searched == ["argo/a b.yml"]
    monkeypatch.setattr("fairlead.steps.mentions._read", lambda _data: ("0" * 40, ("gone.yaml",)))
    assert Mentions(desk.world, WORDS).at(first) == ("flux/auto.yaml",)
