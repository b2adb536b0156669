"""The commits of a hop: one an app, in order, with trailers; deterministic, so that a rerun makes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.edit.splice import spliced
from fairlead.model.history import Verb
from fairlead.model.plan import AppMoves, Hop, Plan
from fairlead.model.pulls import Pull
from fairlead.model.snapshot import Snapshot
from fairlead.promotion.trailers import act, line, read

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository


def build(repo: Repository, plan: Plan, hop: Hop, base: str, generation: int = 1) -> str:
    """Commit a hop's apps on top of `base`; the last commit's id. `generation`: see `generation_of`.

    Raises:
        ConflictError: where a file of the hop isn't as the plan expects it there.
    """
    head = base
    time = repo.commit_time(base)
    for moves in hop.apps:
        if not moves.changes():
            continue
        state: Snapshot = repo.at(head)
        files = spliced(state, moves.changes())
        tree = repo.write_tree(repo.tree_of(head, ""), files)
        head = repo.commit_tree(tree, [head], message(plan, hop, moves, generation), time)
    return head


def generation_of(hop: Hop, open_pull: Pull | None) -> int:
    """Which content of its pull request a hop is: the first, or one more where an open one carried another before."""
    if open_pull is None:
        return 1
    known = read(open_pull.want.body).generation or 1
    return known if open_pull.want.hop_id == hop.id else known + 1


def message(plan: Plan, hop: Hop, moves: AppMoves, generation: int = 1) -> str:
    """Subject, body, trailers of one app's commit."""
    chosen = moves.chosen()
    versions = dict.fromkeys(m.token for m in chosen if m.token is not None)
    what = f" {short(next(iter(versions))[1])}" if len(versions) == 1 else ""
    if plan.verb == "rollback":
        subject = f"revert({hop.target}): roll {flat(moves.app)} back to{what or ' an earlier state'}"
    elif plan.verb == "backport":
        subject = f"fix({hop.target}): back-port {flat(moves.app)}{what} from {hop.source}"
    else:
        subject = f"chore({hop.target}): promote {flat(moves.app)}{what} from {hop.source}"
    lines = [f"- {flat(m.field)}: {short(m.old)} -> {short(m.new)}" for m in chosen]
    paragraphs = [subject, "\n".join(lines)]
    if plan.reason:
        paragraphs.append(f"Reason: {flat(plan.reason)}")
    paragraphs.append("\n".join((*trailer_lines(plan, hop, (moves,)), line("Generation", str(generation)))))
    return "\n\n".join(paragraphs) + "\n"


def trailer_lines(plan: Plan, hop: Hop, apps: tuple[AppMoves, ...]) -> list[str]:
    """The trailers of a commit, and of the pull request's text. The plan trailer names the hop."""
    verb = Verb(plan.verb)
    moving = [a for a in apps if a.changes()]
    lines = [act(verb, a.app, hop.source, hop.target) for a in moving]
    sources = dict.fromkeys(a.source_commit or hop.source_commit for a in moving) or (hop.source_commit,)
    lines += [line("Plan", hop.id), *(line("Source", commit) for commit in sources)]
    lines += [line("Source-Tree", f"{a.source_path} {a.source_tree}") for a in moving if a.source_tree]
    lines.append(line("Base", plan.target_commit))
    return lines


def short(text: str) -> str:
    """A value for a line: without line breaks, 72 characters at most."""
    one = flat(text)
    return one if len(one) <= 72 else one[:69] + "..."


def flat(text: str) -> str:
    """Text as one line: it can begin no line of its own, and so no trailer."""
    return " ".join(text.split())
