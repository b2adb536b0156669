"""The plan of the same commit is the same bytes: wherever it is made, by whom, under which settings and Python."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from fairlead.model.changes import DropFile, Edit, NewFile
from fairlead.model.plan import AppMoves, Hop, Move, Plan, Unit
from fairlead.promotion.plan_json import dump
from fairlead.promotion.plan_schema import SCHEMA
from tests.promotions import Desk, git, overlay, path
from tests.unit.promotion.test_promotion_plan_json import rich_plan

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "docs/reference/plan.schema.json"
NAMED = os.environ.get("FAIRLEAD_OTHER_PYTHONS", "").split(os.pathsep)  # before the test is sealed
NEEDED = "yaml, click, git, sh, ruamel.yaml, jsonschema_rs"


def rich(folder: Path) -> Desk:
    """Two apps that differ in several files, with text that no ASCII holds and settings of their own."""
    desk = Desk.make(folder, "web", "größe")
    for app in ("web", "größe"):
        more = "commonAnnotations: {note: %s, häuser: one}\n"
        desk.change({
            path("dev", app): overlay("dev", "1.1.0", more % "'ünï'"),
            path("staging", app): overlay("staging", "1.0.0", more % "plain"),
            f"apps/{app}/overlays/dev/only.env": "A=1\n",
        })  # fmt: skip
    return desk


def planned(folder: Path, python: str = sys.executable, umask: int = 0o022, **settings: str) -> bytes:
    """What `promote --plan-out` writes, by a process of its own."""
    out = folder.parent / f"{folder.name}.json"
    done = subprocess.run(
        [python, "-m", "fairlead", "promote", "--all", "--through", "production", "--plan-out", str(out)],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT / "toolkit")} | settings,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, umask=umask,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


def test_a_plan_is_the_same_bytes_in_another_clone_with_other_settings(tmp_path):
    desk = rich(tmp_path / "repo")
    first = planned(desk.folder, LC_ALL="C", TZ="UTC", PYTHONHASHSEED="1")
    there = tmp_path / "a b" / "ünder" / "clone"
    there.parent.mkdir(parents=True)
    git(tmp_path, "clone", "-q", str(desk.folder), str(there))
    for name, value in (
        ("core.quotePath", "true"), ("core.autocrlf", "true"), ("user.email", "bob@x.org"), ("diff.renames", "copies"),
    ):  # fmt: skip
        git(there, "config", name, value)
    (there / "untracked.yaml").write_text("a: 1\n")
    second = planned(
        there, umask=0o077, LC_ALL="C.UTF-8", LANG="de_DE.UTF-8", TZ="Asia/Kathmandu", PYTHONHASHSEED="2",
        HOME=str(tmp_path), COLUMNS="20", USER="bob",
    )  # fmt: skip
    assert second == first
    assert json.loads(first)["plan"]["hops"][1]["target"] == "production"


def other_pythons() -> Iterator[str]:
    """Interpreters of another version that have what fairlead needs: named, or on the path."""
    found = [*NAMED, *(shutil.which(f"python3.{minor}") for minor in range(11, 16))]
    for one in dict.fromkeys(p for p in found if p):
        told = subprocess.run(
            [one, "-c", f"import sys, {NEEDED}; print(*sys.version_info[:2])"],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": ""},
        ).stdout.split()  # fmt: skip
        if told and (int(told[0]), int(told[1])) >= (3, 11) and told != [str(v) for v in sys.version_info[:2]]:
            yield one


def test_a_plan_is_the_same_bytes_by_another_version_of_python(tmp_path):
    others = list(other_pythons())
    if not others:
        pytest.skip("no other Python here that has what fairlead needs; FAIRLEAD_OTHER_PYTHONS names some")
    desk = rich(tmp_path / "repo")
    assert {python: planned(desk.folder, python) for python in others} == dict.fromkeys(others, planned(desk.folder))


# ── the published schema ──


@pytest.mark.parametrize("wishes", [{"through": "production"}, {"fields": ("commonAnnotations.note",)}, {}])
def test_real_plans_are_as_the_published_schema_says(tmp_path, wishes):
    desk = rich(tmp_path / "repo")
    validator = jsonschema_rs.validator_for(json.loads(PUBLISHED.read_text()))
    validator.validate(json.loads(dump(desk.plan("web", "größe", **wishes).plan)))


def test_a_plan_with_all_kinds_of_changes_too():
    made = dump(rich_plan()).replace(b"h" * 64, b"a" * 64).replace(b"t" * 40, b"b" * 40)
    jsonschema_rs.validator_for(SCHEMA).validate(json.loads(made))


def test_the_plan_of_a_rollback_too(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.bring("1.1.0")
    validator = jsonschema_rs.validator_for(json.loads(PUBLISHED.read_text()))
    validator.validate(json.loads(dump(desk.back().planned.plan)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b.update(form="fairlead-plan/0"),
        lambda b: b.pop("id"),
        lambda b: b["plan"].update(secret="x"),
        lambda b: b["plan"]["hops"][0].update(result_tree="HEAD"),
        lambda b: b["plan"]["hops"][0]["apps"][0]["units"][0]["moves"][0].update(verdict="maybe"),
        lambda b: b["plan"]["hops"][0]["apps"][0]["units"][0]["moves"][0]["changes"][0].pop("old"),
    ],
)
def test_the_schema_refuses_what_is_no_plan(tmp_path, spoil):
    body = json.loads(dump(rich(tmp_path / "repo").plan().plan))
    validator = jsonschema_rs.validator_for(SCHEMA)
    assert validator.is_valid(body)
    spoil(body)
    assert not validator.is_valid(body)


def test_the_schema_names_every_field_of_a_plan_and_no_other():
    plan = SCHEMA["properties"]["plan"]
    hop = plan["properties"]["hops"]["items"]
    app = hop["properties"]["apps"]["items"]
    unit = app["properties"]["units"]["items"]
    move = unit["properties"]["moves"]["items"]
    changes = move["properties"]["changes"]["items"]["oneOf"]
    told = [plan, hop, app, unit, move, *changes]
    kinds = (Plan, Hop, AppMoves, Unit, Move, Edit, NewFile, DropFile)
    assert [set(s["properties"]) - {"change"} for s in told] == [{f.name for f in dataclasses.fields(k)} for k in kinds]
