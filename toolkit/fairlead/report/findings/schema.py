"""The JSON schema of `fairlead check --format json`, as it is published. Readers ignore keys that they don't know."""

from __future__ import annotations

from fairlead.model.findings import Severity
from fairlead.model.json_schema import Schema, body, count, listing, place, text, text_or_none
from fairlead.model.shards import MOST
from fairlead.report.findings.json import VERSION

_SUMMARY = body(
    "Sums.",
    errors=count("Findings of severity error; any of them makes the exit code 1."),
    warnings=count("Findings of severity warning."),
    notes=count("Findings of severity note."),
    overlays=count("Overlays that were judged."),
    built=count("Those of them that build."),
    rendered=count("Those of them that were rendered in this run, and not recalled from the cache."),
)
_OVERLAY = body(
    "An overlay that was judged.",
    path=text("Its folder, from the root of the repository; `.` is the root."),
    app=text_or_none("The app that the layout makes it of; null where it is in no layout."),
    env=text_or_none("The environment, likewise."),
    cluster=text_or_none("The cluster, where the layout has clusters."),
    built={"type": "boolean", "description": "Whether kustomize builds it."},
    failure=text_or_none("The kind of the failure: build, missing, remote, helm, plugin or timeout."),
    message=text_or_none("The words of the failure."),
    seconds={
        "type": ["number", "null"],
        "minimum": 0,
        "description": "How long it took to render, when it was; null where nobody knows.",
    },
    rendered={"type": "boolean", "description": "Whether it was rendered in this run."},
)
_FINDING = body(
    "A fault, told once, however many overlays it hits.",
    rule=text("The rule that found it."),
    severity={"enum": [severity.value for severity in Severity], "description": "How bad it is."},
    path=text("The file that it was written in, from the root of the repository."),
    line=place("The line, from 1; null for the whole file."),
    column=place("The column in characters, from 1."),
    message=text("What is wrong."),
    remedy=text("What to do."),
    subject=text_or_none("The rendered object that it is about, such as `Deployment/web`."),
    chain=listing(
        "The places that led there, from the overlay on: PATH, PATH:LINE or PATH:LINE:COLUMN.", {"type": "string"}
    ),
    overlays=listing("The folders of all overlays that it hits.", {"type": "string"}),
)
_IGNORED = _FINDING | {
    "description": "A finding that a comment silences; it counts nowhere.",
    "required": [*_FINDING["required"], "by"],
    "properties": {
        **_FINDING["properties"],
        "by": body(
            "The comment.",
            path=text("Its file."),
            line=count("Its line, from 1.", 1),
            column=count("Its column, from 1.", 1),
            reason=text("Why it is fine there."),
        ),
    },
}
_ACROSS = body(
    "What is asked of all overlays of a configuration at once.",
    config=text("The path of the configuration; empty for none."),
    text=text("The configuration."),
    digests={
        "type": "object",
        "description": "What is known of each overlay.",
        "additionalProperties": {"type": "string"},
    },
    baseline=text("The baseline as it is written; empty where there is none."),
)
_SHARD = body(
    "Which part of a run this is a report of; only with --shard.",
    index=count("Which shard, from 1.", 1),
    count=count("Of how many.", 1) | {"maximum": MOST},
    total=count("Overlays of the whole run."),
    places=listing("Where this report's overlays stand among them, from 0.", {"type": "integer", "minimum": 0}),
    basis={
        "type": "object",
        "description": "What all shards of a run have in common, as digests.",
        "additionalProperties": {"type": "string"},
    },
    pending=listing("Findings that another shard may contradict.", _FINDING),
    across=listing("What only the whole can be asked.", _ACROSS),
)
_REPORT = body(
    "What fairlead check --format json prints. Within a version keys are added, never changed.",
    version={"const": VERSION, "description": "The version of this form."},
    shard=_SHARD,
    summary=_SUMMARY,
    renderer=text("Name and version of what rendered; empty where nothing was judged."),
    overlays=listing("What was judged.", _OVERLAY),
    findings=listing("What was found, by file and line.", _FINDING),
    ignored=listing("What comments silence.", _IGNORED),
    messages=listing("Notes about the run itself.", {"type": "string"}),
)
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A report of fairlead check",
    **_REPORT,
    "required": [key for key in _REPORT["required"] if key != "shard"],
}
