"""Where the templates lie: inside an installed package, else at the top of the checkout."""

from __future__ import annotations

import difflib
from pathlib import Path

from fairlead.model.errors import UsageError, WorldError

QUESTIONS = "copier.yml"
REINSTALL = "install fairlead again, or run it from a complete checkout"


def _roots() -> tuple[Path, ...]:
    here = Path(__file__).resolve()
    return here.parents[1] / "_templates", here.parents[3] / "templates"


def kinds() -> tuple[str, ...]:
    """All kinds of template there are, sorted."""
    found = {file.parent.name for root in _roots() for file in root.glob(f"*/{QUESTIONS}")}
    return tuple(sorted(found))


def find(kind: str) -> Path:
    """The folder of a template, which holds its `copier.yml`.

    Raises:
        UsageError: There is no template of this kind.
        WorldError: There are no templates at all: the installation is damaged.
    """
    known = kinds()
    if kind in known:
        return next(root / kind for root in _roots() if (root / kind / QUESTIONS).is_file())
    if not known:
        raise WorldError("fairlead's templates are missing from this installation", remedy=REINSTALL)
    near = difflib.get_close_matches(kind, known, n=1)
    raise UsageError(
        f"there is no template {kind!r}",
        remedy=f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(known)}",
    )
