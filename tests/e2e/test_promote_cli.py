"""set, promote, rollback, status, history as people and programs run them, and the walk on a real terminal."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pexpect
import pytest

from tests.e2e.sealed import environment, fairlead, git
from tests.promotions import CONFIG, Desk, overlay, path, texts
from tests.support import new_repo

APPS = ("web", "api")
ENTRY = "images[example.com/web].newTag"


@pytest.fixture
def folder(tmp_path) -> Path:
    new_repo(tmp_path / "repo", texts(*APPS))
    return tmp_path / "repo"


@pytest.fixture
def behind(folder) -> Path:
    """A repository whose dev is ahead."""
    Desk(folder).set("1.1.0")
    return folder


def refs(folder: Path) -> str:
    """All refs and HEAD, but what fairlead saw when."""
    return git("for-each-ref", "--format=%(refname) %(objectname)", cwd=folder) + git("rev-parse", "HEAD", cwd=folder)


def said(folder: Path, *arguments: str, code: int = 0, **more) -> tuple[str, str]:
    done = fairlead(*arguments, cwd=folder, **more)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


# ── set ──


def test_set_commits_on_the_branch_and_says_what_it_did(folder):
    out, err = said(folder, "set", "web", "dev", "image=example.com/web:1.1.0")
    tip = git("rev-parse", "main", cwd=folder)
    assert (out, err) == (f"{path('dev')}: example.com/web: 1.0.0 -> 1.1.0\ncommitted {tip[:12]}\n", "")
    assert (folder / path("dev")).read_text() == overlay("dev", "1.1.0")
    assert git("status", "--porcelain", cwd=folder) == ""
    assert said(folder, "set", "web", "dev", "image=example.com/web:1.1.0")[1] == "nothing to do: it is so already\n"
    assert git("rev-parse", "main", cwd=folder) == tip


def test_set_for_programs(folder):
    out, _ = said(folder, "set", "web", "dev", f"{ENTRY}=1.2.0", "--json")
    assert json.loads(out) == {
        "changes": [f"kustomization.yaml: {ENTRY}: 1.0.0 -> 1.2.0"],
        "commit": git("rev-parse", "main", cwd=folder), "pull": None,
    }  # fmt: skip


def test_set_by_a_pull_request(folder):
    tip = git("rev-parse", "main", cwd=folder)
    out, _ = said(folder, "set", "web", "dev", "image=example.com/web:1.1.0", "--pr")
    assert out.splitlines()[-1] == "#1  chore(dev): set web to 1.1.0  [fairlead/dev/set-web]"
    assert said(folder, "set", "web", "production", "image=example.com/web:1.1.0")[0].splitlines()[-1].startswith("#2 ")
    assert git("rev-parse", "main", cwd=folder) == tip
    assert (folder / path("dev")).read_text() == overlay("dev", "1.0.0")


def test_set_of_a_digest_and_a_tag_together_and_apart(folder):
    digest = f"sha256:{'a' * 64}"

    def entry() -> str:
        return (folder / path("dev")).read_text().partition("images:\n")[2].partition("replicas:")[0]

    said(folder, "set", "web", "dev", f"image=example.com/web@{digest}")
    assert entry() == f"- name: example.com/web\n  digest: {digest} # ours\n"
    said(folder, "set", "web", "dev", f"image=example.com/web:1.2.0@{digest}")
    assert entry() == f"- name: example.com/web\n  digest: {digest} # ours\n  newTag: 1.2.0\n"
    said(folder, "set", "web", "dev", f"image=example.com/web:1.3.0@sha256:{'b' * 64}")
    assert entry() == f"- name: example.com/web\n  digest: sha256:{'b' * 64} # ours\n  newTag: 1.3.0\n"
    said(folder, "set", "web", "dev", "image=example.com/web:1.4.0")
    assert "digest" not in entry()
    assert entry().count("newTag: 1.4.0") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("web", "dev"), 2, "Missing argument"),
        (("wbe", "dev", "image=a:1"), 2, "did you mean 'web'?"),
        (("web", "stagin", "image=a:1"), 2, "did you mean 'staging'?"),
        (("web", "dev", "image=example.com/wob:1"), 2, "did you mean 'example.com/web'?"),
        (("web", "dev", "image=example.com/web"), 2, "no image with a tag or digest"),
        (("web", "dev", "nonsense"), 2, "is no assignment"),
        (("web", "dev", "replcas=3"), 2, "has no field 'replcas'"),
        (("web", "dev", "=3"), 2, "is no assignment"),
    ],
)
def test_sets_that_can_not_be(folder, arguments, code, message):
    before = refs(folder)
    assert message in said(folder, "set", *arguments, code=code)[1]
    assert refs(folder) == before


def test_set_never_loses_uncommitted_work(folder):
    (folder / path("dev")).write_text("mine: 1\n")
    before = refs(folder)
    assert "commit or stash" in said(folder, "set", "web", "dev", "image=example.com/web:2.0.0", code=5)[1]
    assert (refs(folder), (folder / path("dev")).read_text()) == (before, "mine: 1\n")


def test_an_environment_that_takes_no_direct_changes(tmp_path):
    new_repo(tmp_path / "r", texts(config=CONFIG.replace("production: {", "production: {direct: deny, ")))
    _, err = said(tmp_path / "r", "set", "web", "production", "image=example.com/web:2.0.0", code=4)
    assert "takes changes by promotion alone" in err


# ── promote ──


def test_a_dry_run_shows_everything_and_changes_nothing(behind):
    before = refs(behind)
    out, _ = said(behind, "promote", "web", "--dry-run")
    for part in (
        "dev -> staging",
        ENTRY,
        "1.0.0",
        "1.1.0",
        "-      - image: example.com/web:1.0.0",
        "+      - image: example.com/web:1.1.0",
        "held back (1; staging | dev):",
        "replicas[web].count",
        "\nplan ",
    ):
        assert part in out
    assert refs(behind) == before


def test_exit_codes_of_a_dry_run(behind):
    assert said(behind, "promote", "web", "--dry-run", "--exit-code", code=1)
    assert "nothing to promote" in said(behind, "promote", "api", "--dry-run", "--exit-code")[1]
    assert "nothing to promote" in said(behind, "promote", "api", "--yes")[1]


def test_promote_and_its_words(behind):
    out, err = said(behind, "promote", "web", "--yes", "--reason", "because")
    assert out.splitlines()[-1] == "#1  chore(staging): promote web from dev (1.1.0)  [fairlead/staging/web]"
    assert "look: fairlead pr show 1\ntake it back: fairlead pr close 1 --why …; " in err
    assert "after the merge: fairlead rollback web staging\n" in err
    assert "Reason: because" in git("log", "-1", "--format=%B", "fairlead/staging/web", cwd=behind)


def test_a_pull_request_is_created_left_and_updated_and_it_says_which(behind):
    def done() -> list[str]:
        return [row["done"] for row in json.loads(said(behind, "promote", "web", "--yes", "--json")[0])]

    assert done() == ["created"]
    assert done() == ["unchanged"]
    said(behind, "set", "web", "dev", f"{ENTRY}=1.3.0")
    assert "(updated)" in said(behind, "promote", "web", "--yes")[0]


def test_a_stack_for_programs(behind):
    out, _ = said(behind, "promote", "web", "--through", "production", "--yes", "--json")
    assert json.loads(out) == [
        {
            "number": 1,
            "title": "chore(staging): promote web from dev (1.1.0)",
            "branch": "fairlead/staging/web",
            "done": "created",
        },
        {
            "number": 2,
            "title": "chore(production): promote web from staging (1.1.0)",
            "branch": "fairlead/production/web",
            "done": "created",
        },
    ]


def test_the_plan_for_programs_and_as_a_file(behind, tmp_path):
    before = refs(behind)
    out, _ = said(behind, "promote", "web", "--json", "--plan-out", str(tmp_path / "p.json"))
    shown, written = json.loads(out), json.loads((tmp_path / "p.json").read_text())
    assert (shown["id"], shown["plan"]) == (written["id"], written["plan"])
    assert [g["subject"] for g in shown["evidence"][0]["changed"]] == ["Deployment/web"]
    assert refs(behind) == before
    assert said(behind, "promote", "web", "--json", "--dry-run")[0] == out
    said(behind, "promote", "--plan", str(tmp_path / "p.json"), "--yes")
    assert git("rev-parse", "fairlead/staging/web^{tree}", cwd=behind) == written["plan"]["hops"][0]["result_tree"]


def test_the_plan_of_a_pull_request_is_read_from_its_ref(behind):
    said(behind, "promote", "web", "--through", "production", "--yes")
    shown = json.loads(said(behind, "pr", "show", "2", "--plan", "--json")[0])
    assert [h["target"] for h in shown["plan"]["hops"]] == ["staging", "production"]
    assert shown["hop"] == shown["plan"]["hops"][1]["id"]
    out, _ = said(behind, "pr", "show", "2", "--plan")
    assert f"plan {shown['id']}" in out
    assert ("staging -> production" in out, "dev -> staging" in out, "newTag" in out) == (True, False, True)


def test_what_soaks_stays_unless_the_newest_is_asked_for(folder):
    text = (folder / "fairlead.yaml").read_text()
    (folder / "fairlead.yaml").write_text(text.replace("staging: {}", "staging: {gates: {soak: 1h}}"))
    git("-c", "user.name=a", "-c", "user.email=a@x.org", "commit", "-qam", "Soak", cwd=folder)
    said(folder, "set", "web", "dev", "image=example.com/web:1.1.0")
    said(folder, "promote", "web", "--yes")
    said(folder, "set", "web", "dev", "image=example.com/web:1.2.0")
    before = git("rev-parse", "fairlead/staging/web", cwd=folder)
    out, err = said(folder, "promote", "web", "--yes")
    assert "#1  chore(staging): promote web from dev (1.1.0)" in out
    assert "stays as it is: it soaks (" in err
    assert git("rev-parse", "fairlead/staging/web", cwd=folder) == before
    out, err = said(folder, "promote", "web", "--next", "--yes")
    assert "nothing to promote" in err
    assert "nothing has soaked in dev that staging does not run" in err
    out, _ = said(folder, "promote", "web", "--supersede", "newest", "--yes")
    assert "#1  chore(staging): promote web from dev (1.2.0)" in out


def test_plans_that_are_not_applied(behind, tmp_path):
    place = tmp_path / "p.json"
    said(behind, "promote", "web", "--plan-out", str(place))
    text = place.read_text()
    place.write_text(text.replace("1.1.0", "6.6.6"))
    assert "was changed after it was made" in said(behind, "promote", "--plan", str(place), "--yes", code=2)[1]
    place.write_text("{}")
    assert "is no plan" in said(behind, "promote", "--plan", str(place), "--yes", code=2)[1]
    assert "can't read" in said(behind, "promote", "--plan", "gone.json", "--yes", code=2)[1]
    assert "applies a plan as it is" in said(behind, "promote", "web", "--plan", str(place), code=2)[1]
    place.write_text(text)
    Desk(behind).change({path("staging"): overlay("staging", "1.0.5")})
    before = refs(behind)
    assert "the plan is stale" in said(behind, "promote", "--plan", str(place), "--yes", code=5)[1]
    assert refs(behind) == before


def test_explain(behind):
    out, _ = said(behind, "promote", "web", "--explain", "newTag")
    assert "promote (version): images: newTag; decided by images" in out
    assert f"source {path('dev')}:4:11   target {path('staging')}:4:11" in out
    assert "keep (owned)" in said(behind, "promote", "web", "--explain", "COUNT")[0]
    assert "no field's name holds 'zz'" in said(behind, "promote", "web", "--explain", "zz", code=2)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote",), "missing: APP... (or --all), --yes\n  name one or more, or --all; apps are: api, web"),
        (("promote", "wbe"), "did you mean 'web'?"),
        (("promote", "web", "--to", "prodution"), "did you mean 'production'?"),
        (("promote", "web", "--from", "dve"), "did you mean 'dev'?"),
        (("promote", "web", "--to", "dev"), "nothing comes before dev"),
        (("promote", "web", "--from", "production"), "production is the last of its chain"),
        (("promote", "web", "--from", "dev", "--to", "production"), "--through production takes every hop"),
        (("promote", "web", "--from", "dev", "--to", "production", "--skip-order"), "--skip-order needs a reason"),
        (("promote", "web", "--from", "staging", "--to", "dev"), "dev comes before staging in the chain"),
        (("promote", "web", "--from", "dev", "--to", "dev"), "dev can't be promoted to itself"),
        (("promote", "web", "--to", "staging", "--through", "production"), "can't go together"),
        (("promote", "web", "--through", "dev"), "no chain leads from dev to dev"),
        (("promote", "web"), "add --yes, or --dry-run"),
        (("promote", "web", "--field", "zzz", "--dry-run"), "no differing field is named 'zzz'"),
        (("promote", "web", "--unit", "9", "--dry-run"), "units: 1.0.0 -> 1.1.0"),
        (("promote", "web", "--field", "replicas*", "--dry-run"), "is kept: "),
        (("promote", "--nonsense"), "No such option"),
        (("promot", "web"), "did you mean 'promote'?"),
    ],
)
def test_wrong_words_are_exit_2_and_change_nothing(behind, arguments, message):
    before = refs(behind)
    assert message in said(behind, *arguments, code=2)[1]
    assert refs(behind) == before


def test_only_exclude_and_the_rest_work_together_for_several_apps(behind):
    Desk(behind).set("1.1.0", app="api")
    assert ENTRY in said(behind, "promote", "web", "api", "--only", "images", "--dry-run")[0]
    assert "nothing to promote" in said(behind, "promote", "*", "--only", "refs", "--only", "charts", "--dry-run")[1]
    assert "nothing to promote" in said(behind, "promote", "*", "--field", "*newTag", "--only", "refs", "--dry-run")[1]
    out, _ = said(behind, "promote", "*", "--only", "images", "--exclude", "web/*", "--dry-run", "--json")
    chosen = {a["app"]: [u["chosen"] for u in a["units"]] for a in json.loads(out)["plan"]["hops"][0]["apps"]}
    assert chosen == {"web": [False], "api": [True]}
    assert "did you mean 'images'?" in said(behind, "promote", "web", "--only", "imges", "--dry-run", code=2)[1]


def test_set_by_a_dry_run_and_for_several_apps(folder):
    before = refs(folder)
    arguments = ("set", "web,api", "dev", "image=example.com/web:2", "--dry-run")
    assert said(folder, *arguments, "--exit-code", code=1)[0].count("1.0.0 -> 2\n") == 2
    assert refs(folder) == before
    assert "can't go together" in said(folder, *arguments, "--pr", "--push", code=2)[1]


def test_a_stage_left_out_with_a_reason(behind):
    arguments = ("promote", "web", "--from", "dev", "--to", "production", "--skip-order", "--reason", "urgent", "--yes")
    assert (
        said(behind, *arguments)[0].splitlines()[-1].startswith("#1  chore(production): promote web from dev (1.1.0)")
    )


def test_exclude_and_all(behind):
    assert "nothing to promote" in said(behind, "promote", "--all", "--exclude", "1.1.0", "--dry-run")[1]
    assert ENTRY in said(behind, "promote", "--all", "--only", "1.1.0", "--dry-run")[0]


def test_errors_in_the_result_are_exit_1_and_nothing_is_done(tmp_path):
    new_repo(tmp_path / "r", texts(config=CONFIG + 'promote: {carry: ["*Seconds"]}\n'))
    for env, value in (("dev", "soon"), ("staging", "30")):
        patch = (
            "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n"
            f"    spec: {{progressDeadlineSeconds: {value}}}\n"
        )
        Desk(tmp_path / "r").change({path(env): overlay(env, "1.1.0", patch)})
    before = refs(tmp_path / "r")
    out, err = said(tmp_path / "r", "promote", "web", "--yes", code=1)
    assert "  error: " in out
    assert "the result has 1 errors: " in err
    assert refs(tmp_path / "r") == before


# ── rollback, status, history ──


def promoted(folder: Path) -> Desk:
    desk = Desk(folder)
    desk.bring("1.1.0")
    return desk


def test_rollback(folder):
    desk = promoted(folder)
    before = refs(folder)
    out, _ = said(folder, "rollback", "web", "production", "--dry-run")
    assert "renders exactly as it did then" in out
    assert "back to the state before the promotion staging -> production in " in out
    shown = json.loads(said(folder, "rollback", "web", "production", "--dry-run", "--json")[0])
    assert (shown["proved"], shown["plan"]["verb"]) == (True, "rollback")
    assert "add --yes, or --dry-run" in said(folder, "rollback", "web", "production", code=2)[1]
    assert refs(folder) == before
    out, _ = said(folder, "rollback", "web", "production", "--yes", "--json", "--reason", "it broke")
    assert json.loads(out) == {
        "number": 3,
        "title": "revert(production): roll web back (1.0.0)",
        "branch": "fairlead/production/rollback-web",
    }
    desk.merge(3)
    assert desk.tags() == {"dev": "1.1.0", "staging": "1.1.0", "production": "1.0.0"}


def test_a_rollback_that_can_not_be_proved_is_exit_5(folder):
    promoted(folder)
    base = "apps/web/base/deployment.yaml"
    Desk(folder).change({base: (folder / base).read_text().replace("app: web}", "app: web, x: y}", 1)})
    before = refs(folder)
    done = fairlead("rollback", "web", "production", "--yes", cwd=folder)
    assert (done.returncode, refs(folder)) == (5, before)
    assert "would NOT render as it did then" in done.stdout
    assert "take the shared base back first" in done.stderr


def test_status(behind):
    out, _ = said(behind, "status")
    head, _, *rows = out.splitlines()
    assert head.split() == ["app", "dev", "staging", "production"]
    assert rows[0].split() == ["api", "1.0.0", "1.0.0", "1.0.0"]
    assert rows[1].split() == ["in", "step", "in", "step"]
    assert rows[2].split() == ["web", "1.1.0", "1.0.0", "1.0.0"]
    assert re.search(r"behind: 1\.0\.0 -> 1\.1\.0, \S+ +in step *\n", out)
    assert "api" not in said(behind, "status", "--behind")[0]
    assert said(behind, "status", "--env", "staging")[0].splitlines()[0].split() == ["app", "staging"]
    assert "did you mean 'staging'?" in said(behind, "status", "--env", "stagin", code=2)[1]
    Desk(behind).promote()
    (row,) = json.loads(said(behind, "status", "web", "--json")[0])["apps"]
    into = row["pairs"][0]
    assert (row["app"], row["cells"][1]["versions"]) == ("web", ["1.0.0"])
    assert ([u["unit"] for u in into["behind"]], [p["number"] for p in into["pulls"]]) == (["1.0.0 -> 1.1.0"], [1])
    assert "did you mean 'web'?" in said(behind, "status", "wbe", code=2)[1]


def test_history(folder):
    promoted(folder)
    out, _ = said(folder, "history", "web")
    assert [line.split()[3:8] for line in out.splitlines()[2:4]]
    found = json.loads(said(folder, "history", "web", "production", "--json")[0])
    assert [(r["verb"], r["app"], r["source"], r["target"], r["evidence"]) for r in found["records"]] == [
        ("promote", "web", "staging", "production", "merge"), ("change", "web", "", "production", "seen"),
    ]  # fmt: skip
    assert len(json.loads(said(folder, "history", "-n", "2", "--json")[0])["records"]) == 2
    assert "did you mean 'web'?" in said(folder, "history", "wbe", code=2)[1]
    assert "did you mean 'dev'?" in said(folder, "history", "web", "dve", code=2)[1]
    assert said(folder, "history", "-n", "0", code=2)


def test_an_environment_without_overlays_is_named(tmp_path):
    config = CONFIG.replace("dev: {}", "dev: {}, qa: {}")
    new_repo(tmp_path / "r", texts(config=config))
    assert "no app has an overlay in qa" in said(tmp_path / "r", "history", "", "qa", code=2)[1]
    assert "web has no overlay in qa" in said(tmp_path / "r", "history", "web", "qa", code=2)[1]
    out, err = said(tmp_path / "r", "status")
    assert (out.splitlines()[0].split(), err) == (
        ["app", "dev", "staging", "production"], "note: no app has an overlay in qa\n",
    )  # fmt: skip


def test_chains_that_share_nothing_have_a_matrix_each_and_long_ids_are_short(tmp_path):
    config = (
        "version: 1\nenvironments: {dev: {}, staging: {}, qa: {}, production: {}, lab: {}}\n"
        'chains: [[dev, staging], [qa, production]]\nlayout: ["apps/{app}/overlays/{env}"]\n'
    )
    long = "0123456789abcdef0123456789abcdef01234567"
    new_repo(tmp_path / "r", texts(config=config) | {path("lab"): overlay("dev"), path("qa"): overlay("dev", long)})
    out, _ = said(tmp_path / "r", "status")
    heads = [line.split() for line in out.splitlines() if line.startswith("app")]
    assert heads == [["app", "dev", "staging"], ["app", "qa", "production"], ["app", "lab"]]
    assert long not in out
    assert " 0123456789ab " in out


# ── the walk, on a terminal ──

DOWN = "\x1b[B"


def walk(folder: Path, *arguments: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable, ["-m", "fairlead", "promote", *arguments], cwd=str(folder), encoding="utf-8", timeout=60,
        env=environment(folder / "no-home", TERM="xterm", COLUMNS="200", PAGER="cat", PROMPT_TOOLKIT_NO_CPR="1"),
        dimensions=(50, 200),
    )  # fmt: skip


def finished(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    assert "Traceback" not in (child.before or "")
    return child.exitstatus


# The prompts in order, with the answer that goes on.
STEPS = (
    ("From where to where", "\r"),
    ("Which apps", "\r"),
    ("What is carried", "\r"),
    ("Show the rendered difference", "n"),
    ("Title:", "\r"),
    ("Open the pull request to staging", "y"),
)


def go(child: pexpect.spawn, upto: int) -> None:
    """Answer so many prompts, and wait for the next."""
    for prompt, answer in STEPS[:upto]:
        child.expect(prompt)
        child.send(answer)
    if upto < len(STEPS):
        child.expect(STEPS[upto][0])


def seen(folder: Path) -> tuple[str, str, bytes]:
    """Refs, status, index."""
    return refs(folder), git("status", "--porcelain", cwd=folder), (folder / ".git/index").read_bytes()


def test_the_walk_takes_another_title_and_shows_the_difference(behind):
    child = walk(behind)
    go(child, 3)
    child.send("y")
    child.expect("image: example.com/web:1.1.0")
    child.expect("Title:")
    child.send(" now\r")
    child.expect("Open the pull request")
    child.send("y")
    assert finished(child) == 0
    assert Desk(behind).open()[0].want.title == "chore(staging): promote web from dev (1.1.0) now"


def test_no_leaves_nothing_behind(behind):
    before = seen(behind)
    child = walk(behind)
    go(child, 5)
    child.send("\r")  # the default
    assert finished(child) == 3
    assert seen(behind) == before


def test_choosing_no_unit_leaves_nothing_behind(behind):
    before = seen(behind)
    child = walk(behind)
    go(child, 2)
    child.send(" \r")  # takes the one back that was chosen
    assert finished(child) == 3
    assert seen(behind) == before


@pytest.mark.parametrize(("name", "code"), [("production", 0), ("prod", 3), ("", 3), ("y", 3)])
def test_for_production_its_name_is_typed(behind, name, code):
    Desk(behind).promote()
    Desk(behind).merge(1)
    before = seen(behind)
    child = walk(behind)
    child.expect("From where to where")
    child.send("\r")  # staging -> production is what waits
    for prompt, answer in STEPS[1:5]:
        child.expect(prompt)
        child.send(answer)
    child.expect("Type its name to go on")
    child.send(f"{name}\r")
    assert finished(child) == code
    if code:
        assert seen(behind) == before
    else:
        assert [p.want.head for p in Desk(behind).open()] == ["fairlead/production/web"]


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3), ("\r", 3), ("\x03", 130)])
def test_with_flags_a_terminal_is_asked_once(behind, answer, code):
    before = seen(behind)
    child = walk(behind, "web")
    child.expect("Open the pull requests")
    child.send(answer)
    assert finished(child) == code
    assert (seen(behind) == before) is bool(code)


@pytest.mark.parametrize(("answer", "code"), [("production\r", 0), ("staging\r", 3), ("\x03", 130)])
def test_with_flags_into_production_its_name_is_typed(behind, answer, code):
    before = seen(behind)
    child = walk(behind, "web", "--through", "production")
    child.expect("This reaches production, which is protected. Type its name")
    child.send(answer)
    assert finished(child) == code
    assert (seen(behind) == before) is bool(code)


def test_nothing_to_carry_ends_the_walk(folder):
    before = seen(folder)
    child = walk(folder)
    child.expect("From where to where")
    child.send("\r")
    child.expect("Which apps")
    child.send(" \r")
    assert finished(child) == 3
    assert seen(folder) == before


def test_the_walk_follows_chains_not_the_order_of_the_list(tmp_path):
    config = (
        "version: 1\nenvironments: {dev: {}, staging: {}, qa: {}, production: {}}\n"
        'chains: [[dev, staging], [qa, production]]\nlayout: ["apps/{app}/overlays/{env}"]\n'
    )
    new_repo(tmp_path / "r", texts(config=config))
    Desk(tmp_path / "r").set("1.1.0")
    child = walk(tmp_path / "r")
    child.expect("From where to where")
    child.expect("qa -> production")
    assert "staging -> qa" not in child.before
    child.send("\x03")
    assert finished(child) == 130


def test_an_environment_without_apps_ends_the_walk_with_a_word(tmp_path):
    config = CONFIG.replace("dev: {}", "dev: {}, qa: {}").replace("[[dev, ", "[[dev, qa, ")
    new_repo(tmp_path / "r", texts(config=config))
    child = walk(tmp_path / "r")
    child.expect("From where to where")
    child.send("\r")
    child.expect("no app has overlays in dev and qa")
    assert finished(child) == 2
