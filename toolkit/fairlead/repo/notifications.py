"""Who is told what happened: `notify:` of fairlead.yaml. An address never stands there, only its variable's name."""

from __future__ import annotations

from fairlead.model.values import dataclass

# A repository's file must not have any variable of the person's or of CI's taken for an address.
VARIABLE = r"^(FAIRLEAD_NOTIFY[A-Z0-9_]*|([A-Z][A-Z0-9_]*)?WEBHOOK[A-Z0-9_]*)$"
# The values of EventKind, without what else its module brings: every check reads the schema.
EVENTS = ("opened", "updated", "waiting", "merged", "closed", "rolled-back", "emergency")
FORMATS = ("cloudevents", "slack")


@dataclass(frozen=True)
class Notify:
    """One webhook: the variable with its URL, the form, and which events of which environments (none: all)."""

    url_env: str
    format: str = "cloudevents"
    events: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
