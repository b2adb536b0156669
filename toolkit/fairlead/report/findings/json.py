"""The outcome of a check for programs. The form is stable: keys are added, never changed, within a version."""

from __future__ import annotations

import json
from collections import Counter
from typing import TypeAlias

from fairlead.model.findings import Finding, Severity
from fairlead.model.shards import Cut
from fairlead.report.findings.report import Report

VERSION = 1
Data: TypeAlias = dict[str, object]


def written(report: Report) -> str:
    """The report as a file in UTF-8 holds it."""
    text = json.dumps(data(report), indent=2, ensure_ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return json.dumps(data(report), indent=2) + "\n"
    return text


def data(report: Report) -> Data:
    """The outcome as plain data, in an order that never changes; the shard that it is of, if it is of one."""
    ids = {overlay.path: overlay.id for overlay in report.layout.overlays}
    count = Counter(finding.severity for finding in report.findings)
    return {
        "version": VERSION,
        **({} if report.cut is None else {"shard": _shard(report.cut)}),
        "summary": {
            "errors": count[Severity.ERROR],
            "warnings": count[Severity.WARNING],
            "notes": count[Severity.NOTE],
            "overlays": len(report.results),
            "built": sum(result.built for result in report.results),
            "rendered": sum(result.fresh for result in report.results),
        },
        "renderer": report.renderer,
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
            for result in report.results
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "ignored": [_ignored(finding) for finding in report.ignored],
        "messages": list(report.notes),
    }


def _shard(cut: Cut) -> Data:
    return {
        "index": cut.share.index,
        "count": cut.share.count,
        "total": cut.total,
        "places": list(cut.places),
        "basis": dict(cut.basis),
        "pending": [_finding(finding) for finding in cut.pending],
        "across": [
            {"config": p.config, "text": p.text, "digests": dict(p.digests), "baseline": p.baseline} for p in cut.across
        ],
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
        "chain": list(finding.chain),
        "overlays": [overlay or "." for overlay in finding.overlays],
    }
