"""fairlead.yaml as a frozen value; every mistake in it has a line, a column and a remedy."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import field
from functools import cache
from typing import Any

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, parse
from fairlead.edit.scalars import typed
from fairlead.model.errors import ConfigError, SyntaxProblem, UsageError
from fairlead.model.findings import Where
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.repo.health import HealthRules
from fairlead.repo.locations import Location
from fairlead.repo.names import near_miss
from fairlead.repo.notifications import Notify
from fairlead.repo.remotes import BuildRules

FILE_NAME = "fairlead.yaml"
DEFAULT_KUBERNETES = "1.34"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True)
class Freeze:
    """A time in which nothing enters an environment. Hours are minutes after midnight in `tz`.

    `rrule` is a recurrence rule of RFC 5545 for windows that last `lasts` seconds (0: until `end`), the first of
    them on `first_day`; `calendar` the path of an iCalendar file, `match` a glob of its events' summaries.
    """

    days: tuple[str, ...] = ()
    begin: int = 0
    end: int = 24 * 60
    first_day: str = ""
    last_day: str = ""
    tz: str = "UTC"
    why: str = ""
    rrule: str = ""
    lasts: int = 0
    calendar: str = ""
    match: str = ""


@dataclass(frozen=True)
class GateRules:
    """What must be true before a change enters an environment; `soak` and `timeout` in seconds.

    `still`: what has soaked must run in the source still.
    """

    soak: int = 0
    still: bool = False
    approvals: int = 0
    freeze: tuple[Freeze, ...] = ()
    codeowners: bool = False
    statuses: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    timeout: int = 300
    order: str = "all"
    health: tuple[HealthRules, ...] = ()


@dataclass(frozen=True)
class Environment:
    """One environment; `words` are its name and its `match` words.

    `images` says how images must be named (any, fixed, digest), `pod_security` which level its pods must keep
    (empty: the one that their Namespace enforces, if any), `kubernetes_at` where its version is declared.
    `clusters` are in order of rollout, which is `together` or `one-by-one`. `reviewers` are asked for their review of
    promotions into it, `auto_merge` is how these are merged by themselves (empty: people merge).
    """

    name: str
    words: tuple[str, ...]
    kubernetes: str = DEFAULT_KUBERNETES
    protected: bool = False
    direct: str = "approve"
    gates: GateRules = field(default_factory=GateRules)
    ephemeral: bool = False
    images: str = "any"
    pod_security: str = ""
    clusters: tuple[str, ...] = ()
    rollout: str = "together"
    reviewers: tuple[str, ...] = ()
    auto_merge: str = ""
    kubernetes_at: Where | None = field(default=None, compare=False, repr=False)

    @property
    def guarded(self) -> bool:
        """Whether a person who changes it has to type its name: it is protected, or its gates ask for people."""
        return self.protected or self.direct == "deny" or bool(self.gates.approvals or self.gates.freeze)


@dataclass(frozen=True)
class AppRules:
    """What is otherwise for apps of a name or glob: their chain (empty: the common ones), gates by environment."""

    pattern: str
    chain: tuple[tuple[str, ...], ...] = ()
    gates: tuple[tuple[str, GateRules], ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class AppSet:
    """Apps that are promoted together: names and globs."""

    name: str
    apps: tuple[str, ...]
    where: Where = field(default=Where(FILE_NAME), compare=False)


@dataclass(frozen=True)
class FieldPattern:
    """A field pattern of `promote:`, for all apps and environments unless it names them."""

    field: str
    app: str = "*"
    env: str = "*"
    where: Where | None = dataclasses.field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        more = [f"{name} {glob}" for name, glob in (("app", self.app), ("env", self.env)) if glob != "*"]
        return repr(self.field) + (f" for {', '.join(more)}" if more else "")


@dataclass(frozen=True)
class Writer:
    """Another program that writes fields (none: all) of files (globs of paths), and its name for people."""

    name: str
    paths: tuple[str, ...] = ("*",)
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class PromoteRules:
    """The configuration's word on whose a field is, who else writes, how many units go at a time, what is a draft."""

    carry: tuple[FieldPattern, ...] = ()
    own: tuple[FieldPattern, ...] = ()
    offer: tuple[FieldPattern, ...] = ()
    writers: tuple[Writer, ...] = ()
    pace: str = "habit"
    supersede: str = "soaked"
    drafts: bool = True


@dataclass(frozen=True)
class Override:
    """Settings of rules for some environments and paths (none: for all of them). `select` None: as elsewhere."""

    environments: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PolicyFiles:
    """Where policies are kept (a glob, from the configuration's folder), and for which environments; none: all."""

    glob: str
    environments: tuple[str, ...] = ()
    where: Where = field(default=Where(FILE_NAME), compare=False)


@dataclass(frozen=True)
class FieldRule:
    """What a field of rendered objects has to be; `kind` is a glob, `field` a path such as `spec.replicas`.

    `allowed` are its values, `pattern` a regular expression that the whole value matches.
    """

    field: str
    kind: str = "*"
    required: bool = False
    forbidden: bool = False
    allowed: tuple[str | int | float | bool | None, ...] = ()
    pattern: str = ""
    environments: tuple[str, ...] = ()
    severity: str = "error"
    message: str = ""


@dataclass(frozen=True)
class CheckRules:
    """What the configuration says of the checks.

    `named` is every word that stands for rules, with its place: whether there is such a rule is not for this room.
    `tools` are more arguments for the programs that `--external` asks.
    """

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    baseline: str = ""
    baseline_at: Where | None = None
    external: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    named: tuple[tuple[str, Where], ...] = ()
    policies: tuple[PolicyFiles, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    schema_locations: tuple[Location, ...] = ()
    tools: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class ForgeRules:
    """Where pull requests live: a kind, `auto` (by `url`, else by the remote's), and what the remote's URL doesn't say.

    `path` is the file that says so, empty where none does.
    """

    kind: str = "local"
    url: str = ""
    project: str = ""
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class Config:
    """fairlead.yaml. `path` is empty where there is none and discovery alone speaks; `root` is its folder."""

    path: str = ""
    root: str = ""
    oid: str = ""
    environments: tuple[Environment, ...] = ()
    chains: tuple[tuple[tuple[str, ...], ...], ...] = ()
    apps: tuple[AppRules, ...] = ()
    sets: tuple[AppSet, ...] = ()
    layout: tuple[str, ...] = ()
    layout_at: tuple[Where, ...] = ()
    branch: str = ""
    forge: ForgeRules = field(default_factory=ForgeRules)
    teams: tuple[tuple[str, tuple[str, ...]], ...] = ()
    promote: PromoteRules = field(default_factory=PromoteRules)
    check: CheckRules = field(default_factory=CheckRules)
    build: BuildRules = field(default_factory=BuildRules)
    notify: tuple[Notify, ...] = ()

    @property
    def baseline_path(self) -> str:
        """The baseline's path in the repository; empty where none is configured."""
        name = self.check.baseline
        return f"{self.root}/{name}" if name and self.root else name

    def environment(self, name: str) -> Environment:
        """The environment of this name (or `match` word). Raises UsageError with near misses."""
        for env in self.environments:
            if name == env.name:
                return env
        for env in self.environments:
            if name in env.words:
                return env
        names = [e.name for e in self.environments]
        raise UsageError(
            f"there is no environment {name!r}",
            where=Where(self.path) if self.path else None,
            remedy=near_miss(name, names) or f"environments are: {', '.join(names) or 'none'}",
        )

    def stages_after(self, name: str) -> tuple[str, ...]:
        """The environments of the next stage, in the first chain that holds `name`; empty at its end."""
        for chain in self.chains:
            for index, stage in enumerate(chain[:-1]):
                if name in stage:
                    return chain[index + 1]
        return ()

    def downstream(self, name: str) -> tuple[str, ...]:
        """The environments that come after `name` in any chain, the nearest first."""
        found: dict[str, None] = {}
        for chain in self.chains:
            at = next((index for index, stage in enumerate(chain) if name in stage), len(chain))
            found.update((env, None) for stage in chain[at + 1 :] for env in stage)
        return tuple(found)

    def stages_before(self, name: str) -> tuple[str, ...]:
        """The environments of the stage before, in the first chain that holds `name`."""
        for chain in self.chains:
            for index, stage in enumerate(chain[1:]):
                if name in stage:
                    return chain[index]
        return ()

    def stages(self, source: str, target: str) -> tuple[tuple[str, ...], ...]:
        """The stages after `source` up to that of `target`, along a chain; empty where none leads there."""
        for chain in self.chains:
            places = {env: i for i, stage in enumerate(chain) for env in stage}
            if source in places and target in places and places[source] < places[target]:
                return chain[places[source] + 1 : places[target] + 1]
        return ()

    def first_environments(self) -> tuple[str, ...]:
        """Where versions enter: the first stage of each chain."""
        return tuple(env for chain in self.chains for env in chain[0])


def duration(text: str) -> int:
    """`1d12h` in seconds. Raises ValueError."""
    parts = re.findall(r"([0-9]+)([smhdw])", text)
    if not parts or "".join(a + b for a, b in parts) != text:
        raise ValueError(text)
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def find(snapshot: Snapshot, folder: str) -> str | None:
    """The fairlead.yaml that governs a folder: there or in the nearest folder above."""
    parts = [p for p in folder.split("/") if p]
    for size in range(len(parts), -1, -1):
        path = "/".join((*parts[:size], FILE_NAME))
        if snapshot.entry(path) is not None:
            return path
    return None


def load(snapshot: Snapshot, folder: str = "") -> Config:
    """The configuration that governs a folder; an empty one where there is no fairlead.yaml.

    Raises:
        ConfigError: with the place and what would be accepted.
    """
    path = find(snapshot, folder)
    if path is None:
        return Config()
    entry = snapshot.entry(path)
    return read(snapshot.read(path), path, entry.oid if entry else "")


@cache
def _validator() -> Any:
    import jsonschema_rs

    from fairlead.repo.schema import SCHEMA

    return jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)


def read(data: bytes, path: str = FILE_NAME, oid: str = "") -> Config:
    """Read the bytes of a fairlead.yaml. Raises ConfigError."""
    try:
        stream = parse(data, path)
        document = stream.documents[0] if stream.documents else None
        values = typed(document, path)
    except SyntaxProblem as problem:
        raise ConfigError(problem.message, where=problem.where, remedy=problem.remedy) from None
    if stream.duplicates:
        twice = stream.duplicates[0]
        raise ConfigError(
            f"{twice.key!r} stands twice (first at line {twice.first.line})",
            where=Where(path, twice.second.line, twice.second.column),
            remedy="remove one of the two",
        )
    if document is None or (isinstance(document, Scalar) and values is None):
        raise ConfigError(f"{path} is empty", where=Where(path, 1, 1), remedy="start with `version: 1`")
    if len(stream.documents) > 1:
        second = stream.documents[1] or document
        raise ConfigError(
            f"{path} holds {len(stream.documents)} documents",
            where=Where(path, second.line, second.column),
            remedy="one file has one configuration: remove the `---`",
        )
    _refuse_by_schema(values, document, path)
    from fairlead.repo.config_reader import Reader

    return Reader(path, document).config(values, oid)


def _refuse_by_schema(values: Any, document: Value, path: str) -> None:
    errors = list(_validator().iter_errors(values))
    if not errors:
        return
    error = max(errors, key=lambda e: ("unexpected" in str(e.message), len(list(e.instance_path))))
    steps = list(error.instance_path)
    node, rule = node_at(document, steps), _schema_at(steps)
    message = (f"{_dotted(steps)}: " if steps else "") + str(error.message)
    remedy = rule.get("description") or f"see the reference of {FILE_NAME}"
    if isinstance(node, Mapping):
        known = sorted(rule.get("properties", {}))
        unknown = next((key for key, _ in node.items if known and key.value not in known), None)
        misnamed = next((key for key, _ in node.items if f"{json.dumps(key.value)} does not match" in message), None)
        if unknown is not None:
            message = f"unknown key {unknown.value!r}" + (f" in {_dotted(steps)}" if steps else "")
            remedy = near_miss(unknown.value, known) or f"known keys: {', '.join(known)}"
        elif "oneOf" in message:
            message = f"{_dotted(steps)}: needs {' and '.join(map(repr, rule.get('required', ())))}"
        elif misnamed is not None:
            remedy = "use letters, digits, dots and dashes"
        node = unknown or misnamed or node
    elif isinstance(node, Scalar) and _wants_text(message) and re.search(rule.get("pattern", ""), node.value):
        remedy = f'write it in quotes: "{node.value}"'
    raise ConfigError(message, where=Where(path, node.line, node.column), remedy=remedy)


def _wants_text(message: str) -> bool:
    return re.search(r'not of types? .*"string"', message) is not None


def _dotted(steps: list[str | int]) -> str:
    out = ""
    for step in steps:
        out += f"[{step}]" if isinstance(step, int) else (f".{step}" if out else step)
    return out


def node_at(document: Value, steps: list[str | int]) -> Value:
    """The node that stands at a place of a document; the innermost one above it where there is none."""
    node: Value = document
    for step in steps:
        below: Value | None = None
        if isinstance(node, Mapping):
            below = node.get(str(step))
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            return node
        node = below
    return node


def _schema_at(steps: list[str | int]) -> dict[str, Any]:
    """What the schema says of a place; of several forms, the one with keys."""
    from fairlead.repo.schema import SCHEMA

    at: Any = SCHEMA
    for step in steps:
        if isinstance(step, int):
            at = at.get("items", {})
        else:
            at = at.get("properties", {}).get(step) or at.get("additionalProperties") or {}
        at = next((form for form in at.get("oneOf", ()) if "properties" in form), at)
    return dict(at)
