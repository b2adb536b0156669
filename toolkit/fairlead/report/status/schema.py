"""The JSON schema of `fairlead status --json`, as it is published. Readers ignore keys that they don't know."""

from __future__ import annotations

from typing import Any

from fairlead.model.gates import GateState
from fairlead.model.standing import Standing
from fairlead.report.status.json import FORM

Schema = dict[str, Any]


def _object(description: str, **properties: Schema) -> Schema:
    return {"type": "object", "description": description, "required": list(properties), "properties": properties}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _list(description: str, items: Schema) -> Schema:
    return {"type": "array", "description": description, "items": items}


def _texts(description: str) -> Schema:
    return _list(description, {"type": "string"})


_IN_CLUSTER = _object(
    "An app in one cluster of an environment.",
    cluster=_text("The cluster."),
    path=_text("Its overlay."),
    versions=_texts("What its kustomization says it runs."),
)
_CELL = _object(
    "An app in an environment.",
    env=_text("The environment."),
    paths=_texts("Its overlays: one, or one a cluster."),
    versions=_texts("What its kustomizations say it runs: tags, digests, refs of remote bases."),
    clusters=_list("The same by cluster, in the order of their rollout; none where it has no clusters.", _IN_CLUSTER),
)
_LAG = _object(
    "A unit that the target lacks, and a promotion would carry by default.",
    unit=_text("Its name, as `fairlead promote --unit` takes it."),
    fields=_texts("Its fields, each with its file before it."),
    since=_count("When it came into the source, in seconds since the epoch; 0 where this clone doesn't know."),
    evidence=_text(
        "Who vouches for that time: the forge's merge, the audit log, fairlead that saw it then, or only the commit's "
        "own date; empty where it isn't known.",
        enum=["merge", "audit", "seen", "commit", ""],
    ),
    clusters=_texts("The target's clusters that lack it; none where it has no clusters."),
)
_OWN = _object(
    "A field that the target changed by itself.",
    field=_text("Its name, with its file before it."),
    target=_text("The target's value."),
    source=_text("The source's value."),
    reason=_text("Why it stays, for people."),
)
_WAIT = _object(
    "A gate that is not open.",
    gate=_text("Its name."),
    state=_text("Waiting comes to an end by itself or by people; closed does not.", enum=[*map(str, GateState)]),
    message=_text("What it waits for, for people."),
    until=_count("Until when, in seconds since the epoch; 0 where that can't be known."),
)
_PULL = _object(
    "An open pull request into the target.",
    number=_count("Its number."),
    title=_text("Its title."),
    draft={"type": "boolean", "description": "Whether another one must be merged before it."},
    gates=_list("The gates that are not open; those that need something rendered are not asked.", _WAIT),
)
_PAIR = _object(
    "An app between two environments of a chain.",
    source=_text("The environment that it is promoted from."),
    target=_text("The environment that it is promoted into."),
    standing=_text("The headline, the most pressing of what follows.", enum=[*map(str, Standing)]),
    behind=_list("What a promotion would carry by default.", _LAG),
    conflicts=_list("What both sides changed: a promotion would lose the target's own change.", _OWN),
    drift=_list("What only the target changed since something was last carried there: a hotfix, which stays.", _OWN),
    offered=_count("So many further differences that a person may take."),
    pulls=_list("The open pull requests of the app into the target.", _PULL),
)
_ROW = _object(
    "An app.",
    app=_text("Its name."),
    cells=_list("Where it is, in the order of `environments`; an environment without it is left out.", _CELL),
    pairs=_list("Each step of a chain that has it on both sides.", _PAIR),
)

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What fairlead status --json prints",
    **_object(
        "Keys may be added within a form; a key that is here keeps its meaning.",
        form={"const": FORM},
        branch=_text("The branch that holds the environments."),
        commit=_text("Its tip, from which all of this is read."),
        environments=_texts("The environments, in the order of the chains."),
        groups=_list(
            "The environments that belong together: of one chain, or of chains that share some.",
            _texts("Environments, in the order of the chains."),
        ),
        apps=_list("The apps by name.", _ROW),
        notes=_texts("What could not be known, for people."),
    ),
}
