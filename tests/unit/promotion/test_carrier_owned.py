"""What belongs to an environment, by its name or by its form."""

from __future__ import annotations

import pytest

from fairlead.model.plan import Verdict
from tests.promoting import around, judged, moves, the_move


@pytest.mark.parametrize(
    "name",
    [
        "replicas",
        "storage",
        "schedule",
        "host",
        "HOSTNAME",
        "baseDomain",
        "PUBLIC_URL",
        "namespace",
        "cluster",
        "accountId".replace("Id", ""),
        "AWS_REGION",
        "email",
        "DB_PASSWORD",
        "apiKey",
        "bucket",
        "logLevel",
        "LOG-LEVEL",
        "minReplicas",
        "maxSurge",
        "MIN_SIZE",
        "clusterIP",
        "port",
        "retention",
        "kafkaBrokers",
    ],
)
def test_names_of_what_is_the_environments_own(name):
    move = the_move(f"{name}: one\n", f"{name}: two\n")
    assert (move.carrier, move.verdict, move.reason) == (
        "owned-names", Verdict.KEEP, f"{name} belongs to the environment",
    )  # fmt: skip
    assert move.changes == ()


@pytest.mark.parametrize(
    "file",
    [
        "resources: {limits: {x: %s}}\n", "resources: {requests: {gpu: %s}}\n", "nodeSelector: {pool: %s}\n",
        "tolerations:\n- effect: %s\n", "env:\n- {name: API_HOST, value: %s}\n", "literals: [DB_HOST=%s]\n",
        "args: [--replicas=%s]\n", "- {op: replace, path: /spec/replicas, value: %s}\n",
    ],
)  # fmt: skip
def test_wherever_the_name_stands(file):
    assert {(m.carrier, m.verdict) for m in moves(file % "one", file % "two")} == {("owned-names", Verdict.KEEP)}


@pytest.mark.parametrize("name", ["hosts_file", "keyed", "monkey", "colour", "replicasets", "min", "limits"])
def test_names_by_their_last_word_only(name):
    found = judged(f"{name}: one\n", f"{name}: two\n")
    assert (found[0] == "owned-names") is (name in ("min", "limits"))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("true", "false", "a switch"),
        ("ON", "off", "a switch"),
        ("enabled", "disabled", "a switch"),
        ("3", "5", "a quantity"),
        ("-1", "2.5", "a quantity"),
        ("100m", "2", "a quantity"),
        ("64Mi", "1Gi", "a quantity"),
        ("30s", "5m", "a quantity"),
        ("50%", "60%", "a quantity"),
        ("10MB", "1 GB", "a quantity"),
        ("a1b2c3d4-0000-4000-8000-000000000001", "A1B2C3D4-0000-4000-8000-000000000002", "a UUID"),
        ("10.0.0.1", "10.0.0.2", "an address"),
        ("10.0.0.0/16", "10.1.0.0/16", "an address"),
        ("10.0.0.1:80", "10.0.0.2:80", "an address"),
        ("fe80::1", "fe80::2", "an address"),
        ("::1", "::2", "an address"),
        ("a@x.io", "b@x.io", "an e-mail address"),
        ("https://a.io", "https://b.io/p", "a URL"),
        ("postgres://a/b", "postgres://c/d", "a URL"),
        ("api.one.io", "api.two.io", "a host name"),
        ("a.io:8080", "b.io:8080", "a host name"),
        ("'*.a.io'", "'*.b.io'", "a host name"),
        ("arn:aws:s3:::a", "arn:aws:s3:::b", "a cloud resource"),
        ("projects/a/x", "projects/b/x", "a cloud resource"),
        ("'0 3 * * *'", "'0 4 * * 1-5'", "a schedule"),
        ("'*/5 * * * MON'", "'0 1 * * SUN'", "a schedule"),
    ],
)
def test_values_by_their_form(old, new, what):
    move = the_move(f"what: {new}\n", f"what: {old}\n")
    assert (move.carrier, move.verdict, move.reason) == (
        "owned-values",
        Verdict.KEEP,
        f"{what} belongs to the environment",
    )


@pytest.mark.parametrize(("old", "new"), [("a-prod", "b"), ("b", "a/dev/x"), ("team-staging-x", "team-dev-y")])
def test_a_value_that_names_an_environment(old, new):
    move = the_move(f"what: {new}\n", f"what: {old}\n")
    assert (move.carrier, move.verdict, move.reason) == ("owned-values", Verdict.KEEP, "it names the environment")


def test_only_the_words_of_these_environments_count():
    assert judged("what: qa-x\n", "what: b\n") == ("rest", "offered", "offer")
    assert judged("what: qa-x\n", "what: b\n", around(words=("qa", "prod"))) == ("owned-values", "owned", "keep")


@pytest.mark.parametrize(("old", "new"), [("blue", "green"), ("some text", "other text"), ("'x: y'", "z")])
def test_the_rest_is_offered_with_its_edit(old, new):
    move = the_move(f"what: {new}\n", f"what: {old}\n")
    assert (move.carrier, move.verdict, move.reason, len(move.changes)) == (
        "rest", Verdict.OFFER, "nothing says whose it is", 1,
    )  # fmt: skip
