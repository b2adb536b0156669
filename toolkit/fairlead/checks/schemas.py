"""Which schema judges an object: Kubernetes' own, a definition of the repository, or a file of a configured location.

Each is compiled when the first object of its kind comes, once for all overlays that it judges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Protocol

from fairlead.checks.lifecycle import BUILT_IN, number, successors
from fairlead.checks.objects import Json, Object, read_file
from fairlead.checks.schema_files import HERE, SchemaFile
from fairlead.checks.structural import FORMATS, Version, json_schema, versions
from fairlead.checks.violations import Schema
from fairlead.model.errors import ExcessProblem
from fairlead.model.rendering import Input
from fairlead.model.snapshot import MemorySnapshot, Snapshot
from fairlead.model.values import dataclass
from fairlead.repo.definitions import KIND, Definition, Definitions
from fairlead.repo.locations import Location

_GROUP = re.compile(r"^([^./]*)(?:\.[^/]*)?/")
_META = "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class SchemaSource(Protocol):
    """Where Kubernetes' own schemas come from; reading them is not for pure rooms."""

    def versions(self) -> tuple[str, ...]:
        """The Kubernetes versions there are (`1.34`), oldest first."""

    def document(self, version: str, name: str) -> Json:
        """One schema file; None where there is none."""


class NoSchemas:
    """A source without schemas: nothing is judged."""

    def versions(self) -> tuple[str, ...]:
        """See SchemaSource."""
        return ()

    def document(self, version: str, name: str) -> Json:
        """See SchemaSource."""
        return None


@dataclass(frozen=True)
class Coverage:
    """What is known of an object's kind.

    It is judged by `schemas`: of several, which are equally near, one has to accept it. `version` is what a definition
    says of the object's version; where that is not served, `served` are those that are. `defined` is the definition's
    file, `broken` a schema file that can't be used, with the reason.
    """

    schemas: tuple[Schema, ...] = ()
    version: Version | None = None
    served: tuple[str, ...] = ()
    defined: str = ""
    broken: tuple[str, str] | None = None


class Schemas:
    """All schemas that there are for a snapshot."""

    def __init__(
        self, source: SchemaSource, snapshot: Snapshot | None = None, definitions: Definitions | None = None,
        locations: Iterable[Location] = (),
    ) -> None:  # fmt: skip
        self._source = source
        self._snapshot: Snapshot = MemorySnapshot.of({}) if snapshot is None else snapshot
        self.definitions = Definitions(self._snapshot) if definitions is None else definitions
        given = [one for one in locations if not one.remote]
        default = next((at for at, one in enumerate(given) if one.is_default), len(given))
        self._before, self._after = given[:default], given[default + 1 :]
        self._nearest: dict[str, str] = {}
        self._shared: dict[str, tuple[Json, Any]] = {}
        self._compiled: dict[tuple[str, ...], Schema | str | None] = {}
        self._bodies: dict[Definition, Json] = {}
        self._referred: dict[str, dict[Input, None]] = {}

    def versions(self) -> tuple[str, ...]:
        """The Kubernetes versions that there are schemas of, oldest first."""
        return self._source.versions()

    def nearest(self, wanted: str) -> str:
        """The version that judges: the newest that is not newer than the wanted one, else the oldest."""
        if wanted not in self._nearest:
            found = self._source.versions()
            fitting = [v for v in found if number(v) <= number(wanted)]
            self._nearest[wanted] = (fitting or list(found[:1]) or [""])[-1]
        return self._nearest[wanted]

    def built_in(self, version: str, rendered: Object) -> Schema | None:
        """Kubernetes' own schema of an object's kind."""
        if not version or rendered.group not in BUILT_IN:
            return None
        own = self._by_file(version, rendered.api_version, rendered.kind)
        later = "" if own is not None else successors().get((rendered.api_version, rendered.kind), "")
        return own if not later else self._by_file(version, later, rendered.kind, instead_of=rendered.api_version)

    def kinds(self, version: str, api_version: str) -> tuple[str, ...]:
        """The kinds that a version of Kubernetes has of one API; all of its definitions are read for that."""
        group, _, name = api_version.rpartition("/")
        of_api = {"group": group, "version": name}
        definitions = self._registry(version)[0]
        found = (
            one["kind"]
            for body in (definitions.get("$defs", {}) if isinstance(definitions, dict) else {}).values()
            for one in body.get("x-kubernetes-group-version-kind", ())
            if {key: one.get(key) for key in of_api} == of_api
        )
        return tuple(sorted(set(found)))

    def _by_file(self, version: str, api_version: str, kind: str, instead_of: str = "") -> Schema | None:
        name = file_name(api_version, kind)
        stands_for = api_version if instead_of else ""
        found = self._once(("built-in", version, name, instead_of), lambda: self._built_in(version, name, stands_for))
        return found if isinstance(found, Schema) else None

    def _once(self, key: tuple[str, ...], make: Any) -> Schema | str | None:
        if key not in self._compiled:
            self._compiled[key] = make()
        return self._compiled[key]

    def _built_in(self, version: str, name: str, stands_for: str) -> Schema | None:
        schema = self._source.document(version, name)
        if not isinstance(schema, dict):
            return None
        definitions, registry = self._registry(version)
        named = f"Kubernetes {version}" + (f", as {stands_for}" if stands_for else "")
        return Schema(compiled(schema, registry=registry), named, (schema, definitions), stands_for=stands_for)

    def _registry(self, version: str) -> tuple[Json, Any]:
        """The definitions that the schemas of a version share."""
        if version not in self._shared:
            import jsonschema_rs

            definitions = self._source.document(version, "_definitions.json") or {}
            registry = jsonschema_rs.Registry([(definitions["$id"], definitions)]) if definitions else None
            self._shared[version] = (definitions, registry)
        return self._shared[version]

    # ── definitions ──

    def defined(self, definition: Definition) -> Json:
        """The object that a file defines a kind by; None where it can't be read."""
        if definition not in self._bodies:
            try:
                found = read_file(self.definitions.text(definition))
            except ExcessProblem:
                found = ()
            self._bodies[definition] = found[0].body if len(found) == 1 else None
        return self._bodies[definition]

    def by_definition(self, version: str, rendered: Object, own: Version, named: str, digest: str) -> Schema | None:
        """The schema of a definition's version; `digest` tells the definition from others."""
        if own.schema is None:
            return None

        def make() -> Schema | str:
            definitions, registry = self._registry(version) if version else ({}, None)
            metadata = {"$ref": definitions["$id"] + _META} if definitions else {"type": "object"}
            schema = json_schema(own, rendered.api_version, rendered.kind, metadata)
            try:
                validator = compiled(schema, registry=registry)
            except ValueError as error:
                return str(error)
            return Schema(validator, named, (schema, definitions), keeps=not own.pruned)

        found = self._once(("defined", digest, own.name, version), make)
        return found if isinstance(found, Schema) else None

    # ── locations ──

    def located(
        self, version: str, rendered: Object, used: dict[Input, None], *, late: bool
    ) -> Schema | tuple[str, str] | None:
        """A schema by the locations that stand before `default`, or after it; a path and reason where it is broken."""
        for one in self._after if late else self._before:
            path = one.of(rendered.api_version, rendered.kind, version)
            if path is None:
                continue
            entry = self._snapshot.entry(path)
            used[Input("missing", path, "") if entry is None else Input("file", path, entry.oid)] = None
            if entry is not None:
                found = self._once(("file", path), lambda path=path: self._file(path))
                used.update(self._referred[path])
                return found if isinstance(found, Schema) else (path, str(found))
        return None

    def _file(self, path: str) -> Schema | str:
        file = SchemaFile(self._snapshot, path)
        self._referred[path] = file.used
        try:
            schema = file.read()
            return Schema(compiled(schema, retriever=file.retrieve, base_uri=HERE + path), path, (schema,))
        except (ValueError, RecursionError) as error:
            return str(error).partition("\n")[0][:200]


class OverlaySchemas:
    """The schemas as one overlay sees them: what it defines itself comes before what lies elsewhere.

    `used` is what the answers depended on beside the overlay's own inputs.
    """

    def __init__(
        self,
        schemas: Schemas,
        wanted: str,
        objects: tuple[Object, ...],
        near: tuple[str, tuple[str, ...], frozenset[str]],
    ) -> None:
        self.version = schemas.nearest(wanted)
        self.used: dict[Input, None] = {}
        self._schemas = schemas
        self._objects = objects
        self._near = near
        self._known: dict[tuple[str, str], Coverage] = {}

    def of(self, rendered: Object) -> Coverage:
        """What is known of an object's kind."""
        key = (rendered.api_version, rendered.kind)
        if key not in self._known:
            self._known[key] = self._found(rendered)
        return self._known[key]

    def _found(self, rendered: Object) -> Coverage:
        defined = Coverage() if rendered.group in BUILT_IN else self._defined(rendered)
        if defined.schemas:
            return defined
        for late in (False, True):
            found = self._schemas.located(self.version, rendered, self.used, late=late)
            if found is not None:
                return Coverage((found,)) if isinstance(found, Schema) else Coverage(broken=found)
            own = None if late else self._schemas.built_in(self.version, rendered)
            if own is not None:
                return Coverage((own,))
        return defined

    def _defined(self, rendered: Object) -> Coverage:
        """By a definition: the overlay's own, else the nearest ones of the repository that know the version."""
        import hashlib

        rows: list[tuple[Json, str, str]] = []
        for one in self._own:
            if defines(one.body, rendered):
                text = json.dumps(one.body, sort_keys=True)
                rows.append((one.body, f"its definition {one.name}", hashlib.sha256(text.encode()).hexdigest()))
        if not rows:
            name = f"{rendered.group}/{rendered.kind}"
            self.used[Input("definition", name, self._schemas.definitions.digest(name))] = None
            found = sorted(self._schemas.definitions.of(rendered.group, rendered.kind), key=self._distance)
            nearest = [one for one in found if self._distance(one)[:3] == self._distance(found[0])[:3]]
            rows = [(self._schemas.defined(one), one.path, f"{one.blob} {one.number}") for one in nearest]
        return self._judging(rendered, [row for row in rows if versions(row[0])])

    def _judging(self, rendered: Object, rows: list[tuple[Json, str, str]]) -> Coverage:
        if not rows:
            return Coverage()
        name = rendered.api_version.rpartition("/")[2]
        chosen: dict[str, tuple[Version, Schema | None]] = {}
        path = rows[0][1]
        for body, named, digest in rows:
            own = next((v for v in versions(body) if v.name == name and v.served), None)
            if own is not None and digest not in chosen:
                path = path if chosen else named
                schema = self._schemas.by_definition(self.version, rendered, own, named, digest)
                chosen[digest] = (own, schema)
        if not chosen:
            served = tuple(v.name for v in versions(rows[0][0]) if v.served)
            own = next((v for v in versions(rows[0][0]) if v.name == name), None)
            return Coverage(version=own, served=served, defined=path)
        schemas = tuple(schema for _, schema in chosen.values() if schema is not None)
        return Coverage(schemas, next(iter(chosen.values()))[0], defined=path)

    @cached_property
    def _own(self) -> tuple[Object, ...]:
        return tuple(one for one in self._objects if one.kind == KIND)

    def _distance(self, one: Definition) -> tuple[int, int, int, str]:
        """Another environment's are far; else those with more of the path in common are nearer."""
        folder, words, foreign = self._near
        parts, here = one.path.split("/")[:-1], folder.split("/")
        common = next((at for at, pair in enumerate(zip(parts, here, strict=False)) if pair[0] != pair[1]), None)
        shared = min(len(parts), len(here)) if common is None else common
        return (not foreign.isdisjoint(parts), -shared, set(words).isdisjoint(parts), one.path)


def defines(body: Json, rendered: Object) -> bool:
    """Whether a definition is the one of an object's group and kind."""
    spec = body.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    return isinstance(names, dict) and (spec.get("group"), names.get("kind")) == (rendered.group, rendered.kind)


def compiled(schema: dict[str, Any], **options: Any) -> Any:
    """A validator. Raises ValueError. Nothing is fetched; patterns take linear time, where they can."""
    import jsonschema_rs

    declared = schema.get("$schema")
    make: Any = jsonschema_rs.Draft202012Validator
    if "retriever" in options:  # a file of somebody else's; without a word, of the draft that kubeconform takes it for
        make = jsonschema_rs.validator_for if isinstance(declared, str) else jsonschema_rs.Draft4Validator
    settings = {key: value for key, value in options.items() if value is not None}
    settings |= {"validate_formats": True, "formats": FORMATS}
    try:
        return make(schema, pattern_options=jsonschema_rs.RegexOptions(), **settings)
    except ValueError:
        return make(schema, **settings)


def file_name(api_version: str, kind: str) -> str:
    """The bundle's name of a kind's schema: `apps/v1` Deployment is `deployment-apps-v1.json`."""
    return f"{kind.lower()}-{_GROUP.sub(lambda m: m[1] + '-', api_version)}.json"
