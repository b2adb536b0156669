"""Edits that reach a protected environment at once."""

from __future__ import annotations

from fairlead.checks.rules import shared_edit
from tests.judging import findings

_FILES = dict(shared_edit.BAD.files)


def _told(*edited: str, **more: str) -> list[str]:
    return [f.message for f in findings(_FILES | more, "shared-edit", edited=edited)]


def test_a_file_of_a_base_is_told_with_all_who_read_it() -> None:
    (found,) = findings(_FILES, edited=("base/service.yaml",))
    assert found.message == "an edit here reaches production at once with dev: no promotion stages it"
    assert found.overlays == ("overlays/dev", "overlays/production")


def test_one_environments_own_file_and_what_nobody_reads_are_not() -> None:
    assert _told("overlays/production/kustomization.yaml", "README.md", "fairlead.yaml") == []
    assert _told("base/notes.txt", "base/other.yaml", **{"base/notes.txt": "", "base/other.yaml": "a: b\n"}) == []


def test_a_base_of_unprotected_environments_is_their_own_affair() -> None:
    config = _FILES["fairlead.yaml"].replace("production: {}", "production: {protected: false}")
    assert _told("base/service.yaml", **{"fairlead.yaml": config}) == []


def test_a_whole_run_says_nothing() -> None:
    assert _told() == []
