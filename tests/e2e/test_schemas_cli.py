"""`fairlead schemas vendor`, and what checks keep of schemas from run to run."""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fairlead.render import helper
from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo
from tests.unit.checks.test_custom_resources import definition, widget

_TEMPLATE = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"
_CONFIG = "version: 1\nenvironments: {dev: {}}\n"
_FILES = {
    "fairlead.yaml": _CONFIG,
    "apps/web/overlays/dev/kustomization.yaml": "resources: [widget.yaml]\n",
    "apps/web/overlays/dev/widget.yaml": widget("  sise: 1\n"),
}
needs_helper = pytest.mark.skipif(
    helper.found() is None, reason="there is no fairlead-renderer: nothing is kept without it (make renderer)"
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def _found(repo: Path, *arguments: str, **environment: str) -> list[str]:
    done = fairlead(repo, "check", *arguments, "--format", "json", **environment)
    assert done.returncode in (0, 1), done.stderr
    return [f["rule"] for f in json.loads(done.stdout)["findings"] if f["rule"] != "unread-file"]


def test_what_is_vendored_from_a_definition_judges_from_then_on(repo: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere/widgets.yaml"
    place.parent.mkdir()
    place.write_text("# no document\n---\n" + definition())
    assert _found(repo) == ["no-schema"]
    done = fairlead(repo, "schemas", "vendor", "--from", str(place.parent))
    assert (done.returncode, done.stdout) == (0, "wrote schemas/example.com/widget_v1.json\n"), done.stderr
    line = done.stderr.splitlines()[-1].strip()
    (repo / "fairlead.yaml").write_text(f"{_CONFIG}{line}\n")
    assert _found(repo) == ["schema"]
    again = fairlead(repo, "schemas", "vendor", "--from", str(place))
    assert (again.returncode, again.stdout) == (0, "")
    assert "every kind is judged by a schema" in again.stderr


def test_a_kind_that_nobody_has_a_schema_for_is_told(repo: Path) -> None:
    done = fairlead(repo, "schemas", "vendor")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no schema for Widget (example.com/v1)" in done.stderr


def test_nothing_is_written_through_a_link_that_leads_out(repo: Path, tmp_path: Path) -> None:
    place = tmp_path / "widgets.yaml"
    place.write_text(definition())
    (repo / "schemas").symlink_to(tmp_path)
    done = fairlead(repo, "schemas", "vendor", "--from", str(place))
    assert done.returncode == 2, done.stderr
    assert "leads out of the repository" in done.stderr
    assert not (tmp_path / "example.com").exists()


@needs_helper
def test_a_definition_that_changes_changes_what_was_found(repo: Path, tmp_path: Path) -> None:
    there = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    assert _found(repo, **there) == _found(repo, **there) == ["no-schema"]
    (repo / "definitions.yaml").write_text(definition())
    assert _found(repo, **there) == _found(repo, **there) == ["schema"]
    open_schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    (repo / "definitions.yaml").write_text(definition(open_schema))
    assert _found(repo, **there) == _found(repo, **there) == []
    (repo / "definitions.yaml").unlink()
    assert _found(repo, **there) == ["no-schema"]


@needs_helper
def test_a_schema_file_that_changes_changes_what_was_found(repo: Path, tmp_path: Path) -> None:
    there = {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    (repo / "fairlead.yaml").write_text(f"{_CONFIG}check: {{schema_locations: ['s/{_TEMPLATE}']}}\n")
    assert _found(repo, **there) == ["no-schema"]
    place = repo / "s/example.com/widget_v1.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"$ref": "shared.json"}')
    assert _found(repo, **there) == ["schema"]  # it refers to what is not there
    (place.parent / "shared.json").write_text("{}")
    assert _found(repo, **there) == []
    (place.parent / "shared.json").write_text('{"required": ["status"]}')
    assert _found(repo, **there) == ["schema"]


def test_a_staged_definition_is_held_against_every_overlay(repo: Path) -> None:
    git(repo, "commit", "--quiet", "--allow-empty", "-m", "before")
    (repo / "definitions.yaml").write_text(definition())
    git(repo, "add", "--all")
    assert _found(repo, "--staged") == _found(repo, "--since", "HEAD") == ["schema"]
    git(repo, "commit", "--quiet", "-m", "defined")
    git(repo, "rm", "--quiet", "definitions.yaml")
    assert _found(repo, "--staged") == ["no-schema"]
    (repo / "notes.yaml").write_text("a: b\n")
    git(repo, "reset", "--quiet", "--hard")
    git(repo, "add", "--all")
    assert _found(repo, "--staged") == []


# ── from URLs ──


class _Schemas(BaseHTTPRequestHandler):
    answers: dict[str, bytes] = {}  # noqa: RUF012  a handler is a class of its own in each test

    def do_GET(self) -> None:
        body = self.answers.get(self.path)
        self.send_response(404 if body is None else 302 if body.startswith(b"http:") else 200)
        if body is not None and body.startswith(b"http:"):
            self.send_header("Location", body.decode())
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, dict[str, bytes], Path]]:
    """A server on loopback that speaks TLS: its URL, what it answers by path, and the certificate to trust."""
    certificate, key = _certificate(tmp_path)
    answers: dict[str, bytes] = {}
    handler = type("Handler", (_Schemas,), {"answers": answers})
    served = HTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    served.socket = context.wrap_socket(served.socket, server_side=True)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{served.server_port}", answers, certificate
    served.shutdown()
    thread.join()
    served.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "certificate.pem", folder / "key.pem"


def test_a_url_is_fetched_once_by_the_command_and_never_by_a_check(
    repo: Path, server: tuple[str, dict[str, bytes], Path]
) -> None:
    url, answers, certificate = server
    trusting = {"SSL_CERT_FILE": str(certificate)}
    locations = f"check: {{schema_locations: ['vendored/{_TEMPLATE}', '{url}/{_TEMPLATE}']}}\n"
    (repo / "fairlead.yaml").write_text(_CONFIG + locations)
    answers["/example.com/widget_v1.json"] = json.dumps({"required": ["status"]}).encode()
    assert _found(repo, **trusting) == ["no-schema"]
    done = fairlead(repo, "schemas", "vendor", **trusting)
    assert (done.returncode, done.stdout) == (0, "wrote vendored/example.com/widget_v1.json\n"), done.stderr
    assert "write into fairlead.yaml" not in done.stderr
    assert _found(repo) == ["schema"]


@pytest.mark.parametrize(
    ("answer", "trusted", "code", "words"),
    [
        (None, True, 1, "no schema for Widget"),
        (b"<html>", True, 6, "holds no JSON schema"),
        (b"http://127.0.0.1:9/a.json", True, 6, "which is no https URL"),
        (b"{}", False, 6, "can't fetch"),
    ],
)
def test_what_a_url_does_not_give_is_told(
    repo: Path, server: tuple[str, dict[str, bytes], Path], answer: bytes | None, trusted: bool, code: int, words: str
) -> None:
    url, answers, certificate = server
    if answer is not None:
        answers["/example.com/widget_v1.json"] = answer
    (repo / "fairlead.yaml").write_text(f"{_CONFIG}check: {{schema_locations: ['{url}/{_TEMPLATE}']}}\n")
    done = fairlead(repo, "schemas", "vendor", **({"SSL_CERT_FILE": str(certificate)} if trusted else {}))
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert words in done.stderr
    assert not (repo / "schemas").exists()
