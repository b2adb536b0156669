"""Judge a pull request, by what it would do, for each environment that it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fairlead import gates
from fairlead.model.errors import WorldError
from fairlead.model.gates import Facts, GateResult
from fairlead.model.history import Verb
from fairlead.model.pulls import Forge, Pull, PullState
from fairlead.model.values import dataclass
from fairlead.promotion import trailers
from fairlead.repo.apps import environment_of
from fairlead.repo.config import Environment
from fairlead.repo.rule_files import ruling
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.effects import Effect, Effects, Stacks, apps
from fairlead.steps.facts import Gatherer
from fairlead.steps.world import Environments, World


def _nothing(facts: Facts, pull: Pull, environment: Environment, effect: Effect | None) -> Facts:
    return facts


def _no_effect(pull: Pull) -> Effect | None:
    return None


@dataclass(frozen=True)
class Gating:
    """Judges pull requests by the rules that stand on the branch they enter, never by their own.

    `effect` says what a pull request does to the rendering, `gather` adds to the facts what the history, the forge,
    the branch and the checks know; the effect is None where only what needs no rendering is asked. `opened` are the
    open pull requests by key, where the forge was asked already.
    """

    world: World
    environments: Environments
    forge: Forge
    effect: Callable[[Pull], Effect | None] = _no_effect
    gather: Callable[[Facts, Pull, Environment, Effect | None], Facts] = _nothing
    opened: Mapping[str, Pull] | None = None

    def judge(self, pull: Pull, *, quick: bool = False) -> tuple[GateResult, ...]:
        """The word of every gate of every environment that it reaches; those of a second one are named so.

        One that changes the rules asks for the word of each guarded environment. `quick`: only of those gates that
        need nothing rendered; it can't be merged by their word alone.

        Raises:
            WorldError: this clone lacks the commits that say what it changes; nobody can tell that it is nothing.
        """
        effect = None if quick else self.effect(pull)
        if effect is None and not quick and self.effect is not _no_effect:
            raise WorldError(
                f"what #{pull.number} changes can't be told: its commits, or where they left the branch, are not here",
                remedy="git fetch --unshallow, or clone with the whole history (fetch-depth: 0)",
            )
        reached, rules = self.reached(pull, effect), self.rules(pull)
        asked = [(environment, gates.QUICK if quick else gates.GATES) for environment in reached]
        there = {environment.name for environment in reached}
        others = (e for e in self.environments.config.environments if e.guarded and e.name not in there)
        asked += [(e, gates.RULING[: 1 + e.gates.codeowners]) for e in (others if rules else ())]
        results: list[GateResult] = []
        for index, (environment, which) in enumerate(asked):
            facts = self.facts(pull, environment, effect, rules)
            for result in gates.judge(environment, facts, which):
                first = index == 0 and reached
                results.append(result if first else replace(result, message=f"{environment.name}: {result.message}"))
        return tuple(results)

    def current(self, pull: Pull) -> Pull:
        """As it stands: on the local forge, nobody but git knows that somebody has committed to its branch since."""
        want, tip = pull.want, self.world.git.tip(pull.want.head)
        if self.forge.kind != "local" or pull.state is not PullState.OPEN or tip in (None, want.head_oid):
            return pull
        hop = str(tip) if want.hop_id == want.head_oid else want.hop_id  # of one made by hand, the head is the change
        return replace(pull, want=replace(want, head_oid=str(tip), hop_id=hop))

    def rules(self, pull: Pull) -> tuple[str, ...]:
        """The files that it changes by which pull requests are judged."""
        return ruling(self.environments.config, self._paths(pull))

    def reached(self, pull: Pull, effect: Effect | None = None) -> tuple[Environment, ...]:
        """The environments that it says it enters, then those whose rendered objects it changes all the same.

        Where the effect isn't known, these are the ones whose overlays it touches.
        """
        config = self.environments.config
        names = dict.fromkeys(target for _, target in self._hops(pull))
        if effect is not None:
            touched = set(effect.environments())
        else:
            overlays, paths = self.environments.layout.overlays, self._paths(pull)
            touched = {o.id.env for path in paths for o in overlays if path.startswith(o.path + "/")}
        known = {e.name: e for e in config.environments}
        names.update((name, None) for name in (*known, *sorted(touched - set(known))) if name in touched)
        return tuple(
            environment_of(config, name, self._apps(pull, name, effect))
            if name in known
            else Environment(name, (name,))
            for name in names
        )

    def _apps(self, pull: Pull, env: str, effect: Effect | None) -> tuple[str, ...]:
        """The apps that it says it changes in an environment, and those that it changes all the same."""
        told = tuple(act.app for act in trailers.read(pull.want.body).acts if act.target == env)
        if effect is not None:
            return tuple(dict.fromkeys((*told, *apps(effect.of(env)))))
        paths = self._paths(pull)
        overlays = (o for o in self.environments.layout.overlays if o.id.env == env)
        touched = (o.id.app for o in overlays if any(path.startswith(o.path + "/") for path in paths))
        return tuple(dict.fromkeys((*told, *touched)))

    def facts(
        self, pull: Pull, environment: Environment, effect: Effect | None = None, rules: tuple[str, ...] = ()
    ) -> Facts:
        """What is known of a pull request, as a change into one environment."""
        source = next((s for s, target in self._hops(pull) if target == environment.name), "")
        facts = Facts(
            now=self.world.run.clock.now(),
            source=source,
            target=environment.name,
            requested_by=pull.want.author,
            hop_id=pull.want.hop_id,
            reviews=pull.reviews,
            waits_for=self._waits_for(pull),
            entry=self._is_entry(environment),
            rules=rules,
        )
        return self.gather(facts, pull, environment, effect)

    def _is_entry(self, environment: Environment) -> bool:
        """Whether versions enter here: first in its chains, or in none and not protected."""
        config, name = self.environments.config, environment.name
        later = any(name in stage for chain in config.chains for stage in chain[1:])
        return not later and (name in config.first_environments() or not environment.protected)

    def _hops(self, pull: Pull) -> tuple[tuple[str, str], ...]:
        """(source, target) of each hop that its text, or else its commits, tell; the source may be empty."""
        acts = trailers.read(pull.want.body).acts
        if not acts:
            acts = tuple(a for m in self._messages(pull) for a in trailers.read(m).acts)
        hops = ((a.source if a.verb is Verb.PROMOTE and a.source != a.target else "", a.target) for a in acts)
        return tuple(dict.fromkeys(hops))

    def _below(self, pull: Pull) -> Pull | None:
        return Stacks(self.forge, self.opened).below(pull)

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


def open_gating(
    world: World, environments: Environments, forge: Forge, pulls: tuple[Pull, ...] | None = None
) -> Gating:
    """The gating of a repository: the history of its branch says what the source environment holds, since when.

    `pulls` are all that the forge has, where the caller has asked.
    """
    every = forge.pulls() if pulls is None else pulls
    opened = {pull.want.key: pull for pull in every if pull.state is PullState.OPEN}
    effects = Effects(world, environments, Stacks(forge, opened))
    gatherer = Gatherer(world, environments, forge, Chronicle(world, environments, every), effects)
    return Gating(world, environments, forge, effects.effect, gatherer.gather, opened)


def open_gatherer(chronicle: Chronicle, forge: Forge) -> Gatherer:
    """What is known beside any pull request, by a history that was read before."""
    world, here = chronicle.world, chronicle.environments
    return Gatherer(world, here, forge, chronicle, Effects(world, here, Stacks(forge)))
