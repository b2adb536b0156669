"""Run measures.

    python -m benchmarks                          list them
    python -m benchmarks NAME... [--quick]        run some, as JSON
    python -m benchmarks all --out DIR            run all; a JSON file each

`--quick` proves that they work, on small repositories; its figures say little. Peers are built once into
build/bench-tools/. Run on a quiet machine: all ways of a measure run by turns, but noise stays noise.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.bench import Bench, shared
from benchmarks.measure import FailedError, Json, note
from benchmarks.measures import MEASURES
from benchmarks.tools import FOLDER, Tools
from fairlead.model.errors import FairleadError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("names", nargs="*", metavar="NAME", help="measures, or `all`; none: list them")
    made.add_argument("--quick", action="store_true", help="small sizes")
    made.add_argument("--overlays", type=int, default=0, help="how many (default: each measure's own number)")
    made.add_argument("--rounds", type=int, default=3, help="how often by turns, 3 or more (default: 3)")
    made.add_argument("--seed", type=int, default=1, help="of the generated repository")
    made.add_argument("--corpora", type=Path, help="archives of repositories (default: corpora/ of FAIRLEAD_SHARED)")
    made.add_argument("--wheel", type=Path, help="the wheel that `install` installs")
    made.add_argument("--tools", type=Path, default=FOLDER, help="where the peers are built")
    made.add_argument("--out", type=Path, help="a folder for the JSON files (default: standard output)")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 where a measure failed, 2 where there is none of that name."""
    options = parser().parse_args(arguments)
    if not options.names:
        for measure in MEASURES:
            sys.stdout.write(f"{measure.name:<8} {measure.what}\n")
        return 0
    known = {measure.name: measure for measure in MEASURES}
    names = list(known) if "all" in options.names else options.names
    unknown = [name for name in names if name not in known]
    if unknown or options.rounds < 3:
        problem = f"there is no measure {unknown[0]!r}; known are {', '.join(known)}" if unknown else "a median needs 3"
        note(f"error: {problem}")
        return 2
    bench = Bench(
        options.quick,
        options.overlays,
        options.rounds,
        options.seed,
        options.corpora or shared() / "corpora",
        options.wheel,
        Tools(options.tools.resolve()),
    )
    failed = False
    reports: dict[str, Json] = {}
    for name in names:
        note(f"== {name}: {known[name].what}")
        try:
            reports[name] = known[name].report(bench)
        except (FailedError, FairleadError) as error:
            note(f"error: {error}")
            failed = True
            continue
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"{name}.json").write_text(text(reports[name]), encoding="utf-8")
    if options.out is None:
        sys.stdout.write(text(reports[names[0]] if len(names) == 1 and reports else reports))
    return int(failed)


def text(report: Json) -> str:
    """JSON as it is kept."""
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
