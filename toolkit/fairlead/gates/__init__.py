"""What must be true before a change enters an environment: one gate a module, pure.

They judge facts that were gathered before, and don't know each other. Adding one is its module (a docstring
for the manual, `ID`, `judge`) and its name in `GATES`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fairlead.gates import (
    approvals,
    checks,
    codeowners,
    command,
    direct,
    freeze,
    health,
    hold,
    order,
    plan,
    rules,
    soak,
    statuses,
)
from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules


class Gate(Protocol):
    """What a gate's module offers."""

    ID: str

    def judge(self, rules: GateRules, target: Environment, facts: Facts, /) -> GateResult:
        """Whether a change may enter `target` now, by its rules."""


GATES: tuple[Gate, ...] = (
    plan,
    order,
    hold,
    soak,
    statuses,
    direct,
    approvals,
    codeowners,
    rules,
    freeze,
    checks,
    health,
    command,
)
# What can be told at once; the others need the environment rendered, a program run or a cluster asked.
QUICK: tuple[Gate, ...] = tuple(gate for gate in GATES if gate not in (checks, health, command))
# What neither people nor programs can do anything about: a promotion is a draft as long as one of them waits.
DRAFTING: tuple[Gate, ...] = (order, hold, soak, freeze)
# What is asked for an environment whose rules change, though nothing of it does.
RULING: tuple[Gate, ...] = (rules, codeowners)


def judge(environment: Environment, facts: Facts, asked: tuple[Gate, ...] = GATES) -> tuple[GateResult, ...]:
    """The gates' word on a change into an environment, in their order."""
    return tuple(gate.judge(environment.gates, environment, facts) for gate in asked)


def is_open(results: Iterable[GateResult]) -> bool:
    """Whether nothing stands in the way."""
    return all(result.state is GateState.OPEN for result in results)
