"""render: the objects of an app in an environment, as kustomize prints them."""

from __future__ import annotations

from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.findings import Where
from fairlead.model.rendering import RenderFailed, Trial
from fairlead.model.values import dataclass
from fairlead.repo.layout import discover
from fairlead.repo.names import near_miss
from fairlead.report.compared import lacks
from fairlead.steps.rendering import opened, render_all
from fairlead.steps.world import Run, known_app, open_world


@dataclass(frozen=True)
class Request:
    """Which app, where, and of which commit (None: the files as they lie)."""

    app: str
    env: str
    at: str | None = None


@dataclass(frozen=True)
class Output:
    """The text of each cluster's overlay, in order, and what is to be said of them."""

    texts: tuple[str, ...]
    warnings: tuple[str, ...]


class BuildFailedError(ConflictError):
    """The overlay does not build."""

    exit_code = 1


def render(run: Run, request: Request) -> Output:
    """Render an app in an environment.

    Raises:
        UsageError: no such app, environment or commit.
        BuildFailedError: the overlay doesn't build.
    """
    world = open_world(run)
    snapshot = world.git.at(request.at) if request.at else world.work_tree
    config = world.config(snapshot)
    layout = discover(snapshot, config)
    app = known_app(layout, request.app)
    env = config.environment(request.env).name if config.environments else request.env
    overlays = layout.find(app, env)
    if not overlays:
        known = sorted({o.id.env for o in layout.overlays if o.id.app == app})
        raise UsageError(
            f"{app} has no overlay for {env!r}",
            remedy=near_miss(env, known) or f"{app} has overlays for: {', '.join(known)}",
        )
    with opened(world) as engine:
        trials = tuple(Trial(snapshot, overlay.path) for overlay in overlays)
        results = render_all(run, engine.under(config.build), trials)
    texts: list[str] = []
    warnings: list[str] = []
    for result in results:
        if isinstance(result, RenderFailed):
            raise BuildFailedError(
                result.message,
                where=result.at or Where(result.overlay),
                remedy=f"fairlead check {result.overlay} tells more",
            )
        texts.append(result.text)
        warnings += (f"kustomize: {warning}" for warning in result.warnings)
        if result.opaque:
            warnings.append(f"incomplete: the work of {lacks(result)} is done by the controller alone")
    return Output(tuple(texts), tuple(dict.fromkeys(warnings)))
