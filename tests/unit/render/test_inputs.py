"""What a result depends on is all that its inputs say; a cache stands on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.model.rendering import Input, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot, Snapshot, blob_id
from fairlead.render.helper import HelperRenderer

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_REMOTE = "resources: [https://example.com/a.yaml]\n"
_LINK = File(b"nowhere", SYMLINK)
_FILE = File(b"resources: []\n")

_REPOSITORIES: dict[str, dict[str, str]] = {
    "it builds": {
        "dev/kustomization.yaml": "resources: [../base]\nconfigMapGenerator: [{name: c, files: [a.txt]}]\n",
        "dev/a.txt": "x", "dev/b.txt": "x", "base/kustomization.yml": "resources: [s.yaml]\n", "base/s.yaml": _SERVICE,
    },
    "the second fault is the one that is told": {
        "dev/kustomization.yaml": "resources: [none.yaml, ../base]\n", "base/kustomization.yaml": _REMOTE,
    },
    "a folder that looks remote": {
        "dev/kustomization.yaml": "resources: [none.yaml, github.com/example/web]\n",
        "dev/github.com/example/web/kustomization.yaml": "resources: []\n",
    },
    "a bomb behind a fault": {
        "dev/kustomization.yaml": "resources: [none.yaml, bomb.yaml]\n",
        "dev/bomb.yaml": "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(97 + n)}{n}: &{chr(97 + n)} [{','.join([f'*{chr(96 + n)}'] * 10)}]\n" for n in range(1, 8)
        ),
    },
    "no base": {"dev/kustomization.yaml": "resources: [../base]\n", "base/x": "x"},
    "nothing": {"prod/kustomization.yaml": "resources: []\n"},
    "out of the repository": {"dev/kustomization.yaml": "resources: [none.yaml, ../../x.yaml]\n"},
    "two that are the same": {
        "dev/kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "dev/a.yaml": _SERVICE, "dev/b.yaml": _SERVICE,
    },
}  # fmt: skip


def stands(snapshot: Snapshot, inputs: tuple[Input, ...]) -> bool:
    """Whether a snapshot has everything as the inputs tell it."""
    return all(_what(snapshot, one.path) == (one.kind, one.blob) for one in inputs)


def _what(snapshot: Snapshot, path: str) -> tuple[str, str]:
    entry = snapshot.entry(path)
    if entry is not None:
        return ("link" if entry.mode == SYMLINK else "file"), entry.oid
    return ("folder" if snapshot.is_dir(path) else "missing"), ""


def _changes(files: dict[str, File], inputs: tuple[Input, ...]) -> Iterator[tuple[str, dict[str, File]]]:
    """The repository with one thing changed: each file, each folder, and wherever a render may have looked."""
    places = {one.path for one in inputs if one.path} | set(files)
    places |= {path[:at] for path in files for at, sign in enumerate(path) if sign == "/"}
    for place in sorted(places):
        rest = {path: file for path, file in files.items() if path != place and not path.startswith(place + "/")}
        yield f"without {place}", rest
        yield f"another {place}", {**rest, place: _FILE}
        yield f"a link {place}", {**rest, place: _LINK}
        yield f"a folder {place}", {**rest, f"{place}/kustomization.yaml": _FILE}


def _told(result: RenderResult) -> tuple[object, ...]:
    if isinstance(result, Rendered):
        return result.text, result.warnings
    return result.code, result.message, result.at


@pytest.mark.parametrize("name", _REPOSITORIES)
def test_while_the_inputs_stand_the_result_is_the_same(name: str, program: str) -> None:
    engine = HelperRenderer(program, 1)
    files = {path: File(text.encode()) for path, text in _REPOSITORIES[name].items()}
    (result,) = engine.render((Trial(MemorySnapshot(files), "dev"),))
    assert isinstance(result, Rendered) == (name == "it builds")
    assert stands(MemorySnapshot(files), result.inputs)
    kept, noticed = [], 0
    for what, changed in _changes(files, result.inputs):
        snapshot = MemorySnapshot(changed)
        if stands(snapshot, result.inputs):
            kept.append((what, Trial(snapshot, "dev")))
        else:
            noticed += 1
    assert noticed
    for (what, _), again in zip(kept, engine.render(tuple(trial for _, trial in kept)), strict=True):
        assert _told(again) == _told(result), what
    engine.close()


def test_a_refusal_depends_on_all_that_was_looked_at_for_it(program: str) -> None:
    files = _REPOSITORIES["the second fault is the one that is told"] | {"base/other.yaml": "x"}
    engine = HelperRenderer(program, 1)
    (result,) = engine.render((Trial(MemorySnapshot.of(files), "dev"),))
    engine.close()
    assert isinstance(result, RenderFailed)
    assert result.code == "remote"
    assert {one for one in result.inputs if one.path.startswith("base")} == {
        Input("folder", "base"),
        Input("file", "base/kustomization.yaml", blob_id(_REMOTE.encode())),
        Input("missing", "base/https:/example.com/a.yaml"),
    }


def test_a_folder_that_a_link_to_its_copy_replaced_is_noticed(program: str, tmp_path: Path) -> None:
    """Its files are the same, but what they name by `..` lies elsewhere."""
    files = {
        "a/dev/kustomization.yaml": "resources: [../base]\n",
        "a/base/kustomization.yaml": "resources: [s.yaml]\n",
        "a/base/s.yaml": _SERVICE,
    }
    for path, text in files.items():
        for place in (tmp_path / path, tmp_path / "deep" / path):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    engine = HelperRenderer(program, 1)
    (result,) = engine.render((Trial(FolderSnapshot(str(tmp_path)), "a/dev"),))
    engine.close()
    assert stands(FolderSnapshot(str(tmp_path)), result.inputs)
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "a").symlink_to("deep/a")
    assert not stands(FolderSnapshot(str(tmp_path)), result.inputs)
