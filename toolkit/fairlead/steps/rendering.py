"""Render overlays with progress shown, from what earlier runs kept: what all verbs share that render."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from fairlead.repo.manifest import Facts, digest
from fairlead.steps.world import Run, World

_HELPER = "helper"


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
    inner, memory = _remembering(world, program, world.store)
    engine = CachedRenderer(inner, memory)
    try:
        yield engine
    finally:
        inner.close()
        engine.flush()
        world.remember_files()
        world.store.trim()


def _remembering(world: World, program: str, store: Store) -> tuple[HelperRenderer, Memory]:
    """The helper and its memory. Who it is was told by an earlier run, so that nothing is started to ask."""
    key, mark = _marked(program)
    told = _told(store.get(_HELPER, key), mark)
    facts: dict[str, tuple[str, Facts]] = {}
    inner = HelperRenderer(program, world.run.jobs, hello=told, facts=facts)
    hello = inner.hello
    if told is None:
        said = {"mark": mark, "hello": {"build": hello.build, "api": hello.api, "root": hello.root}}
        store.put(_HELPER, key, json.dumps(said).encode())
    url = os.environ.get(SHARED, "")
    entries = SharedStore(store, url) if url else store
    memory = Memory(entries, world.identity, f"{hello.build} {hello.api}", facts)
    return inner, memory


def _told(data: bytes | None, mark: list[int]) -> Hello | None:
    """Who the program is, as it was when it looked like this; another version of fairlead may have written it."""
    try:
        known = json.loads(data or b"null")
        return Hello(**known["hello"]) if known is not None and known["mark"] == mark else None
    except (ValueError, KeyError, TypeError):
        return None


def _marked(program: str) -> tuple[str, list[int]]:
    """A name for the program, and what changes with it."""
    real = os.path.realpath(program)
    try:
        info = Path(real).stat()
    except OSError:
        return digest(real), []
    return digest(real), [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino]


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
