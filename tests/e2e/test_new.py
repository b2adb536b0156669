"""`fairlead new`: by flags, by a data file, by questions; whole or not at all."""

import json
import os
import shutil
import sys

import pexpect
import pytest
import yaml

from fairlead.scaffold.answers import questions
from fairlead.scaffold.render import render
from tests.e2e.sealed import environment, fairlead, git

ASKED = [question for question in questions("repo") if len(question.choices) != 1]
DEPENDENT = {"image": "x/y", "ci": "none"}  # their defaults follow other answers


def flags(asked):
    return [f"--{q.name.replace('_', '-')}={DEPENDENT.get(q.name, q.default)}" for q in asked]


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    done = fairlead("new", "shop", "--defaults", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "shop", done.stdout


def test_defaults_make_what_the_template_says_in_one_commit_without_any_identity(made):
    folder, told = made
    expected = {name: file.data for name, file in render("repo", {"project_name": "shop"}).items()}
    tracked = git("ls-files", cwd=folder).splitlines()
    assert {name: (folder / name).read_bytes() for name in tracked} == expected
    assert git("log", "--format=%s|%P|%D", cwd=folder) == "feat: scaffold shop with fairlead||HEAD -> main"
    assert git("status", "--porcelain", "--ignored", cwd=folder) == ""
    assert told.splitlines()[0] == f"made shop: {len(expected)} files, one commit on main"
    assert "  fairlead set web dev image=registry.example.com/shop/web:TAG" in told.splitlines()


def test_what_was_made_passes_the_check(made):
    folder, _ = made
    pytest.importorskip("fairlead.cli.commands.check", reason="this build has no check command")
    done = fairlead("check", "--format", "json", cwd=folder)
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])


def test_without_a_terminal_one_line_says_that_defaults_are_taken(tmp_path):
    done = fairlead("new", "shop", "--app", "cart", cwd=tmp_path)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "--defaults" in line
    assert (tmp_path / "shop/apps/cart").is_dir()


def test_flags_win_over_data_and_data_over_the_file(tmp_path):
    (tmp_path / "answers.yaml").write_text("app: one\nimage_tag: '1.10'\nproduction_approvals: 3\ndomain: a.example\n")
    done = fairlead(
        "new", "out", "--data-file", "answers.yaml", "--data", "app=two", "--data", "domain=b.example",
        "--app", "three", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    assert {k: answers[k] for k in ("app", "image_tag", "production_approvals", "domain", "image")} == {
        "app": "three",
        "image_tag": "1.10",
        "production_approvals": 3,
        "domain": "b.example",
        "image": "registry.example.com/shop/three",
    }


def test_a_repository_s_own_answers_make_it_again(made, tmp_path):
    folder, _ = made
    done = fairlead("new", "again", "--data-file", folder / ".copier-answers.yml", "--no-git", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = {name: (tmp_path / "again" / name).read_bytes() for name in git("ls-files", cwd=folder).splitlines()}
    assert again == {name: (folder / name).read_bytes() for name in again}
    assert not (tmp_path / "again/.git").exists()


def test_all_bad_answers_are_named_at_once(tmp_path):
    done = fairlead("new", "out", "--app", "W!", "--image", "x:1", "--data", "colour=red", cwd=tmp_path)
    assert done.returncode == 2
    for part in ("'W!' must be a DNS label", "'x:1' must be an image name", "'colour': no such question"):
        assert part in done.stderr
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "answers.yaml:2:1: not YAML"),
        ("app: a\napp: b\n", "answers.yaml:2:1: 'app' stands twice"),
        ("- app\n", "answers.yaml:1:1: answers are a mapping"),
        ("kubernetes: 1.30\n", "must be text: put it in quotes"),
        (None, "can't read answers.yaml"),
    ],
)
def test_a_bad_data_file_is_refused_with_its_place(tmp_path, text, told):
    if text is not None:
        (tmp_path / "answers.yaml").write_text(text)
    done = fairlead("new", "out", "--data-file", "answers.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_refused_and_an_empty_one_is_filled(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    assert fairlead("new", "full", cwd=tmp_path).returncode == 2
    assert fairlead("new", "file", cwd=tmp_path).returncode == 2
    assert fairlead("new", "file/below", cwd=tmp_path).returncode == 2
    assert everything(tmp_path) == ["empty", "file", "full", "full/mine.txt"]
    assert fairlead("new", "empty", cwd=tmp_path).returncode == 0
    assert (tmp_path / "empty/fairlead.yaml").exists()


def test_the_current_folder_can_be_filled_and_names_the_repository(tmp_path):
    (tmp_path / "harbour").mkdir()
    done = fairlead("new", ".", "--defaults", cwd=tmp_path / "harbour")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  cd " not in done.stdout
    assert git("log", "--format=%s", cwd=tmp_path / "harbour") == "feat: scaffold harbour with fairlead"


def test_within_another_repository_only_files_or_an_ignored_folder(tmp_path):
    git("init", "-q", cwd=tmp_path)
    (tmp_path / ".gitignore").write_text("/demo/\n")
    done = fairlead("new", "sub/shop", cwd=tmp_path)
    assert (done.returncode, "--no-git" in done.stderr) == (2, True)
    assert not (tmp_path / "sub").exists()
    assert fairlead("new", "sub/shop", "--no-git", cwd=tmp_path).returncode == 0
    assert fairlead("new", "demo/shop", cwd=tmp_path).returncode == 0
    assert git("rev-list", "--count", "HEAD", cwd=tmp_path / "demo/shop") == "1"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_parent_is_refused(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o555)
    done = fairlead("new", "locked/a/shop", cwd=tmp_path)
    assert (done.returncode, "may not write" in done.stderr) == (4, True)


def test_when_git_fails_nothing_is_left(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    real = shutil.which("git")
    broken = tools / "git"
    fault = 'case " $* " in *" commit-tree "*) echo disk full >&2; exit 128;; esac'
    broken.write_text(f'#!/bin/sh\n{fault}\nexec {real} "$@"\n')
    broken.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    done = fairlead("new", "deep/er/shop", "--defaults", cwd=work, PATH=f"{tools}:{os.environ['PATH']}")
    assert (done.returncode, "disk full" in done.stderr) == (6, True), done.stderr
    assert everything(work) == []


def test_git_s_variables_of_a_hook_and_odd_names_do_not_lead_it_astray(tmp_path):
    git("init", "-q", "other", cwd=tmp_path)
    done = fairlead(
        "new", "a $HOME 'b", "--defaults", cwd=tmp_path,
        GIT_DIR=str(tmp_path / "other/.git"), GIT_INDEX_FILE=str(tmp_path / "other/.git/index"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert git("rev-list", "--all", cwd=tmp_path / "other") == ""
    assert git("rev-list", "--count", "HEAD", cwd=tmp_path / "a $HOME 'b") == "1"


# ── on a terminal ──


def walk(folder, *arguments):
    return pexpect.spawn(
        sys.executable,
        ["-m", "fairlead", "new", "shop", *arguments],
        cwd=str(folder),
        env=environment(folder, TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1"),  # pexpect answers no such request
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 220),
    )


def ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_on_a_terminal_every_question_is_asked_with_its_default(tmp_path):
    child = walk(tmp_path)
    for question in ASKED:
        child.expect_exact(question.help)
        child.send("\x15cart\r" if question.name == "app" else "\r")
    child.expect_exact("Make ")
    child.send("y")
    child.expect_exact("one commit on main")
    assert ended(child) == 0
    answers = yaml.safe_load((tmp_path / "shop/.copier-answers.yml").read_bytes())
    assert (answers["project_name"], answers["app"]) == ("shop", "cart")
    assert answers["image"] == "registry.example.com/shop/cart"


def test_a_bad_answer_is_refused_at_its_prompt_and_given_ones_are_not_asked(tmp_path):
    child = walk(tmp_path, "--project-name", "x", *flags(ASKED[2:]))
    child.expect_exact(ASKED[1].help)
    child.send("\x15W!\r")
    child.expect_exact("must be a DNS label")
    child.send("\x15cart\r")
    child.expect_exact("Make ")
    child.send("\r")
    assert ended(child) == 0
    assert (tmp_path / "shop/apps/cart").is_dir()


@pytest.mark.parametrize("place", range(len(ASKED) + 1))
def test_ctrl_c_at_each_prompt_leaves_nothing(tmp_path, place):
    child = walk(tmp_path)
    for question in ASKED[:place]:
        child.expect_exact(question.help)
        child.send("\r")
    child.expect_exact(ASKED[place].help if place < len(ASKED) else "Make ")
    child.send("\x03")
    assert ended(child) == 130
    assert everything(tmp_path) == []


@pytest.mark.parametrize("key", ["n", "\x04"])
def test_saying_no_at_the_end_leaves_nothing(tmp_path, key):
    child = walk(tmp_path, *flags(ASKED))
    child.expect_exact("Make ")
    child.send(key)
    assert ended(child) == 3
    assert everything(tmp_path) == []
