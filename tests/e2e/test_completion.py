"""The completion scripts, in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli.front.scripts import SCRIPTS


def _program(folder: Path) -> Path:
    """A `fairlead` that runs this code, in a folder whose name has a blank."""
    place = folder / "a folder/fairlead"
    place.parent.mkdir(parents=True)
    place.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fairlead "$@"\n')
    place.chmod(0o755)
    return place


def _shell(name: str, script: str, program: Path, cwd: Path, **more: str) -> str:
    shell = shutil.which(name)
    if shell is None:
        pytest.skip(f"there is no {name}")
    paths = os.pathsep.join((str(program.parent), os.environ["PATH"]))
    env = {**os.environ, "PATH": paths, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}
    done = subprocess.run(
        [shell, "-c", script], env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


_ASK_BASH = """
source /dev/stdin <<< "$SCRIPT"
complete -p fairlead > /dev/null
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_fairlead "$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["fairlead", "pro"], ["promote"]),
        (["fairlead", "check", "--st"], ["--staged"]),
        (["fairlead", "check", "--format", "=", "js"], ["json"]),
        (["fairlead", "check", "--format", "="], ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"]),
        (["fairlead", "promote", "web", "--to", "sta"], ["staging"]),
        (["fairlead", "promote", "w"], ["web", "worker"]),
        (["fairlead", "no such", ""], [""]),
    ],
)
def test_bash_completes(words: list[str], offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "fairlead.yaml").write_text(
        "version: 1\nenvironments: {dev: {}, staging: {}}\nchains: [[dev, staging]]\nlayout: ['{app}/{env}']\n"
    )
    for app in ("web", "worker", "$(touch owned)"):
        (tmp_path / app / "dev").mkdir(parents=True)
        (tmp_path / app / "dev/kustomization.yaml").write_text("resources: []\n")
    asked = "set -- " + " ".join(f"'{word}'" for word in words)
    told = _shell("bash", f"{asked}\n{_ASK_BASH}", _program(tmp_path), tmp_path, SCRIPT=SCRIPTS["bash"])
    assert told.splitlines() == offered
    assert not (tmp_path / "owned").exists()


def test_bash_completes_for_a_program_below_the_home(tmp_path: Path) -> None:
    program = _program(tmp_path)
    script = "set -- '~/a folder/fairlead' vali\n" + _ASK_BASH
    assert _shell("bash", script, program, tmp_path, SCRIPT=SCRIPTS["bash"], HOME=str(tmp_path)) == "validate\n"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_printed_script_is_one_that_the_shell_reads(name: str, tmp_path: Path) -> None:
    told = _shell("sh", f"fairlead completion {name}", _program(tmp_path), tmp_path)
    assert told == SCRIPTS[name]
    options = ["--no-execute"] if name == "fish" else ["-n"]
    shell = shutil.which(name)
    if shell is None:
        pytest.skip(f"there is no {name}")
    done = subprocess.run([shell, *options], input=told, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_completes(tmp_path: Path) -> None:
    script = "echo $SCRIPT | source; complete --do-complete 'fairlead check --st'"
    told = _shell("fish", script, _program(tmp_path), tmp_path, SCRIPT=SCRIPTS["fish"])
    assert told.partition("\t")[0] == "--staged"


def test_zsh_completes(tmp_path: Path) -> None:
    script = """
    autoload -Uz compinit && compinit -u -d "$HOME/dump"
    eval "$SCRIPT"
    compadd() { shift 2; print -l -- "$@" }
    _describe() { print -l -- "${(@P)4}" }
    words=(fairlead check --st) CURRENT=3
    _fairlead
    words=(fairlead check --format j) CURRENT=4
    _fairlead
    """
    told = _shell("zsh", script, _program(tmp_path), tmp_path, SCRIPT=SCRIPTS["zsh"], HOME=str(tmp_path))
    assert [line.partition(":")[0] for line in told.splitlines()] == ["--staged", "json", "junit"]
