"""Branches that a controller follows, and remote bases that moved within their repository."""

from __future__ import annotations

import pytest

from tests.promoting import carried, judged

GIT = "kind: GitRepository\nmetadata: {name: a}\nspec:\n  ref:\n    branch: %s\n"
ARGO = "kind: Application\nmetadata: {name: a}\nspec:\n  source:\n    targetRevision: %s\n"


@pytest.mark.parametrize("file", [GIT, ARGO])
@pytest.mark.parametrize("branch", ["fix-login", "feature/upgrade", "move-charts"])
def test_the_target_follows_where_the_source_left_a_topic_branch(file, branch):
    assert carried(file % "main", file % branch) == file % "main"


@pytest.mark.parametrize("file", [GIT, ARGO])
@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("fix-login", "main"), ("main", "release"), ("main", "release-old"), ("develop", "main"), ("main", "stable"),
        ("main", "master"), ("main", "production-next"), ("main", "support-x"),
    ],
)  # fmt: skip
def test_other_branches_are_offered(file, new, old):
    assert judged(file % new, file % old) == ("branches", "offered", "offer")


def test_a_branch_for_each_environment_is_owned():
    assert judged(GIT % "env/dev", GIT % "env/production") == ("branches", "owned", "keep")


@pytest.mark.parametrize(("new", "old"), [("1.3.0", "1.2.0"), ("v1.3", "v1.2")])
def test_a_target_revision_that_is_a_version_is_none(new, old):
    assert judged(ARGO % new, ARGO % old) == ("version-names", "version", "promote")


OLD, NEW = "a1" * 20, "b2" * 20
BASE = "resources:\n- https://github.com/org/app/%s?ref=%s\n"


def test_a_base_that_moved_within_its_repository_goes_with_its_ref():
    source, target = BASE % ("config/monitoring/prometheus", NEW), BASE % ("config/prometheus", OLD)
    assert carried(source, target) == source


@pytest.mark.parametrize(
    "source",
    [
        BASE % ("config/grafana", NEW),
        BASE % ("config/monitoring/prometheus", OLD),
        (BASE % ("config/prometheus", NEW)).replace("org/app", "fork/app"),
    ],
)
def test_another_base_is_offered(source):
    assert judged(source, BASE % ("config/prometheus", OLD)) == ("refs", "offered", "offer")
