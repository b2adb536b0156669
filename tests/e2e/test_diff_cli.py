"""`fairlead diff` as people and CI run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sealed import fairlead, git
from tests.support import new_repo

_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: 'web:1'}]\n"
_NEWER = _POD.replace("web:1", "web:2")
_CHANGE = ["   containers:", "-  - image: web:1", "+  - image: web:2", "     name: web"]


def _overlay(env: str) -> str:
    return (
        f"resources: [../../base]\nnamespace: shop-{env}\nlabels: [{{pairs: {{stage: {env}}}}}]\n"
        f"configMapGenerator:\n- name: settings\n  literals: [HOST={env}.example.com, SIZE={len(env)}]\n"
    )


_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {match: [prod]}}\nchains: [[dev, production]]\n"
    "layout: ['apps/{app}/overlays/{env}']\n",
    "apps/web/base/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/web/base/pod.yaml": _POD,
    "apps/web/overlays/dev/kustomization.yaml": _overlay("dev"),
    "apps/web/overlays/production/kustomization.yaml": _overlay("production"),
    "apps/api/overlays/dev/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/api/overlays/dev/pod.yaml": _POD,
    "README.md": "# fleet\n",
}
_DEV, _PRODUCTION, _API = "apps/web/overlays/dev", "apps/web/overlays/production", "apps/api/overlays/dev"


@pytest.fixture(params=["library", "program"])
def engine(request: pytest.FixtureRequest) -> dict[str, str]:
    return {} if request.param == "library" else {"FAIRLEAD_RENDERER": "none"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def write(repo: Path, path: str, text: str) -> None:
    (repo / path).parent.mkdir(parents=True, exist_ok=True)
    (repo / path).write_text(text)


def commit(repo: Path, message: str = "more") -> None:
    git("add", "--all", cwd=repo)
    git("-c", "user.name=a", "-c", "user.email=a@x.org", "commit", "-qm", message, cwd=repo)


def told(repo: Path, *arguments: str, **environment: str) -> dict[str, Any]:
    done = fairlead("diff", "--format", "json", *arguments, cwd=repo, **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def states(repo: Path, *arguments: str, **environment: str) -> dict[str, str]:
    return {overlay["path"]: overlay["state"] for overlay in told(repo, *arguments, **environment)["overlays"]}


# ── a change ──


def test_the_same_change_of_several_overlays_is_shown_once(repo: Path, engine: dict[str, str]) -> None:
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    found = told(repo, **engine)
    assert [(o["path"], o["app"], o["env"], o["state"]) for o in found["overlays"]] == [
        (_DEV, "web", "dev", "changed"), (_PRODUCTION, "web", "production", "changed"),
    ]  # fmt: skip
    (change,) = found["changes"]
    assert (change["object"], change["overlays"]) == ("Pod/web", [_DEV, _PRODUCTION])
    assert [line for line in change["lines"] if line[0] in "+-"] == _CHANGE[1:3]


def test_text_is_a_diff_under_the_object_and_its_overlays(repo: Path) -> None:
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    done = fairlead("diff", cwd=repo)
    assert (done.returncode, done.stderr) == (0, "2 of 2 overlays differ\n")
    assert done.stdout.splitlines() == [
        f"  Pod/web  (2 overlays: {_DEV}, {_PRODUCTION})",
        "     spec:", *(f"    {line}" for line in _CHANGE),
    ]  # fmt: skip
    assert fairlead("-q", "diff", cwd=repo).stderr == ""


def test_markdown_is_a_pull_requests_section(repo: Path) -> None:
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    done = fairlead("diff", "--format", "markdown", _DEV, cwd=repo)
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "### What it changes in the rendered objects", "", f"**Pod/web** in {_DEV}", "", "```diff",
    ]  # fmt: skip
    assert lines[-1] == "```"
    git("checkout", "-q", ".", cwd=repo)
    assert "Nothing: the rendering stays the same." in fairlead("diff", "--format", "markdown", cwd=repo).stdout


def test_only_what_is_reached_is_rendered_and_what_stays_the_same_says_so(repo: Path) -> None:
    write(repo, "apps/web/base/pod.yaml", _POD + "# a comment\n")
    assert states(repo) == {_DEV: "same", _PRODUCTION: "same"}
    assert fairlead("diff", cwd=repo).stderr == "2 overlays: nothing differs\n"
    write(repo, "apps/web/base/pod.yaml", _POD)
    write(repo, "README.md", "other\n")
    assert fairlead("diff", cwd=repo).stderr == "1 changed files reach no overlay\n"
    git("checkout", "-q", ".", cwd=repo)
    assert fairlead("diff", "--exit-code", cwd=repo).stderr == "nothing changed\n"


def test_staged_is_what_will_be_committed(repo: Path) -> None:
    write(repo, f"{_API}/pod.yaml", _NEWER)
    git("add", "--all", cwd=repo)
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    assert states(repo, "--staged") == {_API: "changed"}


def test_since_counts_from_where_history_forked_and_at_ends_it(repo: Path) -> None:
    git("switch", "-q", "-c", "topic", cwd=repo)
    write(repo, f"{_API}/pod.yaml", _NEWER)
    commit(repo)
    git("switch", "-q", "main", cwd=repo)
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    commit(repo)
    assert states(repo, "--since", "main", "--at", "topic") == {_API: "changed"}
    assert states(repo, "--since", "topic") == {_DEV: "changed", _PRODUCTION: "changed"}
    write(repo, f"{_DEV}/kustomization.yaml", _overlay("dev") + "nameSuffix: -x\n")
    assert states(repo, "--since", "HEAD") == {_DEV: "changed"}
    assert states(repo, "--since", "HEAD~1", "--at", "HEAD") == {_DEV: "changed", _PRODUCTION: "changed"}


def test_paths_and_apps_narrow_it(repo: Path) -> None:
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    write(repo, f"{_API}/pod.yaml", _NEWER)
    assert states(repo, _DEV) == {_DEV: "changed"}
    assert states(repo, "apps/web/base") == {_DEV: "changed", _PRODUCTION: "changed"}
    assert states(repo, "--app", "api") == {_API: "changed"}
    assert states(repo / "apps/api") == {_API: "changed"}
    assert states(repo, "--app", "api", "--app", "web", "apps/web/overlays") == {
        _DEV: "changed",
        _PRODUCTION: "changed",
    }
    assert fairlead("diff", "README.md", cwd=repo).stderr == "2 changed files reach no overlay that was asked for\n"


def test_what_comes_and_goes_is_told(repo: Path, engine: dict[str, str]) -> None:
    git("rm", "-q", "-r", "apps/api", cwd=repo)
    write(repo, "apps/new/overlays/dev/kustomization.yaml", "resources: [pod.yaml]\n")
    write(repo, "apps/new/overlays/dev/pod.yaml", _POD)
    assert states(repo, **engine) == {_API: "gone", "apps/new/overlays/dev": "new"}
    out = fairlead("diff", cwd=repo, **engine).stdout.splitlines()
    assert out[:3] == [f"  {_API} is there no more", "  apps/new/overlays/dev is new", f"  Pod/web  ({_API})"]
    assert "  Pod/web  (apps/new/overlays/dev)" in out
    assert states(repo, _API, **engine) == {_API: "gone"}


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    git("init", "-q", ".", cwd=tmp_path)
    for path, text in _FILES.items():
        write(tmp_path, path, text)
    assert states(tmp_path) == {_API: "new", _DEV: "new", _PRODUCTION: "new"}


def test_overlays_that_do_not_build_are_told_plainly(repo: Path, engine: dict[str, str]) -> None:
    write(repo, f"{_API}/kustomization.yaml", "resources: [lost.yaml]\n")
    out = fairlead("diff", "--exit-code", cwd=repo, **engine)
    assert out.returncode == 1
    assert out.stdout.startswith(f"  {_API} builds no more: {_API}/kustomization.yaml")
    assert "lost.yaml" in out.stdout
    assert "Pod/web" not in out.stdout
    commit(repo)
    write(repo, f"{_API}/kustomization.yaml", "resources: [lost.yaml]\nnamePrefix: x-\n")
    assert f"{_API} does not build, before or after: " in fairlead("diff", cwd=repo, **engine).stdout
    assert states(repo, **engine) == {_API: "unbuilt"}
    write(repo, f"{_API}/kustomization.yaml", "resources: [pod.yaml]\n")
    assert f"{_API} builds now, and did not before: " in fairlead("diff", cwd=repo, **engine).stdout
    assert states(repo, **engine) == {_API: "mended"}


def test_the_configuration_alone_changes_no_object(repo: Path) -> None:
    write(repo, "fairlead.yaml", _FILES["fairlead.yaml"] + "build: {load_restrictor: none}\n")
    assert fairlead("diff", "--exit-code", cwd=repo).returncode == 0


def test_exit_code_is_asked_for(repo: Path) -> None:
    write(repo, "apps/web/base/pod.yaml", _NEWER)
    assert [fairlead("diff", *words, cwd=repo).returncode for words in ((), ("--exit-code",))] == [0, 1]
    assert fairlead("diff", "--exit-code", "--app", "api", cwd=repo).returncode == 0


# ── two environments ──


def test_environments_are_compared_beside_their_names(repo: Path, engine: dict[str, str]) -> None:
    found = told(repo, "--from", "dev", "--to", "prod", "--app", "web", **engine)
    assert [(o["path"], o["state"]) for o in found["overlays"]] == [(_PRODUCTION, "changed")]
    (change,) = found["changes"]
    assert change["object"] == "ConfigMap/settings"
    assert [line for line in change["lines"] if line[0] in "+-"] == ['-  SIZE: "3"', '+  SIZE: "10"']


def test_equal_environments_have_no_difference(repo: Path) -> None:
    write(repo, f"{_PRODUCTION}/kustomization.yaml", _overlay("production").replace("SIZE=10", "SIZE=3"))
    done = fairlead("diff", "--from", "dev", "--to", "production", "--app", "web", "--exit-code", cwd=repo)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 overlay: nothing differs\n")


def test_environments_as_a_commit_or_the_index_has_them(repo: Path) -> None:
    write(repo, f"{_PRODUCTION}/kustomization.yaml", _overlay("production").replace("SIZE=10", "SIZE=3"))
    wanted = ("--from", "dev", "--to", "production", "--app", "web")
    assert states(repo, *wanted, "--at", "HEAD") == states(repo, *wanted, "--staged") == {_PRODUCTION: "changed"}
    git("add", "--all", cwd=repo)
    assert states(repo, *wanted, "--staged") == {_PRODUCTION: "same"}


def test_an_app_that_one_environment_lacks_is_a_difference(repo: Path) -> None:
    done = fairlead("diff", "--from", "dev", "--to", "production", cwd=repo)
    assert done.stdout.splitlines()[0] == f"  {_API} is in dev and has no counterpart in production"
    assert states(repo, "--from", "dev", "--to", "production") == {_API: "gone", _PRODUCTION: "changed"}
    assert states(repo, "--from", "production", "--to", "dev") == {_API: "new", _DEV: "changed"}


def test_an_environment_that_does_not_build_is_told(repo: Path) -> None:
    write(repo, f"{_DEV}/kustomization.yaml", "resources: [lost.yaml]\n")
    done = fairlead("diff", "--from", "dev", "--to", "production", "--app", "web", "--exit-code", cwd=repo)
    assert done.returncode == 1
    assert done.stdout.startswith(f"  {_DEV} does not build: {_DEV}/kustomization.yaml")
    assert len(done.stdout.splitlines()) == 1


def test_the_values_of_secrets_are_not_shown(repo: Path) -> None:
    for path, value in ((_DEV, "hunter2"), (_PRODUCTION, "hunter3")):
        text = f"resources: [../../base]\nsecretGenerator: [{{name: key, literals: [KEY={value}]}}]\n"
        write(repo, f"{path}/kustomization.yaml", text)
    import base64

    for arguments in ((), ("--from", "dev", "--to", "production")):
        for form in ("text", "json", "markdown"):
            out = fairlead("diff", "--format", form, *arguments, cwd=repo).stdout
            for value in (b"hunter2", b"hunter3"):
                assert base64.b64encode(value).decode() not in out


# ── words that are off ──


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--staged", "--since", "HEAD"], "--staged goes with neither --since nor --at"),
        (["--since", "nowhere"], "there is no commit 'nowhere'"),
        (["--at", "HEAD"], "--since HEAD~1 --at HEAD shows what that commit changed"),
        (["../elsewhere"], "is not in"),
        (["nothing"], "name a file or folder of the repository"),
        (["HEAD"], "HEAD is a revision: --since HEAD\n"),
        (["main..HEAD"], "main..HEAD is a revision: --since main --at HEAD\n"),
        (["web"], "web is an app: --app web"),
        (["web", "dev", "production"], "fairlead diff --app web --from dev --to production"),
        (["dev", "production"], "fairlead diff --from dev --to production"),
        (["--app", "wep"], "did you mean 'web'?"),
        (["--from", "dev"], "--from and --to go together"),
        (["--from", "dev", "--to", "dev"], "dev would be compared with itself"),
        (["--from", "dev", "--to", "prodction"], "did you mean 'production'?"),
        (["--from", "dev", "--to", "production", "--since", "HEAD"], "leave one of them out"),
        (["--from", "dev", "--to", "production", "--at", "HEAD", "--staged"], "exclude each other"),
        (["--from", "dev", "--to", "production", "web"], "fairlead diff --app web --from dev --to production"),
        (["--from", "dev", "--to", "production", "--app", "api"], "api has no overlay in production"),
    ],
)
def test_words_that_are_off_are_told_with_what_was_meant(repo: Path, arguments: list[str], said: str) -> None:
    done = fairlead("diff", *arguments, cwd=repo)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_of_a_repository_only_environments_can_be_compared(tmp_path: Path) -> None:
    for path, text in _FILES.items():
        write(tmp_path, path, text)
    done = fairlead("diff", cwd=tmp_path)
    assert (done.returncode, "is not in a git repository" in done.stderr) == (2, True)
    assert states(tmp_path, "--from", "dev", "--to", "production", "--app", "web") == {_PRODUCTION: "changed"}
