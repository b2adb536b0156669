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
