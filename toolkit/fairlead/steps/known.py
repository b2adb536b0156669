"""Which findings are told: not those that a baseline knows, nor, where only new ones are asked for, those of before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fairlead.checks.context import EXTERNAL
from fairlead.checks.rules import RULES
from fairlead.model.errors import ConfigError, UsageError
from fairlead.model.findings import Finding
from fairlead.model.snapshot import Snapshot
from fairlead.repo.config import Config
from fairlead.report.findings import baseline as baselines
from fairlead.report.findings.baseline import Baseline
from fairlead.report.findings.identity import fingerprints
from fairlead.steps.checking import Outcome


def known(snapshot: Snapshot, config: Config) -> Baseline | None:
    """The configured baseline, as the snapshot has it; None where none is configured.

    Raises:
        ConfigError: it isn't there, or is none.
    """
    path = config.baseline_path
    if not path:
        return None
    if snapshot.entry(path) is None:
        raise ConfigError(
            f"there is no {path}, which {config.path} names as the baseline",
            where=config.check.baseline_at,
            remedy="make it: fairlead check --baseline write",
        )
    return baselines.load(snapshot.read(path), path)


def told(outcome: Outcome, baseline: Baseline | None, *, whole: bool) -> Outcome:
    """The outcome without what the baseline knows; what of that is gone can only be told of a whole run."""
    if baseline is None:
        return outcome
    fresh = baseline.without(outcome.findings)
    notes = []
    if len(fresh) < len(outcome.findings):
        known = len(outcome.findings) - len(fresh)
        notes.append(f"{_findings(known)} {_are(known)} known, and not told ({baseline.path})")
    gone = len(baseline.gone(outcome.findings, _silent(outcome))) if whole else 0
    if gone:
        what = f"{_findings(gone)} of {baseline.path} {_are(gone)} gone"
        notes.append(f"{what}; to take that out: fairlead check --baseline prune")
    return replace(outcome, findings=fresh, notes=(*outcome.notes, *notes))


def new(outcome: Outcome, before: tuple[Finding, ...]) -> Outcome:
    """The outcome with only those findings that were not there before."""
    known = set(fingerprints(before))
    names = fingerprints(outcome.findings)
    fresh = tuple(f for f, name in zip(outcome.findings, names, strict=True) if name not in known)
    old = len(outcome.findings) - len(fresh)
    notes = (f"{_findings(old)} not told: there before",) if old else ()
    return replace(outcome, findings=fresh, notes=(*outcome.notes, *notes))


def write(root: Path, snapshot: Snapshot, config: Config, outcome: Outcome, *, prune: bool) -> Outcome:
    """Write the configured baseline: all that is found now, or what is left of it.

    Raises:
        UsageError: none is configured, or there is none to prune.
        WorldError: it can't be written.
    """
    from fairlead.doors.fs import write_text

    path = config.baseline_path
    if not path:
        raise UsageError(
            "no baseline is configured",
            remedy="name its file in fairlead.yaml: `check: {baseline: known-findings.json}`",
        )
    if prune:
        old = known(snapshot, config)
        assert old is not None
        made = old.pruned(outcome.findings, _silent(outcome))
        note = f"{path}: {_findings(len(old.known) - len(made.known))} taken out, {len(made.known)} left"
    else:
        made = baselines.of(path, outcome.findings)
        if snapshot.entry(path) is not None and (old := known(snapshot, config)) is not None:
            made = replace(made, known=old.of_rules(_silent(outcome)) | made.known)
        note = f"{path}: {_findings(len(made.known))} known from now on"
    write_text(root / path, baselines.dump(made))
    return replace(outcome, findings=made.without(outcome.findings), notes=(*outcome.notes, note))


def _silent(outcome: Outcome) -> frozenset[str]:
    """The rules by which nothing can have been found: other tools that were not asked."""
    return frozenset(rule.ID for rule in RULES if rule.SCOPE == EXTERNAL).difference(outcome.asked)


def _findings(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
