"""Judge a few files in memory, through the real kustomize."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fairlead.checks.context import Judged, Shared
from fairlead.checks.objects import Object
from fairlead.checks.schemas import NoSchemas, Schemas
from fairlead.model.findings import Finding
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.config import Config
from fairlead.repo.layout import discover
from fairlead.steps import checking
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run


def outcome(
    files: Mapping[str, str | bytes], only: tuple[str, ...] = (), edited: tuple[str, ...] = ()
) -> checking.Outcome:
    """What `check` finds in these files, in some folders or all; of a change where files were edited."""
    snapshot = MemorySnapshot.of(files)
    engine = renderer(Run(Path(), jobs=2))
    part = replace(checking.scope(snapshot, ""), edited=edited)
    chosen = only or checking.folders(engine.view(snapshot), part, engine)
    return checking.judge(Run(Path()), engine, snapshot, part, chosen)


def findings(
    files: Mapping[str, str | bytes], *rules: str, only: tuple[str, ...] = (), edited: tuple[str, ...] = ()
) -> list[Finding]:
    """The findings, of some rules or all."""
    return [f for f in outcome(files, only, edited).findings if not rules or f.rule in rules]


def told(files: Mapping[str, str | bytes], *rules: str) -> list[str]:
    """The findings as `place rule`."""
    return [f"{f.where} {f.rule}" for f in findings(files, *rules)]


def judged(files: Mapping[str, str | bytes], overlay: str) -> Judged:
    """An overlay, rendered and ready to be asked."""
    snapshot = MemorySnapshot.of(files)
    engine = renderer(Run(Path(), jobs=1))
    view = engine.view(snapshot)
    shared = Shared(
        snapshot, Config(), discover(snapshot, Config()), view.graph, view.sources, Schemas(NoSchemas()), (overlay,)
    )
    (result,) = engine.render((Trial(snapshot, overlay),))
    assert isinstance(result, Rendered), result
    return Judged(shared, overlay, result)


def object_of(of: Judged, label: str) -> Object:
    """The rendered object of this kind and name (the name may be a beginning)."""
    kind, _, name = label.partition("/")
    return next(o for o in of.objects if o.kind == kind and o.name.startswith(name))
