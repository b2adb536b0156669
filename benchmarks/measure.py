"""How everything is measured: ways by turns in one run, medians, ratios pair by pair, memory of whole process trees."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
BARE = "bare Python"
_INTERVAL = 0.1  # seconds between two looks at a process tree
# Starts the program and waits for it. Small, because the system counts the memory of whoever starts a process as the
# process's own (Linux: `ru_maxrss` outlives exec).
_LAUNCH = """
import os, sys, time
told = int(sys.argv[1])
os.set_inheritable(told, False)
begin = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
spent = time.perf_counter() - begin
os.write(told, f"{spent} {status} {usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}".encode())
"""


class FailedError(RuntimeError):
    """A way ended otherwise than it had to: its time says nothing."""


@dataclass(frozen=True)
class Sample:
    """One run. `peak_mb` is the largest process, `tree_mb` all that lived at once (0: not looked at).

    `cpu` are seconds of processors, the program's own and of what it started and waited for.
    """

    seconds: float
    peak_mb: float = 0.0
    tree_mb: float = 0.0
    code: int = 0
    output: bytes = field(default=b"", repr=False)
    cpu: float = 0.0


@dataclass(frozen=True)
class Command:
    """A program to time. `codes` are the exit codes that it may end with (none: any)."""

    argv: Sequence[str]
    cwd: Path | None = None
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)
    keep_output: bool = False
    watch_tree: bool = False

    def __call__(self) -> Sample:
        """Run it once. Raises FailedError where it ends with another code, or can't be started."""
        mine, its = os.pipe()
        launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(its), *self.argv]
        with os.fdopen(mine, "rb") as told, subprocess.Popen(
            launch, cwd=self.cwd, env=environment(self.env), pass_fds=[its],
            stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.keep_output else subprocess.DEVNULL, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            os.close(its)
            watch = _Watch(process.pid) if self.watch_tree else None
            output, errors = process.communicate(self.stdin or None)
            words = told.read().split()
        tree = watch.end() if watch is not None else 0.0
        code = os.waitstatus_to_exitcode(int(words[1])) if words else None
        if code is None or (self.codes and code not in self.codes):
            why = errors.decode("utf-8", "replace")[-2000:]
            raise FailedError(f"{' '.join(self.argv)[:300]} ended with {code}: {why}")
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Sample(float(words[0]), int(words[2]) / unit, tree, code, output or b"", float(words[3]))


@dataclass(frozen=True)
class Way:
    """One way to do the job. What `prepare` does before each run is not timed."""

    run: Callable[[], Sample]
    prepare: Callable[[], object] | None = None


def by_turns(ways: Mapping[str, Way], rounds: int) -> dict[str, list[Sample]]:
    """Run all ways once a round, one after another, so that whatever slows the machine slows all of them."""
    samples: dict[str, list[Sample]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            if way.prepare is not None:
                way.prepare()
            samples[name].append(way.run())
            note(f"round {number + 1} of {rounds}: {name}: {samples[name][-1].seconds:.3f} s")
    return samples


def told(samples: Mapping[str, Sequence[Sample]]) -> Json:
    """The samples for JSON: each way's seconds, their median, its peak of memory."""
    out: Json = {}
    for name, each in samples.items():
        out[name] = {
            "seconds": [round(s.seconds, 4) for s in each],
            "median": round(median(each), 4),
            "peak_mb": round(max(s.peak_mb for s in each), 1),
        }
        if any(s.tree_mb for s in each):
            out[name]["tree_mb"] = round(max(s.tree_mb for s in each), 1)
    return out


def median(samples: Sequence[Sample]) -> float:
    """The median of the seconds."""
    return statistics.median(s.seconds for s in samples)


def ratio(slow: Sequence[Sample], fast: Sequence[Sample]) -> float:
    """How many times as long the one takes: the median of the ratios within each round."""
    return statistics.median(a.seconds / b.seconds for a, b in zip(slow, fast, strict=True))


def over(samples: Sequence[Sample], bare: Sequence[Sample]) -> float:
    """Seconds beyond the baseline: the median of the differences within each round."""
    return statistics.median(a.seconds - b.seconds for a, b in zip(samples, bare, strict=True))


@dataclass(frozen=True)
class Figure:
    """One number of the report. `goal` is the least or, with `at_most`, the greatest that is wanted (None: no goal)."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = False

    def told(self) -> Json:
        """For JSON."""
        met = None
        if self.goal is not None:
            met = self.value <= self.goal if self.at_most else self.value >= self.goal
        return {
            "what": self.what, "value": round(self.value, 4), "unit": self.unit, "goal": self.goal,
            "at_most": self.at_most, "met": met,
        }  # fmt: skip


def bare() -> Command:
    """Python that does nothing: what no command written in it can do without."""
    return Command([sys.executable, "-c", "pass"])


def fairlead(*arguments: str, cwd: Path | None = None, **how: Any) -> Command:
    """The `fairlead` of this Python."""
    script = Path(sys.executable).parent / "fairlead"
    program = [str(script)] if script.is_file() else [sys.executable, "-m", "fairlead"]
    return Command([*program, *arguments], cwd, **how)


def environment(extra: Mapping[str, str] = {}) -> dict[str, str]:
    """This process's own, without what a hook or a person's settings would add."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "FAIRLEAD_")) or name in ("FAIRLEAD_RENDERER",)
    }
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **extra}


def note(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class _Watch:
    """Looks at a process and all below it again and again: the largest sum of their peaks while they live together."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        if Path("/proc/self/stat").exists():
            self._thread.start()
        else:
            self._done.set()

    def end(self) -> float:
        """Stop looking; megabytes."""
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._most / 1024

    def _look(self) -> None:
        seen: set[int] = set()
        while not self._done.wait(_INTERVAL):
            tree = _below(self._pid)
            # A fork that hasn't had the time to become another program would count its parent's memory twice.
            counted = [pid for pid, copy in tree.items() if not copy or pid in seen]
            self._most = max(self._most, sum(_peak(pid) for pid in counted))
            seen = set(tree)


def _below(root: int) -> dict[int, bool]:
    """All processes below one; whether each runs the same program as its parent, with the same arguments."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            words = _text(f"/proc/{place.name}/stat").rpartition(")")[2].split()
            if len(words) > 1:
                children.setdefault(int(words[1]), []).append(int(place.name))
    found: dict[int, bool] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        mine = _text(f"/proc/{pid}/cmdline")
        for child in children.get(pid, ()):
            found[child] = _text(f"/proc/{child}/cmdline") == mine
            waiting.append(child)
    return found


def _peak(pid: int) -> float:
    """The most that a process has held, in kilobytes; 0 where it is gone."""
    for line in _text(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1])
    return 0.0


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
