"""Each measure really runs, once and on a handful of overlays, so that none rots. Figures are no business of tests."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.bench import Bench
from benchmarks.corpora import archives
from benchmarks.generate import generate
from benchmarks.measures import MEASURES
from benchmarks.tools import KUSTOMIZE, Tools
from fairlead.doors.proc import which
from fairlead.render import helper

BY_NAME = {measure.name: measure for measure in MEASURES}
UNWANTED = {"flux-local": "not here", "flate": "not here", "kubeconform": "not here"}
needs_helper = pytest.mark.skipif(helper.found() is None, reason="there is no fairlead-renderer; make renderer")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Tiny sizes, and the kustomize of this machine in the place where the pinned one would be built."""
    place = tmp_path / "tools" / f"kustomize-{KUSTOMIZE}" / "kustomize"
    place.parent.mkdir(parents=True)
    kustomize, kubectl = which("kustomize"), which("kubectl")
    if kustomize is not None:
        place.symlink_to(kustomize)
    else:
        place.write_text(f'#!/bin/sh\nshift\nexec "{kubectl}" kustomize "$@"\n')
        place.chmod(0o755)
    tools = Tools(tmp_path / "tools", dict(UNWANTED))
    return Bench(quick=True, overlays=3, rounds=1, corpora=tmp_path / "corpora", tools=tools)


def run(name: str, bench: Bench) -> dict[str, Any]:
    report = json.loads(json.dumps(BY_NAME[name].report(bench)))
    assert (report["measure"], report["quick"], report["settings"]["overlays"]) == (name, True, 3)
    assert report["machine"]["cores"] >= 1
    for key in ("cpu", "memory_mb", "python", "git", "go", "fairlead", "renderer", "load", "load_at_end"):
        assert report["machine"][key]
    assert report["missing"] == bench.tools.missing
    return report


def values(report: dict[str, Any]) -> list[float]:
    return [figure["value"] for figure in report["figures"]]


@needs_helper
def test_render_names_the_peers_that_are_missing(bench):
    report = run("render", bench)
    assert {"flux-local", "flate"} <= set(report["missing"])
    ways = set(report["ways"])
    assert {f"kustomize {KUSTOMIZE}", "fairlead, folder", "fairlead, commit"} <= ways
    assert not ways & {"flux-local", "flate"}
    assert all(len(way["seconds"]) == 1 for way in report["ways"].values())
    assert all(value > 0 for value in values(report))


@pytest.mark.parametrize("name", ["check", "schemas"])
def test_what_needs_kubeconform_says_so(bench, name):
    report = run(name, bench)
    assert report["skipped"] == "kubeconform: not here"
    assert "figures" not in report


def test_warm_tells_what_the_check_saw(bench):
    report = run("warm", bench)
    assert {"errors": 0, "warnings": 0, "overlays": 3, "built": 3}.items() <= report["details"]["summary"].items()


def test_staged_judges_the_one_overlay_that_changed(bench):
    assert run("staged", bench)["details"]["summary"]["overlays"] == 1


def test_base_judges_what_reads_the_file_and_nothing_else(bench):
    report = run("base", bench)
    assert [(row["reached"], row["judged"]) for row in report["details"]["reach"]] == [(3, 3)]
    assert values(report) == [1.0]


def test_growth_checks_ten_times_as_many(bench):
    report = run("growth", bench)
    assert report["details"]["overlays"] == [3, 30]
    assert [summary["built"] for summary in report["details"]["summaries"]] == [3, 30]


@needs_helper
def test_parity_compares_every_kustomization_of_an_archive(bench, tmp_path):
    root = tmp_path / "example"
    generate(root, 3)
    (root / "apps/broken").mkdir()
    (root / "apps/broken/kustomization.yaml").write_text("resources: [absent.yaml]\n")
    bench.corpora.mkdir()
    with tarfile.open(bench.corpora / "example.tar.gz", "w:gz") as tar:
        tar.add(root, "example")
    assert [archive.name for archive in archives(bench.corpora)] == ["example.tar.gz"]
    report = BY_NAME["parity"].report(Bench(overlays=3, corpora=bench.corpora, tools=bench.tools))
    details = report["details"]
    assert [repository["differences"] for repository in details["repositories"]] == [[]]
    assert details["kustomizations"] - details["built"] == 1
    assert report["figures"][0]["value"] == 1.0


def test_parity_without_archives_says_so(bench):
    assert run("parity", bench)["skipped"].startswith("there are no archives")


@needs_helper
def test_history_renders_the_same_bytes_as_the_peer(bench):
    report = run("history", bench)
    assert report["details"]["commits"] == 5
    assert report["details"]["renders"] == report["details"]["same_bytes"] >= 10
    assert values(report)[1] == 1.0


def test_plan_plans_few_and_many(bench):
    report = run("plan", bench)
    assert report["details"]["apps"] == [1, 10]
    assert set(report["details"]["cpu_seconds"]) == set(report["ways"])
    assert len(report["figures"]) == 8


def test_install_without_a_wheel_says_so(bench, tmp_path):
    assert run("install", bench)["skipped"].startswith("name a wheel")


def test_start_runs_what_is_answered_at_once_and_real_commands(bench):
    report = run("start", bench)
    assert len(report["figures"]) == 7
    assert len(report["ways"]) == 8


def test_the_measures_are_listed(capsys):
    assert main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BY_NAME)


def test_results_are_written_into_a_folder(tmp_path, capsys):
    assert main(["install", "--quick", "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "install.json").read_text())["measure"] == "install"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "words"), [(["instal"], "no measure 'instal'"), (["warm", "--rounds", "2"], "3")]
)
def test_what_makes_no_sense_is_refused(arguments, words, capsys):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_peer_that_cannot_be_built_is_named_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    tools = Tools(tmp_path)
    assert [tools.find(name) for name in ("kubeconform", "kubectl")] == [None, None]
    assert tools.missing == {"kubeconform": "there is no Go to build it with", "kubectl": "it is not on PATH"}
