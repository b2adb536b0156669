"""Commits of other repositories: fetched once into the cache, by real servers on this machine."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead.doors.git import remotes
from fairlead.doors.git.remotes import CannotFetch, fetch, held
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import DeniedError
from tests.support import new_repo
from tests.unprivileged import unprivileged


class _Server(http.server.BaseHTTPRequestHandler):
    """`git http-backend` behind a web server; it asks for a password where the path begins with `private`."""

    root: Path
    asked: list[str]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.asked.append(path)
        if path.startswith("/private") and self.headers.get("Authorization") != "Basic bWU6c2VjcmV0":
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=False,
            env={
                "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            },
        )  # fmt: skip
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().splitlines()]
        status = next((value for name, value in lines if name == "Status"), "200")
        self.send_response(int(status.split()[0]))
        for name, value in lines:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    do_POST = do_GET  # noqa: N815  the library's name

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other(tmp_path: Path) -> Repository:
    """The remote repository, with a branch, a tag and an annotated tag."""
    repo = new_repo(tmp_path / "srv/other", {"a.yaml": "a: 1\n", "deep/b.yaml": "b: 1\n"})
    new_repo(tmp_path / "srv/private", {"a.yaml": "a: 2\n"})
    repo.git.run("tag", "v1")
    repo.git.run("-c", "user.name=n", "-c", "user.email=e@localhost", "tag", "-am", "Second", "v2")
    return repo


@pytest.fixture
def server(tmp_path: Path, other: Repository) -> Iterator[tuple[str, list[str]]]:
    """The address of a web server with the repository, and the paths that it is asked for."""
    handler = type("Handler", (_Server,), {"root": tmp_path / "srv", "asked": []})
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", handler.asked  # type: ignore[attr-defined]
    running.shutdown()
    running.server_close()


def _head(repo: Repository) -> str:
    return repo.git.resolve("HEAD") or ""


@pytest.mark.parametrize("ref", ["", "v1", "v2", "refs/tags/v1"])
def test_a_commit_or_tag_is_fetched_once_over_http(ref: str, server: tuple[str, list[str]], other: Repository) -> None:
    address, asked = server
    url = f"{address}/other/.git"
    assert held(url, ref or _head(other)) is None
    first = fetch(url, ref or _head(other))
    assert first.commit == _head(other)
    assert first.snapshot().files() == ("a.yaml", "deep/b.yaml")
    assert first.snapshot().read("deep/b.yaml") == b"b: 1\n"
    seen = len(asked)
    assert fetch(url, ref or _head(other)) == held(url, ref or _head(other)) == first
    assert len(asked) == seen > 0


def test_only_what_the_commit_needs_is_fetched(other: Repository) -> None:
    old = _head(other)
    (Path(other.root) / "a.yaml").write_text("a: 2\n")
    other.git.run("-c", "user.name=n", "-c", "user.email=e@localhost", "commit", "-qam", "More")
    store = fetch(f"file://{other.root}", _head(other)).git_dir
    found = subprocess.run(["git", "-C", store, "cat-file", "-e", old], capture_output=True, check=False)
    assert found.returncode != 0


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("main", "has no tag 'main'"),
        ("v9", "has no tag 'v9'"),
        ("1" * 40, f"has no commit {'1' * 40}, or gives it to nobody"),
    ],
)
def test_what_is_not_there_is_told(ref: str, told: str, other: Repository) -> None:
    with pytest.raises(CannotFetch, match=told):
        fetch(f"file://{other.root}", ref)
    assert held(f"file://{other.root}", ref) is None


def test_a_blob_or_tree_is_no_commit(other: Repository) -> None:
    tree = other.git.resolve("HEAD", "tree") or ""
    with pytest.raises(CannotFetch):
        fetch(f"file://{other.root}", tree)


def test_nobody_is_asked_for_a_password(server: tuple[str, list[str]]) -> None:
    with pytest.raises(CannotFetch, match="could not read Username"):
        fetch(f"{server[0]}/private/.git", "v1")


def test_gits_own_credentials_are_used(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = Repository.open(tmp_path / "srv/private")
    assert private is not None
    home = tmp_path / "home"
    home.mkdir()
    helper = "!f() { echo username=me; echo password=secret; }; f"
    (home / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
    monkeypatch.setenv("HOME", str(home))
    assert fetch(f"{server[0]}/private/.git", _head(private)).commit == _head(private)


def test_without_a_network_what_is_not_held_is_told_and_what_is_held_is_given(
    server: tuple[str, list[str]], other: Repository
) -> None:
    url = f"{server[0]}/other/.git"
    first = fetch(url, "v1")
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        port = busy.getsockname()[1]
    with pytest.raises(CannotFetch, match="unable to access"):
        fetch(f"http://127.0.0.1:{port}/other/.git", "v1")
    assert fetch(url, "v1") == first


def test_a_server_that_never_answers_is_left() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(CannotFetch, match="did not give it within 1 seconds"):
            fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/o/r", "v1", seconds=1)


def test_many_at_once_fetch_it_once(server: tuple[str, list[str]], other: Repository) -> None:
    address, asked = server
    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(lambda _: fetch(f"{address}/other/.git", "v1"), range(6)))
    assert [f.commit for f in found] == [_head(other)]
    assert asked.count("/other/.git/info/refs") == 1


def test_a_fetch_that_was_torn_is_made_again(other: Repository) -> None:
    store = Path(fetch(f"file://{other.root}", "v1").git_dir)
    (store / "HEAD").unlink()
    assert held(f"file://{other.root}", "v1") is None
    assert fetch(f"file://{other.root}", "v1").snapshot().read("a.yaml") == b"a: 1\n"


def test_what_a_killed_git_left_is_no_hindrance(other: Repository) -> None:
    store = Path(fetch(f"file://{other.root}", "v1").git_dir)
    (store / "shallow.lock").touch()
    os.utime(store / "shallow.lock", (0, 0))
    assert fetch(f"file://{other.root}", _head(other)).commit == _head(other)
    assert not (store / "shallow.lock").exists()


def test_a_repositorys_hooks_and_the_persons_templates_are_not_started(
    other: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "template/hooks"
    template.mkdir(parents=True)
    for name in ("reference-transaction", "post-checkout"):
        (template / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/started'\n")
        (template / name).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[init]\n\ttemplateDir = {tmp_path}/template\n[core]\n\thooksPath = {template}\n")
    monkeypatch.setenv("HOME", str(home))
    fetch(f"file://{other.root}", "v1")
    assert not (tmp_path / "started").exists()


def test_a_url_of_another_machine_is_never_answered_by_files_of_this_one(
    other: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "file://{other.root}"]\n\tinsteadOf = https://example.com/o/r\n')
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(CannotFetch, match="transport 'file' not allowed"):
        fetch("https://example.com/o/r", "v1")


def test_a_cache_that_may_not_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("FAIRLEAD_CACHE", str(cache))

    def work() -> str:
        cache.chmod(0o500)
        try:
            fetch("https://example.com/o/r", "v1")
        except DeniedError as error:
            return error.message
        return "it was written"

    assert unprivileged(tmp_path, work) == f"can't write {cache}/remotes/1: Permission denied"


def test_the_stores_lie_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path))
    assert remotes.folder() == tmp_path / "remotes/1"
