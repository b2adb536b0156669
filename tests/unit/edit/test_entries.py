"""Entries put into files and taken out of them, as whole lines: what else stands there stays to the last byte."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.entries import Told, attempt
from benchmarks.spans import texts
from fairlead.edit.entries import inserted, removed
from fairlead.edit.grown import proved
from fairlead.edit.nodes import parse
from fairlead.edit.splice import verified
from fairlead.model.errors import UneditableError
from fairlead.promotion.align import Aligner, Lone

TRAITS = Path(__file__).parents[2] / "fixtures" / "traits"
SHARED = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[3].parent / "shared")
FILES = sorted(
    path.relative_to(TRAITS).as_posix()
    for path in TRAITS.rglob("*")
    if path.suffix in (".yaml", ".json") and not path.is_symlink() and path.name != "chart.yaml"
)


def brought(source: str, target: str, name: str = "k.yaml") -> str:
    """The target with all entries that only the source has."""
    first, second = parse(source.encode(), name), parse(target.encode(), name)
    lones = [d for d in Aligner(first, second, ()).differences() if isinstance(d, Lone) and d.in_source]
    assert lones
    growths = []
    for lone in lones:
        assert lone.rows is not None
        growths.append(inserted(name, first, second, lone.rows, lone.node))
    after = proved(target.encode(), second, growths)
    assert verified(name, target.encode(), [g.edit for g in sorted(growths, key=lambda g: g.order)]) == after
    return after.decode()


def without(source: str, target: str) -> str:
    """The target without all entries that only it has."""
    first, second = parse(source.encode()), parse(target.encode(), "k.yaml")
    lones = [d for d in Aligner(first, second, ()).differences() if isinstance(d, Lone) and not d.in_source]
    assert lones
    growths = [removed("k.yaml", second, lone.rows.target, lone.node) for lone in lones if lone.rows is not None]
    after = proved(target.encode(), second, growths)
    assert verified("k.yaml", target.encode(), [g.edit for g in growths]) == after
    return after.decode()


# ── where it comes in, and what comes with it ──


def test_behind_the_entry_that_it_stands_behind_in_the_source():
    assert brought("r:\n- a\n- b\n- c\n", "r:\n- a\n- c\n- mine\n- my\n") == "r:\n- a\n- b\n- c\n- mine\n- my\n"


def test_behind_the_nearest_one_that_both_have():
    assert brought("r:\n- a\n- b\n- c\n- d\n", "r:\n- a\n- d\n") == "r:\n- a\n- b\n- c\n- d\n"


def test_before_the_next_one_where_none_before_it_is_there():
    assert brought("r:\n- a\n- b\n", "r:\n- b\n- x\n- y\n") == "r:\n- a\n- b\n- x\n- y\n"


def test_at_the_end_where_the_two_have_nothing_in_common():
    assert brought("r:\n- {name: a}\n- {name: b}\n", "r:\n- {name: x}\n- {name: y}\n- {name: z}\n").endswith(
        "- {name: z}\n- {name: a}\n- {name: b}\n"
    )


def test_several_keep_the_sources_order():
    assert brought("z: 1\ny: 2\nx: 3\n", "z: 1\n") == "z: 1\ny: 2\nx: 3\n"


def test_a_whole_key_where_the_target_lacks_it():
    source = "resources:\n- a\n\nconfigMapGenerator:\n- name: c\n  literals:\n  - A=1\n\nimages: []\n"
    assert brought(source, "resources:\n- a\n\nimages: []\n") == source


def test_comments_that_belong_to_it_come_along_and_others_stay():
    source = "# of the file\n\n# of a\na: 1 # on a\n\n# alone\n\n# of b\n# too\nb:\n  c: 1\n  # below c\n# of d\nd: 1\n"
    target = "# of the file\n\na: 1\n# of d\nd: 1\n"
    assert brought(source, target) == "# of the file\n\na: 1\n\n# of b\n# too\nb:\n  c: 1\n  # below c\n# of d\nd: 1\n"


def test_the_title_of_a_file_does_not_come_with_its_first_key():
    assert brought("# dev\na: 1\nb: 2\n", "# prod\nb: 2\n") == "# prod\na: 1\nb: 2\n"


def test_before_the_first_key_of_an_entry():
    assert brought("r:\n- b: 1\n  a: 2\n", "r:\n- a: 2\n") == "r:\n- b: 1\n  a: 2\n"


def test_a_block_string_comes_as_it_is():
    source = "a: 1\nb: |\n  x\n\n   y\n\nc: |+\n  z\n\nd: 1\n"
    assert brought(source, "a: 1\nd: 1\n") == source


def test_a_block_string_that_keeps_its_blank_lines_has_an_end():
    source = "a: |+\n  x\n\nb: 1\n"
    assert brought(source, "a: |+\n  x\n\n") == source


# ── the target's own form ──


def test_the_targets_indentation():
    source = "p:\n- patch: |\n    - op: add\n      path: /a\n  target:\n    kind: D\n- path: x\n"
    assert brought(source, "p:\n    - path: x\n") == (
        "p:\n    - patch: |\n        - op: add\n          path: /a\n      target:\n        kind: D\n    - path: x\n"
    )


def test_a_new_list_is_indented_as_lists_are_there():
    assert brought("r:\n- a\ns:\n- b # why\n- c\n", "r:\n  - a\n") == "r:\n  - a\ns:\n  - b # why\n  - c\n"
    assert brought("r:\n  - a\ns:\n  - b\n", "r:\n- a\n") == "r:\n- a\ns:\n- b\n"


def test_the_targets_line_ends():
    assert brought("a: 1\nb:\n  c: 1\n", "a: 1\r\nz: 1\r\n") == "a: 1\r\nb:\r\n  c: 1\r\nz: 1\r\n"
    assert brought("a: 1\r\nb:\r\n  c: 1\r\n", "a: 1\nz: 1\n") == "a: 1\nb:\n  c: 1\nz: 1\n"


def test_a_file_without_a_last_line_end_keeps_it_so():
    assert brought("a: 1\nb: 2\nc: 3\n", "a: 1") == "a: 1\nb: 2\nc: 3"
    assert brought("a: 1\nb: 2", "a: 1\n") == "a: 1\nb: 2\n"


def test_a_byte_order_mark_stays_in_front():
    assert brought("a: 1\nb: 2\n", "\ufeffb: 2\n") == "\ufeffa: 1\nb: 2\n"
    assert brought("\ufeffa: 1\nb: 2\n", "b: 2\n") == "a: 1\nb: 2\n"


def test_inside_yaml_of_a_block_string():
    patch = "patches:\n- patch: |-\n    - op: add\n      path: /a\n      value: 1\n%s  target: {kind: Deployment}\n"
    more = "    - op: replace\n      path: /b\n      value: {c: d}\n"
    assert brought(patch % more, patch % "") == patch % more
    assert without(patch % "", patch % more) == patch % ""


# ── braces ──


def test_between_braces():
    assert brought("r: [a, b, c]\n", "r: [ a, c ]\n") == "r: [ a, b, c ]\n"
    assert brought("r: [a, b]\n", "r: [b]\n") == "r: [a, b]\n"
    assert brought("m: {a: 1, b: {c: 2}}\n", "m: {a: 1}\n") == "m: {a: 1, b: {c: 2}}\n"
    assert brought("r: [a]\ns: 1\n", "r: []\n") == "r: [a]\ns: 1\n"


def test_from_lines_into_braces_and_back():
    assert brought("r:\n- a\n- name: b\n  tag: '1.20'\n", "r: [a]\n") == "r: [a, {name: b, tag: '1.20'}]\n"
    assert brought("m:\n  a: 1\n  b: x, y\n", "m: {a: 1}\n") == 'm: {a: 1, b: "x, y"}\n'
    assert brought("r: [a, {b: 1}]\n", "r:\n- a\n") == "r:\n- a\n- {b: 1}\n"


def test_json_of_several_lines():
    source = '{\n  "a": 1,\n  "b": {\n    "c": 2\n  },\n  "d": 3\n}\n'
    assert brought(source, '{\n  "a": 1,\n  "d": 3\n}\n', "k.json") == source
    assert brought(source, '{\n    "a": 1,\n    "d": 3\n}\n', "k.json") == (
        '{\n    "a": 1,\n    "b": {\n      "c": 2\n    },\n    "d": 3\n}\n'
    )


# ── documents ──

A, B, C = (f"kind: {kind}\nmetadata: {{name: x}}\n" for kind in ("ConfigMap", "Service", "Job"))


def test_documents():
    assert brought(f"{A}---\n{B}---\n{C}", f"{A}---\n{C}") == f"{A}---\n{B}---\n{C}"
    assert brought(f"{A}---\n{B}---\n{C}", f"{B}---\n{C}") == f"{A}---\n{B}---\n{C}"
    assert brought(f"---\n# of a\n{A}---\n{B}---\n{C}", f"---\n{B}---\n{C}") == f"---\n# of a\n{A}---\n{B}---\n{C}"
    assert brought(f"{A}--- # of b\n{B}", A.rstrip()) == f"{A}--- # of b\n{B}".rstrip()
    assert without(A, f"{A}---\n{B}") == A
    assert without(B, f"---\n{A}---\n{B}") == f"---\n{B}"


# ── out again ──


def test_an_entry_goes_with_its_comments_and_its_space():
    assert without("a: 1\nd: 1\n", "a: 1\n\n# of b\nb:\n- 1\n  # below\n\n# of d\nd: 1\n") == "a: 1\n\n# of d\nd: 1\n"
    assert without("r:\n- b\n", "r:\n# of a\n- a\n\n- b") == "r:\n- b"
    assert without("r:\n- a\n", "r:\n- a\n- b") == "r:\n- a"
    assert without("r:\n- b: 1\n", "r:\n- a: 1\n  b: 1\n") == "r:\n- b: 1\n"
    assert without("r: [a, c]\n", "r: [a, b, c]\n") == "r: [a, c]\n"
    assert without("r: [a]\n", "r: [a, b]\n") == "r: [a]\n"


# ── refused ──


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("a: &x 1\nb: *x\nc: 1\n", "a: 1\nc: 1\n", "an anchor or an alias"),
        ("m:\n  a: 1\n  b: 2\n", "l: &x {a: 1}\nm: *x\n", "behind an alias"),
        ("m:\n  a: 1\n  b: 2\n", "m:\n  a: 1\n  a: 1\n", "'a' stands there twice"),
        ("m:\n  a: 1\n  b: |\n    x\n    y\n", "m: {a: 1}\n", "between braces as it is"),
        ("m:\n  a: 1\n  b: 2 # why\n", "m: {a: 1}\n", "between braces as it is"),
        ("m:\n  a: 1\n  b: " + "x" * 200 + "\n", "m: {a: 1}\n", "too long for one line"),
        ("m: {a: 1,\n  b: [1,\n 2]}\n", "m:\n  a: 1\n", "over several lines"),
        (f"{A}---\n{B}", f"%YAML 1.1\n---\n{A}", "directives"),
    ],
)
def test_what_is_refused(source, target, why):
    with pytest.raises(UneditableError, match=why):
        brought(source, target)


def test_the_last_entry_does_not_leave_nothing_behind():
    with pytest.raises(UneditableError, match="left empty"):
        without("r: []\na: 1\n", "r: [x]\na: 1\n")


def test_the_proof_refuses_an_edit_that_does_something_else():
    source, target = parse(b"a: 1\nb: 2\n"), parse(b"a: 1\n", "k.yaml")
    (lone,) = (d for d in Aligner(source, target, ()).differences() if isinstance(d, Lone))
    assert lone.rows is not None
    growth = inserted("k.yaml", source, target, lone.rows, lone.node)
    other = parse(b"a: 1\nb: 3\n")
    (wrong,) = (d for d in Aligner(other, target, ()).differences() if isinstance(d, Lone))
    assert wrong.rows is not None
    bad = replace(growth, edit=inserted("k.yaml", other, target, wrong.rows, wrong.node).edit)
    with pytest.raises(UneditableError, match="more than this entry"):
        proved(b"a: 1\n", target, [bad])


# ── files as real repositories have them ──


@pytest.mark.parametrize("name", FILES)
def test_all_entries_of_a_fixture_go_and_come_back(name):
    told = attempt((TRAITS / name).read_bytes(), name, 0)
    assert (told.wrong, told.outside) == (0, 0)
    assert told.edits == told.same_bytes + told.same_values


def test_all_that_the_fixtures_refuse():
    told = Told()
    for name in FILES:
        told.add(attempt((TRAITS / name).read_bytes(), name, 0))
    assert told.same_bytes >= 0.9 * told.edits, told.examples
    assert told.edits > 150


@pytest.mark.parametrize("repository", ["fluxcd+flux2-kustomize-helm-example", "ipni+storetheindex"])
def test_entries_of_real_repositories(repository):
    archive = SHARED / "corpora" / f"{repository}.tar.gz"
    if not archive.is_file():
        pytest.skip(f"no {archive.name} in corpora/ beside this repository; FAIRLEAD_SHARED names another")
    told = Told()
    for path, data in list(texts(archive))[:120]:
        told.add(attempt(data, path, 2))
    assert (told.wrong, told.outside) == (0, 0)
    assert told.edits > 30
