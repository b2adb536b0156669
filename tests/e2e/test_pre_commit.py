"""The hook that we offer, installed from a clone or from a wheel and run by the real pre-commit tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golang import CACHES
from tests.packaging.conftest import built

_HERE = Path(__file__).parents[2]
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nlayout: ['overlays/{env}']\n",
    "overlays/dev/kustomization.yaml": "resources: [service.yaml]\n",
    "overlays/dev/service.yaml": _SERVICE,
}
# As the manual shows them.
_FROM_CLONE = """\
repos:
- repo: {project}
  rev: {rev}
  hooks:
  - id: fairlead-check
"""
_FROM_WHEEL = """\
repos:
- repo: local
  hooks:
  - id: fairlead-check
    name: fairlead check
    language: python
    additional_dependencies: ['{wheel}']
    entry: fairlead check --staged
    pass_filenames: false
    always_run: true
"""


def run(folder: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, text=True, capture_output=True, check=False, timeout=300,
        env={**os.environ, **CACHES, **environment},
    )  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    done = run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@localhost", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def project(folder: Path) -> str:
    """A git repository of this project as its files lie now; its commit."""
    listed = run(_HERE, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    if listed.returncode != 0:
        pytest.skip("this is no git clone, and pre-commit installs hooks from one")
    wanted = ("toolkit/", "templates/", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks")
    for name in listed.stdout.split("\0"):
        if name.startswith(wanted) and (_HERE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_HERE / name, folder / name)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "As it lies")
    return git(folder, "rev-parse", "HEAD")


def pre_commit(folder: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(
        folder, sys.executable, "-m", "pre_commit", *arguments, PRE_COMMIT_HOME=str(cache), PRE_COMMIT_COLOR="never"
    )


def _from_clone(folder: Path) -> str:
    (folder / "project").mkdir()
    return _FROM_CLONE.format(project=folder / "project", rev=project(folder / "project"))


def _from_wheel(folder: Path) -> str:
    return _FROM_WHEEL.format(wheel=built("wheel", folder / "wheel"))


@pytest.mark.slow
@pytest.mark.parametrize("configuration", [_from_clone, _from_wheel])
def test_the_hook_passes_a_good_change_and_stops_a_bad_one(
    tmp_path: Path, configuration: Callable[[Path], str]
) -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed; `make setup` installs it")
    fleet, cache = tmp_path / "fleet", tmp_path / "cache"
    for name, text in {".pre-commit-config.yaml": configuration(tmp_path), **_FILES}.items():
        (fleet / name).parent.mkdir(parents=True, exist_ok=True)
        (fleet / name).write_text(text)
    git(fleet, "init", "-q")
    git(fleet, "add", "-A")
    installed = pre_commit(fleet, cache, "install-hooks")
    if installed.returncode != 0:
        text = installed.stdout + installed.stderr
        reason = next((line.strip() for line in text.splitlines() if "ERROR" in line or "rror:" in line), text[-300:])
        if any(word in text for word in ("Max retries", "Temporary failure", "Connection", "No matching distribution")):
            pytest.skip(f"pre-commit could not install the hook, for want of a package index: {reason}")
        pytest.fail(text)

    good = pre_commit(fleet, cache, "run")
    assert (good.returncode, "Passed" in good.stdout) == (0, True), good.stdout + good.stderr

    (fleet / "overlays/dev/service.yaml").write_text(_SERVICE + "spec:\n  prots: []\n")
    git(fleet, "add", "-A")
    (fleet / "overlays/dev/service.yaml").write_text(_SERVICE)  # the work tree must not matter
    bad = pre_commit(fleet, cache, "run")
    assert bad.returncode == 1
    assert "overlays/dev/service.yaml:6:3 error" in bad.stdout
    assert "did you mean 'ports'?" in bad.stdout

    git(fleet, "commit", "-qm", "Begin", "--no-verify")
    git(fleet, "rm", "-q", "-f", "overlays/dev/service.yaml")  # pre-commit tells no hook of deleted files
    gone = pre_commit(fleet, cache, "run")
    assert gone.returncode == 1
    assert "'service.yaml' isn't there" in gone.stdout


# ── how people and CI run it; by the fairlead that is on PATH, for installing one takes long ──

_BAD = _SERVICE + "spec:\n  prots: []\n"
_FILE = "overlays/dev/service.yaml"
_BY_SYSTEM = """\
default_install_hook_types: [pre-commit, pre-merge-commit]
repos:
- repo: {project}
  rev: {rev}
  hooks:
  - id: fairlead-check-system
- repo: local
  hooks:
  - id: fairlead-fix
    name: fairlead check --fix
    language: system
    entry: fairlead check --staged --fix
    pass_filenames: false
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, whose commits run the hooks."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed; `make setup` installs it")
    if shutil.which("fairlead") is None:
        pytest.skip("fairlead is not on PATH")
    for name in ("PRE_COMMIT", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PRE_COMMIT_COLOR", "never")
    (tmp_path / "project").mkdir()
    config = _BY_SYSTEM.format(project=tmp_path / "project", rev=project(tmp_path / "project"))
    folder = tmp_path / "fleet"
    for name, text in {".pre-commit-config.yaml": config, **_FILES}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Begin")
    run(folder, sys.executable, "-m", "pre_commit", "install")
    return folder


def commit(folder: Path, *arguments: str) -> tuple[int, str]:
    done = run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-m", "More", *arguments)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("staged", "lies", "code"), [(_BAD, _SERVICE, 1), (_SERVICE + "# good\n", _BAD, 0)])
def test_what_is_staged_counts_and_what_lies_there_stays(fleet: Path, staged: str, lies: str, code: int) -> None:
    (fleet / _FILE).write_text(staged)
    git(fleet, "add", "-A")
    (fleet / _FILE).write_text(lies)
    found = commit(fleet)
    assert (found[0], f"{_FILE}:6:3 error" in found[1]) == (code, bool(code)), found[1]
    assert (fleet / _FILE).read_text() == lies


def test_it_works_from_a_subfolder_and_in_a_worktree(fleet: Path, tmp_path: Path) -> None:
    git(fleet, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    for folder in (fleet, tmp_path / "side"):
        (folder / _FILE).write_text(_BAD)
        code, said = commit(folder / "overlays", "-a")
        assert (code, f"{_FILE}:6:3 error" in said) == (1, True), said


def test_a_merge_is_judged_with_and_without_a_conflict(fleet: Path) -> None:
    git(fleet, "checkout", "-q", "-b", "side")
    (fleet / _FILE).write_text(_BAD)
    git(fleet, "commit", "-qam", "Side", "--no-verify")
    git(fleet, "checkout", "-q", "main")
    (fleet / "other").write_text("x")
    git(fleet, "add", "-A")
    git(fleet, "commit", "-qm", "Other", "--no-verify")
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    merged = run(fleet, "git", *identity, "merge", "--no-edit", "side")
    assert (merged.returncode, f"{_FILE}:6:3 error" in merged.stdout + merged.stderr) == (1, True)
    code, said = commit(fleet)
    assert (code, f"{_FILE}:6:3 error" in said) == (1, True), said


def test_all_files_are_all_that_lie_there_and_commits_are_those_asked_about(fleet: Path) -> None:
    (fleet / _FILE).write_text(_BAD)
    git(fleet, "commit", "-qam", "Bad", "--no-verify")
    for arguments in (("--all-files",), ("--from-ref", "HEAD~1", "--to-ref", "HEAD")):
        done = run(fleet, sys.executable, "-m", "pre_commit", "run", *arguments)
        assert (done.returncode, f"{_FILE}:6:3 error" in done.stdout) == (1, True), done.stdout
    (fleet / "other").write_text("x")
    git(fleet, "add", "-A")
    git(fleet, "commit", "-qm", "Other", "--no-verify")
    since = run(fleet, sys.executable, "-m", "pre_commit", "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert since.returncode == 0, since.stdout
    code, said = commit(fleet, "--amend")  # only the message: that the repository is bad is not this commit's fault
    assert code == 0, said


def test_the_fix_hook_stops_the_commit_until_its_change_is_staged(fleet: Path) -> None:
    kustomization = fleet / "overlays/dev/kustomization.yaml"
    kustomization.write_text("bases: []\nresources:\n- service.yaml\ncommonLabels:\n  app: web\n")
    code, said = commit(fleet, "-a")
    assert (code, "files were modified by this hook" in said) == (1, True), said
    assert "commonLabels" not in kustomization.read_text()
    code, said = commit(fleet, "-a")
    assert code == 0, said
