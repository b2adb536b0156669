"""Overlays with generators that only the controller runs: rendered without them, and marked as incomplete."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace

from fairlead.checks.opaque import Without, without_plugins
from fairlead.model.rendering import Input, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import File, Snapshot
from fairlead.render.reach import joined
from fairlead.render.views import View

Stream = Generator[tuple[int, RenderResult], None, None]


def without_opaque(
    trials: tuple[Trial, ...], stream: Callable[[tuple[Trial, ...]], Stream], view: Callable[[Snapshot], View]
) -> Stream:
    """Results as they come. Where kustomize refuses a plugin, the overlay is rendered again without it.

    What can't be rendered so, either (a patch may be for what the plugin makes), fails as kustomize said first.
    """
    refused: list[tuple[int, RenderFailed]] = []
    with closing(stream(trials)) as results:
        for index, result in results:
            if isinstance(result, RenderFailed) and result.code == "plugin":
                refused.append((index, result))
            else:
                yield index, result
    if not refused:
        return
    bare = [_without(view(trials[index].snapshot), trials[index].overlay) for index, _ in refused]
    again = _edited(tuple(trials[index] for index, _ in refused), bare)
    with closing(stream(again)) as results:
        for place, result in results:
            index, first = refused[place]
            made = isinstance(result, Rendered) and bare[place].plugins
            yield index, _marked(result, bare[place], trials[index].snapshot) if made else first


def _without(view: View, overlay: str) -> Without:
    return without_plugins(view.graph, view.sources, overlay)


def _edited(trials: tuple[Trial, ...], bare: list[Without]) -> tuple[Trial, ...]:
    """The same overlays of snapshots without plugins: one for each snapshot, for it is told of as a whole."""
    edits: dict[int, dict[str, File | None]] = {}
    for trial, found in zip(trials, bare, strict=True):
        edits.setdefault(id(trial.snapshot), {}).update(found.files)
    made: dict[int, Snapshot] = {}
    for trial in trials:
        key = id(trial.snapshot)
        if key not in made:
            made[key] = trial.snapshot.with_files(edits[key])
    return tuple(Trial(made[id(trial.snapshot)], trial.overlay) for trial in trials)


def _marked(result: RenderResult, found: Without, snapshot: Snapshot) -> RenderResult:
    """The result, depending on the files as they are in the repository."""
    assert isinstance(result, Rendered)
    if not result.inputs:
        return replace(result, opaque=tuple(found.plugins))
    own = [one._replace(blob=_blob(snapshot, one)) for one in result.inputs]
    more = (Input("file", path, _blob(snapshot, Input("file", path))) for path in found.looked_at)
    return replace(result, opaque=tuple(found.plugins), inputs=joined(own, more))


def _blob(snapshot: Snapshot, one: Input) -> str:
    entry = snapshot.entry(one.path) if one.kind == "file" else None
    return entry.oid if entry is not None else one.blob
