"""An object of Argo CD or Flux names a folder that isn't there.

The controller then says "path does not exist" and applies nothing more, and the commit that renamed the folder looks
harmless. Looked at are the paths of Applications, ApplicationSets with their git generators, Flux Kustomizations and
the charts of HelmReleases, rendered or in files that no kustomization reads. Whether a path means this repository is
told by what else its repository is asked for: where another path of the same source is here, it is an error. Where
nothing is known of any source, it is a warning if the folder above is here, or one by nearly the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.reconcilers import CHART, FILES, FOLDERS, MAYBE, Pointer, is_own, pointers
from fairlead.checks.workloads import Path
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.names import near_miss

ID = "reconciler-path"
GROUP = "controllers"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec:\n  interval: 5m\n  prune: true\n  path: ./overlays/%s\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n"
)
_OVERLAY = {"overlays/dev/kustomization.yaml": "configMapGenerator:\n- name: web\n  literals: [A=b]\n"}
BAD = Example({**_OVERLAY, "clusters/dev/web.yaml": _FLUX % "dve"})
GOOD = Example({**_OVERLAY, "clusters/dev/web.yaml": _FLUX % "dev"})
_HEADS = frozenset(("", "HEAD", "main", "master"))
_NEAR = 0.85
Told = tuple[Path, str, str, Severity]


class _World:
    """What is asked of the repository; `looked` and `globbed` hear of it."""

    def __init__(
        self, shared: Shared, looked: Callable[[str], bool] | None = None, globbed: Callable[[], None] | None = None
    ) -> None:
        self.shared = shared
        self.has = looked or shared.snapshot.is_dir
        self.globbed = globbed or (lambda: None)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at the controllers' objects that an overlay renders."""
    found = [(rendered, pointer) for rendered in judged.objects for pointer in pointers(rendered)]
    if not found:
        return
    world = _World(judged.shared, judged.looks_for, judged.looks_everywhere)
    own = _own(world, (pointer for _, pointer in found))
    for rendered, pointer in found:
        for path, message, remedy, severity in _judged(world, pointer, own):
            where = judged.origin.of(rendered, path)
            text = f"{rendered.label} {message}"
            yield judged.finding(ID, text, remedy, where, subject=rendered.label, severity=severity)


def around(shared: Shared) -> Iterator[Finding]:
    """The same for objects in files that no kustomization reads."""
    world = _World(shared)
    found = [(one, pointer) for one in shared.filed for pointer in pointers(one.object)]
    own = _own(world, (pointer for _, pointer in found))
    for one, pointer in found:
        for path, message, remedy, severity in _judged(world, pointer, own):
            label = one.object.label
            where: Where = one.of(path)
            yield Finding(ID, severity, f"{label} {message}", remedy, where, subject=label)


def _own(world: _World, found: Iterable[Pointer]) -> set[str]:
    """The sources that are this repository: some path that they are asked for is here."""
    globs = (FOLDERS, FILES)
    return {p.source for p in found if is_own(p.source) or (p.path and p.needs not in globs and world.has(p.path))}


def _judged(world: _World, pointer: Pointer, own: set[str]) -> Iterator[Told]:
    if pointer.needs == MAYBE or not pointer.path or ".." in pointer.path.split("/"):
        return
    if pointer.needs in (FOLDERS, FILES):
        if pointer.source in own and not _matches(world, pointer):
            what = "folder" if pointer.needs == FOLDERS else "file"
            yield pointer.at, f"generates of {pointer.path!r}, and no {what} matches that", "mend the glob", SEVERITY
        return
    if world.has(pointer.path):
        chart = f"{pointer.path}/Chart.yaml"
        if pointer.needs == CHART and pointer.source in own and world.shared.snapshot.entry(chart) is None:
            message = f"names the chart {pointer.path!r}, which has no Chart.yaml"
            yield pointer.at, message, "name the folder of a chart", SEVERITY
        return
    ours = pointer.source in own
    if not ours and own:
        return
    near = _near(world.shared, pointer.path)
    head = pointer.path.rpartition("/")[0]
    if ours or near or ("/" in head and world.has(head)):
        at = "" if pointer.revision in _HEADS else f" (it is asked for at {pointer.revision!r})"
        message = f"names the folder {pointer.path!r}, which isn't there{at}"
        yield pointer.at, message, near or "name one that is there", SEVERITY if ours and not at else Severity.WARNING


def _matches(world: _World, pointer: Pointer) -> bool:
    world.globbed()
    files = world.shared.snapshot.files(pointer.path.split("*")[0].rpartition("/")[0])
    if pointer.needs == FILES:
        return any(fnmatchcase(path, pointer.path) for path in files)
    depth = pointer.path.count("/") + 1
    folders = {"/".join(path.split("/")[:depth]) for path in files if path.count("/") >= depth}
    return any(fnmatchcase(folder, pointer.path) for folder in folders)


def _near(shared: Shared, path: str) -> str:
    """The folder with a kustomization that may be meant, as a remedy."""
    head, _, last = path.rpartition("/")
    beside = [folder.rpartition("/")[2] for folder in shared.everywhere if folder.rpartition("/")[0] == head]
    return near_miss(last, beside) or _alike(path, shared.everywhere)


def _alike(path: str, folders: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(path, folders, n=1, cutoff=_NEAR)
    return f"did you mean {close[0]!r}?" if close else ""
