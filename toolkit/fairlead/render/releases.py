"""Helm releases beside what kustomize makes: where the configuration allows it, their objects are added by helm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from fairlead.checks.objects import Object, read
from fairlead.checks.releases import Release, Unknown, is_release
from fairlead.checks.releases import read as read_release
from fairlead.doors import fs
from fairlead.doors.proc import Process, run
from fairlead.model.errors import ExcessProblem
from fairlead.model.findings import Where
from fairlead.model.rendering import NO_HELM, Added, Input, Opaque, Rendered, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render import charts
from fairlead.render.charts import Fence
from fairlead.render.messages import MAX_OUTPUT, message
from fairlead.render.reach import joined
from fairlead.render.views import View
from fairlead.repo.manifest import tree
from fairlead.repo.remotes import BuildRules

Stream = Generator[tuple[int, RenderResult], None, None]
TIMEOUT = 60.0


def stamp(rules: BuildRules) -> str:
    """What changes with the helm that renders releases; empty where none are."""
    program = charts.found() if rules.releases else None
    if program is None:
        return ""
    info = Path(os.path.realpath(program)).stat()
    return f" helm {program} {info.st_mtime_ns} {info.st_size}"


class Releases:
    """Adds the objects of releases to renderings, by the rules of one configuration."""

    def __init__(self, rules: BuildRules) -> None:
        self._rules = rules

    @cached_property
    def _fence(self) -> Fence | None:
        program = charts.found()
        return Fence(program) if program is not None else None

    def added(self, results: Stream, trials: tuple[Trial, ...], view: Callable[[Snapshot], View]) -> Stream:
        """The results as they come, with what their releases make."""
        with closing(results):
            for index, result in results:
                yield index, self._with(result, view(trials[index].snapshot))

    def _with(self, result: RenderResult, view: View) -> RenderResult:
        if not isinstance(result, Rendered) or not any(w in result.text for w in ("HelmRelease", "Application")):
            return result
        try:
            objects = read(result.text, result.values)
        except ExcessProblem:
            return result
        texts, added, lacks, inputs = [result.text], [], [], []
        for one in filter(is_release, objects):
            try:
                release = read_release(one, objects, view.sources, self._rules.charts)
                text = self._render(release, view.snapshot)
                count = len(read(text))
            except (Unknown, ExcessProblem) as problem:
                if not str(problem):
                    continue
                lacks.append(Opaque(Where(result.overlay), "releases", one.label, (), str(problem)))
                continue
            texts.append(text)
            added.append(Added(one.kind, one.namespace, one.name, count))
            inputs.append(Input("tree", release.chart, tree(view.snapshot, release.chart)))
            inputs += _value_files(one, view, release)
        return replace(
            result,
            text="---\n".join(part.removeprefix("---\n") for part in texts if part.strip()),
            values=b"" if added else result.values,
            inputs=joined(result.inputs, inputs) if result.inputs else (),
            added=tuple(added),
            opaque=(*result.opaque, *lacks),
        )

    def _render(self, release: Release, snapshot: Snapshot) -> str:
        """What helm makes of a copy of the chart. Raises Unknown."""
        if self._fence is None:
            raise Unknown(NO_HELM)
        with fs.temporary_folder() as root:
            fs.lay_out(snapshot, snapshot.files(release.chart), root)
            values = root / ".values.json"
            fs.write_text(values, json.dumps(release.values))
            space = ("--namespace", release.namespace) if release.namespace else ()
            crds = ("--include-crds",) if release.crds else ()
            chart = str(root / release.chart) if release.chart else str(root)
            argv = (*self._fence.command, "template", release.name, chart, *space, "-f", str(values), *crds)
            env = {"PATH": os.defpath, **self._fence.environment(root)}
            done = run(Process(argv, cwd=str(root), env=env, timeout=TIMEOUT))
            if done.timed_out:
                raise Unknown(f"helm took more than {TIMEOUT:.0f} seconds for it")
            if done.code != 0:
                raise Unknown(
                    f"helm can't render its chart: {' '.join(message(done.stderr, (str(root),)).split())[:400]}"
                )
        if len(done.stdout) > MAX_OUTPUT:
            raise Unknown("its chart makes too much")
        return done.stdout.decode("utf-8", "replace")


def _value_files(one: Object, view: View, release: Release) -> list[Input]:
    """The files that values may come from: whatever in the object names a file of the repository."""
    found = []
    for path in _named(one.body):
        for name in (path, f"{release.chart}/{path}", path.partition("/")[2]):
            entry = view.snapshot.entry(name) if name else None
            if entry is not None:
                found.append(Input("file", name, entry.oid))
    return found


def _named(value: object) -> list[str]:
    if isinstance(value, dict):
        return [name for below in value.values() for name in _named(below)]
    if isinstance(value, list):
        return [name for below in value for name in _named(below)]
    return [value] if isinstance(value, str) and value.endswith((".yaml", ".yml", ".json")) else []
