"""When a value came into an environment, as the history of its branch tells."""

from __future__ import annotations

from fairlead.model.history import Record
from fairlead.model.plan import Move
from fairlead.steps.chronicle import Chronicle, holds


def arrival(chronicle: Chronicle, app: str, source: str, target: str, move: Move) -> Record | None:
    """The landing that brought a move's value into its source, the newest; None where this clone doesn't have it."""
    path, field = move.stands_at.path, move.field.partition(": ")[2]
    repo, words = chronicle.world.git, chronicle.words(source, target)
    under = [o.path for o in chronicle.environments.layout.find(app, source)]
    for record in chronicle.history(under).of(app, source):
        if path not in record.paths or not holds(repo.read_file(record.commit, path), field, move.new, words):
            continue
        before = repo.read_file(record.parent, path) if record.parent else None
        if not holds(before, field, move.new, words):
            return record
    return None
