"""What is taken for a secret, and that asking first loses nothing that detect-secrets finds."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.checks import secrets
from tests.judging import findings

_PATTERNS = [
    pytest.param(detector, pattern, id=f"{type(detector).__name__}-{number}")
    for detector in secrets._detectors()
    for number, pattern in enumerate(detector.denylist)
]


def test_every_specific_detector_of_detect_secrets_is_asked() -> None:
    from importlib import import_module
    from pkgutil import iter_modules

    from detect_secrets import plugins
    from detect_secrets.plugins.base import RegexBasedDetector

    general = {"IPPublicDetector", "KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString"}
    known = set()
    for module in iter_modules(plugins.__path__):
        for name, kind in vars(import_module(f"detect_secrets.plugins.{module.name}")).items():
            if isinstance(kind, type) and issubclass(kind, RegexBasedDetector) and kind is not RegexBasedDetector:
                known.add(name)
    assert {type(detector).__name__ for detector in secrets._detectors()} == known - general


@pytest.mark.parametrize(("detector", "pattern"), _PATTERNS)
def test_no_line_that_a_detector_speaks_of_is_kept_from_it(detector: object, pattern: re.Pattern[str]) -> None:
    alphabet = st.characters(codec="ascii", exclude_characters="\n\r\v\f\x1c\x1d\x1e\x85")
    padding = st.text(alphabet=string.ascii_letters + string.digits + " :=\"'/@.-", max_size=6)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern, alphabet=alphabet), padding, padding)
    def lines(text: str, before: str, after: str) -> None:
        for line in (text, before + text + after):
            if list(detector.analyze_string(line)):  # type: ignore[attr-defined]  # each is a plugin
                assert secrets.could_be(line.encode())

    lines()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("token: ghp_" + "a1B2" * 9, "GitHub Token"),
        ("- AWS_ACCESS_KEY_ID=AKIA" + "Q3EGRW5ZTHXB2K7M", "AWS Access Key"),
        ("url: postgres://web:s4ltpepper@db.example.org/web", "Basic Auth Credentials"),
        ("  -----BEGIN RSA PRIVATE KEY-----", "Private Key"),
        ("hook: https://hooks.slack.com/services/" + "T0A1B2C3/B4D5E6F7/g8H9i0J1k2L3", "Slack Token"),
        ("key: " + "xoxb-" + "123456789012-1234567890123-a1b2c3d4e5", "Slack Token"),
    ],
)
def test_tokens_are_found_with_their_place(line: str, kind: str) -> None:
    assert [(number, told) for number, _, told in secrets.found(b"a: b\n" + line.encode())] == [(2, kind)]


@pytest.mark.parametrize(
    "line",
    [
        "url: postgres://web:$(PASSWORD)@db/web",
        "url: https://user:<password>@example.com",
        "url: https://user:changeme@example.com",
        "AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE",
        "token: ghp_" + "a1B2" * 9 + " # pragma: allowlist secret",
        "key: grafana-dashboard-image-repository-provision.json",
        "digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "image: registry.example.com:5000/team/application-with-a-long-name@sha256:" + "a" * 64,
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert list(secrets.found(line.encode())) == []


@pytest.mark.parametrize(
    "value",
    ["", "changeme", "CHANGE_ME", "<your-password>", "${PASSWORD}", "$(PASSWORD)", "{{ password }}", "xxxxxxxx",
     "<path:secret/data/web#password>", "vault:secret/data/web#password", "ref+vault://web/password", "op://web/db/pw",
     "ENC[AES256_GCM,data:abc]", "dummyClientSecret", "replace-me-in-production", "password", "'TODO'", "********"],
)  # fmt: skip
def test_placeholders_stand_for_secrets(value: str) -> None:
    assert secrets.stands_for(value)


@pytest.mark.parametrize("value", ["s4lt-and-p3pper", "hunter2", "minioadmin", "Pa55word!", "yourself-2024"])
def test_what_is_written_out_is_no_placeholder(value: str) -> None:
    assert not secrets.stands_for(value)


def test_ordinary_files_are_shown_to_no_detector() -> None:
    files = [path for path in (Path(__file__).parents[3] / "environments").rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [line for path in files for line in path.read_bytes().splitlines() if secrets.could_be(line)] == []


def test_a_line_of_any_length_is_read_in_time() -> None:
    for text in (b"eyJ" * 500_000, b"//" * 500_000 + b"_authToken=", b"key: aws '" * 100_000, b"x" * 1_500_000):
        assert list(secrets.found(text)) == []
    deep = b"a" * 100_000 + b" ghp_" + b"a1B2" * 9 + b" " + b"b" * 5_000
    assert list(secrets.found(deep)) == [(1, 100_002, "GitHub Token")]


_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n"


def _told(secret: str, more: str = "", **files: str) -> list[str]:
    found = findings(
        {
            "overlays/dev/kustomization.yaml": "resources:\n- secret.yaml\n" + more,
            "overlays/dev/secret.yaml": secret,
            **{f"overlays/dev/{name.replace('__', '.')}": text for name, text in files.items()},
        },
        "plaintext-secret",
    )
    return [
        f"{f.where.path.rpartition('/')[2]}:{f.where.line}:{f.where.column} {f.message.split(':')[0]}" for f in found
    ]


def test_encoded_data_is_in_plain_too() -> None:
    assert _told(_SECRET + "data:\n  username: d2Vi\n  password: czRsdC1hbmQtcDNwcGVy\n") == [
        "secret.yaml:7:13 password of Secret/web is in plain, only encoded (base64)"
    ]


def test_a_literal_of_a_secret_generator_is_in_plain_and_one_of_a_config_map_is_not() -> None:
    literals = "  literals:\n  - DB_USER=web\n  - DB_PASSWORD=s4lt-and-p3pper\n"
    more = f"secretGenerator:\n- name: db\n{literals}configMapGenerator:\n- name: settings\n{literals}"
    assert _told(_SECRET, more) == ["kustomization.yaml:7:5 DB_PASSWORD of the generated Secret db is in plain"]


def test_files_of_generators_are_looked_into() -> None:
    more = "secretGenerator:\n- name: db\n  envs: [db.env]\nconfigMapGenerator:\n- name: c\n  files: [app.conf]\n"
    got = _told(
        _SECRET, more, db__env="# comment\nUSER=web\nPASSWORD=s4lt-and-p3pper\n", app__conf="t = ghp_" + "a1B2" * 9
    )
    assert got == [
        "app.conf:1:5 a GitHub Token stands here",
        "db.env:3:10 PASSWORD of a generated Secret is in plain",
    ]


@pytest.mark.parametrize(
    "secret",
    [
        _SECRET + "stringData:\n  password: ENC[AES256_GCM,data:czRs,type:str]\nsops:\n  version: 3.9.0\n",
        _SECRET + "stringData:\n  username: web\n  host: db.example.com\n  region: eu-west-1\n",
        _SECRET + "type: kubernetes.io/service-account-token\n",
        _SECRET + "stringData:\n  tls.crt: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n",
        _SECRET + "stringData:\n  password: s4lt-and-p3pper # gitleaks:allow\n",
        _SECRET + "data:\n  password: czRsdC1hbmQtcDNwcGVy # notsecret\n",
        _SECRET + "stringData:\n  password: s4lt # fairlead: ignore[plaintext-secret] of a throw-away database\n",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: web\nspec:\n  encryptedData:\n"
        "    password: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: web\nspec:\n"
        "  data:\n  - secretKey: password\n    remoteRef: {key: web, property: password}\n",
    ],
)  # fmt: skip
def test_what_is_encrypted_or_comes_from_elsewhere_is_fine(secret: str) -> None:
    assert _told(secret) == []
