"""Gitea and Forgejo, by plain requests (their published client repeats creations and reads `.env` files)."""

from __future__ import annotations

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.gitea.server import GiteaServer
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Api, Token
from fairlead.forge.remote import Remote, login
from fairlead.forge.selection import Place
from fairlead.model.runtime import Clock

__all__ = ["GiteaServer", "connect"]


def connect(repo: Repository, clock: Clock, place: Place, token: Token | None) -> HostedForge:
    """The Gitea or Forgejo of a place. Nothing is asked yet."""
    host = GiteaServer(Api(f"{place.url}/api/v1", token, clock), place.project, clock)
    return HostedForge(host, Remote(repo, Upstream(repo, login(repo, token, place.url))), clock)
