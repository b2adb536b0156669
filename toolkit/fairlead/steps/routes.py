"""From a request to hops: which apps go from where to where, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from itertools import pairwise

from fairlead.model.errors import UsageError
from fairlead.model.values import dataclass
from fairlead.promotion.selection import Selection
from fairlead.repo.apps import Chains, chains_of, named
from fairlead.repo.config import Config
from fairlead.steps.world import Environments


@dataclass(frozen=True)
class Request:
    """What somebody wants promoted. Empty words take the defaults: the chain's first step, the next one up.

    `apps` are apps, sets and globs, `sets` sets only; `as_of` a commit or tag at which the source is looked at.
    `soaked`: not what the source runs now, but the newest that has run there for as long as the target asks.
    `together`: into all clusters, also where they are rolled out one by one; for who only looks.
    """

    apps: tuple[str, ...] = ()
    every_app: bool = False
    source: str = ""
    target: str = ""
    through: str = ""
    selection: Selection = field(default_factory=Selection)
    skip_order: bool = False
    reason: str = ""
    sets: tuple[str, ...] = ()
    as_of: str = ""
    soaked: bool = False
    together: bool = False


class NoAppNamedError(UsageError):
    """Several apps could be meant, and none was named."""


@dataclass(frozen=True)
class Step:
    """One hop to plan, and the apps that take it."""

    source: str
    target: str
    apps: tuple[str, ...]


def steps(environments: Environments, request: Request) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The hops in order, with their apps, and what people should be told.

    Raises:
        UsageError: no chain, against its order, a stage left out without `--skip-order` and a reason, unknown apps,
            none named where there are several, apps that part on the way.
    """
    config, layout = environments.config, environments.layout
    asked = named(config, layout, request.apps, request.sets)
    groups: dict[Chains, list[str]] = {}
    for app in asked or layout.apps():
        groups.setdefault(chains_of(config, app), []).append(app)
    ways: list[tuple[tuple[tuple[str, str], ...], list[str]]] = []
    refused: list[tuple[UsageError, list[str]]] = []
    for chains, members in groups.items():
        try:
            ways.append((route(replace(config, chains=chains), request), members))
        except UsageError as error:
            refused.append((error, members))
    if refused and (asked or not ways):
        why, members = refused[0]
        raise UsageError(why.message if len(groups) == 1 else f"{_few(members)}: {why.message}", remedy=why.remedy)
    notes = tuple(f"{_few(members)}: {why.message}" for why, members in refused)
    if len({hops for hops, _ in ways}) > 1 and any(len(list(_lifts(hops))) for hops, _ in ways):
        told = "; ".join(f"{_few(members)}: {_told(hops)}" for hops, members in ways)
        raise UsageError(f"these apps go different ways ({told})", remedy="promote them apart, by name or set")
    if not asked:
        ways = _able(environments, request, ways)
    hops: dict[tuple[str, str], list[str]] = {}
    for way, members in ways:
        for hop in way:
            hops.setdefault(hop, []).extend(members)
    return tuple(Step(source, target, tuple(apps)) for (source, target), apps in hops.items()), notes


def _lifts(hops: Sequence[tuple[str, str]]) -> Iterable[str]:
    """Environments that one hop enters and a later one leaves."""
    entered = {target for _, target in hops}
    return (source for source, _ in hops if source in entered)


def _able(
    environments: Environments, request: Request, ways: list[tuple[tuple[tuple[str, str], ...], list[str]]]
) -> list[tuple[tuple[tuple[str, str], ...], list[str]]]:
    """Where no app is named: all that are in two of the environments, if that is wished or there is but one."""
    find = environments.layout.find
    able = [
        (way, [app for app in members if sum(bool(find(app, env)) for env in {e for hop in way for e in hop}) > 1])
        for way, members in ways
    ]
    every = sorted(app for _, members in able for app in members)
    if request.every_app or len(every) == 1:
        return [(way, members) for way, members in able if members]
    raise NoAppNamedError("no app is named", remedy=f"name one or more, or --all; apps are: {_few(every) or 'none'}")


def route(config: Config, request: Request) -> tuple[tuple[str, str], ...]:
    """(source, target) of each hop along the chains of a configuration, in order."""
    if not config.chains:
        raise UsageError("fairlead.yaml has no chain", remedy="write `chains: [[dev, staging, production]]`")
    source = config.environment(request.source).name if request.source else ""
    target = config.environment(request.target).name if request.target else ""
    through = config.environment(request.through).name if request.through else ""
    for name in (source, target, through):
        if name and config.environment(name).ephemeral:
            raise UsageError(
                f"{name} is ephemeral: nothing is promoted into or out of a preview", remedy=_chains(config)
            )
    if target and through:
        raise UsageError("--to and --through can't go together", remedy="--through E promotes every hop up to E")
    if source and source in (target, through):
        raise UsageError(f"{source} can't be promoted to itself", remedy=_chains(config))
    if not source:
        before = config.stages_before(target) if target else config.first_environments()
        if not before:
            raise UsageError(f"nothing comes before {target} in the chain", remedy="name the source with --from")
        source = next((env for env in before if not through or config.stages(env, through)), before[0])
    if through:
        return _through(config, source, through)
    if not target:
        after = config.stages_after(source)
        if not after:
            raise UsageError(f"{source} is the last of its chain", remedy=_chains(config))
        return tuple((source, stage) for stage in after)
    if target not in config.stages_after(source):
        _refuse_leap(config, request, source, target)
    return ((source, target),)


def _through(config: Config, source: str, through: str) -> tuple[tuple[str, str], ...]:
    """Every hop up to an environment; all of a wave on the way are entered, its first one is gone on from."""
    between = config.stages(source, through)
    if not between:
        raise UsageError(f"no chain leads from {source} to {through}", remedy=_chains(config))
    stages = [(source,), *between[:-1], (through,)]
    return tuple((lower[0], target) for lower, upper in pairwise(stages) for target in upper)


def _refuse_leap(config: Config, request: Request, source: str, target: str) -> None:
    if not request.skip_order:
        back = config.stages(target, source)
        remedy = (
            f"--through {target} takes every hop; or --skip-order with --reason"
            if config.stages(source, target)
            else f"{_chains(config)}; or --skip-order with --reason"
        )
        where = f"comes before {source} in the chain" if back else f"does not come next after {source}"
        raise UsageError(f"{target} {where}", remedy=remedy)
    if not request.reason.strip():
        raise UsageError("--skip-order needs a reason", remedy="--reason 'why this can't wait for its turn'")


def _chains(config: Config) -> str:
    chains = (" -> ".join("|".join(stage) for stage in chain) for chain in config.chains)
    return "chains are: " + "; ".join(chains)


def _told(hops: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{source} -> {target}" for source, target in hops)


def _few(apps: Sequence[str]) -> str:
    return ", ".join(apps[:5]) + (f" and {len(apps) - 5} more" if len(apps) > 5 else "")
