"""Why a plan is not applied: it is stale, or it is not what it says."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from fairlead.delivery.commits import flat
from fairlead.edit.nodes import parse, scalars
from fairlead.model.errors import ConflictError, SyntaxProblem, TakenError
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.plan import Hop, Move, Plan
from fairlead.model.pulls import Pull
from fairlead.promotion import lones
from fairlead.promotion.fields import leaf_at
from fairlead.promotion.files import copied
from fairlead.promotion.newcomers import home

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

_TOLD = 3
_APPS = 10


def refuse_stale(repo: Repository, plan: Plan, tip: str) -> None:
    """A plan stands if the branch only grew, and none of its files moved. Raises ConflictError otherwise."""
    if tip == plan.target_commit:
        return
    if repo.git.resolve(plan.target_commit) is None or not repo.is_ancestor(plan.target_commit, tip):
        raise ConflictError(
            f"the plan was made from {plan.target_commit[:12]}, which is not part of {plan.target_branch}",
            remedy="make a fresh plan",
        )
    touched = {c.path for h in plan.hops for a in h.apps for c in a.changes()}
    moved = sorted(touched & set(repo.changed_paths(plan.target_commit, tip)))
    if moved:
        told = "; ".join(_moved(repo, plan, path, tip) for path in moved[:_TOLD])
        more = f"; and {len(moved) - _TOLD} files more" if len(moved) > _TOLD else ""
        raise ConflictError(
            f"the plan is stale: {told}{more}",
            remedy="make a fresh plan and look at it again",
        )


def _moved(repo: Repository, plan: Plan, path: str, tip: str) -> str:
    """What became of a file since a plan was made: the commit that touched it last, and the plan's fields in it."""
    data = repo.read_file(tip, path)
    steps = repo.first_parents(plan.target_commit, tip, (path,))
    by = f" in {steps[-1][:8]}" if steps else ""
    if data is None:
        return f"{path} is gone from {plan.target_branch}{by}"
    moves = (m for h in plan.hops for a in h.apps for m in a.chosen() if any(c.path == path for c in m.changes))
    fields = dict.fromkeys(_now(data, move) for move in moves)
    said = ", ".join(text for text in fields if text)
    return f"{path} changed on {plan.target_branch} since it was made{by}" + (f" ({said})" if said else "")


def _now(data: bytes, move: Move) -> str:
    """What a field has become; empty where it is as the plan knows it, or isn't found."""
    name = move.field.partition(": ")[2]
    try:
        leaf = leaf_at(data, name)
    except SyntaxProblem:
        return "it can't be read any more"
    if leaf is None or move.old in leaf.value:
        return ""
    return f"{name} is {flat(leaf.value)} by now, not {flat(move.old)}"


def refuse_overlap(opened: Iterable[Pull], hops: Sequence[tuple[str, Hop]], instead: Collection[int] = ()) -> None:
    """One open promotion for an app and target: (key, hop) that would be a second one are refused.

    The pull request of the same key is the same promotion; those in `instead` are to go.

    Raises:
        TakenError: it says which pull requests have which apps, and what is left.
    """
    for hop, taken in overlapping(opened, hops, instead):
        apps = [a.app for a in hop.apps if a.changes()]
        told = [f"pull request #{p.number} already changes {_few(some)} in {hop.target}" for p, some in taken]
        remedies = [
            f"merge it (fairlead pr merge {p.number}), or close it (fairlead pr close {p.number} --why superseded)"
            for p, _ in taken
        ]
        free = [app for app in apps if not any(app in some for _, some in taken)]
        if free:
            way = f" --from {hop.source} --to {hop.target}"
            remedies.append(f"or promote what is not in it: fairlead promote {shlex.join(free)}{way}")
        if all(p.want.key.startswith(f"promote {hop.source}->{hop.target} ") for p, _ in taken):
            remedies.append("or make one of all, in its place: --join")
        raise TakenError("; ".join(told), remedy="\n".join(remedies))


def overlapping(
    opened: Iterable[Pull], hops: Sequence[tuple[str, Hop]], instead: Collection[int] = ()
) -> Iterator[tuple[Hop, list[tuple[Pull, list[str]]]]]:
    """The hops of which apps are in other open pull requests into the same environment, with those and these."""
    ours = {key for key, _ in hops}
    others = [pull for pull in opened if pull.want.key not in ours and pull.number not in instead]
    for _, hop in hops:
        apps = [a.app for a in hop.apps if a.changes()]
        there = [p for p in others if f"environment: {hop.target}" in p.want.labels]
        taken = [(p, [app for app in apps if f"app: {app}" in p.want.labels]) for p in there]
        taken = [(pull, some) for pull, some in taken if some]
        if taken:
            yield hop, taken


def _few(apps: Sequence[str]) -> str:
    more = f" and {len(apps) - _APPS} more" if len(apps) > _APPS else ""
    return ", ".join(apps[:_APPS]) + more


def refuse_false(repo: Repository, plan: Plan) -> None:
    """Each value that a plan carries stands where it says, at its source. Raises ConflictError otherwise."""
    for hop in plan.hops[:1] if plan.verb == "promote" else ():
        for moves in hop.apps:
            commit = moves.source_commit or hop.source_commit
            if not copied(partial(repo.read_file, commit), moves.chosen()):
                raise ConflictError(
                    f"the plan writes files of {moves.app} that the source does not hold so",
                    remedy="make a fresh plan",
                )
            for move in moves.chosen():
                if not _stands(repo.read_file(commit, move.stands_at.path), move):
                    raise ConflictError(
                        f"{move.field}: the source does not hold {move.new!r}",
                        where=move.stands_at,
                        remedy="make a fresh plan",
                    )


def refuse_strayed(layout: Layout, plan: Plan, words: Callable[[str], tuple[str, ...]]) -> None:
    """A plan writes into its targets' overlays and nowhere else; a new app into the place that is its.

    Raises ConflictError otherwise.
    """
    made: dict[tuple[str, str], tuple[Overlay, ...]] = {}
    for hop in plan.hops:
        for moves in hop.apps:
            found = layout.find(moves.app, hop.target)
            if not found:
                sources = layout.find(moves.app, hop.source) or made.get((moves.app, hop.source), ())
                homes = (home(layout, o, hop.target, words(hop.target)) for o in sources)
                found = made[moves.app, hop.target] = tuple(there for there in homes if there is not None)
            folders = tuple(o.path + "/" for o in found)
            for change in moves.changes():
                if not change.path.startswith(folders):
                    raise ConflictError(
                        f"the plan writes {change.path}, which is no file of {moves.app} in {hop.target}",
                        remedy="make a fresh plan",
                    )


def _stands(data: bytes | None, move: Move) -> bool:
    if move.carrier in ("entries", "files"):
        return move.carrier == "files" or lones.stands(data, move)
    if data is None:
        return False
    part, at = move.new.rpartition(": ")[2], (move.stands_at.line, move.stands_at.column)
    leaves = (leaf for document in parse(data).documents for leaf in scalars(document))
    leaf = next((leaf for leaf in leaves if (leaf.line, leaf.column) == at), None)
    if leaf is not None:
        return part in leaf.value
    lines = data.decode("utf-8", "replace").splitlines()  # inside a block, which is one leaf to the file
    return part in "\n".join(lines[max(0, at[0] - 1) :])
