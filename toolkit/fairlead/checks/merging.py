"""Patches applied to an object in the making, as kustomize applies them (kyaml: yaml/merge2, evanphx/json-patch)."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.checks.parts import Mark, Part
from fairlead.checks.patches import text_of
from fairlead.edit.nodes import Mapping, Scalar

# How Kubernetes' own kinds tell the items of a list apart (x-kubernetes-patch-merge-key); other lists are replaced.
_KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets", "secrets",
            "webhooks", "resourceClaims", "schedulingGates", "claims", "matchConditions", "variables",
        ),
        ("name",),
    ),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "finalizers": ("",),
}  # fmt: skip
_SERVICE_PORTS = ("port", "protocol")


Lists = dict[tuple[str, ...], tuple[str, ...]]  # ways of field names to lists, and what tells their items apart


class ListKeys(NamedTuple):
    """What tells list items apart in one object; `taught` is what an `openapi:` file says of its kind."""

    builtin: bool
    taught: Lists

    def of(self, way: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of the list that this way of field names leads to; none where it is replaced."""
        if way in self.taught:
            return self.taught[way]
        if not self.builtin:
            return ()
        return _SERVICE_PORTS if way == ("spec", "ports") else _KEYS.get(way[-1], ())


def is_builtin(api_version: str) -> bool:
    """Whether kustomize knows the schema of this kind by itself."""
    group = api_version.rpartition("/")[0]
    return group in ("", "apps", "batch", "policy", "autoscaling", "extensions") or (
        group.endswith(".k8s.io") and "x-k8s" not in group and group.partition(".")[0] in _GROUPS
    )


_GROUPS = frozenset(
    (
        "admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization",
        "certificates", "coordination", "discovery", "events", "flowcontrol", "networking", "node", "rbac",
        "resource", "scheduling", "storage", "internal",
    )
)  # fmt: skip


def merge(into: Part, patch: Part, keys: ListKeys, way: tuple[str, ...] = ()) -> Part | None:
    """A strategic merge; None where the patch takes the value away."""
    mine, theirs = into.fields, patch.fields
    if mine is not None and theirs is not None:
        directive = patch.says("$patch")
        if directive == "delete":
            return None
        if directive == "replace":
            return _bare(patch)
        for name, value in theirs.items():
            if not name.startswith("$"):
                _member(mine, name, value, keys, (*way, name))
        return into
    if into.items is not None and patch.items is not None and keys.of(way):
        return _list(into, patch, keys, way)
    return _bare(patch)


def _member(mine: dict[str, Part], name: str, value: Part, keys: ListKeys, way: tuple[str, ...]) -> None:
    if value.is_null:
        mine.pop(name, None)
        return
    old = mine.get(name)
    new = _fresh(value) if old is None or old.is_null else merge(old, value, keys, way)
    if new is None:
        mine.pop(name, None)
    else:
        mine[name] = new


def _fresh(patch: Part) -> Part | None:
    return None if patch.says("$patch") == "delete" else _bare(patch)


def _bare(patch: Part) -> Part:
    """What a patch adds, without its directives."""
    if patch.fields is not None:
        kept = {n: _bare(p) for n, p in patch.fields.items() if not n.startswith("$") and not p.is_null}
        if len(kept) != len(patch.fields):
            patch.below = kept
    elif patch.items is not None:
        patch.below = [_bare(item) for item in patch.items if not item.says("$patch")]
    return patch


def _list(into: Part, patch: Part, keys: ListKeys, way: tuple[str, ...]) -> Part:
    """Items of the patch first, in its order, then what it doesn't mention."""
    mine, theirs = list(into.items or ()), list(patch.items or ())
    if any(item.says("$patch") == "replace" and len(item.fields or ()) == 1 for item in theirs):
        return _bare(patch)
    by = keys.of(way)
    out: list[Part] = []
    for item in theirs:
        same = next((m for m in mine if _same(m, item, by)), None)
        if same is None:
            merged = _fresh(item)
        else:
            mine.remove(same)
            told = {key: part for key, part in (same.fields or {}).items() if key in by}
            merged = merge(same, item, keys, way)
            if merged is same and same.fields is not None:  # the patch says only by them which item it means
                same.fields.update(told)
        if merged is not None:
            out.append(merged)
    into.below = out + mine
    return into


def _same(one: Part, other: Part, by: tuple[str, ...]) -> bool:
    if by == ("",):
        return one.is_leaf and other.is_leaf and one.text == other.text
    pairs = [(one.says(key), other.says(key)) for key in by]
    return all(a == b or not a or not b for a, b in pairs) and any(a and a == b for a, b in pairs)


def operate(root: Part, operation: Mapping, mark: Mark) -> None:
    """One operation of a JSON 6902 patch; one that doesn't apply changes nothing."""
    verb = text_of(operation, "op")
    at = pointer(text_of(operation, "path"))
    if not at:
        return
    value = operation.get("value")
    if verb in ("add", "replace"):
        key = operation.key("value")
        new = Part(value, mark, key) if value is not None else None
        if new is None:
            written = operation.get("path")
            new = Part(written, mark, text="null") if isinstance(written, Scalar) else None
        if new is not None:
            _put(root, at, new, insert=verb == "add")
    elif verb == "remove":
        _take(root, at)
    elif verb in ("copy", "move"):
        source = pointer(text_of(operation, "from"))
        found = _take(root, source) if verb == "move" else _at(root, source)
        if found is not None:
            _put(root, at, found.copied(), insert=True)


def pointer(text: str) -> tuple[str, ...]:
    """A JSON pointer's parts."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _at(root: Part, way: tuple[str, ...]) -> Part | None:
    at: Part | None = root
    for part in way:
        if at is None:
            return None
        if at.fields is not None:
            at = at.fields.get(part)
        else:
            items = at.items or []
            index = _index(part, len(items))
            at = items[index] if index is not None and index < len(items) else None
    return at


def _index(part: str, size: int) -> int | None:
    if part == "-":
        return size
    try:
        number = int(part)
    except ValueError:
        return None
    return number + size if number < 0 else number


def _put(root: Part, way: tuple[str, ...], new: Part, *, insert: bool) -> None:
    holder = _at(root, way[:-1])
    if holder is None:
        return
    if holder.fields is not None:
        holder.fields[way[-1]] = new
    elif holder.items is not None:
        index = _index(way[-1], len(holder.items))
        if index is None or not 0 <= index <= len(holder.items):
            return
        if insert:
            holder.items.insert(index, new)
        elif index < len(holder.items):
            holder.items[index] = new


def _take(root: Part, way: tuple[str, ...]) -> Part | None:
    holder = _at(root, way[:-1]) if way else None
    if holder is None:
        return None
    if holder.fields is not None:
        return holder.fields.pop(way[-1], None)
    index = _index(way[-1], len(holder.items or ()))
    if holder.items is None or index is None or not 0 <= index < len(holder.items):
        return None
    return holder.items.pop(index)
