"""health: what Argo CD and Flux say of the source. Where the forms come from: tests/kubectl.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates import health
from fairlead.gates.health import commit_of, standing
from fairlead.model.gates import Facts, GateState, Health, Ran, Watched
from fairlead.model.overlays import OverlayId
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.health import HealthRules, Target, fault, named
from tests.kubectl import application, condition, helm_release, kustomization

TARGET = Environment("production", ("production",))
ASKED = GateRules(health=(HealthRules(),))
OLD, NEW = "1" * 40, "2" * 40
GOOD = Watched("Application argocd/web", Health.HEALTHY, "Healthy and Synced", ("web",), NEW, True)


def judge(*watched, rules=ASKED, source="staging", commit=OLD, ran=()):
    facts = Facts(9, source, "production", "ann", "h1", source_commit=commit, watched=watched, probed=ran)
    return health.judge(rules, TARGET, facts)


def one(found: Health, told="so", **more):
    said = {"what": "Kustomization flux-system/web", "apps": ("web",), "revision": f"main@sha1:{NEW}", "holds": True}
    return Watched(**{**said, "health": found, "told": told, **more})


# ── the judge ──


def test_not_asked_and_nothing_carried_are_open():
    assert judge(rules=GateRules()).state is GateState.OPEN
    assert judge(source="").state is GateState.OPEN


def test_healthy_at_what_is_carried_opens_and_leaves_what_was_said():
    result = judge(GOOD, one(Health.HEALTHY, "ReconciliationSucceeded"))
    assert (result.state, result.message) == (GateState.OPEN, "staging is healthy with what this carries")
    assert result.evidence == (
        "Application argocd/web is healthy: Healthy and Synced, at 222222222222 or later than what this carries",
        "Kustomization flux-system/web is healthy: ReconciliationSucceeded, at 222222222222 or later than what this "
        "carries",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "state", "message"),
    [
        (one(Health.DEGRADED, "CrashLoop"), GateState.CLOSED, "Kustomization flux-system/web is degraded: CrashLoop"),
        (one(Health.PROGRESSING), GateState.WAITING, "Kustomization flux-system/web is progressing: so"),
        (one(Health.UNKNOWN, "there is none"), GateState.WAITING, "flux-system/web can't be told: there is none"),
        (one(Health.HEALTHY, holds=False), GateState.WAITING, "is at 222222222222, before what this carries"),
    ],
)
def test_one_that_is_not_well_is_enough(bad, state, message):
    result = judge(GOOD, bad)
    assert result.state is state
    assert message in result.message


def test_what_is_degraded_goes_before_what_is_on_its_way():
    assert judge(one(Health.PROGRESSING), one(Health.DEGRADED)).state is GateState.CLOSED


@pytest.mark.parametrize(
    ("watched", "message"),
    [
        ((), "nothing of staging was asked"),
        ((GOOD, one(Health.HEALTHY, apps=("api",), revision="", holds=None)), "tells no commit"),
        ((one(Health.HEALTHY, holds=None),), "is at 222222222222, which this clone does not know"),
    ],
)
def test_healthy_without_a_commit_that_is_known_waits(watched, message):
    result = judge(*watched)
    assert result.state is GateState.WAITING
    assert message in result.message


def test_without_the_commit_that_is_carried_it_waits():
    assert judge(GOOD, commit="").state is GateState.WAITING


def test_a_command_decides_in_the_place_of_kubectl():
    assert judge(ran=(Ran("web", 0, "fine", 1.0),)).state is GateState.OPEN
    no = judge(ran=(Ran("web", 2, "3 of 5 pods", 1.0),))
    assert (no.state, no.message) == (GateState.CLOSED, "web in staging: the command says no (2)")
    assert no.evidence == ("web: ended with 2 after 1.0 s: 3 of 5 pods",)
    assert judge(ran=(Ran("web", None, "", 300.0),)).state is GateState.CLOSED


# ── Argo CD ──


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (application(revision=NEW), Health.HEALTHY),
        (application(revision=NEW, health="Progressing"), Health.PROGRESSING),
        (application(revision=NEW, health="Suspended"), Health.PROGRESSING),
        (application(revision=NEW, health="Missing", sync="OutOfSync"), Health.PROGRESSING),
        (application(revision=NEW, sync="OutOfSync"), Health.PROGRESSING),
        (application(revision=NEW, health="Degraded"), Health.DEGRADED),
        (application(revision=NEW, sync="Unknown"), Health.UNKNOWN),
        (application(revision=NEW, health="Unknown"), Health.UNKNOWN),
        (application(revision=NEW, operationState={"phase": "Running"}), Health.PROGRESSING),
        (application(revision=NEW, sync="OutOfSync", operationState={"phase": "Failed"}), Health.DEGRADED),
        (application(revision=NEW, conditions=[{"type": "ComparisonError", "message": "no repo"}]), Health.UNKNOWN),
        (application(revision=NEW, conditions=[{"type": "OrphanedResourceWarning", "message": "1"}]), Health.HEALTHY),
        ({**application(), "status": {}}, Health.PROGRESSING),
        ({**application(), "status": {"sync": "odd", "health": [1]}}, Health.UNKNOWN),
    ],
)
def test_an_application(body, expected):
    assert standing(body).health is expected


def test_a_failed_sync_counts_while_it_is_the_one_of_the_present_revision():
    def failed(at):
        return application(revision=NEW, operationState={"phase": "Failed", "syncResult": {"revision": at}})

    assert standing(failed(NEW)).health is Health.DEGRADED  # a hook after the sync failed
    assert standing(failed(OLD)).health is Health.HEALTHY  # what came later is in sync without one


def test_an_application_of_several_sources_tells_all_revisions():
    body = application(sync="Synced")
    body["status"]["sync"] = {"status": "Synced", "revisions": ["1.2.3", NEW]}
    assert standing(body).revisions == ("1.2.3", NEW)


def test_of_what_was_hydrated_the_commit_counts_that_it_was_rendered_from():
    done = {"drySHA": NEW, "hydratedSHA": OLD}
    body = application(revision=OLD, sourceHydrator={"lastSuccessfulOperation": done})
    assert standing(body).revisions == (NEW,)
    assert standing(
        {**body, "status": {**body["status"], "sync": {"status": "Synced", "revision": "3" * 40}}}
    ).revisions == ("3" * 40,)


# ── Flux ──


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (kustomization(revision=NEW), Health.HEALTHY),
        (kustomization(revision=NEW, observed=2), Health.PROGRESSING),
        (kustomization(revision=NEW, ready="Unknown", reason="Progressing"), Health.PROGRESSING),
        (kustomization(revision=NEW, ready="False", reason="DependencyNotReady"), Health.PROGRESSING),
        (kustomization(revision=NEW, ready="False", reason="HealthCheckFailed"), Health.DEGRADED),
        (kustomization(revision=NEW, ready="False", reason="BuildFailed"), Health.DEGRADED),
        (kustomization(revision=NEW, conditions=(condition("Stalled", "True"),)), Health.DEGRADED),
        (kustomization(revision=NEW, spec={"suspend": True}), Health.UNKNOWN),
        (helm_release(), Health.HEALTHY),
        (helm_release(ready="False", reason="UpgradeFailed"), Health.DEGRADED),
        (helm_release(ready="Unknown", reason="Progressing"), Health.PROGRESSING),
        ({**kustomization(), "metadata": {}}, Health.PROGRESSING),
        ({**kustomization(), "status": {"observedGeneration": 3, "conditions": [7]}}, Health.PROGRESSING),
    ],
)
def test_a_flux_object(body, expected):
    assert standing(body).health is expected


@pytest.mark.parametrize(
    ("revision", "commit"),
    [
        (f"main@sha1:{NEW}", NEW),
        (f"main/{NEW}", NEW),
        (NEW, NEW),
        ("6.5.0+1a2b3c4d5e6f", "1a2b3c4d5e6f"),
        ("6.5.0", ""),
        ("main", ""),
        ("", ""),
    ],
)
def test_the_commit_in_a_revision_as_controllers_write_it(revision, commit):
    assert commit_of(revision) == commit


def test_the_origin_of_an_artifact_goes_before_the_artifact():
    body = kustomization(lastAppliedRevision="latest@sha256:" + "3" * 64, lastAppliedOriginRevision=f"main@sha1:{NEW}")
    assert standing(body).revisions == (f"main@sha1:{NEW}",)
    assert standing(helm_release()).revisions == ("19.0.1",)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["True", "Ready", "Synced", NEW]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "sync", "health", "conditions", "type", "revisions", "revision", "operationState", "phase",
                 "syncResult", "history", "metadata", "generation", "observedGeneration", "spec", "lastAppliedRevision"]
            ),
            below, max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(body=st.dictionaries(st.sampled_from(["status", "metadata", "spec"]), _JSON), argo=st.booleans())
def test_whatever_a_cluster_says_is_read_and_only_a_whole_yes_is_one(body, argo):
    found = standing({**body, "kind": "Application" if argo else "Kustomization"})
    assert isinstance(found.told, str)
    assert found.health is not Health.HEALTHY or ("Synced" if argo else "True") in repr(body)


# ── names ──


def test_names_are_filled_with_the_words_of_the_source():
    rules = HealthRules(
        argocd=("{app}-{env}", "ops/root"), flux=("{app}", "helmrelease/{app}/redis"), context="{env}-{cluster}"
    )
    assert named(rules, OverlayId("web", "staging", "eu")) == (
        Target("staging-eu", "argocd", "Application", "web-staging"),
        Target("staging-eu", "ops", "Application", "root"),
        Target("staging-eu", "flux-system", "Kustomization", "web"),
        Target("staging-eu", "web", "HelmRelease", "redis"),
    )


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("{app}-{env}", ""),
        ("ks/flux-system/{app}", ""),
        ("{APP}", "names no object"),
        ("{stage}", "there is no {stage}"),
        ("--token=x", "names no object"),
        ("web/", "names no object"),
        ("Web", "names no object"),
    ],
)
def test_a_pattern_that_names_nothing_is_told(pattern, wrong):
    assert wrong in fault(pattern) if wrong else fault(pattern) == ""
