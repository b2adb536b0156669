"""The evidence for a plan: what it does to the rendering, and what the checks say of the result."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.plan import Hop
from fairlead.model.rendering import Rendered, Renderer, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.report.difference import Group, groups
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.planning import Planned


@dataclass(frozen=True)
class Evidence:
    """Of one hop: the rendered change, overlays that could not be rendered, findings on the result."""

    changed: tuple[Group, ...]
    unrendered: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings forbid it."""
        return sum(f.severity is Severity.ERROR for f in self.findings)


def assess(chronicle: Chronicle, planned: Planned, renderer: Renderer) -> tuple[Evidence, ...]:
    """Render before and after each hop, off to the side, and compare."""
    wishes: list[Trial] = []
    plan = planned.plan
    for hop, (before, after) in zip(plan.hops, planned.states, strict=True):
        for path in _overlays(chronicle, hop):
            wishes += (Trial(before, path), Trial(after, path))
    answers = iter(renderer.render(tuple(wishes)) if wishes else ())
    out = []
    for hop, (_, after) in zip(plan.hops, planned.states, strict=True):
        rows = [(path, next(answers), next(answers)) for path in _overlays(chronicle, hop)]
        out.append(_evidence(chronicle, hop, after, rows))
    return tuple(out)


def _overlays(chronicle: Chronicle, hop: Hop) -> list[str]:
    layout = chronicle.environments.layout
    return [o.path for a in hop.apps if a.changes() for o in layout.find(a.app, hop.target)]


def _evidence(
    chronicle: Chronicle, hop: Hop, after: Snapshot, rows: list[tuple[str, RenderResult, RenderResult]]
) -> Evidence:
    both, unrendered, findings = [], [], []
    for path, old, new in rows:
        if isinstance(old, Rendered) and isinstance(new, Rendered):
            both.append((path, old.text, new.text))
        elif isinstance(new, RenderFailed) and isinstance(old, RenderFailed):
            unrendered.append(f"{path} does not build, before or after: {old.message}")
        elif isinstance(new, RenderFailed):
            findings.append(
                Finding(
                    "build-failure",
                    Severity.ERROR,
                    f"{path} would no longer build: {new.message}",
                    "leave out the unit that breaks it, with --exclude",
                    new.at or Where(path),
                    path,
                )
            )
        elif isinstance(new, Rendered):
            both.append((path, "", new.text))
    return Evidence(groups(both), tuple(unrendered), tuple(findings))


def same_rendering(renderer: Renderer, good: Trial, now: Trial) -> tuple[bool, tuple[Group, ...]]:
    """Whether two states render the same bytes; the difference where not. An unbuildable good state is no proof."""
    first, second = renderer.render((good, now))
    if isinstance(first, Rendered) and isinstance(second, Rendered):
        return first.text == second.text, groups([(now.overlay, first.text, second.text)])
    return False, ()
