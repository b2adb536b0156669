"""The scaffold's workflow on several runners does what it should: its own shell lines are run, job by job."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.e2e.sealed import fairlead, git
from tests.workflows import Runner

SHARDS = 3


@dataclass
class Runners:
    """Fresh runners with what the actions would have given them; artifacts lie in a folder."""

    repo: Path
    jobs: dict
    place: Path

    def run(self, job, folder, temp, **more):
        """A job's shell lines as a runner starts them, up to one that fails; exit code and output."""
        values = {"matrix.shard": more.get("SHARD", "")}
        return Runner(folder, temp, values, {"GITHUB_STEP_SUMMARY": str(temp / "summary.md")}).steps(self.jobs[job])

    def shard(self, index):
        """One of the matrix; its report becomes an artifact."""
        temp = self.place / f"runner-{index}"
        temp.mkdir(exist_ok=True)
        costs = self.place / "costs.json"
        if costs.exists():
            shutil.copy(costs, temp)
        code, told = self.run("shard", self.repo, temp, SHARD=str(index))
        if code == 0:
            (self.place / "reports").mkdir(exist_ok=True)
            shutil.copy(temp / f"report-{index}.json", self.place / "reports")
        return code, told

    def overlays(self):
        """The job that puts the reports together, in a folder without a repository."""
        return self.run("overlays", self.place, self.place)


@pytest.fixture
def runners(tmp_path):
    assert fairlead("new", "shop", "--defaults", "--shards", SHARDS, cwd=tmp_path).returncode == 0
    repo = tmp_path / "shop"
    workflow = yaml.safe_load((repo / ".github/workflows/check.yml").read_text())
    assert workflow["jobs"]["shard"]["strategy"]["matrix"]["shard"] == [1, 2, 3]
    place = tmp_path / "place"
    place.mkdir()
    return Runners(repo, workflow["jobs"], place)


def test_a_sound_repository_passes_and_its_costs_split_the_next_run(runners):
    for _ in range(2):
        assert [runners.shard(index)[0] for index in (1, 2, 3)] == [0, 0, 0]
        code, told = runners.overlays()
        assert code == 0, told
        assert "3 overlays: no findings" in (runners.place / "summary.md").read_text()
        assert (runners.place / "costs.json").exists()
    assert "there is no" not in runners.shard(1)[1]
    assert git("status", "--porcelain", cwd=runners.repo) == ""


def test_what_is_found_fails_the_check_that_is_required_and_no_shard(runners):
    overlay = runners.repo / "apps/web/overlays/production/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("1.0.0", "latest"))
    assert [runners.shard(index)[0] for index in (1, 2, 3)] == [0, 0, 0]
    code, told = runners.overlays()
    alone = fairlead("check", "--format", "github", cwd=runners.repo)
    assert (code, told) == (1, alone.stdout + alone.stderr)
    assert "title=mutable-tag" in told
    assert (runners.place / "fairlead.sarif").exists()


def test_a_shard_that_could_not_judge_fails_and_so_does_the_check_that_is_required(runners):
    assert [runners.shard(index)[0] for index in (1, 3)] == [0, 0]
    (runners.repo / "fairlead.yaml").write_text("version: 1\nenvironmnets: {}\n")
    assert runners.shard(2)[0] == 1  # `test` says that fairlead did not end with 1
    code, told = runners.overlays()
    assert code == 1
    assert "shard 2 of 3 is missing" in told


def test_without_any_report_the_check_that_is_required_fails(runners):
    code, told = runners.overlays()
    assert code == 1
    assert "can't read reports/*.json" in told
