"""The trailers by which history is read back from any clone: written into commits, merges, pull request texts."""

from __future__ import annotations

import re

from fairlead.model.history import Verb
from fairlead.model.values import dataclass

_LINE = re.compile(r"(?m)^Fairlead-([A-Za-z-]+):(.*)$")
_HOP = re.compile(r"(.+) (\S+) -> (\S+)")  # an app's name may hold spaces, an environment's can't
_VERBS = {"Promote": Verb.PROMOTE, "Rollback": Verb.ROLLBACK, "Set": Verb.SET, "Backport": Verb.BACKPORT}


@dataclass(frozen=True)
class Act:
    """What a commit says it does: one app from a source into a target (the same for `set` and `rollback`)."""

    verb: Verb
    app: str
    source: str
    target: str


@dataclass(frozen=True)
class Trailers:
    """What a message says about promotions.

    `emergency` names the gates that a merge skipped, `reason` why; `generation` counts what one pull request has
    carried in turn.
    """

    acts: tuple[Act, ...]
    hop_id: str = ""
    actor: str = ""
    emergency: str = ""
    reason: str = ""
    generation: int = 0


def act(verb: Verb, app: str, source: str, target: str) -> str:
    """The trailer line of an act."""
    name = next(name for name, known in _VERBS.items() if known is verb)
    return line(name, f"{app} {source} -> {target}")


def line(name: str, value: str) -> str:
    """A trailer line; a value can't break out of it."""
    return f"Fairlead-{name}: {' '.join(value.split())}"


def lines(message: str) -> tuple[str, ...]:
    """All trailer lines of a message, in order, each once."""
    return tuple(dict.fromkeys(f"Fairlead-{name}: {value}" for name, value in _found(message)))


def _found(message: str) -> list[tuple[str, str]]:
    pairs = ((match[1], match[2].strip()) for match in _LINE.finditer(message))
    return [(name, value) for name, value in pairs if value]


def read(message: str) -> Trailers:
    """Read a message; hostile or mangled lines are passed over."""
    acts: dict[Act, None] = {}
    hop_id = actor = emergency = reason = ""
    generation = 0
    for name, value in _found(message):
        if name in _VERBS:
            match = _HOP.fullmatch(value)
            if match is not None:
                acts[Act(_VERBS[name], match[1], match[2], match[3])] = None
        elif name == "Plan":
            hop_id = hop_id or value
        elif name == "Requested-By":
            actor = actor or value
        elif name == "Emergency":
            emergency = emergency or value
        elif name == "Reason":
            reason = reason or value
        elif name == "Generation" and value.isascii() and value.isdecimal() and len(value) < 7:
            generation = generation or int(value)
    return Trailers(tuple(acts), hop_id, actor, emergency, reason, generation)
