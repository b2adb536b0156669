"""The generated repository: the same for the same seed, of many shapes, and all of it builds and is valid."""

from pathlib import Path

import pytest

from benchmarks.apps import COMPONENTS, app, shared
from benchmarks.generate import generate
from benchmarks.schemas import self_contained
from fairlead.doors.fs import FolderSnapshot
from fairlead.model.rendering import Rendered, Trial
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run
from fairlead.workflows import check as workflow

OVERLAYS, SEED = 30, 11  # few apps, and yet one of each shape
KINDS = (
    "ConfigMap", "CronJob", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Namespace", "NetworkPolicy",
    "PodDisruptionBudget", "ResourceQuota", "Role", "RoleBinding", "Service", "ServiceAccount", "StatefulSet",
)  # fmt: skip


def files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_same_seed_gives_the_same_files_and_another_one_others(tmp_path):
    made = [generate(tmp_path / name, 9, seed) for name, seed in (("one", 1), ("again", 1), ("other", 2))]
    assert made[0] == made[1]
    assert files(tmp_path / "one") == files(tmp_path / "again")
    assert set(made[0]).isdisjoint(made[2])


def test_an_app_is_the_same_however_many_there_are(tmp_path):
    few, many = generate(tmp_path / "few", 3), generate(tmp_path / "many", 12)
    assert len(few) == 3
    assert len(many) == 12
    assert set(few) < set(many)
    assert files(tmp_path / "few" / "apps").items() <= files(tmp_path / "many" / "apps").items()


def test_every_overlay_builds_and_passes_its_check(tmp_path):
    made = generate(tmp_path, OVERLAYS, SEED)
    outcome = workflow.check(Run(tmp_path), workflow.Request())
    assert outcome.findings == ()
    assert [result.overlay for result in outcome.results] == made
    snapshot = FolderSnapshot(str(tmp_path))
    results = renderer(Run(tmp_path)).render(tuple(Trial(snapshot, folder) for folder in made))
    texts = [result.text for result in results if isinstance(result, Rendered)]
    assert len(texts) == len(made)
    kinds = {line.removeprefix("kind: ") for text in texts for line in text.splitlines() if line.startswith("kind: ")}
    assert tuple(sorted(kinds)) == KINDS
    sizes = [text.count("\nkind: ") for text in texts]
    assert min(sizes) < 8
    assert max(sizes) > 16
    used = {path.parent.name for path in tmp_path.glob("components/*/kustomization.yaml")}
    assert used == set(COMPONENTS)
    assert len(list(tmp_path.glob("bases/*"))) > 1


@pytest.mark.parametrize("folder", ["bases/http-1", *(f"components/{name}" for name in COMPONENTS)])
def test_what_apps_share_is_a_kustomization(folder):
    assert "kustomization.yaml" in shared(folder)


def test_an_app_has_an_overlay_for_each_environment():
    import random

    made = app("web", random.Random(1))
    assert {path.split("/")[1] for path in made if path.startswith("overlays/")} == {"dev", "staging", "production"}


def test_the_peers_schemas_need_no_other_file(tmp_path):
    location = self_contained("1.34", tmp_path)
    assert location == f"{tmp_path}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    text = (tmp_path / "deployment-apps-v1.json").read_text()
    assert '"$id"' not in text
    assert "_definitions.json" not in text
    assert '"io.k8s.api.core.v1.PodSpec":' in text
    assert '"io.k8s.api.core.v1.NodeSpec":' not in text
