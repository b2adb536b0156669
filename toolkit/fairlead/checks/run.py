"""Runs the rules: contexts in, findings out, sorted, each once, with the severities that are configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from fairlead.checks.context import LISTING, OVERLAY, REPOSITORY, Judged, Shared
from fairlead.checks.rules import RULES
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Rendered, RenderResult
from fairlead.repo.config import CheckRules

# Findings that say why an overlay doesn't build; build-failure is silent where one of them speaks.
_EXPLAINING = frozenset(
    (
        "missing-file", "cycle", "unknown-kustomization-key", "unreadable-file", "duplicate-key", "dead-patch",
        "remote-base", "lfs-pointer",
    )
)  # fmt: skip
_BUILD = "build-failure"
_LEANING = frozenset(("missing-file",))  # names what lies beside
_ONE_A_MESSAGE = frozenset(("no-schema",))
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True)
class Judgement:
    """What is found in one overlay, and whether that may change with files that it does not read."""

    result: RenderResult
    findings: tuple[Finding, ...]
    leaning: bool


def run(shared: Shared, results: Iterable[RenderResult], rules: tuple[ModuleType, ...] = RULES) -> Iterator[Judgement]:
    """Judge overlays as their results come. What is found in a file is told again with each overlay that reads it.

    So the findings of a part are a part of the findings, and `merged` makes them whole.
    """
    asked = _asked(shared, rules)
    static: dict[str, list[Finding]] | None = None
    for result in results:
        if static is None:  # after the first result: the others are being made meanwhile
            static = _static(shared, asked)
        reasons = static.get(result.overlay, [])
        own = judge(Judged(shared, result.overlay, result), asked, reasons)
        leaning = (
            not isinstance(result, Rendered)
            or any(finding.rule in _LEANING for finding in reasons)
            or shared.leans_on_others(result.overlay)
        )
        yield Judgement(result, tuple(_configured(shared.config.check, (*reasons, *own))), leaning)


def look_around(shared: Shared, rules: tuple[ModuleType, ...] = RULES) -> tuple[Finding, ...]:
    """The findings about files that no overlay need have to do with."""
    asked = (rule for rule in _asked(shared, rules) if rule.SCOPE == LISTING)
    return tuple(_configured(shared.config.check, (finding for rule in asked for finding in rule.check(shared))))


def _asked(shared: Shared, rules: tuple[ModuleType, ...]) -> tuple[ModuleType, ...]:
    return tuple(rule for rule in rules if _severity(shared.config.check, rule.ID) != "off")


def _static(shared: Shared, rules: tuple[ModuleType, ...]) -> dict[str, list[Finding]]:
    """What is found in the files that overlays read, by overlay."""
    readers = shared.graph.readers(shared.folders)
    out: dict[str, list[Finding]] = {}
    for rule in rules:
        if rule.SCOPE == REPOSITORY:
            for finding in rule.check(shared):
                for folder in readers.get(finding.where.path, ()):
                    out.setdefault(folder, []).append(replace(finding, overlay=folder, overlays=(folder,)))
    return out


def judge(judged: Judged, rules: tuple[ModuleType, ...], static: Iterable[Finding]) -> list[Finding]:
    """The findings of one overlay, after those about its files are known."""
    found = [finding for rule in rules if rule.SCOPE == OVERLAY for finding in rule.check(judged)]
    config = judged.shared.config.check
    reasons = (*static, *found)
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
