"""git's plumbing: nothing of the environment or the repository's configuration leads it astray."""

import os
import subprocess
import threading

import pytest

from fairlead.doors.git.plumbing import Git, GitFailed, environment
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import UsageError, WorldError
from fairlead.model.snapshot import File
from tests.support import commit, new_repo

FILES = {"a.yaml": "a: 1\n", "with space/b c.yaml": "b\n"}


@pytest.fixture
def repo(tmp_path):
    return new_repo(tmp_path / "repo", FILES)


def test_what_would_point_git_elsewhere_is_taken_away(repo, tmp_path, monkeypatch):
    other = new_repo(tmp_path / "other", {"other.yaml": ""})
    for name, value in {
        "GIT_DIR": str(tmp_path / "other" / ".git"),
        "GIT_WORK_TREE": str(tmp_path / "other"),
        "GIT_OBJECT_DIRECTORY": str(tmp_path / "other" / ".git" / "objects"),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE_CURL": str(tmp_path / "trace"),
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_AUTHOR_NAME": "mallory",
        "GIT_COMMITTER_EMAIL": "mallory",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "true",
    }.items():
        monkeypatch.setenv(name, value)
    opened = Repository.open(tmp_path / "repo" / "with space")
    assert opened is not None
    assert opened.root == str(tmp_path / "repo")
    assert opened.at("main").files() == tuple(sorted(FILES))
    made = commit(opened, "main", {"a.yaml": "a: 2\n"})
    assert "mallory" not in opened.git.text("cat-file", "commit", made)
    assert opened.landings("main")[0].paths == ("a.yaml",)
    assert other.at("main").files() == ("other.yaml",)
    assert not (tmp_path / "trace").exists()


def test_what_asks_for_secrets_or_a_key_may_stay(monkeypatch):
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -i key")
    monkeypatch.setenv("GIT_ASKPASS", "helper")
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    monkeypatch.delenv("HOME")
    env = environment({"GIT_INDEX_FILE": "x"})
    assert {k: v for k, v in env.items() if k.startswith("GIT_")} == {
        "GIT_SSH_COMMAND": "ssh -i key",
        "GIT_ASKPASS": "helper",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_INDEX_FILE": "x",
    }
    assert env["HOME"] == "/nonexistent"


def test_nothing_that_the_repository_names_is_started(repo, tmp_path):
    folder, canary = tmp_path / "repo", tmp_path / "canary"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\ncat\n")
    script.chmod(0o755)
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-checkout", "post-index-change",
                 "post-merge", "pre-auto-gc", "update", "post-update", "commit-msg", "prepare-commit-msg",
                 "post-rewrite"):  # fmt: skip
        (hooks / name).write_bytes(script.read_bytes())
        (hooks / name).chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "core.askPass", "diff.external",
                "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv",
                "diff.evil.command",
                "merge.evil.driver", "gpg.program", "credential.helper", "pager.log", "pager.show", "core.gitProxy",
                "uploadpack.packObjectsHook", "alias.log", "alias.ls-tree"):  # fmt: skip
        subprocess.run(["git", "config", key, str(script)], cwd=folder, env=environment(), check=True)
    for key, value in {"commit.gpgSign": "true", "log.showSignature": "true", "core.hooksPath": str(hooks)}.items():
        subprocess.run(["git", "config", key, value], cwd=folder, env=environment(), check=True)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text("*.yaml diff=evil merge=evil\n")
    opened = Repository.open(folder)
    assert opened is not None
    opened.work_tree().files()
    opened.index().files()
    opened.staged()
    base = opened.tip("main")
    assert base is not None
    made = commit(opened, "side", {"a.yaml": "a: 2\n"}, start="main")
    opened.landings("side")
    opened.changed_paths(base, made)
    opened.messages_between(base, made)
    opened.commit_messages("refs/heads/side")
    opened.branches()
    opened.advance("main", made, base)
    opened.move("refs/heads/side", "0" * 40, made)
    assert (folder / "a.yaml").read_text() == "a: 2\n"
    assert not canary.exists()


def test_the_filters_of_a_repository_are_not_run_over_what_is_stored(repo, tmp_path):
    folder, canary = tmp_path / "repo", tmp_path / "canary"
    (folder / ".gitattributes").write_text("*.yaml filter=evil text eol=crlf ident\n")
    for kind in ("clean", "smudge"):
        subprocess.run(
            ["git", "config", f"filter.evil.{kind}", f"touch '{canary}'; cat"],
            cwd=folder,
            env=environment(),
            check=True,
        )
    tree = repo.write_tree("HEAD", {"new.yaml": File(b"a\r\n$Id$\n")})
    assert repo.at(tree).read("new.yaml") == b"a\r\n$Id$\n"
    assert not canary.exists()


# ── where a repository is ──


def test_no_repository_no_folder_no_git(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    assert Git.discover(tmp_path) is None
    assert Repository.open(tmp_path) is None
    with pytest.raises(UsageError, match="there is no folder"):
        Git.discover(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is not a folder"):
        Git.discover(tmp_path / "file")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorldError) as caught:
        Git.discover(tmp_path)
    assert caught.value.remedy == "install git 2.34 or later"


def test_a_damaged_repository_is_none(tmp_path):
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert Git.discover(tmp_path) is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_somebody_else_is_refused_with_gits_own_remedy(repo, tmp_path):
    for path in (tmp_path / "repo", *(tmp_path / "repo").rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(UsageError) as caught:
        Git.discover(tmp_path / "repo")
    assert "dubious ownership" in caught.value.message
    assert caught.value.remedy is not None
    assert "safe.directory" in caught.value.remedy


def test_inside_the_git_folder_there_is_no_work_tree(repo, tmp_path):
    found = Git.discover(tmp_path / "repo" / ".git")
    assert found is not None
    assert found.work_tree is None


# ── objects ──


@pytest.mark.parametrize(
    "name",
    ["nowhere", "HEAD:nowhere", "HEAD:no where", "HEAD:a b c d", "x missing", "a blob 12", "", " ",
     "HEAD:with space/no",     "--help", "HEAD^{nonsense}", "0" * 40, "new\nline", "f" * 39],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_none_and_the_next_is_found(repo, name):
    assert repo.git.object(name) is None
    assert repo.git.find(name) is None
    assert repo.git.object("HEAD:a.yaml") == ("blob", b"a: 1\n")
    assert repo.git.object("HEAD:with space/b c.yaml") == ("blob", b"b\n")


def test_the_batch_process_is_started_again_after_its_end(repo):
    assert repo.git.object("HEAD:a.yaml") == ("blob", b"a: 1\n")
    repo.git.close()
    repo.git.close()
    assert repo.git.object("HEAD:a.yaml") == ("blob", b"a: 1\n")


def test_many_threads_may_ask_at_once(repo):
    oids = repo.git.write_blobs([b"%d" % n * 5000 for n in range(20)])
    wrong = []

    def ask():
        wrong.extend(n for n, oid in enumerate(oids) if repo.git.blob(oid) != b"%d" % n * 5000)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_blob_is_no_tree(repo):
    with pytest.raises(WorldError):
        repo.git.blob(repo.tree_of("HEAD", ""))
    assert repo.git.write_blobs([]) == []


@pytest.mark.parametrize(
    "revision", ["-x", "--all", "--output=f", "a\nb", "a\0b", "nowhere", "HEAD:a.yaml", "$(id)", ""]
)
def test_a_revision_that_names_no_commit_is_none(repo, tmp_path, revision):
    assert repo.git.resolve(revision) is None
    assert not (tmp_path / "repo" / "f").exists()


def test_a_command_that_fails_carries_what_git_said(repo):
    with pytest.raises(GitFailed) as caught:
        repo.git.run("cat-file", "-p", "nowhere")
    assert caught.value.code == 128
    assert "nowhere" in caught.value.stderr
    assert str(caught.value).startswith("git cat-file: fatal: ")
    assert repo.git.run("diff", "--exit-code", "--no-index", "/dev/null", "/dev/null", ok=(0, 1)) == b""


def test_a_plain_name_is_resolved_without_another_process_to_what_rev_parse_says(repo, monkeypatch):
    git = repo.git
    git.run("update-ref", "refs/heads/other", "HEAD")
    git.run("pack-refs", "--all")
    names = ("HEAD", "refs/heads/main", "refs/heads/other", "refs/heads/none", git.text("rev-parse", "HEAD"), "0" * 40)
    kinds = ("commit", "tree")
    argv = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    wanted = [git.run(*argv, f"{n}^{{{k}}}", ok=(0, 1)).decode().strip() or None for n in names for k in kinds]
    monkeypatch.setattr(Git, "run", None)
    assert [git.resolve(name, kind) for name in names for kind in kinds] == wanted


def test_a_name_is_resolved_anew_each_time(repo):
    first = repo.git.resolve("refs/heads/main")
    made = commit(repo, "main", {"a.yaml": "a: 2\n"})
    assert (first != made, repo.git.resolve("refs/heads/main"), repo.git.resolve("HEAD")) == (True, made, made)
