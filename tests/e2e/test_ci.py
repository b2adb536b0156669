"""What `fairlead new` scaffolds for CI works: the shell lines of its jobs are run, against the local forge."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.e2e.sealed import fairlead, git
from tests.workflows import Runner

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "registry.example.com/shop/web"
TOKEN = {"steps.app.outputs.token": "t", "secrets.FAIRLEAD_TOKEN": "t", "github.token": "t"}
NUMBER = "github.event.pull_request.number"
EVENT = "github.event.workflow_run"
GROUP = f"{EVENT}.event == 'merge_group' && {EVENT}.head_branch || ''"
GATE = f"{NUMBER} || github.event.workflow_run.pull_requests[0].number"
PRESSED, ELSE = "github.event_name == 'workflow_dispatch'", "github.event_name != 'workflow_dispatch'"
MERGED = {ELSE: True, f"{ELSE} && !cancelled()": True, PRESSED: False}
ASKED = {ELSE: False, f"{ELSE} && !cancelled()": False, PRESSED: True}


def commit(folder, message):
    git("add", "-A", cwd=folder)
    git("-c", "user.name=sam", "-c", "user.email=sam@example.com", "commit", "-qm", message, cwd=folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A repository of a forge whose pull requests are local all the same, with a new version in dev; each made once."""
    place, there = tmp_path_factory.mktemp("made"), {}

    def make(forge, shards=1):
        name = f"{forge}-{shards}"
        if name not in there:
            wishes = ("--defaults", "--forge", forge, "--shards", shards, "--soak-production", "0s")
            done = fairlead("new", name, *wishes, cwd=place)
            assert done.returncode == 0, done.stderr
            assert "  fairlead doctor --online" in done.stdout.splitlines()
            repo = there[name] = place / name
            rules = repo / "fairlead.yaml"
            rules.write_text(rules.read_text().replace(f"kind: {forge}", "kind: local"))
            commit(repo, "test: pull requests are local")
            assert fairlead("set", "web", "dev", f"image={IMAGE}:1.1.0", cwd=repo).returncode == 0
        return there[name]

    return make


@pytest.fixture
def scaffold(made, tmp_path):
    def make(forge, shards=1):
        shutil.copytree(made(forge, shards), tmp_path / "repo")
        temp = tmp_path / "temp"
        temp.mkdir()
        git("remote", "add", "origin", "https://gitlab-ci-token:secret@git.example.com/shop.git", cwd=tmp_path / "repo")
        told = {"GITHUB_STEP_SUMMARY": str(temp / "summary.md"), "CI_DEFAULT_BRANCH": "main"}
        return Runner(tmp_path / "repo", temp, dict(TOKEN), told | {"CI_PROJECT_URL": "https://git.example.com/shop"})

    return make


def pulls(runner):
    """Number to title of the open pull requests."""
    done = fairlead("pr", "list", "--json", cwd=runner.folder)
    return {row["number"]: row["title"] for row in json.loads(done.stdout)}


def comments(runner, number):
    done = fairlead("pr", "show", number, "--json", cwd=runner.folder)
    return {row["marker"]: row["text"] for row in json.loads(done.stdout)["comments"]}


@pytest.mark.parametrize("folder", [".github", ".forgejo"])
def test_a_change_is_promoted_told_and_gated_by_the_workflows(scaffold, folder):
    runner = scaffold("github" if folder == ".github" else "gitea")
    runner.values |= MERGED
    code, told = runner.job(f"{folder}/workflows/promote.yml", "promote")
    assert (code, pulls(runner)) == (0, {1: "chore(staging): promote web from dev (1.1.0)"}), told
    assert "nothing to promote" in told  # into production, yet

    runner.values |= {NUMBER: "1", GATE: "1", GROUP: ""}
    code, told = runner.job(f"{folder}/workflows/gate.yml", "gate")
    assert code == 0, told
    assert "reaches staging" in told
    if folder == ".github":
        code, told = runner.job(".github/workflows/gate.yml", "difference")
        assert code == 0, told
    kept = comments(runner, 1)
    assert set(kept) == {"gates", "difference"}
    assert f"image: {IMAGE}:1.1.0" in kept["difference"]


def test_the_schedule_and_a_merge_queue_get_their_answer(scaffold):
    runner = scaffold("github")
    assert fairlead("promote", "web", "--to", "staging", "--yes", cwd=runner.folder).returncode == 0
    runner.values |= {GATE: "", GROUP: ""}
    code, told = runner.job(".github/workflows/gate.yml", "gate")
    assert (code, "chore(staging): promote web from dev" in told) == (0, True), told

    head = git("rev-parse", "fairlead/staging/web", cwd=runner.folder)
    queue = f"gh-readonly-queue/main/pr-1-{git('rev-parse', 'main', cwd=runner.folder)}"
    git("branch", queue, head, cwd=runner.folder)
    runner.values[GROUP] = queue
    code, told = runner.job(".github/workflows/gate.yml", "gate")
    assert (code, told.splitlines()[:2]) == (0, ["merge group of #1", "reaches staging"]), told


def test_the_button_promotes_what_was_asked_for_and_who_presses_it_has_asked(scaffold):
    runner = scaffold("github")
    runner.values |= ASKED | {"inputs.apps": "web", "inputs.to": "staging"}
    runner.variables["GITHUB_ACTOR"] = "ann"
    code, told = runner.job(".github/workflows/promote.yml", "promote")
    assert (code, pulls(runner)) == (0, {1: "chore(staging): promote web from dev (1.1.0)"}), told
    shown = json.loads(fairlead("pr", "show", 1, "--json", cwd=runner.folder).stdout)
    assert shown["author"] == "ann"


def test_what_is_typed_at_the_button_is_no_command(scaffold):
    runner = scaffold("github")
    runner.values |= ASKED | {"inputs.apps": "web; touch own $(touch own) `touch own`", "inputs.to": "staging"}
    runner.variables["GITHUB_ACTOR"] = "ann"
    code, told = runner.job(".github/workflows/promote.yml", "promote")
    assert (code, pulls(runner)) == (2, {}), told
    assert not (runner.folder / "own").exists()


def test_a_pull_request_s_findings_reach_and_difference_are_told(scaffold):
    runner = scaffold("github")
    git("switch", "-qc", "slower", cwd=runner.folder)
    base = runner.folder / "apps/web/base/deployment.yaml"
    base.write_text(base.read_text().replace("revisionHistoryLimit: 3", "revisionHistoryLimit: 5"))
    overlay = runner.folder / "apps/web/overlays/production/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace('"1.0.0"', "latest"))
    commit(runner.folder, "fix: keep more revisions")

    code, told = runner.job(".github/workflows/check.yml", "overlays")
    assert code == 1
    assert told.startswith("::error file=apps/web/overlays/production/kustomization.yaml,line=13,")
    assert "mutable-tag" in (runner.temp / "summary.md").read_text()
    assert json.loads((runner.temp / "fairlead.sarif").read_text())["version"] == "2.1.0"

    code, told = runner.job(".github/workflows/check.yml", "change")
    assert (code, told.splitlines()[-1]) == (0, "3 of 3 overlays differ")
    assert "in dev, production, staging" in told
    assert "+  revisionHistoryLimit: 5" in (runner.temp / "summary.md").read_text()


def test_forgejo_s_check_judges_every_shard_and_tells_what_a_pull_request_does(scaffold):
    runner = scaffold("gitea", 2)
    base = git("rev-parse", "HEAD~1", cwd=runner.folder)
    runner.values |= {"github.event_name == 'pull_request'": True, "github.event.pull_request.base.sha": base}
    for shard in ("1", "2"):
        runner.values["matrix.shard"] = shard
        code, told = runner.job(".forgejo/workflows/check.yml", "overlays")
        assert (code, "no findings" in told, told.splitlines()[-1]) == (0, True, "1 of 1 overlay differs"), told


def test_gitlab_s_shards_are_put_together(scaffold):
    runner = scaffold("gitlab", 2)
    overlay = runner.folder / "apps/web/overlays/production/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace('"1.0.0"', "latest"))
    for shard in ("1", "2"):
        runner.variables |= {"CI_NODE_INDEX": shard, "CI_NODE_TOTAL": "2"}
        assert runner.gitlab("shard")[0] == 0
    code, told = runner.gitlab("overlays")
    assert (code, "[mutable-tag]" in told) == (1, True), told
    (found,) = json.loads((runner.folder / "codequality.json").read_text())
    assert found["check_name"] == "mutable-tag"


def test_gitlab_s_jobs_check_tell_gate_and_promote(scaffold):
    runner = scaffold("gitlab")
    git("update-ref", "refs/remotes/origin/main", "HEAD~1", cwd=runner.folder)
    assert runner.gitlab("overlays")[0] == 0
    assert {path.name for path in runner.folder.glob("*") if path.suffix in (".json", ".xml")} == {
        "codequality.json",
        "junit.xml",
    }
    code, told = runner.gitlab("change")
    assert code == 0, told
    assert "1.1.0" in (runner.folder / "difference.md").read_text()

    git("update-ref", "-d", "refs/remotes/origin/main", cwd=runner.folder)
    git("checkout", "-q", "--detach", cwd=runner.folder)  # as GitLab's runner does
    git("branch", "-qD", "main", cwd=runner.folder)
    code, told = runner.gitlab("promote")
    assert (code, pulls(runner)) == (0, {1: "chore(staging): promote web from dev (1.1.0)"}), told
    assert git("remote", "get-url", "origin", cwd=runner.folder) == "https://git.example.com/shop.git"

    event = runner.temp / "payload.json"
    event.write_text(json.dumps({"object_attributes": {"iid": 1, "state": "opened", "title": "$(touch own)"}}))
    runner.variables["TRIGGER_PAYLOAD"] = str(event)
    code, told = runner.gitlab("gate")
    assert code == 0, told
    assert set(comments(runner, 1)) == {"gates", "difference"}


def test_a_payload_of_gitlab_s_that_names_no_number_is_refused(scaffold):
    runner = scaffold("gitlab")
    event = runner.temp / "payload.json"
    runner.variables["TRIGGER_PAYLOAD"] = str(event)
    for iid in ("1; touch own", "--all-open", None):
        event.write_text(json.dumps({"object_attributes": {"iid": iid, "state": "opened"}}))
        code, told = runner.gitlab("gate")
        assert (code, "reaches" in told) == (1, False), told
    assert not (runner.folder / "own").exists()


def test_doctor_tells_where_a_workflow_would_use_its_own_token(scaffold):
    folder = scaffold("gitea").folder
    rules = folder / "fairlead.yaml"
    rules.write_text(rules.read_text().replace("kind: local", "kind: gitea"))
    git("remote", "set-url", "origin", "https://codeberg.org/shop/fleet.git", cwd=folder)
    done = fairlead("doctor", cwd=folder, GITHUB_ACTIONS="true", FORGEJO_TOKEN="t")
    assert "token from FORGEJO_TOKEN\n" in done.stdout
    assert "-> this is a workflow's own token" in done.stdout
    assert "own token" not in fairlead("doctor", cwd=folder, GITHUB_ACTIONS="true", FAIRLEAD_TOKEN="t").stdout


def test_the_action_runs_a_command_split_at_blanks_and_expands_nothing_in_it(scaffold):
    runner = scaffold("github")
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    *_, install, step = action["runs"]["steps"]
    assert install["env"]["SOURCE"].endswith("|| github.action_path }}")
    runner.values |= {"inputs.command": "check --format github", "inputs.token": "", step["if"]: True}
    assert runner.steps({"steps": [step]}) == (0, "")
    runner.values["inputs.command"] = "render web dev; touch own $(touch own)"
    assert runner.steps({"steps": [step]})[0] == 2
    assert not (runner.folder / "own").exists()


def test_no_job_is_there_that_was_not_thought_of(scaffold):
    """A workflow that gets another job has to be thought of here."""
    runner = scaffold("github")
    jobs = {
        path.name: list(yaml.safe_load(path.read_text())["jobs"])
        for path in (runner.folder / ".github/workflows").glob("*.yml")
    }
    assert jobs == {
        "check.yml": ["overlays", "change"],
        "docs.yml": ["publish"],
        "gate.yml": ["gate", "difference"],
        "gate-signal.yml": ["signal"],
        "promote.yml": ["promote"],
    }
