"""Is what fairlead says of a value's origin true? Proved with kustomize itself, on real repositories.

    python -m benchmarks.origin [--corpora DIR] [--only NAME...] [--samples 6] [--seed 1] [--show 20]

Of every overlay that builds, scalar fields of rendered objects are drawn by lot, and the place that is claimed for
each is tried: exactly the scalar that stands there is given another value, in memory, and the overlay is rendered
again. The claim is `proved` where the field shows that value. Where it doesn't, it is `wrong`. `file` are claims that
name no line by themselves (and of those `file_wrong` are the ones where no scalar of that file moves the field).
`unprovable`: the overlay doesn't build with another value there, as with a name that patches ask for; there the
written and the rendered value are compared instead (`agreeing`). Prints JSON.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import shared as shared_folder
from benchmarks.corpora import archives, unpack
from benchmarks.mutation import Mutated, mutated
from fairlead.checks.context import Judged, Shared
from fairlead.checks.objects import Json, Object
from fairlead.checks.places import value_at
from fairlead.checks.schemas import NoSchemas, Schemas
from fairlead.doors.fs import FolderSnapshot
from fairlead.edit.nodes import parse_text, scalars
from fairlead.model.errors import FairleadError
from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import File, Snapshot
from fairlead.render.engine import Engine
from fairlead.repo.config import Config
from fairlead.repo.layout import discover, kustomization_dirs
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run

Path_ = tuple[str | int, ...]
_BATCH = 256


@dataclass(frozen=True)
class Claim:
    """What is said of one field."""

    judged: Judged
    index: int
    path: Path_
    where: Where
    exact: bool
    chain: tuple[str, ...] = ()

    @property
    def object(self) -> Object:
        """The rendered object."""
        return self.judged.objects[self.index]

    @property
    def value(self) -> Json:
        """The rendered value."""
        return value_at(self.object.body, self.path)

    def __str__(self) -> str:
        way = ".".join(map(str, self.path))
        return (
            f"{self.judged.folder}: {self.object.label} {way} = {str(self.value)[:60]!r}, said to stand at {self.where}"
        )


def leaves(body: Json, path: Path_ = ()) -> Iterator[Path_]:
    """The ways to all scalars of an object, without null."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from leaves(value, (*path, index))
    elif body is not None:
        yield path


def drawn(judged: Judged, lot: random.Random | None, samples: int) -> list[tuple[int, Path_]]:
    """Fields by lot: each object as likely as another, then each of its fields. 0: every field there is."""
    fields = [list(leaves(each.body)) for each in judged.objects]
    if not samples or lot is None:
        return [(index, path) for index, paths in enumerate(fields) for path in paths]
    chosen = [lot.randrange(len(fields)) for _ in range(samples)] if fields else []
    return list(dict.fromkeys((index, lot.choice(fields[index])) for index in chosen if fields[index]))


def claims(judged: Judged, fields: Iterable[tuple[int, Path_]]) -> list[Claim]:
    """What is said of these fields."""
    out = []
    for index, path in fields:
        told = judged.origin.trace(judged.objects[index], path)
        out.append(Claim(judged, index, path, told.where, told.exact, told.chain))
    return out


class Prover:
    """Tries claims by rendering again."""

    def __init__(self, engine: Engine, snapshot: Snapshot) -> None:
        self._engine = engine
        self._snapshot = snapshot

    def judge(self, made: list[Claim]) -> list[tuple[Claim, str]]:
        """A verdict a claim."""
        out: list[tuple[Claim, str]] = []
        for start in range(0, len(made), _BATCH):
            part = made[start : start + _BATCH]
            tried = [self._mutated(claim, claim.where) if claim.exact else None for claim in part]
            shown = iter(self._render([(c, m) for c, m in zip(part, tried, strict=True) if m is not None]))
            for claim, mutation in zip(part, tried, strict=True):
                if not claim.exact:
                    out.append((claim, "file" if self._in_file(claim) else "file_wrong"))
                elif mutation is None:
                    out.append((claim, "wrong: no value stands there"))
                else:
                    out.append((claim, self._verdict(claim, mutation, next(shown))))
        return out

    def _text(self, path: str) -> str | None:
        if self._snapshot.entry(path) is None:
            return None
        try:
            return self._snapshot.read(path).decode()
        except UnicodeDecodeError:
            return None

    def _mutated(self, claim: Claim, where: Where) -> Mutated | None:
        text = self._text(where.path)
        if text is None:
            return None
        return mutated(text, where, claim.value, image=bool(claim.path) and claim.path[-1] == "image")

    def _render(self, wishes: list[tuple[Claim, Mutated]], at: Where | None = None) -> list[Rendered | None]:
        trials = tuple(
            Trial(
                self._snapshot.with_files({(at or claim.where).path: File(mutation.text.encode())}), claim.judged.folder
            )
            for claim, mutation in wishes
        )
        return [result if isinstance(result, Rendered) else None for result in self._engine.render(trials)]

    def _verdict(self, claim: Claim, mutation: Mutated, result: Rendered | None) -> str:
        if result is not None:
            after = Judged(claim.judged.shared, claim.judged.folder, result)
            return "proved" if _shows(claim, after, mutation.expected) else "wrong: another value there changes nothing"
        text = str(claim.value)
        return "agreeing" if mutation.was in text or text in mutation.was else "unprovable"

    def _in_file(self, claim: Claim) -> bool:
        """Whether any scalar of the claimed file that could be it moves the field."""
        text = self._text(claim.where.path)
        if text is None:
            return False
        try:
            found = [s for d in parse_text(text).documents for s in scalars(d)]
        except FairleadError:
            return True
        value = str(claim.value).lower()
        at = claim.where
        likely = [s for s in found if s.value and (s.value.lower() in value or value in s.value.lower())]
        likely = [s for s in found if (s.line, s.column) == (at.line, at.column)] + likely
        return any(self._moves(claim, Where(at.path, scalar.line, scalar.column)) for scalar in likely[:40])

    def _moves(self, claim: Claim, where: Where) -> bool:
        mutation = self._mutated(claim, where)
        if mutation is None:
            return False
        result = self._render([(claim, mutation)], where)[0]
        if result is None:
            return True
        after = Judged(claim.judged.shared, claim.judged.folder, result)
        was = claim.object
        there = any((o.kind, o.name, o.namespace) == (was.kind, was.name, was.namespace) for o in after.objects)
        return not there or _shows(claim, after, mutation.expected)


def _shows(claim: Claim, after: Judged, expected: str) -> bool:
    """Whether the field, or its key's like in the same object, has the value now."""
    objects = after.objects
    was = claim.object
    same = [o for o in objects if (o.kind, o.name, o.namespace) == (was.kind, was.name, was.namespace)]
    near = same + ([objects[claim.index]] if len(objects) == len(claim.judged.objects) else [])
    near += [o for o in objects if (o.kind == was.kind or o.name == was.name) and o not in near]
    near += [o for o in objects if claim.path == ("kind",) and o.kind == expected]
    ways = [(each, path) for each in near for path in _likely(each.body, claim)]
    if expected == "False" and same and not ways:
        return True  # what is not so is left out
    return any(_has(value_at(each.body, path), expected) for each, path in ways)


def _likely(body: Json, claim: Claim) -> list[Path_]:
    """The field's way; where lists are sorted or merged by this very value, any item of the same list."""
    ways: list[Path_] = [()]
    at: list[Json] = [body]
    for part in claim.path:
        next_ways: list[Path_] = []
        next_at: list[Json] = []
        for way, node in zip(ways, at, strict=True):
            if isinstance(part, int) and isinstance(node, list):
                order = sorted(range(len(node)), key=lambda i: i != part)
                next_ways += [(*way, i) for i in order]
                next_at += [node[i] for i in order]
            elif isinstance(node, dict) and part in node:
                next_ways.append((*way, part))
                next_at.append(node[part])
        ways, at = next_ways, next_at
    return ways


def _has(value: Json, expected: str) -> bool:
    text = str(value)
    if expected in text:
        return True
    try:
        return expected in base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except ValueError:
        return False


def world(root: Path, engine: Engine) -> tuple[FolderSnapshot, Shared, list[Judged]]:
    """A folder's overlays that build."""
    snapshot = FolderSnapshot(str(root))
    view = engine.view(snapshot)
    folders = kustomization_dirs(snapshot)
    shared = Shared(
        snapshot, Config(), discover(snapshot, Config()), view.graph, view.sources, Schemas(NoSchemas()), folders
    )
    results = engine.render(tuple(Trial(snapshot, folder) for folder in folders))
    return snapshot, shared, [Judged(shared, r.overlay, r) for r in results if isinstance(r, Rendered)]


def measure(root: Path, samples: int, seed: int, show: int) -> dict[str, Any]:
    """One repository."""
    engine = renderer(Run(Path(), jobs=2))
    snapshot, _, built = world(root, engine)
    lot = random.Random(seed)
    made = [claim for judged in built for claim in claims(judged, drawn(judged, lot, samples))]
    verdicts = Prover(engine, snapshot).judge(made)
    for claim, verdict in [(c, v) for c, v in verdicts if v not in ("proved", "agreeing")][:show]:
        sys.stderr.write(f"{verdict}: {claim}\n")
    told = Counter(verdict.partition(":")[0] for _, verdict in verdicts)
    return {"repository": root.name, "overlays": len(built), "fields": len(verdicts), **dict(sorted(told.items()))}


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All repositories together, in percent of the fields."""
    count: Counter[str] = Counter()
    for row in rows:
        count.update({k: v for k, v in row.items() if isinstance(v, int)})
    fields = count["fields"] or 1
    part = {
        k: round(100 * count[k] / fields, 2)
        for k in ("proved", "agreeing", "file", "file_wrong", "unprovable", "wrong")
    }
    return {"fields": count["fields"], "overlays": count["overlays"], "percent": part}


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.origin", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, help="archives of repositories (default: corpora/ of FAIRLEAD_SHARED)")
    parser.add_argument("--only", nargs="*", default=[], help="names of repositories")
    parser.add_argument("--samples", type=int, default=6, help="fields an overlay; 0: all (default: 6)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="how many unproved claims to print, a repository")
    options = parser.parse_args(arguments)
    rows = []
    for archive in archives(options.corpora or shared_folder() / "corpora", options.only):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(unpack(archive, Path(folder)), options.samples, options.seed, options.show))
    sys.stdout.write(json.dumps({"repositories": rows, "all": summary(rows)}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
