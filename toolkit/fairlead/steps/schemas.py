"""The Kubernetes schemas that kubernetes-validate bundles, as files; its own code is not imported."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cached_property
from pathlib import Path

from fairlead.checks.objects import Json

_NAME = re.compile(r"[a-z0-9_.-]+\.json")  # kinds come from rendered text: no way out of the folder
_VERSION = re.compile(r"v(\d+\.\d+)\.\d+-local-strict")


class BundledSchemas:
    """Meets `checks.schemas.SchemaSource`."""

    @cached_property
    def _folders(self) -> dict[str, Path]:
        spec = importlib.util.find_spec("kubernetes_validate")
        roots = (spec.submodule_search_locations if spec is not None else None) or []
        found = {}
        for root in roots:
            for folder in Path(root, "kubernetes-json-schema").glob("v*-local-strict"):
                version = _VERSION.fullmatch(folder.name)
                if version is not None:
                    found[version[1]] = folder
        return dict(sorted(found.items(), key=lambda pair: tuple(map(int, pair[0].split(".")))))

    def names(self) -> tuple[str, ...]:
        """What tells this bundle from another one."""
        return tuple(folder.name for folder in self._folders.values())

    def versions(self) -> tuple[str, ...]:
        """See SchemaSource."""
        return tuple(self._folders)

    def document(self, version: str, name: str) -> Json:
        """See SchemaSource."""
        folder = self._folders.get(version)
        if folder is None or _NAME.fullmatch(name) is None:
            return None
        try:
            return json.loads((folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
