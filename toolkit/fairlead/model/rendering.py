"""What kustomize made of an overlay, or why it could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fairlead.model.findings import Where
from fairlead.model.snapshot import Snapshot


@dataclass(frozen=True)
class Trial:
    """A wish: what does this snapshot's overlay (a folder's path) render to?"""

    snapshot: Snapshot
    overlay: str


@dataclass(frozen=True)
class Rendered:
    """The objects as YAML text, byte for byte as kustomize printed them."""

    overlay: str
    text: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenderFailed:
    """kustomize (or a safety rule before it) said no. A result, not an exception.

    `code` is one of build, missing, remote, helm, plugin, timeout; `at` is the place that asked, if known.
    """

    overlay: str
    code: str
    message: str
    at: Where | None = None


RenderResult = Rendered | RenderFailed


class Renderer(Protocol):
    """Answers trials, in their order. Raises WorldError where the tool itself is missing."""

    @property
    def version(self) -> str:
        """Name and version of the engine, for plans and caches."""

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel."""
