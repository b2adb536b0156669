"""Where the files of a Flux artifact lie in the repository: what ArtifactGenerators copy, and artifacts made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fairlead.checks.objects import Object
from fairlead.checks.reconcilers import plain
from fairlead.checks.workloads import items, table, text
from fairlead.model.values import dataclass

MARK = b"ArtifactGenerator"
_KIND, _GROUP = "ArtifactGenerator", "source.extensions.fluxcd.io"
_OWN_PATHS = ("OCIRepository", "Bucket")  # pushed from a repository as a rule, with its paths


@dataclass(frozen=True)
class Copy:
    """A folder of the repository, and where it comes to in an artifact."""

    origin: str
    to: str


def copies(objects: Iterable[Object]) -> dict[tuple[str, str], tuple[Copy, ...]]:
    """(namespace, name) of an artifact -> what is copied into it, in any of the clusters that have one of this name."""
    found: dict[tuple[str, str], tuple[Copy, ...]] = {}
    for one in objects:
        if (one.kind, one.group) != (_KIND, _GROUP):
            continue
        for artifact in map(table, items(table(one.body.get("spec")).get("artifacts"))):
            key = (one.namespace, text(artifact.get("name")))
            found[key] = (*found.get(key, ()), *_read(artifact.get("copy")))
    return found


def _read(entries: object) -> Iterator[Copy]:
    for entry in map(table, items(entries)):
        origin, to = (text(entry.get(name)).partition("/")[2] for name in ("from", "to"))
        if origin.endswith("/**") or origin == "**":
            yield Copy(plain(origin.removesuffix("**")), plain(to))


def origins(rendered: Object, known: Mapping[tuple[str, str], tuple[Copy, ...]]) -> Iterator[str]:
    """The folders of the repository that a Kustomization of an artifact applies; of any other source, none."""
    spec = table(rendered.body.get("spec"))
    reference, path = table(spec.get("sourceRef")), plain(text(spec.get("path")))
    if reference.get("kind") in _OWN_PATHS and path:
        yield path
    if reference.get("kind") != "ExternalArtifact":
        return
    for copy in known.get((text(reference.get("namespace")) or rendered.namespace, text(reference.get("name"))), ()):
        if not copy.to or path == copy.to or path.startswith(f"{copy.to}/"):
            yield plain(f"{copy.origin}/{path.removeprefix(copy.to)}")
