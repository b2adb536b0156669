"""What every format is made of: the outcome of a check, what its rules mean, and the files that were judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from fairlead.model.findings import Finding
from fairlead.model.overlays import Layout
from fairlead.model.rendering import Built
from fairlead.model.shards import Cut
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Rule:
    """What a rule says of itself: Markdown, its usual severity, and files that show it, bad and good.

    `quotes`: whether the line that it finds fault with may be shown; never that of a secret.
    """

    id: str
    text: str = ""
    severity: str = ""
    group: str = ""
    bad: tuple[tuple[str, str], ...] = ()
    good: tuple[tuple[str, str], ...] = ()
    quotes: bool = True


@dataclass(frozen=True)
class Report:
    """One outcome. `renderer` and `version` are what it was made by; `every` asks for all that a person may see.

    `ignored` is what comments silence; it counts nowhere.
    `source` gives the bytes of a file as it was judged, None where nobody has them any more.
    """

    findings: tuple[Finding, ...]
    results: tuple[Built, ...] = ()
    layout: Layout = field(default_factory=lambda: Layout(()))
    renderer: str = ""
    notes: tuple[str, ...] = ()
    cut: Cut | None = None
    ignored: tuple[Finding, ...] = ()
    version: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    source: Callable[[str], bytes | None] = lambda path: None
    every: bool = False

    def rule(self, name: str) -> Rule:
        """What is known of a rule; of one that another version had, its name."""
        return self.rules.get(name) or Rule(name)
