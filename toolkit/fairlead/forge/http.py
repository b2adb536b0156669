"""Speaking with a forge's API: one policy for time, repeats and refusals. Knows no forge.

What can be asked again without harm is repeated, a few times and with growing, uneven waits. A creation never is:
where nobody can say whether it had its effect, the caller looks first (`create`).
"""

from __future__ import annotations

import email.utils
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from fairlead.model.errors import ConfigError, ConflictError, DeniedError, FairleadError, WorldError
from fairlead.model.runtime import Clock
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 5
_FIRST = 0.5  # seconds before the second attempt; twice as long before each one after
_MOST = 32 << 20
_PAGES = 1000
_T = TypeVar("_T")


@dataclass(frozen=True)
class Patience:
    """Seconds to be reached, between two bytes, for one answer, and that a server may ask for; how often to try."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 90.0
    longest: float = 60.0
    attempts: int = _ATTEMPTS


class UnsureError(WorldError):
    """It may have been done, or not: the answer was lost. Look before it is done again."""


class _CutError(Exception):
    """No answer came. `sent`: it may have had its effect all the same."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


@dataclass(frozen=True)
class Token:
    """What lets us in, and where it was found; the value is never shown."""

    value: str = field(repr=False)
    source: str


@dataclass(frozen=True)
class Answer:
    """What came back: `data` is the JSON, None where there was none; `raw` is it as it came."""

    status: int
    data: Any
    headers: Mapping[str, str]
    web_page: bool = False
    last: bool = True
    raw: bytes = b""

    @property
    def told(self) -> str:
        """The forge's own words of a refusal, on one line."""
        found = self.data if isinstance(self.data, dict) else {}
        words = next((found[name] for name in ("message", "error", "errors") if found.get(name)), "")
        return " ".join(_flat(words).split())[:300]


class Api:
    """One forge's API. `scheme` is what stands before the token in its `header`: `token`, `Bearer`.

    `extra` are headers that each request has.
    """

    def __init__(
        self,
        base: str,
        token: Token | None,
        clock: Clock,
        scheme: str = "token",
        header: str = "Authorization",
        extra: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self.host = urlsplit(base).netloc.rpartition("@")[2]
        self._root = f"{urlsplit(base).scheme}://{self.host}"
        self.token = token
        self.calls = 0
        self.page_size = 50
        self._clock = clock
        self._scheme = scheme
        self._extra = extra or {}
        self._header = header
        self._patience = patience or Patience()
        self._session: requests.Session | None = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        ok: tuple[int, ...] = (),
        safe: bool | None = None,
    ) -> Answer:
        """Ask for something. `ok` are refusals that the caller reads itself; `safe`: it may be sent twice.

        A path that begins with a slash is one of the host, others lie below the API's base.

        Raises:
            UnsureError: what isn't safe to repeat may have been done.
            DeniedError: no or a wrong token, no permission, nothing there that we may see.
            ConflictError: the forge can't do that as things stand.
            WorldError: no answer, no valid certificate, a web page instead of the API, too many requests.
            ConfigError: it has moved.
        """
        repeatable = method != "POST" if safe is None else safe
        answer = self.send(method, path, body, params, safe=repeatable)
        return self._judged(answer, method, path.partition("?")[0], ok)

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        safe: bool,
    ) -> Answer:
        """The answer, whatever it says, once there is one that repeating would not change.

        Raises UnsureError and WorldError as `ask` does.
        """
        for attempt in range(self._patience.attempts):
            last = attempt == self._patience.attempts - 1
            try:
                answer = self._once(method, path, body, params, headers)
            except _CutError as cut:
                error: FairleadError = WorldError(f"{self.host} can't be asked: {cut}", remedy=_AGAIN)
                if cut.sent and not safe:
                    raise UnsureError(error.message, remedy=_AGAIN) from None
                wait = self._backoff(attempt)
            else:
                wait = self._asked_to_wait(answer, attempt)
                if answer.status < 500 and not _limited(answer):
                    return answer
                error = WorldError(self._failed(answer), remedy=_AGAIN)
                if answer.status >= 500 and not safe:
                    raise UnsureError(error.message, remedy=_AGAIN)
            if last or wait > self._patience.longest + _FIRST:
                raise error
            self._clock.sleep(wait)
        raise AssertionError  # pragma: no cover

    def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            self._session.close()

    def pages(
        self, path: str, params: Mapping[str, str | int] | None = None, ok: tuple[int, ...] = ()
    ) -> Iterator[Any]:
        """Every item of a list that comes page by page; none where it ends in a refusal of `ok`."""
        for page in range(1, _PAGES + 1):
            answer = self.ask("GET", path, params={**(params or {}), "page": page, "limit": self.page_size}, ok=ok)
            items = answer.data if isinstance(answer.data, list) else []
            yield from items
            if answer.last or not items:
                return

    def _once(
        self,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        import requests
        from urllib3.exceptions import NewConnectionError

        self.calls += 1
        try:
            with self._opened().request(
                method, self._address(path), json=body, params=params, headers=headers,
                timeout=(self._patience.connect, self._patience.read), allow_redirects=False, stream=True,
            ) as response:  # fmt: skip
                return self._read(response)
        except requests.exceptions.SSLError as error:
            raise WorldError(
                f"the certificate of {self.host} is not trusted here: {_reason(error)}",
                remedy="if it comes from an authority of your own: REQUESTS_CA_BUNDLE=/path/to/its/certificate.pem",
            ) from None
        except requests.exceptions.ProxyError as error:
            raise WorldError(
                f"the proxy to {self.host} does not let us through: {_reason(error)}",
                remedy="see HTTPS_PROXY and NO_PROXY",
            ) from None
        except requests.exceptions.ConnectTimeout:
            raise _CutError(f"it was not reached within {self._patience.connect:.0f} seconds", sent=False) from None
        except requests.exceptions.Timeout:
            raise _CutError(f"no answer within {self._patience.read:.0f} seconds", sent=True) from None
        except requests.exceptions.ConnectionError as error:
            cause = getattr(error.args[0], "reason", None) if error.args else None
            raise _CutError(_reason(error), sent=not isinstance(cause, NewConnectionError)) from None
        except requests.exceptions.RequestException as error:
            raise _CutError(_reason(error), sent=True) from None

    def _address(self, path: str) -> str:
        return f"{self._root}{path}" if path.startswith("/") else f"{self.base}/{path}"

    def _opened(self) -> requests.Session:
        import requests
        from requests.auth import AuthBase

        token, scheme, header = self.token, self._scheme, self._header

        class _Login(AuthBase):
            """As a login of its own, so that a ~/.netrc is not asked, whose word would go before ours."""

            def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
                if token is not None:
                    request.headers[header] = f"{scheme} {token.value}".lstrip()
                return request

        if self._session is None:
            self._session = requests.Session()
            self._session.auth = _Login()
            self._session.headers.update({"Accept": "application/json", "User-Agent": "fairlead", **self._extra})
        return self._session

    def _read(self, response: requests.Response) -> Answer:
        late = self._clock.now() + self._patience.whole
        chunks, size = [], 0
        for chunk in response.iter_content(1 << 16):
            chunks.append(chunk)
            size += len(chunk)
            if size > _MOST or self._clock.now() > late:
                raise _CutError("its answer does not end", sent=True)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        web_page = bool(size) and not (kind.endswith("json") or kind == "text/plain")
        raw = b"".join(chunks)
        try:
            data = json.loads(raw) if size else None
        except (ValueError, RecursionError):
            data, web_page = None, web_page or response.status_code < 300
        more = "next" in response.links
        return Answer(response.status_code, data, response.headers, web_page, not more, raw)

    def _judged(self, answer: Answer, method: str, path: str, ok: tuple[int, ...]) -> Answer:
        if answer.web_page and answer.status != 401:
            raise WorldError(
                f"{self.host} answered {answer.status} with a web page, and not as a forge's API does",
                remedy="a proxy or a login page may stand between; see `forge: {url: …}` in fairlead.yaml",
            )
        if answer.status < 300 or answer.status in ok:
            return answer
        said = self.hidden(f": {answer.told}" if answer.told else "")
        whose = f"the token of {self.token.source}" if self.token is not None else "no token: it"
        if answer.status < 400:
            raise ConfigError(
                f"{self.host} has moved this repository elsewhere (it answers {answer.status})",
                remedy="git remote set-url origin NEW-URL, and `forge: {project: …}` of fairlead.yaml where it is set",
            )
        if answer.status == 401:
            remedy = "fairlead doctor tells which tokens are looked for" if self.token is None else "make a new one"
            raise DeniedError(f"{self.host} does not accept {whose}{said}", remedy=remedy)
        if answer.status == 403:
            raise DeniedError(
                f"{self.host} does not allow {method} {path}{said}",
                remedy=f"{whose} lacks a scope, or its owner the right to write; or the repository is archived",
            )
        if answer.status == 404:
            raise DeniedError(
                f"{self.host} has no {path}, or does not show it",
                remedy=f"see the project's name, and what {whose} may read",
            )
        raise ConflictError(f"{self.host} refuses {method} {path} ({answer.status}){said}", remedy=_AGAIN)

    def _failed(self, answer: Answer) -> str:
        said = self.hidden(f": {answer.told}" if answer.told else "")
        if answer.status >= 500:
            return f"{self.host} failed with {answer.status}{said}"
        return f"{self.host} has had too many requests of us ({answer.status}){said}"

    def hidden(self, text: str) -> str:
        """A text without the token, whoever put it there."""
        return text.replace(self.token.value, "***") if self.token is not None and self.token.value else text

    def _backoff(self, attempt: int) -> float:
        return self._clock.jitter(_FIRST * 2**attempt)

    def _asked_to_wait(self, answer: Answer, attempt: int) -> float:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        after = headers.get("retry-after", "").strip()
        if after.isascii() and after.isdecimal():
            return float(after) + self._backoff(0)
        until = email.utils.parsedate_tz(after) if after else None
        if until is not None:
            return max(0.0, email.utils.mktime_tz(until) - self._clock.now()) + self._backoff(0)
        reset = headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", ""))
        if _limited(answer) and reset.isascii() and reset.isdecimal():
            return max(0.0, float(reset) - self._clock.now()) + self._backoff(0)
        return self._patience.longest if answer.status == 403 and _limited(answer) else self._backoff(attempt)


_AGAIN = "nothing is lost: run the command again"


def create(clock: Clock, look: Callable[[], _T | None], make: Callable[[], _T]) -> _T:
    """Make what isn't there; where the answer is lost, look whether it was made before it is tried again.

    Raises UnsureError where that doesn't help either.
    """
    for attempt in range(_ATTEMPTS):
        found = look()
        if found is not None:
            return found
        try:
            return make()
        except UnsureError:
            if attempt == _ATTEMPTS - 1:
                raise
            clock.sleep(clock.jitter(_FIRST * 2**attempt))
    raise AssertionError  # pragma: no cover


def _flat(words: Any) -> str:
    """What a forge nests in place of a message, as words."""
    if isinstance(words, dict):
        return ", ".join(f"{name}: {_flat(value)}" for name, value in words.items())
    return "; ".join(map(_flat, words)) if isinstance(words, list) else str(words)


def _limited(answer: Answer) -> bool:
    """Whether it says no for the number of requests alone: then it did nothing.

    GitHub's second limit may come with these words alone, and asks then for a minute.
    """
    headers = {name.lower(): value for name, value in answer.headers.items()}
    spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return answer.status == 429 or (answer.status == 403 and (spent or "secondary rate limit" in answer.told))


def _reason(error: Exception) -> str:
    """The innermost words, without the addresses of objects and the URL."""
    cause: object = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    return " ".join(str(cause).rpartition(">: ")[2].split())[:200]
