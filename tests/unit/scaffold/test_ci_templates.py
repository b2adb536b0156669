"""The workflows that are scaffolded, and the action: sound by the linters of the field, and by what we promise."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from fairlead import __version__
from fairlead.scaffold.render import render

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "tests/fixtures/ci/gitlab-ci.schema.json"
MADE = [
    {"forge": "local", "shards": 1},
    {"forge": "local", "shards": 3},
    {"forge": "github", "shards": 1},
    {"forge": "github", "shards": 3, "default_branch": "trunk/2.x"},
    {"forge": "gitea", "shards": 1},
    {"forge": "gitea", "shards": 3},
]
GITLAB = [{"forge": "gitlab", "shards": 1}, {"forge": "gitlab", "shards": 3}, {"forge": "local", "ci": "gitlab"}]


def name(answers):
    return "-".join(str(value) for value in answers.values())


def workflows(answers):
    """Path to parsed workflow."""
    files = render("repo", answers)
    return {path: yaml.safe_load(file.data) for path, file in files.items() if "/workflows/" in path and ".yml" in path}


def program(name):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here (make setup actionlint)")
    return found


@pytest.fixture
def written(tmp_path):
    """The workflows where the linters look for them, in a repository."""

    def write(answers):
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        for path, file in render("repo", answers).items():
            if "/workflows/" in path:
                place = tmp_path / path.replace(".forgejo/", ".github/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.data)
        return tmp_path

    return write


def run(*argv, cwd):
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("answers", MADE, ids=name)
def test_actionlint_finds_nothing_with_shellcheck_beside_it(written, answers):
    argv = [program("actionlint"), "-shellcheck", program("shellcheck")]
    if answers["forge"] == "gitea":
        argv += ["-ignore", 'label "docker" is unknown']  # Forgejo's own
    assert run(*argv, cwd=written(answers)) == (0, "")


@pytest.mark.parametrize("answers", MADE, ids=name)
def test_zizmor_finds_nothing_even_if_pedantic(written, answers):
    folder = written(answers)
    code, told = run(program("zizmor"), "--offline", "--quiet", "--persona", "pedantic", ".", cwd=folder)
    assert code == 0, told


def test_zizmor_finds_nothing_in_the_action(tmp_path):
    shutil.copy(ROOT / "action.yml", tmp_path)
    code, told = run(program("zizmor"), "--offline", "--quiet", "--persona", "pedantic", ".", cwd=tmp_path)
    assert code == 0, told


@pytest.mark.parametrize("answers", GITLAB, ids=name)
def test_gitlab_s_own_schema_accepts_its_jobs(answers):
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    files = render("repo", answers)
    for path in (".gitlab-ci.yml", ".gitlab/ci/fairlead.yml"):
        errors = [
            f"{path} {list(e.instance_path)}: {e.message}" for e in schema.iter_errors(yaml.safe_load(files[path].data))
        ]
        assert errors == []


@pytest.mark.parametrize("answers", GITLAB, ids=name)
def test_shellcheck_finds_nothing_in_gitlab_s_scripts(tmp_path, answers):
    jobs = yaml.safe_load(render("repo", answers)[".gitlab/ci/fairlead.yml"].data)
    for job, body in jobs.items():
        (tmp_path / "job.sh").write_text("#!/bin/bash\n" + "\n".join(body.get("script", [])) + "\n")
        # Variables of the job are what the linter can't see.
        assert run(program("shellcheck"), "--exclude=SC2154", "job.sh", cwd=tmp_path) == (0, ""), job


def test_each_answer_brings_its_own_files_and_pull_requests_that_are_local_are_only_checked():
    def files(**answers):
        return {path for path in render("repo", answers) if path.startswith((".github", ".gitlab", ".forgejo"))}

    of = ".github/workflows/"
    assert files() == {f"{of}{name}" for name in ("check.yml", "docs.yml", "requirements.txt")}
    more = {f"{of}{name}" for name in ("gate.yml", "gate-signal.yml", "promote.yml")} | {".github/ruleset.json"}
    assert files(forge="github") == files() | more
    assert files(forge="gitlab") == {".gitlab-ci.yml", ".gitlab/ci/fairlead.yml", ".gitlab/ci/requirements.txt"}
    of = ".forgejo/workflows/"
    assert files(forge="gitea") == {
        f"{of}{name}" for name in ("check.yml", "gate.yml", "promote.yml", "requirements.txt")
    }
    assert files(forge="github", ci="none") == set()
    local = yaml.safe_load(render("repo", {"ci": "gitlab"})[".gitlab/ci/fairlead.yml"].data)
    assert not {"gate", "promote"} & set(local)


@pytest.mark.parametrize("forge", ["github", "gitlab", "gitea"])
def test_fairlead_is_pinned_where_a_pull_request_can_t_change_it_unseen(forge):
    files = render("repo", {"forge": forge})
    (path,) = [path for path in files if path.endswith("requirements.txt")]
    assert files[path].data.decode().splitlines()[1:] == [f"fairlead=={__version__}"]
    folder = path.split("/", 1)[0]
    assert f"/{folder}/ @platform" in files["CODEOWNERS"].data.decode().splitlines()


@pytest.mark.parametrize("answers", MADE, ids=name)
def test_workflows_have_least_rights_pinned_actions_and_no_expression_in_what_a_shell_runs(answers):
    for path, file in render("repo", answers).items():
        for line in re.findall(r"(?<![-\w])uses: (.*)", file.data.decode()) if "/workflows/" in path else ():
            assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), (path, line)
    for path, workflow in workflows(answers).items():
        assert workflow["permissions"] in ({}, {"contents": "read"}), path
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 30
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")
                assert "actions/checkout@" not in step.get("uses", "") or step["with"]["persist-credentials"] is False


def test_what_holds_a_secret_runs_as_the_default_branch_has_it_and_checks_out_nothing_else():
    for path, workflow in workflows({"forge": "github", "default_branch": "trunk"}).items():
        text = json.dumps(workflow, default=str)
        if "secrets." not in text:
            continue
        assert not {"pull_request", "pull_request_review", "merge_group"} & set(workflow[True]), path
        for job in workflow["jobs"].values():
            out = [step["with"] for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
            assert all(where.get("ref", "trunk") == "trunk" for where in out), path
            if "secrets." in json.dumps(job):
                assert job["environment"] == {"name": "fairlead", "deployment": False}


def test_what_a_pull_request_can_change_holds_no_right_to_write_but_to_report():
    for path, workflow in workflows({"forge": "github"}).items():
        if not {"pull_request", "pull_request_review", "merge_group"} & set(workflow[True]):
            continue
        for job in workflow["jobs"].values():
            rights = {right for right, level in job["permissions"].items() if level == "write"}
            assert rights <= {"security-events"}, path


def test_the_ruleset_requires_the_check_and_the_gate_each_from_its_own_app():
    rules = json.loads(render("repo", {"forge": "github"})[".github/ruleset.json"].data)
    assert rules["conditions"]["ref_name"] == {"include": ["~DEFAULT_BRANCH"], "exclude": []}
    by = {rule["type"]: rule.get("parameters", {}) for rule in rules["rules"]}
    assert set(by) == {"deletion", "non_fast_forward", "pull_request", "required_status_checks"}
    required = by["required_status_checks"]["required_status_checks"]
    # 15368 is GitHub Actions; the other is put in by whoever made the app, and as it is can't be met by anybody.
    assert required == [
        {"context": "overlays", "integration_id": 15368},
        {"context": "fairlead/gate", "integration_id": 0},
    ]
