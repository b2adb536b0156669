"""Facts of the machine and of the tools: without them a figure says nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from fairlead import __version__
from fairlead.render import helper
from fairlead.render.helper import HelperRenderer
from fairlead.render.kustomize import KustomizeRenderer


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def facts() -> dict[str, Any]:
    """The machine, what else it does at the moment, and what is measured."""
    return {
        "cores": cores(),
        "cpu": _cpu(),
        "memory_mb": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": load(),
        "python": platform.python_version(),
        "git": said("git", "--version").removeprefix("git version "),
        "go": said("go", "env", "GOVERSION") or "none",
        "fairlead": __version__,
        "commit": _commit(),
        "renderer": _renderer(),
    }


def load() -> list[float]:
    """How busy the machine was in the last 1, 5 and 15 minutes."""
    return [round(each, 2) for each in os.getloadavg()]


def said(*argv: str) -> str:
    """The first line that a program prints; empty where it isn't there or fails."""
    if shutil.which(argv[0]) is None:
        return ""
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout.strip().partition("\n")[0] if done.returncode == 0 else ""


def _commit() -> str:
    """The commit of this clone, with a mark where files were changed since."""
    here = str(Path(__file__).parent)
    commit = said("git", "-C", here, "rev-parse", "--short=12", "HEAD")
    changed = said("git", "-C", here, "status", "--porcelain", "--untracked-files=no")
    return commit + (" and changes" if changed else "")


def _renderer() -> str:
    program = helper.found()
    if program is None:
        return f"no helper; {KustomizeRenderer().version}"
    engine = HelperRenderer(program)
    try:
        return f"{engine.version}, build {engine.build}"
    finally:
        engine.close()


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return said("sysctl", "-n", "machdep.cpu.brand_string") or platform.processor()
    named = re.search(r"(?m)^model name\s*:\s*(.+)$", text)
    return named[1] if named else platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
