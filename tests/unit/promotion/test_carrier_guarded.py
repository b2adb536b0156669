"""What can't be taken back, or is no version of an app: offered at most."""

from __future__ import annotations

import pytest

from tests.promoting import judged, the_move


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("apiVersion: %s\n", "apps/v1", "apps/v2", "an API, not a version of an app"),
        ("kind: %s\n", "A", "B", "an API, not a version of an app"),
        ("patches:\n- path: p\n  target: {version: %s}\n", "v1", "v2", "a selector"),
        ("patches:\n- path: p\n  target: {group: a, labelSelector: %s}\n", "a in (x)", "a in (y)", "a selector"),
        ("engineVersion: %s\n", "15.1", "16.0", "a data store's version can't be taken back"),
        ("db_engine_version: %s\n", "15.1", "16.0", "a data store's version can't be taken back"),
        (
            "kind: Kafka\nspec: {version: %s}\n",
            "3.6.0",
            "3.7.0",
            "the version that an operator keeps can't be taken back",
        ),
    ],
)
def test_what_is_offered_with_its_edit(file, old, new, reason):
    move = the_move(file % new, file % old)
    assert (move.carrier, move.verdict, move.reason) == ("guarded", "offer", reason)
    assert [(c.old, c.new) for c in move.changes] == [(old.encode(), new.encode())]


@pytest.mark.parametrize("kind", ["HelmRelease", "Application", "HelmChart"])
def test_the_version_of_a_chart_is_an_apps_own(kind):
    file = f"kind: {kind}\nspec: {{version: %s}}\n"
    assert judged(file % "1.2.4", file % "1.2.3") == ("version-names", "version", "promote")


@pytest.mark.parametrize(
    "file", ["kind: Kafka\nspec: {web: {version: %s}}\n", "version: %s\n", "spec: {version: %s}\n", "target: %s\n"]
)
def test_other_versions_are_left_to_others(file):
    assert judged(file % "1.2.4", file % "1.2.3")[1:] == ("version", "promote")
