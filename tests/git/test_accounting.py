"""What a plan does to the rendering is accounted for by its edits; what is not stops it."""

from __future__ import annotations

import dataclasses

import pytest

from fairlead.model.errors import GateClosedError
from fairlead.model.snapshot import File
from fairlead.steps.planning import Planned
from fairlead.steps.rendering import opened
from fairlead.steps.verify import assess
from fairlead.workflows import promote
from tests.promotions import CONFIG, DEPLOYMENT, Desk, git, overlay, path

DEV, STAGING = path("dev"), path("staging")


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


def proposal(desk: Desk, more: dict[str, str] | None = None, **wishes) -> promote.Proposal:
    """A promotion's evidence; `more` are changes of the result that the plan knows nothing of."""
    world = desk.world
    from fairlead.promotion.selection import Selection

    selection = Selection(**{k: wishes.pop(k) for k in ("fields", "units") if k in wishes})
    request = promote.Request(("web",), selection=selection, **wishes)
    chronicle, planned = promote.plan(world, request, desk.forge(world))
    if more:
        ((before, after),) = planned.states
        spoiled = after.with_files({p: File(t.encode()) for p, t in more.items()})
        planned = Planned(planned.plan, ((before, spoiled),))
        with opened(world) as engine:  # the overlays that the spoiled files reach are those of the edit
            evidence = assess(world.run, engine, chronicle.environments, planned)
        return promote.Proposal(chronicle, planned, evidence)
    return promote.assessed(chronicle, planned)


def left(desk: Desk, more: dict[str, str] | None = None, **wishes) -> list[str]:
    """What no edit explains."""
    return [str(u) for e in proposal(desk, more, **wishes).evidence for u in e.unexplained]


BASE_FILE = "apps/web/base/deployment.yaml"


def test_a_change_that_no_edit_explains_is_told_with_its_field_and_stops_the_plan(desk):
    desk.set("1.1.0")
    spoiled = DEPLOYMENT.replace("  selector:", "  minReadySeconds: 5\n  selector:")
    made = proposal(desk, {BASE_FILE: spoiled})
    place = "Deployment/web in apps/web/overlays/staging"
    assert [str(u) for u in made.evidence[0].unexplained] == [f"{place}: spec.minReadySeconds: (absent) -> 5"]
    before = git(desk.folder, "for-each-ref", "refs/heads", "refs/fairlead/pulls")
    with pytest.raises(GateClosedError, match=r"where no edit says why: Deployment/web in .*minReadySeconds") as caught:
        promote.apply(made, desk.forge())
    assert "fairlead render" in caught.value.remedy
    assert git(desk.folder, "for-each-ref", "refs/heads", "refs/fairlead/pulls") == before


def test_the_image_that_moves_is_explained_and_another_that_moves_with_it_is_not(desk):
    desk.set("1.1.0")
    more = DEPLOYMENT + '      - {name: side, image: "example.com/side:3"}\n'
    found = left(desk, {BASE_FILE: more})
    place = "Deployment/web in apps/web/overlays/staging: spec.template.spec.containers[side]"
    assert sorted(found) == [f"{place}.image: (absent) -> example.com/side:3", f"{place}.name: (absent) -> side"]


def test_what_goes_is_told_too(desk):
    desk.change({BASE_FILE: DEPLOYMENT.replace("labels: {app: web}", "labels: {app: web, tier: front}")})
    desk.set("1.1.0")
    assert left(desk, {BASE_FILE: DEPLOYMENT}) == [
        "Deployment/web in apps/web/overlays/staging: spec.template.metadata.labels.tier: front -> (absent)"
    ]


def test_a_secrets_values_are_not_told(desk):
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: %s}\n"
    files = {"apps/web/base/kustomization.yaml": "resources: [deployment.yaml, s.yaml]\n"}
    desk.change(files | {"apps/web/base/s.yaml": secret % "hunter1"})
    desk.set("1.1.0")
    (told,) = left(desk, {"apps/web/base/s.yaml": secret % "hunter2"})
    assert "stringData.key: (secret) -> (secret)" in told
    assert "hunter" not in told


# ── what kustomize makes of a value is explained ──

GENERATED = "configMapGenerator:\n- name: web\n  literals: [VERSION=%s, HOST=%s.example.com]\n"
PATCH = (
    "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: add\n      path: /metadata/annotations\n"
    "      value: {version: v%s, env: %s}\n"
)
USES = DEPLOYMENT.replace(':0"}', ':0", envFrom: [configMapRef: {name: web}]}')


@pytest.mark.parametrize(
    ("files", "more", "fields", "shown"),
    [
        ({BASE_FILE: USES}, GENERATED, "*VERSION*", "+  VERSION: 1.1.0"),
        ({}, "nameSuffix: -%s\ncommonAnnotations: {from: %s}\n", "*nameSuffix*", "+  name: web-1.1.0"),
        ({}, "labels:\n- pairs: {app.kubernetes.io/version: '%s', env: %s}\n", "*version*",
         "+    app.kubernetes.io/version: 1.1.0"),
        ({}, PATCH, "*patch*", "+    version: v1.1.0"),
    ],
)  # fmt: skip
def test_hashes_names_labels_and_patches(desk, files, more, fields, shown):
    desk.change({
        **files,
        DEV: overlay("dev", "1.0.0", more % ("1.1.0", "dev")),
        STAGING: overlay("staging", "1.0.0", more % ("1.0.0", "staging")),
    })  # fmt: skip
    made = proposal(desk, fields=(fields,))
    assert made.evidence[0].unexplained == ()
    assert shown in [line for g in made.evidence[0].changed for line in g.lines]


def test_a_part_of_a_value_that_a_replacement_takes(desk):
    taken = (
        "replacements:\n- source: {kind: Deployment, fieldPath: 'metadata.annotations.image', "
        "options: {delimiter: ':', index: 1}}\n"
        "  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [metadata.labels.version]\n"
        "    options: {create: true}\n"
    )
    more = "commonAnnotations: {image: 'web:%s'}\n" + taken
    desk.change({
        DEV: overlay("dev", "1.0.0", more % "2024-01"), STAGING: overlay("staging", "1.0.0", more % "2023-12"),
    })  # fmt: skip
    made = proposal(desk, fields=("commonAnnotations.image",))
    assert made.evidence[0].unexplained == ()
    assert any("version" in line for g in made.evidence[0].changed for line in g.lines)


def test_a_value_that_is_written_otherwise_is_explained_by_its_place(desk):
    """`0x20` becomes 32: only the place where it was written tells that the edit is the reason."""
    patch = (
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n"
        "    spec: {minReadySeconds: %s}\n"
    )
    desk.change({
        "fairlead.yaml": CONFIG + 'promote: {carry: ["*minReadySeconds"]}\n',
        DEV: overlay("dev", "1.0.0", patch % "0x20"), STAGING: overlay("staging", "1.0.0", patch % "0x10"),
    })  # fmt: skip
    made = proposal(desk)
    assert [m.new for m in made.plan.hops[0].apps[0].chosen()] == ["0x20"]
    assert "+  minReadySeconds: 32" in [line for g in made.evidence[0].changed for line in g.lines]
    assert made.evidence[0].unexplained == ()


def test_every_hop_of_a_stack_is_accounted_for(desk):
    desk.set("1.1.0")
    made = proposal(desk, through="production")
    assert [e.unexplained for e in made.evidence] == [(), ()]
    assert all(dataclasses.asdict(e)["changed"] for e in made.evidence)


CACHE = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cache\ndata:\n  size: small\n"


def test_an_object_of_a_file_that_an_edit_brings_is_explained_with_what_transformers_make_of_it(desk):
    labelled = "labels:\n- pairs: {tier: front}\n"
    desk.change({DEV: overlay("dev", more=labelled), STAGING: overlay("staging", more=labelled)})
    named = overlay("dev", more=labelled).replace("[../../base]", "[../../base, cache.yaml]")
    desk.change({DEV: named, f"{DEV.rpartition('/')[0]}/cache.yaml": CACHE})
    made = proposal(desk, fields=("cache.yaml",))
    (evidence,) = made.evidence
    assert ("tier: front" in str(evidence), evidence.unexplained) == (True, ())


def test_a_file_that_is_read_though_no_edit_brings_it_is_told(desk):
    desk.set("1.1.0")
    named = overlay("staging", "1.1.0").replace("[../../base]", "[../../base, cache.yaml]")
    found = left(desk, {STAGING: named, f"{STAGING.rpartition('/')[0]}/cache.yaml": CACHE})
    assert any("ConfigMap/cache" in line for line in found)
