"""Runs the rules: contexts in, findings out, sorted, each once, with the severities that are configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType

from fairlead.checks.context import OVERLAY, REPOSITORY, Judged, Shared
from fairlead.checks.rules import RULES
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import RenderResult
from fairlead.repo.config import CheckRules

# Findings that say why an overlay doesn't build; build-failure is silent where one of them speaks.
_EXPLAINING = frozenset(
    (
        "missing-file", "cycle", "unknown-kustomization-key", "unreadable-file", "duplicate-key", "dead-patch",
        "remote-base", "lfs-pointer",
    )
)  # fmt: skip
_BUILD = "build-failure"
_ONE_A_MESSAGE = frozenset(("no-schema",))
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def run(shared: Shared, results: Iterable[RenderResult], rules: tuple[ModuleType, ...] = RULES) -> tuple[Finding, ...]:
    """All findings of what is judged; `results` may come as they are made."""
    asked = tuple(rule for rule in rules if _severity(shared.config.check, rule.ID) != "off")
    static = list(_static(shared, asked))
    found = list(static)
    for result in results:
        found += judge(Judged(shared, result.overlay, result), asked, static)
    return merged(_configured(shared.config.check, found))


def _static(shared: Shared, rules: tuple[ModuleType, ...]) -> Iterator[Finding]:
    readers = shared.graph.readers(shared.folders)
    for rule in rules:
        if rule.SCOPE == REPOSITORY:
            for finding in rule.check(shared):
                hit = tuple(sorted(readers.get(finding.where.path, ())))
                yield replace(finding, overlay=hit[0] if hit else "", overlays=hit)


def judge(judged: Judged, rules: tuple[ModuleType, ...], static: Iterable[Finding]) -> list[Finding]:
    """The findings of one overlay, after those about files are known."""
    found = [finding for rule in rules if rule.SCOPE == OVERLAY for finding in rule.check(judged)]
    config = judged.shared.config.check
    reasons = [f for f in static if judged.folder in f.overlays] + found
    if any(f.rule in _EXPLAINING and f.severity is Severity.ERROR and not _softened(config, f) for f in reasons):
        found = [f for f in found if f.rule != _BUILD]
    return found


def _softened(config: CheckRules, finding: Finding) -> bool:
    return _severity(config, finding.rule) not in ("", Severity.ERROR)


def _severity(config: CheckRules, rule: str) -> str:
    """The configured severity; empty where the rule's own counts."""
    return "off" if rule in config.ignore else dict(config.severity).get(rule, "")


def _configured(config: CheckRules, findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        severity = _severity(config, finding.rule)
        yield replace(finding, severity=Severity(severity)) if severity else finding


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, with all overlays that it hits, in an order that never changes."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        place = None if finding.rule in _ONE_A_MESSAGE else finding.where
        groups.setdefault((finding.rule, finding.message, place), []).append(finding)
    out = []
    for group in groups.values():
        first = min(group, key=lambda f: (_ORDER[f.severity], f.where, f.overlay, f.subject))
        hit = {overlay for f in group for overlay in f.overlays}
        out.append(replace(first, overlay=min(hit, default=""), overlays=tuple(sorted(hit))))
    return tuple(sorted(out, key=lambda f: (f.where, _ORDER[f.severity], f.rule, f.message)))
