"""A file or folder that a kustomization lists twice, or two entries for one image.

What brings objects kustomize refuses the second time, in a sentence that doesn't say where; the rest it does twice.
`fairlead check --fix` takes the later one out. Of two tags for one image the later counts, and nobody says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.edit.blocks import Blocks
from fairlead.edit.nodes import Mapping, Scalar, Sequence
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.graph import Kustomization

ID = "duplicate-entry"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY
MENDS = True

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n- ./service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)

_LISTS = ("resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators")
_OBJECTS = ("resources", "bases")


def check(shared: Shared) -> Iterator[Finding]:
    """Compare where the entries of each list lead; `bases` are resources."""
    for node in shared.kustomizations:
        for kind, again, first in _twice(node):
            yield Finding(
                ID,
                SEVERITY if kind in _OBJECTS else Severity.WARNING,
                f"{again.value!r} is listed twice, first at line {first.line}",
                "list it once",
                Where(node.path, again.line, again.column),
            )
        for again, earlier in _images(node):
            yield Finding(
                ID,
                Severity.WARNING,
                f"the image {again.value!r} has two entries: this one counts, not that of line {earlier.line}",
                "keep one of them",
                Where(node.path, again.line, again.column),
            )


def _images(node: Kustomization) -> Iterator[tuple[Scalar, Scalar]]:
    """Entries that say again which version of an image it is; what an earlier one has renamed is another image."""
    known: dict[str, Scalar] = {}
    listed = node.body.get("images") if node.body is not None else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, Scalar) or not isinstance(item, Mapping):
            continue
        renamed = item.get("newName")
        if item.get("newTag") is not None or item.get("digest") is not None:
            if name.value in known:
                yield name, known[name.value]
            if not isinstance(renamed, Scalar) or renamed.value == name.value:
                known[name.value] = name


def _twice(node: Kustomization) -> Iterator[tuple[str, Scalar, Where]]:
    known: dict[tuple[str, str], Where] = {}
    paths = {(r.kind, r.where): r.path or r.written for r in node.references}
    for name in _LISTS:
        value = node.body.get(name) if node.body is not None else None
        for item in value.items if isinstance(value, Sequence) else ():
            where = Where(node.path, item.line, item.column)
            path = paths.get((name, where))
            if path is None or not isinstance(item, Scalar):
                continue
            key = ("resources" if name in _OBJECTS else name, path)
            if key in known and known[key] != where:
                yield name, item, known[key]
            known.setdefault(key, where)


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take out what is listed again; all of the file at once, for it builds only then."""
    stream = shared.sources.stream(finding.where.path)
    node = shared.graph.kustomization(finding.where.path.rpartition("/")[0])
    if stream is None or node is None or node.path != finding.where.path:
        return ()
    blocks = Blocks(node.path, stream)
    by_list: dict[str, list[Scalar]] = {}
    for name, item, _ in _twice(node):
        by_list.setdefault(name, []).append(item)
    return tuple(edit for name, items in by_list.items() for edit in blocks.without(name, *items))
