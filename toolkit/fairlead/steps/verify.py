"""The evidence for a plan or a pull request: what it does to the rendering, and what the checks say of the result."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.checks.context import OVERLAY, REPOSITORY
from fairlead.checks.rules import RULES
from fairlead.model.findings import Finding, Severity
from fairlead.model.plan import Move
from fairlead.model.rendering import Rendered, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo.layout import discover, kustomization_dirs
from fairlead.report.difference import Group, grouped, groups
from fairlead.steps import accounting, checking
from fairlead.steps.accounting import Unexplained
from fairlead.steps.checking import Outcome, Scope
from fairlead.steps.comparing import Sides, render_both, sides, told
from fairlead.steps.planning import Planned
from fairlead.steps.reach import Hit, reached
from fairlead.steps.world import Environments, Run


@dataclass(frozen=True)
class Evidence:
    """Of one hop: the rendered change, overlays of which a side could not be rendered, findings that it brings.

    What the checks had found before is no fault of the change and not repeated. `unexplained` is what changes and
    no edit of a promotion says why.
    """

    changed: tuple[Group, ...] = ()
    unrendered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid it."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


def assess(run: Run, engine: Engine, here: Environments, planned: Planned) -> tuple[Evidence, ...]:
    """Render and judge before and after each hop, off to the side. Raises WorldError where there is no kustomize."""
    found = []
    for hop, (before, after) in zip(planned.plan.hops, planned.states, strict=True):
        paths = {change.path for app in hop.apps for change in app.changes()}
        moves = accounting.of_hop(hop) if planned.plan.verb == "promote" else None
        found.append(weigh(run, engine, here, before, after, hits(engine, here, before, after, paths), moves))
    return tuple(found)


def hits(
    engine: Engine, here: Environments, before: Snapshot, after: Snapshot, paths: Iterable[str]
) -> tuple[Hit, ...]:
    """The overlays that a change reaches, wherever they are: what a plan shows and what a gate judges."""
    return reached(engine, _scope(here, after), before, after, paths)


def _scope(here: Environments, state: Snapshot) -> Scope:
    """A state by the rules of the environments as they stand."""
    config = here.config
    return Scope(config, discover(state, config), kustomization_dirs(state, config.root), here.snapshot)


def weigh(
    run: Run,
    engine: Engine,
    here: Environments,
    before: Snapshot,
    after: Snapshot,
    reached: tuple[Hit, ...],
    moves: tuple[Move, ...] | None = None,
) -> Evidence:
    """Two states of the overlays that a change reaches, by the rules as they stand (never those of `after`).

    With `moves`, what changes is accounted for by these.
    """
    if not reached:
        return Evidence()
    ruled = engine.under(here.config.build)
    both = sorted(render_both(run, ruled, sides(engine, before, after, reached)), key=lambda row: row[0].overlay)
    new = _judged(run, engine, here, after, (second for _, _, second in both)).findings
    concerned = _concerned(new)
    doubtful = (first for one, first, _ in both if concerned is None or one.overlay in concerned)
    old = _judged(run, engine, here, before, doubtful).findings if new else ()
    compared = [told(ruled, *row) for row in both]
    known = {hit for finding in old for hit in _hits(finding)}
    return Evidence(
        grouped(row for _, rows in compared for row in rows),
        tuple(one.sentence for one, _ in compared if one.message),
        tuple(finding for finding in new if not _hits(finding) <= known),
        _unexplained(ruled, before, reached, both, moves) if moves is not None else (),
    )


def _unexplained(
    engine: Engine,
    before: Snapshot,
    reached: tuple[Hit, ...],
    both: Iterable[tuple[Sides, RenderResult | None, RenderResult | None]],
    moves: tuple[Move, ...],
) -> tuple[Unexplained, ...]:
    by_path: dict[str, list[Move]] = {}
    for move in moves:
        for path in {c.path for c in move.changes}:
            by_path.setdefault(path, []).append(move)
    edits = {
        hit.folder: accounting.Edits(before, [m for path in hit.paths for m in by_path.get(path, ())], hit.paths)
        for hit in reached
    }
    return tuple(u for one, old, new in both for u in accounting.unexplained(engine, one, old, new, edits[one.overlay]))


def _concerned(findings: Iterable[Finding]) -> frozenset[str] | None:
    """The overlays in which findings can only have been found before; None where any may have a say in one."""
    scopes = {rule.ID: rule.SCOPE for rule in RULES}
    if any(scopes.get(finding.rule) not in (OVERLAY, REPOSITORY) for finding in findings):
        return None
    return frozenset(overlay for finding in findings for _, _, overlay in _hits(finding))


def _hits(finding: Finding) -> set[tuple[str, str, str]]:
    """What a finding is known by when its line has moved: a fault that comes to one more overlay is a new one."""
    return {(finding.rule, finding.message, overlay) for overlay in finding.overlays or (finding.overlay,)}


def _judged(
    run: Run, engine: Engine, here: Environments, state: Snapshot, results: Iterable[RenderResult | None]
) -> Outcome:
    known = {result.overlay: result for result in results if result is not None}
    return checking.judge(run, engine, state, _scope(here, state), tuple(known), tuple(known), known)


def same_rendering(engine: Engine, good: Trial, now: Trial) -> tuple[bool, tuple[Group, ...]]:
    """Whether two states render the same bytes; the difference where not. A state that doesn't build is no proof."""
    first, second = engine.render((good, now))
    if isinstance(first, Rendered) and isinstance(second, Rendered):
        return first.text == second.text, groups([(now.overlay, first.text, second.text)])
    return False, ()
