"""GitHub and GitHub Enterprise, by PyGithub, whose requests go by our own policy (`client`)."""

from __future__ import annotations

from urllib.parse import urlsplit

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.github.client import Client
from fairlead.forge.github.server import GithubServer
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Api, Token
from fairlead.forge.remote import Remote, login
from fairlead.forge.selection import Place
from fairlead.model.runtime import Clock

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

__all__ = ["GithubServer", "connect"]


def connect(repo: Repository, clock: Clock, place: Place, token: Token | None) -> HostedForge:
    """The GitHub of a place. Nothing is asked yet."""
    api = Api(address(place.url), token, clock, "Bearer", extra=_HEADERS)
    host = GithubServer(Client(api, place.project), place.project)
    # An App's and a workflow's token is let in under this name alone.
    return HostedForge(host, Remote(repo, Upstream(repo, login(repo, token, place.url, "x-access-token"))), clock)


def address(url: str) -> str:
    """Where the API of a web address is: on a host of its own at github.com, below /api/v3 on an Enterprise server."""
    parts = urlsplit(url)
    if parts.netloc.removeprefix("www.") == "github.com" or parts.netloc.endswith(".ghe.com"):
        return f"https://api.{parts.netloc.removeprefix('www.')}"
    return f"{url}/api/v3"
