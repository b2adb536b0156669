"""Whose a difference is, what becomes of it by its history, and what the configuration says."""

from __future__ import annotations

import pytest

from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Verdict
from fairlead.promotion.compare import Base
from fairlead.promotion.rules import matches
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import FILE, SHA, applied, around, carried, moves, the_move, told

ENTRY = "images:\n- name: web\n  newTag: %s\n"
FIELD = "images[web].newTag"
TOLD = "the promotion staging -> production in 1a2b3c4d"


def of(source: str, target: str, base: Base | None, field: str = FIELD, file: str = ENTRY) -> tuple[str, str]:
    """(verdict, reason) of a tag in both environments, with a base."""
    bases = {} if base is None else {(FILE, field): base}
    move = the_move(file % source, file % target, bases=bases)
    assert bool(move.changes) is (move.verdict is not Verdict.KEEP)
    return str(move.verdict), move.reason


# ── the three-way table, line by line ──


def test_the_source_changed_and_the_target_is_as_it_was():
    assert of("3", "1.1", Base("1.1", "1.1", TOLD), file=ENTRY) == ("promote", "images: newTag; last carried: '1.1'")
    assert of("1.2", "1.1", Base("1.1", "1.1", TOLD)) == ("promote", "images: newTag; last carried: '1.1'")


def test_it_is_promoted_by_its_class_only():
    assert of("1.0", "1.1", Base("1.1", "1.1", TOLD)) == (
        "offer", "it would go back from '1.1' to '1.0'; last carried: '1.1'",
    )  # fmt: skip


def test_the_source_is_as_it_was_and_the_target_changed():
    assert of("1.1", "1.1.5", Base("1.1", "1.1", TOLD)) == (
        "keep", f"the target's own change since {TOLD} ('1.1' -> '1.1.5'): a hotfix stays; "
        "`fairlead backport web production` carries it to the source, too",
    )  # fmt: skip


def test_both_changed_to_the_same():
    assert moves(ENTRY % "1.2", ENTRY % "1.2", bases={(FILE, FIELD): Base("1.1", "1.1", TOLD)}) == ()


def test_both_changed_differently():
    assert of("1.3", "1.2", Base("1.1", "1.1", TOLD)) == (
        "conflict", f"both sides changed since {TOLD}: a hotfix ('1.1' -> '1.2') would be lost; take the source's "
        "with --field, keep it as it is, or carry it down: fairlead backport web production",
    )  # fmt: skip


def test_neither_changed():
    assert of("1.2", "1.1", Base("1.2", "1.1", TOLD)) == ("keep", f"settled by {TOLD}")


def test_a_value_that_was_taken_back_is_held_and_a_newer_one_is_not():
    back = Base("1.2", "1.1", "the rollback", taken_back=True)
    assert of("1.2", "1.1", back) == ("offer", "taken back by the rollback")
    assert of("1.3", "1.1", back) == ("promote", "images: newTag; last carried: '1.2'")
    assert of("1.2", "1.1.9", back)[0] == "keep"
    assert of("1.3", "1.1.9", back)[0] == "conflict"


def test_a_field_never_carried_has_no_base():
    assert of("1.3", "1.2", None) == ("promote", "images: newTag")
    assert of("1.3", "1.2", Base("9", "9", TOLD), field="images[api].newTag") == ("promote", "images: newTag")


def test_bases_of_another_file_do_not_count():
    bases = {("apps/web/overlays/production/other.yaml", FIELD): Base("1.1", "1.1", TOLD)}
    assert the_move(ENTRY % "1.3", ENTRY % "1.2", bases=bases).verdict is Verdict.PROMOTE


def test_an_owned_field_is_kept_whatever_its_history():
    bases = {(FILE, "replicas"): Base("1", "10", TOLD)}
    move = the_move("replicas: 2\n", "replicas: 10\n", bases=bases)
    assert (move.verdict, move.changes) == (Verdict.KEEP, ())
    assert the_move("replicas: 2\n", "replicas: 10\n").verdict is Verdict.KEEP


def test_an_offered_field_stays_offered_and_a_hotfix_of_it_is_a_hotfix():
    def verdict(source: str, target: str) -> Verdict:
        bases = {(FILE, "what"): Base("one", "one", TOLD)}
        return the_move(f"what: {source}\n", f"what: {target}\n", bases=bases).verdict

    assert verdict("two", "one") is Verdict.OFFER
    assert verdict("one", "two") is Verdict.KEEP
    assert verdict("two", "three") is Verdict.CONFLICT


def test_the_base_of_an_image_line_is_its_tag_not_its_registry():
    file = "spec: {image: %s}\n"

    def of_line(source: str, target: str, base: str) -> Verdict:
        bases = {(FILE, "spec.image"): Base(base, base, TOLD)}
        return the_move(file % source, file % target, bases=bases).verdict

    assert of_line("d.io/web:1.2", "p.io/web:1.1", "p.io/web:1.1") is Verdict.PROMOTE
    assert of_line("d.io/web:1.1", "p.io/web:1.1.5", "p.io/web:1.1") is Verdict.KEEP
    assert of_line("d.io/web:1.3", "p.io/web:1.2", "p.io/web:1.1") is Verdict.CONFLICT


def test_the_base_of_a_ref_is_the_ref():
    file = "resources:\n- https://g.io/r?ref=%s\n"
    bases = {(FILE, "resources[https://g.io/r]"): Base("https://g.io/r?ref=v1", "https://g.io/r?ref=v1", TOLD)}
    assert the_move(file % "v2", file % "v1", bases=bases).verdict is Verdict.PROMOTE
    assert the_move(file % "v1", file % "v1.5", bases=bases).verdict is Verdict.KEEP
    assert the_move(file % "v3", file % "v2", bases=bases).verdict is Verdict.CONFLICT


# ── where a tag takes the place of a digest, or the other way round ──

TAG, DIGEST = "images:\n- name: web\n  newTag: %s\n", f"images:\n- name: web\n  digest: sha256:{SHA}\n"


def switch(target: str, bases: dict[str, Base]) -> tuple[Verdict, str]:
    move = the_move(DIGEST, target, bases={(FILE, f"images[web].{key}"): base for key, base in bases.items()})
    return move.verdict, move.reason


def test_a_switch_of_what_the_target_left_as_it_was():
    why = "images: digest instead of newTag"
    assert switch(TAG % "1.1", {}) == (Verdict.PROMOTE, why)
    assert switch(TAG % "1.1", {"newTag": Base("1.1", "1.1", TOLD)}) == (
        Verdict.PROMOTE, f"{why}; last carried: 'newTag: 1.1'",
    )  # fmt: skip


def test_a_switch_never_loses_a_hotfix():
    assert switch(TAG % "1.2", {"newTag": Base("1.1", "1.1", TOLD)})[0] is Verdict.CONFLICT


def test_a_target_that_left_the_carried_digest_for_a_tag_keeps_it():
    held = Base(f"sha256:{SHA}", f"sha256:{SHA}", TOLD)
    assert switch(TAG % "1.2", {"digest": held})[0] is Verdict.KEEP
    assert switch(TAG % "1.2", {"digest": Base("sha256:old", "sha256:old", TOLD)})[0] is Verdict.CONFLICT


def test_a_switch_that_was_taken_back_is_held_and_a_newer_one_is_not():
    back = {"digest": Base(f"sha256:{SHA}", "", "the rollback", taken_back=True)}
    here = {"newTag": Base("1.1", "1.1", "the rollback", taken_back=True)}
    assert switch(TAG % "1.1", back | here) == (Verdict.OFFER, "taken back by the rollback")
    newer = {"digest": Base("sha256:other", "", "the rollback", taken_back=True)}
    assert switch(TAG % "1.1", newer | here)[0] is Verdict.PROMOTE
    assert switch(TAG % "1.2", newer | here)[0] is Verdict.CONFLICT


# ── the configuration has the last word ──


def rules(**patterns: tuple[FieldPattern, ...]) -> PromoteRules:
    return PromoteRules(**patterns)


@pytest.mark.parametrize(
    ("file", "old", "new", "word", "field_class", "verdict"),
    [
        ("replicas: %s\n", "1", "2", "carry", FieldClass.VERSION, Verdict.PROMOTE),
        ("what: %s\n", "blue", "green", "carry", FieldClass.VERSION, Verdict.PROMOTE),
        ("tag: %s\n", "1.1", "1.2", "own", FieldClass.OWNED, Verdict.KEEP),
        ("tag: %s\n", "1.1", "1.2", "offer", FieldClass.OFFERED, Verdict.OFFER),
        ("host: %s\n", "a.io", "b.io", "offer", FieldClass.OFFERED, Verdict.OFFER),
    ],
)
def test_the_last_word_on_class(file, old, new, word, field_class, verdict):
    field = file.partition(":")[0]
    move = the_move(file % new, file % old, around(rules(**{word: (FieldPattern(field),)})))
    assert (move.field_class, move.verdict, move.reason) == (
        field_class, verdict, f"fairlead.yaml: promote.{word} {field!r}",
    )  # fmt: skip
    assert [(c.old, c.new) for c in move.changes] == ([] if verdict is Verdict.KEEP else [(old.encode(), new.encode())])


def test_what_is_owned_by_configuration_wins_over_offer_and_that_over_carry():
    every = (FieldPattern("tag"),)

    def verdict(**patterns: tuple[FieldPattern, ...]) -> Verdict:
        return the_move("tag: 1.2\n", "tag: 1.1\n", around(rules(**patterns))).verdict

    assert verdict(own=every, offer=every, carry=every) is Verdict.KEEP
    assert verdict(offer=every, carry=every) is Verdict.OFFER


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        (FieldPattern("replicas"), True),
        (FieldPattern("*"), True),
        (FieldPattern("repl*"), True),
        (FieldPattern("kustomization.yaml: replicas"), True),
        (FieldPattern("kustomization.yaml"), True),
        (FieldPattern("*.yaml: r*"), True),
        (FieldPattern("replicas", "web"), True),
        (FieldPattern("replicas", "w*"), True),
        (FieldPattern("replicas", "web", "production"), True),
        (FieldPattern("replicas", "*", "prod*"), True),
        (FieldPattern("replica"), False),
        (FieldPattern("eplicas"), False),
        (FieldPattern("Replicas"), False),
        (FieldPattern("replicas", "api"), False),
        (FieldPattern("replicas", "web", "staging"), False),
        (FieldPattern("other.yaml: replicas"), False),
        (FieldPattern("repl[i]cas"), False),
        (FieldPattern("re..icas"), False),
    ],
)
def test_patterns_by_field_app_and_environment(pattern, hit):
    move = the_move("replicas: 2\n", "replicas: 1\n", around(rules(carry=(pattern,))))
    assert move.verdict is (Verdict.PROMOTE if hit else Verdict.KEEP)


def test_brackets_of_a_pattern_are_themselves():
    assert matches(FieldPattern("images[web].newTag"), "kustomization.yaml: images[web].newTag", "web", "production")
    assert not matches(FieldPattern("images[web].newTag"), "kustomization.yaml: imagesw.newTag", "web", "production")


@pytest.mark.parametrize("mark", ["# fairlead: own", "#fairlead:own", "# pinned # fairlead:  own (see OPS-1)"])
def test_a_marked_line_is_owned(mark):
    rule = rules(carry=(FieldPattern("*"),))
    move = the_move("tag: 1.2\n", f"tag: 1.1 {mark}\n", around(rule))
    assert (move.verdict, move.field_class, move.reason, move.changes) == (
        Verdict.KEEP,
        FieldClass.OWNED,
        "marked `# fairlead: own`",
        (),
    )


@pytest.mark.parametrize("mark", ["# fairlead: owner", "# fairlead own", "# own"])
def test_a_mark_is_spelled_exactly(mark):
    assert the_move("tag: 1.2\n", f"tag: 1.1 {mark}\n").verdict is Verdict.PROMOTE


def test_a_mark_speaks_of_its_own_line_and_only_in_the_target():
    source, target = "a: v1.2 # fairlead: own\nb: v1.2\n", "a: v1.1\nb: v1.1 # fairlead: own\n"
    assert told(moves(source, target)) == ["promote a: v1.1 -> v1.2", "keep b: v1.1 -> v1.2"]


# ── keys that stand twice ──


@pytest.mark.parametrize(
    ("source", "target", "place"),
    [
        ("tag: b2c\nx: 1\n", "tag: a1b\ntag: a1b\nx: 1\n", "production/kustomization.yaml:2:1"),
        ("tag: b2c\ntag: b2c\nx: 1\n", "tag: a1b\nx: 1\n", "staging/kustomization.yaml:2:1"),
    ],
)
def test_a_key_that_stands_twice_is_left_alone_with_both_places(source, target, place):
    for move in moves(source, target):
        assert (move.verdict, move.changes) == (Verdict.OFFER, ())
        begin = f"left alone: apps/web/overlays/{place}: "
        assert move.reason == f"{begin}tag stands twice in one map, first in line 1; remove one"


def test_what_stands_beside_a_key_that_stands_twice_is_carried():
    assert carried("x: 1\nx: 1\ntag: b2c\n", "x: 1\nx: 1\ntag: a1b\n") == "x: 1\nx: 1\ntag: b2c\n"


# ── the edit ──


def test_a_carried_value_that_can_not_be_replaced_alone_is_an_offer():
    (move,) = moves("a: 1\ntag: abc2\n", "a: 1\ntag: !env abc1\n")
    assert (move.verdict, move.changes, move.reason) == (
        Verdict.OFFER, (), "tag names a version; it can't be edited without touching something else",
    )  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        "tag: &t abc1\nother: *t\n", "x: &t {tag: abc1}\ny: *t\n", 'tag: "ab\\x631"\n', "tag: >\n  abc1\n",
    ],
)  # fmt: skip
def test_aliases_escapes_and_folds_are_never_edited(target):
    found = [
        m for m in moves(target.replace("abc1", "abc2").replace("\\x631", "\\x632"), target) if m.verdict != "keep"
    ]
    assert found
    assert all((m.verdict, m.changes) == (Verdict.OFFER, ()) for m in found)


def test_edits_touch_no_other_byte():
    target = (
        "\ufeff# größer\r\nimages:\r\n    -   name: web\r\n        newTag:   '1.1'  # ✓\r\n"
        "spec:\r\n  image: p.io/web:1.1\r\nreplicas: 10"
    )
    source = "images:\n- name: web\n  newTag: '1.2'\nspec:\n  image: d.io/web:1.2\nreplicas: 1\n"
    assert carried(source, target) == target.replace("1.1", "1.2")


def test_all_that_is_offered_can_be_applied():
    source = "a: blue\nb: 'it''s'\nc: [x, y]\nd: v2\n"
    target = 'a: green\nb: "was"\nc: [x, z]\nd: v1\n'
    assert applied(moves(source, target), target) == 'a: blue\nb: "it\'s"\nc: [x, y]\nd: v2\n'


def test_a_move_says_where_both_values_stand():
    move = the_move("# c\ntag: v2\n", "tag:   v1\n")
    assert (move.stands_at, move.at) == (
        Where("apps/web/overlays/staging/kustomization.yaml", 2, 6), Where(FILE, 1, 8),
    )  # fmt: skip


# ── what stands on one side only ──


def test_the_sources_entries_are_offered_and_the_targets_are_its_own():
    found = moves("a: 1\nlist: [x]\nb: {c: 1, d: 2}\n", "a: 1\nmine: 5\n")
    assert [(m.field, m.old, m.new, m.verdict, m.reason) for m in found] == [
        ("kustomization.yaml: mine", "5", "", Verdict.KEEP, "only the target has it"),
        ("kustomization.yaml: list", "", "(1 entries)", Verdict.OFFER, "only the source has it"),
        ("kustomization.yaml: b", "", "(2 entries)", Verdict.OFFER, "only the source has it"),
    ]
    assert applied(found, "a: 1\nmine: 5\n") == "a: 1\nlist: [x]\nb: {c: 1, d: 2}\nmine: 5\n"


def test_a_long_one_sided_value_is_shortened():
    (move,) = moves("a: 1\nb: " + "x" * 100 + "\n", "a: 1\n")
    assert move.new == "x" * 77 + "..."


def test_a_file_that_can_not_be_read_is_an_error_with_its_place():
    with pytest.raises(SyntaxProblem) as caught:
        moves("a: 1\n", "a: [\n")
    assert caught.value.where == Where(FILE, 2, 1)
