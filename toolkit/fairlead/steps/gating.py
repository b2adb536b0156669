"""Gather what the gates judge by, for a pull request and each environment that it reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fairlead import gates
from fairlead.delivery.deliver import hop_of
from fairlead.model.findings import Finding
from fairlead.model.gates import Carried, Facts, GateResult
from fairlead.model.history import Verb
from fairlead.model.pulls import Forge, Pull, PullState
from fairlead.promotion import trailers
from fairlead.repo.config import Environment
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.world import Environments, World


def _nothing_carried(pull: Pull) -> tuple[Carried, ...]:
    return ()


def _no_findings(pull: Pull, environment: Environment) -> tuple[Finding, ...]:
    return ()


def _no_owners(pull: Pull, environment: Environment) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Gating:
    """Judges pull requests by the rules that stand on the branch they enter, never by their own.

    `carried` says what the source knows of the values that a pull request moves, `findings` what the checks
    say of an environment as it would be, `codeowners` whom its files belong to.
    """

    world: World
    environments: Environments
    forge: Forge
    carried: Callable[[Pull], tuple[Carried, ...]] = _nothing_carried
    findings: Callable[[Pull, Environment], tuple[Finding, ...]] = _no_findings
    codeowners: Callable[[Pull, Environment], tuple[str, ...]] = _no_owners

    def judge(self, pull: Pull, *, quick: bool = False) -> tuple[GateResult, ...]:
        """The word of every gate of every environment that it reaches; those of a second one are named so.

        `quick`: only of those that need nothing rendered; it can't be merged by their word alone.
        """
        results: list[GateResult] = []
        for index, environment in enumerate(self.reached(pull)):
            facts = self.facts(pull, environment, quick=quick)
            for result in gates.judge(environment, facts, gates.QUICK if quick else gates.GATES):
                told = result if index == 0 else replace(result, message=f"{environment.name}: {result.message}")
                results.append(told)
        return tuple(results)

    def reached(self, pull: Pull) -> tuple[Environment, ...]:
        """The environments that it says it enters, then others whose overlays it touches all the same."""
        config = self.environments.config
        names = dict.fromkeys(target for _, target in self._hops(pull))
        for path in self._paths(pull):
            names.update(dict.fromkeys(o.id.env for o in self.environments.layout.overlays if _within(path, o.path)))
        known = {e.name: e for e in config.environments}
        return tuple(known.get(name) or Environment(name, (name,)) for name in names)

    def facts(self, pull: Pull, environment: Environment, *, quick: bool = False) -> Facts:
        """What is known of a pull request, as a change into one environment."""
        source = next((s for s, target in self._hops(pull) if target == environment.name), "")
        return Facts(
            now=self.world.run.clock.now(),
            source=source,
            target=environment.name,
            requested_by=pull.want.author,
            hop_id=pull.want.hop_id,
            carried=self.carried(pull) if source else (),
            reviews=pull.reviews,
            findings=() if quick else self.findings(pull, environment),
            waits_for=self._waits_for(pull),
            codeowners=self.codeowners(pull, environment),
        )

    def _hops(self, pull: Pull) -> tuple[tuple[str, str], ...]:
        """(source, target) of each hop that its text, or else its commits, tell; the source may be empty."""
        acts = trailers.read(pull.want.body).acts
        if not acts:
            acts = tuple(a for m in self._messages(pull) for a in trailers.read(m).acts)
        hops = ((a.source if a.verb is Verb.PROMOTE and a.source != a.target else "", a.target) for a in acts)
        return tuple(dict.fromkeys(hops))

    def _below(self, pull: Pull) -> Pull | None:
        return self.forge.find(pull.want.below) if pull.want.below else None

    def _start(self, pull: Pull) -> str | None:
        """Where its own commits begin: on the base, or on the pull request that it stands on."""
        repo = self.world.git
        if repo.git.resolve(pull.want.head_oid) is None:
            return None
        below = self._below(pull)
        base = below.want.head_oid if below is not None else repo.tip(pull.want.base)
        return None if base is None else repo.merge_base(base, pull.want.head_oid)

    def _paths(self, pull: Pull) -> tuple[str, ...]:
        start = self._start(pull)
        return () if start is None else self.world.git.changed_paths(start, pull.want.head_oid)

    def _messages(self, pull: Pull) -> tuple[str, ...]:
        start = self._start(pull)
        return () if start is None else self.world.git.messages_between(start, pull.want.head_oid)

    def _waits_for(self, pull: Pull) -> tuple[str, ...]:
        below = self._below(pull)
        return (f"#{below.number}",) if below is not None and below.state is PullState.OPEN else ()


def _within(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")


def open_gating(world: World, environments: Environments, forge: Forge) -> Gating:
    """The gating of a repository: the history of its branch says what the source environment holds, since when."""
    chronicle = Chronicle(world, environments, forge.pulls())

    def carried(pull: Pull) -> tuple[Carried, ...]:
        found = hop_of(world.git, pull)
        if found is None or found[0].verb != "promote":
            return ()
        chronicle.observe(a.source_path for a in found[1].apps)
        return chronicle.carried(found[1])

    def findings(pull: Pull, environment: Environment) -> tuple[Finding, ...]:
        return _brought(world, environments, pull, environment)

    return Gating(world, environments, forge, carried, findings)


def _brought(world: World, environments: Environments, pull: Pull, environment: Environment) -> tuple[Finding, ...]:
    """What the checks find in an environment after the merge and did not find before."""
    # Rules and rendering take as long to import as all the rest, and `pr list` and `pr approve` ask for neither.
    from fairlead.steps.rendering import opened
    from fairlead.steps.verify import hits, weigh

    repo, head = world.git, pull.want.head_oid
    tip = repo.tip(pull.want.base)
    start = repo.merge_base(tip, head) if tip is not None and repo.git.resolve(head) is not None else None
    if start is None:
        return ()
    before, after = repo.at(start), repo.at(head)
    with opened(world) as engine:
        found = hits(engine, environments, before, after, repo.changed_paths(start, head))
        mine = tuple(hit for hit in found if hit.id is not None and hit.id.env == environment.name)
        return weigh(world.run, engine, environments, before, after, mine).findings
