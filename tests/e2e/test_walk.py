"""The interactive promotion on a terminal with a screen: what is asked, what is seen, what is left behind."""

from __future__ import annotations

import re
import shlex
import shutil
import time
from pathlib import Path

import pytest

from docs.terminal import CTRL_C, CTRL_O, DOWN, ENTER, Terminal
from tests.e2e.sealed import environment, fairlead, git
from tests.e2e.warm import WarmTerminal
from tests.promotions import CONFIG, Desk, overlay, path, texts
from tests.support import new_repo

LOG = "configMapGenerator[web].literals[LOG_FORMAT=]"


def settings(log: str, host: str) -> str:
    return f"configMapGenerator:\n- name: web\n  literals:\n  - LOG_FORMAT={log}\n  - HOST={host}.example.com\n"


@pytest.fixture
def desk(tmp_path) -> Desk:
    """web has a new image and another log format in dev, api a new image; production is protected."""
    new_repo(tmp_path / "repo", texts("web", "api"))
    made = Desk(tmp_path / "repo")
    made.change({path("dev"): overlay("dev", "1.0.0", settings("json", "dev"))})
    made.change({path("staging"): overlay("staging", "1.0.0", settings("text", "staging"))})
    made.set("1.1.0")
    made.set("2.0.0", app="api")
    return made


def walk(folder: Path, *arguments: str, columns: int = 80, lines: int = 40, **more: str) -> Terminal:
    env = environment(folder.parent / "no-home", TERM="xterm-256color", PAGER="cat", **more)
    env.pop("COLUMNS")
    return WarmTerminal(["promote", *arguments], folder, env, columns=columns, lines=lines)


def seen(folder: Path) -> tuple[str, str, bytes, list[str]]:
    """All that a person would notice afterwards: refs, status, index, temporary files."""
    refs = git("for-each-ref", "--format=%(refname) %(objectname)", cwd=folder)
    own = [line for line in refs.splitlines() if "refs/fairlead/audit" not in line]
    return "\n".join(own), git("status", "--porcelain", cwd=folder), (folder / ".git/index").read_bytes(), leftovers()


def leftovers() -> list[str]:
    import tempfile

    return sorted(p.name for p in Path(tempfile.gettempdir()).glob("editor-*"))


def answered(screen: Terminal, upto: str) -> None:
    """Go on with what is proposed until a question."""
    for words in ("From where to where?", "Which apps?", "What is carried?", "rendered difference?", "Title:"):
        screen.until(words)
        if words == upto:
            return
        screen.type("n" if words.startswith("rendered") else ENTER)
    screen.until(upto)


def command_of(screen: Terminal) -> list[str]:
    """The command that the walk printed."""
    found = re.search(r"without questions: (fairlead promote .*? --yes)\n", screen.text, re.DOTALL)
    assert found is not None, screen.text
    return shlex.split(found[1])[1:]


def one_app(screen: Terminal) -> None:
    screen.until("Which apps?")
    screen.type(" ", ENTER)  # api is first, by name, and not wanted


def all_apps(screen: Terminal) -> None:
    screen.until("Which apps?")
    screen.type(ENTER)


def as_proposed(screen: Terminal) -> None:
    screen.until("What is carried?")
    screen.type(ENTER)


def other_units(screen: Terminal) -> None:
    """Not the first version; the setting too."""
    screen.until("What is carried?")
    screen.type(" ", DOWN, DOWN, " ", ENTER)


def only_the_setting(screen: Terminal) -> None:
    screen.until("What is carried?")
    screen.type(" ", DOWN, " ", ENTER)


def only_the_setting_and_api(screen: Terminal) -> None:
    screen.until("What is carried?")
    screen.type(DOWN, " ", DOWN, " ", ENTER)


CHOICES = {
    "as proposed": (all_apps, as_proposed, ""),
    "one app": (one_app, as_proposed, ""),
    "an offered setting and not a version": (all_apps, other_units, ""),
    "of one app just the setting": (one_app, only_the_setting, ""),
    "another title": (one_app, as_proposed, ' now, it\'s "time"'),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_the_printed_command_makes_the_same_plan_and_pull_request(desk, tmp_path, choice):
    apps, units, title = CHOICES[choice]
    shutil.copytree(desk.folder, tmp_path / "twin")
    screen = walk(desk.folder, columns=100)
    screen.until("From where to where?")
    screen.type(ENTER)
    apps(screen)
    units(screen)
    screen.until("rendered difference?")
    screen.type("n")
    screen.until("Title:")
    screen.type(title + ENTER)
    screen.until("Open the pull request to staging?")
    screen.type("y")
    assert screen.end() == 0
    done = fairlead(*command_of(screen), cwd=tmp_path / "twin")
    assert done.returncode == 0, done.stderr
    (mine,), (twin,) = desk.open(), Desk(tmp_path / "twin").open()
    for name in ("plan_id", "hop_id", "head", "head_oid", "title", "body", "labels"):
        assert getattr(mine.want, name) == getattr(twin.want, name), name
    assert mine.want.title.endswith(title)


def test_an_offered_setting_is_carried_only_where_it_was_ticked(desk):
    screen = walk(desk.folder)
    screen.until("From where to where?")
    screen.type(ENTER)
    one_app(screen)
    only_the_setting(screen)
    screen.until("rendered difference?")
    screen.type("n", ENTER, "y")
    assert screen.end() == 0
    text = git("show", f"fairlead/staging/web:{path('staging')}", cwd=desk.folder)
    assert text + "\n" == overlay("staging", "1.0.0", settings("json", "staging"))


# ── why ──


def test_a_question_mark_tells_why_and_the_ticks_stay(desk):
    screen = walk(desk.folder)
    screen.until("From where to where?")
    screen.type(ENTER)
    one_app(screen)
    screen.until("What is carried?")
    screen.type(" ", DOWN, " ", "?")
    screen.until("Why is another one as it is?")
    assert f"web  dev -> staging  kustomization.yaml: {LOG}" in screen.text
    assert "offer (offered): nothing says whose it is" in screen.text
    screen.type(DOWN, DOWN, DOWN, DOWN, ENTER)
    screen.until("keep (owned): HOST belongs to the environment")
    screen.type(ENTER)
    screen.until("settings that nothing says")
    last = "\n".join(screen.screen)
    assert f"● {LOG}" in last
    assert "○ 1.0.0 -> 1.1.0" in last
    screen.type(CTRL_C)
    assert screen.end() == 130


def test_what_can_not_be_ticked_is_told_with_its_reason(desk):
    screen = walk(desk.folder, columns=120)
    screen.until("From where to where?")
    screen.type(ENTER)
    one_app(screen)
    screen.until("What is carried?")
    assert re.search(r"not carried +staging +dev +why\n", screen.text)
    assert re.search(r"replicas\[web\]\.count +2 +1 +count belongs to", screen.text)
    assert re.search(r"\[HOST=\] +staging\.exa\w+… +dev\.example\.c… +HOST belongs", screen.text)
    screen.type(CTRL_C)
    screen.end()


# ── nothing is left behind ──

UPTO = ("From where to where?", "Which apps?", "What is carried?", "rendered difference?", "Title:", "Open the pull")


@pytest.mark.parametrize("upto", UPTO)
def test_ctrl_c_at_each_question_leaves_nothing_behind(desk, upto):
    before = seen(desk.folder)
    screen = walk(desk.folder)
    answered(screen, upto)
    screen.type(CTRL_C)
    assert screen.end() == 130
    assert "nothing is left half done" in screen.text
    assert seen(desk.folder) == before


def test_ctrl_c_while_asking_why_leaves_nothing_behind(desk):
    before = seen(desk.folder)
    screen = walk(desk.folder)
    answered(screen, "What is carried?")
    screen.type("?")
    screen.until("Why is another one")
    screen.type(CTRL_C)
    assert screen.end() == 130
    assert seen(desk.folder) == before


def test_the_end_of_the_input_leaves_nothing_behind(desk):
    before = seen(desk.folder)
    screen = walk(desk.folder)
    answered(screen, "Open the pull request to staging?")
    screen.child.send("\x04")
    screen.type(CTRL_C)
    assert screen.end() == 130
    assert seen(desk.folder) == before


def test_a_target_that_moves_during_the_questions_is_no_half_promotion(desk):
    screen = walk(desk.folder)
    answered(screen, "Open the pull request to staging?")
    desk.change({path("staging"): overlay("staging", "1.0.7", settings("text", "staging"))})
    before = seen(desk.folder)
    screen.type("y")
    assert screen.end() == 5
    assert "changed on main since it was made" in screen.text
    assert seen(desk.folder) == before


def test_errors_in_the_result_end_the_walk_before_it_asks_for_words(tmp_path):
    new_repo(tmp_path / "r", texts(config=CONFIG + 'promote: {carry: ["*Seconds"]}\n'))
    desk = Desk(tmp_path / "r")
    for env, tag, value in (("dev", "1.1.0", "soon"), ("staging", "1.0.0", "30")):
        patch = (
            "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n"
            f"    spec: {{progressDeadlineSeconds: {value}}}\n"
        )
        desk.change({path(env): overlay(env, tag, patch)})
    before = seen(desk.folder)
    screen = walk(desk.folder)
    screen.until("From where to where?")
    screen.type(ENTER)
    screen.until("What is carried?")
    screen.type(ENTER)
    screen.until("rendered difference?")
    screen.type("n")
    assert screen.end() == 1
    assert "1 new errors" in screen.text
    assert "the result has 1 errors: " in screen.text
    assert seen(desk.folder) == before


# ── words ──


def editor(folder: Path, script: str) -> str:
    place = folder / "editor.sh"
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return str(place)


def test_the_message_is_written_in_an_editor(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "twin")
    write = 'cp "$1" "$(dirname "$0")/shown"; printf \'fix: a title\\n\\nWhy it *must* go.\\n# not this\\n\' > "$1"'
    screen = walk(desk.folder, columns=100, EDITOR=editor(tmp_path, write))
    answered(screen, "Title:")
    screen.type(CTRL_O)
    screen.until("Open the pull request to staging?")
    screen.type("y")
    assert screen.end() == 0
    assert (tmp_path / "shown").read_text().startswith("chore(staging): promote 2 apps from dev\n\n# The first line")
    (pull,) = desk.open()
    assert pull.want.title == "fix: a title"
    assert pull.want.body.startswith("Why it *must* go.\n\n### dev → staging")
    assert "not this" not in pull.want.body
    assert fairlead(*command_of(screen), cwd=tmp_path / "twin").returncode == 0
    assert Desk(tmp_path / "twin").open()[0].want.body == pull.want.body


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        (': > "$1"', 3, "the message is empty"),
        ("printf 'a\\n\\nFairlead-Promote: api dev -> production\\n' > \"$1\"", 2, "begins with Fairlead-"),
        ("exit 3", 6, "Editing failed"),
    ],
)
def test_messages_that_can_not_be(desk, tmp_path, script, code, words):
    before = seen(desk.folder)
    screen = walk(desk.folder, EDITOR=editor(tmp_path, script))
    answered(screen, "Title:")
    screen.type(CTRL_O)
    assert screen.end() == code
    assert words in screen.text
    assert seen(desk.folder) == before


# ── the screen ──


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_of_a_list_is_wider_than_the_terminal(desk, columns):
    screen = walk(desk.folder, columns=columns)
    answered(screen, "What is carried?")
    lists = [line for line in screen.screen if re.match(r" [» ] [●○] ", line)]
    assert len(lists) == 3
    assert all(len(line) < columns for line in lists)
    assert [line for line in lists if "…" in line] or columns > 60
    screen.type(CTRL_C)
    assert screen.end() == 130


@pytest.mark.parametrize("plain", [True, False])
def test_colours_and_none_where_they_are_not_wanted(desk, plain):
    screen = walk(desk.folder, **({} if plain else {"NO_COLOR": ""}))
    answered(screen, "What is carried?")
    coloured = {p.colour for line in screen.lines for p in line.pieces if p.text.strip()} - {None}
    assert bool(coloured) is not plain
    screen.type(CTRL_C)
    screen.end()


def test_many_apps_are_counted_and_found_by_typing(tmp_path):
    names = [f"app{number:02}" for number in range(30)]
    new_repo(tmp_path / "r", texts(*names))
    desk = Desk(tmp_path / "r")
    for name in names[10:12]:
        desk.set("1.1.0", app=name)
    screen = walk(desk.folder, lines=24)
    screen.until("From where to where?")
    assert "28 apps are in step" in screen.text
    assert "app09" not in screen.text
    screen.type(ENTER)
    screen.until("Which apps?")
    listed = re.findall(r"app\d\d", "\n".join(screen.screen).partition("Which apps?")[2])
    assert listed[:3] == ["app10", "app11", "app00"]
    screen.type("2", "7", " ", ENTER)
    screen.until("What is carried?")
    assert "Which apps? done (3 selections)" in screen.text
    screen.type(CTRL_C)
    assert screen.end() == 130


# ── what is said already is not asked ──


def test_environments_that_are_named_are_not_asked_for(desk):
    screen = walk(desk.folder, "--to", "staging")
    screen.until("Which apps?")
    assert "From where to where?" not in screen.text
    screen.type(CTRL_C)
    assert screen.end() == 130


def test_several_hops_are_chosen_once_and_told_in_one_line(desk, tmp_path):
    shutil.copytree(desk.folder, tmp_path / "twin")
    screen = walk(desk.folder, "--through", "production", columns=100)
    all_apps(screen)
    only_the_setting_and_api(screen)
    screen.until("rendered difference?")
    screen.type("n")
    screen.until("Title: (of all 2")
    screen.type("chore: settings" + ENTER)
    screen.until("Type its name to go on:")
    screen.type("production" + ENTER)
    assert screen.end() == 0
    titles = ["chore: settings (staging)", "chore: settings (production)"]
    assert [p.want.title for p in desk.open()] == titles
    assert [p.want.head for p in desk.open()] == ["fairlead/staging/api+web", "fairlead/production/api"]
    assert fairlead(*command_of(screen), cwd=tmp_path / "twin").returncode == 0
    assert [p.want.plan_id for p in Desk(tmp_path / "twin").open()] == [p.want.plan_id for p in desk.open()]


def test_another_open_promotion_of_the_app_ends_the_walk_before_the_summary(desk):
    desk.promote("web", "api")
    screen = walk(desk.folder, "--to", "staging", columns=100)
    one_app(screen)
    as_proposed(screen)
    assert screen.end() == 5
    assert "pull request #1 already changes web in staging" in screen.text
    assert "rendered:" not in screen.text


def test_a_pull_request_that_stays_as_it_soaks_is_told_before_the_summary(tmp_path):
    new_repo(tmp_path / "r", texts(config=CONFIG.replace("staging: {}", "staging: {gates: {soak: 4h}}")))
    desk = Desk(tmp_path / "r", time=int(time.time()) - 60)
    desk.set("1.1.0")
    desk.promote("web")
    desk.set("1.2.0")
    screen = walk(desk.folder, "--to", "staging", columns=100)
    as_proposed(screen)
    assert screen.end() == 3
    assert "#1 chore(staging): promote web from dev (1.1.0) stays as it is: it soaks" in screen.text
    assert "rendered:" not in screen.text


def test_units_and_words_that_are_named_are_not_asked_for(desk):
    screen = walk(desk.folder, "--to", "staging", "--field", "*LOG_FORMAT*", "--message", "chore: logs")
    one_app(screen)
    screen.until("rendered difference?")
    screen.type("n")
    screen.until("Open the pull request")
    assert "What is carried?" not in screen.text
    assert "Title:" not in screen.text
    screen.type("y")
    assert screen.end() == 0
    assert [p.want.title for p in desk.open()] == ["chore: logs"]
    assert command_of(screen)[1:] == [
        "web", "--from", "dev", "--to", "staging", "--field", "*LOG_FORMAT*", "--message", "chore: logs", "--yes",
    ]  # fmt: skip


@pytest.mark.parametrize("rule", ["direct: deny", "gates: {approvals: 1}", "gates: {freeze: [{days: [sun]}]}"])
def test_the_name_of_a_guarded_environment_is_typed(tmp_path, rule):
    new_repo(tmp_path / "r", texts(config=CONFIG.replace("staging: {}", f"staging: {{{rule}}}")))
    desk = Desk(tmp_path / "r")
    desk.set("1.1.0")
    screen = walk(desk.folder, "web", "--to", "staging")
    screen.until("Type its name to go on:")
    screen.type("y" + ENTER)
    assert screen.end() == 3
    assert desk.open() == []


# ── before anything is asked ──


@pytest.fixture
def clone(desk, tmp_path) -> Desk:
    """A clone that is as its origin has it."""
    git("clone", "-q", "--bare", str(desk.folder), str(tmp_path / "origin.git"), cwd=tmp_path)
    git("remote", "add", "origin", str(tmp_path / "origin.git"), cwd=desk.folder)
    return desk


def test_a_clone_as_its_origin_has_it(clone):
    screen = walk(clone.folder)
    screen.until("From where to where?")
    assert re.search(r"ok +git +main at [0-9a-f]{8}, as origin has it\n", screen.text)
    assert re.search(r"ok +forge +local, 0 open pull requests\n", screen.text)
    assert re.search(r"ok +kustomize +", screen.text)
    screen.type(CTRL_C)
    assert screen.end() == 130


def test_a_clone_that_is_behind_is_sent_to_pull(clone, tmp_path):
    other = tmp_path / "other"
    git("clone", "-q", str(tmp_path / "origin.git"), str(other), cwd=tmp_path)
    Desk(other).set("9.9.9")
    git("push", "-q", "origin", "main", cwd=other)
    before = git("rev-parse", "main", "HEAD", cwd=clone.folder)
    screen = walk(clone.folder)
    assert screen.end() == 5
    assert "main is behind origin/main" in screen.text
    assert "git pull --ff-only" in screen.text
    assert git("rev-parse", "main", "HEAD", cwd=clone.folder) == before
    clone.set("8.8.8")
    screen = walk(clone.folder)
    assert screen.end() == 5
    assert "main and origin/main have parted" in screen.text


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), (ENTER, False)])
def test_an_origin_that_can_not_be_asked_is_the_person_s_decision(clone, tmp_path, answer, goes_on):
    shutil.rmtree(tmp_path / "origin.git")
    screen = walk(clone.folder)
    screen.until("Go on with what this clone knows?")
    assert "origin can't be asked" in screen.text
    screen.type(answer)
    if goes_on:
        screen.until("From where to where?")
        screen.type(CTRL_C)
    assert screen.end() == (130 if goes_on else 3)


def test_asking_origin_starts_nothing_that_the_repository_names(clone, tmp_path):
    canary = tmp_path / "canary"
    script = editor(tmp_path, f"touch {canary}; exit 1")
    for key, value in (
        ("core.sshCommand", script), ("core.fsmonitor", script), ("core.gitProxy", script),
        ("credential.helper", f"!{script}"), ("remote.origin.uploadpack", script), ("core.pager", script),
        ("core.hooksPath", str(tmp_path)), ("core.askPass", script),
    ):  # fmt: skip
        git("config", key, value, cwd=clone.folder)
    for url in (str(tmp_path / "origin.git"), "ssh://nobody@localhost:1/x", "git://localhost:1/x", f"ext::{script}"):
        git("config", "remote.origin.url", url, cwd=clone.folder)
        screen = walk(clone.folder)
        screen.until("From where to where?" if "origin.git" in url else "Go on with what this clone knows?")
        screen.type(CTRL_C)
        assert screen.end() == 130
    assert not canary.exists()


# ── without a terminal ──


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ((), "APP... (or --all), --yes"),
        (("--to", "staging"), "APP... (or --all), --yes"),
        (("web",), "--yes"),
        (("--dry-run",), "APP... (or --all)"),
        (("--from", "dev", "--to", "production", "--skip-order"), "APP... (or --all), --reason, --yes"),
        (("--all", "--from", "dev", "--to", "production", "--skip-order", "--yes"), "--reason"),
    ],
)
def test_without_a_terminal_all_that_is_missing_is_told_at_once(desk, arguments, missing):
    before = seen(desk.folder)
    done = fairlead("promote", *arguments, cwd=desk.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"error: nobody is asked here, and this is missing: {missing}\n" in done.stderr
    assert seen(desk.folder) == before
