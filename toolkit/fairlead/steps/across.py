"""What is found beside and across the overlays: in files that none of them reads, and about several at once."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.checks import digests as digests_of
from fairlead.checks.context import Shared
from fairlead.checks.fleet import AROUND, TELLING, Fleet
from fairlead.checks.run import look_across, look_around
from fairlead.model.findings import Finding
from fairlead.model.overlays import Overlay
from fairlead.steps.judging import Recall


def beside(around: Shared, recall: Recall | None) -> tuple[tuple[Finding, ...], dict[str, str]]:
    """What is found in files that no overlay need have to do with; in a run over everything, a digest of them, too."""
    if around.asked is not None:
        return look_around(around), {}
    known = recall.around() if recall is not None else None
    if known is not None:
        return known.findings, {AROUND: known.digest}
    found, text = look_around(around), digests_of.around(around).dump()
    if recall is not None:
        recall.keep_around(found, text)
    return found, {AROUND: text}


def across(
    around: Shared, digests: Mapping[str, str], files: Mapping[str, str], recall: Recall | None
) -> tuple[Finding, ...]:
    """What is found about several overlays at once. Those that were not judged now count as they are known."""
    overlays = around.layout.overlays
    concerned = frozenset(digests)
    known = {folder: text for folder, text in digests.items() if text} | dict(files)
    others = tuple(overlay for overlay in overlays if overlay.path not in concerned)
    if recall is not None and others:
        known |= _recalled(around, recall, concerned, others)
    fleet = Fleet(around.config, around.layout, known, concerned)
    if recall is None or others:
        return look_across(fleet)
    key, found = recall.across(known)
    if found is None:
        found = look_across(fleet)
        recall.keep_across(key, found)
    return found


def _recalled(around: Shared, recall: Recall, concerned: frozenset[str], others: tuple[Overlay, ...]) -> dict[str, str]:
    """What is known of overlays that are not judged now: of all where controllers are told what to apply.

    Else of those in the same environments, and of the same apps: rules look no further.
    """
    ids = [overlay.id for overlay in around.layout.overlays if overlay.path in concerned]
    envs, apps = {one.env for one in ids}, {one.app for one in ids}
    every = recall.mentions(TELLING)
    near = (o for o in others if every or o.id.env in envs or o.id.app in apps)
    found = ((overlay.path, recall.digest(overlay.path)) for overlay in near)
    return {folder: text for folder, text in found if text}
