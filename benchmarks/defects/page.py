"""The part of the manual's page about defects that a result makes: kinds beside peers, and what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.defects.report import PEERS
from benchmarks.measure import Json

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "defects.md"


def section(report: Json) -> list[str]:
    """The tables; the figures and the machine are told as those of any measure."""
    details = report["details"]
    peers = [peer for peer in PEERS if any(peer in kind["peers"] for kind in details["kinds"])]
    lines = ["| kind of defect | cases | found | on the line | " + "".join(f"{peer} | " for peer in peers).rstrip()]
    lines += ["|---|---|---|---|" + "---|" * len(peers)]
    for group, kinds in _groups(details["kinds"]):
        lines += [f"| **{group}** | | | |" + " |" * len(peers)]
        lines += [_row(kind, peers) for kind in kinds]
    return [*lines, "", *_missed(details["kinds"]), *_alarms(details["errors_on_untouched"])]


def _groups(kinds: Sequence[Json]) -> Iterable[tuple[str, list[Json]]]:
    out: dict[str, list[Json]] = {}
    for kind in kinds:
        out.setdefault(kind["group"], []).append(kind)
    return out.items()


def _row(kind: Json, peers: Sequence[str]) -> str:
    exact = _share(kind["exact"], kind["cases"]) if kind["lines"] else "none to tell"
    cells = [_peer(kind["peers"].get(peer)) for peer in peers]
    told = [
        f"`{kind['kind']}`: {kind['what']}",
        str(kind["cases"]),
        _share(kind["found"], kind["cases"]),
        exact,
        *cells,
    ]
    return "| " + " | ".join(told) + " |"


def _share(part: int, of: int) -> str:
    return f"{int(part * 100 / of)} %" if of else ""


def _peer(told: Sequence[int] | None) -> str:
    """A peer's share of the cases that it could be asked of; empty where it couldn't be of any."""
    if not told or not told[1]:
        return ""
    return _share(told[0], told[1]) if told[0] else "-"


def _missed(kinds: Sequence[Json]) -> list[str]:
    low = [kind for kind in kinds if kind["found"] < kind["cases"]]
    if not low:
        return []
    rows = [f"- `{kind['kind']}`: {kind['cases'] - kind['found']} of {kind['cases']}" for kind in low]
    return ["Not found:", "", *rows, ""]


def _alarms(errors: dict[str, list[str]]) -> list[str]:
    total = sum(map(len, errors.values()))
    each = ", ".join(f"{name.partition('+')[2]} {len(found)}" for name, found in sorted(errors.items()))
    return [
        f"In the untouched repositories, {total} findings of the default rules are errors ({each}).",
        "",
    ]
