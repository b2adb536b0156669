"""Env files: KEY=VALUE, line by line."""

from __future__ import annotations

import pytest

from fairlead.edit.nodes import parse
from fairlead.edit.splice import apply
from fairlead.model.changes import Edit
from fairlead.model.plan import Move, Verdict
from fairlead.promotion.compare import FilePair
from fairlead.promotion.env_files import compare_env, is_env_file, is_secret
from tests.promoting import around, told

FILE = "apps/web/overlays/production/app.env"


def moves(source: str, target: str) -> tuple[Move, ...]:
    pair = FilePair("apps/web/overlays/staging/app.env", FILE, source.encode(), target.encode(), "app.env")
    return compare_env(pair, around())


def carried(source: str, target: str, verdicts: tuple[Verdict, ...] = (Verdict.PROMOTE,)) -> str:
    edits = [c for m in moves(source, target) if m.verdict in verdicts for c in m.changes if isinstance(c, Edit)]
    return apply(target.encode(), edits).decode()


def test_a_version_moves_and_everything_else_stays():
    source = "HOST=staging.example.com\nWEB_VERSION=1.5.0\nLOG_FORMAT=json\n"
    target = "# ours\n\nexport WEB_VERSION=1.4.2  \nHOST=example.com\nLOG_FORMAT=text\n"
    assert told(moves(source, target)) == [
        "promote WEB_VERSION=: 1.4.2 -> 1.5.0",
        "keep HOST=: example.com -> staging.example.com",
        "offer LOG_FORMAT=: text -> json",
    ]
    assert carried(source, target) == target.replace("1.4.2", "1.5.0")


def test_line_ends_stay():
    assert carried("A_TAG=b2c\n", "A_TAG=a1b\r\nX=1\r\n") == "A_TAG=b2c\r\nX=1\r\n"


def test_a_new_key_is_offered_as_a_line_at_the_end():
    assert carried("A=1\nB=two\n", "A=1", (Verdict.OFFER,)) == "A=1\nB=two\n"


def test_a_key_of_the_targets_own_stays():
    assert told(moves("", "A=1\n")) == ["keep A=: 1 -> "]


def test_a_key_that_stands_twice_is_not_edited():
    (move,) = moves("A_TAG=b2c\n", "A_TAG=a1b\nA_TAG=a1b\n")
    assert (move.verdict, move.changes) == (Verdict.OFFER, ())


@pytest.mark.parametrize("name", [".env", "app.env", "x/.env.production", "config.properties"])
def test_env_files_by_name(name):
    assert is_env_file(name)


@pytest.mark.parametrize("name", ["env", "environment.yaml", "app.environment", "properties"])
def test_no_env_files(name):
    assert not is_env_file(name)


@pytest.mark.parametrize(
    ("label", "kustomization", "secret"),
    [
        ("app.env", "secretGenerator:\n- {name: a, envs: [./app.env]}\n", True),
        ("app.env", "secretGenerator:\n- {name: a, files: [x=app.env]}\n", True),
        ("secret.env", "configMapGenerator:\n- {name: a, envs: [secret.env]}\n", False),
        ("secret.env", "resources: []\n", True),
        ("app.env", "resources: []\n", False),
    ],
)
def test_what_a_secret_generator_reads_is_secret(label, kustomization, secret):
    assert is_secret(label, parse(kustomization.encode())) is secret
