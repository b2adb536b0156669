"""A double of GitHub on loopback: as an Enterprise server, at /api/v3, /api/graphql and git over http. In this process.

It holds every request, and each of its own answers, against what GitHub publishes (`description.py`): what doesn't fit
is answered with 418 and stands in `mistakes`, which a test must find empty. What it can't tell: whether GitHub's own
conduct is as its double's; that was written from GitHub's documentation and from what it is known to answer.
"""

from __future__ import annotations

import atexit
import base64
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.forges.github import graphql
from tests.forges.github.description import rest
from tests.forges.github.rest import HANDLERS, Call
from tests.forges.github.state import Login, RefusalError, Repo, World

_GIT = re.compile(r"/([\w.-]+/[\w.-]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)")
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass
class Fault:
    """What happens instead of an answer: `answer` is (status, headers, body), None cuts the connection.

    `after` the effect, or before. The first `skip` requests that it fits are let pass, then `times` are not.
    """

    path: str
    answer: tuple[int, dict[str, str], Any] | None
    method: str = ""
    after: bool = False
    skip: int = 0
    times: int = 1
    delay: float = 0.0  # seconds after which the true answer comes after all

    def strikes(self, method: str, path: str) -> bool:
        if self.method not in ("", method) or not re.search(self.path, path) or self.times < 1:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Reply:
    """What goes back; None for a body that there is none of."""

    status: int
    body: bytes | None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    @classmethod
    def json(cls, status: int, data: Any, **headers: str) -> Reply:
        return cls(status, json.dumps(data).encode(), {"Content-Type": "application/json; charset=utf-8", **headers})


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Double:
    """One that runs."""

    def __init__(self) -> None:
        self.world = World(Path(tempfile.mkdtemp(prefix="fairlead-github-")))
        atexit.register(shutil.rmtree, self.world.folder, ignore_errors=True)
        self.mistakes: list[str] = []
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str]] = []  # of the API
        self._tokens: dict[str, str] = {}
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.api = f"{self.url}/api/v3"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def token(self, who: str) -> str:
        """The token of a person."""
        if who not in self._tokens:
            self._tokens[who] = self.world.token(who)
        return self._tokens[who]

    def project(self, *people: str) -> str:
        """A new empty repository in which these people may write; the first of them owns it."""
        name = f"environments-{next(self._numbers)}"
        return self.world.repo(people[0], name, dict.fromkeys(people[1:], "write")).full_name

    def repo(self, project: str) -> Repo:
        return self.world.repos[project.lower()]

    def answer(self, asked: Asked) -> Reply | None:
        """The answer; None cuts the connection."""
        with self._lock:
            fault = next((f for f in self.faults if f.strikes(asked.method, asked.path)), None)
            if fault is None or fault.after or fault.delay:
                reply = self._answer(asked)
            if fault is None:
                return reply
            if fault.delay:
                return replace(reply, delay=fault.delay)
            if fault.answer is None:
                return None
            status, headers, body = fault.answer
            return Reply(status, body, headers) if isinstance(body, bytes) else Reply.json(status, body, **headers)

    def _answer(self, asked: Asked) -> Reply:
        found = _GIT.fullmatch(asked.path)
        if found:
            return self._git(asked, found[1].lower(), found[2])
        self.asked.append((asked.method, asked.path))
        try:
            return self._api(asked)
        except RefusalError as no:
            data: dict[str, Any] = {"message": no.message, "documentation_url": "https://docs.github.com/rest"}
            if no.errors is not None:
                data["errors"] = no.errors
            return Reply.json(no.status, data | {"status": str(no.status)}, **no.headers)

    # ── the API ──

    def _api(self, asked: Asked) -> Reply:
        login = self._login(asked.headers.get("authorization", ""))
        body = json.loads(asked.body) if asked.body else None
        if asked.path == "/api/graphql":
            return Reply.json(200, graphql.answer(self.world, login, body))
        found = rest().find(asked.method, asked.path.removeprefix("/api/v3"))
        if found is None or not asked.path.startswith("/api/v3/"):
            return self._mistake(f"no such operation: {asked.method} {asked.path}")
        operation, parts = found
        query = dict(parse_qsl(asked.query))
        refusal = rest().refusal(operation, query, body)
        if refusal:
            return self._mistake(refusal)
        if "repo" in parts:
            self._admitted(login, asked, f"{parts['owner']}/{parts['repo']}".lower())
        call = Call(self.world, login, operation.name, parts, query, body, self.api)
        headers = {} if login.scopes is None else {"X-OAuth-Scopes": ", ".join(login.scopes)}
        headers |= {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "1900000000"}
        try:
            status, data = HANDLERS[operation.name](call)
        except RefusalError as no:
            no.headers |= headers
            self._held(operation.name, no.status, {"message": no.message, "documentation_url": ""})
            raise
        if isinstance(data, list) and asked.method == "GET":
            data, link = self._page(asked, query, data)
            headers |= {"Link": link} if link else {}
        data = rest().filled(operation, status, data)
        wrong = rest().wrong(operation, status, data)
        return self._mistake(f"answer to {operation.name}: {wrong}") if wrong else Reply.json(status, data, **headers)

    def _held(self, name: str, status: int, data: Any) -> None:
        operation = next(row for row in rest().operations if row.name == name)
        wrong = rest().wrong(operation, status, data)
        if wrong:
            self.mistakes.append(f"{status} to {name}: {wrong}")

    def _mistake(self, text: str) -> Reply:
        self.mistakes.append(text)
        return Reply.json(418, {"message": f"the double: {text}"})

    def _login(self, header: str) -> Login:
        scheme, _, word = header.partition(" ")
        if scheme.lower() == "basic":
            word = base64.b64decode(word).decode().partition(":")[2]
        found = self.world.logins.get(word)
        if found is None:
            raise RefusalError(401, "Bad credentials" if header else "Requires authentication")
        return found

    def _admitted(self, login: Login, asked: Asked, name: str) -> Repo:
        if name in self.world.moved:
            there = asked.path.replace(name, self.world.moved[name]) + (f"?{asked.query}" if asked.query else "")
            status = 301 if asked.method == "GET" else 307
            raise RefusalError(status, "Moved Permanently", Location=f"{self.url}{there}")
        repo = self.world.repos.get(name)
        access = repo.access.get(login.user.login) if repo is not None else None
        if repo is None or access is None or (login.scopes is not None and "repo" not in login.scopes):
            raise RefusalError(404, "Not Found")
        if asked.method in _WRITES and repo.archived:
            raise RefusalError(403, "Repository was archived so is read-only.")
        if asked.method in _WRITES and (login.reads or access == "read"):
            raise RefusalError(403, "Resource not accessible by personal access token")
        return repo

    def _page(self, asked: Asked, query: dict[str, str], rows: list[Any]) -> tuple[list[Any], str]:
        size, number = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        last = max(1, -(-len(rows) // size))
        links = {"next": number + 1, "last": last} if number < last else {}
        links |= {"prev": number - 1, "first": 1} if number > 1 else {}
        url = f"{self.url}{asked.path}"
        told = [f'<{url}?{urlencode({**query, "page": at})}>; rel="{name}"' for name, at in links.items()]
        page = rows[(number - 1) * size : number * size]
        return [row() if isinstance(row, Callable) else row for row in page], ", ".join(told)

    # ── git ──

    def _git(self, asked: Asked, name: str, service: str) -> Reply:
        try:
            login = self._login(asked.headers.get("authorization", ""))
        except RefusalError as no:
            return Reply(401, no.message.encode(), {"WWW-Authenticate": 'Basic realm="GitHub"'})
        if name in self.world.moved:
            there = f"{self.url}/{self.world.moved[name]}.git/{service}?{asked.query}"
            return Reply(301, b"", {"Location": there})
        repo = self.world.repos.get(name)
        writes = "git-receive-pack" in (service, dict(parse_qsl(asked.query)).get("service"))
        access = repo.access.get(login.user.login) if repo is not None else None
        if repo is None or access is None:
            return Reply(404, b"Repository not found.")
        if writes and (repo.archived or login.reads or access == "read"):
            why = "This repository was archived so it is read-only." if repo.archived else "Write access not granted."
            return Reply(403, why.encode(), {"Content-Type": "text/plain"})
        served = repo.git.serve(asked.method, service, asked.query, asked.headers, asked.body, login.user.login)
        if service == "git-receive-pack":
            repo.sync(login.user)
        return Reply(served.status, served.data, served.headers)


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parts.query, headers, self._body(headers))
            try:
                reply = double.answer(asked)
            except Exception as error:  # a test must see it, not a client that tries again
                double.mistakes.append(f"{self.command} {self.path}: {error!r}")
                reply = Reply.json(418, {"message": f"the double: {error!r}"})
            if reply is None:
                self.close_connection = True
                return
            time.sleep(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body or b"")))
            self.end_headers()
            self.wfile.write(reply.body or b"")

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

        def _body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(headers.get("content-length") or 0))
            out = b""
            while size := int(self.rfile.readline().strip(), 16):
                out += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return out

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError, ValueError):
                super().handle()

    return Handler


_running: list[Double] = []


def double() -> Double:
    """The one of this process."""
    if not _running:
        _running.append(Double())
    return _running[0]


def mistakes() -> list[str]:
    """What no test should have left; told once."""
    found = [row for one in _running for row in one.mistakes]
    for one in _running:
        one.mistakes.clear()
    return found
