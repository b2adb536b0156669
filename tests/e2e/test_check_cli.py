"""`fairlead check`, `render` and `doctor` as people run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import sealed
from tests.support import new_repo

_HERE = Path(__file__).parents[2]
_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: shop/web:1\n"
)
_FILES = {
    "README.md": "# fleet\n",
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
    "layout: ['apps/{app}/overlays/{env}']\n",
    "apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "apps/web/base/deployment.yaml": _DEPLOYMENT,
    "apps/web/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
    "apps/web/overlays/production/kustomization.yaml": "resources: [../../base]\n",
}
_BAD = _DEPLOYMENT.replace("image:", "imgae:")


def fairlead(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return sealed.fairlead(*arguments, cwd=folder, **{"HOME": os.environ["HOME"], **environment})


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, text=True, capture_output=True, check=True)
    return done.stdout


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def test_a_sound_repository_has_no_findings(repo: Path) -> None:
    done = fairlead(repo, "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 overlays: no findings" in done.stderr


def test_a_finding_is_told_with_place_rule_and_remedy_and_fails(repo: Path) -> None:
    (repo / "apps/web/base/deployment.yaml").write_text(_BAD)
    done = fairlead(repo, "check")
    assert done.returncode == 1
    assert "apps/web/base/deployment.yaml:12:9 error" in done.stdout
    assert "[schema]" in done.stdout
    assert "did you mean 'image'?" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_json_is_for_programs(repo: Path) -> None:
    (repo / "apps/web/base/deployment.yaml").write_text(_BAD)
    done = fairlead(repo, "check", "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["version"] == 1
    assert told["summary"] == {"errors": 1, "warnings": 0, "notes": 0, "overlays": 2, "built": 2, "rendered": 2}
    (finding,) = told["findings"]
    assert finding["overlays"] == ["apps/web/overlays/dev", "apps/web/overlays/production"]
    assert [(o["app"], o["env"], o["built"]) for o in told["overlays"]] == [
        ("web", "dev", True), ("web", "production", True)
    ]  # fmt: skip


def test_a_commit_is_judged_also_in_a_bare_clone(repo: Path, tmp_path: Path) -> None:
    (repo / "apps/web/base/deployment.yaml").write_text(_BAD)
    git(repo, "commit", "-qam", "break")
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    assert fairlead(tmp_path / "bare.git", "check", "--at", "HEAD").returncode == 1
    assert fairlead(tmp_path / "bare.git", "check", "--at", "HEAD~1").returncode == 0
    without = fairlead(tmp_path / "bare.git", "check")
    assert (without.returncode, "--at" in without.stderr) == (2, True)
    unknown = fairlead(repo, "check", "--at", "nothing")
    assert (unknown.returncode, "no commit 'nothing'" in unknown.stderr) == (2, True)


def test_a_plain_folder_without_git_or_configuration(tmp_path: Path) -> None:
    for path, text in _FILES.items():
        if path != "fairlead.yaml":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    done = fairlead(tmp_path, "check")
    assert done.returncode == 0
    assert "no fairlead.yaml" in done.stderr
    assert "2 overlays" in done.stderr
    assert fairlead(tmp_path, "check", "--staged").returncode == 2


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "overlays/dev").mkdir(parents=True)
    (tmp_path / "overlays/dev/kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    assert fairlead(tmp_path, "check").returncode == 1
    assert fairlead(tmp_path, "check", "--staged").returncode == 0
    git(tmp_path, "add", ".")
    assert fairlead(tmp_path, "check", "--staged").returncode == 1


def test_paths_narrow_the_check(repo: Path) -> None:
    assert "2 overlays" in fairlead(repo, "check", "apps/web/base").stderr
    (repo / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    assert fairlead(repo, "check", "apps/web/overlays/production").returncode == 0
    assert fairlead(repo, "check", "apps/web/overlays/dev").returncode == 1
    assert fairlead(repo / "apps/web", "check", "overlays/production").returncode == 0
    missing = fairlead(repo, "check", "apps/wbe")
    assert (missing.returncode, "there is no apps/wbe" in missing.stderr) == (2, True)
    assert fairlead(repo, "check", "/").returncode == 2


def test_a_folder_with_a_configuration_of_its_own_is_judged_by_it(tmp_path: Path) -> None:
    new_repo(tmp_path / "r", {f"fleet/{path}": text for path, text in _FILES.items()})
    for arguments in (("check", "fleet"), ("-C", "fleet", "check")):
        done = fairlead(tmp_path / "r", *arguments)
        assert (done.returncode, "fairlead.yaml" in done.stderr) == (0, False)
    assert "fleet/fairlead.yaml" in fairlead(tmp_path / "r", "check").stderr


def test_staged_judges_the_index_and_only_what_it_reaches(repo: Path) -> None:
    (repo / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: [../../base, nothing.yaml]\n")
    assert "nothing that is staged" in fairlead(repo, "check", "--staged").stderr
    (repo / "apps/web/overlays/production/kustomization.yaml").write_text("resources: [../../base]\nnamespace: x\n")
    git(repo, "add", "apps/web/overlays/production")
    done = fairlead(repo, "check", "--staged")
    assert (done.returncode, "1 overlay: no findings" in done.stderr) == (0, True)
    git(repo, "add", ".")
    (repo / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: [../../base]\n")
    assert fairlead(repo, "check", "--staged").returncode == 1
    assert fairlead(repo, "check", "--staged", "apps/web/overlays/production").returncode == 0


def test_an_edit_of_a_base_is_a_warning_where_the_change_is_known(repo: Path) -> None:
    base = repo / "apps/web/base/deployment.yaml"
    base.write_text(base.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    git(repo, "add", ".")
    told = "apps/web/base/deployment.yaml:1:1 warning an edit here reaches production at once with dev"
    assert told in fairlead(repo, "check", "--staged").stdout
    git(repo, "commit", "-qm", "edit")
    assert told in fairlead(repo, "check", "--since", "HEAD~1").stdout
    assert told not in fairlead(repo, "check").stdout


def test_staged_deletion_of_a_file_that_an_overlay_reads(repo: Path) -> None:
    git(repo, "rm", "-q", "apps/web/base/deployment.yaml")
    done = fairlead(repo, "check", "--staged")
    assert done.returncode == 1
    assert "'deployment.yaml' isn't there" in done.stdout


def test_staging_what_no_overlay_reads_imports_nothing_heavy(repo: Path) -> None:
    (repo / "README.md").write_text("# changed\n")
    git(repo, "add", "README.md")
    program = (
        "import sys; from fairlead.cli.main import run; code = run(['check', '--staged']);"
        "heavy = {'git', 'rich', 'ruamel', 'sh', 'copier', 'questionary', 'jsonschema_rs'} & set(sys.modules);"
        "print(code, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=repo, text=True, capture_output=True, check=True)
    assert done.stdout == "0 []\n"


def test_a_bad_configuration_is_told_with_its_place(repo: Path) -> None:
    (repo / "fairlead.yaml").write_text(_FILES["fairlead.yaml"].replace("layout:", "layuot:"))
    done = fairlead(repo, "check")
    assert done.returncode == 2
    assert "fairlead.yaml:4:1" in done.stderr
    (repo / "fairlead.yaml").write_text(_FILES["fairlead.yaml"].replace("apps/{app}", "aps/{app}"))
    done = fairlead(repo, "check")
    assert done.returncode == 2
    assert "fairlead.yaml:4:10" in done.stderr


def test_without_kustomize_the_exit_code_is_the_worlds(repo: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    git_program = shutil.which("git")
    assert git_program is not None
    (tools / "git").symlink_to(git_program)
    program = (
        "import sys; sys.executable = '/nonexistent/python'; from fairlead.__main__ import main;"
        "sys.argv = ['fairlead', 'check']; main()"
    )
    environment = {**os.environ, "PATH": str(tools), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repo, text=True, capture_output=True, check=False, env=environment
    )
    assert done.returncode == 6, done.stderr
    assert "neither kustomize nor kubectl" in done.stderr


def test_render_prints_what_kustomize_prints(repo: Path) -> None:
    done = fairlead(repo, "render", "web", "production")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("apiVersion: apps/v1\nkind: Deployment\n")
    assert fairlead(repo, "render", "web", "production", "--at", "HEAD").stdout == done.stdout
    for arguments, hint in ((("wbe", "dev"), "'web'"), (("web", "prodution"), "'production'")):
        wrong = fairlead(repo, "render", *arguments)
        assert (wrong.returncode, hint in wrong.stderr) == (2, True)
    (repo / "apps/web/base/deployment.yaml").unlink()
    assert fairlead(repo, "render", "web", "dev").returncode == 1


def test_doctor_says_what_is_there(repo: Path) -> None:
    done = fairlead(repo, "doctor")
    assert done.returncode == 0, done.stdout
    assert "fairlead.yaml; 2 overlays of 1 apps" in done.stdout


def test_doctor_looks_for_helm_where_the_configuration_wants_it(repo: Path) -> None:
    assert "\nhelm" not in fairlead(repo, "doctor").stdout
    with (repo / "fairlead.yaml").open("a") as file:
        file.write("build: {enable_helm: true}\n")
    done = fairlead(repo, "doctor", FAIRLEAD_HELM="/nonexistent/helm")
    assert "\nhelm" in done.stdout
    assert "install helm 3 or 4, or name it: FAIRLEAD_HELM=/path/to/helm" in done.stdout


@pytest.mark.parametrize("engine", ["", "none"])
def test_an_allowed_remote_base_is_fetched_once_and_built_offline(repo: Path, tmp_path: Path, engine: str) -> None:
    other = new_repo(tmp_path / "other", {"kustomization.yaml": "resources: [d.yaml]\n", "d.yaml": _DEPLOYMENT})
    commit = other.git.resolve("HEAD")
    (repo / "apps/web/base/kustomization.yaml").write_text(f"resources: ['file://{other.root}?ref={commit}']\n")
    (repo / "apps/web/base/deployment.yaml").unlink()
    denied = fairlead(repo, "check", FAIRLEAD_RENDERER=engine)
    assert (denied.returncode, denied.stdout.count("[remote-base]")) == (1, 1)
    with (repo / "fairlead.yaml").open("a") as file:
        file.write(f"build: {{remote: ['file://{tmp_path}/*']}}\n")
    first = fairlead(repo, "render", "web", "dev", FAIRLEAD_RENDERER=engine)
    assert (first.returncode, first.stderr) == (0, "")
    git(repo, "add", "--all")
    git(repo, "commit", "-qm", "Take it from elsewhere")
    shutil.rmtree(other.root)
    for arguments in (("check",), ("render", "web", "dev"), ("render", "web", "production", "--at", "HEAD")):
        done = fairlead(repo, *arguments, FAIRLEAD_RENDERER=engine)
        assert (done.returncode, done.stdout) == (0, first.stdout if arguments[0] == "render" else ""), done.stderr


def test_a_folder_whose_name_is_not_utf_8_and_a_root_kustomization(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"overlays/d\xffv")
    odd.mkdir(parents=True)
    for folder in (odd, tmp_path):
        (folder / "kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    done = fairlead(tmp_path, "check", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert sorted(o for f in told["findings"] for o in f["overlays"]) == [".", "overlays/d\udcffv"]
    text = fairlead(tmp_path, "check")
    assert (text.returncode, "overlays/d\\udcffv" in text.stdout) == (1, True)


def test_the_living_example_is_sound() -> None:
    done = fairlead(_HERE, "check", "environments")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_path_that_a_controller_is_told_is_looked_for_again_when_its_folder_goes(repo: Path, tmp_path: Path) -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: %s}\nspec:\n  project: default\n"
        "  destination: {namespace: web, name: x}\n"
        "  source: {repoURL: https://git.example.com/shop.git, path: %s}\n"
    )
    there = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    (repo / "clusters").mkdir()
    (repo / "gone").mkdir()
    (repo / "gone/kustomization.yaml").write_text("resources: []\n")
    (repo / "clusters/kustomization.yaml").write_text("resources: [web.yaml]\n")
    objects = application % ("web", "apps/web/overlays/dev") + "---\n" + application % ("gone", "gone")
    (repo / "clusters/web.yaml").write_text(objects)
    assert "reconciler-path" not in fairlead(repo, "check", **there).stdout
    shutil.rmtree(repo / "gone")
    told = "Application/gone names the folder 'gone', which isn't there"
    assert told in fairlead(repo, "check", **there).stdout
    (repo / "gone").mkdir()
    (repo / "gone/kustomization.yaml").write_text("resources: []\n")
    assert told not in fairlead(repo, "check", **there).stdout


def test_what_lies_in_files_that_no_kustomization_reads_is_remembered(repo: Path, tmp_path: Path) -> None:
    there = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    (repo / "clusters").mkdir()
    (repo / "clusters/web.yaml").write_text(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: f}\n"
        "spec:\n  path: ./apps/web/overlays/prodction\n  sourceRef: {kind: GitRepository, name: flux-system}\n"
    )
    first, again = (fairlead(repo, "check", **there).stdout for _ in range(2))
    assert "did you mean 'production'?" in first
    assert again == first
    (repo / "clusters/web.yaml").unlink()
    assert "reconciler-path" not in fairlead(repo, "check", **there).stdout
