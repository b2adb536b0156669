"""Past promotions of a repository, found and replayed."""

from __future__ import annotations

import gzip
import json

import pytest

from benchmarks import harvest, replay
from fairlead.promotion.habits import Pace
from tests.promotions import Desk, git

MANIFEST = "kind: Deployment\nspec:\n  containers:\n  - image: {}/web:{}\n  - image: {}/job:{}\n  replicas: {}\n"


def lower(web: str, job: str) -> str:
    return MANIFEST.format("dev.io", web, "dev.io", job, 1)


def upper(web: str, job: str, replicas: int = 5) -> str:
    return MANIFEST.format("prod.io", web, "prod.io", job, replicas)


@pytest.fixture
def folder(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    up, low = "clusters/eu-production/web.yaml", "clusters/eu-staging/web.yaml"
    desk.change({up: upper("1.0.0", "1.0.0"), low: lower("1.0.0", "1.0.0")}, "start")
    desk.change({low: lower("1.1.0", "1.1.0")}, "a newer one")
    desk.change({up: upper("1.1.0", "1.0.0")}, "promotion")
    desk.change({up: upper("1.1.0", "1.0.0", 9)}, "not from below")
    desk.change({up: upper("1.1.0", "1.1.0", 10)}, "a promotion and more")
    desk.change({low: lower("1.2.0", "1.1.0"), up: upper("1.2.0", "1.1.0", 10)}, "both at once")
    git(desk.folder, "reset", "-q", "--hard")
    return desk.folder


def test_the_promotions_of_a_repository_become_cases(folder, tmp_path, capsys):
    out = tmp_path / "cases.jsonl.gz"
    assert harvest.main([str(folder), str(out)]) == 0
    with gzip.open(out, "rt", encoding="utf-8") as handle:
        (case,) = map(json.loads, handle)
    assert {k: case[k] for k in ("repo", "from", "to", "kinds")} == {
        "repo": "repo", "from": "staging", "to": "production", "kinds": ["images"],
    }  # fmt: skip
    assert case["files"] == [
        {
            "path": "clusters/eu-production/web.yaml", "lower_path": "clusters/eu-staging/web.yaml",
            "lower": lower("1.1.0", "1.1.0"), "before": upper("1.0.0", "1.0.0"), "after": upper("1.1.0", "1.0.0"),
        }
    ]  # fmt: skip
    assert capsys.readouterr().out == f"1 promotions in {out}\n"


def case(number: int, web: tuple[int, int], date: str = "") -> dict:
    texts = {"lower": lower(f"1.{web[1]}.0", "1.99.0"), "before": upper(f"1.{web[0]}.0", "1.0.0"),
             "after": upper(f"1.{web[1]}.0", "1.0.0")}  # fmt: skip
    return {
        "repo": "r", "commit": f"c{number}", "date": date or f"2026-01-{number:02}", "from": "staging",
        "to": "production", "files": [{"path": "production/a.yaml", "lower_path": "staging/a.yaml", **texts}],
    }  # fmt: skip


def write(path, cases: list[dict]):
    with gzip.open(path, "wt", encoding="utf-8") as handle:
        handle.writelines(json.dumps(c) + "\n" for c in cases)
    return path


def defaults(row: dict) -> list[str]:
    return [edit["text"] for edit in row["files"][0] if edit["default"]]


def test_with_history_a_case_is_answered_by_the_earlier_ones_alone(tmp_path):
    cases = [case(n, (n, n + 1)) for n in range(1, 9)]
    files = [write(tmp_path / "r.jsonl.gz", cases[::-1])]
    plain = {r["commit"]: defaults(r) for r in replay.answers(files)}
    habit = {r["commit"]: defaults(r) for r in replay.answers(files, history=True, pace=Pace.HABIT)}
    one = {r["commit"]: defaults(r) for r in replay.answers(files, history=True, pace=Pace.ONE)}
    assert all(len(found) == 2 for found in plain.values())
    assert [len(habit[f"c{n}"]) for n in range(1, 9)] == [2, 2, 2, 2, 1, 1, 1, 1]
    assert [len(one[f"c{n}"]) for n in range(1, 9)] == [2, 1, 1, 1, 1, 1, 1, 1]


def test_cases_of_one_day_keep_the_order_of_their_file():
    early, late = [case(n, (1, 2), "2026-01-01") for n in (1, 2)], case(3, (1, 2))
    assert replay.in_order([*early, late]) == [*early, late]
    assert replay.in_order([late, *early[::-1]]) == [*early, late]
