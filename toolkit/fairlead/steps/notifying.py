"""Tell others what happened: as lines of CloudEvents, and to the webhooks of `notify:`. Whatever fails is a warning.

A webhook's URL is a secret. It comes from a variable of who runs this, and no word of ours holds any part of it.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from fairlead.doors.fs import append_text
from fairlead.model.errors import FairleadError
from fairlead.model.events import Event
from fairlead.repo.notifications import Notify
from fairlead.report.events import cloudevents, slack
from fairlead.steps.outbox import Outbox
from fairlead.steps.world import Run, World

_BUDGET = 45  # seconds for all webhooks together: people wait for the command
_SHORTEST = 4  # a shorter part of a URL gives nothing away


def source(world: World) -> str:
    """The repository as a URI: where it was cloned from, without a login, else a name of this clone alone."""
    origin = world.git.origin()
    host, colon, path = origin.partition(":")
    if "://" not in origin and colon and "/" not in host:
        origin = f"ssh://{host.rpartition('@')[2]}/{path.lstrip('/')}"
    if "://" not in origin:
        return f"urn:fairlead:{world.identity}"
    return quote(origin.partition("?")[0].removesuffix(".git"), safe=":/@%[]~")


def tell(run: Run, lines_to: str, show: Callable[[str], None]) -> tuple[str, ...]:
    """Tell all that happened in a run; what could not be told, and why. `lines_to` is a file, `-` for `show`, or empty.

    Raises nothing: what was done stays done, told or not.
    """
    box = run.outbox
    if not box.events:
        return ()
    warnings: list[str] = []
    if lines_to:
        text = "".join(cloudevents.line(event, box.source) for event in box.events)
        try:
            show(text) if lines_to == "-" else append_text(Path(lines_to), text)
        except (FairleadError, OSError) as error:
            warnings.append(f"events were not written: {error}")
    late = run.clock.now() + _BUDGET
    for rule in box.rules:
        wanted = [event for event in box.events if _is_wanted(rule, event)]
        url = os.environ.get(rule.url_env, "").strip()
        if not wanted or not url:
            continue
        why = "there was no time left" if run.clock.now() > late else _send(run, rule, url, wanted, box)
        if why:
            warnings.append(f"the webhook of {rule.url_env} was not told all: {why}")
    return tuple(warnings)


def _is_wanted(rule: Notify, event: Event) -> bool:
    kinds, places = rule.events, rule.environments
    return (not kinds or str(event.kind) in kinds) and (not places or event.target in places)


def _send(run: Run, rule: Notify, url: str, events: Sequence[Event], box: Outbox) -> str:
    """Send them; why not, empty where all were taken."""
    from fairlead.forge.http import Api, Patience

    parts = address(url)
    if parts is None:
        return "what the variable holds is no https URL"
    patience = Patience(connect=5, read=5, whole=10, longest=10, attempts=3)
    api = Api(f"{parts.scheme}://{parts.netloc}", None, run.clock, patience=patience)
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    late = run.clock.now() + _BUDGET
    bodies = _bodies(rule, events, box)
    try:
        for number, (body, headers) in enumerate(bodies):
            if run.clock.now() > late:
                return f"it is too slow ({len(bodies) - number} of {len(bodies)} left)"
            answer = api.send("POST", path, body, headers=headers, safe=True)  # an event that comes twice has its id
            if answer.status >= 300:
                return f"it answers with {answer.status}; see that the URL is still the right one"
    except FairleadError as error:
        return _hidden(error.message, parts)
    except Exception as error:
        return type(error).__name__
    finally:
        api.close()
    return ""


def _bodies(rule: Notify, events: Sequence[Event], box: Outbox) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """What is sent, with its headers: people get one message for all that a command did."""
    if rule.format == "slack":
        return [(slack.encode(events, box.source), {})]
    headers = {"Content-Type": cloudevents.CONTENT_TYPE}
    return [(cloudevents.encode(event, box.source), headers) for event in events]


def address(url: str) -> SplitResult | None:
    """The parts of a URL that may be sent to, by http only on this machine; None for what is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
        near = host == "localhost" or (parts.scheme == "http" and ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return None
    fine = host and "@" not in parts.netloc and not any(c.isspace() or c < " " for c in url)
    return parts if fine and (parts.scheme == "https" or (parts.scheme == "http" and near)) else None


def _hidden(text: str, parts: SplitResult) -> str:
    """A message without any part of the URL."""
    pieces = {parts.geturl(), parts.path, parts.query, parts.netloc, parts.hostname or "", *parts.path.split("/")}
    pieces |= {word for pair in parts.query.split("&") for word in pair.split("=")}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "***") if len(piece) >= _SHORTEST else text
    return text
