"""Real repositories: an overlay's inputs alone give its result, whatever else the repository holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.corpora import unpack
from fairlead.doors.fs import FolderSnapshot
from fairlead.model.rendering import Rendered, RenderResult, Trial
from fairlead.model.snapshot import REGULAR, SYMLINK, File, MemorySnapshot, Snapshot
from fairlead.render import helper
from fairlead.render.helper import HelperRenderer
from fairlead.repo.layout import kustomization_dirs
from tests.corpora.test_corpora import SHARED

_ALL = (
    "fluxcd+flux2-kustomize-helm-example", "cds-snc+notification-manifests", "dbca-wa+resource_tracking",
    "cloudnativedaysjp+dreamkast-infra", "cybozu-go+neco-apps", "equinor+radix-flux", "ipni+storetheindex",
    "redhat-appstudio+infra-deployments",
)  # fmt: skip
_AT_MOST = 40  # kustomizations of each, spread over all of it


@pytest.mark.parametrize("name", _ALL)
def test_the_inputs_alone_give_the_same_result(name: str, tmp_path: Path) -> None:
    archive, program = SHARED / "corpora" / f"{name}.tar.gz", helper.found()
    if not archive.is_file() or program is None:
        pytest.skip(f"no {archive.name} beside this repository (FAIRLEAD_SHARED), or no fairlead-renderer")
    whole = FolderSnapshot(str(unpack(archive, tmp_path)))
    folders = kustomization_dirs(whole)
    folders = folders[:: -(-len(folders) // _AT_MOST)]
    engine = HelperRenderer(program, 2)
    results = engine.render(tuple(Trial(whole, folder) for folder in folders))
    assert all(result.inputs for result in results)
    for alone in engine.render(tuple(Trial(_only(whole, result), result.overlay) for result in results)):
        (result,) = (one for one in results if one.overlay == alone.overlay)
        assert _told(alone) == _told(result), result.overlay
        assert alone.inputs == result.inputs
    engine.close()


def _only(whole: Snapshot, result: RenderResult) -> MemorySnapshot:
    """The inputs and nothing else; a folder that mattered by being there holds a file that nobody asked for."""
    files = {}
    for one in result.inputs:
        if one.kind == "folder":
            files[f"{one.path}/nobody-asked".lstrip("/")] = File(b"")
        elif one.kind != "missing":
            files[one.path] = File(whole.read(one.path), SYMLINK if one.kind == "link" else REGULAR)
    return MemorySnapshot(files)


def _told(result: RenderResult) -> tuple[object, ...]:
    if isinstance(result, Rendered):
        return result.text, result.warnings
    return result.code, result.message, result.at
