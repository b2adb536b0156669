"""Which folders of the repository a Kustomization means whose source is an artifact."""

import pytest

from fairlead.checks.artifacts import copies, origins
from fairlead.checks.objects import read_file

# The form of Flux's own example: one artifact an app, copied out of the repository.
GENERATOR = """\
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: flux-system, namespace: flux-system}
spec:
  sources: [{alias: monorepo, kind: GitRepository, name: flux-system}]
  artifacts:
  - name: apps
    originRevision: "@monorepo"
    copy:
    - {from: "@monorepo/apps/base/**", to: "@artifact/base/"}
    - {from: "@monorepo/apps/staging/**", to: "@artifact/staging/"}
  - name: infra
    copy:
    - {from: "@monorepo/infrastructure/**", to: "@artifact/"}
    - {from: "@monorepo/README.md", to: "@artifact/"}
"""


def applied(kind: str, name: str, path: str) -> list[str]:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        "metadata: {name: x, namespace: flux-system}\n"
        f"spec: {{path: {path}, sourceRef: {{kind: {kind}, name: {name}}}}}\n"
    )
    (one,) = read_file(text)
    return list(origins(one, copies(read_file(GENERATOR))))


@pytest.mark.parametrize(
    ("kind", "name", "path", "expected"),
    [
        ("ExternalArtifact", "apps", "./staging", ["apps/staging"]),
        ("ExternalArtifact", "apps", "staging/web", ["apps/staging/web"]),
        ("ExternalArtifact", "apps", "./", []),
        ("ExternalArtifact", "infra", "./configs", ["infrastructure/configs"]),
        ("ExternalArtifact", "infra", "./", ["infrastructure"]),
        ("ExternalArtifact", "nobody", "./staging", []),
        ("OCIRepository", "apps", "./apps/staging", ["apps/staging"]),
        ("OCIRepository", "apps", "./", []),
        ("GitRepository", "apps", "./staging", []),
    ],
)
def test_a_path_in_an_artifact_is_one_of_the_repository(kind, name, path, expected):
    assert applied(kind, name, path) == expected


def test_clusters_that_call_their_artifacts_alike_are_told_together():
    other = GENERATOR.replace("staging", "production")
    known = copies((*read_file(GENERATOR), *read_file(other)))
    assert {copy.origin for copy in known["flux-system", "apps"]} == {"apps/base", "apps/staging", "apps/production"}
