"""Repositories that are not whole, or hold what git itself does not: a finding or an error, with what to do."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.sealed import fairlead, git

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_CONFIG = (
    "version: 1\nenvironments: {dev: {}, prod: {}}\nchains: [[dev, prod]]\nlayout: ['apps/{app}/overlays/{env}']\n"
)
_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 57\n"
)
_WHO = ("-c", "user.name=n", "-c", "user.email=n@localhost", "-c", "protocol.file.allow=always")


def _write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def _commit(root: Path, files: dict[str, str]) -> Path:
    _write(root, files)
    if not (root / ".git").exists():
        git("init", "-q", "-b", "main", "--template=", cwd=root)
    git("add", "--all", cwd=root)
    git(*_WHO, "commit", "-q", "-m", "All", cwd=root)
    return root


def _overlay(resource: str = "service.yaml") -> dict[str, str]:
    folder = "apps/web/overlays/dev"
    files = {"fairlead.yaml": _CONFIG, f"{folder}/kustomization.yaml": f"resources:\n- {resource}\n"}
    return files | ({f"{folder}/{resource}": _SERVICE} if "/" not in resource else {})


def _findings(root: Path, *arguments: str) -> list[tuple[str, str, str, str]]:
    done = fairlead("check", "--format", "json", *arguments, cwd=root)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)["findings"]
    return [(f["rule"], str(f["severity"]), f["path"], f["message"]) for f in told if f["severity"] != "note"]


# ── clones that lack something ──


def test_a_shallow_clone_is_checked_and_says_how_to_get_an_older_commit(tmp_path: Path) -> None:
    origin = _commit(tmp_path / "origin", _overlay())
    old = git("rev-parse", "HEAD", cwd=origin)
    _commit(origin, {"apps/web/overlays/dev/service.yaml": _SERVICE.replace("web", "new")})
    git(*_WHO, "clone", "-q", "--depth", "1", f"file://{origin}", "clone", cwd=tmp_path)
    clone = tmp_path / "clone"
    assert fairlead("check", "--at", "HEAD", cwd=clone).returncode == 0
    done = fairlead("check", "--at", old, cwd=clone)
    assert done.returncode == 2
    assert f"there is no commit {old!r} in this clone" in done.stderr
    assert "git fetch --unshallow" in done.stderr


def test_a_partial_clone_fetches_what_it_needs_and_names_what_it_can_not_get(tmp_path: Path) -> None:
    origin = _commit(tmp_path / "origin", _overlay())
    git("config", "uploadpack.allowFilter", "true", cwd=origin)
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=origin)
    for name in ("near", "cut-off"):
        git(*_WHO, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{origin}", name, cwd=tmp_path)
    assert fairlead("check", "--at", "HEAD", cwd=tmp_path / "near").returncode == 0
    shutil.rmtree(origin)
    done = fairlead("check", "--at", "HEAD", cwd=tmp_path / "cut-off")
    assert done.returncode == 6
    assert "this clone lacks the object" in done.stderr
    assert "--refetch" in done.stderr


# ── what git does not hold ──


@pytest.fixture
def with_submodule(tmp_path: Path) -> Path:
    """A repository whose overlay reads a base in a submodule."""
    other = _commit(tmp_path / "other", {"kustomization.yaml": "resources: [s.yaml]\n", "s.yaml": _SERVICE})
    root = _commit(tmp_path / "r", _overlay("../../../../vendored/base"))
    git(*_WHO, "submodule", "add", "-q", f"file://{other}", "vendored/base", cwd=root)
    git(*_WHO, "commit", "-q", "-m", "Submodule", cwd=root)
    return root


@pytest.mark.parametrize("way", [("--at", "HEAD"), ("--staged",)])
def test_a_base_in_a_submodule_is_named_as_such(with_submodule: Path, way: tuple[str, ...]) -> None:
    _write(with_submodule, {"apps/web/overlays/dev/kustomization.yaml": "resources:\n- ../../../../vendored/base\n\n"})
    git("add", "--all", cwd=with_submodule)
    assert _findings(with_submodule, *way) == [
        (
            "missing-file", "error", "apps/web/overlays/dev/kustomization.yaml",
            "'../../../../vendored/base' lies in the submodule vendored/base, whose files are not in this repository",
        )
    ]  # fmt: skip


def test_a_submodule_that_is_checked_out_is_read_in_the_work_tree(with_submodule: Path) -> None:
    assert _findings(with_submodule) == []
    git("submodule", "deinit", "-q", "--all", "--force", cwd=with_submodule)
    assert [found[0] for found in _findings(with_submodule)] == ["missing-file"]


@pytest.mark.parametrize("way", [("--at", "HEAD"), ("--staged",)])
def test_a_pointer_of_git_lfs_is_found_where_git_has_no_more(tmp_path: Path, way: tuple[str, ...]) -> None:
    files = _overlay() | {"apps/web/overlays/dev/service.yaml": _POINTER}
    _commit(tmp_path / "r", files)
    changed = {"apps/web/overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n\n"}
    git("add", "--all", cwd=_write(tmp_path / "r", changed))
    _write(tmp_path / "r", {"apps/web/overlays/dev/service.yaml": _SERVICE})  # as `git lfs pull` leaves it
    assert _findings(tmp_path / "r") == []
    assert _findings(tmp_path / "r", *way) == [
        (
            "lfs-pointer", "error", "apps/web/overlays/dev/service.yaml",
            "this is a Git LFS pointer, not the file itself, which git does not hold",
        )
    ]  # fmt: skip


def test_a_pointer_in_a_config_map_is_a_warning(tmp_path: Path) -> None:
    files = _overlay() | {
        ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "apps/web/overlays/dev/kustomization.yaml": "configMapGenerator:\n- name: c\n  files: [data.bin]\n",
        "apps/web/overlays/dev/data.bin": _POINTER,
    }
    found = _findings(_commit(tmp_path / "r", files), "--at", "HEAD")
    assert ("lfs-pointer", "warning", "apps/web/overlays/dev/data.bin") in [row[:3] for row in found]


# ── many, large, oddly named ──


def test_of_many_overlays_that_fail_none_is_lost(tmp_path: Path) -> None:
    count = 600
    files = {"fairlead.yaml": _CONFIG}
    for number in range(count):
        folder = f"apps/a{number}/overlays/dev"
        files[f"{folder}/kustomization.yaml"] = "resources:\n- s.yaml\nreplicas:\n- name: none\n  count: 2\n"
        files[f"{folder}/s.yaml"] = _SERVICE
    found = _findings(_write(tmp_path / "r", files))
    assert [row[2] for row in found if row[0] == "build-failure"] == sorted(
        f"apps/a{number}/overlays/dev/kustomization.yaml" for number in range(count)
    )


def test_output_without_end_is_a_finding_of_its_overlay_alone(tmp_path: Path) -> None:
    folder, large = "apps/big/overlays/dev", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\ndata: {x: %s}\n"
    files = _overlay() | {f"{folder}/c{n}.yaml": large % (n, "x" * 4_000_000) for n in range(17)}
    files[f"{folder}/kustomization.yaml"] = "resources:\n" + "".join(f"- c{n}.yaml\n" for n in range(17))
    found = [row for row in _findings(_write(tmp_path / "r", files)) if row[1] == "error"]
    assert [row[:3] for row in found] == [("build-failure", "error", f"{folder}/kustomization.yaml")]
    assert "64 MiB" in found[0][3]


def test_names_that_are_not_utf_8_are_rendered_from_a_commit_and_the_index(tmp_path: Path) -> None:
    root = _write(tmp_path / "r", {"fairlead.yaml": _CONFIG})
    folder = os.fsencode(root) + b"/apps/caf\xe9/overlays/dev"
    os.makedirs(folder)  # noqa: PTH103  bytes
    for name, text in ((b"kustomization.yaml", "resources:\n- s.yaml\ntpyo: x\n"), (b"s.yaml", _SERVICE)):
        with open(folder + b"/" + name, "w") as file:  # noqa: PTH123  bytes
            file.write(text)
    _commit(root, {})
    for way in ((), ("--at", "HEAD")):
        done = fairlead("check", "--format", "json", *way, cwd=root)
        assert done.returncode == 1
        assert [f["rule"] for f in json.loads(done.stdout)["findings"]] == ["unknown-kustomization-key"]
