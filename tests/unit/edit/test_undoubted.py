"""What a line tells of an edit, a second parse confirms: no edit is called undoubted that changes something else."""

import random
import re
from pathlib import Path

import pytest

from fairlead.edit import splice
from fairlead.edit.nodes import parse
from fairlead.edit.undoubted import undoubted
from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem

ROOT = Path(__file__).parents[3]
NEW = (
    b"1.2.3",
    b"v99",
    b"true",
    b"null",
    b"1e10",
    b"a:b",
    b"sha256:abc0",
    b"x@y/z",
    b"0x1F",
    b"2024-01-01",
    b"1:30",
    b"a--b",
)
WORD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_./+@:-]*[A-Za-z0-9]|[A-Za-z0-9]")
HARD = b"""\
a: &x
  tag: 1.2.3
b: *x
c: {d: 1.2.3, e: [1.2.3]}
f: {
  g: 1.2.3,
  h: 1.2.3
}
i: "one
  j: 1.2.3
  k"
l: one
  two 1.2.3
m: |
  n: 1.2.3
  o: 1.2.3 # no comment
? p: 1.2.3
: 1.2.3
q: !t 1.2.3
r: &r 1.2.3
s: 1.2.3 # 1.2.3
"1.2.3": 1.2.3
1.2.3: '1.2.3'
"""


def reads(data: bytes) -> bool:
    try:
        parse(data)
    except SyntaxProblem:
        return False
    return True


def edit(data: bytes, old: bytes, new: bytes, number: int = 0) -> Edit:
    start = [match.start() for match in re.finditer(re.escape(old), data)][number]
    return Edit("a.yaml", start, start + len(old), old, new)


@pytest.mark.parametrize(
    "text",
    [
        "tag: 1.2.3\n",
        "  - tag: '1.2.3'\n",
        'tag: "1.2.3"  # why\n',
        "a: x/y:1.2.3",
        "a: 1.2.3\r\nb: 1\r\n",
        "- - a: 1.2.3 \n",
    ],
)
def test_a_version_for_a_version_is_undoubted(text):
    assert undoubted(text.encode(), edit(text.encode(), b"1.2.3", b"1.3.0"))


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a: {b: 1.2.3}\n", b"2"), ("- 1.2.3\n", b"2"), ("1.2.3: a\n", b"2"), ("a: &b 1.2.3\n", b"2"),
        ("a: 1.2.3\n", b"2 3"), ("a: 1.2.3\n", b"2: 3"), ("a: 1.2.3\n", b"2:"), ("a: 1.2.3\n", b""),
        ("a: 1.2.3\n", b"-"), ("a: 1.2.3\n", b"#2"), ("a: 1.2.3\n", b'"2"'), ("a: '1.2.3\n  b'\n", b"2"),
        ("a: \"x\\1.2.3\"\n", b"2"), ("# a: 1.2.3\n", b"2"),
        ("a:\t1.2.3\n", b"2"), ("a: 1.2.3 b\n", b"2"), ("a: 1.2.3\n", b"\xc3\xa9"), ("a: x: 1.2.3\n", b"2"),
        ("a: 1.2.3-\n", b"2"), ("a: 1.2.3\n", b"1" * 300),
    ],
)  # fmt: skip
def test_whatever_else_is_looked_at(text, new):
    assert not undoubted(text.encode(), edit(text.encode(), b"1.2.3", new))


def test_the_second_parse_never_says_otherwise(monkeypatch):
    monkeypatch.setattr(splice, "undoubted", lambda _data, _edit: False)
    assert reads(HARD)
    chance, seen = random.Random(3), 0
    places = [*(ROOT / "environments").rglob("*.yaml"), *(ROOT / "tests/fixtures").rglob("*.yaml")]
    texts = [place.read_bytes() for place in places if place.stat().st_size < 20_000]
    for data in (*chance.sample(texts, min(150, len(texts))), *[HARD] * 40):
        if not reads(data):
            continue
        words = list(WORD.finditer(data))
        for match in chance.sample(words, min(40, len(words))):
            start, end = match.span()
            if chance.random() < 0.4 and end - start > 3:
                start = chance.randrange(start, end - 1)
            wish = Edit("a.yaml", start, end, data[start:end], chance.choice(NEW))
            if undoubted(data, wish):
                seen += 1
                splice.verified("a.yaml", data, [wish])  # raises where something else would change
    assert seen > 300
