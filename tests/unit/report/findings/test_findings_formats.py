"""Findings for code scanning, for test reports, beside the lines of pull and merge requests, in Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from fairlead.model.findings import Finding, Ignored, Severity, Where
from fairlead.model.rendering import Built
from fairlead.report.findings import github, gitlab, junit, markdown, sarif
from fairlead.report.findings.identity import fingerprints
from fairlead.report.findings.report import Report
from fairlead.report.markdown import LIMIT
from tests.reporting import CONTROLS, FINDINGS, PATH, REPORT, RESULTS, hostile, many

_FIXTURES = Path(__file__).parents[3] / "fixtures"
_BIG = Report((*many(30_000, Severity.WARNING), *many(300, Severity.ERROR, "bad"), *FINDINGS), RESULTS)


@cache
def _schema() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(json.loads((_FIXTURES / "sarif/sarif-schema-2.1.0.json").read_text()))


def _sarif(report: Report) -> Any:
    text = sarif.written(report)
    told = json.loads(text)
    _schema().validate(told)
    assert text.isascii()
    (run,) = told["runs"]
    return run


# ── SARIF ──


def test_sarif_has_place_level_rule_and_way() -> None:
    run = _sarif(REPORT)
    first = run["results"][0]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert first["message"]["text"] == "unknown field\nremove it\nIn o/a, o/b, o/c and 1 more."
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "schema"
    assert first["locations"][0] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "base/s.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 6, "startColumn": 3},
        },
        "logicalLocations": [{"fullyQualifiedName": "Service/web", "kind": "object"}],
    }
    ways = [place["physicalLocation"] for place in first["relatedLocations"]]
    assert [(way["artifactLocation"]["uri"], way["region"]["startLine"]) for way in ways] == [
        ("o/dev/kustomization.yaml", 2), ("base/kustomization.yaml", 1)
    ]  # fmt: skip
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification == {"message": {"text": "a note"}, "level": "note"}


def test_sarif_rules_carry_their_help() -> None:
    (rule,) = _sarif(replace(REPORT, findings=FINDINGS[1:2]))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "What Kubernetes refuses."
    assert rule["help"]["text"] == "What Kubernetes refuses.\n\nOr drops."
    assert "````yaml\nkind: Pod # fine\n````" in rule["help"]["markdown"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert "helpUri" not in rule


def test_what_a_comment_silences_is_suppressed_in_sarif_and_nowhere_else() -> None:
    alike = replace(FINDINGS[0], where=Where("a.yaml", 9, 1))
    silenced = replace(FINDINGS[0], ignored=Ignored(Where("a.yaml", 1, 9), "it is fine\x1b"))
    before = replace(REPORT, findings=(FINDINGS[0], alike))
    after = replace(REPORT, findings=(alike,), ignored=(silenced,))
    (first, second), (third, fourth) = _sarif(before)["results"], _sarif(after)["results"]
    assert [result.get("suppressions") for result in (first, second, third)] == [None] * 3
    assert fourth["suppressions"] == [{"kind": "inSource", "justification": "it is fine\\x1b"}]
    assert [first["partialFingerprints"], second["partialFingerprints"]] == [
        fourth["partialFingerprints"], third["partialFingerprints"]
    ]  # fmt: skip
    assert json.loads(gitlab.written(after)) == json.loads(gitlab.written(before))[1:]
    for form in (junit, github, markdown):
        assert form.written(after) == form.written(replace(after, ignored=()))


def test_sarif_of_no_findings_and_of_a_rule_that_is_not_known_is_valid() -> None:
    assert _sarif(Report(()))["results"] == []
    assert _sarif(Report(FINDINGS))["tool"]["driver"]["rules"][0]["help"]["text"] == "no-schema"


def test_fingerprints_stay_when_lines_move_and_differ_for_each_finding() -> None:
    twice = Finding(
        "duplicate-key", Severity.ERROR, "'a' stands twice, first at 3:1", "remove one", Where("a.yaml", 4, 1)
    )
    more = replace(twice, where=Where("a.yaml", 9, 1))
    before = fingerprints((*FINDINGS, twice, more))
    assert len(set(before)) == 5
    moved = [replace(f, where=Where(f.where.path, f.where.line + 7, 2)) for f in (*FINDINGS, twice, more)]
    moved[3] = replace(moved[3], message="'a' stands twice, first at 10:1")
    assert fingerprints(moved) == before
    for other in ({"rule": "x"}, {"message": "x"}, {"subject": "x"}, {"where": Where("x.yaml", 4, 1)}):
        assert fingerprints((replace(twice, **other),))[0] != before[3]  # type: ignore[arg-type]
    assert fingerprints((replace(twice, severity=Severity.NOTE, overlays=("x",)),)) == before[3:4]


def test_sarif_takes_no_more_than_github_does_worst_first_and_says_so() -> None:
    run = _sarif(_BIG)
    assert len(run["results"]) == 25_000
    assert [result["level"] for result in run["results"][:302]] == ["error"] * 301 + ["warning"]
    assert run["properties"]["found"] == 30_303
    assert run["properties"]["leftOut"] == {
        "5,301 warnings of many": 5_301, "1 warning of unread-file": 1, "1 note of no-schema": 1
    }  # fmt: skip
    told = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert told["level"] == "warning"
    assert told["message"]["text"].startswith("25,000 findings of 301 errors, 30,001 warnings, 1 note stand here")


def test_sarif_is_small_enough_for_an_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 20_000)
    import zlib

    text = sarif.written(replace(_BIG, findings=_BIG.findings[-3_000:]))
    assert len(zlib.compress(text.encode())) <= 20_000
    assert 300 < len(json.loads(text)["runs"][0]["results"]) < 3_000


# ── JUnit ──

# The elements and attributes that Jenkins' xUnit schema (junit-10.xsd) allows, of those that there are.
_JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "time", "skipped"}, {"testcase"}),
    "testcase": ({"name", "time", "classname"}, {"failure", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def _junit(report: Report) -> ElementTree.Element:
    text = junit.written(report)
    assert text.isascii()
    root = ElementTree.fromstring(text)
    for element in root.iter():
        attributes, below = _JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= below
    assert root.get("tests") == str(len(root.findall(".//testcase")))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    return root


def test_junit_has_a_test_for_each_overlay_that_fails_where_an_error_hits_it() -> None:
    root = _junit(replace(REPORT, results=(*RESULTS, Built("o/a"))))
    cases = [(c.get("classname"), c.get("name"), [child.tag for child in c]) for c in root.findall(".//testcase")]
    assert cases == [
        ("dev.web", "o/dev", ["failure"]),
        ("overlays", ".", []),
        ("overlays", "o/a", ["failure"]),
        ("files", "a.yaml", ["system-out"]),
        ("files", "base/w.yaml", ["system-out"]),
    ]
    failure = root.find(".//failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("schema", "unknown field")
    assert failure.text == "base/s.yaml:6:3 error unknown field [schema]\n    remove it"


def test_junit_tells_of_twenty_findings_an_overlay() -> None:
    found = tuple(replace(f, overlays=("o/dev",)) for f in many(300, Severity.ERROR))
    text = _junit(replace(REPORT, findings=found)).findtext(".//failure") or ""
    assert (text.count(" error fault "), text.splitlines()[-1]) == (20, "and 280 errors more")


# ── GitHub ──


def test_github_annotations() -> None:
    assert github.written(REPORT).splitlines() == [
        "::error file=base/s.yaml,line=6,col=3,title=schema::unknown field%0Aremove it%0AIn o/a, o/b, o/c and 1 more.",
        "::warning file=a.yaml,line=1,col=1,title=unread-file::nobody reads it%0Adelete it",
        "::notice file=base/w.yaml,line=2,col=1,title=no-schema::no schema for Widget%0Anothing",
    ]
    assert github.written(Report(())) == ""


def test_github_gets_ten_of_a_kind_and_the_tenth_says_what_is_missing() -> None:
    told = github.written(_BIG).splitlines()
    assert [line.split(" ", 1)[0] for line in told] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert told[9] == (
        "::error title=and 292 more errors::291 of bad, 1 of schema. "
        "GitHub shows only 10 of a kind; fairlead check tells all."
    )
    ten = github.written(Report(many(10, Severity.ERROR))).splitlines()
    assert (len(ten), "more" in ten[-1]) == (10, False)


def test_github_properties_can_not_be_left() -> None:
    odd = replace(FINDINGS[1], where=Where("a,line=9::b%.yaml", 1, 1))
    assert github.written(Report((odd,))).startswith(
        "::error file=a%2Cline=9%3A%3Ab%25.yaml,line=1,col=1,title=schema::"
    )
    told = github.written(hostile()).splitlines()
    assert len(told) == 2
    for line in told:
        properties, _, message = line.removeprefix("::error ").removeprefix("::warning ").partition("::")
        assert [part.partition("=")[0] for part in properties.split(",")] == ["file", "line", "col", "title"]
        assert message


# ── GitLab ──


def test_gitlab_code_quality() -> None:
    rows = json.loads(gitlab.written(REPORT))
    assert [(row["severity"], row["check_name"], row["location"]) for row in rows] == [
        ("major", "schema", {"path": "base/s.yaml", "lines": {"begin": 6}}),
        ("minor", "unread-file", {"path": "a.yaml", "lines": {"begin": 1}}),
        ("info", "no-schema", {"path": "base/w.yaml", "lines": {"begin": 2}}),
    ]
    assert rows[0]["description"] == "unknown field (remove it) in o/a, o/b, o/c and 1 more"
    big = json.loads(gitlab.written(_BIG))
    assert len({row["fingerprint"] for row in big}) == len(big) == 30_303
    assert gitlab.written(Report(())) == "[]\n"


# ── Markdown ──


def test_markdown_shows_errors_and_folds_the_rest() -> None:
    assert markdown.written(REPORT) == (
        "### fairlead check: 2 overlays, 1 of them build: 1 error, 1 warning, 1 note\n"
        "\n"
        "| place | what | what to do | rule |\n"
        "|---|---|---|---|\n"
        "| `base/s.yaml:6:3` | unknown field<br>in o/a, o/b, o/c and 1 more | remove it | schema |\n"
        "\n"
        "<details><summary>1 warning</summary>\n"
        "\n"
        "| place | what | what to do | rule |\n"
        "|---|---|---|---|\n"
        "| `a.yaml:1:1` | nobody reads it | delete it | unread-file |\n"
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>1 note</summary>\n"
        "\n"
        "| place | what | what to do | rule |\n"
        "|---|---|---|---|\n"
        "| `base/w.yaml:2:1` | no schema for Widget | nothing | no-schema |\n"
        "\n"
        "</details>\n"
        "\n"
        "- a note\n"
    )
    assert markdown.written(Report((), RESULTS[:1])) == "### fairlead check: 1 overlay: no findings\n"


@pytest.mark.parametrize("every", [False, True])
def test_markdown_fits_a_comment_whatever_there_is_and_counts_the_rest(every: bool) -> None:
    long = tuple(replace(finding, message="m" * 900, remedy="r" * 900) for finding in _BIG.findings)
    for report in (_BIG, replace(_BIG, findings=long, notes=("n" * 500,) * 90)):
        text = markdown.written(replace(report, every=every))
        assert len(text) <= LIMIT
        assert text.count("<details>") == text.count("</details>") == 2
        rows = re.findall(r"(?m)^\| `", text)
        left = [int(number.replace(",", "")) for number in re.findall(r"(?m)^\*and ([\d,]+) more: ", text)]
        assert len(rows) + sum(left) == len(report.findings)
        assert len(rows) > 50


def test_markdown_rows_stay_rows_and_nobody_is_mentioned() -> None:
    text = markdown.written(hostile())
    assert "@everyone" not in text
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert "<img" not in outside
    assert not re.search(r"(?<!\\)\[click\]\(", outside)
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == 2
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


# ── all of them ──


@pytest.mark.parametrize("form", [sarif, junit, github, gitlab, markdown])
def test_hostile_text_comes_through_visible_and_harmless(form: Any) -> None:
    text = form.written(hostile())
    decoded = unquote(text) if form in (sarif, github) else text
    if form in (sarif, gitlab):
        decoded = json.dumps(json.loads(text), ensure_ascii=False)
    if form is junit:
        decoded = "".join(t for e in _junit(hostile()).iter() for t in (*e.attrib.values(), e.text or ""))
    harmful = [repr(control) for control in CONTROLS if control in decoded.replace("%0A", "\n")]
    assert harmful == []
    assert "\\x1b[2J" in decoded.replace("\\\\", "\\")
    if form is sarif:
        _schema().validate(json.loads(text))
    text.encode()


def test_sarif_uris_are_the_bytes_of_file_names() -> None:
    uri = _sarif(hostile())["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == PATH.encode("utf-8", "surrogateescape")
