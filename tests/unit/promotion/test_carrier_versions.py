"""Names that say version, and values that are versions whatever they are called."""

from __future__ import annotations

import pytest

from fairlead.model.plan import Verdict
from tests.promoting import carried, judged, moves, the_move

SHA = "a1" * 20


@pytest.mark.parametrize(
    "name",
    [
        "tag", "version", "revision", "commit", "sha", "digest", "newTag", "targetRevision", "appVersion", "imageTag",
        "IMAGE_TAG", "image-tag", "image.tag", "GIT_SHA", "chart_version", "ImageDigest", "WEB_VERSION", "gitCommit",
        "app.kubernetes.io/version", "releaseTAG",
    ],
)  # fmt: skip
def test_keys_that_say_version_in_any_case_style(name):
    source, target = f"{name}: abc2\n", f"{name}: abc1 # keep me\n"
    assert carried(source, target) == target.replace("abc1", "abc2")
    move = the_move(source, target)
    assert (move.carrier, move.reason, move.token) == (
        "version-names", f"{name} names a version", ("abc1", "abc2"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "api_version", "minVersion", "MAX_TAG", "kubernetesVersion", "k8s-version", "tlsVersion", "TLS_MIN_VERSION",
        "httpVersion", "sslVersion", "protocol_version", "schemaVersion", "versions", "tagged", "stage", "conversion",
    ],
)  # fmt: skip
def test_keys_that_do_not(name):
    assert judged(f"{name}: abc2\n", f"{name}: abc1\n")[0] != "version-names"


@pytest.mark.parametrize(
    "file",
    [
        "env:\n- name: IMAGE_TAG\n  value: %s\n",
        "env:\n- {name: web_version, value: '%s'}\n",
        "args:\n- --image-tag=%s\n",
        "literals:\n- WEB_VERSION=%s\n",
        'literals: ["WEB_VERSION=%s"]\n',
        "- op: replace\n  path: /spec/template/metadata/labels/version\n  value: %s\n",
        "- op: add\n  path: /metadata/annotations/web~1version\n  value: %s\n",
        "patches:\n- target: {kind: Web}\n  patch: |-\n    - op: add\n      path: /spec/version\n      value: %s\n",
        'patch: |\n  spec:\n    chart: {version: "%s"}\n',
        "spec:\n  source:\n    targetRevision: %s\n",
        "helmCharts:\n- name: web\n  version: %s\n",
    ],
)
def test_a_version_is_carried_wherever_its_name_stands(file):
    assert carried(file % "abc2", file % "abc1") == file % "abc2"
    assert moves(file % "abc2", file % "abc1")[0].carrier == "version-names"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1.2.3", "latest", "'latest' floats: it names another build tomorrow"),
        ("1.2.3", "~1.2", "'~1.2' is a constraint, not one version"),
        ("1.2.3", "1.2.2", "it would go back from '1.2.3' to '1.2.2'"),
        ("release-2", "main-3", "'main-3' comes from another build channel than 'release-2'"),
        ("blue", "green", "'blue' has no digit"),
    ],
)
def test_doubtful_versions_are_offered(old, new, reason):
    move = the_move(f"tag: {new}\n", f"tag: {old}\n")
    assert (move.verdict, move.reason, len(move.changes)) == (Verdict.OFFER, reason, 1)


@pytest.mark.parametrize(("old", "new"), [("v1-prod", "v1-dev"), ("r-9c6668c-1", "r-9c6668c-2")])
def test_the_same_build_for_each_environment_is_owned(old, new):
    assert judged(f"tag: {new}\n", f"tag: {old}\n") == ("version-names", "owned", "keep")


def test_a_version_that_one_side_leaves_empty_is_no_version():
    assert judged("tag: ''\n", "tag: abc1\n")[0] != "version-names"


@pytest.mark.parametrize(
    ("old", "new"),
    [("1.2.3", "1.2.4"), ("v1.2", "v1.3"), ("v1.2.3", "1.2.4"), (SHA, "b2" * 20), ("1.2.3-rc.1", "1.2.3")],
)
def test_values_that_are_versions_whatever_they_are_called(old, new):
    source, target = f"what: {new}\n", f"what: '{old}'\n"
    assert carried(source, target) == f"what: '{new}'\n"
    assert judged(source, target) == ("version-values", "version", "promote")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.2", "1.3"),
        ("1", "2"),
        (SHA, "b2" * 32),
        ("1.2.3", "abc"),
        ("10.0.0.1", "10.0.0.2"),
        ("192.168.1.10", "192.168.1.11"),
        ("a1b2c3d4-0000-4000-8000-000000000001", "a1b2c3d4-0000-4000-8000-000000000002"),
        ("a1" * 16, "b2" * 16),
    ],
)
def test_values_that_are_none(old, new):
    carrier, _, verdict = judged(f"what: {new}\n", f"what: {old}\n")
    assert (carrier != "version-values", verdict != "promote") == (True, True)


@pytest.mark.parametrize("key", ["host", "DATABASE_URL", "replicas", "cpu", "region", "minVersions"])
def test_the_name_comes_before_the_look(key):
    assert judged(f"{key}: 1.2.4\n", f"{key}: 1.2.3\n") == ("owned-names", "owned", "keep")
