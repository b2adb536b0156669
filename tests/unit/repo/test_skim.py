"""A kustomization that is skimmed says what the parsed one says; what is written unusually is not skimmed."""

import random
from pathlib import Path

import pytest

from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo import graph as graphs
from fairlead.repo.graph import Graph

ROOT = Path(__file__).parents[3]
PLAIN = """\
# what is here
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Component
namespace: "web"
Resources:
- ../../base  # shared
- 'a b.yaml'
- https://example.com/x//y?ref=v1.2.3
components: []
crds:
configurations:
  - config/names.yaml

patches:
  - path: one.yaml
    target:
      kind: Deployment
      path: not/this
  - target: {kind: Job}
    patch: |-
      - op: add
        path: /nor/this
  - two.yaml
  - options:
    - a
    path: "three.yaml"
patchesStrategicMerge: # of old
  - four.yaml
configMapGenerator:
  - name: a
    envs: # both
    - a.env
    - b.env
    files:
      - key=five.txt
      - six.txt
    literals:
      - path=no
  - name: b
    env: c.env
images:
  - name: web
    newTag: "1.2"
"""
# What is put in somewhere: it may mean anything.
SPRINKLED = (
    " ", "  ", "- ", "#", " #", '"', "'", "|", ">", ":", ": ", "[", "]", "{", "}", "\n", "\n\n", "---\n", "\t", "&a ",
    "*a", "!t ", "? ", ", ", "\\", "~", "null", "-", "é", "resources:\n- x\n", "patches:\n",
    "path: x", "- |\n  x\n", "kind: Component\n",
)  # fmt: skip


def parsed(data: bytes) -> tuple[bool, list[str]]:
    return Graph(MemorySnapshot.of({"a/b/kustomization.yaml": data}))._parsed("a/b")


def skimmed(data: bytes) -> tuple[bool, list[str]] | None:
    return graphs._skimmed(data, "a/b")


def test_what_is_plainly_written_is_skimmed():
    names = (
        "base a/b/a#b.yaml a/b/https:/example.com/x/y?ref=v1.2.3 a/b/config/names.yaml a/b/one.yaml a/b/three.yaml "
        "a/b/two.yaml a/b/four.yaml a/b/a.env a/b/b.env a/b/five.txt a/b/six.txt a/b/c.env"
    )
    # Entries of generators come by their kind, over all generators.
    wished = [name.replace("#", " ") for name in names.split()]
    wished = [*wished[:8], wished[-1], *wished[8:-1]]
    found = skimmed(PLAIN.encode())
    assert found is not None
    assert (found[0], sorted(found[1])) == (True, sorted(wished))
    assert found == parsed(PLAIN.encode())


@pytest.mark.parametrize(
    "text",
    [
        "resources: [a.yaml]\n", "resources:\n- &a x\n", "resources:\n- x\n  y\n", "resources:\n- name: x\n",
        "  resources:\n  - x\n", "- resources\n", "a: 'b\nresources:\n- x\nc: d'\n", "a: [b,\nresources, c]\n",
        "patches:\n- path: >-\n    x.yaml\n", "patches:\n- path:\n    x.yaml\n", "patches:\n- path: x\n    y\n",
        "openapi:\n  path: x.json\n", "helmCharts:\n- valuesFile: x.yaml\n", "a: 1\n---\nresources: [x]\n", "a: b: c\n",
        "", "# nothing\n", "resources:\n- x\r\n", "\ufeffresources:\n- x\n", '"resources":\n- x\n',
        "kind:\n  Component\n", "resources:\n" + "- " * 60 + "x\n", "a:\n" + " " * 120 + "b: 1\n",
        "resources:\n\t- x\n",
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_parser(text):
    assert skimmed(text.encode()) is None


def test_skimmed_or_not_the_answer_is_that_of_the_parser():
    places = [*(ROOT / "environments").rglob("kustomization.yaml"), *(ROOT / "tests/fixtures").rglob("kustomization.*")]
    texts = [PLAIN, *(place.read_text() for place in places)]
    assert sum(skimmed(text.encode()) is not None for text in texts) > len(texts) / 2
    chance = random.Random(8)
    lines = [line for text in texts for line in text.split("\n")]
    seen = 0
    for number in range(3_000 + len(texts)):
        text = texts[number] if number < len(texts) else mutant(chance, chance.choice(texts), lines)
        found = skimmed(text.encode())
        if found is not None:
            seen += 1
            assert found == parsed(text.encode()), text
    assert seen > 500


def mutant(chance: random.Random, text: str, lines: list[str]) -> str:
    for _ in range(chance.randint(1, 3)):
        rows = text.split("\n")
        at = chance.randrange(len(rows))
        row, way = rows[at], chance.randrange(4)
        spot = chance.randint(0, len(row))
        if way == 0:
            rows.insert(at, chance.choice(lines))
        elif way == 1:
            del rows[at]
        elif way == 2:
            rows[at] = row[:spot] + chance.choice(SPRINKLED) + row[spot:]
        else:
            rows[at] = row[:spot] + row[spot + 1 :]
        text = "\n".join(rows)
    return text
