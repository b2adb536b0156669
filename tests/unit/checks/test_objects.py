"""Rendered text as objects, read as Kubernetes' own tools read it."""

from __future__ import annotations

import pytest

from fairlead.checks.objects import plain, read
from fairlead.model.errors import ExcessProblem


def test_objects_come_in_order_and_lists_are_opened() -> None:
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: x}\n---\n"
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n---\n"
    )
    assert [(o.label, o.group, o.namespace) for o in read(text)] == [
        ("Service/a", "", "x"),
        ("Deployment/b", "apps", ""),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("0644", 420),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("yes", True),
        ("", None),
        ("1.10", 1.1),
        ("-5", -5),
        ("1.2.3", "1.2.3"),
        ("0x", "0x"),
        ("089", "089"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_are_what_kubernetes_takes_them_for(text: str, value: object) -> None:
    assert plain(text) == value


def test_quoted_scalars_stay_text_and_keys_always_are() -> None:
    (made,) = read('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  on: "yes"\n  1: |-\n    5\n')
    assert made.body["data"] == {"on": "yes", "1": "5"}


@pytest.mark.parametrize("text", ["[" * 5000, "".join(" " * n * 2 + "a:\n" for n in range(300)), "- " * 5000])
def test_what_nests_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ExcessProblem):
        read(text)
