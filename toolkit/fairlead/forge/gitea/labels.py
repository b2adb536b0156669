"""Labels on Gitea: named by us, numbered by it, and made where they are lacking."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from fairlead.forge.http import Api, create
from fairlead.model.runtime import Clock

_COLOR = "#5319e7"


def label_ids(api: Api, project: str, clock: Clock, names: Iterable[str]) -> tuple[int, ...]:
    """The numbers of these labels, in order; `project` is the repository's path in the API."""
    wanted = tuple(names)
    if not wanted:
        return ()
    known = {str(row["name"]): int(row["id"]) for row in api.pages(f"{project}/labels")}
    for name in wanted:
        if name not in known:
            known[name] = create(clock, partial(_find, api, project, name), partial(_make, api, project, name))
    return tuple(known[name] for name in wanted)


def _find(api: Api, project: str, name: str) -> int | None:
    rows = api.pages(f"{project}/labels")
    return next((int(row["id"]) for row in rows if row["name"] == name), None)


def _make(api: Api, project: str, name: str) -> int:
    answer = api.ask("POST", f"{project}/labels", body={"name": name, "color": _COLOR})
    return int(answer.data["id"])
