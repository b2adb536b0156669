"""The outcome of a check for programs. The form is stable: keys are added, never changed, within a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Layout
from fairlead.model.rendering import Built
from fairlead.model.shards import Cut

VERSION = 1
Data: TypeAlias = dict[str, object]


def data(
    findings: Iterable[Finding], results: Iterable[Built], layout: Layout, renderer: str, notes: Iterable[str],
    cut: Cut | None = None, ignored: Iterable[Finding] = (),
) -> Data:  # fmt: skip
    """The outcome as plain data, in an order that never changes; the shard that it is of, if it is of one."""
    findings, results = tuple(findings), tuple(results)
    ids = {overlay.path: overlay.id for overlay in layout.overlays}
    count = Counter(finding.severity for finding in findings)
    return {
        "version": VERSION,
        **({} if cut is None else {"shard": _shard(cut)}),
        "summary": {
            "errors": count[Severity.ERROR],
            "warnings": count[Severity.WARNING],
            "notes": count[Severity.NOTE],
            "overlays": len(results),
            "built": sum(result.built for result in results),
            "rendered": sum(result.fresh for result in results),
        },
        "renderer": renderer,
        "overlays": [
            {
                "path": result.overlay or ".",
                "app": ids[result.overlay].app if result.overlay in ids else None,
                "env": ids[result.overlay].env if result.overlay in ids else None,
                "cluster": (ids[result.overlay].cluster or None) if result.overlay in ids else None,
                "built": result.built,
                "failure": result.failure or None,
                "message": None if result.built else result.message,
                "seconds": max(round(result.seconds, 4), 0.0001) if result.seconds else None,
                "rendered": result.fresh,
            }
            for result in results
        ],
        "findings": [_finding(finding) for finding in findings],
        "ignored": [_ignored(finding) for finding in ignored],
        "messages": list(notes),
    }


def _shard(cut: Cut) -> Data:
    return {
        "index": cut.share.index,
        "count": cut.share.count,
        "total": cut.total,
        "places": list(cut.places),
        "basis": dict(cut.basis),
        "pending": [_finding(finding) for finding in cut.pending],
        "across": [{"config": p.config, "text": p.text, "digests": dict(p.digests)} for p in cut.across],
    }


def _ignored(finding: Finding) -> Data:
    by = finding.ignored
    told = {} if by is None else {"path": by.at.path, "line": by.at.line, "column": by.at.column, "reason": by.reason}
    return {**_finding(finding), "by": told}


def _finding(finding: Finding) -> Data:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": finding.where.path,
        "line": finding.where.line or None,
        "column": finding.where.column or None,
        "message": finding.message,
        "remedy": finding.remedy,
        "subject": finding.subject or None,
        "overlays": [overlay or "." for overlay in finding.overlays],
    }
