"""What rules are given, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from fairlead.checks.filed import Filed, filed
from fairlead.checks.fleet import ANYTHING, Fleet
from fairlead.checks.ignores import Ignore
from fairlead.checks.kustomization import Unknown, Wrong, flaws
from fairlead.checks.lifecycle import number
from fairlead.checks.objects import Json, Object, owned, read
from fairlead.checks.schemas import OverlaySchemas, Schemas
from fairlead.checks.sources import Sources, parsed_files
from fairlead.checks.substitution import Substitution
from fairlead.checks.words import Words, environments
from fairlead.checks.workloads import Pod, pods
from fairlead.model.errors import ExcessProblem
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.rendering import Input, Rendered, RenderResult
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.repo.config import DEFAULT_KUBERNETES, Config, Environment
from fairlead.repo.graph import Closure, Graph, Kustomization

if TYPE_CHECKING:  # of use only where something is judged, or found
    from fairlead.checks.accumulate import Accumulator, Use
    from fairlead.checks.origin import Origin
    from fairlead.checks.policies import Policies

# What a rule is asked about: one overlay as it renders, the files that overlays read, all files that there are,
# several overlays at once (by their digests: checks/fleet.py), a comment that silences rules; or nothing: another
# tool is asked (checks/external.py).
OVERLAY, REPOSITORY, LISTING, FLEET, COMMENT = "overlay", "repository", "listing", "fleet", "comment"
EXTERNAL = "external"


EVERYTHING = Input("all", "", "")


@dataclass(frozen=True)
class Example:
    """A small repository that shows a rule; they stand in the manual and are tests.

    `edited` are the files whose change is judged, where a rule is about changes.
    """

    files: Mapping[str, str]
    edited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shared:
    """What all rules of one check look at.

    `folders` are the kustomizations that are judged, `everywhere` all that there are, `asked` the files and
    folders that unread files are looked for in (None: everywhere). `whole` are those that the whole run judges
    where this is a shard of it: what their entries reach counts here, too. `policies` is None where none are asked for.
    `edited` are the files that changed, where a change is judged, and were there before. `substitutions` are Flux's,
    by folder.
    """

    snapshot: Snapshot
    config: Config
    layout: Layout
    graph: Graph
    sources: Sources
    schemas: Schemas
    folders: tuple[str, ...]
    everywhere: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    whole: tuple[str, ...] = ()
    policies: Policies | None = None
    edited: tuple[str, ...] = ()
    substitutions: Mapping[str, tuple[Substitution, ...]] = field(default_factory=dict)
    _reads: dict[str, frozenset[str]] = field(default_factory=dict, init=False)
    _flaws: dict[str, tuple[Unknown | Wrong, ...]] = field(default_factory=dict, init=False)

    def flaws(self, node: Kustomization) -> tuple[Unknown | Wrong, ...]:
        """What kustomize doesn't know in a kustomization, or takes in spite of its type."""
        if node.path not in self._flaws:
            self._flaws[node.path] = tuple(flaws(node.body)) if node.body is not None else ()
        return self._flaws[node.path]

    @cached_property
    def accumulator(self) -> Accumulator:
        """What kustomizations gather."""
        from fairlead.checks.accumulate import Accumulator

        return Accumulator(self.graph, self.sources)

    @cached_property
    def kustomizations(self) -> tuple[Kustomization, ...]:
        """Every kustomization that the judged ones reach, each once."""
        found: dict[str, Kustomization] = {}
        for folder in self.folders:
            for node in self.graph.closure(folder).kustomizations:
                found.setdefault(node.path, node)
        return tuple(found[path] for path in sorted(found))

    @cached_property
    def yaml_files(self) -> tuple[str, ...]:
        """Every file that the judged ones read as YAML."""
        return tuple(sorted({path for node in self.kustomizations for path in parsed_files(node)}))

    def reads(self, folder: str) -> frozenset[str]:
        """The files that a folder's kustomization itself names."""
        if folder not in self._reads:
            facts = self.graph.facts(folder)
            found = facts.paths if facts is not None else ()
            self._reads[folder] = frozenset((*found, *(self.graph.follow(path) or path for path in found)))
        return self._reads[folder]

    @cached_property
    def filed(self) -> tuple[Filed, ...]:
        """The objects for Argo CD and Flux in the listed files, those left out that kustomizations read."""
        read = frozenset(path for folder in self.everywhere for path in self.reads(folder))
        return tuple(filed(self.listed, read, self.sources))

    @property
    def listed(self) -> tuple[str, ...]:
        """The files of which the mere presence is asked about, sorted."""
        if self.asked is None:
            return self.snapshot.files()
        found: set[str] = set()
        for path in self.asked:
            found.update((path,) if self.snapshot.entry(path) is not None else self.snapshot.files(path))
        return tuple(sorted(found))

    @property
    def unread_globs(self) -> tuple[str, ...]:
        """`check: {unread}`, from the repository's root."""
        prefix = self.config.root + "/" if self.config.root else ""
        return tuple(g for glob in self.config.check.unread for g in (prefix + glob, glob))

    def uses(self, folder: str) -> tuple[Use, ...]:
        """The patches, images and replacements of a kustomization and all below it, each with its hits anywhere.

        A component's patch counts as alive where any kustomization that takes the component in has something
        for it. Entries whose kustomization can't be seen whole are left out.
        """
        folders = self.graph.closure(folder).folders
        return tuple(use for at in sorted(folders) for use in self._uses.get(at, ()))

    @cached_property
    def _uses(self) -> dict[str, tuple[Use, ...]]:
        best: dict[tuple[Where, str], Use] = {}
        unseen: set[tuple[Where, str]] = set()
        near = {folder for judged in self.folders for folder in self.graph.closure(judged).folders}
        self._tally(near, best, unseen)
        idle = {use.where.path for use in best.values() if not use.hits or use.idle}
        if idle:  # whoever else takes them in may have something for them
            beyond = {folder for judged in self.whole for folder in self.graph.closure(judged).folders}
            self._tally(set(self.graph.near(beyond.union(self.everywhere), idle)) - near, best, unseen)
        out: dict[str, list[Use]] = {}
        for key, use in best.items():
            if key not in unseen:
                out.setdefault(use.where.path.rpartition("/")[0], []).append(use)
        return {folder: tuple(found) for folder, found in out.items()}

    def leans_on_others(self, folder: str) -> bool:
        """Whether what is said of an overlay may change with files that it does not read.

        So it is where an entry reaches nothing here: it is dead only if no other kustomization has use for it.
        """
        gathered = (self.accumulator.of(at) for at in self.graph.closure(folder).folders)
        return any(
            use.idle or (not use.hits and (use.patch is None or use.patch.target is not None))
            for found in gathered
            for use in found.uses
        )

    def _tally(self, folders: set[str], best: dict[tuple[Where, str], Use], unseen: set[tuple[Where, str]]) -> None:
        """Note the most hits that each entry has in these kustomizations, and which can't be judged."""
        for folder in sorted(folders):
            node = self.graph.kustomization(folder)
            if node is None or node.component:
                continue
            gathered = self.accumulator.of(folder)
            for use in gathered.uses:
                key = (use.where, use.what)
                if gathered.open:
                    unseen.add(key)
                known = best.get(key)
                best[key] = use if known is None else known.joined(use)

    @cached_property
    def declared_namespaces(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Namespace -> the apps and environments whose overlay declares it."""
        found: dict[str, set[tuple[str, str]]] = {}
        for overlay in self.layout.overlays:
            facts = self.graph.facts(overlay.path)  # every overlay there is, also where a commit concerns three
            for name in facts.namespaces if facts is not None else ():
                found.setdefault(name, set()).add((overlay.id.app, overlay.id.env))
        return {name: frozenset(users) for name, users in found.items()}

    @cached_property
    def by_path(self) -> dict[str, Overlay]:
        """The overlays of the layout by their folder."""
        return {overlay.path: overlay for overlay in self.layout.overlays}

    @cached_property
    def environments(self) -> dict[str, tuple[str, ...]]:
        """Environments and the words that stand for each."""
        return environments(self.config, self.layout)

    @cached_property
    def words(self) -> Words:
        """Whose a name is by the words in it."""
        return Words(self.config, self.layout)


def _holds(chain: tuple[tuple[str, ...], ...], name: str) -> bool:
    return any(name in stage for stage in chain)


@dataclass(frozen=True)
class Judged:
    """One overlay under judgement, with what became of it; `substitution` is what Flux makes of that, if anything."""

    shared: Shared
    folder: str
    result: RenderResult
    substitution: Substitution | None = None
    looked: set[Input] = field(default_factory=set, compare=False, repr=False)

    def looks_for(self, path: str) -> bool:
        """Whether there is a folder, which it need not read. What is asked here is known of the verdict."""
        there, entry = self.shared.snapshot.is_dir(path), self.shared.snapshot.entry(path)
        kind = "folder" if there else "missing" if entry is None else "file"
        self.looked.add(Input(kind, path, entry.oid if kind == "file" and entry is not None else ""))
        return there

    def looks_everywhere(self) -> None:
        """Say that the findings depend on which files there are at all."""
        self.looked.add(EVERYTHING)

    @property
    def overlay(self) -> Overlay | None:
        """What the layout says of it; None for a kustomization that is nobody's overlay."""
        return self.shared.by_path.get(self.folder)

    @cached_property
    def environment(self) -> Environment | None:
        """Its environment, if the configuration knows it."""
        if self.overlay is None:
            return None
        name = self.overlay.id.env
        return next((env for env in self.shared.config.environments if env.name == name), None)

    @property
    def env(self) -> str:
        """The name of its environment; empty where it has none."""
        return self.overlay.id.env if self.overlay is not None else ""

    @property
    def protected(self) -> bool:
        """Whether its environment is protected."""
        return self.environment is not None and self.environment.protected

    def weighed(self, protected: Severity, elsewhere: Severity) -> Severity:
        """The severity of a rule that weighs more where it is protected."""
        return protected if self.protected else elsewhere

    @cached_property
    def comments(self) -> tuple[Ignore, ...]:
        """The comments in its files that silence rules."""
        return tuple(one for path in sorted(self.closure.files) for one in self.shared.sources.ignores(path))

    @property
    def overlay_words(self) -> tuple[str, ...]:
        """The words that stand for its environment."""
        return self.overlay.words if self.overlay is not None else ()

    def foreign(self, text: str) -> str:
        """The other environment that a text names; empty where it names none, or this one as well."""
        return self.shared.words.foreign(self.env, self.overlay_words, text) if self.overlay is not None else ""

    @property
    def kubernetes(self) -> str:
        """The Kubernetes version of its environment."""
        return self.environment.kubernetes if self.environment is not None else DEFAULT_KUBERNETES

    @property
    def newest_kubernetes(self) -> tuple[str, str]:
        """The newest version that an environment of its chains has, and that environment."""
        if self.environment is None:
            return self.kubernetes, ""
        config, name = self.shared.config, self.environment.name
        chained = {env for chain in config.chains for stage in chain for env in stage if _holds(chain, name)}
        found = [env for env in config.environments if env.name in chained]
        newest = max(found, key=lambda env: number(env.kubernetes), default=self.environment)
        return newest.kubernetes, newest.name

    @cached_property
    def schemas(self) -> OverlaySchemas:
        """The schemas that judge its objects."""
        own = frozenset(self.overlay_words)
        foreign = {word for words in self.shared.environments.values() if own.isdisjoint(words) for word in words}
        near = (self.folder, self.overlay_words, frozenset(foreign if own else ()))
        return OverlaySchemas(self.shared.schemas, self.kubernetes, self.objects, near)

    @cached_property
    def yaml_files(self) -> frozenset[str]:
        """Every file that it reads as YAML."""
        return frozenset(path for node in self.closure.kustomizations for path in parsed_files(node))

    @cached_property
    def objects(self) -> tuple[Object, ...]:
        """The objects as they are applied: rendered, and substituted by Flux; none where it did not build."""
        found = self.rendered
        return found if self.substitution is None else tuple(map(self.substitution.of, found))

    @cached_property
    def rendered(self) -> tuple[Object, ...]:
        """The objects as kustomize renders them."""
        if not isinstance(self.result, Rendered):
            return ()
        try:
            return owned(read(self.result.text, self.result.values), self.result.added)
        except ExcessProblem:
            return ()

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that its objects ask for."""
        return tuple(pod for rendered in self.objects for pod in pods(rendered))

    @cached_property
    def opaque(self) -> tuple[str, ...]:
        """What plugins make that only the controller runs: names as `Secret/db`; ANYTHING where they aren't known."""
        found = self.result.opaque if isinstance(self.result, Rendered) else ()
        makers = [one.makes or (ANYTHING,) for one in found if one.role not in ("validators", "releases")]
        return tuple(dict.fromkeys(name for names in makers for name in names))

    @property
    def closure(self) -> Closure:
        """What it reads."""
        return self.shared.graph.closure(self.folder)

    @property
    def entry(self) -> Where:
        """Its kustomization file."""
        node = self.shared.graph.kustomization(self.folder)
        return Where(node.path, 1, 1) if node is not None else Where(self.folder or ".")

    @cached_property
    def origin(self) -> Origin:
        """Where its rendered values were written."""
        from fairlead.checks.origin import Origin

        return Origin(self.shared.accumulator, self.folder, self.entry)

    def finding(
        self,
        rule: ModuleType | str,
        message: str,
        remedy: str,
        where: Where,
        *,
        subject: str = "",
        severity: Severity,
    ) -> Finding:
        """A finding of this overlay."""
        name = rule if isinstance(rule, str) else str(rule.ID)
        return Finding(
            name,
            severity,
            message,
            remedy,
            where,
            overlay=self.folder,
            subject=subject,
            chain=self.origin.led_to(where),
            overlays=(self.folder,),
        )


class OverlayRule(Protocol):
    """A rule's function, for scope `overlay`."""

    def __call__(self, judged: Judged) -> Iterable[Finding]:
        """The findings of one overlay."""


class RepositoryRule(Protocol):
    """A rule's function, for scope `repository`."""

    def __call__(self, shared: Shared) -> Iterable[Finding]:
        """The findings of all that is judged."""


class FleetRule(Protocol):
    """A rule's function, for scope `fleet`."""

    def __call__(self, fleet: Fleet) -> Iterable[Finding]:
        """The findings about several overlays; each names the overlay that is at fault."""


__all__ = [
    "COMMENT", "EVERYTHING", "EXTERNAL", "FLEET", "LISTING", "OVERLAY", "REPOSITORY", "Example", "FleetRule", "Json",
    "Judged", "OverlayRule", "RepositoryRule", "Shared",
]  # fmt: skip
