"""Whether the forge itself waits for the gate before the branch moves."""

from __future__ import annotations

from fairlead.model.pulls import Forge
from fairlead.steps.verdicts import CONTEXT

_HAVE_APPS = ("github",)  # where a check can be pinned to the app that sets it


def missing(forge: Forge, branch: str) -> tuple[str, ...]:
    """What is lacking, in a sentence each with what to do; nothing where that isn't known, or git alone decides."""
    if forge.kind == "local":
        return ()
    found = forge.protection(branch)
    if not found.known:
        return ()
    if CONTEXT not in found.required:
        return (f"{branch} moves without {CONTEXT}: let the branch's protection require that status",)
    if CONTEXT not in found.pinned and forge.kind in _HAVE_APPS:
        return (f"whoever may write to {branch} may set {CONTEXT}: pin the required check to the app that does",)
    return ()
