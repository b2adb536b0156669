"""A key that kustomize doesn't know, in a kustomization."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.edit.nodes import Mapping, Sequence
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.names import near_miss

ID = "unknown-kustomization-key"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resuorces:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)

_TOP = (
    "apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels",
    "commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags", "replacements",
    "replicas", "vars", "sortOptions", "resources", "components", "crds", "bases", "configMapGenerator",
    "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions",
    "configurations", "generators", "transformers", "validators", "buildMetadata", "inventory",
)  # fmt: skip
_SELECTOR = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
_GENERATOR = ("name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type")
_ENTRIES = {
    "images": ("name", "newName", "newTag", "digest", "tagSuffix"),
    "replicas": ("name", "count"),
    "patches": ("path", "patch", "target", "options"),
    "labels": ("pairs", "includeSelectors", "includeTemplates", "fields"),
    "configMapGenerator": _GENERATOR,
    "secretGenerator": _GENERATOR,
}


def check(shared: Shared) -> Iterator[Finding]:
    """Look at the keys of every kustomization that is read; case doesn't matter to kustomize."""
    for node in shared.kustomizations:
        if node.body is None:
            continue
        yield from _unknown(node.path, node.body, _TOP, "a kustomization")
        for name, known in _ENTRIES.items():
            value = node.body.get(name)
            for item in value.items if isinstance(value, Sequence) else ():
                if isinstance(item, Mapping):
                    yield from _unknown(node.path, item, known, f"an entry of {name}")
                target = item.get("target") if isinstance(item, Mapping) and name == "patches" else None
                if isinstance(target, Mapping):
                    yield from _unknown(node.path, target, _SELECTOR, "a patch's target")


def _unknown(path: str, mapping: Mapping, known: tuple[str, ...], what: str) -> Iterator[Finding]:
    lower = {name.lower() for name in known}
    for key, _ in mapping.items:
        if key.value.lower() not in lower and key.value not in ("<<", "?"):
            yield Finding(
                ID,
                SEVERITY,
                f"{key.value!r} is no key of {what}",
                near_miss(key.value, known) or "remove it; known are: " + ", ".join(known),
                Where(path, key.line, key.column),
            )
