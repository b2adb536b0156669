"""Policies as people meet them: kept between runs, staged, proposed, and without the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.checks.rules import policy
from fairlead.policies import judge
from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    if judge.found() is None:
        pytest.skip("there is no fairlead-policies: no Go was found to build it with (make policies fetches one)")
    new_repo(tmp_path / "fleet", dict(policy.BAD.files))
    return tmp_path / "fleet"


def _change(repo: Path, old: str, new: str) -> None:
    file = repo / "policies/few-replicas.yaml"
    file.write_text(file.read_text().replace(old, new))


def test_what_was_found_is_kept_until_a_policy_changes(repo: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    for _ in range(2):
        done = fairlead(repo, "check", FAIRLEAD_CACHE=cache)
        assert (done.returncode, "five replicas are enough" in done.stdout) == (1, True), done.stderr
    _change(repo, "<= 5", "<= 7")
    assert fairlead(repo, "check", FAIRLEAD_CACHE=cache).returncode == 0
    _change(repo, "<= 7", "<= 6")
    assert fairlead(repo, "check", FAIRLEAD_CACHE=cache).returncode == 1


def test_nothing_is_started_where_all_is_known(repo: Path, tmp_path: Path) -> None:
    program = tmp_path / "judge"
    log = tmp_path / "log"
    program.write_text(f'#!/bin/sh\necho started >> "{log}"\nexec "{judge.found()}"\n')
    program.chmod(0o755)
    for _ in range(2):
        done = fairlead(repo, "check", FAIRLEAD_CACHE=str(tmp_path / "cache"), FAIRLEAD_POLICIES=str(program))
        assert done.returncode == 1, done.stderr
    assert log.read_text() == "started\n"


def test_a_staged_policy_is_judged_with_all_overlays(repo: Path) -> None:
    _change(repo, "<= 5", "<= nope")
    git(repo, "add", "policies")
    done = fairlead(repo, "check", "--staged")
    assert (done.returncode, "policies/few-replicas.yaml:13:" in done.stdout) == (1, True), done.stdout + done.stderr


def test_without_the_program_nothing_passes_silently(repo: Path, tmp_path: Path) -> None:
    done = fairlead(repo, "check", FAIRLEAD_POLICIES=str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (6, "")
    assert "can't start" in done.stderr
    assert "FAIRLEAD_BUILD_POLICIES=yes" in done.stderr
