"""The lines that the helper is sent, and what its answers mean; its side is `toolkit/renderer/protocol.go`."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairlead.doors.git.snapshots import ObjectSnapshot
from fairlead.model.errors import WorldError
from fairlead.model.findings import Where
from fairlead.model.rendering import Input
from fairlead.model.snapshot import AtFolder, AtIndex, AtTree, File, Overlaid, Snapshot
from fairlead.model.values import dataclass
from fairlead.render.remotes import Remotes

PROTOCOL = 3


@dataclass(frozen=True)
class Hello:
    """Who answers: the build of the helper, the version of kustomize's library, and where it sees the repository."""

    build: str
    api: str
    root: str


@dataclass(frozen=True)
class Answer:
    """What came of one request. `code` is empty for a success, else that of RenderFailed, or `world`."""

    code: str = ""
    error: str = ""
    at: Where | None = None
    warnings: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    output: bytes = b""
    values: bytes = b""
    seconds: float = 0.0


def hello(line: bytes, program: str) -> Hello:
    """A worker's first line. Raises WorldError where it speaks another language."""
    try:
        said = json.loads(line)
        if said["protocol"] == PROTOCOL:
            return Hello(str(said["build"]), str(said["api"]), str(said["root"]))
    except (ValueError, KeyError, TypeError):
        pass
    raise WorldError(
        f"{program} is not the renderer that this fairlead needs",
        remedy="install fairlead again (in a clone: make renderer), or go without it: FAIRLEAD_RENDERER=none",
    )


def opening(snapshot: Snapshot, name: str) -> bytes:
    """Tell of a snapshot, once; requests name it. A tree is told by its id, an index by its entries."""
    base, edits = (snapshot.base, snapshot.changes) if isinstance(snapshot, Overlaid) else (snapshot, {})
    anchor = base.anchor
    said: dict[str, Any] = {"open": name}
    listing = b""
    if isinstance(anchor, AtFolder):
        said["folder"] = _sent(str(Path(anchor.root).absolute()))
    elif isinstance(anchor, AtTree):
        said |= {"git_dir": _sent(anchor.git_dir), "tree": anchor.tree}
    elif isinstance(anchor, AtIndex):
        # Our entries, not git's: the index may have changed since, or be a hook's own.
        listing = _listing(base)
        said |= {"git_dir": _sent(anchor.git_dir), "entries": len(listing)}
    else:
        held = {path: _held(base, path) for path in base.files()}
        edits = {**held, **edits}
    if edits:
        said["edits"] = _edits(edits)
    return json.dumps(said).encode() + b"\n" + listing


def request(
    number: int, snapshot: str, overlay: str, *,
    unrestricted: bool = False, origin: bool = False, remotes: Remotes | None = None,
) -> bytes:  # fmt: skip
    """Ask for an overlay of a snapshot that was told of."""
    asked: dict[str, Any] = {"id": number, "snapshot": snapshot, "overlay": _sent(overlay)}
    if unrestricted:
        asked["unrestricted"] = True
    if origin:
        asked["origin"] = True
    clones = remotes.clones if remotes is not None else ()
    if remotes is not None and clones:
        told = [{"name": c.name, "git_dir": _sent(c.git_dir), "commit": c.commit} for c in clones]
        asked["remotes"] = {"folder": _sent(str(remotes.folder)), "clones": told}
    return json.dumps(asked).encode() + b"\n"


def forgetting(name: str) -> bytes:
    """Tell that a snapshot is not needed any more."""
    return json.dumps({"forget": name}).encode() + b"\n"


def answer(said: Mapping[str, Any], output: bytes) -> Answer:
    """An answer's line and bytes."""
    if said["ok"]:
        text, values = output[: said["size"]], output[said["size"] :]
        return Answer(warnings=tuple(said.get("warnings", ())), inputs=_inputs(said), output=text, values=values)
    place = said.get("at")
    where = Where(_received(place["path"]), place["line"], place["column"]) if place else None
    return Answer(said["code"], said["error"], where, tuple(said.get("warnings", ())), _inputs(said))


def _inputs(said: Mapping[str, Any]) -> tuple[Input, ...]:
    return tuple(Input(i["kind"], _received(i["path"]), i.get("blob", "")) for i in said.get("inputs", ()))


def _sent(path: str) -> str:
    """A name's bytes as characters: JSON holds only text, and names need not be."""
    return path if path.isascii() else os.fsencode(path).decode("latin-1")


def _received(path: str) -> str:
    return path if path.isascii() else os.fsdecode(path.encode("latin-1"))


def _held(snapshot: Snapshot, path: str) -> File | None:
    entry = snapshot.entry(path)
    return None if entry is None else File(snapshot.read(path), entry.mode)


def _edits(edits: Mapping[str, File | None]) -> dict[str, Any]:
    return {
        _sent(path): None if file is None else {"mode": file.mode, "data": base64.b64encode(file.data).decode()}
        for path, file in edits.items()
    }


def _listing(snapshot: Snapshot) -> bytes:
    """The form of `git ls-files -s -z`: git's own words where they are at hand."""
    if isinstance(snapshot, ObjectSnapshot) and snapshot.listing:
        return snapshot.listing
    out = []
    for path in snapshot.files():
        entry = snapshot.entry(path)
        if entry is not None:
            out.append(b"%o %s 0\t%s" % (entry.mode, entry.oid.encode(), os.fsencode(path)))
    return b"\0".join(out)
