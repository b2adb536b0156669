"""The audit log of several clones: brought together without loss, whoever was faster; quiet where nothing is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.remote import AUDIT, Remote
from fairlead.ledger import audit, holds
from fairlead.model.gates import Hold
from tests.promotions import git
from tests.support import new_repo


@pytest.fixture
def clones(tmp_path) -> tuple[Remote, Remote]:
    new_repo(tmp_path / "first", {"a.yaml": "a: 1\n"})
    git(tmp_path, "clone", "-q", "--bare", "first", "server.git")
    return clone(tmp_path, "ann"), clone(tmp_path, "bob")


def clone(folder: Path, name: str) -> Remote:
    git(folder, "clone", "-q", "server.git", name)
    repo = Repository.open(folder / name)
    assert repo is not None
    return Remote(repo, Upstream(repo))


def said(remote: Remote, verb: str, at: int) -> None:
    audit.append(remote.repo, audit.Entry(verb, at, "ann"))


def shared(remote: Remote) -> bool:
    """As the next command does it."""
    return Remote(remote.repo, remote.upstream).share(AUDIT)


def verbs(remote: Remote) -> list[str]:
    return [entry.verb for entry in audit.entries(remote.repo)]


def test_what_one_clone_says_the_others_know(clones):
    ann, bob = clones
    assert shared(bob)  # nothing anywhere
    said(ann, "one", 10)
    assert shared(ann)
    assert shared(bob)
    assert verbs(bob) == ["one"]


def test_logs_that_have_grown_apart_become_one_in_the_order_of_time(clones):
    ann, bob = clones
    said(ann, "one", 10)
    shared(ann)
    shared(bob)
    said(bob, "two", 20)
    said(ann, "three", 30)
    said(bob, "four", 40)
    assert shared(bob)
    assert shared(ann)
    assert shared(bob)
    assert verbs(ann) == verbs(bob) == ["four", "three", "two", "one"]


def test_a_hold_of_one_clone_is_released_in_another(clones):
    ann, bob = clones
    holds.record(ann.repo, Hold("h/1", "web", "production", "1.1.0", (("a.yaml: tag", "1.1.0"),), 10, "ann", 1))
    shared(ann)
    shared(bob)
    assert [hold.name for hold in holds.read(bob.repo).standing] == ["1.1.0"]
    said(ann, "seen", 20)
    holds.release(bob.repo, holds.read(bob.repo).standing, "mended", "bob", 30)
    shared(bob)
    shared(ann)
    assert holds.read(ann.repo).standing == ()


def test_without_new_entries_nobody_is_asked_again(clones, monkeypatch):
    ann, _ = clones
    said(ann, "one", 10)
    ann.share(AUDIT)
    monkeypatch.setattr(Upstream, "_talk", lambda *_: pytest.fail("asked"))
    assert ann.share(AUDIT)


def test_who_may_not_push_is_told_and_keeps_what_they_have(clones, tmp_path):
    ann, bob = clones
    said(ann, "one", 10)
    shared(ann)
    hook = tmp_path / "server.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o700)
    said(bob, "two", 20)
    assert not shared(bob)
    assert verbs(bob) == ["two", "one"]  # joined here, at least


def test_somebody_who_is_faster_is_joined(clones, monkeypatch):
    ann, bob = clones
    said(ann, "one", 10)
    said(bob, "two", 20)
    real, waiting = Upstream.push, [bob]

    def push(self: Upstream, ref: str, new: str, old: str) -> None:
        if self is ann.upstream and waiting:
            assert shared(waiting.pop())
        real(self, ref, new, old)

    monkeypatch.setattr(Upstream, "push", push)
    assert shared(ann)
    monkeypatch.undo()
    shared(bob)
    assert verbs(ann) == verbs(bob) == ["two", "one"]


def test_something_else_under_the_name_of_the_log_stops_nothing(clones, tmp_path):
    ann, _ = clones
    tree = git(tmp_path / "server.git", "rev-parse", "HEAD^{tree}")
    git(tmp_path / "server.git", "update-ref", AUDIT, tree)
    said(ann, "one", 10)
    assert not shared(ann)
    assert verbs(ann) == ["one"]
