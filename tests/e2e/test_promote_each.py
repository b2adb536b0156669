"""`fairlead promote --each`: every app by itself, and none stops the others."""

import json

import pytest

from tests.e2e.sealed import fairlead, git


@pytest.fixture
def shop(tmp_path):
    """Apps api, pay and web, each with a new version in dev."""
    assert fairlead("new", "shop", "--defaults", "--image", "example.com/web", cwd=tmp_path).returncode == 0
    folder = tmp_path / "shop"
    apps = folder / "apps"
    for app in ("api", "pay"):
        for file in (apps / "web").rglob("*"):
            if file.is_file():
                copy = apps / app / file.relative_to(apps / "web")
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(file.read_text().replace("web", app))
    for app in ("api", "pay", "web"):
        dev = apps / app / "overlays/dev/kustomization.yaml"
        dev.write_text(dev.read_text().replace("1.0.0", "1.1.0"))
    git("add", "-A", cwd=folder)
    git("-c", "user.name=sam", "-c", "user.email=sam@example.com", "commit", "-qm", "feat: more", cwd=folder)
    return folder


def each(folder, *more):
    return fairlead("promote", "--all", "--each", "--to", "staging", *more, cwd=folder)


def titles(folder):
    rows = json.loads(fairlead("pr", "list", "--json", cwd=folder).stdout)
    return {row["number"]: row["title"] for row in rows}


def test_each_app_has_a_pull_request_of_its_own_and_what_another_holds_is_left_to_it(shop):
    assert fairlead("promote", "api", "web", "--to", "staging", "--yes", cwd=shop).returncode == 0
    for _ in range(2):  # the second run changes nothing
        done = each(shop, "--yes")
        assert done.returncode == 0, done.stderr
        left = [line for line in done.stderr.splitlines() if line.endswith("; it is left to that")]
        told = "note: pull request #1 already changes {} in staging; it is left to that"
        assert left == [told.format("api"), told.format("web")]
        assert titles(shop) == {
            1: "chore(staging): promote 2 apps from dev (1.1.0)",
            2: "chore(staging): promote pay from dev (1.1.0)",
        }


def test_one_that_is_refused_stops_no_other_and_its_exit_code_is_told(shop):
    assert each(shop, "--yes").returncode == 0
    for branch, app, tag in (
        ("fairlead/staging/api", "api", "staging"),
        ("main", "api", "dev"),
        ("main", "pay", "dev"),
    ):
        git("switch", "-q", branch, cwd=shop)
        place = shop / f"apps/{app}/overlays/{tag}/kustomization.yaml"
        place.write_text(place.read_text().replace("1.1.0", "1.2.0"))
        git("-c", "user.name=sam", "-c", "user.email=sam@example.com", "commit", "-qam", "fix: by hand", cwd=shop)
    done = each(shop, "--yes")
    assert done.returncode == 5
    assert "error: fairlead/staging/api" in done.stderr
    assert set(titles(shop).values()) == {
        "chore(staging): promote api from dev (1.1.0)",
        "chore(staging): promote pay from dev (1.2.0)",
        "chore(staging): promote web from dev (1.1.0)",
    }


def test_what_makes_one_document_of_all_goes_without_it(shop):
    for flags in (("--json",), ("--plan-out", "plan.json"), ("--explain", "x")):
        assert each(shop, *flags, "--dry-run").returncode == 2
    done = each(shop, "--dry-run")
    assert (done.returncode, titles(shop)) == (0, {})
