"""What kustomize made of an overlay, or why it could not."""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple, Protocol

from fairlead.model.findings import Where
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass

NO_HELM = "Helm charts are inflated here, and there is no helm"
NO_PROGRAM = "Helm charts are inflated here, and there is neither kustomize nor kubectl to ask helm"


@dataclass(frozen=True)
class Trial:
    """A wish: what does this snapshot's overlay (a folder's path) render to?"""

    snapshot: Snapshot
    overlay: str


class Input(NamedTuple):
    """What a result depends on: `kind` is file, link (with their blob ids), folder, missing, tree, remote, definition.

    A tree is all that lies in a folder; its blob stands for that. A remote base's path is its repository and ref, the
    same for each way to write them; its blob is the commit. The definition of a `group/Kind` is one for a verdict
    alone; its blob is a digest of all that there are.
    """

    kind: str
    path: str
    blob: str = ""


class Opaque(NamedTuple):
    """A plugin that only the controller runs, and whose work a rendering lacks; `where` its configuration stands.

    `role` is the list that names it (`generators`...), `kind` its configuration's kind. `makes` are the objects that
    it is known to make (`Secret/db`); empty where that can't be told. Of role `releases` it is a Helm release that is
    not rendered: `kind` is its label, and `why` the reason.
    """

    where: Where
    role: str
    kind: str
    makes: tuple[str, ...] = ()
    why: str = ""


class Added(NamedTuple):
    """Objects that stand at the end of a rendering and come from a chart: whose release it is, and how many."""

    kind: str
    namespace: str
    name: str
    objects: int


@dataclass(frozen=True)
class Rendered:
    """The objects as YAML text, byte for byte as kustomize printed them.

    `inputs` is what was read and what was looked for in vain; an engine that can't tell leaves it empty.
    `seconds` is what the render took; 0 where nobody measured it. `recalled`: it was made earlier, and kept.
    `values` are the objects as a JSON list, where the engine tells them so: reading YAML takes twenty times as long.
    `opaque` is what the rendering lacks: it is incomplete where there is any. `added` are the last objects, of charts.
    """

    overlay: str
    text: str
    warnings: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = field(default=(), compare=False, repr=False)
    seconds: float = field(default=0.0, compare=False, repr=False)
    recalled: bool = field(default=False, compare=False, repr=False)
    values: bytes = field(default=b"", compare=False, repr=False)
    opaque: tuple[Opaque, ...] = ()
    added: tuple[Added, ...] = ()


@dataclass(frozen=True)
class RenderFailed:
    """kustomize (or a safety rule before it) said no. A result, not an exception.

    `code` is one of build, missing, remote, helm, plugin, timeout; `at` is the place that asked, if known.
    `inputs`, `seconds` and `recalled` are as in Rendered.
    """

    overlay: str
    code: str
    message: str
    at: Where | None = None
    inputs: tuple[Input, ...] = field(default=(), compare=False, repr=False)
    seconds: float = field(default=0.0, compare=False, repr=False)
    recalled: bool = field(default=False, compare=False, repr=False)


RenderResult = Rendered | RenderFailed


@dataclass(frozen=True)
class Built:
    """What became of an overlay, without its text: all that a report needs.

    `failure` and `message` are empty where it built; `fresh` says that it was rendered now, and not recalled.
    """

    overlay: str
    failure: str = ""
    message: str = ""
    seconds: float = field(default=0.0, compare=False)
    fresh: bool = field(default=True, compare=False)

    @property
    def built(self) -> bool:
        """Whether kustomize built it."""
        return not self.failure

    @classmethod
    def of(cls, result: RenderResult) -> Built:
        """Of a result in hand."""
        if isinstance(result, Rendered):
            return cls(result.overlay, seconds=result.seconds, fresh=not result.recalled)
        return cls(result.overlay, result.code, result.message, result.seconds, not result.recalled)


class Renderer(Protocol):
    """Answers trials, in their order. Raises WorldError where the tool itself is missing."""

    @property
    def version(self) -> str:
        """Name and version of the engine, for plans and caches."""

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel."""
