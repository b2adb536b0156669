"""Renders overlays by the `kustomize` or `kubectl` program, many at once, fenced in."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from copy import copy
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock

from fairlead.doors import fs
from fairlead.doors.proc import Process, run, which
from fairlead.model.errors import WorldError
from fairlead.model.findings import Where
from fairlead.model.rendering import NO_HELM, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import SYMLINK, AtFolder, Snapshot, follow
from fairlead.model.values import dataclass
from fairlead.render import charts
from fairlead.render.by_path import ByPath
from fairlead.render.charts import Fence
from fairlead.render.engine import Engine, in_order
from fairlead.render.messages import MAX_OUTPUT, TOO_MUCH, code_of, message, no_folder, too_slow, warnings
from fairlead.render.opaque import without_opaque
from fairlead.render.releases import Releases
from fairlead.render.remotes import Remotes
from fairlead.render.views import View, Views, refusal
from fairlead.repo.graph import Graph
from fairlead.repo.remotes import BuildRules

TIMEOUT = 60.0
_NOWHERE = "http://127.0.0.1:9"  # the discard port: a fetch that got past the guards fails at once
# No PATH: git and helm can't be started. No garbage collection below the limit: 1.6 times as fast.
_ENVIRONMENT = {
    "PATH": "", "HOME": "/nonexistent", "GOGC": "off", "GOMEMLIMIT": "768MiB", "GOMAXPROCS": "2",
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE),
}  # fmt: skip


@dataclass
class _Place:
    """Where a snapshot's files lie for a while: those that the asked overlays read; all of them, if need be."""

    view: View
    partial: Path | None = None
    full: Path | None = None
    lock: Lock = field(default_factory=Lock)


class KustomizeRenderer:
    """Meets `model.rendering.Renderer`.

    A work tree is rendered in place. Any other snapshot is laid out in a temporary folder, only the files
    that the asked overlays read; where a render of that part fails, the whole tree is laid out and asked
    again, so that verdicts are those of the whole tree.
    """

    def __init__(self, jobs: int = 0, *, timeout: float = TIMEOUT, on_result: Callable[[], None] | None = None) -> None:
        self._jobs = jobs or os.cpu_count() or 1
        self._timeout = timeout
        self.on_result = on_result
        self._rules = BuildRules()
        self._remotes: Remotes | None = None
        self._releases: Releases | None = None
        self._fence: Fence | None = None
        self._ruled: dict[BuildRules, KustomizeRenderer] = {}
        self._views = Views()

    @cached_property
    def _program(self) -> tuple[str, ...]:
        for name, arguments in (("kustomize", ("build",)), ("kubectl", ("kustomize",))):
            found = which(name)
            if found is not None:
                return (found, *arguments)
        raise WorldError(
            "there is neither kustomize nor kubectl",
            remedy="install one of them: https://kubectl.docs.kubernetes.io/installation/kustomize/",
        )

    @property
    def is_there(self) -> bool:
        """Whether there is such a program."""
        return any(which(name) is not None for name in ("kustomize", "kubectl"))

    @cached_property
    def version(self) -> str:
        """Name and version of the engine."""
        program = self._program[0]
        if self._program[1] == "build":
            text, name = self._say((program, "version")), "kustomize"
        else:
            text, name = self._say((program, "version", "--client")), "kubectl kustomize"
            text = next((line for line in text.splitlines() if "ustomize" in line), "")
        number = re.search(r"v\d+\.\d+\.\d+\S*", text)
        return f"{name} {number[0] if number else 'of unknown version'}"

    def _say(self, argv: tuple[str, ...]) -> str:
        return run(Process(argv, env=_ENVIRONMENT, timeout=20)).stdout.decode("utf-8", "replace")

    @property
    def releases(self) -> bool:
        """See Engine."""
        return self._releases is not None

    def prime(self) -> None:
        """See Engine: a program is started for each render."""

    def of(self, overlay: str) -> KustomizeRenderer:
        """See Engine."""
        return self

    def under(self, rules: BuildRules) -> Engine:
        """The same program, rendering by what a configuration allows."""
        return ByPath(self, rules) if rules.overrides else self.ruled(rules)

    def ruled(self, rules: BuildRules) -> KustomizeRenderer:
        """The same by rules without overrides."""
        if rules == self._rules:
            return self
        if rules not in self._ruled:
            other = copy(self)
            other._rules = rules
            other._remotes = Remotes(rules, trees=True) if rules.remote else None
            other._releases = Releases(rules) if rules.helm and rules.releases else None
            helm = charts.found() if rules.helm else None
            other._fence = Fence(helm) if helm is not None else None
            self._ruled[rules] = other
        return self._ruled[rules]

    def view(self, snapshot: Snapshot) -> View:
        """The snapshot's graph and parsed files, for whoever looks at the same files."""
        return self._views.of(snapshot)

    @property
    def memory(self) -> None:
        """Nothing is kept: nobody knows what the program has read."""
        return

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel; the answers stand in the order of the trials."""
        return in_order(self.stream(trials), self.on_result)

    def stream(self, trials: tuple[Trial, ...]) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come, each with its trial's place."""
        results = without_opaque(trials, self._stream, self.view)
        yield from results if self._releases is None else self._releases.added(results, trials, self.view)

    def _stream(self, trials: tuple[Trial, ...]) -> Generator[tuple[int, RenderResult], None, None]:
        if not trials:
            return
        _ = self._program  # a missing tool is said once, before anything is laid out
        views = [self.view(trial.snapshot) for trial in trials]
        with ExitStack() as stack:
            places = self._lay_out(trials, views, stack)
            if self._remotes is not None:
                for trial, view in zip(trials, views, strict=True):
                    refusal(trial, view, self._remotes)  # fetches here, where Ctrl-C is heard
            from concurrent.futures import ThreadPoolExecutor, as_completed  # brings logging; the hook needs neither

            workers = min(len(trials), self._jobs + 1)  # one more: a core isn't idle while Python reads a result
            pool = ThreadPoolExecutor(workers, thread_name_prefix="render")
            stack.callback(pool.shutdown, cancel_futures=True)
            rows = zip(trials, places, strict=True)
            made = {pool.submit(self._one, *row, stack): index for index, row in enumerate(rows)}
            for done in as_completed(made):
                yield made[done], done.result()

    def _lay_out(self, trials: tuple[Trial, ...], views: list[View], stack: ExitStack) -> list[_Place]:
        places = {id(view): _Place(view) for view in views}
        wanted: dict[int, set[str]] = {}
        for trial, view in zip(trials, views, strict=True):
            if not isinstance(view.snapshot.anchor, AtFolder):
                files = wanted.setdefault(id(view), set())
                files |= with_links(view.snapshot, view.graph.closure(trial.overlay).files)
        for key, files in wanted.items():
            partial = places[key].partial = stack.enter_context(fs.temporary_folder())
            fs.lay_out(places[key].view.snapshot, sorted(files), partial)
        return [places[id(view)] for view in views]

    def _one(self, trial: Trial, place: _Place, stack: ExitStack) -> RenderResult:
        start = time.monotonic()
        result = refusal(trial, place.view, self._remotes) or self._attempt(trial, place, stack)
        return replace(result, seconds=time.monotonic() - start)

    def _attempt(self, trial: Trial, place: _Place, stack: ExitStack) -> RenderResult:
        snapshot = place.view.snapshot
        free = self._rules.unrestricted and _plain(place.view.graph, trial.overlay)
        if self._rules.helm and charts.inflates(place.view.graph, trial.overlay):
            # helm follows links and reads whole folders: of a copy, from which nothing leads out.
            return self._run(trial.overlay, self._whole(place, stack), free=free, fence=self._fence)
        if isinstance(snapshot.anchor, AtFolder):
            return self._run(trial.overlay, Path(snapshot.anchor.root), free=free)
        assert place.partial is not None
        first = self._run(trial.overlay, place.partial, free=free)
        if not isinstance(first, RenderFailed) or first.code == "timeout":
            return first
        return self._run(trial.overlay, self._whole(place, stack), free=free)

    def _whole(self, place: _Place, stack: ExitStack) -> Path:
        with place.lock:
            if place.full is None:
                place.full = stack.enter_context(fs.temporary_folder())
                fs.lay_out(place.view.snapshot, place.view.snapshot.files(), place.full)
            return place.full

    def _environment(self, fence: Mapping[str, str]) -> Mapping[str, str]:
        env = {**_ENVIRONMENT, **fence}
        if self._remotes is not None and self._remotes.clones:
            folder = self._remotes.folder
            env |= {"PATH": str(folder / "bin"), "TMPDIR": str(folder / "clones")}
        return env

    def _run(self, overlay: str, root: Path, *, free: bool, fence: Fence | None = None) -> RenderResult:
        folder = root / overlay
        if not folder.is_dir():
            return RenderFailed(overlay, "missing", no_folder(overlay), Where(overlay))
        # "." and not the path: sh can't encode file names that are not UTF-8.
        options: tuple[str, ...] = ("--load-restrictor", "LoadRestrictionsNone") if free else ()
        if fence is not None:
            options += fence.options()
        env = self._environment(fence.environment(root) if fence is not None else {})
        process = Process((*self._program, *options, "."), cwd=str(folder), env=env, timeout=self._timeout)
        done = run(process)
        roots = tuple({str(root), os.path.realpath(root)})
        if done.timed_out:
            return RenderFailed(overlay, "timeout", too_slow(self._timeout))
        if done.code != 0:
            text = message(done.stderr, roots)
            code = code_of(text)
            # Only where it is asked for: a remote base may or may not hold charts.
            return RenderFailed(overlay, code, NO_HELM if code == "helm" and self._rules.helm else text)
        if len(done.stdout) > MAX_OUTPUT:
            return RenderFailed(overlay, "build", TOO_MUCH)
        return Rendered(overlay, done.stdout.decode("utf-8", "replace"), warnings(done.stderr, roots))


def _plain(graph: Graph, overlay: str) -> bool:
    """Whether every file that a build reads is named in a kustomization, where we have looked at it.

    A generator's or transformer's own file may name more, and without its load restrictor the program would take
    them from anywhere on this machine.
    """
    keys = {key.value for node in graph.closure(overlay).kustomizations if node.body for key, _ in node.body.items}
    return keys.isdisjoint(("generators", "transformers", "validators"))


def with_links(snapshot: Snapshot, paths: set[str]) -> set[str]:
    """The paths, and what stands between them and their bytes: links on the way, and the links' targets."""
    out = set(paths)
    for path in paths:
        real = follow(snapshot, path)
        if real is None or real == path:
            continue
        out.add(real)
        parts = path.split("/")
        for size in range(1, len(parts) + 1):
            head = "/".join(parts[:size])
            entry = snapshot.entry(head)
            if entry is not None and entry.mode == SYMLINK:
                out.add(head)
    return out
