"""Helm charts in overlays: inflated by the real helm where the configuration allows it, and fenced in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.proc import which
from fairlead.model.rendering import NO_HELM, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot, Snapshot
from fairlead.repo.remotes import BuildRules, RemoteRule
from tests.support import new_repo
from tests.unit.render.conftest import Make, kustomize

_ALLOWED = BuildRules(helm=True)
_FILES = {
    "dev/kustomization.yaml": "helmCharts:\n- name: web\n  releaseName: shop\n  valuesInline: {size: 3}\n",
    "dev/charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "dev/charts/web/values.yaml": "size: 1\ncolor: red\n",
    "dev/charts/web/templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-web\n"
    'data:\n  size: "{{ .Values.size }}"\n  color: {{ .Values.color }}\n',
}
_OUT = 'apiVersion: v1\ndata:\n  color: red\n  size: "3"\nkind: ConfigMap\nmetadata:\n  name: shop-web\n'


@pytest.fixture
def helm(monkeypatch: pytest.MonkeyPatch) -> str:
    """Helm's path; the test is skipped where there is none."""
    found = which("helm")
    if found is None:
        pytest.skip("there is no helm (make helm builds one, where Go is)")
    monkeypatch.setenv("FAIRLEAD_HELM", found)
    return found


def _one(make: Make, snapshot: Snapshot, rules: BuildRules = _ALLOWED) -> RenderResult:
    (result,) = make(1).under(rules).render((Trial(snapshot, "dev"),))
    return result


def _failed(result: RenderResult) -> str:
    assert isinstance(result, RenderFailed), result
    return result.message


@pytest.mark.usefixtures("helm")
def test_a_chart_in_the_repository_is_inflated(make: Make, tmp_path: Path) -> None:
    for path, text in _FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    for snapshot in (MemorySnapshot.of(_FILES), FolderSnapshot(str(tmp_path))):
        result = _one(make, snapshot)
        assert isinstance(result, Rendered), result
        assert result.text == _OUT
        assert result.inputs == ()  # what helm reads is not known: nobody keeps it
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == sorted(_FILES)


def test_the_bytes_are_those_of_kustomize(make: Make, helm: str, tmp_path: Path) -> None:
    argv = kustomize()
    for path, text in _FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    command = [*argv, "--enable-helm", "--helm-command", helm, str(tmp_path / "dev")]
    own = subprocess.run(command, capture_output=True, text=True, check=True)
    result = _one(make, MemorySnapshot.of(_FILES))
    assert isinstance(result, Rendered), result
    assert result.text == own.stdout


@pytest.mark.usefixtures("helm")
def test_overlays_without_charts_are_rendered_beside_it_in_order(make: Make) -> None:
    files = {**_FILES, "a/kustomization.yaml": "resources: [c.yaml]\n", "a/c.yaml": _OUT}
    snapshot = MemorySnapshot.of(files)
    results = make(2).under(_ALLOWED).render(tuple(Trial(snapshot, name) for name in ("a", "dev", "a")))
    assert [isinstance(result, Rendered) and result.text for result in results] == [_OUT] * 3


@pytest.mark.usefixtures("helm")
def test_a_chart_in_a_remote_base_is_inflated(make: Make, tmp_path: Path) -> None:
    other = new_repo(tmp_path / "other", _FILES)
    rules = BuildRules(helm=True, remote=(RemoteRule(f"file://{tmp_path}/*"),))
    text = f"resources: ['file://{other.root}//dev?ref={other.git.resolve('HEAD')}']\n"
    result = _one(make, MemorySnapshot.of({"dev/kustomization.yaml": text}), rules)
    assert isinstance(result, Rendered), result
    assert result.text == _OUT


@pytest.mark.usefixtures("helm")
def test_without_permission_helm_is_not_started(make: Make) -> None:
    result = _one(make, MemorySnapshot.of(_FILES), BuildRules())
    assert isinstance(result, RenderFailed)
    assert result.code == "helm"


def test_a_missing_helm_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_HELM", "/nonexistent/helm")
    assert _one(make, MemorySnapshot.of(_FILES)) == RenderFailed("dev", "helm", NO_HELM)


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("chart", "told"),
    [
        ("{name: other, repo: 'https://127.0.0.1:9/', version: 1.0.0}", "fairlead pulls no charts"),
        ("{name: other, repo: 'oci://127.0.0.1:9/x'}", "fairlead pulls no charts"),
        ("{name: other}", "no chart found at"),
        ("{name: web, releaseName: '--post-renderer=/bin/sh'}", "does not hand --post-renderer=/bin/sh to helm"),
        ("{name: web, releaseName: '--kubeconfig=x'}", "does not hand --kubeconfig=x to helm"),
    ],
)
def test_helm_is_only_asked_for_charts_that_are_here(chart: str, told: str, make: Make) -> None:
    files = {**_FILES, "dev/kustomization.yaml": f"helmCharts:\n- {chart}\n"}
    assert told in _failed(_one(make, MemorySnapshot.of(files)))


@pytest.mark.usefixtures("helm")
def test_a_chart_outside_the_repository_is_not_inflated(make: Make, tmp_path: Path) -> None:
    for path in ("Chart.yaml", "templates/c.yaml"):
        (tmp_path / "web" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "web" / path).write_text(_FILES[f"dev/charts/web/{path}"])
    text = f"helmGlobals: {{chartHome: {tmp_path}}}\nhelmCharts:\n- {{name: web, valuesFile: v.yaml}}\n"
    files = {**_FILES, "dev/kustomization.yaml": text, "dev/v.yaml": "{}\n"}
    assert "fairlead inflates no chart from outside the repository" in _failed(_one(make, MemorySnapshot.of(files)))


@pytest.mark.usefixtures("helm")
def test_a_charts_links_lead_nowhere_else(make: Make, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    template = "dev/charts/web/templates/c.yaml"
    files = {**_FILES, template: _FILES[template] + '  file: {{ .Files.Get "f" | quote }}\n'}
    snapshot = MemorySnapshot.of(files).with_files(
        {"dev/charts/web/f": File(str(tmp_path / "secret").encode(), SYMLINK)}
    )
    result = _one(make, snapshot)
    assert isinstance(result, Rendered), result
    assert "hunter2" not in result.text


@pytest.mark.usefixtures("helm")
def test_variables_and_the_persons_own_helm_do_not_reach_a_chart(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    plugin = tmp_path / "plugins/p"
    plugin.mkdir(parents=True)
    (plugin / "plugin.yaml").write_text(f"name: p\nversion: 0.1.0\ncommand: 'touch {tmp_path}/started'\n")
    monkeypatch.setenv("HELM_PLUGINS", str(tmp_path / "plugins"))
    text = "namespace: dev\nhelmCharts:\n- name: web\n  nameTemplate: 'x{{ env \"TOKEN\" }}'\n  releaseName: ''\n"
    result = _one(make, MemorySnapshot.of({**_FILES, "dev/kustomization.yaml": text}))
    assert "hunter2" not in str(result)
    assert not (tmp_path / "started").exists()
