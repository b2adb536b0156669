"""Shows what `check --fix` mended, what it did not mend and why, or the difference as a patch."""

from __future__ import annotations

import difflib

from fairlead.cli import output
from fairlead.steps.fixing import Fixed


def show(fixed: Fixed, *, diff: bool, written: bool, quiet: bool) -> int:
    """Print it; 1 where files were changed, or would be."""
    if diff:
        for path, (old, new) in sorted(fixed.files.items()):
            output.raw(unified(path, old, new))
    else:
        for one in fixed.applied:
            output.result(f"{one.finding.where}: {one.finding.message} ({one.finding.rule})")
    if not quiet:
        for why in dict.fromkeys(one.refused for one in fixed.refused):
            output.note(f"not mended: {why}")
            for one in fixed.refused:
                if one.refused == why:
                    output.note(f"    {one.finding.where}: {one.finding.message}")
        output.note(_summary(fixed, written=written))
    return int(bool(fixed.files))


def _summary(fixed: Fixed, *, written: bool) -> str:
    if not fixed.applied:
        return f"nothing was mended; {len(fixed.refused)} refused" if fixed.refused else "nothing to mend"
    files = f"{len(fixed.files)} file{'s' if len(fixed.files) > 1 else ''}"
    done = f"mended in {files}" if written else f"would be mended in {files}; nothing was written"
    left = f"; {len(fixed.refused)} refused" if fixed.refused else ""
    return f"{len(fixed.applied)} {done}{left}. Every overlay that reads them renders as before"


def unified(path: str, old: bytes, new: bytes) -> str:
    """The change of a file as a patch that git applies."""
    first, second = (data.decode("utf-8", "replace").split("\n") for data in (old, new))
    lines = [_marked(side) for side in (first, second)]
    out = []
    for line in difflib.unified_diff(lines[0], lines[1], f"a/{path}", f"b/{path}", lineterm="\n"):
        out.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(out)


def _marked(lines: list[str]) -> list[str]:
    body, last = lines[:-1], lines[-1]
    return [line + "\n" for line in body] + ([last] if last else [])
