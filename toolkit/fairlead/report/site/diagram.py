"""Objects and who uses whom, as an SVG that stands in a page: no script, nothing fetched."""

from __future__ import annotations

from itertools import pairwise

from fairlead.report.site.markup import text
from fairlead.report.site.sheets import Item, links

MOST = 60  # a drawing of more objects says nothing
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 164, 44, 44, 14, 4
_LETTERS = 19  # that fit into a box


def svg(items: tuple[Item, ...], title: str) -> str:
    """The drawing, in columns from what is reached to what is mounted; empty where it would say nothing."""
    shown = tuple(item for item in items if item.kind != "Namespace")
    if not 1 < len(shown) <= MOST:
        return ""
    edges = links(shown)
    columns = _columns(len(shown), edges)
    places: dict[int, tuple[int, int]] = {}
    tallest = max(len(column) for column in columns)
    for x, column in enumerate(columns):
        offset = (tallest - len(column)) * (_HEIGHT + _GAP_Y) // 2
        for y, node in enumerate(column):
            places[node] = (_MARGIN + x * (_WIDTH + _GAP_X), _MARGIN + offset + y * (_HEIGHT + _GAP_Y))
    width = 2 * _MARGIN + len(columns) * (_WIDTH + _GAP_X) - _GAP_X
    height = 2 * _MARGIN + tallest * (_HEIGHT + _GAP_Y) - _GAP_Y
    drawn = "".join(_edge(places[a], places[b]) for a, b in edges)
    drawn += "".join(_box(item, *places[place]) for place, item in enumerate(shown))
    return (
        f'<div class="fl-graph"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{text(title)}">{drawn}</svg></div>'
    )


def _columns(count: int, edges: tuple[tuple[int, int], ...]) -> list[list[int]]:
    """The longest way from a start decides a node's column; what nothing links stands in the last one."""
    rank = [0] * count
    for _ in range(count):  # a ring ends here too
        moved = False
        for a, b in edges:
            if rank[b] < rank[a] + 1 < count:
                rank[b], moved = rank[a] + 1, True
        if not moved:
            break
    for a in range(count):  # close to what it points at, as a disruption budget is to its workload
        below = [rank[b] for x, b in edges if x == a]
        above = [x for x, b in edges if b == a]
        if below and not above:
            rank[a] = max(rank[a], min(below) - 1)
    linked = {node for edge in edges for node in edge}
    last = max((rank[node] for node in linked), default=0)
    for node in range(count):
        if node not in linked:
            rank[node] = last
    order = sorted({rank[node] for node in range(count)})
    columns: list[list[int]] = [[node for node in range(count) if rank[node] == r] for r in order]
    for before, column in pairwise(columns):  # near those that point at them
        height = {node: y for y, node in enumerate(before)}
        column.sort(key=lambda n: _mean([height[a] for a, b in edges if b == n and a in height], len(before)))
    return columns


def _mean(values: list[int], default: int) -> float:
    return sum(values) / len(values) if values else default


def _edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0] - 7, end[1] + _HEIGHT // 2
    bend = max(18, (x2 - x1) // 2)
    curve = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path class="fl-edge" d="{curve}"/><path class="fl-tip" d="M{x2} {y2 - 4}l7 4l-7 4z"/>'


def _box(item: Item, x: int, y: int) -> str:
    name = item.stem if len(item.stem) <= _LETTERS else item.stem[: _LETTERS - 1] + "…"
    return (
        f"<g><title>{text(item.kind)}/{text(item.name)}</title>"
        f'<rect class="fl-box" x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="fl-kind" x="{x + 12}" y="{y + 18}">{text(item.kind)}</text>'
        f'<text class="fl-name" x="{x + 12}" y="{y + 36}">{text(name)}</text></g>'
    )
