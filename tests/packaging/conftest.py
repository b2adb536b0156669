"""Real builds of wheel and sdist, from the tree as it lies, with the caches that Go has anyway; no index is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.golang import CACHES

HERE = Path(__file__).parents[2]
VARIABLE = "FAIRLEAD_BUILD_RENDERER"


def build(
    kind: str, into: Path, root: Path = HERE, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Build a `wheel` or `sdist` of `root`."""
    pytest.importorskip("hatchling", reason="hatchling is not installed; `make setup` installs it")
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)],
        cwd=root, env={**os.environ, **CACHES, **(environment or {})}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def built(kind: str, into: Path, root: Path = HERE, environment: Mapping[str, str] | None = None) -> Path:
    """The file that came of it."""
    done = build(kind, into, root, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = into.iterdir()
    return made


def borrowing_environment(folder: Path) -> Path:
    """An environment of its own that borrows what is installed in ours, so that no index is asked; its packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    say = (folder / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    packages = Path(subprocess.run(say, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return packages


@pytest.fixture
def go() -> str:
    """The Go that is there; the test is skipped where there is none."""
    found = shutil.which("go")
    if found is None:
        pytest.skip("there is no Go to build the renderer with")
    return found


@pytest.fixture
def without_go(tmp_path: Path) -> str:
    """A PATH on which there is no more than git."""
    git = shutil.which("git")
    assert git is not None
    folder = tmp_path / "only-git"
    folder.mkdir()
    (folder / "git").symlink_to(git)
    return str(folder)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a user would build it, with the renderer."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go to build the renderer with")
    return built("wheel", tmp_path_factory.mktemp("wheel"), environment={VARIABLE: "yes"})


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, with the modules of the renderer."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go to lay the renderer's modules into the sdist")
    return built("sdist", tmp_path_factory.mktemp("sdist"))
