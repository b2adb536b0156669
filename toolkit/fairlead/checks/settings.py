"""Which rules speak, and how loud: what the configuration selects, ignores and weighs, by environment and path."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from fairlead.model.findings import Finding, Severity
from fairlead.repo.config import CheckRules, Override
from fairlead.repo.names import covers

DEFAULT, ALL = "default", "all"
_OFF = "off"


class Settings:
    """The word of one configuration on the rules.

    `select` names rules, groups of rules, `default` (all that are not optional) or `all`; what `ignore` names is off.
    Overrides follow in their order, each for some environments and paths: of two that fit, the later one counts.
    A rule that is given a severity is selected by that. `root` is the configuration's folder, which globs start at.
    """

    def __init__(self, rules: CheckRules, modules: tuple[ModuleType, ...], root: str = "") -> None:
        self._rules = rules
        self._modules = modules
        self._prefix = root + "/" if root else ""
        self._whole = (Override(select=rules.select, ignore=rules.ignore, severity=rules.severity),)
        self._words = {m.ID: {m.ID, m.GROUP, ALL, *(() if is_optional(m) else (DEFAULT,))} for m in modules}
        self._said: dict[tuple[str, tuple[Override, ...]], str] = {}
        self._asked: dict[tuple[Override, ...], tuple[ModuleType, ...]] = {}

    def may_speak(self, environment: str) -> tuple[ModuleType, ...]:
        """The rules that are on somewhere in an environment (empty: outside of all)."""
        layers = tuple(o for o in self._rules.overrides if _concerns(o, environment))
        if layers not in self._asked:
            narrow = tuple(o for o in layers if o.paths)
            wide = (*self._whole, *(o for o in layers if not o.paths))
            self._asked[layers] = tuple(
                module
                for module in self._modules
                if self._of(module.ID, wide) != _OFF
                or any(self._of(module.ID, (*wide, *narrow[: n + 1])) != _OFF for n in range(len(narrow)))
            )
        return self._asked[layers]

    def severity(self, finding: Finding, environment: str) -> str:
        """What is configured for a finding: a severity, `off`, or nothing where the rule's own word counts."""
        layers = tuple(o for o in self._rules.overrides if _concerns(o, environment) and self._lies_in(o, finding))
        return self._of(finding.rule, (*self._whole, *layers))

    def configured(self, finding: Finding, environment: str) -> Iterator[Finding]:
        """The finding as it is configured; none where it is off."""
        said = self.severity(finding, environment)
        if said == _OFF:
            return
        yield finding if said in ("", finding.severity) else _weighed(finding, Severity(said))

    def _lies_in(self, override: Override, finding: Finding) -> bool:
        if not override.paths:
            return True
        below = len(self._prefix)
        places = (p[below:] for p in (finding.where.path, finding.overlay) if p.startswith(self._prefix))
        return any(covers(glob, place) for place in places for glob in override.paths)

    def _of(self, rule: str, layers: tuple[Override, ...]) -> str:
        key = (rule, layers)
        if key not in self._said:
            self._said[key] = self._decide(rule, layers)
        return self._said[key]

    def _decide(self, rule: str, layers: tuple[Override, ...]) -> str:
        words = self._words.get(rule, {rule, ALL, DEFAULT})
        on, said = True, ""
        for layer in layers:
            if layer.select is not None:
                on = not words.isdisjoint(layer.select)
            for name, severity in layer.severity:
                if name in words:
                    on, said = severity != _OFF, severity
            if not words.isdisjoint(layer.ignore):
                on = False
        return said if on else _OFF


def is_optional(module: ModuleType) -> bool:
    """Whether a rule is judged only where the configuration asks for it."""
    return bool(getattr(module, "OPTIONAL", False))


def names(modules: tuple[ModuleType, ...]) -> tuple[str, ...]:
    """Every word that the configuration may name rules by."""
    return (*sorted(m.ID for m in modules), *sorted({m.GROUP for m in modules}), DEFAULT, ALL)


def _concerns(override: Override, environment: str) -> bool:
    return not override.environments or environment in override.environments


def _weighed(finding: Finding, severity: Severity) -> Finding:
    from dataclasses import replace

    return replace(finding, severity=severity)
