"""The built wheel in a fresh environment, without kustomize and kubectl: the main job, done with its renderer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import VARIABLE, borrowing_environment, built

pytestmark = pytest.mark.slow

_IDENTITY = {f"GIT_{who}_{what}": "t@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Fresh:
    """An environment of its own, with a wheel; what it needs is borrowed from ours."""

    def __init__(self, folder: Path, wheel: Path, path: str) -> None:
        self.bin = folder / "bin"
        self._environment = {"PATH": f"{self.bin}{os.pathsep}{path}", "HOME": str(folder), **_IDENTITY}
        packages = borrowing_environment(folder)
        pip = (sys.executable, "-m", "pip", "--python", self.bin / "python", "install", "--quiet", "--no-deps")
        subprocess.run([*pip, "--no-index", "--force-reinstall", wheel], check=True)
        assert (packages / "fairlead").is_dir()

    def fairlead(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """The installed command."""
        return subprocess.run(
            [self.bin / "fairlead", *arguments],
            cwd=cwd, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip


def test_the_installed_wheel_does_the_main_job_with_its_own_renderer(
    wheel: Path, tmp_path: Path, without_go: str
) -> None:
    fresh, shop = Fresh(tmp_path / "in stalled", wheel, without_go), tmp_path / "shop"

    def good(*arguments: str) -> str:
        done = fresh.fairlead(*arguments, cwd=shop if shop.exists() else tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    good("new", "shop", "--defaults")
    told = json.loads(good("check", "--format", "json"))
    assert (told["renderer"], told["summary"]["built"]) == ("kustomize library v0.21.1", 3)
    good("set", "web", "dev", "image=registry.example.com/shop/web:1.1.0")
    good("promote", "web", "--to", "staging", "--yes")
    assert "#1 open" in good("status")
    assert "image: registry.example.com/shop/web:1.0.0" in good("render", "web", "staging")
    assert "image: registry.example.com/shop/web:1.1.0" in good(
        "render", "web", "staging", "--at", "fairlead/staging/web"
    )
    doctor = good("doctor")
    assert "kustomize library v0.21.1" in doctor
    assert "->" not in doctor


def test_a_wheel_without_the_renderer_says_what_is_missing_and_how_to_get_it(tmp_path: Path, without_go: str) -> None:
    made = built("wheel", tmp_path / "made", environment={VARIABLE: "no", "PATH": without_go})
    fresh = Fresh(tmp_path / "installed", made, without_go)
    done = fresh.fairlead("doctor", cwd=tmp_path)
    assert "there is neither kustomize nor kubectl" in done.stdout
    (Path(without_go) / "kustomize").write_text("#!/bin/sh\necho v5.8.1\n")
    (Path(without_go) / "kustomize").chmod(0o755)
    done = fresh.fairlead("doctor", cwd=tmp_path)
    assert "kustomize v5.8.1\n" in done.stdout
    assert "-> fairlead-renderer renders many times as fast: install a wheel that brings it" in done.stdout
