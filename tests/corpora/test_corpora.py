"""Real repositories: check ends, and its build verdicts are kustomize's own, overlay by overlay.

They lie beside this repository, or where FAIRLEAD_SHARED says; a clone without them skips these tests.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.corpora import compare, unpack
from fairlead.doors.proc import which
from fairlead.render.kustomize import KustomizeRenderer

SHARED = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[2].parent / "shared")
SMALL = ("fluxcd+flux2-kustomize-helm-example", "cds-snc+notification-manifests", "dbca-wa+resource_tracking")


@pytest.mark.parametrize("name", SMALL)
def test_verdicts_on_a_real_repository_are_kustomizes_own(name: str, tmp_path: Path) -> None:
    archive = SHARED / "corpora" / f"{name}.tar.gz"
    if not archive.is_file():
        pytest.skip(
            f"no {archive.name} in {archive.parent.name}/ beside this repository; FAIRLEAD_SHARED names another"
        )
    root = unpack(archive, tmp_path)
    kustomize = which("kustomize")
    program = [kustomize, "build"] if kustomize else [str(which("kubectl")), "kustomize"]
    told = compare(root, program, KustomizeRenderer(), ("work tree", "memory"))
    assert told["kustomizations"] > 1
    assert told["check"]["answered"] is True
    assert told["check"]["exit"] in (0, 1)
    assert told["differences"] == []
    assert told["agreeing"] == told["kustomizations"] * 2 + told["check"]["overlays"]
