"""Ask a cluster, through kubectl, how what applies the source's overlays is, and at which commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from fairlead.checks.workloads import items, table, text
from fairlead.doors.git.repository import Repository
from fairlead.doors.proc import Process, run
from fairlead.gates.health import commit_of, standing
from fairlead.model.errors import WorldError
from fairlead.model.gates import Facts, Health, Ran, Watched
from fairlead.model.overlays import Overlay
from fairlead.model.values import dataclass
from fairlead.repo.apps import environment_of, stage_of
from fairlead.repo.health import KUSTOMIZATION, RESOURCES, HealthRules, Target, named, target
from fairlead.steps.asking import Question, ask
from fairlead.steps.reconciling import Reconcilers, paths_of
from fairlead.steps.world import Environments, World

_OWNER = "kustomize.toolkit.fluxcd.io/"
_PATIENCE = 5  # seconds more than kubectl itself is given
_MOST = 300
Body = Mapping[str, Any]


@dataclass(frozen=True)
class _Wanted:
    """An object that is asked for, for which overlays, and how long that may take.

    `beside`: it must be well, and need not be at what is carried, for it follows a revision of its own.
    """

    target: Target
    overlays: tuple[Overlay, ...]
    timeout: int
    beside: bool = False


@dataclass
class Examiner:
    """Asks about what a pull request carries out of its source, for each app that it changes in the target."""

    world: World
    environments: Environments
    _reconcilers: Reconcilers = field(init=False)

    def __post_init__(self) -> None:
        self._reconcilers = Reconcilers(self.world, self.environments)

    def examine(self, facts: Facts, apps: tuple[str, ...], head: str) -> Facts:
        """The facts with what the source's cluster says; nothing is asked where nothing is carried."""
        if not facts.source:
            return facts
        rules = {app: self._rules(facts, app) for app in apps}
        sources = {app: self._sources(facts, app) for app in apps}
        self._reconcilers.look(o for app in apps for o in sources[app] if any(rule.derives for rule in rules[app]))
        lacking, wanted = self._wanted(sources, rules)
        commits = tuple(dict.fromkeys(c.landing for c in facts.carried))
        commits = commits if commits and all(commits) else tuple(filter(None, (facts.source_commit,)))
        watched = (*lacking, *self._watched(wanted, commits))
        probed = tuple(self._probed(facts, rules, head))
        return replace(facts, watched=watched, probed=probed)

    def _rules(self, facts: Facts, app: str) -> tuple[HealthRules, ...]:
        return environment_of(self.environments.config, facts.target, (app,)).gates.health

    def _sources(self, facts: Facts, app: str) -> tuple[Overlay, ...]:
        """The overlays that the app's values come from: all of the stage, where all of it comes first."""
        here = self.environments
        gates = environment_of(here.config, facts.target, (app,)).gates
        stage = (facts.source, *(stage_of(here.config, app, facts.source) if gates.order == "all" else ()))
        return tuple(overlay for env in dict.fromkeys(stage) for overlay in here.layout.find(app, env))

    def _wanted(
        self, sources: dict[str, tuple[Overlay, ...]], rules: dict[str, tuple[HealthRules, ...]]
    ) -> tuple[tuple[Watched, ...], tuple[_Wanted, ...]]:
        """What can't be asked for, and what is to be."""
        lacking: list[Watched] = []
        found: dict[Target, _Wanted] = {}
        for overlay in (one for several in sources.values() for one in several):
            for rule in rules[overlay.id.app]:
                targets = self._applying(rule, overlay) if rule.derives else named(rule, overlay.id)
                more = self._brought(rule, overlay) if rule.derives else ()
                lacking += _faults((*targets, *more), overlay)
                if not targets and rule.derives:
                    lacking.append(_unknown(overlay.path, _UNPOINTED, (overlay.id.app,)))
                for one in (t for t in (*targets, *more) if not t.fault):
                    known = found.get(one, _Wanted(one, (), 0, beside=True))
                    overlays = tuple(dict.fromkeys((*known.overlays, overlay)))
                    beside = known.beside and one not in targets
                    found[one] = _Wanted(one, overlays, max(known.timeout, rule.timeout), beside)
        return tuple(lacking), tuple(found.values())

    def _brought(self, rule: HealthRules, overlay: Overlay) -> tuple[Target, ...]:
        return tuple(target(rule, overlay.id, a.kind, a.namespace, a.name) for a in self._reconcilers.within(overlay))

    def _applying(self, rule: HealthRules, overlay: Overlay) -> tuple[Target, ...]:
        found = []
        for one in self._reconcilers.of(overlay):
            kind, name, maker = ("Application", "", one.name) if one.is_set else (one.kind, one.name, "")
            found.append(target(rule, overlay.id, kind, one.namespace, name, maker))
        return tuple(dict.fromkeys(found))

    def _probed(self, facts: Facts, rules: dict[str, tuple[HealthRules, ...]], head: str) -> Iterator[Ran]:
        environment = self.environments.config.environment(facts.target)
        for app, several in rules.items():
            for rule in (r for r in several if r.command):
                root = str(self.world.root)
                question = Question(
                    environment, facts.source, head, root, rule.command, rule.timeout, facts.source_commit
                )
                yield from ask(question, self.environments.snapshot, (app,))

    def _watched(self, wanted: tuple[_Wanted, ...], commits: tuple[str, ...]) -> Iterator[Watched]:
        """What became of each; of a release, what applies it tells the commit."""
        answers = _answers(wanted)
        more = tuple(
            replace(one, target=owner)
            for one in wanted
            for body in (() if one.beside else _bodies(answers[one.target]))
            if (owner := _owner(one.target, body)) is not None and owner not in answers
        )
        answers |= _answers(more)
        for one in dict.fromkeys((*wanted, *more)):
            yield from self._told(one, answers[one.target], commits)

    def _told(self, one: _Wanted, answer: tuple[Body, ...] | str, commits: tuple[str, ...]) -> Iterator[Watched]:
        apps = tuple(dict.fromkeys(overlay.id.app for overlay in one.overlays))
        if isinstance(answer, str):
            yield _unknown(one.target.label, answer, apps)
            return
        bodies = answer if not one.target.maker else tuple(b for b in answer if self._is_made(one, b))
        if not bodies:
            yield _unknown(one.target.label, "there is none", apps)
        for body in bodies:
            found = standing(body)
            revisions = self._own(one, body, found.revisions)
            revision, holds = at_or_after(self.world.git, revisions, () if one.beside else commits)
            label = replace(one.target, name=_name(body), maker="").label
            yield Watched(label, found.health, found.told, apps, revision, holds)

    def _is_made(self, one: _Wanted, body: Body) -> bool:
        """Whether an Application was made by the set that is asked for, and for one of the overlays."""
        owners = map(table, items(table(body.get("metadata")).get("ownerReferences")))
        made = any((o.get("kind"), o.get("name")) == ("ApplicationSet", one.target.maker) for o in owners)
        return made and any(self._is_ours(one, path) for path in paths_of(dict(body)))

    def _own(self, one: _Wanted, body: Body, revisions: tuple[str, ...]) -> tuple[str, ...]:
        """Of an Application's several sources those that are the overlay; all where none is known to be."""
        paths = paths_of(dict(body)) if len(revisions) > 1 else ()
        if len(paths) != len(revisions):
            return revisions
        own = tuple(r for path, r in zip(paths, revisions, strict=True) if self._is_ours(one, path))
        return own or revisions

    def _is_ours(self, one: _Wanted, path: str) -> bool:
        return bool(path) and any(self._reconcilers.covers(path, overlay.path) for overlay in one.overlays)


_UNPOINTED = (
    "no object of Argo CD or Flux in the repository points to it; name what applies it: "
    "gates: {health: {argocd: NAME}} or {flux: NAME}, with {app}, {env} and {cluster}"
)


def at_or_after(repo: Repository, revisions: Iterable[str], commits: tuple[str, ...]) -> tuple[str, bool | None]:
    """Which of an object's revisions counts, and whether it is these commits or comes after them.

    Of several sources the one that lags; None where none is a commit that this clone has.
    """
    told = tuple(filter(None, revisions))
    known = {r: found for r in told if (found := repo.git.resolve(commit_of(r) or "-")) is not None}
    for written, found in known.items():
        if not all(repo.is_ancestor(commit, found) for commit in commits):
            return written, False
    written = next(iter(known), next((r for r in told if commit_of(r)), told[0] if told else ""))
    return written, True if known and commits else None


def _unknown(what: str, why: str, apps: tuple[str, ...]) -> Watched:
    return Watched(what, Health.UNKNOWN, why, apps)


def _faults(targets: tuple[Target, ...], overlay: Overlay) -> list[Watched]:
    return [_unknown(one.label, one.fault, (overlay.id.app,)) for one in targets if one.fault]


def _owner(of: Target, body: Body) -> Target | None:
    """The Kustomization that applied a release, as its labels say; None for what tells its commit itself."""
    labels = table(table(body.get("metadata")).get("labels"))
    name, space = text(labels.get(f"{_OWNER}name")), text(labels.get(f"{_OWNER}namespace"))
    if not name or of.kind != "HelmRelease":
        return None
    found = Target(of.context, space, KUSTOMIZATION, name)
    return None if found.fault else found


def _name(body: Body) -> str:
    return text(table(body.get("metadata")).get("name"))


def _bodies(answer: tuple[Body, ...] | str) -> tuple[Body, ...]:
    return () if isinstance(answer, str) else answer


# ── kubectl ──


def _answers(wanted: tuple[_Wanted, ...]) -> dict[Target, tuple[Body, ...] | str]:
    """The objects that were asked for, or why they could not be; those of one place by one call."""
    places: dict[tuple[str, str, str, bool], list[_Wanted]] = {}
    for one in wanted:
        place = one.target
        places.setdefault((place.context, place.namespace, place.kind, bool(place.maker)), []).append(one)
    out: dict[Target, tuple[Body, ...] | str] = {}
    for group in places.values():
        answer = _get(group[0].target, [one.target.name for one in group], max(one.timeout for one in group))
        for one in group:
            whole = isinstance(answer, str) or one.target.maker
            out[one.target] = answer if whole else tuple(b for b in _bodies(answer) if _name(b) == one.target.name)
    return out


def _get(place: Target, names: list[str], timeout: int) -> tuple[Body, ...] | str:
    """The objects of these names (of a set: all there are), or why kubectl can't tell."""
    argv = (
        "kubectl", "get", RESOURCES[place.kind], *([] if place.maker else dict.fromkeys(names)),
        f"--namespace={place.namespace}", *([f"--context={place.context}"] if place.context else []),
        f"--request-timeout={timeout}s", "--ignore-not-found", "--output=json",
    )  # fmt: skip
    try:
        done = run(Process(argv, timeout=timeout + _PATIENCE))
    except WorldError:
        return "kubectl can't be started: install it, or put it on PATH"
    if done.timed_out:
        return f"kubectl did not answer within {timeout} seconds"
    if done.code != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return f"kubectl says: {lines[-1][:_MOST] if lines else f'nothing, and ends with {done.code}'}"
    return _objects(done.stdout)


def _objects(data: bytes) -> tuple[Body, ...] | str:
    if not data.strip():
        return ()
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return "kubectl answered with what is no JSON"
    listed = items(table(found).get("items")) if table(found).get("kind") == "List" else [found]
    return tuple(one for one in listed if isinstance(one, dict))
