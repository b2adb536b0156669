"""Replay real promotions: propose edits with the real planner, judge them with the corpus's own score.py.

    python -m benchmarks.replay CASES.jsonl.gz... [--history | --one-unit | --table] [--score SCORE.py] [--out FILE]

A case file is of the form that score.py describes. The planner sees the texts of a case alone; with `--history` also
what the earlier cases of the same repository teach, as a plan learns from a repository's history, and nothing of the
case's future. `--one-unit` makes one unit the default wherever people mostly took one (`promote: {pace: one}`). Without
`--score`, score.py beside the first case file judges; its JSON is printed, or with `--table` a line for each mode.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem
from fairlead.model.plan import Move
from fairlead.promotion.compare import FilePair, compare
from fairlead.promotion.habits import Pace, choose, past
from fairlead.promotion.lessons import Lesson, Turn, bases, lesson
from fairlead.promotion.units import gather
from fairlead.promotion.views import Surroundings
from fairlead.promotion.words import neutral

MODES = (("plain", False, Pace.ALL), ("history", True, Pace.HABIT), ("one-unit", True, Pace.ONE))


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of one gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def surroundings(case: dict[str, Any]) -> Surroundings:
    """What carriers may know of a case."""
    words = tuple(dict.fromkeys((case["from"], case["to"])))
    return Surroundings(app="", target_env=case["to"], words=words)


def lesson_of(case: dict[str, Any]) -> Lesson | None:
    """What a case teaches those after it."""
    turns = []
    for file in case["files"]:
        lower, before, after = (file[text].encode() for text in ("lower", "before", "after"))
        turns.append(Turn(file["lower_path"], file["path"], lower, before, after, file["path"]))
    return lesson(turns, surroundings(case))


def propose(case: dict[str, Any], lessons: Sequence[Lesson] = (), pace: Pace = Pace.ALL) -> list[list[dict[str, Any]]]:
    """The planner's edits for each file of a case, in the form of score.py; lessons are of earlier cases alone."""
    around = surroundings(case)
    moves: list[Move] = []
    known = past(lessons, case["to"], (file["path"] for file in case["files"]))
    for file in case["files"]:
        pair = FilePair(file["lower_path"], file["path"], file["lower"].encode(), file["before"].encode(), file["path"])
        try:
            moves += compare(pair, around, bases(known.own))
        except SyntaxProblem:
            continue
    answers: dict[str, list[dict[str, Any]]] = {file["path"]: [] for file in case["files"]}
    texts = {file["path"]: file["before"].encode() for file in case["files"]}
    for unit in choose(gather(moves), known, case["to"], pace):
        for move in unit.moves:
            for change in move.changes:
                if isinstance(change, Edit):
                    answers[change.path].append(_edit(change, texts[change.path], unit.key, default=unit.chosen))
    return [answers[file["path"]] for file in case["files"]]


def answers(files: Iterable[Path], *, history: bool = False, pace: Pace = Pace.ALL) -> Iterator[dict[str, Any]]:
    """The proposals for all cases; with `history`, by what the earlier cases of the same repository teach."""
    if not history:
        for path in files:
            for case in cases(path):
                yield {"repo": case["repo"], "commit": case["commit"], "files": propose(case)}
        return
    known: dict[str, list[tuple[frozenset[str], Lesson]]] = {}
    for case in in_order(case for path in files for case in cases(path)):
        seen, mine = known.setdefault(case["repo"], []), _counterparts(case)
        lessons = [lesson for theirs, lesson in seen if not mine.isdisjoint(theirs)]
        yield {"repo": case["repo"], "commit": case["commit"], "files": propose(case, lessons, pace)}
        learned = lesson_of(case)
        if learned is not None:
            seen.insert(0, (mine, learned))


def _counterparts(case: dict[str, Any]) -> frozenset[str]:
    """What a case's files are called in every environment: a plan learns of one app, there and at siblings."""
    return frozenset(neutral(file["path"], (case["to"],)) for file in case["files"])


def in_order(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cases by date, oldest first; those of one day as in their file, or reversed where it runs backwards."""
    listed = list(found)
    ordered: list[dict[str, Any]] = []
    for repo in dict.fromkeys(case["repo"] for case in listed):
        mine = [case for case in listed if case["repo"] == repo]
        if mine[0]["date"] > mine[-1]["date"]:
            mine.reverse()
        ordered += sorted(mine, key=lambda case: str(case["date"]))
    return ordered


def _edit(change: Edit, text: bytes, unit: str, *, default: bool) -> dict[str, Any]:
    start, end = (len(text[:at].decode()) for at in (change.start, change.end))
    return {"start": start, "end": end, "text": change.new.decode(), "default": default, "unit": unit}


def judge(files: Sequence[Path], score: Path, out: Path, *, history: bool, pace: Pace) -> str:
    """Write the proposals of one mode; what the judge prints of them. Raises CalledProcessError where it fails."""
    with out.open("w", encoding="utf-8") as handle:
        for row in answers(files, history=history, pace=pace):
            handle.write(json.dumps(row) + "\n")
    command = [sys.executable, str(score), str(out), *map(str, files)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def table(files: Sequence[Path], score: Path, out: Path) -> str:
    """A line for each mode and repository."""
    measures = ("cases", "reach", "default", "unit", "owned", "clean", "first")
    lines = [f"{'mode':<10}{'':<44}" + "".join(f"{m:>9}" for m in measures)]
    for name, history, pace in MODES:
        rows = json.loads(judge(files, score, out, history=history, pace=pace))
        for label in (key for key in rows if not key.startswith("kind ")):
            figures = "".join(f"{rows[label].get(m, '-'):>9}" for m in measures)
            lines.append(f"{name:<10}{label[:43]:<44}{figures}")
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--score", type=Path, help="the judge (default: score.py beside the first file)")
    parser.add_argument("--out", type=Path, help="keep the proposals here")
    parser.add_argument("--history", action="store_true", help="learn from the earlier cases of the same repository")
    parser.add_argument("--one-unit", action="store_true", help="with --history: one unit, where people took one")
    parser.add_argument("--table", action="store_true", help="all modes, a line each, instead of the judge's JSON")
    options = parser.parse_args(argv)
    for path in options.files:
        if not path.is_file():
            sys.stderr.write(f"error: there is no file {path}\n")
            return 2
    score = options.score or options.files[0].parent / "score.py"
    if not score.is_file():
        sys.stderr.write(f"error: there is no judge {score}; name one with --score\n")
        return 2
    _, history, pace = MODES[2 if options.one_unit else 1 if options.history else 0]
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "proposals.jsonl"
        try:
            said = (
                table(options.files, score, out)
                if options.table
                else judge(options.files, score, out, history=history, pace=pace)
            )
        except subprocess.CalledProcessError as error:
            sys.stderr.write(error.stderr)
            return int(error.returncode)
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
