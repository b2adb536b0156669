"""What all measures share: turns, medians, ratios within a round, memory, processes that fail."""

import sys
from pathlib import Path

import pytest

from benchmarks.measure import Command, FailedError, Figure, Sample, Way, bare, by_turns, environment, over, ratio, told

ALLOCATE = "b = bytearray(60 * 2**20); import time; time.sleep(0.6)"


def test_ways_run_by_turns_and_what_prepares_them_is_not_timed():
    turns = []

    def way(name):
        return Way(lambda: turns.append(name) or Sample(1.0), lambda: turns.append(f"before {name}"))

    samples = by_turns({"a": way("a"), "b": way("b")}, 2)
    assert turns == ["before a", "a", "before b", "b"] * 2
    assert samples == {"a": [Sample(1.0)] * 2, "b": [Sample(1.0)] * 2}


def test_a_ratio_is_the_median_of_the_rounds_not_of_the_medians():
    slow = [Sample(10.0), Sample(40.0), Sample(30.0)]
    fast = [Sample(1.0), Sample(10.0), Sample(6.0)]
    assert ratio(slow, fast) == 5.0
    assert over(slow, fast) == 24.0


def test_a_figure_knows_whether_its_goal_is_met():
    def met(*figure, **how):
        return Figure("what", *figure, **how).told()["met"]

    assert met(9.1, "x", 9) is True
    assert met(8.9, "x", 9) is False
    assert met(0.3, "s", 0.25, at_most=True) is False
    assert met(0.25, "s", 0.25, at_most=True) is True
    assert met(1.0, "x") is None


def test_the_samples_are_told_with_their_median_and_greatest_peak():
    samples = {"one": [Sample(3.0, 10.0), Sample(1.0, 12.0), Sample(2.0, 11.0)]}
    assert told(samples) == {"one": {"seconds": [3.0, 1.0, 2.0], "median": 2.0, "peak_mb": 12.0}}


def test_a_command_is_timed_and_its_output_kept():
    done = Command([sys.executable, "-c", "print(input())"], stdin=b"word\n", keep_output=True)()
    assert done.output == b"word\n"
    assert done.code == 0
    assert done.seconds > 0
    assert 1 < done.peak_mb < 30
    assert bare()().output == b""


def test_a_command_that_fails_is_no_sample():
    with pytest.raises(FailedError, match="ended with 3: why"):
        Command([sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"])()


def test_a_program_that_is_not_there_is_no_sample():
    with pytest.raises(FailedError, match="no-such-program"):
        Command(["/no-such-program"], codes=())()


def test_a_command_may_be_allowed_to_fail():
    assert Command([sys.executable, "-c", "raise SystemExit(3)"], codes=(0, 3))().code == 3
    assert Command([sys.executable, "-c", "raise SystemExit(4)"], codes=())().code == 4


def test_a_program_that_reads_nothing_does_not_break_the_measure():
    assert Command([sys.executable, "-c", "pass"], stdin=b"x" * 2**20)().code == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes can be looked at in /proc alone")
def test_the_memory_of_a_process_tree_is_that_of_all_its_processes():
    child = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {ALLOCATE!r}])"
    script = f"{child}; {ALLOCATE}; child.wait()"
    done = Command([sys.executable, "-c", script], watch_tree=True)()
    assert 120 < done.tree_mb < 300
    assert 60 < done.peak_mb < 100


def test_settings_of_a_hook_or_a_person_reach_no_measured_process(monkeypatch):
    for name in ("GIT_DIR", "FAIRLEAD_CACHE", "FAIRLEAD_DEBUG"):
        monkeypatch.setenv(name, "/somewhere")
    monkeypatch.setenv("FAIRLEAD_RENDERER", "/renderer")
    made = environment({"FAIRLEAD_CACHE": "/empty"})
    assert "GIT_DIR" not in made
    assert "FAIRLEAD_DEBUG" not in made
    assert (made["FAIRLEAD_CACHE"], made["FAIRLEAD_RENDERER"]) == ("/empty", "/renderer")
