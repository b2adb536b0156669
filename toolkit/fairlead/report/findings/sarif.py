"""SARIF 2.1.0, for code scanning and editors. Worst first, no more than GitHub takes; it says what is left out."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from typing import TypeAlias
from urllib.parse import quote

from fairlead.model.findings import Finding, Severity, Where
from fairlead.report.findings.identity import fingerprints
from fairlead.report.findings.order import Rest, counted, hit, many, rest, worst_first
from fairlead.report.findings.report import Report, Rule
from fairlead.report.visible import clean, flat

MOST_RESULTS = 25_000  # a run with more is refused by GitHub
MOST_BYTES = 9_500_000  # compressed; GitHub refuses 10 MB
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
Data: TypeAlias = dict[str, object]
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_ROOT = "%SRCROOT%"
_OVERLAYS, _CHAIN = 20, 50
_WAY = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?", re.DOTALL)


def written(report: Report) -> str:
    """The report, in ASCII and without needless blanks: uploads are limited."""
    found = (*worst_first(report.findings), *worst_first(report.ignored))
    rows = tuple(zip(found, fingerprints(found), strict=True))
    kept = rows[:MOST_RESULTS]
    while True:
        text = json.dumps(_data(report, found, kept), separators=(",", ":")) + "\n"
        size = len(zlib.compress(text.encode("ascii"))) if len(text) > MOST_BYTES else 0
        if size <= MOST_BYTES or not kept:
            return text
        kept = kept[: len(kept) * MOST_BYTES // (size + size // 10)]


def _data(report: Report, found: Sequence[Finding], kept: Sequence[tuple[Finding, str]]) -> Data:
    told = [finding for finding, _ in kept]
    names = sorted({finding.rule for finding in told})
    place = {name: at for at, name in enumerate(names)}
    left = rest(found, told)
    run: Data = {
        "tool": {
            "driver": {
                "name": "fairlead",
                "version": report.version,
                "rules": [_rule(report.rule(name), told) for name in names],
            }
        },
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notifications(report.notes, found, left)}
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, place[finding.rule], mark) for finding, mark in kept],
        "properties": {
            "renderer": report.renderer,
            "overlays": len(report.results),
            "found": len(found),
            **({"leftOut": {str(row): row.count for row in left}} if left else {}),
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule, kept: Sequence[Finding]) -> Data:
    worst = min((f.severity for f in kept if f.rule == rule.id), key=list(_LEVEL).index)
    level = _LEVEL[Severity(rule.severity)] if rule.severity in _LEVEL else _LEVEL[worst]
    text = rule.text or rule.id
    return {
        "id": rule.id,
        "shortDescription": {"text": flat(text.partition("\n\n")[0])},
        "fullDescription": {"text": clean(text)},
        "help": {"text": clean(text), "markdown": clean(_markdown(rule))},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["kustomize", *([rule.group] if rule.group else [])],
            "problem.severity": "recommendation" if level == "note" else level,
        },
    }


def _markdown(rule: Rule) -> str:
    parts = [rule.text or rule.id]
    for title, files in (("Found", rule.bad), ("Fine", rule.good)):
        if files:
            parts.append(f"**{title}**")
            parts += [f"`{path}`\n\n````yaml\n{text.rstrip()}\n````" for path, text in files]
    return "\n\n".join(parts)


def _result(finding: Finding, rule: int, mark: str) -> Data:
    told = [finding.message, finding.remedy]
    overlays = hit(finding, 3)
    if overlays:
        told.append(f"In {overlays}.")
    result: Data = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": _message("\n".join(flat(text) for text in told if text))},
        "locations": [_location(finding.where, finding.subject)],
        "partialFingerprints": {"fairlead/v1": mark},
        "properties": {
            "overlays": [clean(overlay or ".") for overlay in finding.overlays[:_OVERLAYS]],
            "overlayCount": len(finding.overlays),
        },
    }
    if finding.ignored is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": flat(finding.ignored.reason)}]
    if finding.chain:
        result["relatedLocations"] = [_related(at, text) for at, text in enumerate(finding.chain[:_CHAIN], 1)]
    return result


def _message(text: str) -> str:
    """`[words](1)` would be a link."""
    return text.replace("](", "] (") or "-"


def _location(where: Where, subject: str = "") -> Data:
    """A place. GitHub shows none without a line: what is about a whole file stands at its beginning."""
    path = where.path.encode("utf-8", "surrogateescape")
    location: Data = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path), "uriBaseId": _ROOT},
            "region": {"startLine": max(where.line, 1), "startColumn": max(where.column, 1)},
        }
    }
    if subject:
        location["logicalLocations"] = [{"fullyQualifiedName": clean(subject), "kind": "object"}]
    return location


def _related(number: int, text: str) -> Data:
    found = _WAY.fullmatch(text)
    where = Where(text) if found is None else Where(found["path"], int(found["line"] or 0), int(found["column"] or 0))
    return {"id": number, **_location(where), "message": {"text": _message(flat(f"through {text}"))}}


def _notifications(notes: Sequence[str], found: Sequence[Finding], left: Sequence[Rest]) -> list[Data]:
    told = [(flat(note), "note") for note in notes]
    if left:
        kept = len(found) - sum(row.count for row in left)
        rows = "; ".join(map(str, left[:20]))
        told.append((f"{many(kept, 'finding')} of {counted(found)} stand here, the worst first: this is what code "
                     f"scanning takes. Left out: {rows}.", "warning"))  # fmt: skip
    return [{"message": {"text": text}, "level": level} for text, level in told]
