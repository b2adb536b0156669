"""Real repositories: check ends, its build verdicts are kustomize's own, and shards find what one run finds.

They lie beside this repository, or where FAIRLEAD_SHARED says; a clone without them skips these tests.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.corpora import compare, unpack
from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.proc import which
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.shards import Share
from fairlead.model.snapshot import File
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.repo.layout import kustomization_dirs
from fairlead.report.findings import json as findings_json
from fairlead.report.findings import reading
from fairlead.report.findings.report import Report
from fairlead.steps import checking
from fairlead.steps.checking import Outcome
from fairlead.steps.fixing import fix
from fairlead.steps.rendering import renderer
from fairlead.steps.sharding import Sharding
from fairlead.steps.world import Run
from fairlead.workflows.check import Request, check
from fairlead.workflows.report import together

SHARED = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[2].parent / "shared")
SMALL = ("fluxcd+flux2-kustomize-helm-example", "cds-snc+notification-manifests", "dbca-wa+resource_tracking")


def _unpacked(name: str, folder: Path) -> Path:
    archive = SHARED / "corpora" / f"{name}.tar.gz"
    if not archive.is_file():
        pytest.skip(
            f"no {archive.name} in {archive.parent.name}/ beside this repository; FAIRLEAD_SHARED names another"
        )
    return unpack(archive, folder)


@pytest.mark.parametrize("name", SMALL)
def test_verdicts_on_a_real_repository_are_kustomizes_own(name: str, tmp_path: Path) -> None:
    root = _unpacked(name, tmp_path)
    kustomize = which("kustomize")
    program = [kustomize, "build"] if kustomize else [str(which("kubectl")), "kustomize"]
    told = compare(root, program, KustomizeRenderer(), ("work tree", "memory"))
    assert told["kustomizations"] > 1
    assert told["check"]["answered"] is True
    assert told["check"]["exit"] in (0, 1)
    assert told["differences"] == []
    assert told["agreeing"] == told["kustomizations"] * 2 + told["check"]["overlays"]


@pytest.mark.parametrize("name", SMALL)
def test_eight_shards_of_a_real_repository_find_what_one_run_finds(name: str, tmp_path: Path) -> None:
    run = Run(_unpacked(name, tmp_path))
    whole = check(run, Request())
    wishes = [Sharding(Share(index, 8)) for index in range(1, 9)]
    merged = together([_report(check(run, Request(shard=wish)), str(wish.share)) for wish in wishes])
    assert (merged.results, merged.findings, merged.version, merged.notes) == tuple(
        getattr(_report(whole, "whole"), name) for name in ("results", "findings", "renderer", "notes")
    )
    assert merged.findings


@pytest.mark.parametrize("name", ["cloudnativedaysjp+dreamkast-infra", "cybozu-go+neco-apps"])
def test_what_is_mended_in_a_real_repository_changes_no_rendering(name: str, tmp_path: Path) -> None:
    root = _unpacked(name, tmp_path)
    engine = renderer(Run(root))
    before = FolderSnapshot(str(root))
    (part,) = checking.scopes(before, ("",))
    done = fix(Run(root), engine, before, part, checking.folders(engine.view(before), part, engine))
    assert done.applied
    after = before.with_files({path: File(new) for path, (_, new) in done.files.items()})
    folders = kustomization_dirs(before, "")
    firsts, seconds = (engine.render(tuple(Trial(state, f) for f in folders)) for state in (before, after))
    built = [(one, two) for one, two in zip(firsts, seconds, strict=True) if isinstance(one, Rendered)]
    assert [one.overlay for one, two in built if not isinstance(two, Rendered) or one.text != two.text] == []
    for old, new in done.files.values():
        assert sorted(_comments(old)) == sorted(_comments(new))


def _comments(data: bytes) -> list[bytes]:
    return [line[line.index(b"#") :].strip() for line in data.splitlines() if b"#" in line]


def _report(outcome: Outcome, name: str) -> reading.Report:
    data = findings_json.data(
        Report(outcome.findings, outcome.results, outcome.layout, outcome.version, outcome.notes, outcome.cut)
    )
    return reading.read(json.dumps(data).encode(), name)
