"""A file of a kustomization is a Git LFS pointer.

git holds only three lines in its place. A work tree where `git lfs pull` ran has the content, but a commit and the
index never do: kustomize takes the pointer for a resource, or writes it into a ConfigMap. An error where the file is
read as YAML, a warning where a generator takes it as it is: what deploys it may fetch the content.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.elsewhere import is_pointer, uses_lfs

ID = "lfs-pointer"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": (
            "version https://git-lfs.github.com/spec/v1\n"
            "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 57\n"
        ),
    }
)
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)


def check(shared: Shared) -> Iterator[Finding]:
    """Look at what is read as YAML, and where LFS is used at all, at what generators read."""
    parsed = frozenset(shared.yaml_files)
    others = shared.kustomizations if uses_lfs(shared.snapshot) else ()
    taken = {r.path for node in others for r in node.references if r.found and not r.is_dir and r.path}
    for path in sorted(parsed | taken):
        data = shared.sources.data(path)
        if data is not None and is_pointer(data):
            yield Finding(
                ID,
                SEVERITY if path in parsed else Severity.WARNING,
                "this is a Git LFS pointer, not the file itself, which git does not hold",
                "keep it in git (git lfs migrate export); `git lfs pull` brings it into the work tree alone",
                Where(path, 1, 1),
            )
