"""What happened in one run, kept until its end."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from fairlead.model.events import Event
    from fairlead.repo.notifications import Notify


@dataclass
class Outbox:
    """What is to be told, and to whom. `source` names the repository, by a URI; `wanted`: somebody wants lines."""

    wanted: bool = False
    source: str = ""
    rules: tuple[Notify, ...] = ()
    events: list[Event] = field(default_factory=list)
