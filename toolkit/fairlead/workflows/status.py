"""Status: what runs where, what is behind and by what, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from fairlead.edit.nodes import Mapping, Scalar, Sequence
from fairlead.model.plan import Verdict
from fairlead.model.pulls import Forge
from fairlead.promotion.carriers.refs import ref_of
from fairlead.promotion.compare import is_hotfix
from fairlead.promotion.selection import Selection
from fairlead.repo.graph import Graph
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.planning import Request, make_plan
from fairlead.steps.world import World, environments, known_app


@dataclass(frozen=True)
class Cell:
    """An app in an environment. `behind` are the units that a promotion would carry into it by default."""

    app: str
    env: str
    path: str
    versions: tuple[str, ...]
    behind: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    hotfixes: tuple[str, ...] = ()
    offered: int = 0
    pulls: tuple[int, ...] = ()
    since: int = 0


@dataclass(frozen=True)
class Status:
    """The matrix: environments in chain order, a row an app; `notes` say what could not be known."""

    environments: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    notes: tuple[str, ...]


def run(world: World, forge: Forge, apps: tuple[str, ...] = ()) -> Status:
    """Survey the environments as they are committed."""
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    names = tuple(known_app(here.layout, a) for a in apps) or here.layout.apps()
    order = tuple(dict.fromkeys(e for chain in here.config.chains for stage in chain for e in stage))
    order += tuple(e.name for e in here.config.environments if e.name not in order and not e.ephemeral)
    pending, notes = _pending(chronicle, names)
    waiting = forge.pulls(open_only=True)
    graph = Graph(here.snapshot)
    rows = []
    for app in names:
        cells: list[Cell | None] = []
        for env in order:
            overlays = here.layout.find(app, env)
            if not overlays:
                cells.append(None)
                continue
            found = pending.get((app, env), ((), (), (), 0))
            record = next(iter(chronicle.history().of(app, env)), None)
            versions = tuple(dict.fromkeys(v for o in overlays for v in _versions(graph, o.path)))
            pulls = tuple(p.number for p in waiting if {f"environment: {env}", f"app: {app}"} <= set(p.want.labels))
            since = record.at if record is not None and record.evidence else 0
            cells.append(Cell(app, env, overlays[0].path, versions, *found, pulls, since))
        rows.append((app, tuple(cells)))
    return Status(order, tuple(rows), (*notes, *chronicle.history().gaps))


_Found = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int]


def _pending(chronicle: Chronicle, apps: tuple[str, ...]) -> tuple[dict[tuple[str, str], _Found], tuple[str, ...]]:
    """What each hop of the chains would carry, environment by environment."""
    found: dict[tuple[str, str], _Found] = {}
    notes: list[str] = []
    layout = chronicle.environments.layout
    for chain in chronicle.environments.config.chains:
        for lower, upper in pairwise(chain):
            for target in upper:
                able = tuple(a for a in apps if layout.find(a, lower[0]) and layout.find(a, target))
                if not able:
                    continue
                request = Request(apps=able, source=lower[0], target=target, selection=Selection())
                planned = make_plan(chronicle, request)
                notes += planned.plan.warnings
                for moves in planned.plan.hops[0].apps:
                    held = moves.held
                    found[moves.app, target] = (
                        tuple(u.key for u in moves.units if u.chosen),
                        tuple(m.field for m in held if m.verdict is Verdict.CONFLICT),
                        tuple(m.field for m in held if m.verdict is Verdict.KEEP and is_hotfix(m)),
                        sum(m.verdict is Verdict.OFFER for m in held),
                    )
    return found, tuple(dict.fromkeys(notes))


def _versions(graph: Graph, path: str) -> list[str]:
    """What an overlay's kustomization says it runs: image tags and digests, refs of remote bases."""
    node = graph.kustomization(path)
    body = node.body if node is not None else None
    if body is None:
        return []
    out = []
    images = body.get("images")
    for entry in images.items if isinstance(images, Sequence) else ():
        if isinstance(entry, Mapping):
            value = entry.get("newTag") or entry.get("digest")
            if isinstance(value, Scalar):
                out.append(value.value)
    if not out and node is not None:
        out = [ref for r in node.references if r.remote and (ref := ref_of(r.written))]
    return out
