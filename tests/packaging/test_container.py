"""The container file, as far as it can be tried without a container: what it copies, and its pip commands."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.golang import CACHES
from tests.packaging.conftest import HERE, borrowing_environment

pytestmark = pytest.mark.slow


def _instructions() -> list[tuple[str, str]]:
    """Each instruction and its arguments, continued lines joined."""
    text = "\n".join(line for line in (HERE / "Containerfile").read_text().splitlines() if not line.startswith("#"))
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line)]


def _context(folder: Path) -> Path:
    """What `COPY . .` would copy."""
    folder.mkdir()
    rules = (HERE / ".dockerignore").read_text().splitlines()
    assert "*" in rules
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        if (HERE / name).is_dir():
            shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(HERE / name, folder / name)
    return folder


def test_its_pip_commands_install_fairlead_with_the_renderer(go: str, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed; `make setup` installs it")
    context, fresh = _context(tmp_path / "context"), tmp_path / "fresh"
    borrowing_environment(fresh)  # of pip, hatchling, and what fairlead needs
    shutil.copy(HERE / "constraints.txt", tmp_path)
    environment = {
        **os.environ, **CACHES, "PATH": f"{fresh / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TARGETOS": "linux", "TARGETARCH": "amd64" if platform.machine() == "x86_64" else "arm64",
        "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_FORCE_REINSTALL": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # that is how pip spells "without"
    }  # fmt: skip
    commands = [command for name, rest in _instructions() if name == "RUN" for command in rest.split("&&")]
    ours = [command for command in commands if "-m pip" in command]
    for command in ours:
        subprocess.run(
            ["sh", "-euc", command.replace("/tmp/", f"{tmp_path}/")], cwd=context, env=environment, check=True
        )
    assert len(ours) == 2
    said = subprocess.run([fresh / "bin/fairlead-renderer", "--version"], capture_output=True, check=True).stdout
    assert json.loads(said)["api"] == "v0.21.1"
    assert (fresh / "bin/fairlead").exists()


def test_it_runs_as_nobody_in_particular_and_trusts_the_mounted_repository() -> None:
    instructions = _instructions()
    last = dict(instructions)
    assert last["USER"] == "1000"
    assert "ENTRYPOINT" not in last
    (trust,) = (rest for name, rest in instructions if "safe.directory" in rest)
    assert "git config --system --add safe.directory '*'" in trust
    bases = [rest for name, rest in instructions if name == "FROM"]
    assert all(re.search(r"\bpython:3\.\d+\.\d+-slim-\w+\b", base) for base in bases)  # no base that moves
