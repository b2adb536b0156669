"""Many at once, and killed at any moment: one branch, one pull request, the same commits."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.model.pulls import PullState
from tests.e2e.sealed import Started
from tests.promotions import Desk, git, overlay, path


def start(folder: Path, *arguments: str) -> Started:
    """A command in a process group of its own."""
    return Started(arguments, folder, dict(os.environ))


def ended(running: list[Started]) -> list[tuple[int, str]]:
    return [(p.returncode, err) for p in running for _, err in [p.communicate(timeout=300)]]


def state(folder: Path) -> dict[str, object]:
    """Branches and pull requests; nothing that names a time."""
    pulls = Desk(folder).forge().pulls()
    branches = git(folder, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/fairlead").splitlines()
    return {
        "branches": branches,
        "pulls": [(p.number, p.state, p.want.head, p.want.head_oid, p.want.plan_id, p.want.hop_id) for p in pulls],
        "plans": git(folder, "for-each-ref", "--format=%(refname) %(objectname)", "refs/fairlead/plans").splitlines(),
    }


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo")
    made.set("1.1.0")
    return made


def test_16_promotes_of_the_same_app_make_one_pull_request(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "alone", symlinks=True)
    assert ended([start(tmp_path / "alone", "promote", "web", "--yes")])[0][0] == 0
    done = ended([start(desk.folder, "promote", "web", "--yes") for _ in range(16)])
    assert [code for code, _ in done] == [0] * 16, done
    assert state(desk.folder) == state(tmp_path / "alone")
    assert len(state(desk.folder)["pulls"]) == 1


def test_16_sets_of_distinct_apps_all_land(tmp_path):
    apps = [f"app-{i:02}" for i in range(16)]
    desk = Desk.make(tmp_path / "repo", *apps)
    begun = git(desk.folder, "rev-parse", "main")
    done = ended(
        [start(desk.folder, "set", app, "dev", f"image=example.com/web:2.0.{i}") for i, app in enumerate(apps)]
    )
    assert [code for code, _ in done] == [0] * 16, done
    assert [desk.tags(app)["dev"] for app in apps] == [f"2.0.{i}" for i in range(16)]
    assert git(desk.folder, "rev-list", "--count", f"{begun}..main") == "16"
    assert git(desk.folder, "status", "--porcelain") == ""
    assert git(desk.folder, "fsck", "--no-dangling") == ""


def test_distinct_apps_promoted_at_once_have_a_pull_request_each(tmp_path):
    apps = [f"app-{i}" for i in range(8)]
    desk = Desk.make(tmp_path / "repo", *apps)
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in apps})
    done = ended([start(desk.folder, "promote", app, "--yes") for app in apps])
    assert [code for code, _ in done] == [0] * 8, done
    pulls = Desk(desk.folder).forge().pulls()
    assert sorted(p.want.head for p in pulls) == [f"fairlead/staging/{app}" for app in apps]
    assert [p.number for p in pulls] == list(range(1, 9))


def test_sets_that_overlap_at_once_leave_one_open_promotion_an_app(tmp_path):
    desk = Desk.make(tmp_path / "repo", "a", "b", "c")
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in ("a", "b", "c")})
    done = ended([start(desk.folder, "promote", *apps, "--yes") for apps in (("a", "b"), ("b", "c"), ("a", "c"))])
    assert sorted(code for code, _ in done) == [0, 5, 5], done
    assert all("Traceback" not in err for _, err in done)
    assert len(desk.open()) == 1


THROUGH = ("promote", "web", "--through", "production", "--yes", "--json")


@dataclass(frozen=True)
class Whole:
    """A repository before a promotion, how it is after one that nobody killed, and how many seconds that took."""

    before: Path
    after: dict[str, object]
    took: float


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    Desk.make(folder / "before").set("1.1.0")
    shutil.copytree(folder / "before", folder / "after", symlinks=True)
    begun = time.monotonic()
    ((code, err),) = ended([start(folder / "after", *THROUGH)])
    assert code == 0, err
    return Whole(folder / "before", state(folder / "after"), time.monotonic() - begun)


@pytest.mark.parametrize("seed", range(4))
def test_a_promote_that_is_killed_anywhere_converges_when_run_again(whole, tmp_path, seed):
    """40 kills: of the command alone, and of the git that it started too (which leaves git's own locks)."""
    assert (len(whole.after["branches"]), len(whole.after["pulls"])) == (2, 2)
    main = git(whole.before, "rev-parse", "main")
    chance = random.Random(seed)
    for attempt in range(10):
        folder = tmp_path / f"repo-{attempt}"
        shutil.copytree(whole.before, folder, symlinks=True)
        git(folder, "update-index", "-q", "--refresh")
        running = start(folder, *THROUGH)
        # Most of the run only plans and renders: the kills fall mostly where it writes.
        moment = whole.took * (chance.uniform(0.5, 1.1) if attempt % 4 else chance.random())
        if running.runs(moment):
            (os.killpg if attempt % 2 else os.kill)(running.pid, signal.SIGKILL)
        running.communicate()
        assert git(folder, "status", "--porcelain") == ""
        assert git(folder, "rev-parse", "main") == main
        for pull in Desk(folder).forge().pulls():  # whatever is there is whole
            assert pull.state is PullState.OPEN
            assert git(folder, "rev-parse", pull.want.head) == pull.want.head_oid
        again = start(folder, *THROUGH)
        out, err = again.communicate(timeout=120)
        assert again.returncode == 0, err
        assert [p["number"] for p in json.loads(out)] == [1, 2]
        assert state(folder) == whole.after
        shutil.rmtree(folder)
