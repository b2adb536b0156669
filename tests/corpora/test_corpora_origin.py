"""Real repositories: what is said of a value's origin is what kustomize shows when that place says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.origin import measure
from tests.corpora.test_corpora import SMALL, _unpacked


@pytest.mark.parametrize("name", SMALL)
def test_no_claim_about_a_real_repository_is_wrong(name: str, tmp_path: Path) -> None:
    told = measure(_unpacked(name, tmp_path), samples=4, seed=1, show=20)
    assert told.get("wrong", 0) == told.get("file_wrong", 0) == 0
    assert told["proved"] >= 0.95 * told["fields"] > 0
