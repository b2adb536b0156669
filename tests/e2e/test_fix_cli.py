"""`fairlead check --fix` as people and hooks run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_check_cli import _FILES, fairlead, git
from tests.support import new_repo

_OVERLAY = "apps/web/overlays/dev/kustomization.yaml"
_OLD = "bases:\n- ../../base # shared\n"
_NEW = "resources:\n- ../../base # shared\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", {**_FILES, _OVERLAY: _OLD})
    return tmp_path / "fleet"


def test_it_mends_the_work_tree_says_what_and_fails_once(repo: Path) -> None:
    done = fairlead(repo, "check", "--fix")
    assert done.returncode == 1, done.stderr
    assert done.stdout == f"{_OVERLAY}:1:1: `bases` is deprecated (deprecated-field)\n"
    assert "1 mended in 1 file" in done.stderr
    assert (repo / _OVERLAY).read_text() == _NEW
    assert git(repo, "status", "--porcelain") == f" M {_OVERLAY}\n"
    again = fairlead(repo, "check", "--fix")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to mend" in again.stderr


def test_a_dry_run_and_a_patch_write_nothing_and_git_applies_the_patch(repo: Path) -> None:
    dry = fairlead(repo, "check", "--fix", "--dry-run")
    assert dry.returncode == 1
    assert "nothing was written" in dry.stderr
    shown = fairlead(repo, "check", "--fix", "--diff")
    assert shown.returncode == 1
    assert (repo / _OVERLAY).read_text() == _OLD
    (repo / "fix.patch").write_text(shown.stdout)
    git(repo, "apply", "fix.patch")
    assert (repo / _OVERLAY).read_text() == _NEW


def test_only_what_was_asked_for_is_mended(repo: Path) -> None:
    assert fairlead(repo, "check", "--fix", "apps/web/overlays/production").returncode == 0
    assert (repo / _OVERLAY).read_text() == _OLD


def test_staged_mends_only_staged_files_and_none_that_differs_from_what_lies_there(repo: Path) -> None:
    assert fairlead(repo, "check", "--staged", "--fix").returncode == 0
    (repo / _OVERLAY).write_text(_OLD + "namespace: web\n")
    git(repo, "add", "-A")
    (repo / _OVERLAY).write_text(_OLD + "namespace: web-dev\n")
    apart = fairlead(repo, "check", "--staged", "--fix")
    assert apart.returncode == 0
    assert "what is staged of this file is not what lies there" in apart.stderr
    assert (repo / _OVERLAY).read_text() == _OLD + "namespace: web-dev\n"
    git(repo, "add", "-A")
    assert fairlead(repo, "check", "--staged", "--fix").returncode == 1
    assert (repo / _OVERLAY).read_text() == _NEW + "namespace: web-dev\n"
    assert git(repo, "diff", "--cached", "--stat") != ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--diff",), "--diff says how to --fix"),
        (("--fix", "--at", "HEAD"), "--fix and --at exclude each other"),
        (("--fix", "--format", "json"), "--fix and --format json exclude each other"),
        (("--fix", "nowhere"), "there is no nowhere"),
    ],
)
def test_words_that_make_no_sense_together_are_refused(repo: Path, arguments: tuple[str, ...], words: str) -> None:
    done = fairlead(repo, "check", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
