"""The branch of a pull request: a name of its own for each, which every git, forge and shell takes as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ODD = re.compile(r"[^A-Za-z0-9._-]+|\.{2,}")
_KINDS = ("rollback-", "set-", "backport-")
_LONGEST = 60


def head_branch(env: str, apps: Sequence[str], kind: str = "") -> str:
    """`fairlead/staging/web`, `fairlead/staging/rollback-web`, `fairlead/staging/api+web`, `fairlead/staging/api+7`.

    An app whose name can't stand there as it is gets a few digits of its hash, so that `a/b` and `a-b` stay two.
    """
    names = [_name(app) for app in apps]
    name = "+".join(names) if len(names) <= 3 else f"{names[0]}+{len(names) - 1}"
    return f"fairlead/{_name(env)}/{kind}{name}"


def _name(text: str) -> str:
    import hashlib

    plain = _ODD.sub("-", text).strip("-.")[:_LONGEST].removesuffix(".lock") or "x"
    if plain == text and not text.startswith(_KINDS):
        return text
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
