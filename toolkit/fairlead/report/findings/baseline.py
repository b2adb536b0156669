"""Findings that are known already, as a file of the repository: an old one is adopted with them, and sheds them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from fairlead.model.errors import ConfigError
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.values import dataclass
from fairlead.report.findings.identity import fingerprints

VERSION = 1
_REMEDY = "write it anew: fairlead check --baseline write"


@dataclass(frozen=True)
class Baseline:
    """The known findings: fingerprint -> rule, file and message, for who reads the file."""

    path: str
    known: dict[str, tuple[str, str, str]]

    def without(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that are not known."""
        findings = tuple(findings)
        names = fingerprints(findings)
        return tuple(f for f, name in zip(findings, names, strict=True) if name not in self.known)

    def of_rules(self, rules: Collection[str]) -> dict[str, tuple[str, str, str]]:
        """The known ones of some rules."""
        return {name: told for name, told in self.known.items() if told[0] in rules}

    def gone(self, findings: Iterable[Finding], silent: Collection[str] = ()) -> tuple[str, ...]:
        """The known ones that are not found any more; `silent` are rules that were not asked."""
        return tuple(sorted(self.known.keys() - set(fingerprints(tuple(findings))) - self.of_rules(silent).keys()))

    def pruned(self, findings: Iterable[Finding], silent: Collection[str] = ()) -> Baseline:
        """Without those that are not found any more."""
        gone = frozenset(self.gone(findings, silent))
        return Baseline(self.path, {name: told for name, told in self.known.items() if name not in gone})


def of(path: str, findings: Iterable[Finding]) -> Baseline:
    """The baseline that makes these known; notes need none."""
    findings = tuple(findings)
    rows = zip(findings, fingerprints(findings), strict=True)
    return Baseline(
        path, {name: (f.rule, f.where.path, f.message) for f, name in rows if f.severity is not Severity.NOTE}
    )


def dump(baseline: Baseline) -> str:
    """As text that git can compare: one line a finding, sorted by file."""
    rows = sorted((path, rule, message, name) for name, (rule, path, message) in baseline.known.items())
    lines = [
        json.dumps({"path": path, "rule": rule, "message": message, "id": name}, ensure_ascii=False)
        for path, rule, message, name in rows
    ]
    return f'{{"version": {VERSION}, "findings": [' + ("\n" + ",\n".join(lines) + "\n" if lines else "") + "]}\n"


def load(data: bytes, path: str) -> Baseline:
    """Read a baseline. Raises ConfigError for what is none, or one of another version."""
    try:
        said = json.loads(data)
        if said["version"] != VERSION:
            raise ConfigError(
                f"{path} is a baseline of version {said['version']!r}, and this fairlead knows {VERSION}",
                where=Where(path, 1, 1),
                remedy=_REMEDY,
            )
        rows = {str(row["id"]): (str(row["rule"]), str(row["path"]), str(row["message"])) for row in said["findings"]}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise ConfigError(f"{path} is no baseline", where=Where(path, line, column), remedy=_REMEDY) from None
    return Baseline(path, rows)
