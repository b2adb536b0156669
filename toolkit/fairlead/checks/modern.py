"""Deprecated fields of a kustomization written by the fields that have taken their place.

Nothing here proves that the result is the same: kustomize applies some of the new fields at another time.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.checks.context import Shared
from fairlead.checks.variables import replacements
from fairlead.edit.blocks import Blocks, entries
from fairlead.edit.nodes import Mapping, Scalar
from fairlead.model.changes import Edit
from fairlead.model.findings import Where


def rewritten(shared: Shared, where: Where) -> tuple[Edit, ...]:
    """The edits that replace the deprecated field at a place; none where there is no such field.

    Raises:
        UneditableError: where it can't be written otherwise without a guess.
    """
    stream = shared.sources.stream(where.path)
    if stream is None:
        return ()
    blocks = Blocks(where.path, stream)
    for key, _ in blocks.body.items:
        if (key.line, key.column) == (where.line, where.column):
            if key.value == "vars":
                return replacements(shared, blocks)
            way = _WAYS.get(key.value)
            if way is None:
                raise blocks.refused(f"`{key.value}` is to be rewritten by hand", key)
            return way(blocks)
    for name in ("configMapGenerator", "secretGenerator"):
        for entry in entries(blocks.body.get(name)):
            old = entry.key("env")
            if old is not None and (old.line, old.column) == (where.line, where.column):
                return _env(blocks, entry, old)
    return ()


def _bases(blocks: Blocks) -> tuple[Edit, ...]:
    return blocks.moved("bases", "resources")


def _image_tags(blocks: Blocks) -> tuple[Edit, ...]:
    return blocks.moved("imageTags", "images")


def _json_patches(blocks: Blocks) -> tuple[Edit, ...]:
    return blocks.moved("patchesJson6902", "patches")


def _merge_patches(blocks: Blocks) -> tuple[Edit, ...]:
    """Each entry as `path:` or `patch:`. They come first: kustomize applies them before what `patches` holds."""
    found = blocks.listed("patchesStrategicMerge")
    if found is None:
        return ()
    key, value = found
    text = blocks.text
    at = blocks.below(key.end)
    out: list[str] = []
    for item in value.items:
        if not isinstance(item, Scalar) or item.shared:
            raise blocks.refused("this entry is not a name or a patch", item)
        is_block = item.style in ("|", ">")
        is_text = is_block or "\n" in item.value
        end = blocks.end(item)
        if text[blocks.line(item.start) : item.start].strip() != "-":
            raise blocks.refused("this entry does not begin on the line of its dash", item)
        out += (text[at : item.start], "patch: " if is_text else "path: ")
        head = min(blocks.below(item.start), end) if is_block else end
        out += (text[item.start : head], blocks.shifted(text[head:end], 2, item))
        at = end
    lines = "".join(out)
    return blocks.moved(
        "patchesStrategicMerge", "patches", lines if lines.endswith("\n") else lines + blocks.newline, first=True
    )


def _common_labels(blocks: Blocks) -> tuple[Edit, ...]:
    found = blocks.entry("commonLabels")
    if found is None:
        return ()
    key, value = found
    if not isinstance(value, Mapping) or not value.items:
        raise blocks.refused("`commonLabels` is not a map", value)
    into = blocks.listed("labels") if blocks.entry("labels") is not None else None
    indent = blocks.indent(into[1].items[0]) if into is not None else blocks.style()
    pad, newline = " " * indent, blocks.newline
    head = f"{pad}- includeSelectors: true{newline}{pad}  pairs:"
    if value.flow:
        begin, end = blocks.line(key.start), blocks.end(value)
        rest = blocks.text[value.start : end].rstrip("\r\n")
        if "\n" in rest or blocks.text[key.end : value.start].strip() != ":":
            raise blocks.refused("`commonLabels` spans several lines", value)
        lines = f"{head} {rest}{newline}"
    else:
        body, end = blocks.lines(key, value, indent + 4)
        begin = blocks.line(key.start)
        lines = head + newline + body
    if into is not None:
        return (blocks.inserted(blocks.end(into[1]), lines), blocks.edit(begin, end, ""))
    return (blocks.edit(begin, end, f"labels:{newline}{lines}"),)


def _env(blocks: Blocks, entry: Mapping, old: Scalar) -> tuple[Edit, ...]:
    value = entry.get("env")
    if (
        entry.flow
        or entry.get("envs") is not None
        or not isinstance(value, Scalar)
        or value.shared
        or "\n" in value.value
    ):
        raise blocks.refused("`env` is to be rewritten by hand", old)
    between = blocks.text[old.end : value.start]
    if between.strip() != ":" or "\n" in between:
        raise blocks.refused("`env` does not stand on one line", old)
    pad = " " * (old.column - 1)
    return (blocks.edit(old.start, value.start, f"envs:{blocks.newline}{pad}- "),)


_WAYS: dict[str, Callable[[Blocks], tuple[Edit, ...]]] = {
    "bases": _bases,
    "imageTags": _image_tags,
    "patchesJson6902": _json_patches,
    "patchesStrategicMerge": _merge_patches,
    "commonLabels": _common_labels,
}
