"""The JSON schema of a plan file, as it is published (`fairlead promote --plan-out`)."""

from __future__ import annotations

from fairlead.model.json_schema import Schema, body, count, listing, text
from fairlead.model.plan import FieldClass, Verdict
from fairlead.promotion.plan_json import FORM


def _closed(schema: Schema) -> Schema:
    """An object that has no other keys: a key that nobody reads would be one that nobody reviewed."""
    return schema | {"additionalProperties": False}


def _oid(description: str, *, empty: bool = False) -> Schema:
    some = "[0-9a-f]{40}|[0-9a-f]{64}"
    return text(description) | {"pattern": f"^({some}{'|' if empty else ''})$"}


_BYTES: Schema = {
    "description": "Bytes: as text where they are UTF-8, else in base64.",
    "oneOf": [{"type": "string"}, _closed(body("Bytes that are no text.", base64=text("In base64.")))],
}
_WHERE: Schema = {
    "type": "array",
    "description": "A place: the file from the root of the repository, line and column from 1 (0: the whole file).",
    "prefixItems": [{"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 0}],
    "minItems": 3,
    "maxItems": 3,
}
_CHANGE: Schema = {
    "description": "What is done to a file.",
    "oneOf": [
        _closed(
            body(
                "Some bytes of a file are replaced.",
                change={"const": "edit"},
                path=text("The file, from the root of the repository."),
                start=count("Where the old bytes begin, in bytes."),
                end=count("Where they end."),
                old=_BYTES,
                new=_BYTES,
            )
        ),
        _closed(
            body(
                "A file comes.",
                change={"const": "new"},
                path=text("The file."),
                data=_BYTES,
                mode=count("Its mode, as git writes it (33188: a file, 33261: one that can be run)."),
            )
        ),
        _closed(
            body(
                "A file goes.",
                change={"const": "drop"},
                path=text("The file."),
                oid=_oid("The blob that it must be."),
            )
        ),
    ],
}
_MOVE = _closed(
    body(
        "A field that differs.",
        field=text("The field's name, with the file before it."),
        old=text("The target's value; empty where it has none."),
        new=text("The source's value."),
        field_class={"enum": [c.value for c in FieldClass], "description": "Whose the field is."},
        verdict={"enum": [v.value for v in Verdict], "description": "What becomes of it where nobody chooses."},
        reason=text("Why."),
        carrier=text("What decided."),
        changes=listing("The edits that carry it; none where it can only be told.", _CHANGE),
        stands_at=_WHERE | {"description": f"Where the source's value is written. {_WHERE['description']}"},
        at=_WHERE | {"description": f"Where the target's value is written. {_WHERE['description']}"},
        token={
            "description": "The revision that moves, old and new; null where none does.",
            "oneOf": [
                {"type": "null"},
                {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            ],
        },
    )
)
_UNIT = _closed(
    body(
        "Fields that are carried together or not at all.",
        key=text("Its name: old -> new, or the field."),
        moves=listing("The fields.", _MOVE),
        chosen={"type": "boolean", "description": "Whether it is carried."},
    )
)
_APP = _closed(
    body(
        "One app's part of a hop: one commit.",
        app=text("The app."),
        source_path=text("The source's overlay."),
        target_path=text("The target's overlay."),
        source_tree=_oid("The tree of the source's overlay; empty where a lower hop of the plan makes it.", empty=True),
        units=listing("What is carried, or could be.", _UNIT),
        held=listing("What stays as it is, and why.", _MOVE),
        source_commit=_oid("The commit at which its source's values stand, where it is not the hop's.", empty=True),
    )
)
_HOP = _closed(
    body(
        "One step of the chain: one branch, one pull request.",
        id=_oid("The sha256 of what it does; it names no commits, so that a stack that is built again keeps it."),
        source=text("The environment that values come from; of a rollback, the one that is taken back."),
        target=text("The environment that they enter."),
        branch=text("The branch of the pull request; empty where no app is in both environments."),
        source_commit=_oid("The commit at which the source's values stand."),
        apps=listing("The apps.", _APP),
        result_tree=_oid("The tree of the whole repository after it."),
    )
)
_PLAN = _closed(
    body(
        "What is done, and why.",
        verb={"enum": ["promote", "rollback"], "description": "What it is for."},
        engine=text("Who made it."),
        target_branch=text("The branch that pull requests are merged into."),
        target_commit=_oid("Its commit, from which the plan was made."),
        config_oid=_oid("The blob of fairlead.yaml."),
        hops=listing("The steps, in order.", _HOP),
        selection=listing("What was asked for: field=, unit=, exclude=, pick=.", {"type": "string"}),
        warnings=listing("What a reviewer should know.", {"type": "string"}),
        reason=text("The reason that was given, if any."),
    )
)
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A plan of fairlead",
    **_closed(
        body(
            "What fairlead promote --plan-out writes and --plan applies. Its form is another one where keys change.",
            form={"const": FORM, "description": "The name of this form."},
            id=_oid(
                "The sha256 of `plan` as canonical JSON: keys sorted, no blanks, UTF-8. It is the plan's name, "
                "the same on every machine."
            ),
            plan=_PLAN,
        )
    ),
}
