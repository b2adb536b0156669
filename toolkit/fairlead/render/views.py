"""What is known of a snapshot beside the renderer, and what no renderer is asked for: the same for every engine."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import Protocol

from fairlead.checks.flux_files import FluxFiles
from fairlead.checks.sources import Sources, parsed_files
from fairlead.checks.substitution import Substitution
from fairlead.doors.git.remotes import held
from fairlead.model.findings import Where
from fairlead.model.rendering import RenderFailed, Trial
from fairlead.model.snapshot import Snapshot, follow
from fairlead.model.values import dataclass
from fairlead.repo.definitions import Definitions, Known
from fairlead.repo.graph import Graph
from fairlead.repo.manifest import Facts, Standing


def _held(repository: str, ref: str) -> str | None:
    found = held(repository, ref)
    return None if found is None else found.commit


@dataclass(frozen=True)
class View:
    """One snapshot's graph, and its files as parsed."""

    snapshot: Snapshot
    graph: Graph
    sources: Sources
    definitions: Definitions
    flux: FluxFiles = field(default_factory=FluxFiles, compare=False, repr=False)

    def sibling(self) -> View:
        """Another view of the same snapshot, for a part of it: what is parsed for the part goes with it."""
        graph = self.graph.sibling()
        return View(self.snapshot, graph, Sources(self.snapshot, graph), self.definitions, self.flux)

    @cached_property
    def substitutions(self) -> dict[str, tuple[Substitution, ...]]:
        """What Flux substitutes in the overlays of the snapshot, by folder."""
        return self.flux.substitutions(self.sources)

    @cached_property
    def standing(self) -> Standing:
        """Which recorded inputs stand in it."""
        return Standing(self.snapshot, _held, self.definitions.digest)


class Views:
    """The views of the last few snapshots, each made once.

    `facts` are known of kustomization files, `defined` of what blobs define, `flux` of what Flux substitutes, by all.
    """

    def __init__(
        self,
        facts: dict[str, tuple[str, Facts]] | None = None,
        defined: Known | None = None,
        flux: FluxFiles | None = None,
    ) -> None:
        self._flux = flux or FluxFiles()
        self._known: list[View] = []
        self._facts = {} if facts is None else facts
        self._defined = Known() if defined is None else defined

    def of(self, snapshot: Snapshot) -> View:
        """The snapshot's view, for whoever looks at the same files."""
        for known in self._known:
            if known.snapshot is snapshot:
                return known
        graph = Graph(snapshot, self._facts)
        made = View(snapshot, graph, Sources(snapshot, graph), Definitions(snapshot, self._defined), self._flux)
        self._known = [*self._known[-7:], made]
        return made


@dataclass(frozen=True)
class Problem:
    """Why kustomize is not asked; `code` and `where` as in RenderFailed."""

    code: str
    message: str
    where: Where | None = None


class Bases(Protocol):
    """Who knows the remote bases that are allowed; see `render.remotes.Remotes`."""

    def problem(self, written: str, seen: set[tuple[str, str]]) -> Problem | None:
        """Why a URL's base is not rendered; None once it is here."""


def refusal(trial: Trial, view: View, bases: Bases | None = None) -> RenderFailed | None:
    """What kustomize is not asked for at all: fetching from elsewhere, and files that would choke it.

    Where there are allowed remote bases, the ones that the overlay names are fetched here.
    """
    found = problem(view, trial.overlay, bases, set())
    return None if found is None else RenderFailed(trial.overlay, found.code, found.message, found.where)


def problem(view: View, folder: str, bases: Bases | None, seen: set[tuple[str, str]]) -> Problem | None:
    """The first thing in a folder's closure that kustomize must not see. `seen`: remote bases looked at before."""
    closure = view.graph.closure(folder)
    for _, reference in closure.remote:
        if bases is None:
            words = f"{reference.written!r} is fetched from elsewhere, which is denied"
            return Problem("remote", words, reference.where)
        found = bases.problem(reference.written, seen)
        if found is not None:
            return Problem(found.code, found.message, reference.where)
    for _, reference in closure.missing:
        if reference.path is None or follow(view.snapshot, reference.path) is None:
            return Problem("missing", f"{reference.written!r} leads out of the repository", reference.where)
    for path in dict.fromkeys(path for node in closure.kustomizations for path in parsed_files(node)):
        excess = view.sources.excess(path)
        if excess is not None:
            return Problem("build", excess.message, excess.where or Where(path))
    return None
