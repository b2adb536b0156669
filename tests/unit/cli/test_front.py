"""What is answered before click is imported: the same words as click's, and nothing heavy on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.cli.front import names
from fairlead.cli.front.complete import complete
from fairlead.report.findings import FORMATS

_CONFIG = """\
version: 1
environments: {dev: {}, staging: {}, production: {match: [prod]}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
"""


def _python(code: str, columns: str = "", cwd: Path | None = None) -> str:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    env |= {"COLUMNS": columns} if columns else {}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(*arguments: str, columns: str = "", cwd: Path | None = None, after: str = "") -> str:
    code = f"import sys\nsys.argv = {['fairlead', *arguments]!r}\nfrom fairlead.__main__ import main\nmain()\n{after}"
    return _python(code, columns, cwd)


@pytest.mark.parametrize("columns", ["60", "80", "100", "250"])
def test_the_help_is_clicks_own(columns: str) -> None:
    clicks = _python("from fairlead.cli.main import run\nrun(['--help'])", columns)
    assert clicks.startswith("Usage: fairlead ")
    for asked in ((), ("-h",), ("--help",)):
        assert _run(*asked, columns=columns) == clicks


def test_between_two_widths_the_narrower_help_is_shown() -> None:
    assert _run(columns="99") == _run(columns="80") != _run(columns="100")


@pytest.mark.parametrize("asked", [("--version",), ("--help",), (), ("completion", "bash")])
def test_nothing_but_our_own_small_modules_is_imported_for_an_answer(asked: tuple[str, ...]) -> None:
    _only_ours(_run(*asked, after="sys.stdout.write('\\0' + ' '.join(sys.modules))"))


def test_completing_commands_and_options_imports_as_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_FAIRLEAD_COMPLETE", "bash")
    told = _run("promote", "--fr", after="sys.stdout.write('\\0' + ' '.join(sys.modules))")
    assert told.startswith("--from\n\0")
    _only_ours(told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_answer_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "fairlead", "--help"],
            env=env, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (6, "error: can't write the answer: No space left on device\n")


def _only_ours(told: str) -> None:
    bare = set(_python("import sys\nprint(*sys.modules)").split())
    brought = set(told.partition("\0")[2].split()) - bare - {"__future__"}
    assert brought
    assert all(name == "fairlead" or name.startswith(("fairlead.cli", "fairlead.__main__")) for name in brought)
    assert "fairlead.cli.main" not in brought


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["pro"], ["promote"]),
        (["p"], ["promote", "pr"]),
        (["--j"], ["--jobs"]),
        (["-q", "stat"], ["status"]),
        (["-j", "2", "stat"], ["status"]),
        (["-C", ""], [":folders"]),
        (["pr", "ap"], ["approve"]),
        (["pr", "approve", ""], []),
        (["validate", "--st"], ["--staged"]),
        (["check", ""], [":files"]),
        (["check", "a", "b", ""], [":files"]),
        (["check", "--format", ""], list(FORMATS)),
        (["check", "--format=js"], ["--format=json"]),
        (["check", "--format", "=", "js"], ["--format=json"]),
        (["check", "--format", "="], [f"--format={form}" for form in FORMATS]),
        (["check", "--at", ""], []),
        (["check", "--", "--st"], [":files"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["completion", "bash", ""], []),
        (["promote", "--dry-run", "--pl"], ["--plan-out", "--plan"]),
        (["promote", "--plan", ""], [":files"]),
        (["nonsense", ""], []),
        (["history", "-"], ["-n", "--json", "--help"]),
        ([], ["new", "check"]),
    ],
)
def test_what_may_stand_next_is_offered(words: list[str], found: list[str]) -> None:
    offered = [value for value, _ in complete(words)]
    assert (offered if words else offered[:2]) == found


def _repository(root: Path, *apps: str) -> Path:
    (root / "fairlead.yaml").write_text(_CONFIG)
    for app in apps:
        folder = root / "apps" / app / "overlays/dev"
        folder.mkdir(parents=True)
        (folder / "kustomization.yaml").write_text("resources: []\n")
    return root


def test_apps_and_environments_are_those_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _repository(tmp_path, "web", "worker", "api")
    monkeypatch.chdir(tmp_path / "apps/web")
    assert [value for value, _ in complete(["promote", "w"])] == []  # governed by no fairlead.yaml: this is no clone
    monkeypatch.chdir(tmp_path)
    assert [value for value, _ in complete(["promote", "w"])] == ["web", "worker"]
    assert [value for value, _ in complete(["render", "web", ""])] == ["dev", "staging", "production"]
    assert [value for value, _ in complete(["promote", "web", "--to", "p"])] == ["production"]
    monkeypatch.chdir("/")
    assert [value for value, _ in complete(["-C", str(tmp_path), "status", "api", "web", "w"])] == ["worker"]


def test_a_name_that_a_shell_would_act_upon_is_not_offered(tmp_path: Path) -> None:
    _repository(tmp_path, "web", "$(touch x)", "a b", "a;b", "`id`", "\x1b[31m", "-rf", "*", "café")
    assert names.apps(str(tmp_path)) == ["café", "web"]


@pytest.mark.parametrize("config", ["[", "version: 99\n", "\xff", ""])
def test_whatever_is_wrong_with_the_repository_completion_is_silent(tmp_path: Path, config: str) -> None:
    (tmp_path / "fairlead.yaml").write_text(config)
    assert names.environments(str(tmp_path)) == []
    assert names.apps(str(tmp_path / "none")) == []
