"""Every scalar of every object, feature by feature: another value at the claimed place is seen at that field."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.origin import Prover, claims, drawn
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run
from tests.judging import judged
from tests.origins import FEATURES

_UNWRITTEN = ("apiVersion", "kind", "type")  # what kustomize itself gives a generated object


@pytest.mark.parametrize("feature", FEATURES)
def test_every_value_is_told_where_it_was_written(feature: str) -> None:
    of = judged(FEATURES[feature], "o")
    made = claims(of, drawn(of, None, 0))
    engine = renderer(Run(Path(), jobs=1))
    unproved = [
        (str(claim), verdict)
        for claim, verdict in Prover(engine, of.shared.snapshot).judge(made)
        if verdict not in ("proved", "agreeing") and (verdict, claim.path[-1]) not in {("file", u) for u in _UNWRITTEN}
    ]
    assert unproved == []
    assert all(claim.chain[0] == "o/kustomization.yaml" and claim.chain[-1] == claim.where.path for claim in made)
