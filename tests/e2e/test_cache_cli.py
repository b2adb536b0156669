"""`fairlead cache` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.render import helper
from tests.e2e.test_check_cli import _FILES, fairlead
from tests.support import new_repo

needs_helper = pytest.mark.skipif(
    helper.found() is None, reason="there is no fairlead-renderer: nothing is kept without it (make renderer)"
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def _rendered(repo: Path, **environment: str) -> int:
    done = fairlead(repo, "check", "--format", "json", **environment)
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["summary"]["rendered"])


@needs_helper
def test_it_fills_and_is_shown_verified_and_cleared(repo: Path, tmp_path: Path) -> None:
    there = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    assert (_rendered(repo, **there), _rendered(repo, **there)) == (2, 0)
    info = json.loads(fairlead(repo, "cache", "info", "--json", **there).stdout)
    assert info["folder"] == str(tmp_path / "cache/v1")
    assert info["kinds"]["results"]["entries"] == 1
    assert "1 packs of rendered overlays" in fairlead(repo, "cache", "info", **there).stdout
    whole = fairlead(repo, "cache", "verify", **there)
    assert (whole.returncode, whole.stdout.split()[1:]) == (0, ["entries", "are", "whole"])
    place = next(p for p in (tmp_path / "cache/v1/results").rglob("*") if p.is_file())
    place.write_bytes(place.read_bytes()[:-1])
    torn = fairlead(repo, "cache", "verify", **there)
    assert (torn.returncode, torn.stdout.rstrip().rpartition("; ")[2]) == (1, "1 were damaged and are removed")
    assert fairlead(repo, "cache", "clear", **there).stdout.startswith("removed ")
    assert list((tmp_path / "cache").iterdir()) == []
    assert _rendered(repo, **there) == 2


def test_nobody_has_to_have_one(repo: Path) -> None:
    done = fairlead(repo, "cache", "info", FAIRLEAD_CACHE="none")
    assert done.stdout == "nothing is kept: FAIRLEAD_CACHE is none, or there is no home folder\n"
    assert _rendered(repo, FAIRLEAD_CACHE="none") == 2
    for verb in ("verify", "clear"):
        assert fairlead(repo, "cache", verb, FAIRLEAD_CACHE="none").returncode == 0


def test_an_empty_home_is_enough(repo: Path) -> None:
    for home in ("", str(repo.parent / "nowhere")):
        done = fairlead(repo, "check", HOME=home)
        assert done.returncode == 0
        assert "Traceback" not in done.stderr
    assert not (repo.parent / "nowhere").exists()


@needs_helper
def test_a_shared_cache_that_fails_is_told_once_and_the_check_goes_on(repo: Path) -> None:
    done = fairlead(repo, "check", FAIRLEAD_SHARED_CACHE="nonsense://x")
    assert done.returncode == 0
    assert done.stderr.count("the shared cache can't be used") == 1
