"""GitLab, of gitlab.com or one's own, by python-gitlab."""

from __future__ import annotations

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.gitlab.client import Client
from fairlead.forge.gitlab.rights import JOB
from fairlead.forge.gitlab.server import GitLabServer
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Api, Token
from fairlead.forge.remote import Remote, login
from fairlead.forge.selection import Place
from fairlead.model.runtime import Clock

__all__ = ["GitLabServer", "connect"]
_CI = "gitlab-ci-token"


def connect(repo: Repository, clock: Clock, place: Place, token: Token | None) -> HostedForge:
    """The GitLab of a place. Nothing is asked yet."""
    job = token is not None and token.source == JOB
    scheme, header = ("", "JOB-TOKEN") if job else ("Bearer", "Authorization")
    api = Api(f"{place.url}/api/v4", token, clock, scheme, header)
    # A job's clone has the job's own token in its URL, which may not push.
    way = login(repo, token, place.url, _CI, "") if job else login(repo, token, place.url, "oauth2", _CI)
    return HostedForge(GitLabServer(Client(api, place.url, place.project)), Remote(repo, Upstream(repo, way)), clock)
