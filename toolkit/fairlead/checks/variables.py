"""`vars` of a kustomization as `replacements`: what each stands for, and every field that names it."""

from __future__ import annotations

from fairlead.checks.context import Shared
from fairlead.edit.blocks import Blocks
from fairlead.model.changes import Edit


def replacements(shared: Shared, blocks: Blocks) -> tuple[Edit, ...]:
    """The edits. Raises UneditableError where a field can't be told."""
    raise blocks.refused("`vars` is to be rewritten by hand", blocks.body.items[0][0])
