"""Rendering happens in memory for whoever asks: no git, no home, nothing left behind, nothing run."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.model.errors import FairleadError, UsageError, WorldError
from fairlead.model.snapshot import EXECUTABLE, REGULAR, MemorySnapshot
from fairlead.scaffold import render as rendering
from fairlead.scaffold import templates
from fairlead.scaffold.render import render

CHILD = """
import sys
from fairlead.scaffold.render import render
assert "copier" not in sys.modules
print(*render("repo", {}))
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    """A template of our own, kind `own`, as a function of its files."""

    def make(**files: str) -> Path:
        folder = tmp_path / "templates" / "own"
        folder.mkdir(parents=True)
        for name, text in {"copier.yml": "", **files}.items():
            (folder / name).write_text(text)
        monkeypatch.setattr(templates, "_root", lambda: tmp_path / "templates")
        return folder

    return make


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_the_result_is_a_snapshot_s_content_in_order():
    files = render("repo", {})
    assert list(files) == sorted(files)
    assert MemorySnapshot(files).files("apps/web/overlays/dev") == (
        "apps/web/overlays/dev/deployment.yaml",
        "apps/web/overlays/dev/kustomization.yaml",
        "apps/web/overlays/dev/namespace.yaml",
    )
    assert {file.mode for file in files.values()} == {REGULAR}


def test_two_runs_give_the_same_bytes():
    assert render("repo", {"app": "cart"}) == render("repo", {"app": "cart"})


@pytest.mark.parametrize("home", [None, "", "/nonexistent", "broken"])
def test_neither_git_nor_a_home_nor_the_user_s_settings_are_used(tmp_path, home):
    programs = tmp_path / "bin"
    temporary = tmp_path / "tmp"
    broken = tmp_path / "home"
    for folder in (programs, temporary, broken / ".config" / "copier"):
        folder.mkdir(parents=True)
    canary = tmp_path / "git-was-run"
    (programs / "git").write_text(f"#!/bin/sh\necho >> '{canary}'\n")
    (programs / "git").chmod(0o755)
    (broken / ".config" / "copier" / "settings.yml").write_text("defaults: [}")
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.defpath}",
        "TMPDIR": str(temporary),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COPIER_SETTINGS_PATH": str(broken / ".config" / "copier" / "settings.yml"),
    }
    if home is not None:
        environment["HOME"] = str(broken) if home == "broken" else home
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=environment,
        cwd=temporary,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "fairlead.yaml" in done.stdout.split()
    assert not canary.exists()
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_in_the_temporary_folder(temporary):
    render("repo", {})
    assert list(temporary.iterdir()) == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Copier's walk through the template is cut short
def test_a_template_at_fault_is_an_error_of_ours_and_leaves_nothing(template, temporary):
    template(**{"a.txt.jinja": "{{ missing.value }}"})
    with pytest.raises(FairleadError, match="at fault"):
        render("own", {})
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_temporary_folder_that_can_t_be_written_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(WorldError) as caught:
        render("repo", {})
    assert "TMPDIR" in caught.value.remedy


def test_tasks_of_a_template_are_not_run(template, tmp_path):
    template(**{"copier.yml": f"_tasks: ['touch {tmp_path}/ran']\n", "a.txt": "a"})
    assert list(render("own", {})) == ["a.txt"]
    assert not (tmp_path / "ran").exists()


def test_a_template_with_extensions_is_refused(template):
    template(**{"copier.yml": "_jinja_extensions: [os.path]\n", "a.txt": "a"})
    with pytest.raises(FairleadError, match="unsafe"):
        render("own", {})


def test_executables_stay_executable_and_binary_files_stay_as_they_are(template):
    folder = template(**{"run.sh": "#!/bin/sh\n"})
    (folder / "run.sh").chmod(0o755)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x00\xff")
    files = render("own", {})
    assert files["run.sh"].mode == EXECUTABLE
    assert files["logo.png"].data == b"\x89PNG\r\n\x00\xff"
    assert files["logo.png"].mode == REGULAR


def test_a_symbolic_link_of_a_template_is_refused(template):
    folder = template(**{"copier.yml": "_preserve_symlinks: true\n"})
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(FairleadError, match="symbolic link"):
        render("own", {})


def test_an_answer_that_reads_like_a_template_is_written_as_it_is(template):
    template(**{"copier.yml": "text: {type: str, default: x}\n", "a.txt.jinja": "{{ text }}"})
    text = "{{ 7*7 }} {% raw %} \"; rm -rf ~ 'caf\u00e9\u202e"
    assert render("own", {"text": text})["a.txt"].data.decode() == text


def test_bad_answers_are_refused_before_copier_is_asked(monkeypatch):
    monkeypatch.setattr(rendering, "_copy", None)
    with pytest.raises(UsageError):
        render("repo", {"app": "Web"})


def test_questions_that_are_no_yaml_are_the_template_s_fault(template):
    template(**{"copier.yml": "a: [}"})
    with pytest.raises(FairleadError, match=r"copier\.yml is at fault"):
        render("own", {})


def test_an_installation_without_templates_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(templates, "_root", lambda: tmp_path)
    with pytest.raises(WorldError, match="missing"):
        render("repo", {})
