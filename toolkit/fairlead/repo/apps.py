"""Which apps a word stands for, and what the configuration says otherwise for some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from functools import reduce
from typing import Any

from fairlead.model.errors import UsageError
from fairlead.model.findings import Where
from fairlead.model.overlays import Layout
from fairlead.repo.config import AppRules, Config, Environment, GateRules
from fairlead.repo.names import near_miss

Chains = tuple[tuple[tuple[str, ...], ...], ...]
_GLOB = re.compile(r"[*?\[]")


def rules_of(config: Config, app: str) -> AppRules | None:
    """What `apps:` says of an app: under its own name, else under the first glob that fits."""
    exact = next((rules for rules in config.apps if rules.pattern == app), None)
    return exact or next((rules for rules in config.apps if fnmatchcase(app, rules.pattern)), None)


def chains_of(config: Config, app: str) -> Chains:
    """The chains that an app follows: its own one, else those of all."""
    rules = rules_of(config, app) if config.apps else None
    return (rules.chain,) if rules is not None and rules.chain else config.chains


def owners_of(config: Config, app: str) -> tuple[str, ...]:
    """Whose an app is, as `apps:` says."""
    rules = rules_of(config, app)
    return rules.owners if rules is not None else ()


def environment_of(config: Config, name: str, apps: Iterable[str]) -> Environment:
    """An environment with the gates that stand before these apps; of several words on one gate, the strictest."""
    environment = config.environment(name)
    found = [_gates(config, environment, app) for app in apps]
    if not found:
        return environment
    return replace(environment, gates=reduce(_stricter, found))


def _stricter(one: GateRules, other: GateRules) -> GateRules:
    """What both ask together."""
    said: dict[str, Any] = {}
    for rule in fields(GateRules):
        mine, theirs = getattr(one, rule.name), getattr(other, rule.name)
        if mine == theirs:
            continue
        if rule.name == "order":
            said[rule.name] = "all"
        elif rule.name == "command":
            said[rule.name] = mine or theirs
        elif isinstance(mine, tuple):
            said[rule.name] = tuple(dict.fromkeys((*mine, *theirs)))
        else:
            said[rule.name] = max(mine, theirs)
    return replace(one, **said)


def _gates(config: Config, environment: Environment, app: str) -> GateRules:
    rules = rules_of(config, app)
    return dict(rules.gates).get(environment.name, environment.gates) if rules is not None else environment.gates


def stage_of(config: Config, app: str, env: str) -> tuple[str, ...]:
    """The environments of the stage that one stands in, itself included, on the way of an app."""
    return next((stage for chain in chains_of(config, app) for stage in chain if env in stage), (env,))


def named(config: Config, layout: Layout, words: Sequence[str], sets: Sequence[str] = ()) -> tuple[str, ...]:
    """The apps that words stand for: an app, else a set of the configuration, else a glob (`pay-*`); each once.

    `sets` are names of sets, whatever apps are called.

    Raises:
        UsageError: a word that stands for nothing, with near misses.
    """
    apps = layout.apps()
    known = {one.name: one for one in config.sets}
    found: list[str] = []
    for word in words:
        if word in apps:
            found.append(word)
        elif word in known:
            found += _members(known[word].apps, apps, word, known[word].where)
        else:
            found += _matching(word, apps, tuple(known))
    for name in sets:
        if name not in known:
            raise UsageError(
                f"there is no set {name!r}",
                where=Where(config.path) if config.path else None,
                remedy=near_miss(name, tuple(known))
                or (f"sets are: {', '.join(known)}" if known else "name apps together in fairlead.yaml: `sets:`"),
            )
        found += _members(known[name].apps, apps, name, known[name].where)
    return tuple(dict.fromkeys(found))


def _members(words: Sequence[str], apps: Sequence[str], name: str, where: Where) -> list[str]:
    found: list[str] = []
    for word in words:
        hits = [app for app in apps if app == word or fnmatchcase(app, word)]
        if not hits:
            raise UsageError(
                f"the set {name} names {word!r}, which is no app",
                where=where,
                remedy=near_miss(word, apps) or f"take it out; apps are: {_few(apps)}",
            )
        found += hits
    return found


def _matching(word: str, apps: Sequence[str], sets: Sequence[str]) -> list[str]:
    hits = [app for app in apps if fnmatchcase(app, word)] if _GLOB.search(word) else []
    if hits:
        return hits
    is_glob = _GLOB.search(word) is not None
    raise UsageError(
        f"no app's name is like {word!r}" if is_glob else f"there is no app {word!r}",
        remedy=near_miss(word, (*apps, *sets))
        or f"apps are: {_few(apps)}" + (f"; sets are: {', '.join(sets)}" if sets else ""),
    )


def _few(apps: Sequence[str]) -> str:
    return (", ".join(apps[:20]) + (" …" if len(apps) > 20 else "")) or "none"
