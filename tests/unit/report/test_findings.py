"""Findings as text and as data."""

from __future__ import annotations

from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.rendering import Built
from fairlead.report import findings_json, findings_text

_FINDINGS = (
    Finding("unread-file", Severity.WARNING, "nobody reads it", "delete it", Where("a.yaml", 1, 1)),
    Finding(
        "schema", Severity.ERROR, "unknown field", "remove it", Where("base/s.yaml", 6, 3),
        "o/dev", "Service/web", (), ("o/a", "o/b", "o/c", "o/dev"),
    ),
    Finding("no-schema", Severity.NOTE, "no schema for Widget", "nothing", Where("base/w.yaml", 2, 1)),
)  # fmt: skip
_RESULTS = (Built("o/dev", seconds=0.250_04, fresh=False), Built("", "build", "broken"))


def test_text_begins_with_files_that_hold_errors_and_ends_with_notes() -> None:
    assert [line.text for line in findings_text.lines(_FINDINGS)] == [
        "base/s.yaml:6:3 error unknown field [schema]",
        "    remove it",
        "    in o/a, o/b, o/c and 1 more",
        "",
        "a.yaml:1:1 warning nobody reads it [unread-file]",
        "    delete it",
        "",
        "note no schema for Widget [no-schema]",
    ]


def test_the_summary_counts() -> None:
    told = findings_text.summary(_FINDINGS, _RESULTS)
    assert told == "2 overlays, 1 of them build: 1 error, 1 warning, 1 note"
    assert findings_text.summary((), _RESULTS[:1]) == "1 overlay: no findings"


def test_data_holds_everything_in_a_stable_form() -> None:
    layout = Layout((Overlay(OverlayId("web", "dev"), "o/dev"),))
    told = findings_json.data(_FINDINGS[1:2], _RESULTS, layout, "kustomize v5.8.1", ("a note",))
    assert told == {
        "version": 1,
        "summary": {"errors": 1, "warnings": 0, "notes": 0, "overlays": 2, "built": 1, "rendered": 1},
        "renderer": "kustomize v5.8.1",
        "overlays": [
            {"path": "o/dev", "app": "web", "env": "dev", "cluster": None, "built": True, "failure": None,
             "message": None, "seconds": 0.25, "rendered": False},
            {"path": ".", "app": None, "env": None, "cluster": None, "built": False, "failure": "build",
             "message": "broken", "seconds": None, "rendered": True},
        ],
        "findings": [
            {"rule": "schema", "severity": "error", "path": "base/s.yaml", "line": 6, "column": 3,
             "message": "unknown field", "remedy": "remove it", "subject": "Service/web",
             "overlays": ["o/a", "o/b", "o/c", "o/dev"]},
        ],
        "ignored": [],
        "messages": ["a note"],
    }  # fmt: skip
