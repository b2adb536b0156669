"""A report of `fairlead check --format json`, read back into what it was made from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fairlead.model.errors import UsageError
from fairlead.model.findings import Finding, Ignored, Severity, Where
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.rendering import Built
from fairlead.model.shards import MOST, Cut, Part, Share
from fairlead.model.values import dataclass
from fairlead.report.findings.json import VERSION

_REMEDY = "fairlead check --format json makes one"


@dataclass(frozen=True)
class Report:
    """One report; `name` is the file's. The objects that were rendered are not in it."""

    name: str
    results: tuple[Built, ...]
    findings: tuple[Finding, ...]
    layout: Layout
    renderer: str
    notes: tuple[str, ...]
    cut: Cut | None
    ignored: tuple[Finding, ...] = ()


def read(data: bytes, name: str) -> Report:
    """Read a report.

    Raises:
        UsageError: it is none, or one of another form.
    """
    try:
        body = json.loads(data)  # UTF-16 as well: some shells write what is redirected so
        if body["version"] != VERSION:
            raise UsageError(
                f"{name} is a report of another form ({body['version']}; this fairlead knows {VERSION})",
                remedy="let one version of fairlead make all reports and read them",
            )
        overlays = body["overlays"]
        return Report(
            name,
            tuple(_result(row) for row in overlays),
            tuple(_finding(row) for row in body["findings"]),
            Layout(tuple(_overlay(row) for row in overlays if row["app"] is not None)),
            _text(body["renderer"]),
            tuple(_text(note) for note in body["messages"]),
            _cut(body["shard"], len(overlays)) if "shard" in body else None,
            tuple(_ignored(row) for row in body.get("ignored", ())),
        )
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        told = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{name} is no report of fairlead check: {told}", remedy=_REMEDY) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} should be text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r:.80} should be a whole number")
    return value


def _folder(value: Any) -> str:
    return "" if value == "." else _text(value)


def _overlay(row: dict[str, Any]) -> Overlay:
    return Overlay(OverlayId(_text(row["app"]), _text(row["env"]), _text(row["cluster"] or "")), _folder(row["path"]))


def _result(row: dict[str, Any]) -> Built:
    seconds = row.get("seconds") or 0.0  # reports of before had none
    if not isinstance(seconds, int | float) or not 0 <= seconds < 1_000_000:
        raise TypeError(f"seconds: {seconds!r:.80}")
    built, fresh = row["built"], row.get("rendered", True)
    if not isinstance(built, bool) or not isinstance(fresh, bool):
        raise TypeError(f"built: {built!r:.80}, rendered: {fresh!r:.80}")
    told = ("", "") if built else (_text(row["failure"]), _text(row["message"]))
    return Built(_folder(row["path"]), *told, seconds, fresh)


def _finding(row: dict[str, Any]) -> Finding:
    overlays = tuple(_folder(path) for path in row["overlays"])
    return Finding(
        rule=_text(row["rule"]),
        severity=Severity(row["severity"]),
        message=_text(row["message"]),
        remedy=_text(row["remedy"]),
        where=Where(_text(row["path"]), _number(row["line"] or 0), _number(row["column"] or 0)),
        overlay=min(overlays, default=""),
        subject=_text(row["subject"] or ""),
        chain=tuple(_text(place) for place in row.get("chain", ())),  # reports of before had none
        overlays=overlays,
    )


def _ignored(row: dict[str, Any]) -> Finding:
    by = row["by"]
    at = Where(_text(by["path"]), _number(by["line"]), _number(by["column"]))
    return replace(_finding(row), ignored=Ignored(at, _text(by["reason"])))


def _part(row: dict[str, Any]) -> Part:
    digests = {_text(folder): _text(text) for folder, text in row["digests"].items()}
    return Part(_text(row["config"]), _text(row["text"]), digests, _text(row.get("baseline", "")))


def _cut(body: dict[str, Any], results: int) -> Cut:
    share = Share(_number(body["index"]), _number(body["count"]))
    places = tuple(_number(place) for place in body["places"])
    total = _number(body["total"])
    if not 1 <= share.index <= share.count <= MOST:
        raise ValueError(f"there is no shard {share}")
    if len(places) != results or any(place >= total for place in places):
        raise ValueError("its overlays are not those that its shard has")
    basis = tuple((_text(k), _text(v)) for k, v in body["basis"].items())
    pending, across = body.get("pending", ()), body.get("across", ())
    return Cut(share, places, total, basis, tuple(map(_finding, pending)), tuple(map(_part, across)))
