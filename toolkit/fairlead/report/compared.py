"""What became of an overlay between two states: in words, and for programs."""

from __future__ import annotations

import enum
from typing import TypeAlias

from fairlead.model.overlays import OverlayId
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult
from fairlead.model.values import dataclass
from fairlead.report.difference import Group, Row, changes

VERSION = 1
Data: TypeAlias = dict[str, object]


class State(enum.StrEnum):
    """Of an overlay, from one side to the other."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    BROKEN = "broken"
    MENDED = "mended"
    UNBUILT = "unbuilt"


@dataclass(frozen=True)
class Compared:
    """An overlay with its state; `message` says why a side does not build, `id` what the layout says of the folder.

    `lacks` is whose work the rendering goes without: what the controller alone runs is not compared.
    """

    overlay: str
    state: State
    message: str = ""
    id: OverlayId | None = None
    lacks: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is another one, or nobody can tell."""
        return self.state is not State.SAME

    @property
    def sentence(self) -> str:
        """What is to be said of it beside the difference of its objects; empty where nothing is."""
        words = {
            State.NEW: "is new" + (f", and does not build: {self.message}" if self.message else ""),
            State.GONE: "is there no more",
            State.BROKEN: f"builds no more: {self.message}",
            State.MENDED: f"builds now, and did not before: {self.message}",
            State.UNBUILT: f"does not build, before or after: {self.message}",
        }
        if self.lacks and self.state is not State.GONE and not self.message:
            new = words[State.NEW] + ", and " if self.state is State.NEW else ""
            return f"{self.overlay or '.'} {new}is shown without the work of {self.lacks}"
        return f"{self.overlay or '.'} {words[self.state]}" if self.state in words else ""


@dataclass(frozen=True)
class Difference:
    """The overlays that were looked at, what differs, what is to be said of single overlays, and of the whole."""

    overlays: tuple[Compared, ...] = ()
    groups: tuple[Group, ...] = ()
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything does, or can't be told."""
        return any(overlay.differs for overlay in self.overlays)


def compared(
    overlay: str, before: RenderResult | None, after: RenderResult | None, id: OverlayId | None = None
) -> tuple[Compared, tuple[Row, ...]]:
    """What became of an overlay, and its changes, by the results of both sides; None where there is no such overlay."""
    both = texts(before, after)
    rows = tuple((overlay, *change) for change in changes(*both)) if both is not None else ()
    if before is None or after is None:
        state = State.GONE if after is None else State.NEW
    elif isinstance(before, RenderFailed):
        state = State.MENDED if isinstance(after, Rendered) else State.UNBUILT
    elif isinstance(after, RenderFailed):
        state = State.BROKEN
    else:
        state = State.CHANGED if rows else State.SAME
    return Compared(overlay, state, why(after) or (why(before) if after is not None else ""), id, lacks(after)), rows


def lacks(result: RenderResult | None) -> str:
    """Whose work a rendering goes without, with the places; empty where it is whole."""
    found = result.opaque if isinstance(result, Rendered) else ()
    return ", ".join(f"{one.kind} ({one.where})" for one in found)


def why(result: RenderResult | None) -> str:
    """Why it does not build, with the place; empty where it does."""
    if not isinstance(result, RenderFailed):
        return ""
    return f"{result.at}: {result.message}" if result.at is not None else result.message


def texts(before: RenderResult | None, after: RenderResult | None) -> tuple[str, str] | None:
    """Both sides' objects, to be compared; None where a side does not build, for then there is nothing to compare."""
    sides = [side.text if isinstance(side, Rendered) else "" if side is None else None for side in (before, after)]
    return None if sides[0] is None or sides[1] is None else (sides[0], sides[1])


def data(found: Difference) -> Data:
    """For programs. The form is stable: keys are added, never changed, within a version."""
    return {
        "version": VERSION,
        "differs": found.differs,
        "overlays": [
            {
                "path": overlay.overlay or ".",
                "app": overlay.id.app if overlay.id is not None else None,
                "env": overlay.id.env if overlay.id is not None else None,
                "cluster": (overlay.id.cluster or None) if overlay.id is not None else None,
                "state": overlay.state.value,
                "message": overlay.message or None,
            }
            for overlay in found.overlays
        ],
        "changes": [
            {"object": group.subject, "overlays": [o or "." for o in group.overlays], "lines": list(group.lines)}
            for group in found.groups
        ],
        "messages": [*found.remarks, *found.notes],
    }
