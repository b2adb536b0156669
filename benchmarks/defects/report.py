"""Scores as figures: by kind, beside the peers, with what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.bench import Outcome
from benchmarks.defects.judging import Score
from benchmarks.defects.model import Case
from benchmarks.defects.running import Results
from benchmarks.measure import Figure, Json

PEERS = ("kustomize", "kubeconform", "kube-score", "flux-local", "flate")
_EXAMPLES = 6


def outcome(results: Results) -> Outcome:
    """The figures, and every kind with its own."""
    kinds = [_kind(name, rows, results) for name, rows in _grouped(results)]
    total = len(results.cases)
    found = sum(kind["found"] for kind in kinds)
    lined = [kind for kind in kinds if kind["lines"]]
    exact, of = sum(kind["exact"] for kind in lined), sum(kind["cases"] for kind in lined)
    above = [f"{kind['kind']}: {peer}" for kind in kinds for peer in kind["above"]]
    on = f"{total:,} cases of {len(kinds)} kinds in {len(results.overlays)} repositories"
    figures = (
        Figure(f"{on}: found", found / max(1, total), "of all", 0.98),
        Figure("found, and told on the exact line", exact / max(1, of), "of all", 0.95),
        Figure("kinds of defect", float(len(kinds)), "kinds", 40.0),
        Figure("no peer finds more of a kind than fairlead", float(not above), "", 1.0),
    )
    errors = {name: [f"{f.where} {f.rule}: {f.message}" for f in alarms] for name, alarms in results.alarms.items()}
    details: Json = {
        "overlays": results.overlays,
        "cases": total,
        "right_file": sum(kind["file"] for kind in kinds),
        "fails_the_check": sum(kind["fails"] for kind in kinds),
        "above": above,
        "kinds": kinds,
        "errors_on_untouched": errors,
    }
    return Outcome(figures, {}, details)


def _grouped(results: Results) -> Iterable[tuple[str, list[Case]]]:
    groups: dict[str, list[Case]] = {}
    for case in results.cases:
        groups.setdefault(case.kind.name, []).append(case)
    return groups.items()


def _kind(name: str, cases: Sequence[Case], results: Results) -> Json:
    scores = [results.scores[case.number] for case in cases]
    kind = cases[0].kind
    found = sum(score.found for score in scores)
    rivals = {peer: _rival(peer, cases, results) for peer in PEERS}
    asked = {peer: told for peer, told in rivals.items() if told is not None}
    return {
        "kind": name,
        "group": kind.group,
        "what": kind.what,
        "rules": list(kind.tells),
        "cases": len(cases),
        "repositories": len({case.corpus for case in cases}),
        "found": found,
        "exact": sum(score.exact for score in scores),
        "file": sum(score.file for score in scores),
        "fails": sum(score.fails for score in scores),
        "lines": kind.lines,
        "others": round(sum(score.others for score in scores) / len(scores), 1),
        "peers": {peer: list(told) for peer, told in asked.items()},
        "above": [peer for peer, (hits, of, ours) in asked.items() if of and hits > ours],
        "missed": [_told(*pair) for pair in zip(cases, scores, strict=True) if not pair[1].found][:_EXAMPLES],
        "elsewhere": [
            _told(case, score)
            for case in cases
            if kind.lines and (score := results.scores[case.number]).found and not score.exact
        ][:_EXAMPLES],
    }  # fmt: skip


def _rival(peer: str, cases: Sequence[Case], results: Results) -> tuple[int, int, int] | None:
    """How many of the cases that it can be asked of a peer finds, and how many of the same fairlead."""
    asked = [case for case in cases if results.rivals.get(case.number, {}).get(peer) is not None]
    if not asked:
        return None
    hits = sum(bool(results.rivals[case.number][peer]) for case in asked)
    return hits, len(asked), sum(results.scores[case.number].found for case in asked)


def _told(case: Case, score: Score) -> Json:
    places = [f"{place.path}:{place.line}" for place in case.seed.at[:2]]
    return {
        "repository": case.corpus, "overlay": case.overlay, "at": places, "told": list(score.told or score.instead),
    }  # fmt: skip
