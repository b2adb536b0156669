"""Real repositories: the same verdict and the same bytes as kustomize, on every kustomization."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.bench import Bench, Measure, Outcome, SkippedError
from benchmarks.corpora import archives, compare, unpack
from benchmarks.measure import Figure, note
from benchmarks.peers import KUSTOMIZE_NAME
from fairlead.render.helper import HelperRenderer

_SMALL = ("fluxcd+flux2-kustomize-helm-example", "dbca-wa+resource_tracking")
_SUMS = ("kustomizations", "built", "compared", "agreeing", "failures_in_the_same_words")


def run(bench: Bench) -> Outcome:
    """Compare, from the work tree and from a commit, and the verdicts of `fairlead check`."""
    program = peers.needed(bench, "kustomize")
    found = archives(bench.corpora, _SMALL if bench.quick else ())
    if not found:
        raise SkippedError(f"there are no archives in {bench.corpora.name}/; name their folder: --corpora")
    each: list[dict[str, Any]] = []
    engine = HelperRenderer(peers.need_helper())
    for archive in found:
        with tempfile.TemporaryDirectory(prefix="fairlead-corpora-") as place:
            root = unpack(archive, Path(place).resolve())
            each.append(compare(root, [program, "build"], engine, ("work tree", "commit")))
        note(f"{each[-1]['repository']}: {each[-1]['agreeing']} of {each[-1]['compared']} agree")
    engine.close()
    sums = {key: sum(told[key] for told in each) for key in _SUMS}
    on = f"{sums['kustomizations']:,} kustomizations of {len(found)} repositories"
    what = f"{on}: verdict and bytes of {KUSTOMIZE_NAME}, from the work tree and from a commit; verdict of `check`"
    return Outcome(
        (Figure(what, sums["agreeing"] / sums["compared"], "of all", 1.0),), {}, {**sums, "repositories": each}
    )


MEASURE = Measure("parity", "real repositories: verdict and bytes beside kustomize", run)
