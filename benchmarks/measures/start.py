"""How long fairlead takes to start: what is answered at once, and what a real command costs before it works."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Way, bare, by_turns, over, told
from benchmarks.repos import repository

_AT_ONCE = 20.0  # milliseconds
_REAL = 120.0


def run(bench: Bench) -> Outcome:
    """Measure many short runs by turns."""
    with repository(3, bench.seed) as repo:
        plain = repo.fairlead()
        completion = replace(plain, env={**plain.env, "_FAIRLEAD_COMPLETE": "bash_source"})
        commands = {
            "--version": (repo.fairlead("--version"), _AT_ONCE),
            "--help": (repo.fairlead("--help"), _AT_ONCE),
            "completion script": (completion, _AT_ONCE),
            "check --help": (repo.fairlead("check", "--help"), _REAL),
            "status --help": (repo.fairlead("status", "--help"), _REAL),
            "promote --help": (repo.fairlead("promote", "--help"), _REAL),
            "check --staged, nothing staged": (repo.fairlead("check", "--staged"), _REAL),
        }
        ways = {BARE: Way(bare())} | {name: Way(command) for name, (command, _) in commands.items()}
        samples = by_turns(ways, bench.turns(21))
    figures = tuple(
        Figure(f"{name}, over bare Python", 1000 * over(samples[name], samples[BARE]), "ms", goal, at_most=True)
        for name, (_, goal) in commands.items()
    )
    return Outcome(figures, told(samples))


MEASURE = Measure("start", "`--version`, `--help`, completion and the start of real commands, over bare Python", run)
