"""The gates on the terminal: what each says, its evidence, until when it waits."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.cli import output
from fairlead.model.gates import GateResult
from fairlead.repo.times import moment


def table(results: Iterable[GateResult]) -> None:
    """Print them, to stdout."""
    output.table(
        ("gate", "state", "", "until"),
        [(r.gate, str(r.state), "\n".join((r.message, *(f"· {e}" for e in r.evidence))), until(r)) for r in results],
    )


def until(result: GateResult) -> str:
    """When it opens by itself, where that can be known."""
    return moment(result.until) if result.until else ""
