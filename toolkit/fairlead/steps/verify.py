"""The evidence for a plan or a pull request: what it does to the rendering, and what the checks say of the result."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.model.findings import Finding, Severity
from fairlead.model.plan import Hop
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.engine import Engine
from fairlead.repo.layout import kustomization_dirs
from fairlead.report.difference import Group, groups
from fairlead.steps import checking
from fairlead.steps.checking import Outcome, Scope
from fairlead.steps.planning import Planned
from fairlead.steps.rendering import render_all
from fairlead.steps.world import Environments, Run


@dataclass(frozen=True)
class Evidence:
    """Of one hop: the rendered change, overlays that could not be rendered, findings that it brings.

    What the checks had found before is no fault of the change and not repeated.
    """

    changed: tuple[Group, ...] = ()
    unrendered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid it."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


def assess(run: Run, engine: Engine, here: Environments, planned: Planned) -> tuple[Evidence, ...]:
    """Render and judge before and after each hop, off to the side. Raises WorldError where there is no kustomize."""
    rows = zip(planned.plan.hops, planned.states, strict=True)
    return tuple(weigh(run, engine, here, before, after, reached(here, hop)) for hop, (before, after) in rows)


def reached(here: Environments, hop: Hop) -> tuple[str, ...]:
    """The overlays that a hop writes into."""
    return tuple(o.path for a in hop.apps if a.changes() for o in here.layout.find(a.app, hop.target))


def weigh(
    run: Run,
    engine: Engine,
    here: Environments,
    before: Snapshot,
    after: Snapshot,
    overlays: tuple[str, ...],
) -> Evidence:
    """Two states of some overlays, by the rules of the environments as they stand (never those of `after`)."""
    if not overlays:
        return Evidence()
    trials = tuple(Trial(state, overlay) for state in (before, after) for overlay in overlays)
    results = render_all(run, engine.under(here.config.build), trials)
    firsts, seconds = results[: len(overlays)], results[len(overlays) :]
    old, new = (_judged(run, engine, here, *side) for side in ((before, firsts), (after, seconds)))
    both, unrendered = [], []
    for first, second in zip(firsts, seconds, strict=True):
        if isinstance(second, Rendered):
            both.append((second.overlay, first.text if isinstance(first, Rendered) else "", second.text))
        elif isinstance(first, RenderFailed):
            unrendered.append(f"{second.overlay} does not build, before or after: {second.message}")
    known = {(f.rule, f.message) for f in old.findings}
    brought = tuple(f for f in new.findings if (f.rule, f.message) not in known)
    return Evidence(groups(both), tuple(unrendered), brought)


def _judged(
    run: Run, engine: Engine, here: Environments, state: Snapshot, results: tuple[RenderResult, ...]
) -> Outcome:
    part = Scope(here.config, here.layout, kustomization_dirs(state, here.config.root))
    known = {result.overlay: result for result in results}
    return checking.judge(run, engine, state, part, tuple(known), tuple(known), known)


def same_rendering(engine: Engine, good: Trial, now: Trial) -> tuple[bool, tuple[Group, ...]]:
    """Whether two states render the same bytes; the difference where not. A state that doesn't build is no proof."""
    first, second = engine.render((good, now))
    if isinstance(first, Rendered) and isinstance(second, Rendered):
        return first.text == second.text, groups([(now.overlay, first.text, second.text)])
    return False, ()
