"""A plan as a file: the same text on every machine, read back whole, refused where it was touched."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from fairlead.model.changes import DropFile, Edit, NewFile
from fairlead.model.errors import UsageError
from fairlead.model.plan import Plan, Verdict
from fairlead.promotion.plan_json import canonical, dump, encode, hop_id, load, plan_id
from fairlead.promotion.units import gather
from tests.promoting import a_hop, a_move, a_plan, an_app


def rich_plan() -> Plan:
    """A plan with all that there is."""
    one = a_move("k.yaml: größe ✓", "ä", "ö", token=("ä", "ö"))
    files = replace(
        a_move("x"),
        changes=(
            NewFile("n/ü.yaml", b"\xff\x00\n", 0o100755), DropFile("d.yaml", "1" * 40), Edit("e", 0, 1, b"\xfe", b""),
        ),
    )  # fmt: skip
    held = (a_move("h: y", verdict=Verdict.KEEP, edit=False), a_move("h: z", verdict=Verdict.CONFLICT))
    hop = a_hop(an_app(*gather([one, files]), held=held), an_app(app="api"))
    return a_plan(hop, a_hop(source="a", target="b"), reason="because “so”\nand more")


def test_a_plan_is_read_back_as_it_was():
    made = rich_plan()
    name, again = load(dump(made), "p.json")
    assert (name, again) == (plan_id(made), made)
    assert dump(again) == dump(made)


def test_bytes_that_are_no_text_survive():
    changes = load(dump(rich_plan()), "p")[1].hops[0].apps[0].changes()
    assert NewFile("n/ü.yaml", b"\xff\x00\n", 0o100755) in changes
    assert Edit("e", 0, 1, b"\xfe", b"") in changes


def test_canonical_text_has_sorted_keys_and_no_spaces():
    text = canonical(a_plan(a_hop(an_app(*gather([a_move(new="größer")]))))).decode()
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text
    assert "größer" in text


def test_the_id_is_the_contents_alone():
    made = rich_plan()
    assert plan_id(made) == plan_id(rich_plan())
    assert len({plan_id(made), plan_id(replace(made, reason="x")), plan_id(replace(made, target_commit="0" * 40))}) == 3


def test_a_plan_file_may_be_laid_out_anew_but_not_changed():
    body = json.loads(dump(rich_plan()))
    shuffled = json.dumps(dict(reversed(body.items()))).encode()
    assert load(shuffled, "p") == (plan_id(rich_plan()), rich_plan())


SCRIPT = """
from tests.unit.promotion.test_promotion_plan_json import rich_plan
from fairlead.promotion.plan_json import dump, hop_id
import sys
made = rich_plan()
sys.stdout.buffer.write(dump(made) + hop_id("promote", "a", "b", made.hops[0].apps).encode())
"""


def test_the_id_does_not_depend_on_the_hash_seed():
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "toolkit:."},
            capture_output=True, check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }  # fmt: skip
    assert len(said) == 1
    assert plan_id(rich_plan()).encode() in next(iter(said))


def test_a_hops_id_is_what_it_does_and_nothing_else():
    apps = rich_plan().hops[0].apps
    first = hop_id("promote", "a", "b", apps)
    moved = tuple(replace(a, source_tree="9" * 40, held=(), source_path="elsewhere") for a in apps)
    assert hop_id("promote", "a", "b", moved) == first
    less = tuple(replace(a, units=a.units[:1]) for a in apps)
    others = {
        hop_id("rollback", "a", "b", apps), hop_id("promote", "x", "b", apps), hop_id("promote", "a", "x", apps),
        hop_id("promote", "a", "b", less), hop_id("promote", "a", "b", ()),
    }  # fmt: skip
    assert len(others | {first}) == 6


def test_changes_of_an_app_do_not_depend_on_the_order_of_its_units():
    app = rich_plan().hops[0].apps[0]
    back = replace(app, units=tuple(reversed(app.units)))
    assert app.changes() == back.changes()
    assert hop_id("promote", "a", "b", (app,)) == hop_id("promote", "a", "b", (back,))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(reason="other"),
        lambda p: p.update(target_commit="0" * 40),
        lambda p: p["hops"][0].update(target="elsewhere"),
        lambda p: p["hops"][0]["apps"][0]["units"][0].update(chosen=False),
        lambda p: p["hops"][0]["apps"][0]["units"][0]["moves"][0]["changes"][0].update(new="evil"),
        lambda p: p["hops"].pop(),
        lambda p: p["warnings"].clear(),
    ],
)
def test_a_plan_that_was_edited_is_refused(change):
    body = json.loads(dump(rich_plan()))
    change(body["plan"])
    with pytest.raises(UsageError, match=r"p\.json was changed after it was made: its content has the id [0-9a-f]{12}"):
        load(json.dumps(body).encode(), "p.json")


def test_an_id_that_was_edited_is_refused():
    with pytest.raises(UsageError, match=r"was changed after it was made.*it says 000000000000"):
        load(dump(rich_plan()).replace(plan_id(rich_plan()).encode(), b"0" * 64), "p.json")


def test_a_plan_of_another_form_is_refused():
    with pytest.raises(UsageError, match=r"p is a plan of another form \(fairlead-plan/2\)") as caught:
        load(dump(rich_plan()).replace(b"fairlead-plan/1", b"fairlead-plan/2"), "p")
    assert caught.value.remedy == "make a fresh plan"


def broken(change) -> bytes:
    """A plan of the wrong form, with the id that its content has."""
    body = json.loads(dump(rich_plan()))
    change(body["plan"])
    text = json.dumps(body["plan"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps(body | {"id": hashlib.sha256(text.encode()).hexdigest()}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"form": "fairlead-plan/1"}', b"[" * 100_000,
        b'{"form": "fairlead-plan/1", "plan": []}', b'{"form": "fairlead-plan/1", "plan": null, "id": "x"}',
        broken(lambda p: p.pop("verb")),
        broken(lambda p: p.update(hops=3)),
        broken(lambda p: p.update(hops=[[]])),
        broken(lambda p: p.update(verb=7)),
        broken(lambda p: p.update(target_branch=["main"])),
        broken(lambda p: p.update(selection=[1])),
        broken(lambda p: p["hops"][0].update(branch=None)),
        broken(lambda p: p["hops"][0]["apps"][0].update(app=1)),
        broken(lambda p: p["hops"][0]["apps"][0]["units"][0].update(key=1)),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(field=1)),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(old=None)),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(verdict="maybe")),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(at=["a"])),
        broken(lambda p: p.update(warnings=5)),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(at=["a", float("inf"), 1])),
        broken(lambda p: p["hops"][0]["apps"][0]["held"][0].update(token=["a"])),
        broken(lambda p: p["hops"][0]["apps"][0]["units"][0]["moves"][0]["changes"][0].update(change="x")),
        broken(lambda p: p["hops"][0]["apps"][0]["units"][0]["moves"][0]["changes"][0].update(new={"base64": "!"})),
        broken(lambda p: p["hops"][0]["apps"][0]["units"][0]["moves"][0]["changes"][0].update(path=3)),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_as_such(data):
    with pytest.raises(UsageError, match=r"^p\.json is no plan") as caught:
        load(data, "p.json")
    assert caught.value.remedy


@pytest.mark.parametrize("value", ["text", 3, True, None])
def test_plain_values_stay_as_they_are(value):
    assert encode(value) == value
