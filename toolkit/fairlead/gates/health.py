"""What is promoted must be healthy where it runs now, as Argo CD or Flux says, or a program of yours.

Asked of the environment before, through `kubectl get -o json`: an Application must be Healthy and Synced, a
Kustomization or HelmRelease Ready in its present generation, at a revision that is the promoted commit or comes after
it. What is on the way, was not found, or can't be asked (no kubectl, no cluster, no permission) waits; what is degraded
closes. Nothing opens it but a yes.

Which objects: those of the repository that point to the source's overlay of each app, rendered as they are applied; of
an ApplicationSet, what it made. Or by name, with `{app}`, `{env}` and `{cluster}` for the source's:
`gates: {health: {argocd: "{app}-{env}", context: "{env}"}}` in the environment that is entered. `health: {}` asks the
current context. `health: {command: [ops/healthy.sh]}` runs a program in place of kubectl, as the gate `command` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.gates import Facts, GateResult, GateState, Health, Watched
from fairlead.model.values import dataclass
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.health import APPLICATION

ID = "health"

_COMMIT = re.compile(r"(?:^|[:/+@])([0-9a-f]{7,64})$")
_WORSE = (Health.DEGRADED, Health.UNKNOWN, Health.PROGRESSING)
# Reasons of Flux for which a thing that is not ready is on its way.
_UNDERWAY = frozenset(("Progressing", "ProgressingWithRetry", "DependencyNotReady", "HealthCheckCanceled", "Suspended"))


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by what is degraded; open where each app's objects are healthy at what is carried."""
    if not rules.health:
        return GateResult(ID, GateState.OPEN, "health is not asked")
    if not facts.source:
        return GateResult(ID, GateState.OPEN, "nothing is carried from another environment")
    evidence = tuple(_told(facts))
    no = next((ran for ran in facts.probed if ran.code != 0), None)
    if no is not None:
        how = "gave no answer" if no.code is None else f"says no ({no.code})"
        return GateResult(ID, GateState.CLOSED, f"{no.app} in {facts.source}: the command {how}", evidence)
    first = min((one for one in facts.watched if one.health in _WORSE), key=_rank, default=None)
    if first is not None:
        state = GateState.CLOSED if first.health is Health.DEGRADED else GateState.WAITING
        return GateResult(ID, state, f"{first.what} {_how(first)}", evidence)
    behind = next((one for one in facts.watched if one.holds is False), None)
    if behind is not None:
        message = f"{behind.what} is at {_short(behind.revision)}, before what this carries"
        return GateResult(ID, GateState.WAITING, message, evidence)
    unsure = _unsure(facts)
    if unsure:
        return GateResult(ID, GateState.WAITING, unsure, evidence)
    return GateResult(ID, GateState.OPEN, f"{facts.source} is healthy with what this carries", evidence)


def _rank(one: Watched) -> int:
    return _WORSE.index(one.health)


def _unsure(facts: Facts) -> str:
    """Why it isn't told that what is carried runs; empty where it is, of each app that anything was asked of."""
    if not facts.watched and not facts.probed:
        return f"nothing of {facts.source} was asked: no app is promoted from there"
    if facts.watched and not facts.source_commit:
        return "it isn't known which commit this carries; a full clone may know: git fetch --unshallow"
    apps = dict.fromkeys(app for one in facts.watched for app in one.apps)
    told = {app for one in facts.watched if one.holds for app in one.apps}
    app = next((app for app in apps if app not in told), None)
    if app is None:
        return ""
    found = max((one for one in facts.watched if app in one.apps), key=lambda one: bool(commit_of(one.revision)))
    if commit_of(found.revision):
        lacking = f"{found.what} is at {_short(found.revision)}, which this clone does not know"
        return f"{lacking}; git fetch, and see that it applies this repository"
    return f"{found.what} tells no commit; name the Kustomization or Application that applies it, too"


def _told(facts: Facts) -> Iterator[str]:
    for ran in facts.probed:
        end = f"ended with {ran.code}" if ran.code is not None else "did not answer in time"
        yield f"{ran.app}: {end} after {ran.seconds:.1f} s" + (f": {ran.output}" if ran.output else "")
    for one in facts.watched:
        at = f", at {_short(one.revision)}" if one.revision else ""
        where = {True: " or later than what this carries", False: ", before what this carries", None: ""}[one.holds]
        yield f"{one.what} {_how(one)}{at}{where if at else ''}"


def _how(one: Watched) -> str:
    told = f": {one.told}" if one.told else ""
    return f"can't be told{told}" if one.health is Health.UNKNOWN else f"is {one.health}{told}"


def _short(revision: str) -> str:
    found = _COMMIT.search(revision)
    return found[1][:12] if found is not None else revision[:60]


# ── what the objects say ──


@dataclass(frozen=True)
class Standing:
    """What an object's status says: how it is, why, and the revisions that it was applied from, as written."""

    health: Health
    told: str
    revisions: tuple[str, ...] = ()


def standing(body: Mapping[str, Any]) -> Standing:
    """Read the status of an Application, a Kustomization or a HelmRelease; whatever is odd in it is no yes."""
    status = _table(body.get("status"))
    if not status:
        return Standing(Health.PROGRESSING, "its controller has not looked at it yet")
    return _application(status) if body.get("kind") == APPLICATION else _flux(body, status)


def commit_of(revision: str) -> str:
    """The commit id in a revision as controllers write it: `main@sha1:1a2b…`, `main/1a2b…`, `1.2.0+1a2b…`; or none."""
    found = _COMMIT.search(revision)
    return found[1] if found is not None else ""


def _application(status: Mapping[str, Any]) -> Standing:
    sync, health, operation = (_table(status.get(key)) for key in ("sync", "health", "operationState"))
    synced_to = _revisions(sync)
    revisions = _dry(status, synced_to)
    phase, state, synced = _text(operation.get("phase")), _text(health.get("status")), _text(sync.get("status"))
    wrong = next((c for c in _tables(status.get("conditions")) if _text(c.get("type")).endswith("Error")), None)
    told = " and ".join(filter(None, (state, synced)))
    if state == "Degraded" or (phase in ("Failed", "Error") and _is_latest(operation, synced, synced_to)):
        failed = _joined("its last sync", _text(operation.get("message")))
        why = _text(health.get("message")) if state == "Degraded" else failed
        return Standing(Health.DEGRADED, _joined(told, why), revisions)
    if wrong is not None:
        return Standing(Health.UNKNOWN, _joined(_text(wrong.get("type")), _text(wrong.get("message"))), revisions)
    if phase in ("Running", "Terminating"):
        return Standing(Health.PROGRESSING, _joined(told, "a sync is running"), revisions)
    if state == "Healthy" and synced == "Synced":
        return Standing(Health.HEALTHY, told, revisions)
    if "Unknown" in (state, synced) or not (state and synced):
        return Standing(Health.UNKNOWN, told or "it tells neither health nor sync", revisions)
    return Standing(Health.PROGRESSING, _joined(told, _text(health.get("message"))), revisions)


def _is_latest(operation: Mapping[str, Any], synced: str, revisions: tuple[str, ...]) -> bool:
    """Whether a sync that failed still counts: an earlier one stays on record after all is in sync again."""
    return synced != "Synced" or _revisions(_table(operation.get("syncResult"))) == revisions


def _dry(status: Mapping[str, Any], revisions: tuple[str, ...]) -> tuple[str, ...]:
    """Of what Argo CD has hydrated onto another branch, the commit that it was rendered from."""
    done = _table(_table(status.get("sourceHydrator")).get("lastSuccessfulOperation"))
    dry, hydrated = _text(done.get("drySHA")), _text(done.get("hydratedSHA"))
    return (dry,) if dry and revisions == (hydrated,) else revisions


def _revisions(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Of several sources each has one."""
    several = found.get("revisions")
    return tuple(map(_text, several)) if isinstance(several, list) and several else (_text(found.get("revision")),)


def _flux(body: Mapping[str, Any], status: Mapping[str, Any]) -> Standing:
    revisions = tuple(filter(None, (_flux_revision(status),)))
    conditions = {_text(c.get("type")): c for c in _tables(status.get("conditions"))}
    ready, stalled = _table(conditions.get("Ready")), _table(conditions.get("Stalled"))
    generation = _table(body.get("metadata")).get("generation")
    said, reason = _text(ready.get("status")), _text(ready.get("reason"))
    told = _joined(reason, _text(ready.get("message")))
    if _table(body.get("spec")).get("suspend") is True:
        return Standing(Health.UNKNOWN, "it is suspended, so nobody looks at it", revisions)
    if stalled.get("status") == "True":
        return Standing(Health.DEGRADED, _joined("stalled", _text(stalled.get("message"))), revisions)
    if not isinstance(generation, int) or status.get("observedGeneration") != generation:
        return Standing(Health.PROGRESSING, "its controller has not seen its present form yet", revisions)
    if said == "True":
        return Standing(Health.HEALTHY, reason, revisions)
    if said == "False" and reason not in _UNDERWAY:
        return Standing(Health.DEGRADED, told, revisions)
    return Standing(Health.PROGRESSING, told, revisions)


def _flux_revision(status: Mapping[str, Any]) -> str:
    """The commit, where an OCI artifact tells it; else the revision applied; of a release, its chart's version."""
    released = next((_text(one.get("chartVersion")) for one in _tables(status.get("history"))), "")
    names = ("lastAppliedOriginRevision", "lastAppliedRevision")
    return next((_text(status[name]) for name in names if status.get(name)), released)


def _table(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _tables(found: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _text(found: object) -> str:
    return " ".join(found.split())[:300] if isinstance(found, str) else ""


def _joined(*parts: str) -> str:
    return ": ".join(filter(None, parts))
