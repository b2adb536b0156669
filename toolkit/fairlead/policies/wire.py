"""The lines that the program is sent, and what its answers mean; its side is `toolkit/policies/protocol.go`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.checks.objects import Json
from fairlead.checks.policies import Problem, Verdicts, Violation
from fairlead.model.errors import WorldError
from fairlead.model.values import dataclass

PROTOCOL = 1
REMEDY = (
    "install a wheel of fairlead, or build it with FAIRLEAD_BUILD_POLICIES=yes (in a clone: make policies); "
    "FAIRLEAD_POLICIES names one that lies elsewhere"
)


@dataclass(frozen=True)
class Hello:
    """Who answers: the build of the program, and the versions of Kubernetes' library and of CEL's."""

    build: str
    apiserver: str
    cel: str


def hello(line: bytes, program: str) -> Hello:
    """The program's first line. Raises WorldError where it speaks another language."""
    try:
        said = json.loads(line)
        if said["protocol"] == PROTOCOL:
            return Hello(str(said["build"]), str(said["apiserver"]), str(said["cel"]))
    except (ValueError, KeyError, TypeError):
        pass
    raise WorldError(f"{program} is not the judge of policies that this fairlead needs", remedy=REMEDY)


def policies(name: str, kubernetes: str, documents: Iterable[Json]) -> bytes:
    """Tell of a set of documents, for a version of Kubernetes."""
    return _line({"id": 0, "set": name, "kubernetes": kubernetes, "documents": list(documents)})


def objects(name: str, asked: Iterable[Json]) -> bytes:
    """Ask for verdicts on objects, by a set that was told of."""
    return _line({"id": 0, "set": name, "objects": list(asked)})


def answer(line: bytes) -> Verdicts:
    """An answer. Raises ValueError, KeyError and TypeError where it is none."""
    said = json.loads(line)
    return Verdicts(
        tuple(_problem(one) for one in said.get("problems", ())),
        tuple(_violation(one) for one in said.get("violations", ())),
        str(said.get("error", "")),
    )


def _line(value: Any) -> bytes:
    # Characters that are no text would be refused; numbers that JSON does not know can't come from JSON or YAML alike.
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _problem(said: Mapping[str, Any]) -> Problem:
    return Problem(
        said["document"], tuple(said.get("field") or ()), said["message"], said.get("remedy", ""),
        said.get("line", 0), said.get("column", 0), said.get("note", False),
    )  # fmt: skip


def _violation(said: Mapping[str, Any]) -> Violation:
    return Violation(
        said["object"], said["policy"], tuple(said["field"]), said["message"], tuple(said["actions"]),
        tuple(tuple(field) for field in said.get("fields", ())),
        said.get("error", ""), said.get("ignored", False), said.get("costly", False),
    )  # fmt: skip
