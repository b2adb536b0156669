"""Paths to fields as people write them."""

import pytest

from fairlead.repo.field_paths import ANY, parts


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[*].image", ("spec", "containers", ANY, "image")),
        ("metadata.labels[app.kubernetes.io/name]", ("metadata", "labels", "app.kubernetes.io/name")),
        ("metadata.annotations['a.b']", ("metadata", "annotations", "a.b")),
        ("spec.ports[0].port", ("spec", "ports", "0", "port")),
        ("a[*][*]", ("a", ANY, ANY)),
        *((bad, ()) for bad in ("", ".", "a.", ".a", "a..b", "a[", "a]", "a[]", "a[b]c", "a[[b]]")),
    ],
)
def test_a_path_is_its_steps_and_nothing_where_it_is_none(text, steps):
    assert parts(text) == steps
