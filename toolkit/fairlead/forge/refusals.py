"""What no forge does to a pull request, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Pull, PullState


def require_open(pull: Pull) -> None:
    """Raises ConflictError for one that was merged or closed."""
    if pull.state is not PullState.OPEN:
        raise ConflictError(
            f"#{pull.number} is {pull.state}" + (f": {pull.closed_why}" if pull.closed_why else ""),
            remedy="fairlead pr list shows the open ones",
        )


def require_lower_merged(pull: Pull, others: Iterable[Pull]) -> None:
    """Raises ConflictError where the one that it stands on, the newest of that key, is not merged."""
    lower = sorted((p for p in others if p.want.key == pull.want.below), key=lambda p: p.number)
    if lower and lower[-1].state is PullState.OPEN:
        raise ConflictError(
            f"#{pull.number} stands on #{lower[-1].number}, which is not merged yet",
            remedy=f"merge that one first: fairlead pr merge {lower[-1].number}",
        )
    if lower and lower[-1].state is PullState.CLOSED:
        raise ConflictError(
            f"#{pull.number} stands on #{lower[-1].number}, which was closed unmerged",
            remedy="close this one too, or promote again",
        )
