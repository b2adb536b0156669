"""The renderer, with the real kustomize or kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.model.errors import WorldError
from fairlead.model.findings import Where
from fairlead.model.rendering import RenderFailed, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.render import kustomize
from fairlead.render.kustomize import KustomizeRenderer

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {
    "base/kustomization.yaml": "resources: [s.yaml]\n",
    "base/s.yaml": _SERVICE,
    "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
    "staging/kustomization.yaml": "resources: [../base]\nnamespace: staging\n",
}


@pytest.mark.parametrize(
    "reference",
    ["github.com/example/web//deploy?ref=v1", "https://example.com/a.yaml", "git@github.com:example/web.git"],
)
def test_a_remote_reference_is_refused_before_anything_runs(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize, "run", lambda _: pytest.fail("kustomize was started"))
    files = {**_FILES, "base/kustomization.yaml": f"resources:\n- {reference}\n"}
    (result,) = KustomizeRenderer(1).render((Trial(MemorySnapshot.of(files), "dev"),))
    assert isinstance(result, RenderFailed)
    assert (result.code, result.at) == ("remote", Where("base/kustomization.yaml", 2, 3))


def test_neither_git_nor_helm_nor_the_network_can_be_reached() -> None:
    environment = kustomize._ENVIRONMENT
    assert environment["PATH"] == ""
    assert environment["HTTPS_PROXY"] == environment["http_proxy"] == "http://127.0.0.1:9"
    assert "KUSTOMIZE_PLUGIN_HOME" not in environment


def test_without_kustomize_the_remedy_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize, "which", lambda _: None)
    with pytest.raises(WorldError) as caught:
        KustomizeRenderer(1).render((Trial(MemorySnapshot.of(_FILES), "dev"),))
    assert caught.value.remedy is not None


def test_a_time_limit_is_a_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "kustomize"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setattr(kustomize, "which", lambda name: str(slow) if name == "kustomize" else None)
    (result,) = KustomizeRenderer(1, timeout=0.3).render((Trial(MemorySnapshot.of(_FILES), "dev"),))
    assert isinstance(result, RenderFailed)
    assert result.code == "timeout"


def test_the_version_names_the_engine() -> None:
    name, _, number = KustomizeRenderer(1).version.rpartition(" ")
    assert name in ("kustomize", "kubectl kustomize")
    assert number.startswith("v")


def test_too_much_output_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize, "MAX_OUTPUT", 10)
    (result,) = KustomizeRenderer(1).render((Trial(MemorySnapshot.of(_FILES), "dev"),))
    assert isinstance(result, RenderFailed)
    assert (result.code, result.message) == ("build", "it renders to more than 64 MiB")
