"""report: the reports of all shards of a check become the report that one run would have made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fairlead.checks.fleet import Fleet
from fairlead.checks.run import look_across, ordered
from fairlead.checks.run import merge as merge_findings
from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.findings import Finding
from fairlead.model.overlays import Layout
from fairlead.model.shards import Cut, Part
from fairlead.repo import config as configuration
from fairlead.repo.config import Config
from fairlead.report.findings import baseline as baselines
from fairlead.report.findings.reading import Report, read
from fairlead.steps import known
from fairlead.steps.checking import Outcome

_MAKE = "fairlead check --shard I/N --format json makes what can be merged"
# What a basis is made of -> what it means that two shards differ in it, and what to do.
_DIFFERS = {
    "fairlead": ("was made by another version of fairlead", "install one version everywhere"),
    "costs": ("was balanced by other costs", "give all shards the same file with --costs, or give it to none"),
    "overlays": ("was asked for other overlays", "give all shards the same paths and options"),
    "files": ("judged other files", "let all shards check the same commit"),
}


def merge(folder: Path, names: Sequence[str]) -> Outcome:
    """What one run would have found, from the files that the shards' reports are in.

    Raises:
        UsageError: a file is no report of a shard, or a shard is missing or there twice.
        ConflictError: the shards are of different runs.
    """
    return together([_read(folder / name, name) for name in names])


def together(reports: Sequence[Report]) -> Outcome:
    """What one run would have found. Raises as `merge` does."""
    shards = sorted(((report, _cut(report)) for report in reports), key=lambda shard: shard[1].share.index)
    _complete(shards)
    for shard in shards[1:]:
        _fits(shards[0], shard)
    _one_renderer([report for report, _ in shards])
    placed = [pair for report, cut in shards for pair in zip(cut.places, report.results, strict=True)]
    placed.sort(key=lambda pair: pair[0])
    if len(placed) != shards[0][1].total or any(place != at for at, (place, _) in enumerate(placed)):
        raise UsageError("the shards don't make a whole: an overlay is missing, or judged twice", remedy=_MAKE)
    overlays = {overlay.path: overlay for report, _ in shards for overlay in report.layout.overlays}
    layout = Layout(tuple(overlays[path] for path in sorted(overlays)))
    told = [finding for report, _ in shards for finding in (*report.findings, *report.ignored)]
    told += (finding for _, cut in shards for finding in cut.pending)
    found = merge_findings((*told, *_across(layout, [part for _, cut in shards for part in cut.across])))
    outcome = Outcome(
        tuple(result for _, result in placed),
        ordered((*found.findings, *found.pending)),
        layout,
        next((report.renderer for report, _ in shards if report.renderer), ""),
        tuple(dict.fromkeys(note for report, _ in shards for note in report.notes)),
        ignored=found.ignored,
    )
    for part in {part.config: part for _, cut in shards for part in cut.across if part.baseline}.values():
        baseline = baselines.load(part.baseline.encode(), f"the baseline of {part.config}")
        outcome = known.told(outcome, baseline, whole=False)
    return outcome


def _across(layout: Layout, parts: Sequence[Part]) -> tuple[Finding, ...]:
    """What is found about overlays of several shards at once, by each configuration."""
    texts = {part.config: part.text for part in parts}
    out: list[Finding] = []
    for path, text in texts.items():
        digests = {folder: d for part in parts if part.config == path for folder, d in part.digests.items()}
        config = configuration.read(text.encode(), path) if path else Config()
        own = Layout(tuple(overlay for overlay in layout.overlays if overlay.path in digests))
        known = {folder: text for folder, text in digests.items() if text}
        out += look_across(Fleet(config, own, known, frozenset(digests)))
    return tuple(out)


def _read(place: Path, name: str) -> Report:
    try:
        data = place.read_bytes()
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}", remedy=_MAKE) from None
    return read(data, name)


def _cut(report: Report) -> Cut:
    if report.cut is None:
        raise UsageError(f"{report.name} is the report of a whole run, not of a shard", remedy=_MAKE)
    return report.cut


def _complete(shards: Sequence[tuple[Report, Cut]]) -> None:
    """Each shard once."""
    first, count = shards[0][0].name, shards[0][1].share.count
    seen: dict[int, str] = {}
    for report, cut in shards:
        if cut.share.count != count:
            raise UsageError(
                f"{first} is one of {count} shards, {report.name} one of {cut.share.count}",
                remedy="name the reports of one run",
            )
        if cut.share.index in seen:
            raise UsageError(
                f"{seen[cut.share.index]} and {report.name} both are shard {cut.share}", remedy="name each shard once"
            )
        seen[cut.share.index] = report.name
    missing = [str(index) for index in range(1, count + 1) if index not in seen]
    if missing:
        one = len(missing) == 1
        raise UsageError(
            f"shard{'' if one else 's'} {', '.join(missing)} of {count} {'is' if one else 'are'} missing",
            remedy=f"see why it made no report, or run fairlead check --shard {missing[0]}/{count} --format json",
        )


def _fits(one: tuple[Report, Cut], other: tuple[Report, Cut]) -> None:
    mine, theirs = dict(one[1].basis), dict(other[1].basis)
    for name in (*_DIFFERS, *mine, *theirs):
        if mine.get(name) != theirs.get(name):
            what, remedy = _DIFFERS.get(name, (f"differs in {name}", "name the reports of one run"))
            raise ConflictError(f"{other[0].name} {what} than {one[0].name}", remedy=remedy)
    if one[1].total != other[1].total:
        raise ConflictError(f"{other[0].name} is of another run than {one[0].name}", remedy="name reports of one run")


def _one_renderer(reports: Sequence[Report]) -> None:
    told = {report.renderer: report.name for report in reports if report.renderer}  # an empty shard names none
    if len(told) > 1:
        (one, first), (other, second) = list(told.items())[:2]
        raise ConflictError(
            f"{second} was rendered by {other}, {first} by {one}", remedy="let all runners have the same renderer"
        )
