"""Texts that differ in plain values alone are aligned by one tree; what that gives is what two trees give."""

import random
import re
from pathlib import Path

import pytest

from fairlead.edit.nodes import parse, parse_text
from fairlead.model.errors import SyntaxProblem
from fairlead.promotion.align import Aligner
from fairlead.promotion.twins import twin_pairs

ROOT = Path(__file__).parents[3]
WORDS = ("dev", "staging", "prod")
TARGET = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: web-staging
resources:
  - ../../base
  - https://example.com/x?ref=v1
images:
  - name: example.com/web
    newTag: "1.0.0"  # v1
  - name: other
    newTag: v1
configMapGenerator:
  - name: web
    literals:
      - HOST=staging.example.com
      - A=1
patches:
  - target: {kind: Deployment}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 2
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 3
text: |
  no: yaml
  staging
last: [a, b]
"""
LINE = re.compile(r"( *(?:- +)*(?:[\w./-]+: +|- +))(.*)")
VALUES = (
    "1.2.3", "dev", "web-dev", "true", "'x'", '"a b"', "''", '"#x"', "A=dev", "x/y:1.0", "a:b", "0", "-", "|", "[a]",
    "&a", "x y", "> ", "'it''s'", "web # c", "b  # d", "Secret", "k:", "!t x", "é", '"\\x41"',
)  # fmt: skip


def both(source: str, target: str) -> tuple[list | None, list]:
    tree = parse_text(target)
    return twin_pairs(source, tree, WORDS), list(Aligner(parse_text(source), tree, WORDS).differences())


def test_plain_values_quotes_literals_and_blocks_are_aligned_by_one_tree():
    source = TARGET
    for old, new in {
        "web-staging": "web-dev", '"1.0.0"  # v1': "'1.1.0' # v11", "newTag: v1": "newTag: v2", "ref=v1": "ref=v1",
        "HOST=staging.example.com": "HOST=dev.example.com", "value: 2": "value: 10", "replicas: 3": "replicas: 1",
    }.items():  # fmt: skip
        source = source.replace(old, new)
    found, wished = both(source, TARGET)
    assert found == wished
    assert [pair.field for pair in found or ()] == [
        "namespace", "images[example.com/web].newTag", "images[other].newTag",
        "configMapGenerator[web].literals[HOST=]", "patches[Deployment].patch » [replace /spec/replicas].value",
        "patches[{patch}].patch » spec.replicas",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("namespace: web-staging\n", ""),  # another number of lines
        ("namespace: web-staging", "namespace: &a web"),
        ("namespace: web-staging", "namespace: |"),
        ("namespace: web-staging", "namePrefix: web-"),
        ("name: other", "name: another"),  # it may have another place
        ("A=1", "B=1"),
        ("  staging\n", "  dev\n"),  # a text of several lines
        ("[a, b]", "[a, c]"),
        ("kind: Kustomization", "kind: Secret"),
        ("A=1", 'A="\\x41"'),
        ("no: yaml", "yes: yaml"),
    ],
)
def test_whatever_else_differs_takes_two_trees(old, new):
    source = TARGET.replace(old, new, 1)
    assert source != TARGET
    assert twin_pairs(source, parse_text(TARGET), WORDS) is None


@pytest.mark.parametrize(
    "target",
    ["a: 1\n---\nb: 1\n", "a: 1\na: 1\n", "a: &x 1\nb: *x\n", "a: 1\n? [b]\n: 1\n", "a:\n  1\n", "{a: 1}\n"],
)
def test_nor_is_an_unusual_target_told_by_one(target):
    assert twin_pairs(target.replace("1", "2", 1), parse_text(target), WORDS) is None


def test_one_tree_tells_what_two_trees_tell():
    chance, seen = random.Random(4), 0
    places = [*(ROOT / "environments").rglob("*.yaml"), *(ROOT / "tests/fixtures").rglob("*.yaml")]
    texts = [place.read_text() for place in places if place.stat().st_size < 10_000]
    for text in (*chance.sample(texts, min(100, len(texts))), *[TARGET] * 60):
        try:
            tree = parse(text.encode())
        except SyntaxProblem:
            continue
        for _ in range(8):
            source = mutant(chance, text)
            found = twin_pairs(source, tree, WORDS)
            if found is not None:
                seen += 1
                assert found == list(Aligner(parse(source.encode()), tree, WORDS).differences()), source
    assert seen > 60


def mutant(chance: random.Random, text: str) -> str:
    rows = text.split("\n")
    able = [number for number, row in enumerate(rows) if LINE.fullmatch(row)]
    for number in chance.sample(able, min(len(able), chance.randint(1, 3))):
        match = LINE.fullmatch(rows[number])
        assert match is not None
        rows[number] = match[1] + chance.choice(VALUES) if chance.random() < 0.9 else f"{rows[number]}  # c"
    return "\n".join(rows)
