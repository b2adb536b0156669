"""The JSON schema of `fairlead explain FIELD --json`, as it is published. Readers ignore keys that they don't know."""

from __future__ import annotations

from typing import Any

from fairlead.model.history import Verb
from fairlead.model.json_schema import Schema, body, count, listing, text
from fairlead.model.plan import FieldClass, Verdict

FORM = "fairlead-explanation/1"


def _one_of(description: str, words: Any) -> Schema:
    return {**text(description), "enum": [str(word) for word in words]}


def _or_none(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_PLACE = "as file:line:column"
_BASE = body(
    "What was last carried into the field; null where nothing was, as far as this clone knows.",
    carried=text("The value that was carried."),
    held=text("What the target held after that."),
    told=text("The record that tells it, for people."),
    taken_back={"type": "boolean", "description": "Whether a rollback took it back."},
    was=listing("What the field held before, where only git's history tells.", {"type": "string"}),
)
_UNIT = body(
    "What it goes with; null where it can only be told.",
    key=text("Its name, as `fairlead promote --unit` takes it."),
    fields=listing("The fields that go together.", {"type": "string"}),
)
_RULE = body(
    "A pattern of `promote:` in fairlead.yaml that speaks of the field.",
    list=text("The list that it stands in."),
    pattern={"type": "object", "description": "The pattern, and where it stands."},
)
_EVENT = body(
    "A change of the field.",
    env=text("The environment that changed."),
    before=text("Its value before; empty where it was absent."),
    after=text("Its value after."),
    verb=_one_of("What was done.", Verb),
    commit=text("The commit that brought it."),
    at=count("When, in seconds since the epoch."),
    actor=text("Who asked."),
)
_DIFFERENCE = body(
    "A field that differs.",
    app=text("The app."),
    source=text("The environment that it would come from."),
    target=text("The environment that it would go to."),
    field=text("Its name, with its file before it."),
    old=text("The target's value."),
    new=text("The source's value."),
    **{"class": _one_of("Whose it is.", FieldClass)},
    verdict=_one_of("What becomes of it.", Verdict),
    reason=text("Why, for people."),
    carrier=text("The part of fairlead that decided."),
    stands_at=text(f"Where the source's value stands, {_PLACE}."),
    at=text(f"Where the target's value stands, {_PLACE}."),
    rules=listing("The patterns that speak of it, the one that decided first.", _RULE),
    base=_or_none(_BASE),
    unit=_or_none(_UNIT),
    history=listing("Its changes on both sides, newest first.", _EVENT),
)
_EQUAL = body(
    "A field that is the same on both sides.",
    app=text("The app."),
    source=text("The environment before."),
    target=text("The environment."),
    field=text("Its name, with its file before it."),
    value=text("The value."),
)

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What fairlead explain FIELD --json prints",
    **body(
        "Keys may be added within a form; a key that is here keeps its meaning.",
        form={"const": FORM},
        differing=listing("The differences that are meant.", _DIFFERENCE),
        equal=listing("The fields that are meant and are the same, where none differs.", _EQUAL),
        more=count("So many more are meant and not told."),
    ),
}
