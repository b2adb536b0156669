"""Files of two overlays: which are compared how, and which are only told."""

from __future__ import annotations

from fairlead.model.overlays import Overlay, OverlayId
from fairlead.model.plan import Move
from fairlead.model.snapshot import MemorySnapshot
from fairlead.promotion.overlays import survey
from tests.promoting import around, told

STAGING, PRODUCTION = (Overlay(OverlayId("web", env), f"apps/web/{env}", (env,)) for env in ("staging", "production"))


def moves(files: dict[str, tuple[str, str]]) -> tuple[Move, ...]:
    """The moves of files that stand on both sides."""
    texts = {f"apps/web/{env}/{name}": pair[side] for name, pair in files.items()
             for side, env in enumerate(("staging", "production"))}  # fmt: skip
    paths = (PRODUCTION.path, STAGING.path)
    return survey(MemorySnapshot.of(texts), STAGING, PRODUCTION, paths, around(), {})


def test_env_files_are_compared_line_by_line():
    assert told(moves({"app.env": ("WEB_TAG=b2c\n", "WEB_TAG=a1b\n")})) == ["promote WEB_TAG=: a1b -> b2c"]


def test_those_of_a_secret_generator_stay_unread():
    kustomization = "secretGenerator:\n- {name: a, envs: [app.env]}\n"
    (move,) = moves({"kustomization.yaml": (kustomization,) * 2, "app.env": ("WEB_TAG=b2c\n", "WEB_TAG=a1b\n")})
    assert (move.verdict, move.field_class, move.old, move.changes) == ("keep", "owned", "(file)", ())


def test_a_template_is_left_out_with_a_note():
    (move,) = moves({"a.yaml": ("a: {{ .Values.x }}\n{{ if y }}\n", "a: 1\n")})
    assert (move.verdict, move.changes) == ("offer", ())
    assert move.reason.endswith("a template, which is no YAML: compare it by hand")


def test_a_file_that_one_side_can_not_be_read_of_is_told_with_the_place():
    (move,) = moves({"a.yaml": ("a: [\n", "a: 1\n")})
    assert move.reason.startswith("apps/web/staging/a.yaml:2:1: not YAML")


def test_other_files_are_told():
    (move,) = moves({"a.txt": ("x", "y")})
    assert move.reason == "not YAML: compare it by hand"
