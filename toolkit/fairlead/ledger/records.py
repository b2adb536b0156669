"""History as records: what each landing on the branch did to which app in which environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fairlead.model.history import History, Record, Verb
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.values import dataclass
from fairlead.promotion import trailers

if TYPE_CHECKING:
    from fairlead.doors.git.history import Landing
    from fairlead.doors.git.repository import Repository


_MANY = 200  # paths; git compares each with each, and a command line is not endless


@dataclass(frozen=True)
class Evidence:
    """Who vouches for the time of a landing: the forge's merge, an audit entry, the first sight of it."""

    at: int
    kind: str
    actor: str = ""


def read(
    repo: Repository, tip: str, layout: Layout, evidence: Mapping[str, Evidence], under: Iterable[str] = ()
) -> History:
    """The records of a branch, newest first; `under` restricts it to some overlays' paths.

    Works on a bare clone: trailers say what was promoted, paths say what nobody promoted.
    """
    folders = {o.path: o for o in layout.overlays}
    records: list[Record] = []
    asked = tuple(under) or tuple(sorted(folders))
    for landing in repo.landings(tip, asked if len(asked) <= _MANY else ()):
        records += _records(landing, folders, evidence.get(landing.commit))
    return History(tuple(records), gaps(repo))


def gaps(repo: Repository) -> tuple[str, ...]:
    """What this clone can't know."""
    return ("the clone is shallow: older history is not here (git fetch --unshallow)",) if repo.is_shallow() else ()


def _records(landing: Landing, folders: Mapping[str, Overlay], vouched: Evidence | None) -> list[Record]:
    told = [trailers.read(message) for message in landing.messages]
    acts = list(dict.fromkeys(act for t in told for act in t.acts))
    hop_id = next((t.hop_id for t in told if t.hop_id), "")
    actor = next((t.actor for t in told if t.actor), "") or (vouched.actor if vouched is not None else "")
    merge = told[0]  # what a merge skipped, only the merge itself can say
    subject = landing.messages[0].split("\n", 1)[0]
    touched: dict[tuple[str, str], list[str]] = {}
    for path in landing.paths:
        overlay = _owner(folders, path)
        if overlay is not None:
            touched.setdefault(overlay, []).append(path)
    out = []
    for (app, env), paths in touched.items():
        act = next((a for a in acts if (a.app, a.target) == (app, env)), None)
        out.append(
            Record(
                verb=act.verb if act is not None else Verb.CHANGE,
                app=app,
                source=act.source if act is not None else "",
                target=env,
                commit=landing.commit,
                parent=landing.parent,
                at=vouched.at if vouched is not None else landing.time,
                evidence=vouched.kind if vouched is not None else "",
                hop_id=hop_id if act is not None else "",
                actor=actor or landing.author,
                subject=subject,
                paths=tuple(paths),
                emergency=merge.emergency,
                reason=merge.reason if merge.emergency else "",
            )
        )
    return out


def _owner(folders: Mapping[str, Overlay], path: str) -> tuple[str, str] | None:
    """The overlay that a path lies in: the innermost."""
    head = path
    while "/" in head:
        head = head.rpartition("/")[0]
        overlay = folders.get(head)
        if overlay is not None:
            return overlay.id.app, overlay.id.env
    return None
