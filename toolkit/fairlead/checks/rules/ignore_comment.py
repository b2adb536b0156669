"""A comment that silences a rule, and gives no reason, names no rule, or has nothing to silence.

`# fairlead: ignore[rule] reason` at the end of a line (or on a line of its own, above it) takes the rule's word
for that line. Who reads it later must see why; and when the fault is mended, the comment must go as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import COMMENT, Example
from fairlead.checks.ignores import Ignore
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "ignore-comment"
GROUP = "builds"
SEVERITY = Severity.WARNING
SCOPE = COMMENT

_IMAGES = "resources:\n- pod.yaml\nimages:\n- name: example.com/web{}\n  newTag: '1.1'\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n"
)
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml  # fairlead: ignore[dead-image] a rare build\n",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _IMAGES.format("  # fairlead: ignore[dead-image] comes with the next app"),
        "overlays/dev/pod.yaml": _POD,
    }
)


def check(ignore: Ignore, known: tuple[str, ...], *, used: bool) -> Iterator[Finding]:
    """Say what is wrong with one comment."""
    strange = [name for name in ignore.rules if name not in known]
    if not ignore.rules:
        yield _finding(ignore, "this comment names no rule", "write # fairlead: ignore[rule] and why")
    elif not ignore.reason:
        yield _finding(
            ignore,
            "this comment gives no reason, so it silences nothing",
            f"say why: # fairlead: ignore[{', '.join(ignore.rules)}] because ...",
        )
    elif strange:
        remedy = near_miss(strange[0], known) or "fairlead explain lists the rules"
        yield _finding(ignore, f"there is no rule {strange[0]!r}", remedy)
    elif not used:
        yield _finding(ignore, UNUSED, "remove the comment")


UNUSED = "this comment has nothing to silence"


def _finding(ignore: Ignore, message: str, remedy: str) -> Finding:
    return Finding(ID, SEVERITY, message, remedy, ignore.at)
