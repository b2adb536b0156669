"""Seeded defects: each kind seeds real ones into the small repository, and some of them are judged, from end to end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from benchmarks.defects import fixture, trees
from benchmarks.defects.__main__ import main
from benchmarks.defects.judging import score
from benchmarks.defects.kinds import KINDS
from benchmarks.defects.model import Case, Kind, Place, Seed
from benchmarks.defects.page import section
from benchmarks.defects.rivals import Rivals
from benchmarks.defects.site import Ground
from benchmarks.defects.sowing import sow
from benchmarks.defects.text import dig, item_span, span, typo, without
from benchmarks.tools import KUSTOMIZE, Tools
from fairlead.checks.rules import RULES
from fairlead.doors.proc import which
from fairlead.edit.nodes import Mapping, Sequence, parse_text
from fairlead.model.findings import Finding, Severity, Where
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run

_PLACE = Place("apps/web/kustomization.yaml", 3)
_KIND = Kind("path-typo", "builds", "a name is misspelled", ("missing-file",), lambda *_: iter(()), True)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    tree = fixture.tree(tmp_path_factory.mktemp("defects").resolve())
    engine = renderer(Run(Path(), jobs=2))
    return trees.ground(trees.with_labels(tree, trees.ground(tree, engine)), engine)


def test_there_are_more_than_forty_kinds_each_with_a_rule_that_ought_to_tell() -> None:
    assert len(KINDS) > 40
    assert [name for name, count in Counter(kind.name for kind in KINDS).items() if count > 1] == []
    known = {rule.ID for rule in RULES}
    assert [kind.name for kind in KINDS if not known & set(kind.tells)] == []


def test_each_kind_seeds_a_real_defect_into_the_small_repository(ground: Ground) -> None:
    cases = sow({ground.name: ground}, KINDS, len(KINDS), 1, lambda *_: True)
    assert {kind.name for kind in KINDS} - {case.kind.name for case in cases} == set()
    for case in cases:
        changed = [path for path, data in case.seed.files.items() if data is not None]
        places = {place.path for place in case.seed.at}
        assert places, case.kind.name
        assert all(path in changed or path in ground.files for path in places), case.kind.name


def test_the_same_seed_gives_the_same_cases(ground: Ground) -> None:
    some = tuple(kind for kind in KINDS if kind.group == "environment")
    one, other = (sow({ground.name: ground}, some, 20, 7, lambda *_: True) for _ in range(2))
    assert [(c.kind.name, c.overlay, c.seed.at, c.seed.files) for c in one] == [
        (c.kind.name, c.overlay, c.seed.at, c.seed.files) for c in other
    ]


def test_what_was_told_before_is_no_place_for_a_defect(ground: Ground) -> None:
    assert sow({ground.name: ground}, KINDS[:3], 9, 1, lambda *_: False) == []


def found(rule: str, path: str, line: int, message: str = "there is no x.yaml") -> Finding:
    return Finding(rule, Severity.ERROR, message, "", Where(path, line, 5), "apps/web", overlays=("apps/web",))


@pytest.mark.parametrize(
    ("finding", "wanted"),
    [
        (found("missing-file", *_PLACE), (True, True, True)),
        (found("missing-file", _PLACE.path, 9), (True, False, True)),
        (found("missing-file", "elsewhere.yaml", 3), (True, False, False)),
        (found("dead-image", *_PLACE), (False, False, False)),
    ],
)
def test_a_case_is_scored_by_rule_line_and_file(finding: Finding, wanted: tuple[bool, bool, bool]) -> None:
    case = Case(1, _KIND, "shop", "apps/web", Seed({_PLACE.path: b""}, (_PLACE,)))
    told = score(case, Counter(), [finding])
    assert (told.found, told.exact, told.file) == wanted
    assert told.fails
    assert told.others == (not wanted[0])


def test_what_was_said_before_counts_for_nothing_also_where_lines_have_moved() -> None:
    case = Case(1, _KIND, "shop", "apps/web", Seed({_PLACE.path: b""}, (_PLACE,)))
    before = Counter({("missing-file", "there is no x.yaml", _PLACE.path, "apps/web"): 1})
    told = score(case, before, [found("missing-file", *_PLACE)])
    assert (told.found, told.fails, told.others) == (False, False, 0)


def test_entries_are_cut_out_by_whole_lines() -> None:
    text = "spec:\n  a: 1\n  list:\n  - x: 1\n    y: 2\n  # about z\n  - z\n  b: |\n    # text\n\n  c: 3\n"
    spec = dig(parse_text(text).first(), "spec")
    assert isinstance(spec, Mapping)
    assert [span(text, spec, key) for key in ("a", "list", "b", "c")] == [(2, 2), (3, 7), (8, 9), (11, 11)]
    assert without(text, spec, "list") == "spec:\n  a: 1\n  b: |\n    # text\n\n  c: 3\n"
    listed = spec.get("list")
    assert isinstance(listed, Sequence)
    assert [item_span(text, listed, index) for index in (0, 1)] == [(4, 5), (7, 7)]


def test_a_slip_of_the_pen_is_never_the_word_itself() -> None:
    random = Random(1)
    for word in ("web", "kustomization", "a", "v1", "aa", "shop-web"):
        assert all(typo(word, random) != word for _ in range(50))


def test_a_peer_is_asked_of_the_overlay_before_and_after(ground: Ground, tmp_path: Path) -> None:
    kustomize, kubectl = which("kustomize"), which("kubectl")
    place = tmp_path / f"kustomize-{KUSTOMIZE}" / "kustomize"
    place.parent.mkdir()
    if kustomize is not None:
        place.symlink_to(kustomize)
    else:
        place.write_text(f'#!/bin/sh\nshift\nexec "{kubectl}" kustomize "$@"\n')
        place.chmod(0o755)
    away = dict.fromkeys(("kubeconform", "kube-score", "flate", "flux-local"), "not here")
    chosen = tuple(kind for kind in KINDS if kind.name in ("tab", "stale-image", "unpinned-remote"))
    cases = sow({ground.name: ground}, chosen, 3, 1, lambda *_: True)
    verdicts = Rivals(Tools(tmp_path, away), 2, tmp_path / "rivals").run(cases, {ground.name: ground})
    told = {case.kind.name: verdicts[case.number] for case in cases}
    assert told == {
        "tab": {"kustomize": True}, "stale-image": {"kustomize": False}, "unpinned-remote": {"kustomize": None},
    }  # fmt: skip


def test_cases_are_judged_from_end_to_end(tmp_path: Path) -> None:
    kinds = "missing-file-1,dead-replacement,unknown-object-field,version-ahead,no-digest,flux-path"
    arguments = ["--quick", "--no-peers", "--kinds", kinds, "--cases", "6", "--out", str(tmp_path)]
    assert main(arguments) == 0
    report = json.loads((tmp_path / "defects.json").read_text())
    rows = {row["kind"]: (row["cases"], row["found"], row["exact"]) for row in report["details"]["kinds"]}
    assert rows == dict.fromkeys(kinds.split(","), (1, 1, 1))
    assert report["details"]["errors_on_untouched"] == {"fixture": []}
    lines = section(report)
    assert "| `flux-path`: a Flux Kustomization leads to no folder | 1 | 100 % | 100 % |" in lines
    assert not any(line.startswith("Not found") for line in lines)


def test_the_kinds_are_listed_and_unknown_ones_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(KINDS)
    assert main(["--kinds", "tba"]) == 2
    assert "no kind 'tba'" in capsys.readouterr().err
