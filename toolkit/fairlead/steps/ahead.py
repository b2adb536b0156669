"""The moves of many apps, found by two processes: comparing files is most of planning, and no app needs another."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from fairlead.doors.beside import Beside, can_help
from fairlead.model.plan import Move
from fairlead.promotion.plain import Row, move, row

MANY = 60  # tasks; for fewer, another process costs more than it saves
_SHARE = 0.52  # of the tasks: here, the rest of planning is done for all of them

Task = tuple[str, str, str]  # an app, its source and target
Pair = tuple[str, str]  # the paths of two overlays
Found = Iterable[tuple[Pair, Iterable[Move]]]


class Ahead:
    """What another process finds of some tasks."""

    def __init__(self, beside: Beside | None, tasks: Iterable[Task]) -> None:
        self._beside = beside
        self._tasks = frozenset(tasks)
        self._rows: dict[Pair, list[Row]] | None = None

    def moves(self, task: Task, pair: Pair) -> list[Move] | None:
        """The moves of a pair of overlays; None where it is to be looked at here. Each is handed out once."""
        if self._beside is None or task not in self._tasks:
            return None
        if self._rows is None:
            answer = self._beside.answer()
            self._rows = dict(marshal.loads(answer)) if answer is not None else {}
        found = self._rows.pop(pair, None)
        return None if found is None else [move(one) for one in found]


NOTHING = Ahead(None, ())


@contextmanager
def ahead(tasks: Sequence[Task], find: Callable[[Task], Found], jobs: int) -> Iterator[Ahead]:
    """Have the moves of the last of these tasks found meanwhile, if there is a processor for it."""
    if not can_help(jobs):
        yield NOTHING
        return
    theirs = tasks[round(len(tasks) * (1 - _SHARE)) :]

    def work() -> bytes:
        return marshal.dumps([(pair, [row(one) for one in found]) for task in theirs for pair, found in find(task)])

    with Beside(work) as beside:
        yield Ahead(beside, theirs)
