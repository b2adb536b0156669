"""Runs the rules: contexts in, findings out, sorted, each once, with the severities that are configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType

from fairlead.checks import digests, ignores
from fairlead.checks.context import COMMENT, EVERYTHING, EXTERNAL, FLEET, LISTING, OVERLAY, REPOSITORY, Judged, Shared
from fairlead.checks.fleet import Fleet
from fairlead.checks.rules import RULES, dead_patch, ignore_comment, no_schema
from fairlead.checks.settings import Settings
from fairlead.checks.substitution import Substitution
from fairlead.checks.unfilled import unfilled
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Input, Rendered, RenderResult
from fairlead.model.values import dataclass

# Findings that say why an overlay doesn't build; build-failure is silent where one of them speaks.
_EXPLAINING = frozenset(
    (
        "missing-file", "cycle", "unknown-kustomization-key", "wrong-type", "unreadable-file", "duplicate-key",
        "duplicate-entry", "remote-base", "lfs-pointer",
    )
)  # fmt: skip
_OF_FILES = ("builds", "dead")  # groups that don't ask what is applied
_BUILD = "build-failure"
_LEANING = frozenset(("missing-file",))  # names what lies beside
_ONE_A_MESSAGE = frozenset(("no-schema",))
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True)
class Judgement:
    """What is found in one overlay, and whether that may change with files that it does not read.

    `digest` is what rules about several overlays will ask of it; empty where it isn't known.
    `used` are files and folders that it does not read, and that had a say: schemas, what controllers are told.
    """

    result: RenderResult
    findings: tuple[Finding, ...]
    leaning: bool
    digest: str = ""
    used: tuple[Input, ...] = ()


def run(shared: Shared, results: Iterable[RenderResult], rules: tuple[ModuleType, ...] = RULES) -> Iterator[Judgement]:
    """Judge overlays as their results come. What is found in a file is told again with each overlay that reads it.

    So the findings of a part are a part of the findings, and `merged` makes them whole.
    """
    settings = settings_of(shared, rules)
    static: dict[str, list[Finding]] | None = None
    for result in results:
        if static is None:  # after the first result: the others are being made meanwhile
            static = _static(shared, rules)
        reasons = static.get(result.overlay, [])
        looked: set[Input] = set()
        variants = [Judged(shared, result.overlay, result, one, looked) for one in ways_applied(shared, result)]
        judged = variants[0]
        own = _as_applied(variants, [judge(variant, settings, reasons) for variant in variants])
        leaning = (
            not isinstance(result, Rendered)
            or any(finding.rule in _LEANING for finding in reasons)
            or shared.leans_on_others(result.overlay)
            or EVERYTHING in looked
        )
        found = [f for one in (*reasons, *own) for f in settings.configured(one, judged.env)]
        told = _commented(judged, settings, found, rules)
        schemas = dict.fromkeys(one for variant in variants for one in variant.schemas.used)
        used = (*schemas, *(looked - {EVERYTHING}))
        yield Judgement(result, tuple(told), leaning, _digest(judged), used)


def ways_applied(shared: Shared, result: RenderResult) -> list[Substitution | None]:
    """What Flux makes of an overlay, once for each set of values; as it is rendered where nothing names it."""
    found = {one.values: one for one in shared.substitutions.get(result.overlay, ())}
    return list(found.values()) if isinstance(result, Rendered) and found else [None]


def _as_applied(variants: list[Judged], findings: list[list[Finding]]) -> list[Finding]:
    """The findings of all variants of an overlay; what is not found in each of them names those that it is found in."""
    told: dict[Finding, list[str]] = {}
    for variant, found in zip(variants, findings, strict=True):
        by = variant.substitution
        name = f"{by.name} of {by.where.path}" if by is not None else ""
        for finding in dict.fromkeys(found):
            told.setdefault(finding, []).append(name)
    if len(variants) == 1:
        return findings[0]
    return [
        one
        if len(names) == len(variants)
        else replace(one, message=f"{one.message} (as {', '.join(names)} applies it)")
        for one, names in told.items()
    ]


def settings_of(shared: Shared, rules: tuple[ModuleType, ...] = RULES) -> Settings:
    """The configured word on these rules."""
    return Settings(shared.config.check, rules, shared.config.root)


def look_around(shared: Shared, rules: tuple[ModuleType, ...] = RULES) -> tuple[Finding, ...]:
    """The findings about files that no overlay need have to do with."""
    settings = settings_of(shared, rules)
    asked = settings.may_speak("")
    checks = [rule.check for rule in asked if rule.SCOPE == LISTING]
    checks += (rule.around for rule in asked if hasattr(rule, "around"))
    found = (f for check in checks for one in check(shared) for f in settings.configured(one, ""))
    return tuple(f for one in found for f in ignores.silenced([one], shared.sources.ignores(one.where.path)))


def look_across(fleet: Fleet, rules: tuple[ModuleType, ...] = RULES) -> tuple[Finding, ...]:
    """The findings about several overlays at once, told of the concerned ones."""
    settings = Settings(fleet.config.check, rules, fleet.config.root)
    out: list[Finding] = []
    for rule in rules:
        if rule.SCOPE == FLEET and any(rule in settings.may_speak(env) for env in ("", *fleet.environments)):
            for finding in rule.check(fleet):
                if finding.overlay in fleet.concerned:
                    out += settings.configured(finding, fleet.environment_of(finding.overlay))
    names = frozenset(rule.ID for rule in rules if rule.SCOPE == FLEET)
    comments = tuple(c for c in fleet.comments() if not names.isdisjoint(c.rules))
    told = ignores.silenced(out, comments)
    used = {finding.ignored.at for finding in told if finding.ignored is not None}
    unused = (c for c in comments if c.at not in used and names.issuperset(c.rules))
    remarks = (f for c in unused for f in ignore_comment.check(c, tuple(names), used=False))
    return (*told, *(f for one in remarks for f in settings.configured(one, "")))


def _static(shared: Shared, rules: tuple[ModuleType, ...]) -> dict[str, list[Finding]]:
    """What is found in the files that overlays read, by overlay."""
    readers = shared.graph.readers(shared.folders)
    settings = settings_of(shared, rules)
    environments = {overlay.id.env for overlay in shared.layout.overlays} | {""}
    asked = {rule for env in environments for rule in settings.may_speak(env) if rule.SCOPE == REPOSITORY}
    out: dict[str, list[Finding]] = {}
    for rule in rules:
        if rule in asked:
            for finding in rule.check(shared):
                for folder in readers.get(finding.where.path, ()):
                    out.setdefault(folder, []).append(replace(finding, overlay=folder, overlays=(folder,)))
    return out


def judge(judged: Judged, settings: Settings, static: Iterable[Finding]) -> list[Finding]:
    """The findings of one overlay, after those about its files are known."""
    asked = settings.may_speak(judged.env)
    if unfilled(judged):
        asked = tuple(rule for rule in asked if rule.GROUP in _OF_FILES or rule is no_schema)
    found = [finding for rule in asked if rule.SCOPE == OVERLAY for finding in rule.check(judged)]
    reasons = (*static, *found)
    if any(
        (f.rule in _EXPLAINING or (f.rule == dead_patch.ID and dead_patch.stops(judged.result)))
        and f.severity is Severity.ERROR
        and settings.severity(f, judged.env) in ("", Severity.ERROR)
        for f in reasons
    ):  # fmt: skip
        found = [f for f in found if f.rule != _BUILD]
    return found


def _commented(
    judged: Judged, settings: Settings, findings: list[Finding], rules: tuple[ModuleType, ...]
) -> list[Finding]:
    """The findings as comments in the overlay's files have them, and what is wrong with those comments."""
    comments = judged.comments
    if not comments:
        return findings
    told = ignores.silenced(findings, comments)
    used = {finding.ignored.at for finding in told if finding.ignored is not None}
    # Whether these are used is told later, or not at all: other tools are not always asked.
    across = frozenset(rule.ID for rule in rules if rule.SCOPE in (FLEET, EXTERNAL))
    used |= {comment.at for comment in comments if not across.isdisjoint(comment.rules)}
    known = tuple(rule.ID for rule in rules)
    for rule in settings.may_speak(judged.env):
        if rule.SCOPE == COMMENT:
            for comment in comments:
                for finding in rule.check(comment, known, used=comment.at in used):
                    own = replace(finding, overlay=judged.folder, overlays=(judged.folder,))
                    told += settings.configured(own, judged.env)
    return told


def _digest(judged: Judged) -> str:
    return digests.digest(judged).dump() if isinstance(judged.result, Rendered) else ""


@dataclass(frozen=True)
class Merged:
    """Findings, each once with all overlays that it hits; `ignored` are those that comments silence.

    `pending` say that a comment has nothing to silence; they stand where no other overlay that reads it says otherwise.
    """

    findings: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    pending: tuple[Finding, ...] = ()


def merge(findings: Iterable[Finding]) -> Merged:
    """Make findings of overlays whole, in an order that never changes."""
    told = _grouped(findings)
    used = {finding.ignored.at for finding in told if finding.ignored is not None}
    unused = {f: f.rule == ignore_comment.ID and f.message == ignore_comment.UNUSED for f in told}
    return Merged(
        tuple(f for f in told if f.ignored is None and not unused[f]),
        tuple(f for f in told if f.ignored is not None),
        tuple(f for f in told if f.ignored is None and unused[f] and f.where not in used),
    )


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of a whole run, each once, in an order that never changes."""
    whole = merge(findings)
    return ordered((*whole.findings, *whole.pending))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place, then by weight."""
    return tuple(sorted(findings, key=lambda f: (f.where, _ORDER[f.severity], f.rule, f.message)))


def _grouped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        place = None if finding.rule in _ONE_A_MESSAGE else finding.where
        groups.setdefault((finding.rule, finding.message, place, finding.ignored), []).append(finding)
    out = []
    for group in groups.values():
        first = min(group, key=lambda f: (_ORDER[f.severity], f.where, f.overlay, f.subject))
        hit = {overlay for f in group for overlay in f.overlays}
        out.append(replace(first, overlay=min(hit, default=""), overlays=tuple(sorted(hit))))
    return ordered(out)
