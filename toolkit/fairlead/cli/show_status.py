"""How the environments stand, on the terminal: a matrix, then what can't be told in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.cli import output
from fairlead.cli.output import Piece
from fairlead.delivery.commits import short
from fairlead.model.gates import GateState
from fairlead.model.standing import Cell, Lag, Own, Pair, Row, Standing, Status, Waiting
from fairlead.repo.times import moment, span

_LONG = re.compile(r"(?<![0-9a-z])[0-9a-f]{20,}(?![0-9a-z])")
STYLE = {
    Standing.CONFLICT: "bold red",
    Standing.WAITING: "yellow",
    Standing.OPEN: "cyan",
    Standing.BEHIND: "yellow",
    Standing.DRIFT: "magenta",
    Standing.IN_STEP: "green",
}


def show(status: Status, now: int) -> None:
    """Print the matrix for people: one for each group of environments that some app is in."""
    groups = [(group, [row for row in status.rows if any(row.cell(env) for env in group)]) for group in status.groups]
    for index, (group, rows) in enumerate([g for g in groups if g[1]] or [(status.environments, [])]):
        if index:
            output.result("")
        cells = [(((row.app, "bold"),), *(_cell(row, env, now) for env in group)) for row in rows]
        output.matrix(("app", *group), cells)
    for row in status.rows:
        for pair in row.pairs:
            _remarks(row, pair)
    for note in status.notes:
        output.note(f"note: {note}")


def pressing(status: Status) -> tuple[tuple[Row, ...], int]:
    """The rows that are not in step, most pressing first, and how many others there are."""
    weight = {standing: index for index, standing in enumerate(Standing)}
    rows = [(min((weight[p.standing] for p in row.pairs), default=len(weight)), row) for row in status.rows]
    some = sorted((r for r in rows if r[0] < weight[Standing.IN_STEP]), key=lambda r: r[0])
    return tuple(row for _, row in some), len(rows) - len(some)


def lag(found: Lag, now: int) -> str:
    """A unit that is behind, where, and since when: a time that only a commit tells stands in brackets."""
    what = _brief(found.unit) + (f" in {', '.join(found.clusters)}" if found.clusters else "")
    if not found.since:
        return what
    ago = span(now - found.since)
    return f"{what}, {f'({ago})' if found.evidence == 'commit' else ago}"


def headline(pair: Pair) -> str:
    """How a pair stands, in a few words."""
    if pair.standing is Standing.BEHIND:
        return "behind by " + ", ".join(_brief(u.unit) for u in pair.behind)
    if pair.standing in (Standing.WAITING, Standing.OPEN):
        return ", ".join(f"#{p.number} {pair.standing}" for p in pair.pulls)
    return str(pair.standing)


def _brief(version: str) -> str:
    """A version for a cell: of commits and digests, as much as tells them apart."""
    return _LONG.sub(lambda found: found[0][:12], short(version))


def _cell(row: Row, env: str, now: int) -> tuple[Piece, ...]:
    cell = row.cell(env)
    if cell is None:
        return (("-", "dim"),)
    lines = [(text, "") for text in _running(cell)]
    for pair in row.into(env):
        lines += _lines(pair, now)
    return tuple((text + ("\n" if index < len(lines) - 1 else ""), style) for index, (text, style) in enumerate(lines))


def _running(cell: Cell) -> Iterator[str]:
    """The versions of a cell; where its clusters run different ones, cluster by cluster."""
    if len({c.versions for c in cell.clusters}) > 1:
        for one in cell.clusters:
            yield f"{one.cluster}: {_versions(one.versions)}"
        return
    yield _versions(cell.versions)
    if cell.clusters:
        yield f"in {', '.join(c.cluster for c in cell.clusters)}"


def _versions(versions: tuple[str, ...]) -> str:
    return ", ".join(map(_brief, versions)) or "?"


def _lines(pair: Pair, now: int) -> Iterator[Piece]:
    style = STYLE[pair.standing]
    for unit in pair.behind:
        yield f"behind: {lag(unit, now)}", style
    if pair.conflicts:
        yield f"conflict: {len(pair.conflicts)}", STYLE[Standing.CONFLICT]
    if pair.drift:
        yield f"drift: {len(pair.drift)}", STYLE[Standing.DRIFT]
    for pull in pair.pulls:
        yield _pull(pull), STYLE[Standing.WAITING if pull.gates else Standing.OPEN]
    if pair.standing is Standing.IN_STEP:
        yield "in step", style
    if pair.offered:
        yield f"{pair.offered} offered", "dim"


def _pull(pull: Waiting) -> str:
    gates = [f"{g.gate}" + (f" until {moment(g.until)}" if g.until else "") for g in pull.gates]
    closed = any(g.state is GateState.CLOSED for g in pull.gates)
    said = f": {'closed by' if closed else 'waits for'} {', '.join(gates)}" if gates else " open"
    return f"#{pull.number}{said}"


def _remarks(row: Row, pair: Pair) -> None:
    for word, found in (("conflict", pair.conflicts), ("drift", pair.drift)):
        for own in found:
            output.note(f"{word}: {row.app} in {pair.target}: {_own(own)}")


def _own(own: Own) -> str:
    return f"{own.field}: {short(own.target)} (source: {short(own.source)}): {own.reason}"
