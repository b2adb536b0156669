"""A person's own words for a pull request: its title, and what stands on top of its text."""

from __future__ import annotations

import re

from fairlead.model.errors import UsageError
from fairlead.model.values import dataclass

MOST = 8000  # characters; the rest of the text needs its room, too
_TRAILER = re.compile(r"(?mi)^\s*Fairlead-[\w-]+:")


@dataclass(frozen=True)
class Message:
    """Empty words leave what fairlead would write."""

    title: str = ""
    text: str = ""

    @property
    def written(self) -> str:
        """As `message` reads it."""
        return f"{self.title}\n\n{self.text}" if self.text else self.title


UNSAID = Message()


def message(written: str) -> Message:
    """Read a message as git does: the first line is the title, what follows after an empty line the text.

    Raises:
        UsageError: it is too long, or holds lines by which history is read back.
    """
    if len(written) > MOST:
        raise UsageError(f"the message has {len(written)} characters", remedy=f"at most {MOST}")
    if _TRAILER.search(written):
        raise UsageError(
            "a line of the message begins with Fairlead-", remedy="those lines say what was promoted: leave them out"
        )
    head, _, rest = written.strip().partition("\n")
    return Message(" ".join(head.split()), rest.strip())
