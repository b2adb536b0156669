"""A field that is not as `check: {fields}` of fairlead.yaml wants it.

An entry names a field of rendered objects, of some kinds and environments or of all, and says that it is required
or forbidden, which values are allowed, or which pattern the whole value matches. For what needs more than one
field, write a policy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json, Object
from fairlead.model.findings import Finding, Severity
from fairlead.repo.config import FieldRule
from fairlead.repo.field_paths import ANY, parts

ID = "field-pattern"
GROUP = "custom"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = """\
version: 1
environments: {dev: {}}
check:
  fields:
  - kind: Service
    field: spec.type
    allowed: [ClusterIP]
    message: what leaves the cluster leaves by an Ingress
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: {type}
  ports:
  - port: 80
"""
_FILES = {"fairlead.yaml": _CONFIG, "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n"}
BAD = Example({**_FILES, "overlays/dev/service.yaml": _SERVICE.format(type="NodePort")})
GOOD = Example({**_FILES, "overlays/dev/service.yaml": _SERVICE.format(type="ClusterIP")})

Path = tuple[str | int, ...]


def check(judged: Judged) -> Iterator[Finding]:
    """Hold every object to every entry that means it."""
    name = judged.environment.name if judged.environment is not None else ""
    for rule in judged.shared.config.check.fields:
        if rule.environments and name not in rule.environments:
            continue
        way = parts(rule.field)
        for rendered in judged.objects:
            if fnmatchcase(rendered.kind, rule.kind):
                for path, wrong in _faults(rule, way, rendered):
                    yield _finding(judged, rule, rendered, path, wrong)


def _finding(judged: Judged, rule: FieldRule, rendered: Object, path: Path, wrong: str) -> Finding:
    told = f"{rendered.label}: {_dotted(path)} {wrong}"
    return judged.finding(
        ID,
        f"{told}: {rule.message}" if rule.message else told,
        _remedy(rule),
        judged.origin.of(rendered, path, key=rule.forbidden),
        subject=rendered.label,
        severity=Severity(rule.severity),
    )


def _remedy(rule: FieldRule) -> str:
    if rule.forbidden:
        return "remove it"
    if rule.allowed:
        return f"write one of {', '.join(map(_spelled, rule.allowed))}"
    return f"write a value that matches {rule.pattern}" if rule.pattern else "write it"


def _faults(rule: FieldRule, way: tuple[str, ...], rendered: Object) -> Iterator[tuple[Path, str]]:
    """The places where an object is not as it should be, and how."""
    for path, value, there in _reached(rendered.body, way, ()):
        if not there:
            if rule.required:
                yield path, "is required"
        elif rule.forbidden:
            yield path, "is forbidden"
        elif not _fits(rule, value):
            yield path, f"is {_spelled(value)}"


def _fits(rule: FieldRule, value: Json) -> bool:
    if rule.allowed and not any(_same(value, one) for one in rule.allowed):
        return False
    return not rule.pattern or re.fullmatch(rule.pattern, _text(value)) is not None


def _reached(at: Json, way: tuple[str, ...], path: Path) -> Iterator[tuple[Path, Json, bool]]:
    """Where a path leads, with the value, and whether there is one. What nothing holds is told once, as a whole."""
    if not way:
        yield path, at, at is not None
    elif way[0] == ANY:
        items: list[tuple[str | int, Json]] = []
        if isinstance(at, list):
            items = list(enumerate(at))
        elif isinstance(at, dict):
            items = list(at.items())
        for key, value in items:
            yield from _reached(value, way[1:], (*path, key))
    elif isinstance(at, dict) and way[0] in at:
        yield from _reached(at[way[0]], way[1:], (*path, way[0]))
    elif isinstance(at, list) and way[0].isdigit() and int(way[0]) < len(at):
        yield from _reached(at[int(way[0])], way[1:], (*path, int(way[0])))
    else:
        yield (*path, *(step for step in way if step != ANY)), None, False


def _same(value: Json, allowed: Json) -> bool:
    return type(value) is type(allowed) and bool(value == allowed)  # 1 is not true


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _spelled(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _dotted(path: Path) -> str:
    out = ""
    for step in path:
        if isinstance(step, int) or not re.fullmatch(r"[\w-]+", step):
            out += f"[{step}]"
        else:
            out += f".{step}" if out else step
    return out
