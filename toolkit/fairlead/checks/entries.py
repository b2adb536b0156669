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


def unpaired(shared: Shared, where: Where) -> tuple[Edit, ...]:
    """The edits that take a pair out of `labels`, `commonLabels` or `commonAnnotations`; its entry, if it is alone."""
    stream = shared.sources.stream(where.path)
    node = shared.graph.kustomization(where.path.rpartition("/")[0])
    if stream is None or node is None or node.path != where.path:
        return ()
    blocks = Blocks(where.path, stream)
    for name in ("commonLabels", "commonAnnotations"):
        pairs, key = _paired(blocks.body.get(name), where)
        if pairs is not None:
            return blocks.unpaired(*((pairs, key) if len(pairs.items) > 1 else (blocks.body, name)))
    labels = blocks.body.get("labels")
    for item in labels.items if isinstance(labels, Sequence) else ():
        pairs, key = _paired(item.get("pairs") if isinstance(item, Mapping) else None, where)
        if pairs is not None:
            return blocks.unpaired(pairs, key) if len(pairs.items) > 1 else blocks.without("labels", item)
    return ()


def _paired(pairs: Value | None, where: Where) -> tuple[Mapping | None, str]:
    """The map, and which of its keys stands there."""
    for key, _ in pairs.items if isinstance(pairs, Mapping) else ():
        if isinstance(pairs, Mapping) and (key.line, key.column) == (where.line, where.column):
            return pairs, key.value
    return None, ""


def within(shared: Shared, where: Where, lists: tuple[str, ...], *way: str) -> Where | None:
    """The place of a value in the entry that holds another place; None where there is no such value."""
    node = shared.graph.kustomization(where.path.rpartition("/")[0])
    body = node.body if node is not None and node.path == where.path else None
    for name in lists if body is not None else ():
        value = body.get(name) if body is not None else None
        for item in value.items if isinstance(value, Sequence) else ():
            found: Value | None = item if _holds(item, where) else None
            for step in way:
                found = found.get(step) if isinstance(found, Mapping) else None
            if found is not None:
                return Where(where.path, found.line, found.column)
    return None


def _holds(item: Value, where: Where) -> bool:
    if (item.line, item.column) == (where.line, where.column):
        return True
    if not isinstance(item, Mapping):
        return False
    nodes = (node for pair in item.items for node in pair)
    return any((n.line, n.column) == (where.line, where.column) or _holds(n, where) for n in nodes)
