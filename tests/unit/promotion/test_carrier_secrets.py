"""Secrets belong to their environment, and no text repeats them."""

from __future__ import annotations

import pytest

from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.promotion.plan_json import canonical
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import around, moves

EVERYTHING = PromoteRules(carry=(FieldPattern("*"),))


def hidden(source: str, target: str, *values: str) -> tuple[Move, ...]:
    """The moves, none of which is carried or says one of the values, even where all shall be carried."""
    found = moves(source, target, around(EVERYTHING))
    assert found
    assert {m.verdict for m in found} <= {Verdict.KEEP, Verdict.OFFER}
    assert all(not m.changes for m in found)
    text = b"".join(canonical(m) for m in found).decode()
    assert not [v for v in values if v in text]
    return found


SECRET = "kind: Secret\nmetadata: {name: web}\n"


@pytest.mark.parametrize("key", ["data", "stringData"])
def test_the_data_of_a_secret(key):
    (move,) = hidden(
        f"{SECRET}{key}: {{a: aHVudGVyMg}}\n", f"{SECRET}{key}: {{a: c2VjcmV0}}\n", "aHVudGVyMg", "c2VjcmV0"
    )
    assert (move.field, move.old, move.new, move.field_class, move.reason, move.carrier) == (
        f"kustomization.yaml: {key}.a", "(secret)", "(secret)", FieldClass.OWNED,
        "secrets belong to their environment", "secrets",
    )  # fmt: skip


def test_a_key_of_a_secret_on_one_side_only():
    source, target = f"{SECRET}stringData: {{a: hunter2, b: x}}\n", f"{SECRET}stringData: {{b: x, c: letmein}}\n"
    assert [(m.field, m.old, m.new) for m in hidden(source, target, "hunter2", "letmein")] == [
        ("kustomization.yaml: stringData.c", "(secret)", ""), ("kustomization.yaml: stringData.a", "", "(secret)"),
    ]  # fmt: skip


def test_a_whole_secret_among_documents():
    one = "kind: ConfigMap\nmetadata: {name: x}\n"
    hidden(f"{one}---\n{SECRET}stringData: {{a: hunter2}}\n", one, "hunter2")
    hidden(
        f"{one}---\n{SECRET}stringData: {{a: hunter2, c: hunter5}}\n",
        f"{one}---\n{SECRET}stringData: {{a: hunter3, b: hunter4}}\n",
        "hunter2", "hunter3", "hunter4", "hunter5",
    )  # fmt: skip


def test_secret_data_of_another_form():
    hidden(f"{SECRET}stringData: hunter2\n", f"{SECRET}stringData: {{a: 1}}\n", "hunter2")


def test_a_sealed_secret_is_never_opened():
    sealed = "kind: SealedSecret\nmetadata: {name: web}\nspec: {encryptedData: {a: %s}, template: {x: %s}}\n"
    found = hidden(sealed % ("AgAAAAAA", "t1"), sealed % ("AgBBBBBB", "t2"), "AgAAAAAA", "AgBBBBBB", "t1", "t2")
    assert {m.carrier for m in found} == {"secrets"}
    more = sealed.replace("{a: %s}", "{a: %s, b: AgCCCC}")
    hidden(more % ("x", "y"), sealed % ("x", "y"), "AgCCCC")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("- PASSWORD=hunter2", "- PASSWORD=hunter3"),
        ("- PASSWORD=hunter2", "- OTHER=hunter3"),
        ("- 1password=hunter2", "- 1password=hunter3\n  - x"),
        ("- hunter2", "- hunter3\n  - a"),
        ("- pre\n  - hunter2", "- pre\n  - hunter3"),
    ],
)
def test_literals_of_a_secret_generator(source, target):
    file = "secretGenerator:\n- name: web\n  literals:\n  "
    hidden(f"{file}{source}\n", f"{file}{target}\n", "hunter2", "hunter3")


def test_files_of_a_secret_generator_stay():
    file = "secretGenerator:\n- name: web\n  envs: [%s]\n"
    hidden(file % "secret.dev.env", file % "secret.prod.env")


def test_a_patch_that_holds_a_secret():
    file = "patches:\n- patch: |-\n    kind: Secret\n    metadata: {name: web}\n    stringData:\n      a: %s\n"
    hidden(file % "hunter2", file % "hunter3", "hunter2", "hunter3")
    hidden(file % "hunter2" + "      b: hunter4\n", file % "hunter3", "hunter2", "hunter3", "hunter4")


@pytest.mark.parametrize("path", ["/data/a", "/stringData/a", "/data", "/stringData"])
def test_operations_on_a_secret(path):
    file = "patches:\n- target: {kind: Secret}\n  patch: |-\n    - op: replace\n      path: %s\n      value: %s\n"
    hidden(file % (path, "hunter2"), file % (path, "hunter3"), "hunter2", "hunter3")


def test_operations_on_the_string_data_of_a_secret_in_a_file_of_its_own():
    file = "- op: add\n  path: /stringData/a\n  value: %s\n"
    hidden(file % "hunter2", file % "hunter3", "hunter2", "hunter3")


def test_what_sops_encrypted_is_owned_whole():
    file = "kind: ConfigMap\nversion: %s\ndata: {a: 'ENC[AES256,data:%s]'}\nsops: {mac: %s}\n"
    found = hidden(file % ("1.0.0", "xx", "m1"), file % ("1.1.0", "yy", "m2"), "1.0.0", "1.1.0", "ENC", "m1", "m2")
    assert {(m.field_class, m.reason, m.old, m.new) for m in found} == {
        (FieldClass.OWNED, "encrypted by SOPS", "(encrypted)", "(encrypted)")
    }


def test_one_sided_parts_of_what_sops_encrypted():
    hidden("a: q1\nb: q2\nsops: {m: 1}\n", "a: q1\nc: q3\nsops: {m: 1}\n", "q2", "q3")
    hidden(
        "images: [{name: a, digest: q2}]\nsops: {m: 1}\n", "images: [{name: a, newTag: q1}]\nsops: {m: 1}\n", "q1", "q2"
    )


def test_a_file_that_only_one_side_has_encrypted_is_owned_too():
    hidden("a: q1\nsops: {m: 1}\n", "a: q2\n", "q1", "q2")
    hidden("a: q1\n", "a: q2\nsops: {m: 1}\n", "q1", "q2")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (
            "kind: Secret\nmetadata: {labels: {version: 1.2.4}}\n",
            "kind: Secret\nmetadata: {labels: {version: 1.2.3}}\n",
        ),
        ("kind: ConfigMap\ndata: {version: 1.2.4}\n", "kind: ConfigMap\ndata: {version: 1.2.3}\n"),
        ("sops: none\nversion: 1.2.4\n", "sops: none\nversion: 1.2.3\n"),
        (
            "patches:\n- target: {kind: Secret}\n  patch: |-\n    - {op: add, path: /metadata/version, value: 1.2.4}\n",
            "patches:\n- target: {kind: Secret}\n  patch: |-\n    - {op: add, path: /metadata/version, value: 1.2.3}\n",
        ),
    ],
)
def test_what_is_no_secret_is_left_to_others(source, target):
    (move,) = moves(source, target)
    assert (move.carrier, move.old, move.new, move.verdict) == ("version-names", "1.2.3", "1.2.4", Verdict.PROMOTE)
