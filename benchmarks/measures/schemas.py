"""Real repositories: the verdict of `kubeconform -strict` on every rendered object, and on damaged copies of them."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.bench import Bench, Measure, Outcome, SkippedError
from benchmarks.corpora import archives, unpack
from benchmarks.measure import Figure, note
from benchmarks.schemas import self_contained
from benchmarks.tools import KUBECONFORM
from fairlead.checks.lifecycle import BUILT_IN
from fairlead.checks.objects import Object, read
from fairlead.checks.schemas import Schemas
from fairlead.checks.structural import Version, json_schema, versions
from fairlead.checks.structural import self_contained as written_out
from fairlead.checks.violations import Schema
from fairlead.doors.fs import FolderSnapshot
from fairlead.model.rendering import Rendered, Trial
from fairlead.render.helper import HelperRenderer
from fairlead.repo.layout import kustomization_dirs
from fairlead.repo.locations import CATALOG, location
from fairlead.steps.schemas import BundledSchemas

_SMALL = ("fluxcd+flux2-kustomize-helm-example", "dbca-wa+resource_tracking")
_VERSIONS = ("1.25", "1.34", "1.37")
_A_KIND = 20  # objects of a kind that are damaged
_META = {"$ref": "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
_STATUS = {"statusValid": True, "statusInvalid": False}


@dataclass(frozen=True)
class Case:
    """One object, by its name in the folder that kubeconform is given; what was done to it, if anything."""

    name: str
    rendered: Object
    damage: str = ""


def run(bench: Bench) -> Outcome:
    """Compare by several Kubernetes versions; custom resources by the repositories' own definitions."""
    program = peers.needed(bench, "kubeconform")
    found = archives(bench.corpora, _SMALL if bench.quick else ())
    if not found:
        raise SkippedError(f"there are no archives in {bench.corpora.name}/; name their folder: --corpora")
    sums: Counter[str] = Counter()
    differences: list[dict[str, Any]] = []
    engine = HelperRenderer(peers.need_helper())
    with tempfile.TemporaryDirectory(prefix="fairlead-schemas-") as place:
        bundles = {version: Path(place, version) for version in _VERSIONS}
        for folder in bundles.values():
            folder.mkdir()
        locations = {version: self_contained(version, folder) for version, folder in bundles.items()}
        for archive in found:
            root = unpack(archive, Path(place).resolve())
            counted, differing = _repository(root, program, engine, locations, bench.seed)
            sums += counted
            differences += differing
            note(f"{root.name}: {counted['agreeing']} of {counted['verdicts']} agree")
    engine.close()
    on = f"{sums['objects']:,} objects of {len(found)} repositories, {sums['damaged']:,} damaged copies"
    what = f"{on}, by Kubernetes {', '.join(_VERSIONS)}: verdict of kubeconform {KUBECONFORM} -strict"
    figure = Figure(what, sums["agreeing"] / max(1, sums["verdicts"]), "of all", 1.0)
    return Outcome((figure,), {}, {**sums, "differences": differences[:200]})


def _repository(
    root: Path, program: str, engine: HelperRenderer, locations: dict[str, str], seed: int
) -> tuple[Counter[str], list[dict[str, Any]]]:
    snapshot = FolderSnapshot(str(root))
    objects = _objects(engine, snapshot)
    damaged = list(_damaged(objects, random.Random(seed)))
    sums = Counter({"objects": len(objects), "damaged": len(damaged)})
    differences: list[dict[str, Any]] = []
    cases = [Case(f"{number}.json", one) for number, one in enumerate(objects)] + damaged
    for version, template in locations.items():
        schemas = Schemas(BundledSchemas(), snapshot)
        with tempfile.TemporaryDirectory(prefix="fairlead-objects-") as name:
            place = Path(name).resolve()
            ours = _ours(schemas, version, cases, objects, place / "schemas")
            theirs = _theirs(program, version, template, place, [case for case in cases if case.name in ours])
        for case in cases:
            if case.name not in ours:
                sums["without a schema"] += 1
                continue
            mine, their = ours[case.name], theirs[case.name]
            sums["verdicts"] += 1
            sums["of custom resources"] += case.rendered.group not in BUILT_IN
            sums["refused"] += bool(mine)
            sums["agreeing"] += (not mine) == their[0]
            if (not mine) != their[0]:
                what = {"kubernetes": version, "object": f"{case.rendered.api_version} {case.rendered.label}"}
                said = {"fairlead": mine[:3], "kubeconform": their[1][:300]}
                differences.append({"repository": root.name, **what, "damage": case.damage, **said})
    return sums, differences


def _objects(engine: HelperRenderer, snapshot: FolderSnapshot) -> list[Object]:
    """Every object that some kustomization renders, each once."""
    out: dict[str, Object] = {}
    for result in engine.render(tuple(Trial(snapshot, folder) for folder in kustomization_dirs(snapshot))):
        for one in read(result.text) if isinstance(result, Rendered) else ():
            out.setdefault(hashlib.sha256(json.dumps(one.body, sort_keys=True).encode()).hexdigest(), one)
    return list(out.values())


# ── the verdicts ──


def _ours(
    schemas: Schemas, version: str, cases: list[Case], objects: list[Object], folder: Path
) -> dict[str, list[str]]:
    """What is wrong with each object that there is a schema for; a definition's is written for kubeconform, too."""
    out = {}
    for case in cases:
        one = case.rendered
        schema = schemas.built_in(version, one) if one.group in BUILT_IN else _custom(schemas, version, one, folder)
        if schema is not None:
            out[case.name] = [violation.message for violation in schema.violations(one.body)]
    return out


def _custom(schemas: Schemas, version: str, one: Object, folder: Path) -> Schema | None:
    """By the first definition of the repository that has the version."""
    for definition in schemas.definitions.of(one.group, one.kind):
        for own in versions(schemas.defined(definition)):
            if own.name == one.api_version.rpartition("/")[2] and own.schema is not None:
                _write(own, version, one, folder)
                return schemas.by_definition(version, one, own, definition.path, f"{definition}")
    return None


def _write(own: Version, version: str, one: Object, folder: Path) -> None:
    path = location(CATALOG, "").of(one.api_version, one.kind, version)
    assert path is not None
    place = folder / path
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        definitions = BundledSchemas().document(version, "_definitions.json")
        schema = written_out(json_schema(own, one.api_version, one.kind, _META), definitions)
        place.write_text(json.dumps(schema), encoding="utf-8")


def _theirs(program: str, version: str, template: str, place: Path, cases: list[Case]) -> dict[str, tuple[bool, str]]:
    folder = place / "objects"
    folder.mkdir()
    for case in cases:
        (folder / case.name).write_text(json.dumps(case.rendered.body, ensure_ascii=False), encoding="utf-8")
    argv = [
        program, "-strict", "-verbose", "-output", "json", "-kubernetes-version", f"{version}.0",
        "-schema-location", template, "-schema-location", f"{place}/schemas/{CATALOG}", str(folder),
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)["resources"] if cases else []
    found = {Path(row["filename"]).name: (_STATUS.get(row["status"], False), str(row.get("msg", ""))) for row in told}
    return {case.name: found.get(case.name, (False, "it says nothing")) for case in cases}


# ── damage ──


def _damaged(objects: list[Object], dice: random.Random) -> Iterator[Case]:
    """Copies of some objects of each kind, each with one thing wrong."""
    counted: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(objects):
        counted[one.api_version, one.kind] += 1
        if counted[one.api_version, one.kind] > _A_KIND:
            continue
        for damage in ("unknown field", "wrong type", "null", "missing field"):
            body = copy.deepcopy(one.body)
            maps = [at for at in _maps(body) if at]
            holder = dice.choice(maps)
            key = dice.choice(sorted(key for key in holder if holder is not body or key not in ("apiVersion", "kind")))
            if damage == "unknown field":
                holder["fieldThatIsNot"] = "x"
            elif damage == "wrong type":
                holder[key] = {"a": "b"} if not isinstance(holder[key], dict) else "text"
            elif damage == "null":
                holder[key] = None
            else:
                del holder[key]
            made = Object(one.api_version, one.kind, one.name, one.namespace, body)
            yield Case(f"{number}-{damage.replace(' ', '-')}.json", made, f"{damage}: {key}")


def _maps(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        yield body
    for below in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _maps(below)


MEASURE = Measure("schemas", "real repositories: verdict beside kubeconform -strict, on sound and damaged objects", run)
