"""A real Gitea on loopback, with SQLite, for tests: started once for each process that tests."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests

from tests.forges import build

CACHED = build.cached()  # looked for at once: when a test runs, its home is an empty one
WHOLE = os.environ.get("FAIRLEAD_TEST_FORGES") == "whole"  # or what every forge must do, and the main job, alone
WHY_NOT = "no Gitea is built here: make test-forge builds one, once"
_ENVIRONMENT = dict(os.environ)
_INTERNAL = "internal-token-of-tests"
_PASSWORD = "a-Passw0rd-of-tests"
_INI = """
APP_NAME = test
RUN_MODE = prod
RUN_USER = {user}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {static}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-tests
INTERNAL_TOKEN = {internal}
PASSWORD_HASH_ALGO = pbkdf2$1000$50
[service]
DISABLE_REGISTRATION = true
[repository]
DEFAULT_BRANCH = main
[log]
MODE = file
LEVEL = warn
[indexer]
ISSUE_INDEXER_TYPE = db
[mailer]
ENABLED = false
[cron]
ENABLED = false
[actions]
ENABLED = false
[session]
PROVIDER = memory
"""


@dataclass
class Server:
    """One that runs. People have tokens of their own."""

    url: str
    admin: str
    people: dict[str, str] = field(default_factory=dict)
    numbers: count = field(default_factory=count)

    def call(self, method: str, path: str, body: Any = None, token: str = "", **more) -> Any:
        """Ask its API as the administrator, or as a person."""
        headers = {"Authorization": f"token {token or self.admin}"}
        answer = requests.request(method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=30, **more)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:500])
        return answer.json() if answer.content else None

    def token(self, name: str) -> str:
        """The token of a person, who is made where there is none: `bob` is bob@example.org."""
        if name not in self.people:
            mail = {"username": name, "email": f"{name}@example.org", "password": _PASSWORD}
            self.call("POST", "admin/users", {**mail, "must_change_password": False})
            made = requests.post(
                f"{self.url}/api/v1/users/{name}/tokens", auth=(name, _PASSWORD), timeout=30,
                json={"name": "tests", "scopes": ["write:repository", "write:issue", "read:user"]},
            )  # fmt: skip
            self.people[name] = made.json()["sha1"]
        return self.people[name]

    def project(self, *people: str) -> str:
        """A new empty repository in which these people may write; the first of them owns it."""
        tokens = [self.token(name) for name in people]
        name = f"environments-{next(self.numbers)}"
        self.call("POST", "admin/users/" + people[0] + "/repos", {"name": name, "default_branch": "main"})
        assert tokens
        for other in people[1:]:
            self.call("PUT", f"repos/{people[0]}/{name}/collaborators/{other}", {"permission": "write"})
        return f"{people[0]}/{name}"

    def wait_for_push(self, project: str) -> None:
        """Gitea learns of the first push to a repository a moment later: until then it has no pull requests."""
        for _ in range(200):
            if not self.call("GET", f"repos/{project}")["empty"]:
                return
            time.sleep(0.05)
        raise AssertionError(f"{project} stays empty")


_running: list[Server] = []


def server() -> Server:
    """The one of this process."""
    if not _running:
        _running.append(_start())
    return _running[0]


def _start() -> Server:
    assert CACHED is not None
    folder = Path(tempfile.mkdtemp(prefix="fairlead-gitea-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    ini = folder / "app.ini"
    ini.write_text(_INI.format(user=user, port=port, static=CACHED.static, folder=folder, internal=_INTERNAL))
    env = {k: v for k, v in _ENVIRONMENT.items() if not k.startswith(("GIT_", "GITEA_"))}
    env |= {"HOME": str(folder), "GITEA_WORK_DIR": str(folder), "GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT": "true"}
    command = [str(CACHED.program), "--config", str(ini)]
    _run([*command, "migrate"], env)
    made = _run(
        [*command, "admin", "user", "create", "--admin", "--username", "root-of-tests", "--password", _PASSWORD,
         "--email", "root@example.org", "--must-change-password=false", "--access-token",
         "--access-token-scopes", "all"],
        env,
    )  # fmt: skip
    token = next(line.split()[-1] for line in made.splitlines() if "oken" in line)
    running = subprocess.Popen([*command, "web"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(_stop, running)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/api/v1/version", timeout=5):
                return Server(url, token)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("Gitea did not start: " + (folder / "log" / "gitea.log").read_text()[-2000:])


def _run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def _stop(running: subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        running.kill()
