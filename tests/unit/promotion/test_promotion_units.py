"""Moves that belong together are chosen together, never half; and what a person asked for."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.plan import Move, Unit, Verdict
from fairlead.promotion.selection import Selection, refuse_unmatched, select
from fairlead.promotion.units import gather, held_back
from tests.promoting import FILE, a_move, moves

V12, V13 = ("1.1", "1.2"), ("1.1", "1.3")


def keys(units: tuple[Unit, ...]) -> list[tuple[str, list[str], bool]]:
    """(key, fields, chosen) of units, the file's name left out."""
    return [(u.key, [m.field.partition(": ")[2] for m in u.moves], u.chosen) for u in units]


def move(field: str, verdict: Verdict = Verdict.PROMOTE, token: tuple[str, str] | None = None, **more) -> Move:
    return a_move(f"k.yaml: {field}", verdict=verdict, token=token, **more)


def test_fields_of_the_same_revision_are_one_unit_across_files():
    found = gather([
        move("a", token=V12), move("b", token=V13), a_move("other.yaml: c", token=V12, path="other.yaml"),
    ])  # fmt: skip
    assert keys(found) == [("1.1 -> 1.2", ["a", "c"], True), ("1.1 -> 1.3", ["b"], True)]


def test_fields_without_a_revision_are_units_of_their_own():
    assert keys(gather([move("a"), move("b")])) == [("k.yaml: a", ["a"], True), ("k.yaml: b", ["b"], True)]


def test_the_fields_of_an_images_entry_go_together():
    found = gather([
        move("images[web].newName", Verdict.OFFER), move("images[api].newTag", token=V13),
        move("images[web].newTag", token=V12), move("images[web].digest", token=("sha256:a", "sha256:b")),
    ])  # fmt: skip
    assert keys(found) == [
        ("1.1 -> 1.2", ["images[web].newName", "images[web].newTag", "images[web].digest"], True),
        ("1.1 -> 1.3", ["images[api].newTag"], True),
    ]


def test_entries_of_two_files_are_two_unless_their_revision_is_one():
    first = move("images[web].newTag", token=V12)
    assert len(gather([first, move("images[web].newTag", token=V13, path="other.yaml")])) == 2
    assert len(gather([first, move("images[web].newTag", token=V12, path="other.yaml")])) == 1


def test_units_that_a_later_move_links_become_one():
    found = gather([
        move("images[web].newTag", token=V12), move("x", token=V13), move("images[web].digest", token=V13),
        move("y", token=V13), move("z", token=V12),
    ])  # fmt: skip
    assert len(found) == 1
    assert sorted(m.field for m in found[0].moves) == [
        "k.yaml: images[web].digest", "k.yaml: images[web].newTag", "k.yaml: x", "k.yaml: y", "k.yaml: z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "chosen"),
    [
        ((Verdict.PROMOTE, Verdict.PROMOTE), True),
        ((Verdict.PROMOTE, Verdict.OFFER), True),
        ((Verdict.OFFER, Verdict.OFFER), False),
        ((Verdict.PROMOTE, Verdict.CONFLICT), False),
        ((Verdict.CONFLICT,), False),
    ],
)
def test_a_unit_with_a_conflict_is_never_chosen_by_default(verdicts, chosen):
    (unit,) = gather([move(f"f{i}", v, V12) for i, v in enumerate(verdicts)])
    assert (unit.chosen, len(unit.moves)) == (chosen, len(verdicts))


def test_what_is_kept_or_can_not_be_edited_is_in_no_unit():
    assert gather([move("a", Verdict.KEEP), move("b", Verdict.OFFER, edit=False)]) == ()


def test_a_revision_of_which_a_half_can_not_be_edited_is_offered_whole():
    file = "a: &a {tag: %s}\nb: *a\nimages:\n- {name: web, newTag: %s}\n- {name: api, newTag: %s}\n"
    found = moves(file % ("b2c", "b2c", "7.1"), file % ("a1b", "a1b", "7.0"))
    units = gather(found)
    assert [(u.key, u.chosen) for u in units] == [("7.0 -> 7.1", True), ("a1b -> b2c", False)]
    held = {m.field.partition(": ")[2]: m.reason for m in held_back(found, units)}
    assert held["images[web].newTag"].endswith("is of the same revision (" + FILE + ":1:13), and can't be edited")


def test_chosen_units_come_first_else_in_the_order_of_their_moves():
    found = gather([move("a", Verdict.OFFER), move("b"), move("c", Verdict.OFFER), move("d")])
    assert [u.key for u in found] == ["k.yaml: b", "k.yaml: d", "k.yaml: a", "k.yaml: c"]


def test_all_that_is_not_carried_is_held_back():
    all_moves = [move("a", token=V12), move("b", Verdict.OFFER), move("c", Verdict.KEEP), move("d", edit=False)]
    assert [m.field for m in held_back(all_moves, gather(all_moves))] == ["k.yaml: b", "k.yaml: c", "k.yaml: d"]


def test_the_ref_and_the_tag_of_one_commit_are_one_unit():
    file = "resources: ['https://g.io/r?ref=%s']\nimages:\n- {name: web, newTag: %s}\n- {name: api, newTag: %s}\n"
    found = gather(moves(file % ("v1.2", "v1.2", "7.1"), file % ("v1.1", "v1.1", "7.0")))
    assert keys(found) == [
        ("v1.1 -> v1.2", ["resources[https://g.io/r]", "images[web].newTag"], True),
        ("7.0 -> 7.1", ["images[api].newTag"], True),
    ]


# ── selection ──

MOVES = (
    move("images[web].newTag", token=V12), move("ref", token=V12), move("other", token=V13),
    move("what", Verdict.OFFER), move("hot", Verdict.CONFLICT, ("2.0", "2.1")),
)  # fmt: skip


def chosen(selection: Selection, *, app: str = "web", env: str = "production") -> list[str]:
    """The fields that are carried."""
    units = select(app, env, gather(MOVES), selection)
    return [m.field.partition(": ")[2] for u in units if u.chosen for m in u.moves]


@pytest.mark.parametrize(
    ("selection", "fields"),
    [
        (Selection(), ["images[web].newTag", "ref", "other"]),
        (Selection(fields=("images[web].newTag",)), ["images[web].newTag", "ref"]),  # never half a unit
        (Selection(fields=("k.yaml: ref",)), ["images[web].newTag", "ref"]),
        (Selection(fields=("*newTag",)), ["images[web].newTag", "ref"]),
        (Selection(fields=("what",)), ["what"]),
        (Selection(fields=("hot",)), ["hot"]),
        (Selection(fields=("what", "other")), ["other", "what"]),
        (Selection(fields=("web/*: ref",)), ["images[web].newTag", "ref"]),
        (Selection(fields=("api/*: ref",)), []),
        (Selection(units=("1.1 -> 1.2",)), ["images[web].newTag", "ref"]),
        (Selection(units=("1.3",)), ["other"]),
        (Selection(units=("1.1",)), ["images[web].newTag", "ref", "other"]),
        (Selection(units=("2.1",)), ["hot"]),
        (Selection(units=("k.yaml: what",)), ["what"]),
        (Selection(units=("1.3",), fields=("what",)), ["other", "what"]),
        (Selection(exclude=("ref",)), ["other"]),
        (Selection(exclude=("1.3",)), ["images[web].newTag", "ref"]),
        (Selection(exclude=("*",)), []),
        (Selection(fields=("*",), exclude=("1.2", "hot")), ["other", "what"]),
        (Selection(units=("web: 1.1 -> 1.3",)), ["other"]),
        (Selection(units=("api: 1.1 -> 1.3",)), []),
        (Selection(units=("web: k.yaml: what",)), ["what"]),
        (Selection(exclude=("web: 1.1 -> 1.2", "api: 1.1 -> 1.3")), ["other"]),
        (Selection(units=("web: 1.1 -> 1.2",), exclude=("ref",)), []),
    ],
)
def test_what_is_carried(selection, fields):
    assert chosen(selection) == fields


def test_a_selection_is_recorded_in_words():
    assert Selection(("f",), ("u", "web: 1 -> 2"), ("e",)).words() == (
        "field=f",
        "unit=u",
        "unit=web: 1 -> 2",
        "exclude=e",
    )
    assert Selection().words() == ()


def refused(selection: Selection, *more: Move) -> UsageError:
    found = (*MOVES, *more)
    with pytest.raises(UsageError) as caught:
        refuse_unmatched(selection, [("web", "production", m) for m in found], [("web", u) for u in gather(found)])
    return caught.value


@pytest.mark.parametrize("selection", [Selection(fields=("zzz",)), Selection(exclude=("zzz",))])
def test_a_pattern_that_names_nothing_is_refused_with_the_fields_that_differ(selection):
    error = refused(selection)
    assert error.message == "no differing field is named 'zzz'"
    assert error.remedy == (
        "fields that differ: k.yaml: hot; k.yaml: images[web].newTag; k.yaml: other; k.yaml: ref; k.yaml: what"
    )


def test_a_field_that_is_nearly_named_is_suggested():
    error = refused(Selection(fields=("images[web].newTga",)))
    assert error.remedy.startswith("did you mean 'images[web].newTag'?")


def test_a_unit_that_is_not_there_is_refused_with_those_that_are():
    error = refused(Selection(units=("1.9",)))
    assert (error.message, error.remedy) == (
        "no unit is named '1.9'", "did you mean '1.3'? units: 1.1 -> 1.2; 1.1 -> 1.3; 2.0 -> 2.1; k.yaml: what",
    )  # fmt: skip


def test_a_unit_is_no_field():
    assert refused(Selection(fields=("1.3",))).message == "no differing field is named '1.3'"


def test_a_field_that_is_kept_is_refused_with_its_reason_and_a_way():
    error = refused(Selection(fields=("replicas",)), move("replicas", Verdict.KEEP))
    assert (error.message, str(error.where)) == ("k.yaml: replicas is kept: so", f"{MOVES[0].at}")
    assert "promote.carry" in error.remedy


def test_a_field_that_can_only_be_told_is_refused_with_its_reason():
    assert refused(Selection(fields=("new",)), move("new", Verdict.OFFER, edit=False)).message == (
        "k.yaml: new can't be carried: so"
    )


@pytest.mark.parametrize(
    "selection",
    [
        Selection(fields=("*",)), Selection(exclude=("1.2", "replicas")), Selection(units=("1.2", "1.1 -> 1.3")),
        Selection(fields=("re*",)), Selection(), Selection(fields=("web/k.yaml: what",)),
    ],
)  # fmt: skip
def test_what_names_something_passes(selection):
    found = (*MOVES, move("replicas", Verdict.KEEP))
    refuse_unmatched(selection, [("web", "production", m) for m in found], [("web", u) for u in gather(found)])
    assert any(u.chosen for u in select("web", "production", gather(found), selection)), "and it selects something"


def test_a_field_is_refused_only_where_no_app_can_carry_it():
    kept, free = move("what", Verdict.KEEP), move("what", Verdict.OFFER)
    refuse_unmatched(
        Selection(fields=("what",)), [("web", "production", kept), ("api", "production", free)], gather([free])
    )
    assert [u.chosen for u in select("api", "production", gather([free]), Selection(fields=("what",)))] == [True]
