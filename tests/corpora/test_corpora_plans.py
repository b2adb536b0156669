"""Plans of real promotions are found true; of those that write something else, none is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.replay import cases, surroundings
from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem
from fairlead.model.plan import Move
from fairlead.promotion.compare import FilePair, compare
from fairlead.promotion.proof import Ground, unfounded
from tests.corpora.test_corpora import SHARED

EVERY = 12  # of so many promotions one is looked at: a second in all


def proposed(path: Path) -> Iterator[tuple[Ground, Move]]:
    for case in list(cases(path))[::EVERY]:
        around, files = surroundings(case), case["files"]
        before = {file["path"]: file["before"].encode() for file in files}
        lower = {file["lower_path"]: file["lower"].encode() for file in files}
        for file in files:
            source, target = file["lower_path"], file["path"]
            try:
                moves = compare(FilePair(source, target, lower[source], before[target], target), around, {})
            except SyntaxProblem:
                continue
            yield from ((Ground(before.get, lower.get, around.words), move) for move in moves if move.changes)


def test_every_proposed_move_is_true_and_none_that_writes_something_else():
    replays = sorted((SHARED / "replay").glob("*.jsonl.gz"))
    if not replays:
        pytest.skip("no replay/ beside this repository; FAIRLEAD_SHARED names another")
    true, forged = 0, 0
    for ground, move in (row for path in replays for row in proposed(path)):
        assert unfounded(ground, [move]) == (), move
        true += 1
        edits = [change for change in move.changes if isinstance(change, Edit)]
        if edits and move.new:
            first = replace(edits[0], new=b"v6.6.6-forged")
            spoilt = replace(move, changes=tuple(first if c == edits[0] else c for c in move.changes))
            assert unfounded(ground, [spoilt]) != (), spoilt
            forged += 1
    assert min(true, forged) > 100
