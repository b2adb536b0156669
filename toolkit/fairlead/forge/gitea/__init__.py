"""Gitea and Forgejo, by plain requests (their published client repeats creations and reads `.env` files)."""

from __future__ import annotations

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.gitea.pulls import GiteaForge
from fairlead.forge.http import Api, Token
from fairlead.forge.remote import Remote, login
from fairlead.forge.selection import Place
from fairlead.model.runtime import Clock

__all__ = ["GiteaForge", "connect"]


def connect(repo: Repository, clock: Clock, place: Place, token: Token | None) -> GiteaForge:
    """The Gitea or Forgejo of a place. Nothing is asked yet."""
    api = Api(f"{place.url}/api/v1", token, clock)
    return GiteaForge(api, Remote(repo, Upstream(repo, login(repo, token, place.url))), place.project, clock)
