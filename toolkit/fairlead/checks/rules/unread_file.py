"""A file beside kustomizations that none of them reads.

Usually it was forgotten in `resources:`, or left behind. Only files that look as if they were meant are
named: Kubernetes objects, JSON patches, and env files in folders with generators. Charts, templates, documents
and CI are no business of kustomize; other exceptions go into `check: {unread: [glob]}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks import opaque
from fairlead.checks.context import LISTING, Example, Shared
from fairlead.checks.patches import text_of
from fairlead.checks.sources import ELSEWHERE
from fairlead.edit.nodes import Mapping, Sequence
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.layout import KUSTOMIZATION_NAMES

ID = "unread-file"
GROUP = "dead"
SEVERITY = Severity.WARNING
SCOPE = LISTING
QUOTES = False  # it is about the whole file

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
        "overlays/dev/ingress.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n",
    }
)
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)
_ENDINGS = (".yaml", ".yml", ".json", ".env", ".properties")
_NO_CLUSTER = re.compile(
    r"^(?:kustomize\.(?:config|toolkit)|kind\.x-k8s|skaffold|helm(?!\.toolkit)|backstage|eksctl|argoproj\.io/v1alpha1)"
)


def check(shared: Shared) -> Iterator[Finding]:
    """Look through the folders that kustomizations govern."""
    listed = shared.listed
    if not listed:
        return
    folders = set(shared.everywhere)
    charts = tuple(p.rpartition("/")[0] + "/" for p in shared.snapshot.files() if p.endswith("/Chart.yaml"))
    globs = shared.unread_globs
    below = {part for path in shared.reads("") for part in _above(path)} if "" in folders else set()
    policies = shared.policies.paths if shared.policies is not None else ()
    for path in listed:
        if not path.endswith(_ENDINGS):  # asked first: there may be two hundred thousand others
            continue
        name = path.rpartition("/")[2]
        if name in KUSTOMIZATION_NAMES or path in policies or ELSEWHERE.search(path):
            continue
        governors = _governors(path, folders)
        if not governors or path.startswith(charts) or any(path in shared.reads(folder) for folder in governors):
            continue
        if governors == [""] and path.rpartition("/")[0] not in below:
            continue  # a kustomization at the top has not all the repository to answer for
        if any(fnmatchcase(path, glob) or fnmatchcase(name, glob) for glob in globs):
            continue
        if _was_meant(shared, path, governors[0]) and not _handed_on(shared, path, governors):
            yield Finding(
                ID,
                SEVERITY,
                "no kustomization reads this file",
                f"list it in {governors[0] or '.'}, delete it, or name it in fairlead.yaml "
                "under `check: {unread: [...]}`",
                Where(path, 1, 1),
            )


def _handed_on(shared: Shared, path: str, governors: list[str]) -> bool:
    """Whether a plugin reads it, as ksops does with what it decrypts: only of encrypted files is that asked."""
    return b"sops" in (shared.sources.data(path) or b"") and any(
        path in opaque.named(shared.graph, shared.sources, folder) for folder in governors
    )


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, nearest first, the top included."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _governors(path: str, folders: set[str]) -> list[str]:
    """The folders above that hold a kustomization, nearest first: only those can read the file."""
    folder, found = path.rpartition("/")[0], []
    while True:
        if folder in folders:
            found.append(folder)
        if not folder:
            return found
        folder = folder.rpartition("/")[0]


def _was_meant(shared: Shared, path: str, governor: str) -> bool:
    if shared.sources.is_template(path):
        return False
    if path.endswith((".env", ".properties")):
        node = shared.graph.kustomization(governor)
        body = node.body if node is not None else None
        generators = ("configMapGenerator", "secretGenerator")
        return path.rpartition("/")[0] == governor and body is not None and any(body.get(g) for g in generators)
    stream = shared.sources.stream(path)
    head = next((d for d in stream.documents if d is not None), None) if stream is not None else None
    if isinstance(head, Mapping):
        api, kind = text_of(head, "apiVersion"), text_of(head, "kind")
        return bool(api and kind) and (not _NO_CLUSTER.match(api) or _has_like(shared, path, governor, api, kind))
    first = head.items[0] if isinstance(head, Sequence) and head.items else None
    return isinstance(first, Mapping) and first.get("op") is not None and first.get("path") is not None


def _has_like(shared: Shared, path: str, governor: str, api: str, kind: str) -> bool:
    """Whether the kustomization beside it lists another of the kind that lies there, too: so this one was meant."""
    folder = path.rpartition("/")[0]
    beside = (p for p in sorted(shared.reads(governor)) if p.rpartition("/")[0] == folder) if folder == governor else ()
    for other in beside:
        stream = shared.sources.stream(other) if other.endswith(_ENDINGS[:3]) else None
        for one in stream.documents if stream is not None else ():
            if isinstance(one, Mapping) and (text_of(one, "apiVersion"), text_of(one, "kind")) == (api, kind):
                return True
    return False
