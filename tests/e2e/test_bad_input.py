"""Bad input, for every command that it can meet: a clear error, its exit code, no traceback, nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.sealed import environment, fairlead, git
from tests.promotions import CONFIG, Desk, everything, overlay, path, texts
from tests.support import new_repo

NOBODY = 65534
SET = ("set", "web", "dev", "image=example.com/web:9.9.9")
PROMOTE = ("promote", "web", "--yes")
ROLLBACK = ("rollback", "web", "dev", "--yes")
READERS = (("status",), ("history",), ("pr", "list"))
VERBS = (SET, PROMOTE, ("promote", "web", "--dry-run"), ROLLBACK, *READERS)
every_verb = pytest.mark.parametrize("verb", VERBS, ids=" ".join)


def told(folder: Path, *arguments: str, code: int, **more) -> str:
    """What is said on stderr; the exit code is this one, and nothing changed."""
    before = state(folder)
    done = fairlead(*arguments, cwd=folder, **more)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert state(folder) == before
    if code:
        assert done.stderr.startswith("error: ")
    return done.stderr


def state(folder: Path) -> object:
    if (folder / ".git").is_dir():
        return everything(folder)
    return sorted((p.relative_to(folder).as_posix(), p.lstat().st_mode) for p in folder.rglob("*"))


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo")
    made.set("1.1.0")
    return made


# ── not a repository that fairlead can work in ──


@every_verb
def test_not_a_repository(tmp_path, verb):
    (tmp_path / "fairlead.yaml").write_text(CONFIG)
    said = told(tmp_path, *verb, code=2)
    assert "is not in a git repository" in said
    assert "git init, or go to a clone" in said


@every_verb
def test_no_such_folder(tmp_path, verb):
    assert "there is no folder" in told(tmp_path, "-C", "gone", *verb, code=2)
    (tmp_path / "file").write_text("")
    assert "file" in told(tmp_path, "-C", "file", *verb, code=2)


@every_verb
def test_no_commits(tmp_path, verb):
    git("init", "-q", "-b", "main", str(tmp_path / "r"), cwd=tmp_path)
    (tmp_path / "r/fairlead.yaml").write_text(CONFIG)
    assert "no commits" in told(tmp_path / "r", *verb, code=2)


@every_verb
def test_no_configuration_and_one_is_proposed(tmp_path, verb):
    files = texts("web", "api")
    del files["fairlead.yaml"]
    new_repo(tmp_path / "r", files)
    said = told(tmp_path / "r", *verb, code=2)
    assert "there is no fairlead.yaml on main" in said
    assert "chains: [[dev, staging, production]]" in said
    assert 'layout: ["apps/{app}/overlays/{env}"]' in said
    proposed = "\n".join(line[2:] for line in said.splitlines() if line.startswith("  ")).partition("\n\n")[2]
    (tmp_path / "r/fairlead.yaml").write_text(proposed + "\n")
    git("add", ".", cwd=tmp_path / "r")
    git("-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "x", cwd=tmp_path / "r")
    assert fairlead("status", cwd=tmp_path / "r").returncode == 0


@every_verb
def test_a_configuration_that_is_not_committed_does_not_count(tmp_path, verb):
    files = texts()
    del files["fairlead.yaml"]
    new_repo(tmp_path / "r", files)
    (tmp_path / "r/fairlead.yaml").write_text(CONFIG)
    assert "there is no fairlead.yaml on main" in told(tmp_path / "r", *verb, code=2)


@pytest.mark.parametrize(
    ("config", "place", "message"),
    [
        (CONFIG.replace("production]]", "production, dev]]"), "fairlead.yaml:3:", "the chain is circular"),
        (CONFIG.replace("production]]", "production], [production, dev]]"), "fairlead.yaml:3:", "circular"),
        (CONFIG.replace("production]]", "prodution]]"), "fairlead.yaml:3:", "did you mean 'production'?"),
        (CONFIG.replace("apps/{app}", "applications/{app}"), "fairlead.yaml:4:", "matches no kustomization"),
        (CONFIG.replace("{app}", "{"), "fairlead.yaml:4:", "matches no kustomization"),
        (
            CONFIG.replace("prod]", "prod, web]").replace('{env}"]', '{env}", "apps/{env}/overlays/{app}"]'),
            "fairlead.yaml:4:",
            "apps/web/overlays/dev stands for two environments, dev and production",
        ),
        (CONFIG.replace("staging: {}", "staging: {match: [prod]}"), "fairlead.yaml:2:", "stands for two environments"),
        (CONFIG.replace("/{env}", ""), "fairlead.yaml:4:", "has no {env}"),
        (CONFIG.replace("chains", "chain"), "fairlead.yaml:3:", "unknown key 'chain'"),
        (CONFIG + "forge: {kind: githbu}\n", "fairlead.yaml:5:", "githbu"),
        (CONFIG + "version: 1\n", "fairlead.yaml:5:1", "stands twice"),
        ("version: 1\nenvironments: [\n", "fairlead.yaml:3:", "not YAML"),
        ("", "fairlead.yaml:1:1", "is empty"),
        ("[" * 100_000, "fairlead.yaml:1:", "nests more than"),
        ("\x00", "fairlead.yaml:1:1", "not YAML"),
    ],
)
def test_a_bad_configuration_is_told_with_its_place(tmp_path, config, place, message):
    new_repo(tmp_path / "r", texts(config=config))
    for verb in VERBS:
        said = told(tmp_path / "r", *verb, code=2)
        assert (place in said, message in said) == (True, True), said


def test_a_configuration_without_a_chain(tmp_path):
    new_repo(tmp_path / "r", texts(config=CONFIG.replace("chains: [[dev, staging, production]]\n", "")))
    assert "has no chain" in told(tmp_path / "r", *PROMOTE, code=2)
    assert fairlead("status", cwd=tmp_path / "r").returncode == 0


# ── names that are not there ──


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        (("set", "wbe", "dev", "image=a:1"), "there is no app 'wbe'\n  did you mean 'web'?"),
        (("set", "web", "dvelopment", "image=a:1"), "there is no environment 'dvelopment'"),
        (("promote", "wbe", "--yes"), "there is no app 'wbe'\n  did you mean 'web'?"),
        (("promote", "web", "--to", "stagin", "--yes"), "'stagin'\n  did you mean 'staging'?"),
        (("promote", "web", "--from", "dv", "--yes"), "'dv'\n  did you mean 'dev'?"),
        (("promote", "web", "--through", "porduction", "--yes"), "'porduction'\n  did you mean 'production'?"),
        (("rollback", "wbe", "dev", "--yes"), "did you mean 'web'?"),
        (("rollback", "web", "dve", "--yes"), "did you mean 'dev'?"),
        (("status", "wbe"), "did you mean 'web'?"),
        (("history", "wbe"), "did you mean 'web'?"),
        (("history", "web", "dve"), "did you mean 'dev'?"),
        (("status", "completely-else"), "apps are: web"),
        (("pr", "show", "7"), "there is no pull request 7"),
    ],
)
def test_unknown_names_are_told_with_near_misses(desk, verb, message):
    assert message in told(desk.folder, *verb, code=2)


HOSTILE = (
    "--all",
    "-x",
    "$(id)",
    "`id`",
    "a\nb",
    "../../etc",
    "\x1b[2J",
    "\u202e",
    "%s%n",
    "a" * 5000,
    "x*",
    "",
    "web/../web",
    "\udcff",
)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_names_that_are_not_there(desk, name):
    before = everything(desk.folder)
    for verb in (
        ("status", "--", name),
        ("promote", "--yes", "--", name),
        ("promote", "web", "--yes", f"--to={name or '-'}"),
        ("set", "--", name, "dev", "image=a:1"),
        ("set", "--", "web", "dev", f"image={name}"),
        ("set", "--", "web", name, "a=b"),
        ("set", "--", "web", "dev", f"{name}=1"),
        ("rollback", "web", "dev", "--yes", f"--to=x{name}"),
        ("history", "--", "x" + name),
        ("promote", "web", "--yes", f"--field=x{name}"),
        ("promote", "web", "--yes", f"--unit=x{name}"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "fairlead", *verb],
            cwd=desk.folder,
            env=environment(desk.folder / "no-home"),
            input="",
            capture_output=True,
            check=False,
            timeout=60,
            text=True,
            errors="surrogateescape",
        )
        assert (done.returncode, "Traceback" in done.stderr, "\x1b" in done.stderr) == (2, False, False), (verb, done)
    assert everything(desk.folder) == before


# ── odd states of the repository ──


@every_verb
def test_a_dirty_work_tree_does_not_matter(desk, verb):
    """Staged, changed and untracked files, an unreadable configuration: nothing of it is looked at, or lost."""
    (desk.folder / "README.md").write_text("staged\n")
    git("add", "README.md", cwd=desk.folder)
    (desk.folder / "README.md").write_text("unstaged\n")
    (desk.folder / "fairlead.yaml").write_text("nonsense: [")
    (desk.folder / path("staging")).write_text("mine\n")
    (desk.folder / "untracked").write_text("x\n")
    before = everything(desk.folder)
    done = fairlead(*verb, cwd=desk.folder)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    after = everything(desk.folder)
    mine = ("README.md", "fairlead.yaml", path("staging"), "untracked", "stash", "head")
    assert {name: after[name] for name in mine} == {name: before[name] for name in mine}
    assert git("diff", "--cached", "--name-only", cwd=desk.folder) == "README.md"


@every_verb
def test_a_detached_head_with_a_known_branch(desk, verb):
    git("checkout", "-q", "--detach", cwd=desk.folder)
    before = everything(desk.folder)
    done = fairlead(*verb, cwd=desk.folder)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert everything(desk.folder) | {"refs": 0} == before | {"refs": 0}


@every_verb
def test_a_detached_head_without_one(desk, verb):
    git("checkout", "-q", "--detach", cwd=desk.folder)
    git("branch", "-m", "main", "trunk", cwd=desk.folder)
    said = told(desk.folder, *verb, code=2)
    assert "HEAD is detached" in said
    assert "branch: NAME" in said


@every_verb
def test_a_shallow_clone(desk, tmp_path, verb):
    git("clone", "-q", "--depth", "1", f"file://{desk.folder}", str(tmp_path / "shallow"), cwd=tmp_path)
    done = fairlead(*verb, cwd=tmp_path / "shallow")
    assert "Traceback" not in done.stderr
    if verb[0] == "rollback":
        assert (done.returncode, "the clone is shallow" in done.stderr) == (2, True)
    else:
        assert done.returncode == 0, done.stderr
    if verb[0] in ("status", "history"):
        assert "note: the clone is shallow: older history is not here (git fetch --unshallow)" in done.stderr


@every_verb
def test_a_bare_clone(desk, tmp_path, verb):
    git("clone", "-q", "--bare", str(desk.folder), str(tmp_path / "bare.git"), cwd=tmp_path)
    done = fairlead(*verb, cwd=tmp_path / "bare.git")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


@every_verb
def test_a_branch_that_is_not_there(tmp_path, verb):
    new_repo(tmp_path / "r", texts(config=CONFIG + "branch: trunk\n"))
    said = told(tmp_path / "r", *verb, code=2)
    assert "no commits on 'trunk'" in said
    assert "branches are: main" in said


@every_verb
def test_files_that_are_no_yaml(desk, verb):
    desk.change({path("staging"): "a: [\n", path("dev"): "\x00"})
    done = fairlead(*verb, cwd=desk.folder)
    assert (done.returncode in (0, 2, 5, 6), "Traceback" in done.stderr) == (True, False), done.stderr


@every_verb
def test_an_object_that_is_missing(desk, verb):
    tree = git("rev-parse", f"main:{path('staging')}", cwd=desk.folder)
    (desk.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    done = fairlead(*verb, cwd=desk.folder)
    assert (done.returncode in (0, 6), "Traceback" in done.stderr) == (True, False), done.stderr


@every_verb
def test_a_commit_that_is_missing(desk, verb):
    commit = git("rev-parse", "main~1", cwd=desk.folder)
    (desk.folder / ".git/objects" / commit[:2] / commit[2:]).unlink()
    done = fairlead(*verb, cwd=desk.folder)
    assert (done.returncode in (0, 2, 6), "Traceback" in done.stderr) == (True, False), done.stderr


# ── the world failed ──


def bare_path(folder: Path) -> str:
    """A PATH that has git and nothing else of ours."""
    folder.mkdir()
    for name in ("git", "sh", "env"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


@pytest.mark.parametrize("verb", [PROMOTE, ("promote", "web", "--dry-run"), ROLLBACK], ids=" ".join)
def test_no_kustomize(desk, tmp_path, verb):
    before = everything(desk.folder)
    python = tmp_path / "venv/bin/python"  # an interpreter with no tools beside it
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    env = environment(desk.folder / "no-home", PATH=bare_path(tmp_path / "bin"))
    env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [str(python), "-m", "fairlead", *verb], cwd=desk.folder, env=env, input="", capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (6, False), done.stderr
    assert "kustomize" in done.stderr
    assert everything(desk.folder) == before


@pytest.mark.parametrize("verb", [SET, *READERS], ids=" ".join)
def test_what_renders_nothing_needs_no_kustomize(desk, tmp_path, verb):
    done = fairlead(*verb, cwd=desk.folder, PATH=bare_path(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr


@every_verb
def test_no_git(desk, tmp_path, verb):
    (tmp_path / "bin").mkdir()
    assert "git is missing" in told(desk.folder, *verb, code=6, PATH=str(tmp_path / "bin"))


# The interpreter may lie where nobody else can look: all is imported before the user changes.
AS_NOBODY = f"""
import contextlib, importlib, io, os, pkgutil, sys
import fairlead
from fairlead.cli.main import run
for module in pkgutil.walk_packages(fairlead.__path__, "fairlead."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    for words in (["promote", "web", "--dry-run"], ["rollback", "web", "dev", "--dry-run"], ["status"], ["gone"]):
        run(words)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
sys.exit(run(sys.argv[1:]))
"""


def as_nobody(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a user who owns nothing there, where we are root; else as ourselves."""
    home = cwd.parent / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {cwd}\n")
    env = environment(home, TMPDIR="/tmp")
    env = {k: v for k, v in env.items() if not k.startswith("COVERAGE_")}  # nobody could write what it measures
    return subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *arguments], cwd=cwd, env=env, input="", capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


@every_verb
def test_a_read_only_folder(desk, tmp_path, verb):
    for place in (tmp_path, *tmp_path.parents):
        if "pytest" in place.as_posix() and place.stat().st_uid == os.geteuid():
            place.chmod(0o755)
    places = [desk.folder, *desk.folder.rglob("*")]
    for place in places:
        if not place.is_symlink():
            place.chmod(place.stat().st_mode & 0o555 | 0o444 | (0o111 if place.is_dir() else 0))
    try:
        before = everything(desk.folder)
        done = as_nobody(*verb, cwd=desk.folder)
        assert "Traceback" not in done.stderr
        expected = 0 if verb in READERS or "--dry-run" in verb else 4
        assert done.returncode == expected, done.stderr
        assert everything(desk.folder) == before
    finally:
        for place in places:
            if place.is_dir():
                place.chmod(0o755)


def test_a_plan_that_can_not_be_written(desk):
    said = told(desk.folder, "promote", "web", "--plan-out", "README.md/p.json", code=6)
    assert "can't write" in said
    assert overlay("dev", "1.1.0") == (desk.folder / path("dev")).read_text()


def test_without_a_terminal_nobody_is_asked(desk):
    for verb in (("promote",), ("promote", "web"), ("rollback", "web", "dev")):
        said = told(desk.folder, *verb, code=2)
        assert "--yes" in said or "--all" in said
