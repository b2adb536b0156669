"""What stands on one side only: what is offered, what is kept, and what must never leave its environment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.promotion.compare import Base
from fairlead.promotion.lones import stands
from fairlead.promotion.units import gather
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import FILE, applied, around, moves, the_move

TOLD = "the promotion staging -> production in 1a2b3c4d"
BACK = "the rollback of production in 5e6f7a8b"
LITERALS = "configMapGenerator:\n- name: c\n  literals:\n  - A=1\n%s"
NEW = LITERALS % "  - B=2\n"
OLD = LITERALS % ""
FIELD = "configMapGenerator[c].literals[B=]"


def rules(**patterns: str) -> PromoteRules:
    return PromoteRules(**{name: (FieldPattern(pattern),) for name, pattern in patterns.items()})


def of(source: str, target: str, base: Base | None = None, field: str = FIELD) -> Move:
    return the_move(source, target, bases={} if base is None else {(FILE, field): base})


# ── by its class ──


def test_the_sources_entry_is_offered_with_its_edit():
    move = of(NEW, OLD)
    assert (move.field, move.old, move.new) == (f"kustomization.yaml: {FIELD}", "", "B=2")
    assert (move.verdict, move.field_class, move.carrier) == (Verdict.OFFER, FieldClass.OFFERED, "entries")
    assert (move.stands_at.line, move.stands_at.column, move.at.line) == (5, 5, 0)
    assert applied([move], OLD) == NEW


@pytest.mark.parametrize("pattern", [FIELD, "*literals[[]B=]", "kustomization.yaml", f"kustomization.yaml: {FIELD}"])
def test_the_configuration_makes_it_a_default(pattern):
    move = the_move(NEW, OLD, around(rules(carry=pattern.replace("[[]", "["))))
    assert (move.verdict, move.field_class) == (Verdict.PROMOTE, FieldClass.VERSION)
    assert move.reason.startswith("fairlead.yaml: promote.carry")


def test_the_configuration_keeps_it_away():
    move = the_move(NEW, OLD, around(rules(own="*literals*", carry="*")))
    assert (move.verdict, move.changes) == (Verdict.KEEP, ())


def test_a_comment_on_its_line_keeps_it_away():
    assert of(NEW.replace("B=2", "B=2 # fairlead: own"), OLD).verdict is Verdict.KEEP


@pytest.mark.parametrize("value", ["B=web.staging.example.com", "STAGING=1", "B={staging}"])
def test_what_names_the_source_is_never_a_default_and_says_so(value):
    move = the_move(NEW.replace("B=2", f"'{value}'"), OLD, around(rules(carry="*")))
    assert move.verdict is Verdict.OFFER
    assert move.changes
    assert f"it names the source: {value}" in move.reason


def test_the_targets_own_word_is_no_harm():
    where = replace(around(rules(carry="*")), source_words=("staging",))
    assert the_move(NEW.replace("2", "production"), OLD, where).verdict is Verdict.PROMOTE
    assert the_move(NEW.replace("2", "staging"), OLD, where).verdict is Verdict.OFFER


def test_the_targets_entry_is_its_own_even_where_all_is_carried():
    move = the_move(OLD, NEW, around(rules(carry="*")))
    assert (move.verdict, move.reason, move.changes) == (Verdict.KEEP, "only the target has it", ())


# ── by its history ──


def test_a_base_in_another_field_is_none():
    assert of(NEW, OLD, Base("A=1", "A=1", TOLD), "configMapGenerator[c].literals[A=]").verdict is Verdict.OFFER


def test_what_was_taken_back_is_held_and_a_newer_one_is_not():
    assert of(NEW, OLD, Base("B=2", "", BACK, taken_back=True)).reason == f"taken back by {BACK}"
    assert of(NEW, OLD, Base("B=2", "", BACK, taken_back=True)).verdict is Verdict.KEEP
    assert of(NEW, OLD, Base("B=1", "", BACK, taken_back=True)).verdict is Verdict.OFFER


def test_what_the_target_removed_stays_away_and_is_a_conflict_where_the_source_changed_it():
    kept, fought = of(NEW, OLD, Base("B=2", "B=2", TOLD)), of(NEW, OLD, Base("B=1", "B=1", TOLD))
    assert (kept.verdict, kept.reason) == (Verdict.KEEP, f"the target has removed it since {TOLD}")
    assert (fought.verdict, bool(fought.changes)) == (Verdict.CONFLICT, True)
    assert not gather([fought])[0].chosen


def test_what_the_source_removed_may_go():
    move = of(OLD, NEW, Base("B=2", "B=2", TOLD))
    assert (move.verdict, move.old, move.new) == (Verdict.OFFER, "B=2", "")
    assert move.reason == f"the source has removed it since {TOLD}"
    assert applied([move], NEW) == OLD


def test_what_the_target_changed_since_stays_and_so_does_what_was_brought_back():
    assert of(OLD, NEW, Base("B=1", "B=1", TOLD)).verdict is Verdict.KEEP
    assert of(OLD, NEW, Base("B=2", "B=2", BACK, taken_back=True)).reason == f"its removal was taken back by {BACK}"


def test_a_whole_entry_is_known_by_all_that_it_says():
    source, target = "images:\n- name: a\n- name: b\n  newTag: '2'\n", "images:\n- name: a\n"
    said = '{"name":"b","newTag":"2"}'
    assert of(source, target, Base(said, said, TOLD), "images[b]").verdict is Verdict.KEEP
    assert of(source, target, Base(said.replace("2", "1"), "", BACK, taken_back=True), "images[b]").changes


# ── what never leaves ──

DOC = "kind: ConfigMap\nmetadata: {name: x}\n"


@pytest.mark.parametrize(
    ("more", "target"),
    [
        ("secretGenerator:\n- name: s\n  literals: [PASSWORD=hunter2]\n", "a: 1\n"),
        ("patches:\n- target: {kind: Secret}\n  patch: |-\n    - {op: add, path: /data/x, value: hunter2}\n", "a: 1\n"),
        ("patches:\n- patch: |-\n    kind: Secret\n    metadata: {name: s}\n    stringData: {p: hunter2}\n", "a: 1\n"),
    ],
)
def test_secrets_among_entries(more, target):
    (move,) = moves(f"a: 1\n{more}", target, around(rules(carry="*")))
    assert (move.verdict, move.changes, move.new) == (Verdict.KEEP, (), "(secret)")


def test_an_operation_more_in_the_patch_of_a_secret():
    patch = "patches:\n- target: {kind: Secret}\n  patch: |-\n    - {op: add, path: /data/x, value: aaaa}\n%s"
    source = patch % "    - {op: add, path: /data/y, value: hunter2}\n"
    (move,) = moves(source, patch % "", around(rules(carry="*")))
    assert (move.verdict, move.changes, move.new) == (Verdict.KEEP, (), "(secret)")


@pytest.mark.parametrize("kind", ["Secret", "SealedSecret"])
def test_whole_documents_that_are_secrets(kind):
    source = f"{DOC}---\nkind: {kind}\nmetadata: {{name: s}}\nspec: {{encryptedData: hunter2}}\n"
    (move,) = moves(source, DOC, around(rules(carry="*")))
    assert (move.verdict, move.changes, move.new) == (Verdict.KEEP, (), "(secret)")


# ── forms ──


def test_a_whole_document():
    more = f"{DOC}---\nkind: Service\nmetadata: {{name: x}}\n"
    move = of(more, DOC)
    assert move.field == "kustomization.yaml: Service/x"
    assert applied([move], DOC) == more


def test_json6902_operations_of_a_patch_file_and_of_a_patch_in_a_kustomization():
    file = "- op: replace\n  path: /a\n  value: 1\n%s"
    more = "- op: add\n  path: /b\n  value: {c: 2}\n"
    assert applied(moves(file % more, file % ""), file % "") == file % more
    inline = "patches:\n- target: {kind: Deployment}\n  patch: |\n    - op: test\n      path: /a\n%s"
    deeper = "    - op: remove\n      path: /b\n"
    assert applied(moves(inline % deeper, inline % ""), inline % "") == inline % deeper


def test_replacements_are_known_by_their_source_and_their_targets_by_what_they_select():
    one = "- source: {kind: ConfigMap, name: c, fieldPath: data.%s}\n  targets:\n  - select: {kind: Ingress}\n%s"
    more = "    fieldPaths: [spec.host]\n"
    source, target = "replacements:\n" + one % ("a", more) + one % ("b", more), "replacements:\n" + one % ("b", more)
    move = of(source, target)
    assert move.field == "kustomization.yaml: replacements[ConfigMap/c/data.a]"
    assert applied([move], target) == source
    changed = source.replace("[spec.host]", "[spec.host, spec.other]", 1)
    assert the_move(changed, source).field == (
        "kustomization.yaml: replacements[ConfigMap/c/data.a].targets[Ingress].fieldPaths[spec.other]"
    )


def test_one_of_several_without_a_name_is_found_by_what_the_others_say():
    source = "r:\n- {x: 1, y: 1}\n- {x: 2, y: 2}\n- {x: 3, y: 3}\n"
    target = "r:\n- {x: 1, y: 1}\n- {x: 3, y: 3}\n"
    assert applied([of(source, target)], target) == source


def test_where_it_can_not_be_edited_it_is_told_why():
    (move,) = moves("a: 1\nm: [x]\n", "a: 1\nm: {x: 1}\n", around(rules(carry="*")))
    assert (move.changes, move.verdict) == ((), Verdict.OFFER)
    assert move.reason.endswith("add it by hand: the target has no list or map of this kind to put it in")
    (shared,) = moves("a: &x {b: 1}\nc: *x\nd: *x\n", "a: {b: 1}\nc: {b: 1}\n")
    assert shared.reason.endswith("it has an anchor or an alias, which means nothing elsewhere")


def test_values_come_before_entries_among_the_units():
    units = gather(moves("n: 1\nb: a.b\nc: x\n", "b: a.c\nc: y\n"))
    assert [u.key.partition(": ")[2] for u in units] == ["b", "c", "n"]


# ── what a verifier looks at ──


def test_an_entry_stands_in_the_source_or_does_not():
    added, gone = of(NEW, OLD), of(OLD, NEW, Base("B=2", "B=2", TOLD))
    assert stands(NEW.encode(), added)
    assert stands(NEW.replace("  - ", "    - ").encode(), added)
    assert not stands(OLD.encode(), added)
    assert not stands(None, added)
    assert stands(OLD.encode(), gone)
    assert stands(None, gone)
    assert not stands(NEW.encode(), gone)
    flow = the_move("r:\n- a\n- name: b\n  tag: c\n", "r: [a]\n")
    assert stands(b"r:\n- a\n- name: b\n  tag: c\n", flow)
    assert not stands(b"r:\n- a\n- name: b\n  tag: d\n", flow)
