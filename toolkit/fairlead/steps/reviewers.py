"""Whose review of a promotion is asked: the owners of what it changes, and whom the environment names."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.plan import Hop
from fairlead.model.pulls import person
from fairlead.repo import codeowners
from fairlead.repo.apps import owners_of
from fairlead.steps.world import Environments


def reviewers(here: Environments, hop: Hop, asker: str) -> tuple[str, ...]:
    """Whose review of a hop is asked: see `of_change`."""
    moving = [a for a in hop.apps if a.changes()]
    paths = (change.path for a in moving for change in a.changes())
    return of_change(here, hop.target, (a.app for a in moving), paths, asker)


def of_change(here: Environments, env: str, apps: Iterable[str], paths: Iterable[str], asker: str) -> tuple[str, ...]:
    """Logins, e-mails and teams, each once, as CODEOWNERS, `apps:` and `reviewers:` on the branch say.

    Who asked is not among them, nor is a name that is only known to be theirs.
    """
    config = here.config
    branch, teams = here.snapshot, {name.casefold(): people for name, people in config.teams}
    named = [*config.environment(env).reviewers]
    place = codeowners.find(lambda name: branch.entry(name) is not None)
    if place:
        owned = codeowners.read(place, branch.read(place)).of(sorted(set(paths)))
        named += [owner for one in owned for owner in one.owners]
    named += [owner for app in apps for owner in owners_of(config, app)]
    found: dict[str, str] = {}
    for name in named:
        for one in teams.get(name.casefold(), (name,)):
            known = one if "/" in one else one.removeprefix("@")
            found.setdefault(person(known), known)
    found.pop(person(asker), None)
    return tuple(found.values())
