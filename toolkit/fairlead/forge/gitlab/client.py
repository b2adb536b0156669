"""python-gitlab over our own policy for time, repeats and refusals.

Its transport is replaced: each request goes through `http.Api`, which hands an answer back, or raises. So its own loops
(it waits and repeats by itself after 429) never see a reason to begin. None of its types leaves this package.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from fairlead.forge.gitlab.rights import JOB, MAKE
from fairlead.forge.http import Answer, Api
from fairlead.model.errors import DeniedError, WorldError
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    import requests
    from gitlab import Gitlab
    from gitlab.mixins import ListMixin
    from gitlab.v4.objects import Project, ProjectMergeRequest

PAGE = 100  # the most that GitLab gives at once
_MOST = 100_000  # items of a list
_T = TypeVar("_T")


@dataclass(frozen=True)
class No:
    """A refusal that the caller reads itself."""

    status: int
    told: str


class Client:
    """One GitLab, asked for one project."""

    def __init__(self, api: Api, url: str, project: str) -> None:
        self.api = api
        self._url = url
        self.path = project
        self._terms: tuple[tuple[int, ...], bool | None] = ((), None)

    @cached_property
    def gitlab(self) -> Gitlab:
        """Imported here: it takes a tenth of a second."""
        from gitlab import Gitlab

        return Gitlab(self._url, backend=_backend(self), keep_base_url=True, retry_transient_errors=False)

    @cached_property
    def project(self) -> Project:
        """The project; nothing is asked."""
        return self.gitlab.projects.get(self.path, lazy=True)

    def merge_request(self, number: int) -> ProjectMergeRequest:
        """One by its number; nothing is asked."""
        return self.project.mergerequests.get(number, lazy=True)

    def ask(self, job: Callable[[], _T], *, ok: tuple[int, ...] = (), safe: bool | None = None) -> _T | No:
        """Do what a job asks of python-gitlab. `ok`, `safe` and errors are those of `Api.ask`."""
        from gitlab.exceptions import GitlabError

        self._terms = (ok, safe)
        try:
            return job()
        except GitlabError as error:
            status = error.response_code or 0
            if status not in ok:
                raise WorldError(f"{self.api.host} answers what can't be read ({status})") from None
            return No(status, _told(error.error_message))

    def sure(self, job: Callable[[], _T], *, safe: bool | None = None) -> _T:
        """As `ask`, where no refusal is read."""
        found = self.ask(job, safe=safe)
        assert not isinstance(found, No)
        return found

    def listed(self, items: ListMixin[Any], *, ok: tuple[int, ...] = (), **by: str) -> list[dict[str, Any]]:
        """Every item of a list; none where it ends in a refusal of `ok`."""

        def read() -> list[dict[str, Any]]:
            return [one.attributes for one in islice(items.list(iterator=True, per_page=PAGE, **by), _MOST)]

        found = self.ask(read, ok=ok)
        return [] if isinstance(found, No) else found

    def send(self, method: str, url: str, body: Any, params: Any) -> Answer:
        """One request of python-gitlab's. Raises as `Api.ask`."""
        path = url.removeprefix(f"{self.api.base}/")
        if path == url:
            raise WorldError(f"{self.api.host} sends us to {url[:100]}, where our token does not go")
        ok, safe = self._terms
        try:
            return self.api.ask(method.upper(), path, body=body, params=params, ok=ok, safe=safe)
        except DeniedError as error:
            raise DeniedError(error.message, remedy=MAKE if self.by_job else error.remedy) from None

    @property
    def by_job(self) -> bool:
        """Whether all we have is a job's own token."""
        return self.api.token is not None and self.api.token.source == JOB


def _told(message: Any) -> str:
    words = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
    return Answer(0, {"message": words}, {}).told


def _backend(client: Client) -> Any:
    import requests
    from gitlab._backends.requests_backend import RequestsBackend, RequestsResponse

    class Backend(RequestsBackend):
        """What python-gitlab takes for its transport."""

        def http_request(
            self, method: str, url: str, json: Any = None, data: Any = None, params: Any = None,
            timeout: Any = None, verify: Any = True, stream: Any = False, **others: Any,
        ) -> RequestsResponse:  # fmt: skip
            return RequestsResponse(_response(requests.Response(), client.send(method, url, json, params)))

    return Backend


def _response(made: requests.Response, answer: Answer) -> requests.Response:
    made.status_code = answer.status
    made.headers.update(answer.headers)
    made.raw = io.BytesIO(b"" if answer.data is None else json.dumps(answer.data).encode())
    return made
