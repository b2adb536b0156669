"""`fairlead diff --pull`: what a merge would change, as the branch stands now, and the one comment that says so."""

import pytest

from fairlead.model.errors import ConflictError, UsageError
from fairlead.workflows import diff, pull
from tests.promotions import Desk, git, overlay, path

REQUEST = diff.Request()


@pytest.fixture
def desk(tmp_path):
    return Desk.make(tmp_path / "repo")


def opened(desk, files):
    """A pull request of a branch made by hand."""
    git(desk.folder, "branch", "slower")
    push(desk, files)
    return desk.forge().pulls()[0].number


def push(desk, files):
    """One more commit on that branch, which its pull request gets."""
    desk.change(files, "fix: it", "slower")
    world = desk.world
    pull.open_branch(world, desk.forge(world), "main", "slower")


def look(desk, number, request=REQUEST, keep=False):
    world = desk.world
    forge = desk.forge(world)
    found = diff.of_pull(world, forge, forge.get(number), request)
    if keep:
        diff.keep(forge, forge.get(number), found, world.actor)
    return found


def comments(desk, number):
    return [(c.at, c.text) for c in desk.forge().get(number).comments if c.marker == diff.MARKER]


def test_it_is_what_the_merge_does_and_not_what_the_branch_did_meanwhile(desk):
    number = opened(desk, {path("dev"): overlay("dev", "2.0.0")})
    desk.change({path("production"): overlay("production", "3.0.0")})
    found = look(desk, number)
    assert [(one.overlay, one.differs) for one in found.overlays] == [("apps/web/overlays/dev", True)]
    assert {line for group in found.groups for line in group.lines if line[0] in "+-"} == {
        "-      - image: example.com/web:1.0.0",
        "+      - image: example.com/web:2.0.0",
    }


def test_the_comment_comes_with_the_first_difference_and_is_kept_current(desk):
    number = opened(desk, {"README.md": "hi\n"})
    look(desk, number, keep=True)
    assert comments(desk, number) == []  # nothing to say
    push(desk, {path("dev"): overlay("dev", "2.0.0")})
    look(desk, number, keep=True)
    first = comments(desk, number)
    assert len(first) == 1
    assert "+      - image: example.com/web:2.0.0" in first[0][1]
    desk.clock.time += 60
    look(desk, number, keep=True)
    assert comments(desk, number) == first
    push(desk, {path("dev"): overlay("dev"), "README.md": "hey\n"})
    look(desk, number, keep=True)
    assert [text.splitlines()[-1] for _, text in comments(desk, number)] == ["Nothing: the rendering stays the same."]


def test_one_that_conflicts_or_is_closed_is_refused(desk):
    number = opened(desk, {path("dev"): overlay("dev", "2.0.0")})
    desk.change({path("dev"): overlay("dev", "3.0.0")})
    with pytest.raises(ConflictError, match=f"#{number} can't be merged: main changed {path('dev')} otherwise"):
        look(desk, number)
    desk.forge().close(number, "no", "ann@x.org")
    with pytest.raises(UsageError, match=f"#{number} is closed"):
        look(desk, number)


def test_a_change_that_is_named_twice_is_refused(desk):
    number = opened(desk, {path("dev"): overlay("dev", "2.0.0")})
    for request in (diff.Request(staged=True), diff.Request(since="HEAD"), diff.Request(at="HEAD")):
        with pytest.raises(UsageError, match="--pull names the change"):
            look(desk, number, request)
