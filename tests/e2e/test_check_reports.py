"""The formats of `fairlead check` as people and CI ask for them, on a real repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from fairlead.report.findings import FORMATS
from tests.e2e.sealed import environment, fairlead, git
from tests.support import new_repo

_ROOT = Path(__file__).parents[2]
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    imgae: e.com/web:1\n"
)
_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
    "layout: ['apps/{app}/overlays/{env}']\n",
    "apps/web/base/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/web/base/pod.yaml": _POD,
    "apps/web/overlays/dev/kustomization.yaml": "resources: [../../base]\nimages:\n- name: none\n  newTag: x\n",
    "apps/web/overlays/production/kustomization.yaml": "resources: [../../base]\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def test_one_run_writes_every_format_and_prints_one(repo: Path) -> None:
    reports = [f"--report={form}=out/{form}" for form in FORMATS]
    done = fairlead("check", *reports, "--format", "github", cwd=repo)
    assert (done.returncode, done.stderr) == (1, "")
    assert sorted(place.name for place in (repo / "out").iterdir()) == sorted(FORMATS)
    assert (repo / "out/github").read_text() == done.stdout
    for form in FORMATS:
        alone = fairlead("check", "--format", form, cwd=repo)
        assert alone.returncode == 1
        if form in ("sarif", "github", "gitlab", "markdown"):
            assert alone.stdout == (repo / "out" / form).read_text()
        elif form == "text":
            assert alone.stdout + alone.stderr == (repo / "out" / form).read_text()
    schema = json.loads((_ROOT / "docs/reference/check-report.schema.json").read_text())
    jsonschema_rs.Draft202012Validator(schema).validate(json.loads((repo / "out/json").read_text()))
    sarif = json.loads((_ROOT / "tests/fixtures/sarif/sarif-schema-2.1.0.json").read_text())
    jsonschema_rs.Draft4Validator(sarif).validate(json.loads((repo / "out/sarif").read_text()))


def test_reports_of_shards_and_what_is_merged_of_them_are_as_the_schema_says(repo: Path) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        json.loads((_ROOT / "docs/reference/check-report.schema.json").read_text())
    )
    for shard in (1, 2):
        fairlead("check", "--shard", f"{shard}/2", "--report", f"json={shard}.json", cwd=repo)
        validator.validate(json.loads((repo / f"{shard}.json").read_text()))
    merged = fairlead("report", "merge", "1.json", "2.json", "--format", "json", "--report", "junit=m.xml", cwd=repo)
    validator.validate(json.loads(merged.stdout))
    assert (repo / "m.xml").read_text().startswith("<?xml")


def test_the_line_is_that_of_what_was_judged(repo: Path) -> None:
    quoted = "    8 |     imgae: e.com/web:1\n      |     ^\n"
    assert quoted in fairlead("check", cwd=repo).stdout
    (repo / "apps/web/base/pod.yaml").write_text("# something else\n" * 20)
    assert quoted in fairlead("check", "--at", "HEAD", cwd=repo).stdout
    (repo / "apps/web/base/pod.yaml").write_text(_POD.replace("imgae", "imega"))
    git("add", ".", cwd=repo)
    (repo / "apps/web/base/pod.yaml").unlink()
    assert "    8 |     imega: e.com/web:1\n" in fairlead("check", "--staged", cwd=repo).stdout


def test_no_secret_s_line_and_no_token_is_told(repo: Path) -> None:
    (repo / "apps/web/base/pod.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\nstringDta: {password: hunter2}\n"
    )
    (repo / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: ['https://u:hunter2@e.com/x.yaml']\n")
    for form in FORMATS:
        done = fairlead("check", "--format", form, cwd=repo)
        assert done.returncode == 1
        assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_code_is_the_same_in_every_format(repo: Path, form: str) -> None:
    assert fairlead("check", "--format", form, cwd=repo).returncode == 1
    with (repo / "fairlead.yaml").open("a") as file:
        file.write("check: {severity: {schema: warning, dead-image: warning}}\n")
    assert fairlead("check", "--format", form, cwd=repo).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--report", "yaml=x"), 2, "there is no format 'yaml'; formats are: text, json,"),
        (("--report", "sarif"), 2, "say into which file, such as sarif=report.sarif"),
        (("--report", "junit="), 2, "such as junit=report.xml"),
        (("--report", "json=x", "--report", "text=x"), 2, "two of --report name the same file"),
        (("--report", "json=fairlead.yaml/x"), 6, "can't write"),
        (("--report", "json=apps"), 6, "can't write"),
    ],
)
def test_what_can_not_be_written_is_told(repo: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    done = fairlead("check", *arguments, cwd=repo)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_a_report_may_go_where_no_file_is(repo: Path, tmp_path: Path) -> None:
    done = fairlead("check", "--format", "gitlab", "--report", "text=/dev/stderr", cwd=repo)
    assert "[schema]" in done.stderr
    json.loads(done.stdout)
    (tmp_path / "real").write_text("old")
    (repo / "link").symlink_to(tmp_path / "real")
    fairlead("check", "--report", "junit=link", cwd=repo)
    assert (repo / "link").is_symlink()
    assert (tmp_path / "real").read_text().startswith("<?xml")


@pytest.mark.parametrize("form", ["text", "markdown", "github"])
def test_letters_that_the_terminal_s_encoding_lacks_are_escaped(repo: Path, form: str) -> None:
    (repo / "apps/web/base/pod.yaml").write_text(_POD.replace("e.com/web:1", "é.com/日本:1"), encoding="utf-8")
    done = fairlead("check", "--format", form, cwd=repo, PYTHONIOENCODING="ascii")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_a_clean_run_imports_no_format(repo: Path) -> None:
    (repo / "apps/web/base/pod.yaml").write_text(_POD.replace("imgae", "image"))
    (repo / "apps/web/overlays/dev/kustomization.yaml").write_text("resources: [../../base]\n")
    program = (
        "import sys; from fairlead.cli.main import run; code = run(['check', '--format', 'text']);"
        "print(code, [m for m in sys.modules if m.startswith('fairlead.report.findings.')"
        " and m.rsplit('.')[-1] in ('sarif', 'junit', 'github', 'gitlab', 'markdown', 'schema')], 'xml' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repo, text=True, capture_output=True, check=True,
        env=environment(repo / "no-home", PYTHONPATH=os.pathsep.join(sys.path)),
    )  # fmt: skip
    assert done.stdout == "0 [] False\n"
