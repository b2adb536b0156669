"""Which folder is which app in which environment."""

import pytest

from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.config import Config, Environment, read
from fairlead.repo.layout import discover, glob_pattern, kustomization_dirs, proposal

ENVIRONMENTS = (
    Environment("dev", ("dev",)),
    Environment("staging", ("staging", "stg")),
    Environment("production", ("production", "prod")),
)


def snapshot(*folders, name="kustomization.yaml"):
    return MemorySnapshot.of({f"{folder}/{name}" if folder else name: "" for folder in folders})


def found(folders, *globs, root="", environments=ENVIRONMENTS):
    """{folder: app/environment} of what globs find, or shapes where there are none."""
    config = Config(environments=environments, layout=globs, root=root)
    layout = discover(snapshot(*folders), config)
    return {overlay.path: str(overlay.id) for overlay in layout.overlays}


def test_folders_with_a_kustomization_of_any_name():
    files = MemorySnapshot.of(
        {
            "a/kustomization.yaml": "",
            "b/kustomization.yml": "",
            "c/d/Kustomization": "",
            "e/Kustomization.yaml": "",
            "f/kustomization.yaml/x": "",
            "kustomization.yaml": "",
        }
    )
    assert kustomization_dirs(files) == ("", "a", "b", "c/d")
    assert kustomization_dirs(files, "c") == ("c/d",)


# ── globs ──


@pytest.mark.parametrize(
    ("glob", "folders", "overlays"),
    [
        (
            "apps/{app}/overlays/{env}",
            ["apps/web/overlays/dev", "apps/web/overlays/prod", "apps/web/base", "apps/web/overlays/qa"],
            {"apps/web/overlays/dev": "web/dev", "apps/web/overlays/prod": "web/production"},
        ),
        ("{env}/{app}", ["dev/web", "stg/api", "dev"], {"dev/web": "web/dev", "stg/api": "api/staging"}),
        (
            "{app}/{env}[/{cluster}]",
            ["web/dev", "web/prod/eu", "web/prod/eu/x"],
            {"web/dev": "web/dev", "web/prod/eu": "web/production/eu"},
        ),
        ("{app}-{env}", ["web-api-dev", "web-dev"], {"web-api-dev": "web-api/dev", "web-dev": "web/dev"}),
        ("apps/*/{app}/{env}", ["apps/team/web/dev", "apps/web/dev"], {"apps/team/web/dev": "web/dev"}),
        (
            "**/overlays/{env}",
            ["overlays/dev", "a/overlays/dev", "a/b/overlays/dev"],
            {"overlays/dev": "overlays/dev", "a/overlays/dev": "overlays/dev", "a/b/overlays/dev": "overlays/dev"},
        ),
        ("{app}/{env}/**", ["web/dev/eu/one", "web/dev/x", "web/dev"],
         {"web/dev/eu/one": "web/dev", "web/dev/x": "web/dev"}),
        ("{team}/{app}/{env}", ["blue/web/dev"], {"blue/web/dev": "blue/web/dev"}),
        ("{app}/k8s/{app}/{env}", ["web/k8s/web/dev", "web/k8s/api/dev"], {"web/k8s/web/dev": "web/dev"}),
        ("shop/overlays/{env}", ["shop/overlays/dev"], {"shop/overlays/dev": "shop/dev"}),
        ("/{env}/", ["dev", "dev/x"], {"dev": "app/dev"}),
        ("a.b/{env}", ["a.b/dev", "axb/dev"], {"a.b/dev": "a.b/dev"}),
        ("{app}[/{env}]", ["web", "web/dev"], {"web/dev": "web/dev"}),
    ],
)  # fmt: skip
def test_a_glob_says_which_folder_is_which_app_and_environment(glob, folders, overlays):
    assert found(folders, glob) == overlays


def test_an_overlay_that_two_globs_claim_belongs_to_the_first():
    folders = ["apps/web/dev", "apps/api/dev"]
    assert found(folders, "apps/web/{env}", "apps/{app}/{env}") == {
        "apps/web/dev": "web/dev",
        "apps/api/dev": "api/dev",
    }
    assert found(folders, "{app}/*/{env}", "apps/{app}/{env}") == {
        "apps/web/dev": "apps/dev",
        "apps/api/dev": "apps/dev",
    }


def test_the_words_of_an_overlay_are_its_folders_word_its_environment_and_its_match_words():
    layout = discover(snapshot("web/prod"), Config(environments=ENVIRONMENTS, layout=("{app}/{env}",)))
    assert layout == Layout((Overlay(OverlayId("web", "production"), "web/prod", ("prod", "production")),))


def test_globs_count_from_the_folder_of_the_configuration():
    folders = ["ops/web/dev", "web/dev"]
    assert found(folders, "{app}/{env}", root="ops") == {"ops/web/dev": "web/dev"}


def test_a_glob_that_matches_nothing_is_told():
    layout = discover(snapshot("web/dev"), Config(environments=ENVIRONMENTS, layout=("{app}/{env}", "none/{env}")))
    assert (layout.empty_globs, layout.notes) == (("none/{env}",), ())
    assert len(layout.overlays) == 1


def test_a_folder_that_stands_for_two_environments_is_told():
    layout = discover(
        snapshot("dev/prod", "web/dev"), Config(environments=ENVIRONMENTS, layout=("{env}/{app}", "{app}/{env}"))
    )
    assert layout.clashes == (("{app}/{env}", "dev/prod stands for two environments, dev and production"),)


@pytest.mark.parametrize("glob", ["{app/{env}", "{env}}", "[{env}", "{env}]", "{Env}/{env}", "{a-b}/{env}"])
def test_a_malformed_glob_is_told(glob):
    with pytest.raises(ValueError, match=r".+"):
        glob_pattern(glob, ("dev",))
    layout = discover(snapshot("dev"), Config(environments=ENVIRONMENTS, layout=(glob,)))
    assert layout == Layout((), (f"the layout {glob!r} is malformed",), (glob,))


def test_without_environments_no_glob_matches():
    assert found(["web/dev"], "{app}/{env}", environments=()) == {}


# ── shapes ──


@pytest.mark.parametrize(
    ("folders", "overlays"),
    [
        (["apps/web/overlays/dev", "apps/web/base"], {"apps/web/overlays/dev": "web/dev"}),
        (["web/env/dev", "web/envs/stg"], {"web/env/dev": "web/dev", "web/envs/stg": "web/staging"}),
        (["web/environments/prod"], {"web/environments/prod": "web/production"}),
        (["apps/dev/web", "apps/prod/web"], {"apps/dev/web": "web/dev", "apps/prod/web": "web/production"}),
        (["overlays/dev"], {"overlays/dev": "app/dev"}),
        (["k8s/overlays/dev"], {"k8s/overlays/dev": "k8s/dev"}),
        (["a/web/overlays/dev", "b/web/overlays/dev"],
         {"a/web/overlays/dev": "a/web/dev", "b/web/overlays/dev": "b/web/dev"}),
        (["a/web/overlays/dev", "b/api/overlays/dev"],
         {"a/web/overlays/dev": "web/dev", "b/api/overlays/dev": "api/dev"}),
        (["apps/web/overlays/nowhere", "apps/nowhere/web", "dev/web", "web/dev", "dev"], {}),
        (["apps/web/overlays/dev/eu"], {}),
    ],
)  # fmt: skip
def test_without_globs_only_shapes_that_can_not_be_mistaken_count(folders, overlays):
    assert found(folders) == overlays


def test_without_a_configuration_the_folders_word_is_the_environment():
    folders = ["apps/web/overlays/anything", "apps/prod/api", "apps/anything/api"]
    assert found(folders, environments=()) == {
        "apps/web/overlays/anything": "web/anything",
        "apps/prod/api": "api/prod",
    }


def test_shapes_count_below_the_folder_of_the_configuration_alone():
    assert found(["ops/web/overlays/dev", "web/overlays/dev"], root="ops") == {"ops/web/overlays/dev": "web/dev"}


# ── a proposal ──


def test_a_proposal_for_nothing_shows_the_form():
    assert proposal(Layout(())) == (
        "version: 1\nenvironments:\n  dev: {}\n  staging: {}\n  production: {}\n"
        'chains: [[dev, staging, production]]\nlayout: ["apps/{app}/overlays/{env}"]\n'
    )


def test_a_proposal_has_the_environments_in_their_usual_order_unknown_ones_in_the_middle():
    layout = discover(snapshot(*(f"apps/web/overlays/{e}" for e in ("prod", "staging", "dev", "lab"))), Config())
    assert proposal(layout) == (
        "version: 1\nenvironments:\n  dev: {}\n  lab: {}\n  staging: {}\n  prod: {}\n"
        'chains: [[dev, staging, prod]]\nlayout: ["apps/{app}/overlays/{env}"]\n'
    )


@pytest.mark.parametrize(
    "folders",
    [
        ["apps/web/overlays/dev", "apps/api/overlays/prod"],
        ["apps/dev/web", "apps/prod/api"],
        ["a/web/overlays/dev", "b/web/overlays/dev", "b/web/overlays/prod"],
        ["a/b/web/overlays/dev", "a/c/web/overlays/dev"],
        ["web/env/1.30", "web/env/on", "web/env/1e3"],
        ["dev/overlays/dev", "dev/overlays/prod"],
        ["deep/er/web/overlays/blue"],
    ],
)
def test_a_proposal_is_a_configuration_that_finds_the_same(folders):
    bare = discover(snapshot(*folders), Config())
    proposed = discover(snapshot(*folders), read(proposal(bare).encode()))
    assert [(o.path, o.id) for o in proposed.overlays] == [(o.path, o.id) for o in bare.overlays]
    assert proposed.empty_globs == ()


def test_folders_whose_name_can_be_no_environment_are_left_out_of_a_proposal():
    layout = discover(snapshot("web/env/a b", 'web/env/x"y', "web/env/dev"), Config())
    assert [o.id.env for o in layout.overlays] == ["a b", "dev", 'x"y']
    assert [e.name for e in read(proposal(layout).encode()).environments] == ["dev"]


# ── asking a layout ──


def test_apps_and_overlays_of_an_app_in_an_environment():
    layout = discover(
        snapshot("web/prod/eu", "web/prod/us", "web/dev", "api/dev"),
        Config(environments=ENVIRONMENTS, layout=("{app}/{env}[/{cluster}]",)),
    )
    assert layout.apps() == ("api", "web")
    assert [str(o.id) for o in layout.find("web", "production")] == ["web/production/eu", "web/production/us"]
    assert layout.find("web", "staging") == ()
