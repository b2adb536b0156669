"""A report is read back into what it was made from, and what is none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.rendering import Built
from fairlead.model.shards import Cut, Share, joined
from fairlead.report.findings import json as findings_json
from fairlead.report.findings.reading import read
from fairlead.report.findings.report import Report

_FINDINGS = (
    Finding("schema", Severity.ERROR, "unknown field", "remove it", Where("base/s.yaml", 6, 3), "o/dev", "Service/web",
            ("o/dev/kustomization.yaml:2:3", "base/s.yaml"), ("o/dev", "o/d\udcffv")),
    Finding("unread-file", Severity.WARNING, "nobody reads it", "delete it", Where("a.yaml")),
    Finding("build-failure", Severity.ERROR, "broken", "mend it", Where("kustomization.yaml", 1, 1), "", "", (), ("",)),
)  # fmt: skip
_RESULTS = (
    Built("o/dev", seconds=0.25), Built("", "build", "broken", seconds=1.5, fresh=False), Built("o/d\udcffv"),
)  # fmt: skip
_LAYOUT = Layout((Overlay(OverlayId("web", "dev", "eu"), "o/dev"), Overlay(OverlayId("api", "dev"), "o/d\udcffv")))
_CUT = Cut(Share(2, 3), (0, 4, 5), 7, (("fairlead", "1"), ("files", "2")))


def _data(cut: Cut | None = _CUT) -> Any:
    return json.loads(
        json.dumps(findings_json.data(Report(_FINDINGS, _RESULTS, _LAYOUT, "kustomize v5.8.1", ("a note",), cut)))
    )


@pytest.mark.parametrize("cut", [None, _CUT])
def test_what_was_read_makes_the_same_report_again(cut: Cut | None) -> None:
    told = read(json.dumps(_data(cut)).encode(), "r.json")
    assert (told.findings, told.results, told.renderer, told.notes, told.cut) == (
        _FINDINGS, _RESULTS, "kustomize v5.8.1", ("a note",), cut
    )  # fmt: skip
    assert [(result.seconds, result.fresh) for result in told.results] == [(0.25, True), (1.5, False), (0, True)]
    again = findings_json.data(Report(told.findings, told.results, told.layout, told.renderer, told.notes, told.cut))
    assert json.loads(json.dumps(again)) == _data(cut)


def test_a_report_of_before_without_seconds_and_chains_is_one() -> None:
    body = _data(None)
    for finding in body["findings"]:
        del finding["chain"]
    for overlay in body["overlays"]:
        del overlay["seconds"]
        del overlay["rendered"]
    assert [result.seconds for result in read(json.dumps(body).encode(), "r.json").results] == [0, 0, 0]


def test_a_report_that_a_shell_wrote_as_utf_16_is_one() -> None:
    assert read(json.dumps(_data()).encode("utf-16"), "r.json").findings == _FINDINGS


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", "[" * 5_000, '{"version": 1}', "\x00", '{"version": 1, "overlays": 5}',
        '{"version": 1, "overlays": [], "findings": {}, "renderer": 1, "messages": []}',
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^r\.json is no report of fairlead check"):
        read(text.encode(), "r.json")


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("overlays", 0, "path"), 5),
        (("overlays", 0, "seconds"), "long"),
        (("overlays", 0, "seconds"), -1),
        (("overlays", 0, "seconds"), 1e300),
        (("overlays", 1, "failure"), None),
        (("findings", 0, "severity"), "bad"),
        (("findings", 0, "line"), -1),
        (("findings", 0, "line"), True),
        (("findings", 0, "overlays"), [None]),
        (("findings", 0, "chain"), [1]),
        (("messages",), [1]),
        (("shard",), []),
        (("shard", "index"), 4),
        (("shard", "index"), 0),
        (("shard", "count"), 10**12),
        (("shard", "places"), [0, 1]),
        (("shard", "places"), [0, 4, 7]),
        (("shard", "basis"), {"files": 1}),
    ],
)
def test_a_report_with_a_damaged_value_is_refused(where: tuple[str | int, ...], value: object) -> None:
    body = at = _data()
    for step in where[:-1]:
        at = at[step]
    at[where[-1]] = value
    with pytest.raises(UsageError, match=r"^r\.json is no report of fairlead check"):
        read(json.dumps(body).encode(), "r.json")


def test_a_report_of_another_form_is_refused_as_that() -> None:
    with pytest.raises(UsageError, match=r"^r\.json is a report of another form \(2;"):
        read(json.dumps({**_data(), "version": 2}).encode(), "r.json")


def test_cuts_of_several_parts_are_one_whose_places_go_on() -> None:
    one = Cut(Share(1, 2), (0, 2), 3, (("files", "a"),))
    other = Cut(Share(1, 2), (1,), 2, (("files", "b"),))
    made = joined((one, None, other))
    assert made is not None
    assert (made.share, made.places, made.total) == (Share(1, 2), (0, 2, 4), 5)
    assert made.basis != joined((other, one)).basis  # type: ignore[union-attr]
    assert joined((None, None)) is None
