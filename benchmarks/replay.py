"""Replay real promotions: propose edits with the real planner, judge them with the corpus's own score.py.

    python -m benchmarks.replay CASES.jsonl.gz... [--score SCORE.py] [--out PROPOSALS.jsonl]

A case file is of the form that score.py describes. The planner sees the texts of a case alone, nothing of
its future. Without `--score`, score.py beside the first case file judges; its JSON is printed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem
from fairlead.model.plan import Move
from fairlead.promotion.compare import FilePair, compare
from fairlead.promotion.units import gather
from fairlead.promotion.views import Surroundings


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of one gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def propose(case: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The planner's edits for each file of a case, in the form of score.py."""
    words = tuple(dict.fromkeys((case["from"], case["to"])))
    around = Surroundings(app="", target_env=case["to"], words=words)
    moves: list[Move] = []
    for file in case["files"]:
        pair = FilePair(file["lower_path"], file["path"], file["lower"].encode(), file["before"].encode(), file["path"])
        try:
            moves += compare(pair, around)
        except SyntaxProblem:
            continue
    answers: dict[str, list[dict[str, Any]]] = {file["path"]: [] for file in case["files"]}
    texts = {file["path"]: file["before"].encode() for file in case["files"]}
    for unit in gather(moves):
        for move in unit.moves:
            for change in move.changes:
                if isinstance(change, Edit):
                    answers[change.path].append(_edit(change, texts[change.path], unit.key, default=unit.chosen))
    return [answers[file["path"]] for file in case["files"]]


def _edit(change: Edit, text: bytes, unit: str, *, default: bool) -> dict[str, Any]:
    start, end = (len(text[:at].decode()) for at in (change.start, change.end))
    return {"start": start, "end": end, "text": change.new.decode(), "default": default, "unit": unit}


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--score", type=Path, help="the judge (default: score.py beside the first file)")
    parser.add_argument("--out", type=Path, help="keep the proposals here")
    options = parser.parse_args(argv)
    for path in options.files:
        if not path.is_file():
            sys.stderr.write(f"error: there is no file {path}\n")
            return 2
    score = options.score or options.files[0].parent / "score.py"
    if not score.is_file():
        sys.stderr.write(f"error: there is no judge {score}; name one with --score\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "proposals.jsonl"
        with out.open("w", encoding="utf-8") as handle:
            for path in options.files:
                for case in cases(path):
                    row = {"repo": case["repo"], "commit": case["commit"], "files": propose(case)}
                    handle.write(json.dumps(row) + "\n")
        done = subprocess.run([sys.executable, str(score), str(out), *map(str, options.files)], check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
