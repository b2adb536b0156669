"""The text of a pull request: what moves, what it does to the rendering, what stays, how to take it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fairlead.model.findings import Finding, Severity
from fairlead.model.plan import Hop, Move, Verdict
from fairlead.report.difference import Group
from fairlead.report.markdown import LIMIT, cell, code, fenced, inline

HEAD = "What it changes in the rendered objects"
_HELD_ROWS = 40


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
) -> str:
    """Markdown within `LIMIT`; it says what was cut. Values can't break out of their fence or mention people."""
    end = _end(tuple(trailers))
    parts = [_moves(hop)]
    if reason:
        parts.append(f"**Reason:** {inline(reason)}")
    parts.append(rendered(changed, [f"not compared: {text}" for text in unrendered]))
    if findings:
        parts.append(_findings(findings))
    parts.append(_held(hop))
    app = next((a.app for a in hop.apps if a.changes()), "")
    parts.append(f"**Take it back** after the merge: `fairlead rollback {app} {hop.target}`")
    text = "\n\n".join(p for p in parts if p)
    return cut(text, LIMIT - len(end) - 80, "`fairlead pr show` has all") + end


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


def rendered(changed: Sequence[Group], remarks: Sequence[str], head: str = HEAD) -> str:
    """The section on the rendered objects."""
    lines = [f"### {head}"]
    if not changed:
        lines.append("Nothing: the rendering stays the same." if not remarks else "Not known.")
    lines += [f"- {cell(text)}" for text in remarks]
    for group in changed:
        lines.append(f"**{cell(group.subject)}** in {cell(group.where)}\n\n" + fenced("\n".join(group.lines), "diff"))
    return "\n\n".join(lines)


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
