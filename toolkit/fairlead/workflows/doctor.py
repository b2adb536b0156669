"""doctor: what is there, what is missing, and how to get it."""

from __future__ import annotations

import os
import platform

from fairlead import __version__
from fairlead.doors.proc import Process, which
from fairlead.doors.proc import run as run_process
from fairlead.doors.renderer import PROGRAM, VARIABLE
from fairlead.model.errors import FairleadError
from fairlead.model.values import dataclass
from fairlead.render import charts
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.repo.config import Config, GateRules
from fairlead.repo.layout import discover
from fairlead.steps.forging import told_login
from fairlead.steps.notifying import address
from fairlead.steps.rendering import renderer
from fairlead.steps.schemas import BundledSchemas
from fairlead.steps.vouching import asked, own_token
from fairlead.steps.world import Run, World, open_world

_PATIENCE = 30.0  # seconds for all that the forge is asked
_FASTER = f"{PROGRAM} renders many times as fast: install a wheel that brings it, or where Go can build it"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. `remedy` is empty where all is well."""

    what: str
    state: str
    remedy: str = ""
    fatal: bool = False


def examine(run: Run, *, online: bool = False) -> tuple[Line, ...]:
    """Look at tools, schemas and configuration; what is wrong becomes a line, never an exception.

    `online`: ask the forge, too, what the token may do and what the branch demands.
    """
    return (
        Line("fairlead", f"{__version__} on Python {platform.python_version()}"),
        _git(),
        _kustomize(run),
        _schemas(),
        *_repository(run, online=online),
    )


def _git() -> Line:
    if which("git") is None:
        return Line("git", "missing", "install git 2.34 or later", fatal=True)
    done = run_process(Process(("git", "--version"), timeout=20))
    return Line("git", done.stdout.decode("utf-8", "replace").strip().removeprefix("git version "))


def _kustomize(run: Run) -> Line:
    try:
        engine = renderer(run)
        slow = isinstance(engine, KustomizeRenderer) and not os.environ.get(VARIABLE)
        return Line("kustomize", engine.version, _FASTER if slow else "")
    except FairleadError as error:
        return Line("kustomize", error.message, error.remedy or "", fatal=True)


def _schemas() -> Line:
    versions = BundledSchemas().versions()
    if not versions:
        return Line("schemas", "missing", "pip install kubernetes-validate", fatal=True)
    return Line("schemas", f"Kubernetes {versions[0]} to {versions[-1]}")


def _repository(run: Run, *, online: bool) -> tuple[Line, ...]:
    try:
        world = open_world(run)
        config = world.config(world.work_tree)
        layout = discover(world.work_tree, config)
    except FairleadError as error:
        where = f"{error.where}: " if error.where is not None else ""
        return (Line("configuration", where + error.message, error.remedy or "mend it", fatal=True),)
    place = Line("repository", str(world.root), "" if world.repo else "git init: promotions need a repository")
    found = f"{len(layout.overlays)} overlays of {len(layout.apps())} apps"
    if not config.path:
        return place, Line("configuration", f"no fairlead.yaml; {found}", "write a fairlead.yaml")
    empty = ", ".join(layout.empty_globs)
    told = f"these layouts match nothing: {empty}" if empty else ""
    more = (
        *_forge(world, config, online=online),
        *(_helm() if config.build.may_inflate else ()),
        *_kubectl(config),
        *_webhooks(config),
    )
    return place, Line("configuration", f"{config.path}; {found}", told), *more


def _forge(world: World, config: Config, *, online: bool) -> tuple[Line, ...]:
    """Where pull requests live and where the token for it comes from: never the token."""
    if world.repo is None:
        return ()
    try:
        login = told_login(world, config)
    except FairleadError as error:
        return (Line("forge", error.message, error.remedy or "see docs/howto/forges.md", fatal=True),)
    if login is None:
        return (Line("forge", "local: pull requests are kept in this repository"),)
    state = f"{login.kind}, {login.project} on {login.url}"
    if not login.source:
        hints = "; ".join((*login.passed, f"looked for: {', '.join(login.places)}"))
        return (Line("forge", f"{state}; no token", hints, fatal=True),)
    hints = "; ".join(filter(None, (own_token(login, os.environ), *login.passed)))
    words = asked(world, config, _PATIENCE) if online else ()
    told = (Line(word.what, word.state, word.remedy) for word in words)
    return (Line("forge", f"{state}; token from {login.source}", hints), *told)


def _kubectl(config: Config) -> tuple[Line, ...]:
    """What the gate health asks with, where it is set."""
    rules = [gates for env in config.environments for gates in (env.gates, *_of_apps(config, env.name))]
    if all(one.command for gates in rules for one in gates.health):
        return ()
    if which("kubectl") is None:
        return (Line("kubectl", "missing", "the gate health waits without it: install it, or put it on PATH"),)
    done = run_process(Process(("kubectl", "version", "--client"), timeout=20))
    told = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return (Line("kubectl", told[0].removeprefix("Client Version: ") if told else "of unknown version"),)


def _webhooks(config: Config) -> tuple[Line, ...]:
    """Which of the variables are set that hold a webhook's URL: never the URL."""
    return tuple(_webhook(name) for name in dict.fromkeys(rule.url_env for rule in config.notify))


def _webhook(name: str) -> Line:
    url = os.environ.get(name, "").strip()
    if not url:
        return Line("webhook", f"{name} is not set: nothing is sent")
    if address(url) is None:
        return Line("webhook", f"{name} holds no https URL", "give it the URL as it was made; see `notify:`")
    return Line("webhook", f"{name} is set")


def _of_apps(config: Config, env: str) -> list[GateRules]:
    return [gates for rules in config.apps for name, gates in rules.gates if name == env]


def _helm() -> tuple[Line, ...]:
    program = charts.found()
    if program is None:
        return (Line("helm", "missing", "install helm 3 or 4, or name it: FAIRLEAD_HELM=/path/to/helm"),)
    done = run_process(Process((program, "version", "--short"), timeout=20))
    return (Line("helm", done.stdout.decode("utf-8", "replace").strip() or "of unknown version"),)
