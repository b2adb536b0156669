"""`image=REF` and `FIELD=VALUE` as span edits of an overlay's files."""

from __future__ import annotations

import re

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, parse, scalars
from fairlead.edit.scalars import content_span, fits_plain, is_string, spell
from fairlead.edit.splice import byte_edit
from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem, UneditableError, UsageError
from fairlead.model.findings import Where
from fairlead.model.overlays import Overlay
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion.carriers.images import Reference
from fairlead.promotion.carriers.images import parse as parse_image
from fairlead.promotion.carriers.refs import ref_of
from fairlead.promotion.fields import leaves
from fairlead.repo.graph import Graph
from fairlead.repo.names import near_miss


@dataclass(frozen=True)
class Assignment:
    """One assignment as edits; `told` says it to people, `old` and `new` are the values."""

    edits: tuple[Edit, ...]
    told: str
    old: str
    new: str


def assign(snapshot: Snapshot, overlay: Overlay, words: str) -> Assignment:
    """What `image=REF`, `image=NAME=REF` or `FIELD=VALUE` edits in an overlay.

    Of a URL with `?ref=`, a value that is no URL itself is the ref.

    Raises:
        UsageError: no such image or field, with what there is.
        UneditableError: the value can't be replaced alone.
    """
    name, equals, value = words.partition("=")
    if not equals or not name:
        raise UsageError(f"{words!r} is no assignment", remedy="write image=REGISTRY/NAME:TAG, or FIELD=VALUE")
    node = Graph(snapshot).kustomization(overlay.path)
    if node is None or node.stream is None or node.body is None:
        problem = node.problem if node is not None else None
        raise problem or UsageError(f"{overlay.path} has no kustomization to edit")
    entries = _entries(node.body)
    if name != "image":
        return _set_field(snapshot, overlay, words)
    known_as, equals, written = value.rpartition("=")
    reference = parse_image(written)
    if reference is None or not reference.version:
        raise UsageError(f"{written!r} is no image with a tag or digest", remedy="write image=REGISTRY/NAME:TAG")
    if equals:
        return _set_entry(node.path, node.stream, _entry_called(entries, known_as, overlay), reference)
    entry = _entry_of(entries, reference)
    if entry is not None:
        return _set_entry(node.path, node.stream, entry, reference)
    return _insert(snapshot, overlay, node.path, node.stream, reference)


def _entries(body: Mapping) -> list[Mapping]:
    images = body.get("images")
    return [item for item in images.items if isinstance(item, Mapping)] if isinstance(images, Sequence) else []


def _text(entry: Mapping, key: str) -> str:
    value = entry.get(key)
    return value.value if isinstance(value, Scalar) else ""


def _entry_of(entries: list[Mapping], reference: Reference) -> Mapping | None:
    """The entry that gives this image: by what it is pulled as, by its name, by its last segment."""
    last = reference.name.rpartition("/")[2]
    for hits in (
        [e for e in entries if (_text(e, "newName") or _text(e, "name")) == reference.name],
        [e for e in entries if _text(e, "name") == reference.name],
        [e for e in entries if _text(e, "name").rpartition("/")[2] == last],
    ):
        if len(hits) == 1:
            return hits[0]
    return None


def _entry_called(entries: list[Mapping], name: str, overlay: Overlay) -> Mapping:
    """The entry of this `name:`. Raises UsageError."""
    names = [_text(entry, "name") for entry in entries]
    if names.count(name) != 1:
        raise UsageError(
            f"{overlay.path} has no `images:` entry {name!r}" if name not in names else f"{name!r} stands twice there",
            where=Where(overlay.path),
            remedy=near_miss(name, names) or "entries are: " + (", ".join(names) or "none"),
        )
    return entries[names.index(name)]


def _set_entry(path: str, stream: Stream, entry: Mapping, reference: Reference) -> Assignment:
    edits: list[Edit] = []
    old = []
    pulled = _text(entry, "newName") or _text(entry, "name")
    if pulled != reference.name:
        held = entry.get("newName")
        if not isinstance(held, Scalar):
            raise UsageError(
                f"the entry of {_text(entry, 'name')!r} pulls {pulled!r}, not {reference.name!r}",
                where=Where(path, entry.line, entry.column),
                remedy=f"write image={pulled}{reference.version}, or add newName there by hand",
            )
        edits.append(replaced(path, stream.text, held, reference.name))
        old.append(held.value)
    wishes = {"newTag": reference.tag, "digest": reference.digest}
    missing = [key for key, wish in wishes.items() if wish and entry.get(key) is None]
    for key, wish in wishes.items():
        held = entry.get(key)
        if not isinstance(held, Scalar):
            continue
        old.append(held.value)
        if wish and held.value != wish:
            edits.append(replaced(path, stream.text, held, wish))
        elif not wish:
            edits.append(_in_place_of(path, stream.text, entry, key, missing, wishes))
    if missing:
        edits.append(_added(path, stream.text, entry, missing[0], wishes[missing[0]]))
    version = reference.version.lstrip(":@")
    unique = tuple(dict.fromkeys(edits))
    return Assignment(unique, f"{path}: {reference.name}: {' '.join(old)} -> {version}", " ".join(old), version)


def _in_place_of(path: str, text: str, entry: Mapping, key: str, missing: list[str], wishes: dict[str, str]) -> Edit:
    """The edit that takes a key away: a missing one takes its place, or else the whole line goes."""
    name, value = entry.key(key), entry.get(key)
    assert name is not None
    assert isinstance(value, Scalar)
    if value.shared:
        raise _aliased(path, value)
    if missing:
        other = missing.pop()
        return byte_edit(path, text, name.start, value.end, f"{other}: {_plainly(wishes[other])}")
    begin, end = text.rfind("\n", 0, name.start) + 1, text.find("\n", value.end)
    if entry.flow or text[begin : name.start].strip():
        raise _not_ours(path, entry)
    return byte_edit(path, text, begin, len(text) if end < 0 else end + 1, "")


def _added(path: str, text: str, entry: Mapping, key: str, wish: str) -> Edit:
    """A new key on a line of its own, after the entry's last one."""
    last_key, last = entry.items[-1]
    if not isinstance(last, Scalar) or entry.flow:
        raise _not_ours(path, entry)
    end = text.find("\n", last.end)
    end = len(text) if end < 0 else end - (text[end - 1] == "\r")
    indent = " " * (last_key.column - 1)
    return byte_edit(path, text, end, end, f"{_newline(text)}{indent}{key}: {_plainly(wish)}")


def _not_ours(path: str, entry: Mapping) -> UneditableError:
    return UneditableError(
        "this entry can't be edited by fairlead",
        where=Where(path, entry.line, entry.column),
        remedy="edit it by hand",
    )


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _plainly(value: str) -> str:
    return value if fits_plain(value) and is_string(value) else f'"{value}"'


def _aliased(path: str, node: Value) -> UneditableError:
    return UneditableError(
        "the value is an anchor or alias: editing it would change two places",
        where=Where(path, node.line, node.column),
        remedy="write the value out at both places first",
    )


def replaced(path: str, text: str, node: Scalar, value: str) -> Edit:
    """The edit that gives a scalar another value, in its own style. Raises UneditableError."""
    if node.shared:
        raise _aliased(path, node)
    spelled = spell(value, node, None)
    span = content_span(text, node)
    if spelled is None or node.tag or (span is None and node.value):
        raise UneditableError(
            "the value is folded, tagged or escaped: it can't be replaced alone",
            where=Where(path, node.line, node.column),
            remedy="edit it by hand",
        )
    if span is not None and node.style and spelled[1:-1] == value:
        return byte_edit(path, text, *span, value)
    start, end = span if span is not None and not node.style else (node.start, node.end)
    return byte_edit(path, text, start, end, spelled)


def _insert(snapshot: Snapshot, overlay: Overlay, path: str, stream: Stream, reference: Reference) -> Assignment:
    """A new `images:` entry, for an image that the overlay's files name."""
    name, held = _named_image(snapshot, overlay, reference)
    lines = [f"- name: {name}"]
    if name != reference.name:
        lines.append(f"  newName: {reference.name}")
    if reference.tag:
        lines.append(f"  newTag: {_plainly(reference.tag)}")
    if reference.digest:
        lines.append(f"  digest: {reference.digest}")
    body = stream.first()
    assert body is not None
    images = body.get("images")
    newline = _newline(stream.text)
    if isinstance(images, Sequence) and images.items and not images.flow:
        last = images.items[-1]
        end = max((s.end for s in scalars(last)), default=last.end)
        indent = " " * (images.column - 1)
        text = "".join(newline + indent + line for line in lines)
        edit = byte_edit(path, stream.text, end, end, text)
    elif images is None:
        end = len(stream.text)
        lead = "" if stream.text.endswith("\n") or not stream.text else newline
        edit = byte_edit(path, stream.text, end, end, lead + newline.join(["images:", *lines]) + newline)
    else:
        raise UneditableError(
            "`images:` is written in a form that fairlead doesn't extend",
            where=Where(path, images.line, images.column),
            remedy="add the entry by hand",
        )
    version = reference.version.lstrip(":@")
    return Assignment((edit,), f"{path}: {reference.name}: {held or 'no tag'} -> {version}", held, version)


def _named_image(snapshot: Snapshot, overlay: Overlay, reference: Reference) -> tuple[str, str]:
    """The image's name and version as the files of the overlay's closure have it."""
    found: dict[str, str] = {}
    for path in sorted(Graph(snapshot).closure(overlay.path).files):
        if not path.endswith((".yaml", ".yml", ".json")):
            continue
        try:
            fields = leaves(snapshot.read(path))
        except SyntaxProblem:
            continue
        for field, leaf in fields.items():
            image = parse_image(leaf.value) if field.endswith(("image", "].name", "newName")) else None
            if image is not None and field.endswith("image"):
                found.setdefault(image.name, image.version.lstrip(":@"))
    if reference.name in found:
        return reference.name, found[reference.name]
    last = [n for n in found if n.rpartition("/")[2] == reference.name.rpartition("/")[2]]
    if len(last) == 1:
        return last[0], found[last[0]]
    raise UsageError(
        f"{overlay.path} uses no image {reference.name!r}",
        where=Where(overlay.path),
        remedy=near_miss(reference.name, list(found)) or "images are: " + (", ".join(sorted(found)) or "none"),
    )


def _set_field(snapshot: Snapshot, overlay: Overlay, words: str) -> Assignment:
    known: list[tuple[str, str, Scalar]] = []
    for path in snapshot.files(overlay.path):
        if path.endswith((".yaml", ".yml")):
            try:
                fields = leaves(snapshot.read(path))
            except SyntaxProblem:
                continue
            label = path[len(overlay.path) + 1 :]
            known += [(f"{label}: {field}", path, leaf) for field, leaf in fields.items()]
    hits = [(n, p, s) for n, p, s in known if words.startswith((f"{n}=", f"{n.partition(': ')[2]}="))]
    if not hits:
        asked = words.partition("=")[0]
        fields_only = [n for n, _, _ in known]
        short = {n.partition(": ")[2]: n for n in fields_only}
        raise UsageError(
            f"{overlay.path} has no field {asked!r}",
            where=Where(overlay.path),
            remedy=near_miss(asked, [*fields_only, *short]) or "fairlead promote --dry-run names fields",
        )
    longest = max(len(n) for n, _, _ in hits)
    hits = [h for h in hits if len(h[0]) == longest]
    if len(hits) > 1:
        raise UsageError("several files have this field", remedy="say which: " + "; ".join(n for n, _, _ in hits))
    name, path, leaf = hits[0]
    value = (
        words.removeprefix(f"{name}=") if words.startswith(f"{name}=") else words[len(name.partition(": ")[2]) + 1 :]
    )
    whole = leaf.value.split("=", 1)[0] + "=" + value if name.endswith("=]") else value
    ref = ref_of(leaf.value)
    if ref and not re.search(r"[/?&]", value):
        whole = re.sub(rf"([?&](?:ref|version)=){re.escape(ref)}", lambda match: match[1] + value, leaf.value, count=1)
    edits = () if leaf.value == whole else (replaced(path, parse_text(snapshot, path), leaf, whole),)
    return Assignment(edits, f"{name}: {leaf.value} -> {whole}", leaf.value, whole)


def parse_text(snapshot: Snapshot, path: str) -> str:
    """The decoded text of a YAML file."""
    return parse(snapshot.read(path), path).text
