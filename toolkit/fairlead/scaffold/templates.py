"""Where the templates lie: inside an installed package, else at the top of the checkout."""

from __future__ import annotations

import difflib
from pathlib import Path

from fairlead.model.errors import UsageError, WorldError

QUESTIONS = "copier.yml"
REINSTALL = "install fairlead again, or run it from a complete checkout"


def _root() -> Path:
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "_templates"
    return packaged if packaged.is_dir() else here.parents[3] / "templates"


def kinds() -> tuple[str, ...]:
    """All kinds of template there are, sorted."""
    return tuple(sorted(file.parent.name for file in _root().glob(f"*/{QUESTIONS}")))


def find(kind: str) -> Path:
    """The folder of a template, which holds its `copier.yml`.

    Raises:
        UsageError: There is no template of this kind.
        WorldError: There are no templates at all: the installation is damaged.
    """
    known = kinds()
    if kind in known:
        return _root() / kind
    if not known:
        raise WorldError("fairlead's templates are missing from this installation", remedy=REINSTALL)
    near = difflib.get_close_matches(kind, known, n=1)
    raise UsageError(
        f"there is no template {kind!r}",
        remedy=f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(known)}",
    )
