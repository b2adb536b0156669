"""A site: made by mkdocs in a folder of its own, put in place whole, shown on this machine alone."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from fairlead.doors.proc import Process, run, which
from fairlead.model.errors import ConfigError, DeniedError, UsageError, WorldError

TIMEOUT = 600.0
INSTALL = "pip install 'fairlead[docs]'"


def require_mkdocs() -> str:
    """Where mkdocs is. Raises WorldError with the remedy."""
    found = which("mkdocs")
    if found is None:
        raise WorldError("mkdocs is missing, which makes the site", remedy=INSTALL)
    return found


def require_place(site: Path) -> None:
    """Refuse a place whose content isn't a site that mkdocs has made. Raises UsageError."""
    if site.is_dir() and any(site.iterdir()) and not ((site / "sitemap.xml").exists() and (site / "404.html").exists()):
        raise UsageError(f"{site} is not empty, and holds no site", remedy="name another folder with --site")
    if site.exists() and not site.is_dir():
        raise UsageError(f"{site} is not a folder", remedy="name another place with --site")


def build(config: Path, site: Path) -> None:
    """Build a site from a mkdocs configuration, strictly, into a folder that is not there yet.

    Raises:
        ConfigError: mkdocs warned or refused; its words are in the message.
        WorldError: mkdocs, or the theme or a plugin that the configuration names, is missing.
    """
    env = dict(os.environ) | {"NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    argv = (
        require_mkdocs(),
        "build",
        "--strict",
        "--config-file",
        str(config),
        "--site-dir",
        str(site),
    )
    done = run(Process(argv, cwd=str(config.parent), env=env, timeout=TIMEOUT))
    if done.timed_out:
        raise WorldError(f"mkdocs took more than {TIMEOUT:.0f} seconds and was stopped")
    if done.code == 0:
        return
    told = [re.sub(r"^(?:WARNING|ERROR) +-? *", "", line.rstrip()) for line in done.stderr.splitlines() if line.strip()]
    words = "\n".join(told[-20:]).replace(str(config.parent) + "/", "")
    if re.search(r"(?i)unrecognised theme|not installed|ModuleNotFoundError|No module named", words):
        raise WorldError(
            f"mkdocs misses something:\n{words}", remedy=f"{INSTALL}, and the plugins that mkdocs.yml names"
        )
    raise ConfigError(f"mkdocs build --strict failed:\n{words}", remedy="mend the pages or the mkdocs.yml named above")


def put(built: Path, site: Path) -> None:
    """Put a built site in its place; what was there is replaced at once. Raises WorldError and DeniedError."""
    beside = site.with_name(f".{site.name}.{os.getpid()}")
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(built, beside)
        if site.exists():
            shutil.rmtree(site)
        beside.replace(site)
    except PermissionError as error:
        raise DeniedError(f"can't write {site}: {error.strerror}", remedy="name another folder with --site") from None
    except OSError as error:
        raise WorldError(f"can't write {site}: {error.strerror}", remedy="name another folder with --site") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def serve(site: Path, port: int, told: Callable[[str], None]) -> None:
    """Show a built site on this machine alone, until Ctrl-C; `told` hears the address. Raises WorldError."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody needs a line for each picture."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(site)))
    except OSError as error:
        raise WorldError(f"can't listen on port {port}: {error.strerror}", remedy="name another with --port") from None
    with server:
        told(f"http://127.0.0.1:{server.server_address[1]}/")
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.2)
