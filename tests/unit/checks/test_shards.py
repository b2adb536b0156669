"""Splitting overlays among runs: each in one shard, balanced, and hardly moved by a small change."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.checks.shards import SLACK, split, weights

_COSTS = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(1, 10**9), max_size=60)


def _sampled(overlays: int, seed: int) -> dict[str, int]:
    """Costs as they are found: most are small, a few are ten times as large."""
    source = random.Random(seed)
    return {f"apps/app{i}-{seed}/overlays/dev": int(source.lognormvariate(9, 1)) for i in range(overlays)}


def _loads(shards: tuple[tuple[str, ...], ...], costs: Mapping[str, int]) -> list[int]:
    return [sum(costs[folder] for folder in shard) for shard in shards]


def _moved(before: tuple[tuple[str, ...], ...], after: tuple[tuple[str, ...], ...]) -> float:
    """The part of the overlays of both that are in another shard than before."""
    was, is_ = ({f: i for i, shard in enumerate(shards) for f in shard} for shards in (before, after))
    return sum(was[f] != is_[f] for f in was.keys() & is_.keys()) / len(was)


@given(_COSTS, st.integers(1, 12))
def test_every_overlay_is_in_exactly_one_shard_and_shards_are_sorted(costs: dict[str, int], count: int) -> None:
    shards = split(costs, count)
    assert len(shards) == count
    assert sorted(folder for shard in shards for folder in shard) == sorted(costs)
    assert all(list(shard) == sorted(shard) for shard in shards)


@given(_COSTS, st.integers(1, 12))
def test_no_shard_holds_more_than_a_twentieth_above_its_part_or_its_part_and_the_largest(
    costs: dict[str, int], count: int
) -> None:
    part = sum(costs.values()) / count
    largest = max(costs.values(), default=0)
    assert max(_loads(split(costs, count), costs)) <= max(part * (1 + 1 / SLACK), part + largest)


@given(st.integers(0, 2**32))
def test_overlays_of_about_one_cost_are_within_a_twentieth(seed: int) -> None:
    source = random.Random(seed)
    costs = {f"app{seed}-{number}": source.randint(90, 110) for number in range(source.randint(200, 260))}
    loads = _loads(split(costs, 4), costs)
    assert max(loads) <= sum(loads) / 4 * (1 + 1 / SLACK)


@given(_COSTS, st.integers(1, 12), st.randoms())
def test_the_order_in_which_costs_are_told_does_not_matter(
    costs: dict[str, int], count: int, source: random.Random
) -> None:
    items = list(costs.items())
    source.shuffle(items)
    assert split(dict(items), count) == split(costs, count)


def test_the_split_is_the_same_on_every_machine() -> None:
    costs = {f"apps/{app}/overlays/{env}": 10 + len(app) for app in ("api", "web", "worker") for env in ("dev", "prod")}
    costs["d\udcffv"] = 7  # a name that is not UTF-8
    assert split(costs, 3) == (
        ("apps/api/overlays/dev", "apps/worker/overlays/dev"),
        ("apps/web/overlays/dev", "apps/web/overlays/prod", "d\udcffv"),
        ("apps/api/overlays/prod", "apps/worker/overlays/prod"),
    )


@pytest.mark.parametrize(("overlays", "count"), [(300, 4), (1000, 8), (2000, 16)])
def test_costs_as_they_are_found_are_balanced(overlays: int, count: int) -> None:
    costs = _sampled(overlays, 1)
    loads = _loads(split(costs, count), costs)
    assert max(loads) <= sum(loads) / count * (1 + 1 / SLACK)


@pytest.mark.parametrize("seed", range(5))
def test_one_overlay_more_or_less_moves_few_others(seed: int) -> None:
    costs = _sampled(1000, seed)
    before = split(costs, 8)
    fewer = dict(list(costs.items())[1:])
    assert _moved(before, split({**costs, "apps/new/overlays/dev": 8000}, 8)) < 0.05
    assert _moved(before, split(fewer, 8)) < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_costs_that_were_measured_again_move_few_overlays(seed: int) -> None:
    costs, source = _sampled(1000, seed), random.Random(seed)
    again = {folder: int(cost * source.uniform(0.85, 1.15)) for folder, cost in costs.items()}
    assert _moved(split(costs, 8), split(again, 8)) < 0.05


def test_one_shard_more_takes_its_part_and_leaves_most_where_they_were() -> None:
    costs = _sampled(1000, 3)
    assert _moved(split(costs, 8), split(costs, 9)) < 0.2


def test_more_shards_than_overlays_leave_some_empty() -> None:
    shards = split({"a": 1, "b": 1}, 5)
    assert sorted(shards) == [(), (), (), ("a",), ("b",)]


def test_what_was_recorded_counts_and_sizes_are_not_looked_at() -> None:
    def size(folder: str) -> int:
        raise AssertionError(folder)

    assert weights(("a", "b"), {"a": 300, "b": 0, "gone": 5}, size) == {"a": 300, "b": 1}


def test_what_was_not_recorded_costs_by_its_size_what_others_of_that_size_do() -> None:
    sizes = {"a": 1, "b": 2, "c": 4, "new": 6, "empty": 0}
    recorded = {"a": 100, "b": 400, "c": 800}  # 100, 200, 200 for one of size
    assert weights(sizes, recorded, sizes.__getitem__) == {**recorded, "new": 1200, "empty": 1}
    assert weights(("a", "new"), {}, sizes.__getitem__) == {"a": 1, "new": 6}
