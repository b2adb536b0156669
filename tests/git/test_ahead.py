"""What another process finds meanwhile is what would be found here: the plan has the same bytes, whatever happens."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from fairlead.doors import beside
from fairlead.doors.beside import Beside, can_help
from fairlead.promotion.plan_json import dump
from fairlead.steps import ahead, planning
from fairlead.steps.routes import Request
from fairlead.workflows import promote
from tests.promotions import Desk, overlay, path
from tests.support import commit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nothing is forked here")
APPS = tuple(f"app{number}" for number in range(12))


@pytest.fixture
def desk(tmp_path) -> Desk:
    """Apps of which some have a new version, a new file, a hotfix, a conflict, or what can't be read."""
    made = Desk.make(tmp_path / "repo", *APPS)
    repo = made.world.git
    commit(repo, "main", {path("dev", app): overlay("dev", "1.1.0") for app in APPS})
    commit(repo, "main", {path("staging", app): overlay("staging", "1.1.0") for app in APPS[:9]})
    news: dict[str, str | None] = {path("dev", app): overlay("dev", "1.2.0") for app in APPS[2:]}
    news |= {path("staging", APPS[11]): overlay("staging", "1.1.0-fix"), "apps/app10/overlays/dev/new.yaml": "é: 1\n"}
    news |= {path("dev", APPS[9]): overlay("dev", "1.2.0", "patches:\n- {path: a.yaml, path: b.yaml}\n")}
    news |= {path("dev", APPS[8]): "{{ a template }}\n", path("dev", APPS[7]): overlay("dev", "latest", "x: [a]\n")}
    commit(repo, "main", news)
    return made


def planned(desk: Desk, **wishes: object) -> bytes:
    _, made = promote.plan(desk.world, Request(every_app=True, **wishes), desk.forge())  # type: ignore[arg-type]
    return dump(made.plan)


@pytest.fixture
def helped(monkeypatch) -> list[bytes | None]:
    """As if there were many apps; what the other process answers."""
    answers: list[bytes | None] = []
    answer = Beside.answer

    def noted(self: Beside) -> bytes | None:
        answers.append(answer(self))
        return answers[-1]

    monkeypatch.setattr(Beside, "answer", noted)
    monkeypatch.setattr(ahead, "can_help", lambda _jobs: True)
    monkeypatch.setattr(planning, "MANY", 2)
    return answers


@pytest.mark.parametrize("through", ["", "production"])
def test_two_processes_make_the_plan_that_one_makes(desk, monkeypatch, helped, through):
    two = planned(desk, through=through)
    assert [bool(answer) for answer in helped] == [True] * (2 if through else 1)
    monkeypatch.setattr(ahead, "can_help", lambda _jobs: False)
    assert planned(desk, through=through) == two
    assert two.count(b'"app"') >= 10


@pytest.mark.parametrize("end", [lambda: 1 / 0, lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: sys.exit(0)])
def test_where_the_other_one_fails_its_apps_are_planned_here(desk, monkeypatch, helped, end):
    monkeypatch.setattr(ahead, "can_help", lambda _jobs: False)
    one = planned(desk)
    monkeypatch.setattr(ahead, "can_help", lambda _jobs: True)
    monkeypatch.setattr(ahead, "row", lambda _move: end())
    assert planned(desk) == one
    assert helped == [None]


def test_it_ends_with_us_asked_or_not(tmp_path):
    def sleeping() -> bytes:
        signal.pause()
        return b""

    with Beside(sleeping) as other:
        pid = other._pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with Beside(lambda: b"x" * 1_000_000) as other:
        assert other.answer() == b"x" * 1_000_000


def test_it_leaves_the_pipes_to_git_alone(tmp_path):
    repo = Desk.make(tmp_path / "repo").world.git
    assert repo.git.resolve("refs/heads/main")

    def asks() -> bytes:
        return str([repo.git.resolve("refs/heads/main") for _ in range(50)]).encode()

    with Beside(asks) as other:
        mine = str([repo.git.resolve("refs/heads/main") for _ in range(50)]).encode()
        assert other.answer() == mine


@pytest.mark.parametrize(
    ("jobs", "cores", "threads", "system", "can"),
    [(0, 2, 1, "linux", True), (0, 1, 1, "linux", False), (1, 2, 1, "linux", False), (0, 2, 2, "linux", False),
     (0, 2, 1, "darwin", False)],
)  # fmt: skip
def test_it_needs_a_processor_and_no_threads(monkeypatch, jobs, cores, threads, system, can):
    monkeypatch.setattr(beside.os, "sched_getaffinity", lambda _pid: set(range(cores)))
    monkeypatch.setattr(beside.threading, "active_count", lambda: threads)
    monkeypatch.setattr(beside.sys, "platform", system)
    assert can_help(jobs) is can
