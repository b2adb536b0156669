"""The text of a pull request: what moves, what it does to the rendering, what stays, how to take it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fairlead.model.findings import Finding, Severity
from fairlead.model.plan import Hop, Move, Verdict
from fairlead.repo.config import Environment
from fairlead.repo.times import span
from fairlead.report.compared import Difference
from fairlead.report.difference import Group
from fairlead.report.markdown import LIMIT, cell, code, fenced, inline

HEAD = "What it changes in the rendered objects"
_HELD_ROWS = 40
_SPARE = 600  # for the words that say what was cut, and blank lines
_RUNS = {"all": "run", "any": "runs"}


def title(verb: str, hop: Hop) -> str:
    """A Conventional Commit subject for a whole hop."""
    apps = [a.app for a in hop.apps if a.changes()]
    what = " ".join(apps[0].split()) if len(apps) == 1 else f"{len(apps)} apps"
    versions = sorted({" ".join(m.token[1][:40].split()) for a in hop.apps for m in a.chosen() if m.token is not None})
    tail = f" ({versions[0]})" if len(versions) == 1 else ""
    if verb == "rollback":
        return f"revert({hop.target}): roll {what} back{tail}"
    if verb == "backport":
        return f"fix({hop.target}): back-port {what} from {hop.source}{tail}"
    return f"chore({hop.target}): promote {what} from {hop.source}{tail}"


def body(
    verb: str,
    hop: Hop,
    changed: Sequence[Group],
    findings: Sequence[Finding],
    trailers: Iterable[str],
    *,
    reason: str = "",
    unrendered: Sequence[str] = (),
    asked: Sequence[str] = (),
) -> str:
    """Markdown within `LIMIT`; it says what was cut. Values can't break out of their fence or mention people.

    Each part has its share of the room: a long one never pushes out what moves, or how to take it back. `asked` is
    what must be true before the merge.
    """
    end = _end(tuple(trailers))
    app = next((a.app for a in hop.apps if a.changes()), "")
    words = f"**Reason:** {inline(reason)}" if reason else ""
    checks = _findings(findings) if findings else ""
    back = f"**Take it back** after the merge: `fairlead rollback {app} {hop.target}`"
    before = "**Before the merge:** " + "; ".join(map(inline, asked)) + "." if asked else ""
    room = LIMIT - len(end) - len(words) - len(checks) - len(back) - len(before) - _SPARE
    more = f"`fairlead pr show {hop.branch} --plan` has all that moves and stays, `fairlead diff` the rest"
    moves = cut(_moves(hop), room // 2, more)
    held = cut(_held(hop), room // 5, more)
    remarks = [f"not compared: {text}" for text in unrendered]
    change = _shown(changed, remarks, room - len(moves) - len(held), more)
    return "\n\n".join(p for p in (moves, words, change, checks, held, before, back) if p) + end


def _shown(changed: Sequence[Group], remarks: Sequence[str], room: int, more: str) -> str:
    """The rendered difference within so many characters: the most dangerous first, and how many objects were cut."""
    whole = rendered(changed, remarks)
    if len(whole) <= room:
        return whole
    kept = cut(whole, room, more)
    lost = sum(head(group) not in kept for group in changed)
    return kept.replace(" characters more; ", f" characters more, with {lost} of {len(changed)} objects; ")


def asked(source: str, environment: Environment, beside: Sequence[str] = ()) -> tuple[str, ...]:
    """What must be true before a hop into an environment is merged; `fairlead pr show` says whether it is.

    `beside` are the other environments of the source's stage.
    """
    rules = environment.gates
    why = ", ".join(f.why or f.calendar for f in rules.freeze if f.why or f.calendar)
    stage = (source, *beside)
    runs = f"{source} runs" if not beside else f"{rules.order} of {', '.join(stage)} {_RUNS[rules.order]}"
    found = [f"{runs} what this carries, and nothing of it is held after a rollback"]
    still = ", and runs there still" if rules.still else ""
    found += [f"it has soaked there for {span(rules.soak)}{still}"] if rules.soak else []
    found += [f"{', '.join(rules.statuses)} on the source's commit"] if rules.statuses else []
    found += ["nothing else in it than its plan"]
    found += [f"{rules.approvals} approvals by others than who asked"] if rules.approvals else []
    found += ["an approval by an owner of each changed file"] if rules.codeowners else []
    found += [f"no freeze{': ' if why else ''}{why}"] if rules.freeze else []
    found += [f"{source} is healthy with it"] if rules.health else []
    found += [f"{' '.join(rules.command)} says yes"] if rules.command else []
    return (*found, "no errors by the checks")


def _end(trailers: tuple[str, ...]) -> str:
    """The trailers; of very many, the ones that only help to verify stay in the commits alone."""
    if sum(map(len, trailers)) > LIMIT // 2:
        trailers = tuple(line for line in trailers if not line.startswith("Fairlead-Source-Tree:"))
    return "\n\n" + "\n".join(trailers) + "\n"


def cut(text: str, room: int, more: str) -> str:
    """The text within so many characters; it says that it was cut, and where there is more."""
    if len(text) <= room:
        return text
    kept = text[:room].rsplit("\n", 1)[0]
    fences = re.findall(r"(?m)^(`{3,})", kept)
    closing = f"\n{fences[-1]}" if len(fences) % 2 else ""
    closing += "\n\n</details>" if "<details>" in kept else ""
    return f"{kept}{closing}\n\n*Cut here: {len(text) - len(kept)} characters more; {more}.*"


def _moves(hop: Hop) -> str:
    rows = ["| app | field | from | to | why |", "|---|---|---|---|---|"]
    rows += [
        f"| {cell(a.app)} | {code(m.field)} | {code(m.old)} | {code(m.new)} | {cell(m.reason)} |"
        for a in hop.apps
        for m in a.chosen()
    ]
    return f"### {hop.source} → {hop.target}\n\n" + "\n".join(rows)


def rendered(changed: Sequence[Group], remarks: Sequence[str], title: str = HEAD) -> str:
    """The section on the rendered objects."""
    lines = [f"### {title}"]
    if not changed:
        lines.append("Nothing: the rendering stays the same." if not remarks else "Not known.")
    lines += [f"- {cell(text)}" for text in remarks]
    for group in changed:
        lines.append(f"{head(group)}\n\n" + fenced("\n".join(group.lines), "diff"))
    return "\n\n".join(lines)


def difference(found: Difference, title: str = HEAD) -> str:
    """That section alone, within the limit of a comment."""
    return cut(rendered(found.groups, found.remarks, title), LIMIT, "`fairlead diff` has all")


def head(group: Group) -> str:
    """The line before a group's difference."""
    return f"**{cell(group.subject)}** in {cell(group.where)}"


def _findings(findings: Sequence[Finding]) -> str:
    count = sum(f.severity is Severity.ERROR for f in findings)
    rows = [f"- **{f.severity}** {code(str(f.where))} {cell(f.message)} ({f.rule})" for f in findings[:30]]
    more = f"\n- … {len(findings) - 30} more" if len(findings) > 30 else ""
    return f"### Checks on the result: {count} errors\n\n" + "\n".join(rows) + more


def _held(hop: Hop) -> str:
    held = [(a.app, m) for a in hop.apps for m in a.held]
    if not held:
        return ""
    held.sort(key=lambda row: _weight(row[1]))
    rows = ["| app | field | " + hop.target + " | " + hop.source + " | why it stays |", "|---|---|---|---|---|"]
    rows += [
        f"| {cell(app)} | {code(m.field)} | {code(m.old)} | {code(m.new)} | {cell(m.reason)} |"
        for app, m in held[:_HELD_ROWS]
    ]
    more = f"\n\n… and {len(held) - _HELD_ROWS} more." if len(held) > _HELD_ROWS else ""
    head = f"<details><summary>{len(held)} differences stay as they are</summary>"
    return f"{head}\n\n" + "\n".join(rows) + f"{more}\n\n</details>"


def _weight(move: Move) -> int:
    return {Verdict.CONFLICT: 0, Verdict.PROMOTE: 1, Verdict.OFFER: 1}.get(move.verdict, 2)
