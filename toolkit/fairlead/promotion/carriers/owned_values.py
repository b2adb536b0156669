"""Values that belong to an environment by their form: its words, addresses, quantities, booleans, UUIDs."""

from __future__ import annotations

import re

from fairlead.model.plan import FieldClass
from fairlead.promotion.views import Claim, Surroundings, View
from fairlead.promotion.words import names_environment

_FILE = r"(?!\S*\.(?:ya?ml|json|toml|env|conf|properties|txt|tpl)$)"  # which is no domain
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a switch", re.compile(r"(?i)true|false|yes|no|on|off|enabled|disabled")),
    ("a quantity", re.compile(r"[-+]?\d+(?:\.\d+)?\s*(?:[munkKMGTPE]i?|ms|s|m|h|d|%|B|[KMGT]B)?")),
    ("a UUID", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("an address", re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d+)?|[0-9a-fA-F:]*::[0-9a-fA-F:./]*")),
    ("an e-mail address", re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")),
    ("a URL", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
    ("a host name", re.compile(_FILE + r"(?:[a-z0-9*](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?(?:/\S*)?")),
    ("a cloud resource", re.compile(r"arn:aws[\w-]*:\S+|/subscriptions/\S+|projects/\S+")),
    ("a schedule", re.compile(r"(?:[\d*/,-]+\s+){4}[\d*/,A-Za-z-]+")),
)


def claim(view: View, around: Surroundings) -> Claim | None:
    """Claim by form; a value that holds an environment's word is that environment's."""
    if names_environment(view.old, around.words) or names_environment(view.new, around.words):
        return _own(view, "it names the environment")
    for what, form in _FORMS:
        if form.fullmatch(view.old) or form.fullmatch(view.new):
            return _own(view, f"{what} belongs to the environment")
    return None


def _own(view: View, reason: str) -> Claim:
    return Claim("owned-values", FieldClass.OWNED, reason, view.old, view.new, None)
