"""`fairlead check --external`: other tools asked about what renders; stand-ins for what real ones rarely do."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.tools import FOLDER
from fairlead.checks.context import EXTERNAL
from fairlead.checks.rules import RULES
from fairlead.steps import external
from fairlead.steps.external import Wish
from fairlead.steps.world import Run
from fairlead.workflows import check as workflow
from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo

_TOOLS = [rule for rule in RULES if rule.SCOPE == EXTERNAL]
_SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n"
)
_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
    "layout: ['overlays/{env}']\n",
    "base/kustomization.yaml": "resources: [service.yaml]\n",
    "base/service.yaml": _SERVICE,
    "overlays/dev/kustomization.yaml": "resources: [../../base]\n",
    "overlays/production/kustomization.yaml": "resources: [../../base]\n",
}
_SCORED = {
    "type_meta": {"kind": "Service", "apiVersion": "v1"},
    "object_meta": {"name": "web"},
    "checks": [
        {
            "check": {"id": "too-plain", "name": "Too plain", "comment": "write more"},
            "grade": 1,
            "skipped": False,
            "comments": [{"path": "", "summary": "a plain service", "description": "say more"}],
        }
    ],
}
_GOOD_ANSWER = f"cat > /dev/null; echo '{json.dumps([_SCORED])}'; exit 1"
_LINE = "base/service.yaml:4:9 error Service/web: a plain service (too-plain) [kube-score]"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, and a folder for stand-ins before all others on PATH; real tools are not seen."""
    new_repo(tmp_path / "fleet", _FILES)
    (tmp_path / "bin").mkdir()
    paths = [p for p in os.environ["PATH"].split(os.pathsep) if not any(Path(p, t.ID).exists() for t in _TOOLS)]
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "bin"), *paths)))
    return tmp_path / "fleet"


def _stand_in(repo: Path, name: str, answer: str) -> Path:
    """A tool that answers this, and notes what it was asked; the log."""
    log = repo.parent / f"{name}.log"
    place = repo.parent / "bin" / name
    place.write_text(f'#!/bin/sh\nif [ "$1" = version ]; then echo 1.0; exit; fi\necho "$@" >> {log}\n{answer}\n')
    place.chmod(0o755)
    return log


def test_what_a_tool_says_is_told_where_it_was_written_with_all_overlays_it_hits(repo: Path) -> None:
    log = _stand_in(repo, "kube-score", _GOOD_ANSWER)
    done = fairlead(repo, "check", "--external")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == _LINE
    assert "    say more\n    in overlays/dev, overlays/production\n" in done.stdout
    assert "note: kube-linter, conftest, pluto are not on PATH: not asked" in done.stderr
    assert (
        log.read_text().splitlines()
        == ["score --output-format json --output-version v2 --kubernetes-version v1.34 -"] * 2
    )


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github", "gitlab", "markdown"])
def test_every_format_has_it(repo: Path, form: str) -> None:
    _stand_in(repo, "kube-score", _GOOD_ANSWER)
    done = fairlead(repo, "check", "--external", "kube-score", "--format", form)
    assert done.returncode == 1, done.stderr
    assert "a plain service" in done.stdout
    assert "base/service.yaml" in done.stdout


def test_nothing_is_asked_twice_as_long_as_the_tool_and_its_arguments_are_the_same(repo: Path, tmp_path: Path) -> None:
    cache = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    log = _stand_in(repo, "kube-score", _GOOD_ANSWER)
    first = fairlead(repo, "check", "--external", "kube-score", **cache)
    asked = len(log.read_text().splitlines())
    again = fairlead(repo, "check", "--external", "kube-score", **cache)
    assert (again.stdout, len(log.read_text().splitlines())) == (first.stdout, asked)
    config = repo / "fairlead.yaml"
    config.write_text(config.read_text() + "check: {tools: {kube-score: [--ignore-test, x]}}\n")
    fairlead(repo, "check", "--external", "kube-score", **cache)
    assert "--ignore-test x -" in log.read_text()
    _stand_in(repo, "kube-score", "cat > /dev/null; echo null")  # another version of it
    assert fairlead(repo, "check", "--external", "kube-score", **cache).returncode == 0


def test_a_tool_that_is_not_there_is_an_error_only_where_it_was_named(repo: Path) -> None:
    done = fairlead(repo, "check", "--external")
    assert done.returncode == 0
    assert "note: kube-linter, kube-score, conftest, pluto are not on PATH: not asked" in done.stderr
    named = fairlead(repo, "check", "--external", "pluto")
    assert (named.returncode, named.stdout) == (6, "")
    assert named.stderr.startswith("error: pluto is not on PATH\n")


def test_a_path_behind_the_bare_option_is_a_path(repo: Path) -> None:
    log = _stand_in(repo, "kube-score", _GOOD_ANSWER)
    assert fairlead(repo, "check", "--external", "overlays/dev").returncode == 1
    assert len(log.read_text().splitlines()) == 1
    wrong = fairlead(repo, "check", "--external", "kube-scroe")
    assert (wrong.returncode, "did you mean 'kube-score'?" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("cat > /dev/null; echo 'no such flag' >&2; exit 3", "it ended with 3: no such flag"),
        ("echo panic: oh", "it printed what is no report of it: panic: oh"),
        ("kill -9 $$", "it was ended by signal 9: without a word"),
        ("exit 0", "it printed what is no report of it: without a word"),
    ],
)
def test_a_tool_that_fails_is_one_error_with_what_it_said(repo: Path, answer: str, told: str) -> None:
    _stand_in(repo, "kube-score", answer)
    done = fairlead(repo, "check", "--external", "kube-score")
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[0] == (
        f"overlays/dev/kustomization.yaml:1:1 error kube-score gave no report: {told} [kube-score]"
    )
    assert "\n    see what kube-score says of fairlead render overlays dev\n    in overlays/production\n" in done.stdout
    assert "2 overlays: 1 error" in done.stderr


def test_a_tool_that_does_not_end_is_ended(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(repo, "kube-score", "sleep 60")
    monkeypatch.setattr(external, "_PATIENCE", 0.5)
    outcome = workflow.check(Run(repo), workflow.Request(external=Wish.of(("kube-score",))))
    assert [f.message for f in outcome.findings] == ["kube-score gave no report: it did not end in 0 s"]


def test_settings_and_comments_count(repo: Path) -> None:
    _stand_in(repo, "kube-score", _GOOD_ANSWER)
    config = repo / "fairlead.yaml"
    words = config.read_text()
    config.write_text(words + "check: {overrides: [{environments: [dev], severity: {kube-score: note}}]}\n")
    done = fairlead(repo, "check", "--external", "overlays/dev")
    assert (done.returncode, " note Service/web: a plain service" in done.stdout) == (0, True)
    config.write_text(words + "check: {ignore: [kube-score]}\n")
    off = fairlead(repo, "check", "--external", "kube-score")
    assert (off.returncode, off.stdout) == (0, "")
    assert "note: kube-score is off in fairlead.yaml: it is not asked" in off.stderr
    config.write_text(words)
    service = repo / "base/service.yaml"
    service.write_text(_SERVICE.replace("name: web", "name: web  # fairlead: ignore[kube-score] it is plain"))
    assert fairlead(repo, "check", "--external", "kube-score").stdout == ""
    assert fairlead(repo, "check").stdout == ""  # nobody asks it now, so that nobody can say the comment is idle


def test_a_baseline_keeps_what_was_not_asked_again(repo: Path) -> None:
    _stand_in(repo, "kube-score", _GOOD_ANSWER)
    config = repo / "fairlead.yaml"
    config.write_text(config.read_text() + "check: {baseline: known.json}\n")
    fairlead(repo, "check", "--external", "kube-score", "--baseline", "write")
    assert fairlead(repo, "check", "--external", "kube-score").returncode == 0
    without = fairlead(repo, "check")
    assert "gone" not in without.stderr
    for how in ("prune", "write"):
        fairlead(repo, "check", "--baseline", how)
        assert fairlead(repo, "check", "--external", "kube-score").returncode == 0
    _stand_in(repo, "kube-score", "cat > /dev/null; echo null")
    assert "1 finding of known.json is gone" in fairlead(repo, "check", "--external", "kube-score").stderr


def test_what_was_there_before_a_change_is_not_new(repo: Path) -> None:
    _stand_in(repo, "kube-score", _GOOD_ANSWER)
    overlay = repo / "overlays/dev/kustomization.yaml"
    overlay.write_text(overlay.read_text() + "commonAnnotations: {a: b}\n")
    git(repo, "add", "-A")
    asked = ("check", "--staged", "--external", "kube-score")
    assert _LINE in fairlead(repo, *asked).stdout
    new = fairlead(repo, *asked, "--new")
    assert (_LINE in new.stdout, "1 finding not told: there before" in new.stderr) == (False, True)


def test_conftest_is_asked_only_where_there_is_something_to_judge_by(repo: Path) -> None:
    log = _stand_in(repo, "conftest", 'for last; do :; done; ls "$last" >> $0.seen; cat "$last"/* >> $0.seen; echo []')
    done = fairlead(repo, "check", "--external", "conftest")
    assert "conftest has nothing to judge by" in done.stderr
    assert not log.exists()
    (repo / "policy").mkdir()
    (repo / "policy/web.rego").write_text("package main\n")
    assert fairlead(repo, "check", "--external", "overlays/dev").returncode == 0
    name, body = (repo.parent / "bin/conftest.seen").read_text().split("\n", 1)
    assert (name, json.loads(body)["kind"]) == ("0.json", "Service")


def test_an_overlay_without_objects_is_not_asked_about(repo: Path) -> None:
    log = _stand_in(repo, "kube-score", "exit 3")
    (repo / "base/kustomization.yaml").write_text("commonLabels: {a: b}\n")
    assert "gave no report" not in fairlead(repo, "check", "--external", "kube-score").stdout
    assert not log.exists()


def test_a_tool_sees_what_flux_puts_in_for_variables(repo: Path) -> None:
    _stand_in(repo, "kube-score", "cat > $0.seen; echo null")
    (repo / "base/service.yaml").write_text(_SERVICE.replace("[{port: 80}]", "\n  - port: ${port}"))
    (repo / "flux.yaml").write_text(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux}\n"
        "spec: {path: ./overlays/dev, postBuild: {substitute: {port: '8080'}}}\n"
    )
    done = fairlead(repo, "check", "--external", "overlays/dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((repo.parent / "bin/kube-score.seen").read_text())["spec"]["ports"] == [{"port": 8080}]


# ── the real tools ──


def _real(name: str) -> str | None:
    """A real tool: on PATH, or among the peers that the benchmarks have built."""
    found = shutil.which(name)
    built = sorted(FOLDER.glob(f"{name}-*/{name}"))
    return found or (str(built[-1]) if built else None)


@pytest.mark.parametrize("tool", _TOOLS, ids=[tool.ID for tool in _TOOLS])
def test_a_real_tool_finds_the_bad_example_and_nothing_in_the_good_one(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _real(tool.ID)
    if program is None:
        pytest.skip(f"there is no {tool.ID}; what it prints is tested as it was recorded or documented")
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(program).parent), os.environ["PATH"])))
    wish = Wish.of((tool.ID,))
    for name, example in (("bad", tool.BAD), ("good", tool.GOOD)):
        new_repo(tmp_path / name, dict(example.files))
        outcome = workflow.check(Run(tmp_path / name), workflow.Request(external=wish))
        mine = [f for f in outcome.findings if f.rule == tool.ID]
        assert bool(mine) == (name == "bad"), outcome
        assert all(f.where.path in example.files and f.where.line > 1 and f.remedy for f in mine)
        assert not any("gave no report" in f.message for f in mine)
