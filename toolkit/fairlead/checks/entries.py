"""Taking an entry out of a kustomization's list, by the place of a finding about it."""

from __future__ import annotations

from fairlead.checks.context import Shared
from fairlead.edit.blocks import Blocks
from fairlead.edit.nodes import Mapping, Sequence, Value
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Where


def removed(shared: Shared, finding: Finding, lists: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that take out the entry that holds the finding's place; none where there is no such entry.

    Raises:
        UneditableError: where it looks like a slip of the pen, for then it was meant.
    """
    where = finding.where
    stream = shared.sources.stream(where.path)
    node = shared.graph.kustomization(where.path.rpartition("/")[0])
    if stream is None or node is None or node.path != where.path:
        return ()
    blocks = Blocks(where.path, stream)
    for name in lists:
        value = blocks.body.get(name)
        for item in value.items if isinstance(value, Sequence) else ():
            if _holds(item, where):
                if finding.remedy.startswith("did you mean"):
                    raise blocks.refused(f"it may have been meant: {finding.remedy}", item)
                return blocks.without(name, item)
    return ()


def _holds(item: Value, where: Where) -> bool:
    if (item.line, item.column) == (where.line, where.column):
        return True
    if not isinstance(item, Mapping):
        return False
    return any((n.line, n.column) == (where.line, where.column) for pair in item.items for n in pair)
