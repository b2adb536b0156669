"""Findings as text for people, and as data."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema_rs
import pytest

from fairlead.model.findings import Finding, Ignored, Severity, Where
from fairlead.model.shards import Cut, Part, Share
from fairlead.report.findings import json as findings_json
from fairlead.report.findings import text
from fairlead.report.findings.excerpt import columns
from fairlead.report.findings.order import closing, summary
from fairlead.report.findings.report import Report, Rule
from fairlead.report.findings.schema import SCHEMA
from tests.reporting import CONTROLS, FINDINGS, LAYOUT, REPORT, RESULTS, hostile, many

_CUT = Cut(Share(2, 3), (0, 4), 7, (("files", "2"),), FINDINGS[:1], (Part("fairlead.yaml", "version: 1", {"o": "d"}),))
_IGNORED = replace(FINDINGS[0], ignored=Ignored(Where("a.yaml", 1, 9), "it is fine"))


def _text(report: Report, width: int = 0) -> list[str]:
    return [line.text for line in text.lines(report, width)]


def test_text_begins_with_errors_and_ends_with_notes() -> None:
    assert _text(REPORT) == [
        "base/s.yaml:6:3 error unknown field [schema]",
        "    6 | f: wrong",
        "      |   ^",
        "    remove it",
        "    through o/dev/kustomization.yaml:2:3 -> base/kustomization.yaml:1",
        "    in o/a, o/b, o/c and 1 more",
        "",
        "a.yaml:1:1 warning nobody reads it [unread-file]",
        "    delete it",
        "",
        "base/w.yaml:2:1 note no schema for Widget [no-schema]",
    ]


def test_a_file_has_all_that_is_printed_with_notes_and_the_summary_at_its_end() -> None:
    assert text.written(REPORT).splitlines()[-3:] == [
        "base/w.yaml:2:1 note no schema for Widget [no-schema]",
        "note: a note",
        "2 overlays, 1 of them build: 1 error, 1 warning, 1 note",
    ]


def test_errors_stand_first_however_many_warnings_there_are() -> None:
    report = Report((*many(3_000, Severity.WARNING), *FINDINGS), RESULTS)
    told = _text(report)
    assert told[0] == "base/s.yaml:6:3 error unknown field [schema]"
    assert len(told) < 50
    assert "and 2,990 more warnings [many]; --all shows them" in told
    assert closing(report.findings, report.results) == (
        "2 overlays, 1 of them build: 1 error, 3,001 warnings, 1 note (2,990 not shown: --all shows them)",
    )
    everything = replace(report, every=True)
    assert sum(" warning fault " in line for line in _text(everything)) == 3_000
    assert closing(everything.findings, everything.results, every=True) == (
        "2 overlays, 1 of them build: 1 error, 3,001 warnings, 1 note",
    )


def test_only_files_of_findings_that_are_shown_are_read() -> None:
    read: list[str] = []
    report = Report(many(3_000, Severity.WARNING), source=read.append)  # type: ignore[func-returns-value]
    assert _text(report)
    assert read == [f"f/{at:05}.yaml" for at in range(10)]
    assert not _text(Report((), source=lambda path: pytest.fail("a clean run reads nothing")))


def test_narrow_terminals_get_lines_that_fit_and_places_that_stay_whole() -> None:
    far = Finding(
        "schema", Severity.ERROR, "a long message that has to be broken somewhere", "a remedy that is long as well",
        Where("a/b.yaml", 1, 61),
    )  # fmt: skip
    report = Report((far,), source=lambda path: b"x" * 30 + b" " + b"y" * 29 + b"z" * 80)
    told = _text(report, 40)
    assert told == [
        "a/b.yaml:1:61 error a long message that",
        "    has to be broken somewhere [schema]",
        "    1 | …yyyyyyyyyyzzzzzzzzzzzzzzzzzzzz…",
        "      |            ^",
        "    a remedy that is long as well",
        "",
    ]
    assert all(len(line) <= 40 for line in told)


@pytest.mark.parametrize("rule", [Rule("schema", quotes=False), Rule("schema")])
def test_lines_of_secrets_are_not_shown(rule: Rule) -> None:
    subject = "Secret/db" if rule.quotes else ""
    found = replace(FINDINGS[1], subject=subject)
    report = replace(REPORT, findings=(found,), rules={"schema": rule})
    assert not [line for line in _text(report) if "|" in line]


@pytest.mark.parametrize("width", [0, 40, 80])
def test_nothing_hostile_is_left_and_no_line_is_forged(width: int) -> None:
    told = _text(hostile(), width)
    assert not [control for control in CONTROLS if any(control in line for line in told)]
    assert not [line for line in told if "\n" in line or (not width and line.lstrip().startswith("::"))]
    assert all(columns(line) <= width for line in told if "|" in line[:12]) or not width


def test_the_summary_counts() -> None:
    assert summary(FINDINGS, RESULTS) == "2 overlays, 1 of them build: 1 error, 1 warning, 1 note"
    assert summary((), RESULTS[:1]) == "1 overlay: no findings"


def test_data_holds_everything_in_a_stable_form() -> None:
    told = findings_json.data(Report(FINDINGS[1:2], RESULTS, LAYOUT, "kustomize v5.8.1", ("a note",)))
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
             "chain": ["o/dev/kustomization.yaml:2:3", "base/kustomization.yaml:1"],
             "overlays": ["o/a", "o/b", "o/c", "o/dev"]},
        ],
        "ignored": [],
        "messages": ["a note"],
    }  # fmt: skip


def _strict(schema: object) -> object:
    """The published schema without its leave to add keys."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(value) for key, value in schema.items()}
    return made | {"additionalProperties": False} if "properties" in schema and "type" in schema else made


@pytest.mark.parametrize("cut", [None, _CUT])
@pytest.mark.parametrize("report", [REPORT, hostile(), Report(())])
def test_the_published_schema_names_every_key_of_a_report(report: Report, cut: Cut | None) -> None:
    told = json.loads(
        findings_json.written(replace(report, cut=cut, ignored=(_IGNORED,))).encode().replace(b"\\udcff", b"?")
    )
    jsonschema_rs.Draft202012Validator(_strict(SCHEMA)).validate(told)
    later = told | {"more": 1}
    assert jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(later)
    del told["findings"]
    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(told)
