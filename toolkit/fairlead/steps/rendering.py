"""Render overlays with progress shown, from what earlier runs kept: what all verbs share that render."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fairlead.checks.flux_files import FluxFiles
from fairlead.doors.shared import VARIABLE as SHARED
from fairlead.doors.shared import SharedStore
from fairlead.doors.store import Store
from fairlead.model.rendering import RenderResult, Trial
from fairlead.render import helper
from fairlead.render.cached import CachedRenderer
from fairlead.render.engine import Engine
from fairlead.render.helper import HelperRenderer
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.render.memory import Memory
from fairlead.render.wire import Hello
from fairlead.repo.definitions import Known
from fairlead.repo.manifest import Facts
from fairlead.steps.programs import keep_told, told_before
from fairlead.steps.world import Run, World

_DEFINITIONS = "definitions"
_FLUX = "flux"


def renderer(run: Run) -> Engine:
    """A renderer that keeps nothing: kustomize's library where the helper is there, else the program."""
    program = helper.found()
    return KustomizeRenderer(run.jobs) if program is None else HelperRenderer(program, run.jobs)


@contextmanager
def opened(world: World) -> Iterator[Engine]:
    """The renderer of a repository, which recalls what was rendered before; what is new is kept in the end.

    Raises:
        WorldError: where there is nothing to render with.
    """
    program = helper.found()
    if program is None or world.store is None:
        forgetful = renderer(world.run)
        try:
            yield forgetful
        finally:
            if isinstance(forgetful, HelperRenderer):
                forgetful.close()
        return
    store, key = world.store, world.identity
    defined = Known(lambda: store.get(_DEFINITIONS, key))
    flux = FluxFiles(lambda: store.get(_FLUX, key))
    inner, memory = _remembering(world, program, store, defined, flux)
    engine = CachedRenderer(inner, memory)
    try:
        yield engine
    finally:
        inner.close()
        engine.flush()
        world.remember_files()
        if defined.changed:
            store.put(_DEFINITIONS, key, defined.dump())
        if flux.changed:
            store.put(_FLUX, key, flux.dump())
        store.trim()


def _remembering(
    world: World, program: str, store: Store, defined: Known, flux: FluxFiles
) -> tuple[HelperRenderer, Memory]:
    """The helper and its memory. Who it is was told by an earlier run, so that nothing is started to ask."""
    told = _known(told_before(store, program))
    facts: dict[str, tuple[str, Facts]] = {}
    inner = HelperRenderer(program, world.run.jobs, hello=told, facts=facts, defined=defined, flux=flux)
    hello = inner.hello
    if told is None:
        keep_told(store, program, {"build": hello.build, "api": hello.api, "root": hello.root})
    url = os.environ.get(SHARED, "")
    entries = SharedStore(store, url) if url else store
    memory = Memory(entries, world.identity, f"{hello.build} {hello.api}", facts)
    return inner, memory


def _known(said: dict[str, str] | None) -> Hello | None:
    """What an earlier run was told, if it was told by a renderer of this form."""
    try:
        return None if said is None else Hello(**said)
    except TypeError:
        return None


def render_all(
    run: Run, engine: Engine, trials: tuple[Trial, ...], name: str = "rendering"
) -> tuple[RenderResult, ...]:
    """Render all, in order. Raises WorldError where there is no kustomize."""
    if not trials:
        return ()
    with run.progress.task(name, len(trials)) as step:
        engine.on_result = step.advance
        try:
            return engine.render(trials)
        finally:
            engine.on_result = None
