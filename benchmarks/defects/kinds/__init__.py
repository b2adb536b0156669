"""All kinds of defect, by what they are about."""

from benchmarks.defects.kinds import (
    controllers,
    dead,
    environment,
    hostile,
    kustomizations,
    patches,
    pods,
    references,
    schema,
    secrets,
    selectors,
)  # fmt: skip
from benchmarks.defects.model import Kind

KINDS: tuple[Kind, ...] = (
    *kustomizations.KINDS,
    *patches.KINDS,
    *hostile.KINDS,
    *dead.KINDS,
    *schema.KINDS,
    *environment.KINDS,
    *pods.KINDS,
    *references.KINDS,
    *selectors.KINDS,
    *secrets.KINDS,
    *controllers.KINDS,
)
