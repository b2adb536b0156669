"""kubeconform's schemas, made of the bundle that fairlead judges by: the same rules on both sides, offline."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

_SHARED = "_definitions.json"
_REF = re.compile(r"(?:/api/_definitions\.json)?#/\$defs/")


def bundle(version: str) -> Path:
    """The strict schemas of a Kubernetes version (`1.34`) as kubernetes-validate brings them."""
    spec = importlib.util.find_spec("kubernetes_validate")
    roots = (spec.submodule_search_locations if spec is not None else None) or []
    for root in roots:
        for folder in sorted(Path(root, "kubernetes-json-schema").glob(f"v{version}.*-local-strict")):
            return folder
    raise FileNotFoundError(f"kubernetes-validate has no schemas of Kubernetes {version}")


def self_contained(version: str, into: Path) -> str:
    """Write each kind's schema with just the definitions that it needs; kubeconform's `-schema-location`.

    As in the form that kubeconform fetches by default. With the bundle's own, one file of definitions for all
    kinds, each process would parse 1.5 MB for its first object, and be six times as slow.
    """
    source = bundle(version)
    definitions = json.loads((source / _SHARED).read_text(encoding="utf-8"))["$defs"]
    needs = {name: _named(body) for name, body in definitions.items()}
    for path in source.glob("*.json"):
        if path.name == _SHARED:
            continue
        schema = json.loads(path.read_text(encoding="utf-8"))
        schema.pop("$id", None)
        wanted, waiting = set(), list(_named(schema))
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += needs[name]
        schema["$defs"] = {name: definitions[name] for name in sorted(wanted)}
        (into / path.name).write_text(_REF.sub("#/$defs/", json.dumps(schema)), encoding="utf-8")
    return f"{into}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"


def _named(body: Any) -> set[str]:
    """The shared definitions that a schema refers to."""
    found: set[str] = set()
    waiting = [body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            reference = each.get("$ref")
            if isinstance(reference, str):
                found.add(_REF.sub("", reference))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found
