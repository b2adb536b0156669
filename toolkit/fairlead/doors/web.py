"""Fetching a file by https, for the one command that does so; within a time and a size."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import IO, Any

from fairlead.model.errors import WorldError

_PATIENCE = 20.0  # seconds without a byte
_MOST = 8 * 1024 * 1024


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            raise urllib.error.URLError(f"it leads to {newurl}, which is no https URL")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str) -> bytes | None:
    """The bytes of a URL; None where there is nothing.

    Raises:
        WorldError: no such host, no answer in time, a certificate that nobody vouches for, too many bytes.
    """
    if not url.startswith("https://"):
        raise WorldError(f"{url} is no https URL", remedy="name an https URL")
    request = urllib.request.Request(url, headers={"User-Agent": "fairlead"})
    try:
        with urllib.request.build_opener(_OnlyHttps).open(request, timeout=_PATIENCE) as answer:
            data: bytes = answer.read(_MOST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (404, 410):
            return None
        remedy = "see that the URL can be read without a password"
        raise WorldError(f"{url} answers with {error.code}", remedy=remedy) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise WorldError(
            f"can't fetch {url}: {reason}", remedy="see that this machine reaches it, and try again"
        ) from None
    if len(data) > _MOST:
        raise WorldError(f"{url} has more than {_MOST >> 20} MiB", remedy="name a location of single schemas")
    return data
