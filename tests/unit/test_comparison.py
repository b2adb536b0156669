"""What the comparison page claims of fairlead is proved by tests that are there, and claims nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/explanation/comparison.md").read_text(encoding="utf-8")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def sections() -> tuple[list[list[str]], list[list[str]], str]:
    table, rest = PAGE.split("## Where ours is proved")
    proofs, read = rest.split("## What we don't have")
    return rows(table)[1:], rows(proofs)[1:], read


def test_each_yes_of_ours_names_its_tests_and_no_other_line_does():
    table, proofs, _ = sections()
    claimed = [row[0] for row in table if row[1].startswith("yes")]
    assert [row[0] for row in proofs] == claimed
    assert all(row[1].split(":")[0] in ("yes", "no") for row in table if not row[0].startswith("**"))


def test_every_test_that_is_named_is_there():
    _, proofs, _ = sections()
    for claim, cell in proofs:
        named = TEST.findall(cell)
        assert named, claim
        assert re.sub(r"[,\s]", "", TEST.sub("", cell)) == "", f"{claim}: something that is no test"
        for file, name in named:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert re.search(rf"(?m)^def {name or 'test_'}", text), f"{file} has no {name}"
            assert not name or re.search(rf"(?m)^def {name}\(", text), f"{file} has no {name}"


def test_every_line_has_a_word_for_every_tool_and_every_tool_a_source():
    table, _, read = sections()
    head = next(row for row in rows(PAGE) if "fairlead" in row)
    assert {len(row) for row in table} == {len(head)}
    assert [row[0] for row in table if "" in row[1:] and not row[0].startswith("**")] == []
    sources = [row[0] for row in rows(read)[1:]]
    assert [name for name in head[2:] if not any(f"[{name}](https://" in source for source in sources)] == []
