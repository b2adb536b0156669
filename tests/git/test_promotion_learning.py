"""What the history of a repository teaches, with a ledger and without."""

from __future__ import annotations

import pytest

from tests.promotions import CONFIG, Desk, git, path

FILE = """\
resources: [../../base]
images:
- {{name: example.com/web, newTag: {}}}
- {{name: example.com/job, newTag: {}}}
"""
WEB, JOB = "images[example.com/web].newTag", "images[example.com/job].newTag"


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


def by_hand(desk: Desk, env: str, web: str, job: str) -> None:
    desk.change({path(env): FILE.format(web, job)}, f"{env}: {web}, {job}")


def one_at_a_time(desk: Desk, times: int = 6) -> None:
    """Commits by hand: web goes from staging to production, job stays."""
    by_hand(desk, "production", "1.0", "1.0")
    for n in range(1, times + 1):
        by_hand(desk, "staging", f"1.{n}", "1.9")
        by_hand(desk, "production", f"1.{n}", "1.0")


def verdicts(desk: Desk) -> dict[str, str]:
    return {field: verdict for field, (verdict, _, _) in desk.moves(target="production").items()}


def test_commits_by_hand_teach_one_revision_at_a_time(desk):
    one_at_a_time(desk)
    by_hand(desk, "staging", "1.7", "1.9")
    assert verdicts(desk) == {WEB: "promote", JOB: "offer"}
    (moves,) = desk.plan(target="production").plan.hops[0].apps
    (job,) = [m for m in moves.held if m.field.endswith(JOB)]
    assert job.reason.startswith(
        "people take one revision at a time here (6 of the last 6 times); this one was left behind 6 times, first by "
        "a change that nobody promoted in "
    )


def test_the_configuration_can_take_all(desk):
    one_at_a_time(desk)
    by_hand(desk, "staging", "1.7", "1.9")
    desk.change({"fairlead.yaml": CONFIG + "promote: {pace: all}\n"})
    assert verdicts(desk) == {WEB: "promote", JOB: "promote"}


def test_what_went_first_to_a_sibling_comes_first(tmp_path):
    config = CONFIG.replace("production: {match: [prod]}", "eu: {}, us: {}").replace("production]", "[eu, us]]")
    desk = Desk.make(tmp_path / "repo", config=config)
    desk.change({path(env): FILE.format("1.0", "2.0") for env in ("dev", "staging", "eu", "us")})
    by_hand(desk, "staging", "1.1", "2.1")
    assert order(desk) == [WEB, JOB]
    by_hand(desk, "eu", "1.0", "2.1")
    assert order(desk) == [JOB, WEB]


def order(desk: Desk) -> list[str]:
    (moves,) = desk.plan(target="us").plan.hops[0].apps
    return [unit.moves[0].field.partition(": ")[2] for unit in moves.units]


def test_what_was_changed_since_a_commit_by_hand_is_a_hotfix(desk):
    by_hand(desk, "production", "1.0", "1.0")
    by_hand(desk, "staging", "1.1", "1.0")
    by_hand(desk, "production", "1.1", "1.0")
    by_hand(desk, "production", "1.0.9", "1.0")
    assert verdicts(desk) == {WEB: "offer"}


def test_a_shallow_clone_says_that_it_knows_little(desk, tmp_path):
    one_at_a_time(desk)
    by_hand(desk, "staging", "1.7", "1.9")
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{desk.folder}", "shallow")
    planned = Desk(tmp_path / "shallow").plan(target="production").plan
    assert "the clone is shallow: earlier promotions are known in part only (git fetch --unshallow)" in planned.warnings


def test_what_argo_cd_image_updater_writes_is_offered(desk):
    by_hand(desk, "staging", "1.1", "1.1")
    by_hand(desk, "production", "1.0", "1.0")
    app = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\n  annotations:\n"
        "    argocd-image-updater.argoproj.io/image-list: example.com/web\n"
        "    argocd-image-updater.argoproj.io/write-back-method: git\n"
        "    argocd-image-updater.argoproj.io/write-back-target: kustomization\n"
        "spec: {source: {path: apps/web/overlays/production}}\n"
    )
    desk.change({"argo/web.yaml": app})
    assert verdicts(desk) == {WEB: "offer", JOB: "promote"}


def test_a_configured_writer_is_named(desk):
    by_hand(desk, "staging", "1.1", "1.0")
    by_hand(desk, "production", "1.0", "1.0")
    desk.change(
        {"fairlead.yaml": CONFIG + 'promote: {writers: [{name: renovate, paths: ["apps/*/overlays/production"]}]}\n'}
    )
    (moves,) = desk.plan(target="production").plan.hops[0].apps
    assert [(m.field_class, m.reason) for m in moves.held] == [("automated", "renovate keeps this value")]
