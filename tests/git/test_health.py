"""The gate health, from the repository's own objects to kubectl and back; kubectl is a double (tests/kubectl.py)."""

from __future__ import annotations

import os
import shutil

import pytest

from fairlead.gates import health
from fairlead.model.errors import ConfigError
from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.apps import environment_of
from fairlead.repo.config import read
from fairlead.steps.gating import open_gating
from fairlead.steps.health import Examiner
from fairlead.steps.world import environments
from tests.kubectl import Kubectl, application, helm_release, kustomization
from tests.promotions import CONFIG, Desk, overlay, path

FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: %s, namespace: flux-system}\n"
    "spec:\n  interval: 5m\n  prune: true\n  path: %s\n  sourceRef: {kind: GitRepository, name: flux-system}\n"
)
ARGO = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: %s}\nspec:\n  project: default\n"
    "  source: {repoURL: https://example.org/shop.git, path: %s, targetRevision: HEAD}\n"
    "  destination: {name: staging, namespace: web}\n"
)
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: argocd}
spec:
  generators:
  - git: {repoURL: https://example.org/shop.git, revision: HEAD, directories: [{path: apps/*/overlays/staging}]}
  template:
    metadata: {name: '{{path[1]}}-staging'}
    spec:
      project: default
      source: {repoURL: https://example.org/shop.git, path: '{{path}}', targetRevision: HEAD}
      destination: {name: staging, namespace: web}
"""
POINTING = {"clusters/staging/web.yaml": FLUX % ("web-staging", "./apps/web/overlays/staging")}


class Ward:
    """A promotion into production, whose gate asks a kubectl that the test has set up.

    `before` and `now` are the branch before and after what is carried came to staging.
    """

    def __init__(self, desk: Desk, before: str, now: str, kubectl: Kubectl) -> None:
        self.desk, self.before, self.now, self.kubectl = desk, before, now, kubectl
        (self.pull,) = desk.open()

    def word(self, *apps: str) -> GateResult:
        """Of this gate alone, as it is judged for what came to staging."""
        world = self.desk.world
        here = environments(world)
        facts = Facts(0, "staging", "production", "ann@x.org", "h1", source_commit=self.now)
        target = environment_of(here.config, "production", apps or ("web",))
        return health.judge(target.gates, target, Examiner(world, here).examine(facts, apps or ("web",), self.now))

    def judged(self) -> GateResult:
        """Of this gate, as the whole pull request is judged."""
        world = self.desk.world
        forge = self.desk.forge(world)
        judged = open_gating(world, environments(world), forge).judge(forge.get(self.pull.number))
        return next(result for result in judged if result.gate == "health")


@pytest.fixture(scope="module")
def promoted(tmp_path_factory):
    """What is copied for every test: two apps, one of which is on its way into production."""
    desk = Desk.make(tmp_path_factory.mktemp("promoted") / "repo", "api", "web")
    before = desk.world.git.tip("main") or ""
    desk.bring("1.1.0", through="staging")
    now = desk.world.git.tip("main") or ""
    desk.promote(source="staging", target="production")
    return desk.folder, before, now


@pytest.fixture
def ward(tmp_path, monkeypatch, promoted):
    folder, before, now = promoted
    shutil.copytree(folder, tmp_path / "repo")
    kubectl = Kubectl(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join((str(kubectl.folder), os.environ["PATH"])))

    def made(asked="{}", files=POINTING):
        rules = f"production: {{match: [prod], gates: {{health: {asked}}}}}"
        desk = Desk(tmp_path / "repo")
        config = CONFIG.replace("production: {match: [prod]}", rules)
        desk.change({"fairlead.yaml": config, **(files or {})}, message="Ask for health")
        return Ward(desk, before, now, kubectl)

    return made


# ── which objects ──


def test_what_flux_applies_the_source_with_is_asked_at_the_commit_that_is_carried(ward):
    it = ward()
    it.kubectl.holds(kustomization("web-staging", it.before))
    word = it.judged()
    assert word.state is GateState.WAITING
    assert word.message == (
        f"Kustomization flux-system/web-staging is at {it.before[:12]}, before what this carries"
    )  # fmt: skip
    it.kubectl.holds(kustomization("web-staging", it.now))
    word = it.judged()
    assert (word.state, word.message) == (GateState.OPEN, "staging is healthy with what this carries")
    assert it.kubectl.asked[0] == (
        "get kustomizations.kustomize.toolkit.fluxcd.io web-staging --namespace=flux-system --request-timeout=30s "
        "--ignore-not-found --output=json"
    )


def test_a_later_commit_is_as_good_and_an_unknown_one_waits(ward):
    it = ward()
    later = it.desk.change({"README.md": "bye\n"})
    it.kubectl.holds(kustomization("web-staging", later))
    assert it.word().state is GateState.OPEN
    it.kubectl.holds(kustomization("web-staging", "9" * 40))
    assert "which this clone does not know" in it.word().message


def test_an_application_that_a_kustomization_patches_is_asked_as_it_is_applied(ward):
    entry = (
        "resources: [web.yaml]\nnamespace: gitops\n"
        "patches: [{patch: '- {op: replace, path: /spec/source/path, value: apps/web/overlays/staging}', "
        "target: {kind: Application}}]\n"
    )
    it = ward(files={"argo/kustomization.yaml": entry, "argo/web.yaml": ARGO % ("web", "apps/none")})
    it.kubectl.holds(application("web", it.now, namespace="gitops"))
    assert it.word().state is GateState.OPEN
    it.kubectl.holds(application("web", it.now, namespace="argocd"))
    assert it.word().message == "Application gitops/web can't be told: there is none"


def test_of_an_application_set_what_it_made_of_the_overlay_is_asked(ward):
    it = ward(files={"argo/apps.yaml": SET})
    it.kubectl.holds(
        application("web-staging", it.now, made_by="apps"),
        application("api-staging", it.before, path="apps/api/overlays/staging", made_by="apps"),
        application("other", it.before, health="Degraded", made_by="others"),
    )
    word = it.word()
    assert (word.state, len(word.evidence)) == (GateState.OPEN, 1)
    assert " applications.argoproj.io --namespace=argocd" in it.kubectl.asked[0]
    it.kubectl.holds(application("api-staging", it.now, path="apps/api/overlays/staging", made_by="apps"))
    assert it.word().message == "what ApplicationSet apps made in argocd can't be told: there is none"


def test_of_several_sources_the_overlay_s_own_is_looked_at(ward):
    it = ward("{argocd: web}", files=None)
    body = application("web")
    paths = ("apps/web/overlays/staging", "charts/values")
    body["spec"] = {"sources": [{"repoURL": "https://example.org/shop.git", "path": path} for path in paths]}
    for revisions, state in (([it.now, it.before], GateState.OPEN), ([it.before, it.now], GateState.WAITING)):
        body["status"]["sync"] = {"status": "Synced", "revisions": revisions}
        it.kubectl.holds(body)
        assert it.word().state is state


def test_what_argo_cd_hydrates_is_pointed_to_by_its_dry_source(ward):
    dry = "sourceHydrator: {drySource: {repoURL: https://example.org/shop.git, path: apps/web/overlays/staging}}"
    entry = (ARGO % ("web", "x")).replace(
        "source: {repoURL: https://example.org/shop.git, path: x, targetRevision: HEAD}", dry
    )
    it = ward(files={"argo/web.yaml": entry})
    done = {"drySHA": it.now, "hydratedSHA": "8" * 40}
    it.kubectl.holds(application("web", "8" * 40, sourceHydrator={"lastSuccessfulOperation": done}))
    assert it.word().state is GateState.OPEN


def test_a_kustomization_above_counts_and_one_for_another_environment_does_not(ward):
    it = ward(
        files={
            "clusters/staging/all.yaml": FLUX % ("all", "./bundle"),
            "bundle/kustomization.yaml": "resources: [../apps/web/overlays/staging]\n",
            "clusters/prod/all.yaml": FLUX % ("prod", "./apps/web/overlays/production"),
        }
    )
    it.kubectl.holds(kustomization("all", it.now))
    assert it.word().state is GateState.OPEN
    assert len(it.kubectl.asked) == 1


def test_a_release_in_the_overlay_is_asked_too_and_needs_no_commit_of_its_own(ward):
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: web}\nspec:\n"
        "  interval: 5m\n  chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: x}}}\n"
    )
    text = overlay("staging").replace("[../../base]", "[../../base, redis.yaml]")
    it = ward(files={**POINTING, path("staging"): text, "apps/web/overlays/staging/redis.yaml": release})
    it.kubectl.holds(kustomization("web-staging", it.now), helm_release("redis"))
    assert it.word().state is GateState.OPEN
    it.kubectl.holds(kustomization("web-staging", it.now), helm_release("redis", ready="False", reason="UpgradeFailed"))
    assert it.word().state is GateState.CLOSED


def test_by_name_a_release_tells_its_commit_through_what_applied_it(ward):
    it = ward('{flux: "helmrelease/web/redis", context: "{env}"}', files=None)
    it.kubectl.holds(staging=[helm_release("redis", owner="infra"), kustomization("infra", it.now)])
    assert it.word().state is GateState.OPEN
    it.kubectl.holds(staging=[helm_release("redis", owner="infra"), kustomization("infra", it.before)])
    assert "before what this carries" in it.word().message
    it.kubectl.holds(staging=[helm_release("redis")])
    assert "tells no commit" in it.word().message


def test_every_app_must_be_well(ward):
    it = ward('{argocd: "{app}-{env}"}', files=None)
    it.desk.set("1.2.0", app="api")
    it.desk.set("1.2.0")
    it.desk.forge().close(it.pull.number, "for another", "ann@x.org")
    (both,) = it.desk.promote("api", "web", source="dev", target="staging")
    it.desk.merge(both.number)
    (it.pull,) = it.desk.promote("api", "web", source="staging", target="production")
    now = it.desk.world.git.tip("main") or ""
    it.kubectl.holds(application("web-staging", now), application("dev", now, health="Degraded"))
    assert it.judged().message == "Application argocd/api-staging can't be told: there is none"
    it.kubectl.holds(application("web-staging", now), application("api-staging", it.now))
    assert it.judged().message == f"Application argocd/api-staging is at {it.now[:12]}, before what this carries"
    it.kubectl.holds(application("web-staging", now), application("api-staging", now))
    assert it.judged().state is GateState.OPEN
    assert it.kubectl.asked[-1].startswith("get applications.argoproj.io api-staging web-staging --namespace")


def test_each_app_is_asked_about_by_its_own_rules(ward):
    it = ward("{argocd: '{app}-{env}'}", files=None)
    config = (it.desk.world.git.read_file("main", "fairlead.yaml") or b"").decode()
    it.desk.change({"fairlead.yaml": config + "apps: {api: {gates: {health: {flux: ops/api, context: other}}}}\n"})
    it.kubectl.holds(application("web-staging", it.now), other=[kustomization("api", it.now, namespace="ops")])
    assert it.word("api", "web").state is GateState.OPEN
    assert [line.split()[1].partition(".")[0] for line in it.kubectl.asked] == ["kustomizations", "applications"]


@pytest.mark.parametrize(("order", "names"), [("", "web-qa web-staging"), (", order: any", "web-staging")])
def test_of_a_wave_all_are_asked_or_the_source_alone(ward, order, names):
    it = ward('{argocd: "{app}-{env}"}' + order, files={path("qa"): overlay("dev")})
    config = (it.desk.world.git.read_file("main", "fairlead.yaml") or b"").decode()
    waved = config.replace("staging: {},", "staging: {}, qa: {},").replace("dev, staging,", "dev, [qa, staging],")
    it.desk.change({"fairlead.yaml": waved})
    it.kubectl.holds(application("web-staging", it.now), application("web-qa", it.now))
    assert it.word().state is GateState.OPEN
    assert sorted(it.kubectl.asked[0].partition(" --")[0].split()[2:]) == names.split()


def test_a_repository_that_names_nothing_waits_and_says_what_to_write(ward):
    it = ward(files=None)
    word = it.word()
    assert word.state is GateState.WAITING
    assert word.message.startswith("apps/web/overlays/staging can't be told: no object of Argo CD or Flux")
    assert it.kubectl.asked == []


# ── who can't be asked never opens it ──


@pytest.mark.parametrize(
    "said",
    [
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
        'error: the server doesn\'t have a resource type "kustomizations"',
        'Error from server (Forbidden): kustomizations.kustomize.toolkit.fluxcd.io "web" is forbidden',
    ],
)
def test_what_kubectl_complains_of_is_the_reason_to_wait(ward, said):
    it = ward()
    it.kubectl.holds(kustomization("web-staging", it.now), fails=f"E0201 memcache.go:265] x\n{said}")
    word = it.word()
    assert (word.state, word.message) == (
        GateState.WAITING, f"Kustomization flux-system/web-staging can't be told: kubectl says: {said}",
    )  # fmt: skip


def test_without_kubectl_a_context_an_answer_or_sense_it_waits(ward, monkeypatch):
    it = ward('{flux: web, context: "nope", timeout: 1s}', files=None)
    assert 'context "nope" does not exist' in it.word().message
    program = it.kubectl.folder / "kubectl"
    program.write_text("#!/bin/sh\necho '<html>'\n")
    assert "answered with what is no JSON" in it.word().message
    monkeypatch.setattr("fairlead.steps.health._PATIENCE", 0)
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    assert "did not answer within 1 seconds" in it.word().message
    program.unlink()
    (it.kubectl.folder / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(it.kubectl.folder))  # a machine may have a real one
    word = it.word()
    assert word.state is GateState.WAITING
    assert "kubectl can't be started" in word.message


def test_a_rollback_carries_nothing_and_asks_nobody(ward):
    it = ward()
    it.kubectl.holds(kustomization("web-staging", it.now))
    it.desk.merge(it.pull.number)
    it.pull = it.desk.roll_back()
    asked = len(it.kubectl.asked)
    assert it.judged().state is GateState.OPEN
    assert len(it.kubectl.asked) == asked


def test_a_program_of_the_branch_is_asked_with_the_source_s_commit(ward):
    script = '#!/bin/sh\necho $FAIRLEAD_APP in $FAIRLEAD_SOURCE at $FAIRLEAD_SOURCE_COMMIT\ntest -n "$FAIRLEAD_APP"\n'
    it = ward("{command: [ops/healthy.sh]}", files={"ops/healthy.sh": script})
    word = it.judged()
    assert word.state is GateState.OPEN
    assert word.evidence[0].endswith(f"web in staging at {it.now}")
    it.desk.change({"ops/healthy.sh": "#!/bin/sh\nexit 1\n"})
    assert it.judged().state is GateState.CLOSED


# ── configuration ──


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("{argocd: '{stage}-web'}", "there is no {stage}"),
        ("{flux: '--token=x'}", "names no object"),
        ("{command: [x], context: y}", "`command` does not go with `context`"),
        ("{kubeconfig: x}", "unknown key 'kubeconfig'"),
        ("[web]", "is not of types"),
    ],
)
def test_a_mistake_is_told_with_its_place(asked, said):
    text = CONFIG.replace("production: {match: [prod]}", f"production: {{gates: {{health: {asked}}}}}")
    with pytest.raises(ConfigError) as caught:
        read(text.encode())
    assert said in caught.value.message
    assert caught.value.where.line == 2
