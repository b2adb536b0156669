"""What was last carried into each field; and what follows from it the next time."""

from __future__ import annotations

from fairlead.model.plan import Verdict
from fairlead.model.snapshot import blob_id
from fairlead.promotion.bases import Carriage, bases
from fairlead.promotion.compare import Base
from fairlead.promotion.fields import leaf_at, leaves
from tests.promoting import FILE, the_move

ENTRY = "images:\n- name: web\n  newTag: %s\nreplicas: %s\n"
TAG = (FILE, "images[web].newTag")


def carriage(before: str | None, after: str, told: str = "P", *, back: bool = False) -> Carriage:
    return Carriage(FILE, None if before is None else before.encode(), after.encode(), told, back)


def test_a_promotion_gives_a_base_to_what_it_carried_only():
    assert bases([carriage(ENTRY % ("1.1", 10), ENTRY % ("1.2", 10))]) == {TAG: Base("1.2", "1.2", "P")}


def test_the_newest_word_on_a_field_counts():
    newest_first = [
        carriage(ENTRY % ("1.2", 10), ENTRY % ("1.3", 10), "new"),
        carriage(ENTRY % ("1.1", 9), ENTRY % ("1.2", 10), "old"),
    ]
    assert bases(newest_first) == {TAG: Base("1.3", "1.3", "new"), (FILE, "replicas"): Base("10", "10", "old")}


def test_a_rollback_remembers_what_it_took_back():
    assert bases([carriage(ENTRY % ("1.2", 10), ENTRY % ("1.1", 10), "R", back=True)]) == {
        TAG: Base("1.2", "1.1", "R", taken_back=True)
    }


def test_a_promotion_after_a_rollback_counts_again():
    found = bases([
        carriage(ENTRY % ("1.1", 10), ENTRY % ("1.3", 10), "P"),
        carriage(ENTRY % ("1.2", 10), ENTRY % ("1.1", 10), "R", back=True),
    ])  # fmt: skip
    assert found == {TAG: Base("1.3", "1.3", "P")}


def test_files_that_can_not_be_read_give_none():
    good = ENTRY % ("1.1", 1)
    for before, after in (("a: [", good), (good, "a: ["), (good, good)):
        assert bases([carriage(before, after)]) == {}


def test_a_file_that_came_has_a_base_as_a_whole_and_in_its_values():
    text = ENTRY % ("1.1", 1)
    oid = blob_id(text.encode())
    assert bases([carriage(None, text)]) == {
        (FILE, ""): Base(oid, oid, "P"), TAG: Base("1.1", "1.1", "P"),
        (FILE, "images[web].name"): Base("web", "web", "P"), (FILE, "replicas"): Base("1", "1", "P"),
    }  # fmt: skip


def test_a_file_that_a_rollback_removed_was_taken_back():
    gone = Carriage(FILE, b"a: 1\n", None, "R", taken_back=True)
    assert bases([gone, carriage(None, "a: 1\n")])[FILE, ""] == Base(blob_id(b"a: 1\n"), "", "R", taken_back=True)
    assert (FILE, "") not in bases([Carriage(FILE, b"a: 1\n", None, "P"), carriage(None, "a: 1\n")])


def test_an_entry_that_came_has_a_base_as_a_whole_and_in_its_values():
    before, after = (
        "images:\n- name: api\n  newTag: 1\n",
        "images:\n- name: api\n  newTag: 1\n- name: web\n  newTag: 2\n",
    )
    whole = '{"name":"web","newTag":"2"}'
    assert bases([carriage(before, after)]) == {
        (FILE, "images[web]"): Base(whole, whole, "P"), TAG: Base("2", "2", "P"),
        (FILE, "images[web].name"): Base("web", "web", "P"),
    }  # fmt: skip
    assert bases([carriage(after, before, "R", back=True)]) == {
        (FILE, "images[web]"): Base(whole, "", "R", taken_back=True)
    }


def test_a_key_that_was_switched_has_its_new_values_base_and_no_old_one():
    one, two, three = (f"images:\n- name: web\n  {line}\n" for line in ("newTag: 1.1", "newTag: 1.2", "digest: d"))
    digest = (FILE, "images[web].digest")
    assert bases([carriage(two, three, "S"), carriage(one, two, "P")]) == {digest: Base("d", "d", "S")}
    assert bases([carriage(three, two, "R", back=True)]) == {
        TAG: Base("1.2", "1.2", "R", taken_back=True), digest: Base("d", "", "R", taken_back=True),
    }  # fmt: skip


def test_fields_are_named_as_the_comparing_names_them():
    file = "hosts:\n- {host: a.dev.x.io, version: %s}\n- {host: a.prod.x.io, version: %s}\n"
    words = ("dev", "prod")
    found = bases([carriage(file % ("1.1", "1.1"), file % ("1.1", "1.2"))], words)
    assert found == {(FILE, "hosts[a.prod.x.io#2].version"): Base("1.2", "1.2", "P")}
    move = the_move(file % ("1.1", "1.2"), file % ("1.1", "1.2.5"), bases=found)
    assert (move.field, move.verdict) == ("kustomization.yaml: hosts[a.prod.x.io#2].version", Verdict.KEEP)


def test_what_was_excluded_today_is_offered_again_tomorrow():
    file = "images:\n- {name: web, newTag: %s}\n- {name: api, newTag: %s}\n"
    done = bases([carriage(file % ("1.1", "7.0"), file % ("1.2", "7.0"))])  # api was excluded
    move = the_move(file % ("1.2", "7.1"), file % ("1.2", "7.0"), bases=done)
    assert (move.field, move.verdict) == ("kustomization.yaml: images[api].newTag", Verdict.PROMOTE)


def test_devs_replicas_never_meet_productions():
    done = bases([carriage(ENTRY % ("1.1", 10), ENTRY % ("1.2", 10))])
    move = the_move(ENTRY % ("1.2", 2), ENTRY % ("1.2", 10), bases=done)
    assert (move.verdict, move.changes, move.reason) == (Verdict.KEEP, (), "replicas belongs to the environment")


def test_leaves_by_their_names():
    file = b"a: {b: 1}\nc: [{name: x, v: 2}]\nd: |\n  e: 3\n"
    assert {name: leaf.value for name, leaf in leaves(file).items()} == {
        "a.b": "1", "c[x].name": "x", "c[x].v": "2", "d \u00bb e": "3",
    }  # fmt: skip


def test_a_field_is_found_in_the_other_environments_file():
    file = b"hosts:\n- {host: a.dev.x.io, v: 1}\n"
    found = leaf_at(file, "hosts[a.prod.x.io].v", ("dev", "prod"))
    assert found is not None
    assert (found.value, found.line) == ("1", 2)
    assert leaf_at(file, "hosts[a.prod.x.io].v") is None
    assert leaf_at(file, "hosts[a.qa.x.io].v", ("dev", "prod")) is None
