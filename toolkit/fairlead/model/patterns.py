"""Regular expressions that are compiled where they are first asked: most commands never ask most of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import compile as pattern
else:

    class pattern:  # noqa: N801  it stands for re.compile
        """As `re.compile(text, flags)`, and as what that returns."""

        def __init__(self, text: str | bytes, flags: int = 0) -> None:
            self._asked = (text, flags)

        def __getattr__(self, name: str) -> Any:
            made = re.compile(*self._asked)
            self.__dict__.update((known, getattr(made, known)) for known in dir(made) if not known.startswith("_"))
            return getattr(made, name)


__all__ = ["pattern"]
