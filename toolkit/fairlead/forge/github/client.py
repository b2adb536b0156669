"""PyGithub over `http.Api`: it knows GitHub's paths and forms, and has no say in how they are asked for.

Each of its requests goes through a connection of ours. So time-outs, repeats, waits and refusals are those of every
forge; it doesn't follow a redirect, sleeps nowhere, and never sees the token. None of its types leaves `forge.github`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, ItemsView
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from fairlead.forge.http import Answer, Api
from fairlead.model.errors import ConflictError, DeniedError, WorldError
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from github.Requester import Requester

_PAGE, _PAGES = 100, 1000  # the most that GitHub gives at once, and that are read of a list
_REFUSALS = (405, 409, 422)  # why, stands in the answer's own form
_ODD = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)  # PyGithub's, of odd answers
_T = TypeVar("_T")


@dataclass(frozen=True)
class Refused:
    """A no that the caller asked to read itself; of a GraphQL mutation the status is 400."""

    status: int
    told: str


class Client:
    """PyGithub for one project. Objects are lazy: naming one asks nothing."""

    def __init__(self, api: Api, project: str) -> None:
        self.api = api
        self._project = project
        self._ok: tuple[int, ...] = ()
        self._safe: bool | None = None
        self._sent = 0

    @cached_property
    def requester(self) -> Requester:
        """What PyGithub's objects send their requests by."""
        from github.Requester import HTTPSRequestsConnectionClass, Requester

        client = self

        class _Connection(HTTPSRequestsConnectionClass):
            def __init__(self, host: str, port: int | None = None, *_: Any, **__: Any) -> None:
                self.host, self.port = host, port or 0

            def getresponse(self) -> Any:
                return _Response(client.send(self.verb, self.url, self.input))

            def close(self) -> None:
                """The session is the API's."""

        class _Requester(Requester):
            pass

        _Requester.injectConnectionClasses(_Connection, _Connection)  # type: ignore[arg-type]  # of this class alone
        return _Requester(
            auth=None, base_url=self.api.base, timeout=30, user_agent="fairlead", per_page=_PAGE, verify=True,
            retry=None, pool_size=None, seconds_between_requests=None, seconds_between_writes=None, lazy=True,
        )  # fmt: skip

    @property
    def path(self) -> str:
        """The repository's path in the API."""
        return f"/repos/{self._project}"

    @cached_property
    def repo(self) -> Any:
        """PyGithub's Repository."""
        from github.Repository import Repository

        return Repository(self.requester, url=self.path)

    def send(self, verb: str, url: str, body: Any) -> Answer:
        """One request of PyGithub, by our policy."""
        self._sent += 1
        if self._sent > _PAGES:
            raise WorldError(f"the list that {self.api.host} gives does not end", remedy="is it GitHub?")
        data = json.loads(body) if isinstance(body, str) else None
        return self.api.ask(verb, url, body=data, ok=self._ok, safe=self._safe)

    def ask(self, call: Callable[[], _T], *, ok: tuple[int, ...] = (), safe: bool | None = None) -> _T | Refused:
        """What PyGithub makes of an answer. `ok` and `safe` as for Api.ask, whose errors these are.

        All of a lazy answer has to be read in the call.
        """
        from github.GithubException import BadAttributeException, GithubException

        self._ok, self._safe, self._sent = (*ok, *_REFUSALS), safe, 0
        try:
            return call()
        except GithubException as error:
            return self._refused(error.status, error.data, error.message, ok)
        except (BadAttributeException, *_ODD) as error:
            raise WorldError(
                f"the answer of {self.api.host} is not GitHub's: {' '.join(repr(error).split())[:200]}",
                remedy="see `forge: {kind: …, url: …}` in fairlead.yaml",
            ) from error
        finally:
            self._ok, self._safe = (), None

    def must(self, call: Callable[[], _T], *, safe: bool | None = None) -> _T:
        """The same, where no refusal is for the caller."""
        found = self.ask(call, safe=safe)
        assert not isinstance(found, Refused)
        return found

    def _refused(self, status: int, data: Any, message: str | None, ok: tuple[int, ...]) -> Refused:
        errors = data.get("errors") if isinstance(data, dict) else None
        rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
        words = (row.get("message") or f"{row.get('field')} {row.get('code')}" for row in rows)
        told = "; ".join(map(str, words)) or message or str(status)
        told = self.api.hidden(" ".join(told.split())[:300])
        if status in ok:
            return Refused(status, told)
        if any(row.get("type") in ("FORBIDDEN", "INSUFFICIENT_SCOPES") for row in rows):
            remedy = "fairlead doctor tells what the token lacks"
            raise DeniedError(f"{self.api.host} does not allow it: {told}", remedy=remedy)
        raise ConflictError(f"{self.api.host} refuses it: {told}", remedy="nothing is lost: run the command again")


@dataclass(frozen=True)
class _Response:
    """An answer in PyGithub's form."""

    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    def getheaders(self) -> ItemsView[str, str]:
        return self.answer.headers.items()

    def read(self) -> str:
        return self.answer.raw.decode("utf-8", "replace")
