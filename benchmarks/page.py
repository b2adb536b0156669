"""Writes the figures of measures into the manual's pages: those of seeded defects on one of its own.

    python -m benchmarks.page [RESULT.json...] [--check]

Without files: those of benchmarks/results/. `--check` only says whether the page is up to date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.defects import page as defects
from benchmarks.measure import Json
from benchmarks.measures import MEASURES

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "speed.md"
_DEFECTS, _SEEDED = "defects", defects.PAGE
BEGIN, END = "<!-- figures: begin; python -m benchmarks.page -->", "<!-- figures: end -->"


def section(reports: Iterable[Json]) -> str:
    """The part of the page that the results make: table, what is missing, the machine."""
    order = {measure.name: number for number, measure in enumerate(MEASURES)}
    sorted_ = sorted(reports, key=lambda report: order.get(report["measure"], len(order)))
    made = [report for report in sorted_ if "figures" in report]
    lines = _warning(made)
    lines += ["| measure | figure | goal | met |", "|---|---|---|---|"]
    for report in made:
        lines += [_row(report, figure) for figure in report["figures"]]
    lines.append("")
    for report in made:
        lines += defects.section(report) if report["measure"] == _DEFECTS else []
    lines += [*_absent(sorted_), *_machines(made)]
    return "\n".join(lines).strip("\n") + "\n"


def _warning(made: Sequence[Json]) -> list[str]:
    quick = [f"`{report['measure']}`" for report in made if report["quick"]]
    if not quick:
        return []
    which = "All figures" if len(quick) == len(made) else f"The figures of {', '.join(quick)}"
    return [
        '!!! warning "Figures of a quick run"',
        f"    {which} come from small repositories, on a machine that did other things too. They show that the",
        "    measures work; they say nothing about speed, and the goals don't apply to them.",
        "",
    ]


def _row(report: Json, figure: Json) -> str:
    goal = "" if figure["goal"] is None else _told(figure["goal"], figure["unit"])
    limit = "" if not goal or figure["unit"] in ("", "of all") else ("at most " if figure["at_most"] else "at least ")
    met = "" if report["quick"] else {True: "yes", False: "no", None: ""}[figure["met"]]
    value = _told(figure["value"], figure["unit"])
    return f"| `{report['measure']}`: {figure['what']} | {value} | {limit}{goal} | {met} |"


def _told(value: float, unit: str) -> str:
    if unit == "kinds":
        return f"{value:.0f}"
    if unit == "":
        return "yes" if value == 1 else "no"
    if unit == "of all":
        return f"{int(value * 10000) / 100:g} %"  # never rounded up: 100 % means all
    if unit in ("ms", "MB"):
        return f"{value:.0f} {unit}"
    return f"{value:.2f}".rstrip("0").rstrip(".") + (unit if unit == "x" else f" {unit}")


def _absent(reports: Sequence[Json]) -> list[str]:
    """What was not measured, and against whom not."""
    lines = [
        f"- `{report['measure']}` was not measured: {report['skipped']}." for report in reports if "skipped" in report
    ]
    missing = {name: why for report in reports for name, why in report.get("missing", {}).items()}
    lines += [f"- {name} is missing: {why}." for name, why in sorted(missing.items())]
    return [*lines, ""] if lines else []


def _machines(made: Sequence[Json]) -> list[str]:
    """Each machine once, with the days of its measures; what was busy besides is the load."""
    lines = []
    kinds: dict[str, list[Json]] = {}
    for report in made:
        machine = report["machine"]
        text = (
            f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_mb'] / 1024:.0f} GB, {machine['system']}, "
            f"Python {machine['python']}, git {machine['git']}; fairlead {machine['fairlead']} "
            f"({machine['commit']}), {machine['renderer']}"
        )
        kinds.setdefault(text, []).append(report)
    for text, reports in kinds.items():
        days = sorted({report["at"][:10] for report in reports})
        loads = [
            load for report in reports for load in (report["machine"]["load"][0], report["machine"]["load_at_end"][0])
        ]
        names = "" if len(kinds) == 1 else " (" + ", ".join(f"`{report['measure']}`" for report in reports) + ")"
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        lines.append(
            f"Measured{names} on {when}: {text}. Load before and after each measure: {min(loads):g} to {max(loads):g}."
        )
    tools = {name: version for report in made for name, version in report["tools"].items()}
    peers = ", ".join(f"{name} {version}" for name, version in sorted(tools.items()))
    return [*lines, "", f"Peers: {peers}."] if peers else lines


def fill(page: str, text: str) -> str:
    """The page with another section between its marks. Raises ValueError where a mark is missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks its marks: {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{text}\n{END}{tail}"


def main(arguments: list[str] | None = None) -> int:
    """Write the pages; with `--check`, 1 where one would change."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", type=Path, default=PAGE, help="another page about speed with the same marks")
    options = parser.parse_args(arguments)
    reports = [json.loads(p.read_text(encoding="utf-8")) for p in options.results or sorted(RESULTS.glob("*.json"))]
    seeded = [report for report in reports if report["measure"] == _DEFECTS]
    others = [report for report in reports if report["measure"] != _DEFECTS]
    done = [
        _written(page, some, check=options.check) for page, some in ((options.page, others), (_SEEDED, seeded)) if some
    ]
    return int(not all(done))


def _written(page: Path, reports: Sequence[Json], *, check: bool) -> bool:
    """Write a page, or say whether it is as it would be written."""
    old = page.read_text(encoding="utf-8")
    new = fill(old, section(reports))
    if check:
        if new != old:
            sys.stderr.write(f"{page.name} is out of date: python -m benchmarks.page\n")
        return new == old
    page.write_text(new, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
