"""The double on loopback: one for each process that tests. Faults are asked for beforehand."""

from __future__ import annotations

import atexit
import base64
import json
import re
import shutil
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.forges.gitlab.api import World, ask
from tests.forges.gitlab.operations import OPERATIONS, Operation, operation
from tests.forges.gitlab.shapes import ShapeError, check_answer, check_request
from tests.forges.gitlab.state import DEVELOPER, MAINTAINER, Login, Project, Refusal

API = "/api/v4/"
_PAGE = "<!DOCTYPE html><title>Sign in</title><p>Please sign in to the proxy."


@dataclass
class Fault:
    """What goes wrong with requests for some operations.

    `how`: `before` (cut without effect), `after` (cut after it), `html`, `slow`, or a status, which is answered without
    effect, or with it where it is `500 after`.
    """

    operations: re.Pattern[str]
    how: str
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """One that runs. People have tokens of their own."""

    url: str
    world: World
    calls: list[str] = field(default_factory=list)  # names of operations, in order
    faults: list[Fault] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # shapes that GitLab's client doesn't know
    lock: threading.RLock = field(default_factory=threading.RLock)
    names: count[int] = field(default_factory=count)

    def token(self, name: str, value: str = "", **more: Any) -> str:
        """The token of a person, who is made where there is none: `bob` is bob@example.org."""
        return self.world.token(name, value, **more)

    def project(self, *people: str, group: str = "shop/live") -> Project:
        """A new empty project in a subgroup; the first of these people is its maintainer, the others developers."""
        assert self.problems == []
        for name in people:
            self.token(name)
        levels = dict.fromkeys(people, DEVELOPER) | {people[0]: MAINTAINER}
        return self.world.project(f"{group}/environments-{next(self.names)}", levels)

    def fail(self, operations: str, how: str | int, times: int = 1, **headers: str) -> Fault:
        """Let the next requests for these operations (a pattern of their names, or `git`) go wrong."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(re.compile(operations), str(how), times, named))
        return self.faults[-1]

    def fault(self, name: str) -> Fault | None:
        for one in self.faults:
            if one.times > 0 and one.operations.fullmatch(name):
                one.times -= 1
                return one
        return None


_running: list[Server] = []


def server() -> Server:
    """The one of this process."""
    if not _running:
        folder = Path(tempfile.mkdtemp(prefix="fairlead-gitlab-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        http = _Http(("127.0.0.1", 0), _Handler)
        atexit.register(http.shutdown)
        url = f"http://127.0.0.1:{http.server_port}"
        http.double = Server(url, World(folder, url))
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        _running.append(http.double)
    return _running[0]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    double: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  by these names they are looked up

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        if parts.path.startswith(API):
            self._api(parts.path.removeprefix(API), dict(parse_qsl(parts.query, keep_blank_values=True)), body)
        else:
            self._git(parts.path, parts.query, body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        out = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    # ── the API ──

    def _api(self, path: str, query: dict[str, str], body: bytes) -> None:
        double = self.server.double
        found = operation(self.command, path)
        if found is None:
            double.problems.append(f"{self.command} {path} is no operation of the double")
            self._answer(404, {"error": "404 Not Found"})
            return
        one, words = found
        with double.lock:
            double.calls.append(one.name)
            fault = double.fault(one.name)
        if fault is not None and self._broken(fault):
            return
        want = query if self.command == "GET" else json.loads(body) if body else {}
        with double.lock:
            status, data, headers = self._done(one, words, want)
        if fault is not None and fault.how == "after":
            self._cut()
        elif fault is not None and fault.how.endswith(" after"):
            self._answer(int(fault.how.split()[0]), {"message": "500 Internal Server Error"}, fault.headers)
        else:
            self._answer(status, data, headers)

    def _done(self, one: Operation, words: dict[str, str], want: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        double = self.server.double
        try:
            check_request(one, want)
            data = ask(double.world, one.name, self._login(), words, want, self.command)
            data, headers = self._page(data, want)
            check_answer(one, data)
        except Refusal as no:
            nested = isinstance(no.message, dict) and ("error" in no.message or "commands_changes" in no.message)
            return no.status, no.message if nested else {"message": no.message}, no.headers
        except ShapeError as why:
            double.problems.append(str(why))
            return 400, {"error": str(why)}, {}
        return one.status, data, headers

    def _login(self) -> Login | None:
        word = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        login = self.server.double.world.logins.get(self.headers.get("JOB-TOKEN") or word)
        if login is not None and login.job != ("JOB-TOKEN" in self.headers):
            return None
        if login is not None and login.left is not None:
            login.left -= 1
            if login.left < 0:
                raise Refusal(401, {"error": "invalid_token", "error_description": "Token is expired."})
        return login

    def _page(self, data: Any, want: dict[str, Any]) -> tuple[Any, dict[str, str]]:
        if not isinstance(data, list):
            return data, {}
        size, page = min(100, int(want.get("per_page", 20))), int(want.get("page", 1))
        last = max(1, -(-len(data) // size))
        parts = urlsplit(self.path)

        def link(number: int, rel: str) -> str:
            query = urlencode({**dict(parse_qsl(parts.query)), "page": number, "per_page": size})
            return f'<{self.server.double.url}{parts.path}?{query}>; rel="{rel}"'

        links = [link(page + 1, "next")] if page < last else []
        links += [link(1, "first"), link(last, "last")]
        headers = {
            "X-Page": page, "X-Per-Page": size, "X-Next-Page": page + 1 if page < last else "", "X-Total": len(data),
            "X-Prev-Page": page - 1 if page > 1 else "", "X-Total-Pages": last, "Link": ", ".join(links),
        }  # fmt: skip
        return data[(page - 1) * size : page * size], {name: str(value) for name, value in headers.items()}

    # ── faults ──

    def _broken(self, fault: Fault) -> bool:
        """Whether the answer was given, or cut, without any effect."""
        if fault.how == "before":
            self._cut()
        elif fault.how == "html":
            self._send(200, _PAGE.encode(), {"Content-Type": "text/html; charset=utf-8"})
        elif fault.how == "slow":
            time.sleep(float(fault.headers.get("seconds", "1")))
            return False
        elif fault.how == "429":
            self._send(429, b"Retry later\n", {"Content-Type": "text/plain", **fault.headers})
        elif fault.how.isdecimal():
            self._answer(int(fault.how), {"message": f"{fault.how} of a test"}, fault.headers)
        else:
            return False
        return True

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        body = b"" if data is None else json.dumps(data).encode()
        self._send(status, body, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # ── git ──

    def _git(self, path: str, query: str, body: bytes) -> None:
        double = self.server.double
        place, _, service = path.strip("/").partition(".git/")
        fault = double.fault("git")
        if fault is not None and self._broken(fault):
            return
        login = self._basic()
        project, moved = double.world.find(place)
        if login is None:
            self._send(401, b"HTTP Basic: Access denied\n", {"WWW-Authenticate": 'Basic realm="GitLab"'})
            return
        level = project.level(login.user) if project is not None else 0
        if project is None or not level:
            self._send(404, b"The project you were looking for could not be found.\n", {})
            return
        if moved:
            where = f"{double.url}/{project.path}.git/{service}"
            self._send(301, b"", {"Location": f"{where}?{query}" if query else where})
            return
        pushes = "git-receive-pack" in (service, query.removeprefix("service="))
        writes = {"api", "write_repository"} & set(login.scopes) and not login.job
        if pushes and (level < DEVELOPER or project.rules.archived or not writes):
            self._send(403, b"You are not allowed to push code to this project.\n", {"Content-Type": "text/plain"})
            return
        with double.lock:
            shut = [b for b, at in project.rules.protected.items() if not at or level < at]
            project.git.protect(shut)
            done = project.git.serve(self.command, service, query, _lower(self.headers), body, login.user.username)
            if pushes and self.command == "POST":
                project.sync(login.user)
                for other in double.world.projects:
                    if other.parent is project or project.parent is other:
                        other.sync(login.user)
        self._send(done.status, done.data, done.headers)

    def _basic(self) -> Login | None:
        word = self.headers.get("Authorization", "")
        if not word.startswith("Basic "):
            return None
        value = base64.b64decode(word.removeprefix("Basic ")).decode().partition(":")[2]
        return self.server.double.world.logins.get(value)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)
