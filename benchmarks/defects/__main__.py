"""Seed defects of known kinds into real repositories, and count who finds them.

    python -m benchmarks.defects                        2,000 cases in the repositories of corpora/
    python -m benchmarks.defects --quick                some of each kind, in a small repository of its own
    python -m benchmarks.defects --list                 the kinds

Writes JSON. Peers are built once into build/bench-tools/; `--no-peers` leaves them out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.__main__ import text
from benchmarks.bench import Bench, Measure, Outcome, SkippedError, shared
from benchmarks.corpora import archives
from benchmarks.defects import fixture, trees
from benchmarks.defects.kinds import KINDS
from benchmarks.defects.report import outcome
from benchmarks.defects.running import Wish, run
from benchmarks.measure import note
from benchmarks.tools import FOLDER, Tools

NAME = "defects"
_WHAT = "defects of known kinds, seeded into real repositories: found, and on which line"


def main(arguments: list[str] | None = None) -> int:
    """Run; 2 where there is no kind of that name."""
    options = _parser().parse_args(arguments)
    if options.list:
        for kind in KINDS:
            sys.stdout.write(f"{kind.group:<12} {kind.name:<24} {kind.what}\n")
        return 0
    wanted = options.kinds.split(",") if options.kinds else [kind.name for kind in KINDS]
    unknown = set(wanted) - {kind.name for kind in KINDS}
    if unknown:
        note(f"error: there is no kind {min(unknown)!r}; --list names them")
        return 2
    chosen = tuple(kind for kind in KINDS if kind.name in wanted)
    corpora = options.corpora or shared() / "corpora"
    peers = Tools(options.tools.resolve())

    def measured(bench: Bench) -> Outcome:
        if not bench.quick and not archives(bench.corpora):
            raise SkippedError(f"there are no archives in {bench.corpora.name}/; name their folder: --corpora")
        made = (
            (lambda place: [fixture.tree(place)])
            if bench.quick
            else (lambda place: list(trees.real(bench.corpora, place)))
        )
        cases = options.cases or (len(chosen) * 2 if bench.quick else 2000)
        wish = Wish(
            made, cases, bench.seed, chosen, None if options.no_peers else bench.tools, options.jobs or bench.jobs
        )
        return outcome(run(wish))

    bench = Bench(options.quick, seed=options.seed, corpora=corpora, tools=peers)
    report = Measure(NAME, _WHAT, measured).report(bench)
    if options.out is None:
        sys.stdout.write(text(report))
    else:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"{NAME}.json").write_text(text(report), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.defects", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--list", action="store_true", help="list the kinds")
    made.add_argument("--kinds", help="only these, by commas")
    made.add_argument("--cases", type=int, default=0, help="how many in all (default: 2000)")
    made.add_argument("--seed", type=int, default=1, help="of the choice")
    made.add_argument("--quick", action="store_true", help="a few of each kind, in a small repository")
    made.add_argument("--corpora", type=Path, help="archives of repositories (default: corpora/ of FAIRLEAD_SHARED)")
    made.add_argument("--tools", type=Path, default=FOLDER, help="where the peers are built")
    made.add_argument("--no-peers", action="store_true", help="fairlead alone")
    made.add_argument("--jobs", type=int, default=0, help="processes side by side (default: one a core)")
    made.add_argument("--out", type=Path, help="a folder for the JSON file (default: standard output)")
    return made


if __name__ == "__main__":
    sys.exit(main())
