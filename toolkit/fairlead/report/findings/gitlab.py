"""GitLab's code quality report: findings beside the lines of a merge request, new ones and mended ones told apart."""

from __future__ import annotations

import json

from fairlead.model.findings import Severity
from fairlead.report.findings.identity import fingerprints
from fairlead.report.findings.order import hit, worst_first
from fairlead.report.findings.report import Report
from fairlead.report.visible import clean, flat

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def written(report: Report) -> str:
    """The report, in ASCII, worst first."""
    found = worst_first(report.findings)
    rows = []
    marks = fingerprints((*found, *report.ignored))  # a comment that silences one leaves the others what they are
    for finding, mark in zip(found, marks, strict=False):
        overlays = hit(finding, 3)
        told = (finding.message, f"({finding.remedy})" if finding.remedy else "", f"in {overlays}" if overlays else "")
        rows.append({
            "description": " ".join(flat(text) for text in told if text),
            "check_name": finding.rule,
            "fingerprint": mark,
            "severity": _SEVERITY[finding.severity],
            "location": {"path": clean(finding.where.path), "lines": {"begin": finding.where.line or 1}},
        })  # fmt: skip
    return json.dumps(rows, indent=1) + "\n"
