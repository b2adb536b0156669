"""The policy for a forge's answers, on a real server of this machine that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fairlead.forge.http import Api, Token, UnsureError, create
from fairlead.model.errors import ConfigError, ConflictError, DeniedError, WorldError
from tests.support import StillClock

SECRET = "s3cr3t-t0ken"


class Script:
    """What the server answers, in turn: (status, headers, body); None cuts the connection. The last one stays."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.logins: list[str | None] = []


@contextmanager
def serving(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append((self.command, self.path))
            script.logins.append(self.headers.get("Authorization"))
            told = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if told is None:
                self.connection.close()
                return
            status, headers, body = told
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *_) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError, ValueError):
                super().handle()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def speaking(*answers) -> Iterator[tuple[Api, Script, StillClock]]:
    script, clock = Script(*answers), StillClock()
    with serving(script) as url:
        api = Api(url, Token(SECRET, "GITEA_TOKEN"), clock)
        try:
            yield api, script, clock
        finally:
            if api._session is not None:
                api._session.close()


FINE = (200, {}, {"a": 1})


def refused(status: int, headers=None, body=None) -> tuple:
    return (status, headers or {}, {"message": f"no, says {SECRET}"} if body is None else body)


@pytest.mark.parametrize("passing", [None, refused(500), refused(502), refused(503), refused(429)])
def test_what_is_safe_to_repeat_is_repeated(passing):
    with speaking(passing, passing, FINE) as (api, script, _):
        assert api.ask("GET", "x").data == {"a": 1}
    assert len(script.asked) == 3


@pytest.mark.parametrize("lost", [None, refused(500), refused(502, {}, b"<html>bad gateway</html>")])
def test_a_creation_whose_answer_is_lost_is_not_repeated(lost):
    with speaking(lost) as (api, script, _), pytest.raises(UnsureError):
        api.ask("POST", "x", body={})
    assert len(script.asked) == 1


@pytest.mark.parametrize("made_it", [True, False])
def test_a_lost_creation_is_looked_for_before_it_is_tried_again(made_it):
    there: list[str] = []

    def make() -> str:
        calls.append(1)
        if len(calls) == 1:
            if made_it:
                there.append("the first")
            raise UnsureError("lost")
        there.append("another")
        return there[-1]

    calls: list[int] = []
    assert create(StillClock(), lambda: there[0] if there else None, make) == ("the first" if made_it else "another")
    assert len(there) == 1


def test_too_many_requests_did_nothing_so_a_creation_waits_and_is_tried_again():
    with speaking(refused(429, {"Retry-After": "7"}), FINE) as (api, script, clock):
        begin = clock.time
        api.ask("POST", "x")
    assert (len(script.asked), clock.time - begin) == (2, 8)


def test_a_date_of_retry_after_is_waited_for():
    with speaking(refused(503, {"Retry-After": "Sun, 15 Jun 2025 15:06:50 GMT"}), FINE) as (api, _, clock):
        begin = clock.time  # 15:06:40 of that day
        api.ask("GET", "x")
        assert clock.time - begin == 10


def test_a_wait_that_is_too_long_is_not_waited_for():
    with speaking(refused(429, {"Retry-After": "3600"})) as (api, script, clock):
        begin = clock.time
        with pytest.raises(WorldError, match="too many requests"):
            api.ask("GET", "x")
    assert (len(script.asked), clock.time) == (1, begin)


def test_repeats_end():
    with speaking(refused(503)) as (api, script, _), pytest.raises(WorldError, match="503"):
        api.ask("GET", "x")
    assert len(script.asked) == 5


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refused(401), DeniedError, 4),
        (refused(403), DeniedError, 4),
        (refused(404), DeniedError, 4),
        (refused(405), ConflictError, 5),
        (refused(409), ConflictError, 5),
        (refused(422), ConflictError, 5),
        (refused(423), ConflictError, 5),
        (refused(301, {"Location": "https://evil.example/"}), ConfigError, 2),
        (refused(200, {"Content-Type": "text/html"}, b"<html>please log in</html>"), WorldError, 6),
        (refused(403, {"Content-Type": "text/html"}, b"<html>blocked by policy</html>"), WorldError, 6),
        (refused(200, {}, b"{no json"), WorldError, 6),
        (refused(500), WorldError, 6),
    ],
)
def test_each_refusal_has_its_kind_and_says_what_to_do_and_never_the_token(answer, kind, code):
    with speaking(answer) as (api, _, _), pytest.raises(kind) as caught:
        api.ask("GET", "x")
    assert caught.value.exit_code == code
    assert caught.value.remedy
    assert SECRET not in f"{caught.value} {caught.value.remedy}"


def test_a_redirect_is_not_followed_so_no_other_host_sees_the_token():
    other = Script(FINE)
    with (
        serving(other) as elsewhere,
        speaking(refused(302, {"Location": elsewhere})) as (api, _, _),
        pytest.raises(ConfigError),
    ):
        api.ask("GET", "x")
    assert other.asked == []


def test_a_netrc_does_not_go_before_the_token(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password other\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    with speaking(FINE) as (api, script, _):
        api.ask("GET", "x")
    assert script.logins == [f"token {SECRET}"]


def test_nobody_there_is_a_failure_of_the_world():
    with speaking(FINE) as (api, _, _):
        pass
    clock = StillClock()
    gone = Api(api.base, None, clock)
    with pytest.raises(WorldError, match="can't be asked"):
        gone.ask("POST", "x")
    gone._session.close()


def test_a_certificate_that_nobody_vouches_for_is_told_as_such(tmp_path):
    import ssl
    import subprocess

    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_) -> None:
            pass

    with Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        api = Api(f"https://127.0.0.1:{server.server_port}", Token(SECRET, "x"), StillClock())
        try:
            with pytest.raises(WorldError, match="certificate") as caught:
                api.ask("GET", "x")
        finally:
            server.shutdown()
            thread.join()
            api._session.close()
    assert "REQUESTS_CA_BUNDLE" in caught.value.remedy


def test_every_page_is_read():
    more = {"Link": '<http://elsewhere.example/?page=2>; rel="next"'}
    with speaking((200, more, [1, 2]), (200, more, [3]), (200, {}, [4])) as (api, script, _):
        assert list(api.pages("x", {"state": "open"})) == [1, 2, 3, 4]
    assert [path.rpartition("page=")[2] for _, path in script.asked] == ["1&limit=50", "2&limit=50", "3&limit=50"]
