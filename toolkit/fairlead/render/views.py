"""What is known of a snapshot beside the renderer, and what no renderer is asked for: the same for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fairlead.checks.sources import Sources, parsed_files
from fairlead.model.findings import Where
from fairlead.model.rendering import RenderFailed, Trial
from fairlead.model.snapshot import Snapshot, follow
from fairlead.repo.graph import Graph
from fairlead.repo.manifest import Facts, Standing


@dataclass(frozen=True)
class View:
    """One snapshot's graph, and its files as parsed."""

    snapshot: Snapshot
    graph: Graph
    sources: Sources

    @cached_property
    def standing(self) -> Standing:
        """Which recorded inputs stand in it."""
        return Standing(self.snapshot)


class Views:
    """The views of the last few snapshots, each made once; `facts` are known of kustomization files."""

    def __init__(self, facts: Mapping[str, tuple[str, Facts]] | None = None) -> None:
        self._known: list[View] = []
        self._facts = facts

    def of(self, snapshot: Snapshot) -> View:
        """The snapshot's view, for whoever looks at the same files."""
        for known in self._known:
            if known.snapshot is snapshot:
                return known
        made = View(snapshot, Graph(snapshot, self._facts), Sources(snapshot))
        self._known = [*self._known[-7:], made]
        return made


def refusal(trial: Trial, view: View) -> RenderFailed | None:
    """What kustomize is not asked for at all: fetching from elsewhere, and files that would choke it."""
    closure = view.graph.closure(trial.overlay)
    for _, reference in closure.remote:
        return RenderFailed(
            trial.overlay,
            "remote",
            f"{reference.written!r} is fetched from elsewhere, which is denied",
            reference.where,
        )
    for _, reference in closure.missing:
        if reference.path is None or follow(view.snapshot, reference.path) is None:
            return RenderFailed(
                trial.overlay,
                "missing",
                f"{reference.written!r} leads out of the repository",
                reference.where,
            )
    for path in dict.fromkeys(path for node in closure.kustomizations for path in parsed_files(node)):
        problem = view.sources.excess(path)
        if problem is not None:
            return RenderFailed(trial.overlay, "build", problem.message, problem.where or Where(path))
    return None
