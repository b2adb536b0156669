"""Set: several apps and values by one commit, many writers at once, and who was overtaken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairlead.model.errors import ConflictError, UsageError, WorldError
from fairlead.workflows import set_
from fairlead.workflows.set_ import Wish
from tests.e2e.sealed import Started
from tests.promotions import CONFIG, Desk, git, overlay, path


def wish(desk: Desk, *assignments: str, apps: tuple[str, ...] = ("web",), env: str = "dev", **how) -> set_.Outcome:
    world = desk.world
    return set_.run(world, desk.forge(world), Wish(apps, env, assignments, **how))


MORE = """\
- name: example.com/side
  newName: mirror.example.com/side
  newTag: "3"
configMapGenerator:
- name: settings
  literals: [LEVEL=info, URL=https://a?ref=v1]
"""


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", "web", "api")
    text = overlay("dev").replace("replicas:", MORE.partition("configMap")[0] + "replicas:")
    more = "configMap" + MORE.partition("configMap")[2]
    made.change({path("dev"): text + more + "- https://example.com/x?ref=v1\n".join(["resources_more:\n", ""])})
    return made


def test_several_values_are_one_commit_that_touches_no_other_byte(desk):
    before = git(desk.folder, "show", f"main:{path('dev')}")
    done = wish(
        desk, "image=example.com/web:2.0.0", "image=example.com/side=other.example.com/side:4",
        "configMapGenerator[settings].literals[LEVEL=]=debug", "resources_more[https://example.com/x]=v2",
        reason="a release",
    )  # fmt: skip
    assert len(done.told) == 4
    after = git(desk.folder, "show", f"main:{path('dev')}")
    expected = before.replace("newTag: 1.0.0", "newTag: 2.0.0").replace("newName: mirror.", "newName: other.")
    expected = expected.replace('newTag: "3"', 'newTag: "4"').replace("LEVEL=info", "LEVEL=debug")
    assert after == expected.replace("x?ref=v1", "x?ref=v2")
    message = git(desk.folder, "log", "-1", "--format=%B", "main")
    assert message.startswith("chore(dev): set 4 values of web\n\n- ")
    assert "\n\nReason: a release\n\nFairlead-Set: web dev -> dev\n" in message
    assert git(desk.folder, "rev-list", "--count", "main") == "3"


def test_several_apps_are_one_commit_and_each_has_its_history(desk):
    wish(desk, "image=example.com/web:2.0.0", apps=("web", "ap*"))
    assert (desk.tags("web")["dev"], desk.tags("api")["dev"]) == ("2.0.0", "2.0.0")
    message = git(desk.folder, "log", "-1", "--format=%B", "main")
    assert message.startswith("chore(dev): set 2 apps to 2.0.0\n")
    assert "Fairlead-Set: web dev -> dev\nFairlead-Set: api dev -> dev\n" in message


def test_two_images_that_the_overlay_has_not_named_yet_are_one_list(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    pod = "- {name: side, image: example.com/side:1}\n"
    files = {path("dev"): "resources: [../../base]\n"}
    base = git(desk.folder, "show", "main:apps/web/base/deployment.yaml") + "\n      " + pod
    desk.change({**files, "apps/web/base/deployment.yaml": base})
    wish(desk, "image=example.com/web:2", "image=example.com/side:3")
    text = git(desk.folder, "show", f"main:{path('dev')}")
    assert text.count("images:") == 1
    assert text.count("newTag:") == 2


def test_half_a_wish_is_nothing(desk):
    before = git(desk.folder, "rev-parse", "main")
    with pytest.raises(UsageError, match=r"apps/api/overlays/dev uses no image 'example.com/side'"):
        wish(desk, "image=example.com/web:2", "image=example.com/side:9", apps=("web", "api"))
    with pytest.raises(UsageError, match=r"has no `images:` entry 'example\.com/sid'") as caught:
        wish(desk, "image=example.com/sid=x:1")
    assert caught.value.remedy == "did you mean 'example.com/side'?"
    assert git(desk.folder, "rev-parse", "main") == before


def test_a_dry_run_tells_and_changes_nothing(desk):
    before = git(desk.folder, "for-each-ref")
    done = wish(desk, "image=example.com/web:2", dry_run=True)
    assert done == set_.Outcome((f"{path('dev')}: example.com/web: 1.0.0 -> 2",), differs=True)
    assert git(desk.folder, "for-each-ref") == before


def test_a_preview_takes_changes_directly(tmp_path):
    desk = Desk.make(tmp_path / "repo", config=CONFIG.replace("staging: {}", "staging: {}, pr-1: {ephemeral: true}"))
    desk.change({path("pr-1"): overlay("dev")})
    assert wish(desk, "image=example.com/web:2", env="pr-1").commit


def test_who_was_overtaken_at_the_same_field_is_told(desk, monkeypatch):
    landed = set_._landed

    def after_another(world, here, commit, origin):
        monkeypatch.setattr(set_, "_landed", landed)
        wish(desk, "image=example.com/web:1.5.0")
        return landed(world, here, commit, origin)

    monkeypatch.setattr(set_, "_landed", after_another)
    with pytest.raises(ConflictError, match=r"web: .*example.com/web: 1.0.0 was set to 1.5.0 meanwhile") as caught:
        wish(desk, "image=example.com/web:2.0.0")
    assert caught.value.remedy == "look at main, and run the command again if 2.0.0 is still right"
    assert desk.tags()["dev"] == "1.5.0"


# ── a remote ──


@pytest.fixture
def origin(tmp_path) -> Path:
    apps = [f"app-{number:02}" for number in range(32)]
    Desk.make(tmp_path / "seed", *apps)
    git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "seed"), "origin.git")
    return tmp_path / "origin.git"


def clone(origin: Path, name: str) -> Path:
    git(origin.parent, "clone", "-q", "--shared", str(origin), name)
    return origin.parent / name


def test_32_at_once_on_one_branch_of_a_bare_origin_all_land(origin):
    folders = [clone(origin, f"clone-{number}") for number in range(32)]
    running = [
        Started(
            ["set", f"app-{number:02}", "dev", f"image=example.com/web:2.0.{number}", "--push"],
            folder, os.environ | {"FAIRLEAD_CACHE": str(origin.parent / "cache")},
        )
        for number, folder in enumerate(folders)
    ]  # fmt: skip
    done = [(process.communicate(timeout=300)[1], process.returncode) for process in running]
    assert [code for _, code in done] == [0] * 32, done
    tags = [
        git(origin, "show", f"main:{path('dev', f'app-{number:02}')}").partition("newTag: ")[2].split()[0]
        for number in range(32)
    ]
    assert tags == [f"2.0.{number}" for number in range(32)]
    assert git(origin, "rev-list", "--count", "main") == "33"
    assert git(origin, "fsck", "--no-dangling") == ""


def test_the_clone_follows_what_it_pushed_and_keeps_what_is_not_committed(origin):
    folder = clone(origin, "one")
    (folder / "README.md").write_text("mine\n")
    done = wish(Desk(folder), "image=example.com/web:2", apps=("app-00",), push=True)
    assert git(origin, "rev-parse", "main") == done.commit == git(folder, "rev-parse", "main")
    assert (folder / "README.md").read_text() == "mine\n"


def test_the_remote_counts_not_what_the_clone_has_of_its_own(origin):
    folder = clone(origin, "one")
    desk = Desk(folder)
    own = desk.change({"README.md": "not pushed\n"})
    wish(Desk(clone(origin, "two")), "image=example.com/web:2", apps=("app-00",), push=True)
    done = wish(desk, "image=example.com/web:3", apps=("app-01",), push=True)
    assert git(origin, "rev-parse", "main") == done.commit
    assert git(folder, "rev-parse", "main") == own
    assert git(origin, "rev-list", "--count", "main") == "3"


def test_remotes_that_do_not_take_it(origin, tmp_path):
    hook = origin / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    folder = clone(origin, "one")
    with pytest.raises(WorldError, match="git push failed") as caught:
        wish(Desk(folder), "image=example.com/web:2", apps=("app-00",), push=True)
    assert caught.value.remedy == "the branch takes changes by pull request alone: use --pr"
    git(folder, "remote", "set-url", "origin", str(tmp_path / "gone.git"))
    with pytest.raises(WorldError, match="git fetch failed"):
        wish(Desk(folder), "image=example.com/web:2", apps=("app-00",), push=True)
    with pytest.raises(UsageError, match="no remote called origin"):
        wish(Desk(tmp_path / "seed"), "image=example.com/web:2", apps=("app-00",), push=True)
