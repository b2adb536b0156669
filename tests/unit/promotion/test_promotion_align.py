"""Which value of the source stands for which value of the target."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fairlead.edit.nodes import parse
from fairlead.promotion.align import Aligner, Lone, Pair, identity
from tests.promoting import WORDS


def differences(source: str, target: str, words: tuple[str, ...] = WORDS) -> list[Pair | Lone]:
    streams = [parse(dedent(text).encode()) for text in (source, target)]
    return list(Aligner(*streams, words).differences())


def told(source: str, target: str, words: tuple[str, ...] = WORDS) -> list[str]:
    """`field: target <- source` of pairs; `+field` for what only the source has, `-field` for the target."""
    out = []
    for found in differences(source, target, words):
        if isinstance(found, Pair):
            out.append(f"{found.field}: {found.target.value} <- {found.source.value}")
        else:
            out.append(("+" if found.in_source else "-") + found.field)
    return out


def test_equal_files_have_no_differences():
    assert told("a: 1\nb: [x, y]\n", "b: [x, y]\na: 1\n") == []


def test_maps_by_key_in_the_targets_order():
    assert told("a: 1\nb: {c: 2, d: 3}\n", "b: {d: 4, c: 5}\na: 6\n") == ["b.d: 4 <- 3", "b.c: 5 <- 2", "a: 6 <- 1"]


def test_what_stands_on_one_side_only():
    assert told("a: 1\nmine: 2\nboth: {x: 1}\n", "a: 1\nours: 3\nboth: {y: 1}\n") == [
        "-ours", "-both.y", "+both.x", "+mine",
    ]  # fmt: skip


def test_a_key_that_names_the_environment_finds_its_twin():
    assert told("dev_url: 1\nurl-dev: 2\n", "url-prod: 3\n") == ["url-prod: 3 <- 2", "+dev_url"]


def test_values_of_another_form_are_told_once():
    assert told("a: {x: 1}\nb: [1]\n", "a: 1\nb: {y: 1}\n") == ["+a", "+b"]


def test_a_single_document_finds_a_single_one_whatever_its_name():
    source = "kind: Deployment\nmetadata: {name: a}\nx: 1\n"
    assert told(source, source.replace("name: a", "name: b").replace("x: 1", "x: 2")) == [
        "metadata.name: b <- a", "x: 2 <- 1",
    ]  # fmt: skip


def test_documents_by_kind_and_name():
    one, two = "kind: A\nmetadata: {name: x-dev}\nv: 1\n", "kind: B\nmetadata: {name: x}\nv: 1\n"
    target = two.replace("v: 1", "v: 2") + "---\n" + one.replace("x-dev", "x-prod").replace("v: 1", "v: 3")
    assert told(f"{one}---\n{two}", target) == [
        "B/x: v: 2 <- 1", "A/x-prod: metadata.name: x-prod <- x-dev", "A/x-prod: v: 3 <- 1",
    ]  # fmt: skip


def test_a_document_on_one_side_only():
    assert told("kind: A\nmetadata: {name: x}\n", "kind: A\nmetadata: {name: x}\n---\nkind: B\n") == ["-B/"]
    assert told("", "kind: A\n") == ["-A/"]
    assert told("---\n---\n", "---\n") == []


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("- {name: a, v: 1}\n- {name: b, v: 2}", "- {name: b, v: 3}\n- {name: a, v: 1}", ["[b].v: 3 <- 2"]),
        ("- {key: a, v: 1}\n- {key: b}", "- {key: b}\n- {key: a, v: 2}", ["[a].v: 2 <- 1"]),
        (
            "- {op: replace, path: /a, value: 1}\n- {op: add, path: /a, value: 1}",
            "- {op: add, path: /a, value: 2}\n- {op: replace, path: /a, value: 1}",
            ["[add /a].value: 2 <- 1"],
        ),
        (
            "- {target: {kind: D, name: x}, path: p.yaml, o: 1}\n- {target: {kind: D, name: y}, path: p.yaml, o: 1}",
            "- {target: {kind: D, name: y}, path: p.yaml, o: 2}\n- {target: {kind: D, name: x}, path: p.yaml, o: 1}",
            ["[D/y p.yaml].o: 2 <- 1"],
        ),
        ("- {kind: A, metadata: {name: x}, v: 1}\n- {kind: B, metadata: {name: x}, v: 1}",
         "- {kind: B, metadata: {name: x}, v: 1}\n- {kind: A, metadata: {name: x}, v: 2}", ["[A/x].v: 2 <- 1"]),
        ("- https://g/a?ref=v1\n- https://g/b?ref=v1", "- https://g/b?ref=v2\n- https://g/a?ref=v1",
         ["[https://g/b]: https://g/b?ref=v2 <- https://g/b?ref=v1"]),
        ("- A=1\n- B=2", "- B=3\n- A=1", ["[B=]: B=3 <- B=2"]),
        ("- --a=1\n- --b=2", "- --b=3\n- --a=1", ["[--b=]: --b=3 <- --b=2"]),
        ("- r/a:1\n- r/b:1", "- r/b:2\n- r/a:1", ["[r/b]: r/b:2 <- r/b:1"]),
        ("- ../../base\n- a.yaml", "- a.yaml\n- ../../base\n- b.yaml", ["-[b.yaml]"]),
        ("- {host: a.dev.x.io, p: 1}\n- {host: b.x.io, p: 1}", "- {host: b.x.io, p: 1}\n- {host: a.prod.x.io, p: 2}",
         ["[a.prod.x.io].host: a.prod.x.io <- a.dev.x.io", "[a.prod.x.io].p: 2 <- 1"]),
        ("- {x: 1}\n- {y: 1}", "- {y: 2}\n- {x: 1}", ["[{y}].y: 2 <- 1"]),
    ],
)  # fmt: skip
def test_lists_by_identity(source, target, expected):
    assert told(source, target) == expected


def test_equal_identities_are_told_apart_by_their_number():
    assert told("- {name: a, v: 1}\n- {name: a, v: 2}", "- {name: a, v: 1}\n- {name: a, v: 3}") == ["[a#2].v: 3 <- 2"]


def test_one_left_on_each_side_of_lists_of_equal_length_are_counterparts():
    assert told("- same\n- {name: a, v: 1}", "- same\n- {name: b, v: 1}") == ["[b].name: b <- a"]


def test_two_left_or_another_length_or_another_form_are_no_counterparts():
    assert told("- a\n- b", "- c\n- d") == ["-[c]", "-[d]", "+[a]", "+[b]"]
    assert told("- same\n- a", "- same\n- b\n- same2") == ["-[b]", "-[same2]", "+[a]"]
    assert told("- same\n- {name: a}", "- same\n- b") == ["-[b]", "+[a]"]


def test_a_long_identity_is_shortened_and_stays_unlike_others():
    long = "- " + "x" * 130
    first, second = told(f"{long}1\n{long}2\n- c", "[]")[:2]
    assert (len(first), first[:102], first == second) == (len("+[") + 100 + 1 + 8 + 1, "+[" + "x" * 100, False)


PATCH = """\
patches:
- target: {kind: Deployment, name: web}
  patch: |-
    - op: replace
      path: /spec/replicas
      value: %s
- patch: |
    kind: Deployment
    metadata:
      name: web
    spec:
      image: r/web:%s
"""


def test_yaml_inside_a_block_is_compared_value_by_value_with_places_of_the_outer_file():
    found = differences(PATCH % (1, 1), PATCH % (2, 2))
    assert [(d.field, d.keys, d.document, d.embedded) for d in found] == [
        (
            "patches[Deployment/web].patch » [replace /spec/replicas].value",
            ("patches", "patch", "value"), ("Deployment", "web"), True,
        ),
        ("patches[{patch}].patch » spec.image", ("patches", "patch", "spec", "image"), ("Deployment", "web"), True),
    ]  # fmt: skip
    text = PATCH % (2, 2)
    assert [text[d.target.start : d.target.end] for d in found] == ["2", "r/web:2"]
    assert [(d.target.line, d.target.column) for d in found] == [(6, 14), (12, 14)]


def test_several_documents_in_a_block():
    block = "config: |\n  kind: A\n  metadata: {name: x}\n  v: 1\n  ---\n  kind: B\n  metadata: {name: y}\n  v: %s\n"
    assert told(block % 1, block % 2) == ["config » B/y: v: 2 <- 1"]


def test_a_block_that_is_no_yaml_is_a_value_like_another():
    (pair,) = differences("a: |\n  x: [\n", "a: |\n  y: [\n")
    assert (pair.field, pair.source.value, pair.embedded) == ("a", "x: [\n", False)


def test_a_folded_block_is_a_value_like_another():
    (pair,) = differences("a: >\n  x: 1\n", "a: >\n  x: 2\n")
    assert (pair.field, pair.embedded) == ("a", False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.yaml", "a.yaml"), ("r.io/a/b:1.2", "r.io/a/b"), (f"r/a@sha256:{'a' * 64}", "r/a"), ("nginx:1", "nginx:1"),
        ("https://g/r//p?ref=v1&timeout=9", "https://g/r//p&timeout=9"), ("git@g:r?version=2", "git@g:r"),
        ("K=v=w", "K="), ("- [1]", "[]"), ("{chart: c, version: 1}", "c"), ("{repository: 'r/x:1', v: 1}", "r/x"),
        ("{target: {labelSelector: a=b}}", "a=b"), ("{b: 1, a: 2}", "{a,b}"), ('"a\\nb  c"', "a b c"),
        ("{name: '', key: k}", "k"), ("{op: test}", "{op}"),
    ],
)  # fmt: skip
def test_what_an_item_is_known_by(text, expected):
    document = parse(f"- {text}\n".encode()).documents[0]
    item = document.items[0]
    assert identity(item.items[0] if text == "- [1]" else item) == expected


def test_hostile_nesting_is_compared_in_step():
    deep = "{a: " * 100 + "%s" + "}" * 100
    assert told(deep % 1, deep % 2) == [".".join("a" * 100) + ": 2 <- 1"]
