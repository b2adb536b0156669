"""The JSON schema of `fairlead check --format json`, as it is published. Readers ignore keys that they don't know."""

from __future__ import annotations

from typing import Any

from fairlead.model.findings import Severity
from fairlead.model.shards import MOST
from fairlead.report.findings.json import VERSION

Schema = dict[str, Any]


def _object(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
    }


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _text_or_none(description: str) -> Schema:
    return {"type": ["string", "null"], "description": description}


def _count(description: str, least: int = 0) -> Schema:
    return {"type": "integer", "minimum": least, "description": description}


def _place(description: str) -> Schema:
    return {"type": ["integer", "null"], "minimum": 1, "description": description}


def _list(description: str, items: Schema) -> Schema:
    return {"type": "array", "description": description, "items": items}


_SUMMARY = _object(
    "Sums.",
    errors=_count("Findings of severity error; any of them makes the exit code 1."),
    warnings=_count("Findings of severity warning."),
    notes=_count("Findings of severity note."),
    overlays=_count("Overlays that were judged."),
    built=_count("Those of them that build."),
    rendered=_count("Those of them that were rendered in this run, and not recalled from the cache."),
)
_OVERLAY = _object(
    "An overlay that was judged.",
    path=_text("Its folder, from the root of the repository; `.` is the root."),
    app=_text_or_none("The app that the layout makes it of; null where it is in no layout."),
    env=_text_or_none("The environment, likewise."),
    cluster=_text_or_none("The cluster, where the layout has clusters."),
    built={"type": "boolean", "description": "Whether kustomize builds it."},
    failure=_text_or_none("The kind of the failure: build, missing, remote, helm, plugin or timeout."),
    message=_text_or_none("The words of the failure."),
    seconds={
        "type": ["number", "null"],
        "minimum": 0,
        "description": "How long it took to render, when it was; null where nobody knows.",
    },
    rendered={"type": "boolean", "description": "Whether it was rendered in this run."},
)
_FINDING = _object(
    "A fault, told once, however many overlays it hits.",
    rule=_text("The rule that found it."),
    severity={"enum": [severity.value for severity in Severity], "description": "How bad it is."},
    path=_text("The file that it was written in, from the root of the repository."),
    line=_place("The line, from 1; null for the whole file."),
    column=_place("The column in characters, from 1."),
    message=_text("What is wrong."),
    remedy=_text("What to do."),
    subject=_text_or_none("The rendered object that it is about, such as `Deployment/web`."),
    chain=_list(
        "The places that led there, from the overlay on: PATH, PATH:LINE or PATH:LINE:COLUMN.", {"type": "string"}
    ),
    overlays=_list("The folders of all overlays that it hits.", {"type": "string"}),
)
_IGNORED = _FINDING | {
    "description": "A finding that a comment silences; it counts nowhere.",
    "required": [*_FINDING["required"], "by"],
    "properties": {
        **_FINDING["properties"],
        "by": _object(
            "The comment.",
            path=_text("Its file."),
            line=_count("Its line, from 1.", 1),
            column=_count("Its column, from 1.", 1),
            reason=_text("Why it is fine there."),
        ),
    },
}
_ACROSS = _object(
    "What is asked of all overlays of a configuration at once.",
    config=_text("The path of the configuration; empty for none."),
    text=_text("The configuration."),
    digests={
        "type": "object",
        "description": "What is known of each overlay.",
        "additionalProperties": {"type": "string"},
    },
    baseline=_text("The baseline as it is written; empty where there is none."),
)
_SHARD = _object(
    "Which part of a run this is a report of; only with --shard.",
    index=_count("Which shard, from 1.", 1),
    count=_count("Of how many.", 1) | {"maximum": MOST},
    total=_count("Overlays of the whole run."),
    places=_list("Where this report's overlays stand among them, from 0.", {"type": "integer", "minimum": 0}),
    basis={
        "type": "object",
        "description": "What all shards of a run have in common, as digests.",
        "additionalProperties": {"type": "string"},
    },
    pending=_list("Findings that another shard may contradict.", _FINDING),
    across=_list("What only the whole can be asked.", _ACROSS),
)
_REPORT = _object(
    "What fairlead check --format json prints. Within a version keys are added, never changed.",
    version={"const": VERSION, "description": "The version of this form."},
    shard=_SHARD,
    summary=_SUMMARY,
    renderer=_text("Name and version of what rendered; empty where nothing was judged."),
    overlays=_list("What was judged.", _OVERLAY),
    findings=_list("What was found, by file and line.", _FINDING),
    ignored=_list("What comments silence.", _IGNORED),
    messages=_list("Notes about the run itself.", {"type": "string"}),
)
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A report of fairlead check",
    **_REPORT,
    "required": [key for key in _REPORT["required"] if key != "shard"],
}
