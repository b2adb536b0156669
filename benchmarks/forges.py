"""Count what a promotion asks of each forge, and how long it takes.

    python -m benchmarks.forges            all that can run here
    python -m benchmarks.forges gitea      one of them

Gitea is a real one on loopback, where `make test-forge` has built it. GitHub and GitLab are the doubles of the tests:
their calls count, their seconds are those of a double. Writes JSON to standard output.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import facts
from fairlead.cli.main import run
from fairlead.forge.http import Api
from tests.e2e.test_on_gitea import CONFIG, DEPLOYMENT, overlay

KINDS = ("local", "gitea", "github", "gitlab")
_VARIABLES = {"gitea": "GITEA_TOKEN", "github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN"}
_MERGER, _ASKER = "bob", "ann"


class MissingError(Exception):
    """Why a forge can't be had here."""


@dataclass
class Shop:
    """A repository on a forge, and a clone for each of two people."""

    kind: str
    url: str
    tokens: dict[str, str]
    folder: Path
    calls: int = 0
    steps: dict[str, dict[str, float]] = field(default_factory=dict)

    def git(self, who: str, *argv: str) -> None:
        """git, let in with a person's token."""
        word = base64.b64encode(f"fairlead:{self.tokens.get(who, '')}".encode()).decode()
        login = ("-c", f"http.{self.url}/.extraHeader=Authorization: Basic {word}") if self.url else ()
        mail = ("-c", f"user.name={who}", "-c", f"user.email={who}@example.org")
        subprocess.run(["git", *login, *mail, *argv], cwd=self.folder / who, check=True, capture_output=True)

    def step(self, name: str, who: str, *argv: str) -> None:
        """Run a command, and keep how many requests it made and how long it took."""
        home = self.folder / f"home-{who}"
        os.environ.update(HOME=str(home), FAIRLEAD_FORGE_URL=self.url)
        if self.kind in _VARIABLES:
            os.environ[_VARIABLES[self.kind]] = self.tokens[who]
        before, begun, said = self.calls, time.monotonic(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run(["-C", str(self.folder / who), *argv])
        if code:
            raise SystemExit(f"{self.kind}: fairlead {' '.join(argv)} ended with {code}:\n{said.getvalue()}")
        self.steps[name] = {"requests": self.calls - before, "seconds": round(time.monotonic() - begun, 2)}


def _server(kind: str) -> tuple[str, str, dict[str, str]]:
    """The address, the project's, and the tokens of its people."""
    people = (_ASKER, _MERGER)
    server: Any
    if kind == "gitea":
        from tests.forges import gitea

        if gitea.CACHED is None:
            raise MissingError(gitea.WHY_NOT)
        server = gitea.server()
        project = server.project(*people)
    elif kind == "github":
        from tests.forges.github.server import double

        server = double()
        project = server.project(*people)
    else:
        from tests.forges.gitlab import server as gitlab

        server = gitlab.server()
        project = server.project(*people).path
    return server.url, project, {who: server.token(who) for who in people}


@contextlib.contextmanager
def _shop(kind: str) -> Iterator[Shop]:
    url, project, tokens = _server(kind) if kind != "local" else ("", "", {})
    with tempfile.TemporaryDirectory(prefix="fairlead-forges-") as scratch:
        shop = Shop(kind, url, tokens, Path(scratch))
        for who in (_ASKER, _MERGER):
            for place in (shop.folder / who, shop.folder / f"home-{who}"):
                place.mkdir()
            mail = f"[user]\n  name = {who}\n  email = {who}@example.org\n"
            (shop.folder / f"home-{who}/.gitconfig").write_text(mail)
        _fill(shop.folder / _ASKER, kind)
        shop.git(_ASKER, "init", "--quiet", "-b", "main")
        shop.git(_ASKER, "add", "--all")
        shop.git(_ASKER, "commit", "--quiet", "-m", "Begin")
        if url:
            shop.git(_ASKER, "remote", "add", "origin", f"{url}/{project}.git")
            shop.git(_ASKER, "push", "--quiet", "origin", "main")
            time.sleep(2)  # Gitea learns of a first push a moment later
            shop.git(_MERGER, "clone", "--quiet", f"{url}/{project}.git", ".")
        else:
            (shop.folder / _MERGER).rmdir()
            (shop.folder / _MERGER).symlink_to(shop.folder / _ASKER)
        yield shop


def _fill(folder: Path, kind: str) -> None:
    tags = {"dev": "1.1.0", "staging": "1.0.0", "production": "1.0.0"}
    texts = {"fairlead.yaml": CONFIG.replace("gitea", kind), "apps/web/base/deployment.yaml": DEPLOYMENT}
    texts |= {"apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n"}
    texts |= {f"apps/web/overlays/{env}/kustomization.yaml": overlay(tag) for env, tag in tags.items()}
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def measure(kind: str) -> dict[str, Any]:
    """One promotion of one app and one hop, from the first word to the merge. Raises MissingError."""
    with _shop(kind) as shop:
        real = Api._once

        def counted(self: Api, *args: Any, **more: Any) -> Any:
            shop.calls += 1
            return real(self, *args, **more)

        Api._once = counted  # type: ignore[method-assign]
        try:
            who = ("--as", f"{_ASKER}@example.org") if kind == "local" else ()
            other = ("--as", f"{_MERGER}@example.org") if kind == "local" else ()
            promote = ("promote", "web", "--to", "staging", "--yes")
            shop.step("open", _ASKER, *who, *promote)
            shop.step("the same again", _ASKER, *who, *promote)
            place = shop.folder / _ASKER / "apps/web/overlays/dev/kustomization.yaml"
            place.write_text(overlay("1.2.0"))
            shop.git(_ASKER, "commit", "--quiet", "-am", "1.2.0")
            if shop.url:
                shop.git(_ASKER, "push", "--quiet", "origin", "main")
            shop.step("update", _ASKER, *who, *promote)
            shop.step("approve", _MERGER, *other, "pr", "approve", "1")
            shop.step("gate", _MERGER, *other, "gate", "1")
            shop.step("merge", _MERGER, *other, "pr", "merge", "1", "--yes")
        finally:
            Api._once = real  # type: ignore[method-assign]
        return dict(shop.steps)


def main(names: list[str]) -> int:
    """Print the figures of these forges, or of all."""
    found: dict[str, Any] = {}
    for kind in names or KINDS:
        try:
            found[kind] = measure(kind)
        except MissingError as error:
            found[kind] = {"missing": str(error)}
    print(json.dumps({"measure": "forges", "forges": found, "machine": facts()}, indent=1, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
