"""Asks other tools about the overlays that were judged: each overlay as it renders, several at a time."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from fairlead.checks import ignores
from fairlead.checks.context import EXTERNAL, Judged, Shared
from fairlead.checks.external import Remark, findings, plain
from fairlead.checks.rules import RULES
from fairlead.checks.run import merge, ordered, settings_of, ways_applied
from fairlead.checks.schemas import NoSchemas, Schemas
from fairlead.checks.settings import Settings
from fairlead.doors import fs
from fairlead.doors.proc import Process, run, which
from fairlead.doors.store import Store
from fairlead.model.errors import UsageError, WorldError
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo.config import DEFAULT_KUBERNETES
from fairlead.repo.manifest import digest
from fairlead.repo.names import near_miss
from fairlead.steps.checking import Outcome, Scope
from fairlead.steps.programs import mark
from fairlead.steps.world import World

TOOLS: Mapping[str, ModuleType] = {rule.ID: rule for rule in RULES if rule.SCOPE == EXTERNAL}

_KIND = "external"
_PATIENCE = 60.0  # seconds for one overlay
_WAITING = 8  # overlays that wait for each job
_SAID = 300  # signs that are told of what a tool says that failed


@dataclass(frozen=True)
class Wish:
    """The tools that are asked; `insisted` where they were named, so that a missing one is an error."""

    names: tuple[str, ...]
    insisted: bool

    @classmethod
    def of(cls, words: tuple[str, ...]) -> Wish:
        """The tools of these names, all where there are none. Raises UsageError for one that nobody knows."""
        for word in words:
            if word not in TOOLS:
                raise UsageError(
                    f"there is no tool {word!r} to ask",
                    remedy=near_miss(word, tuple(TOOLS)) or f"tools are: {', '.join(TOOLS)}",
                )
        return cls(tuple(name for name in TOOLS if not words or name in words), bool(words))


@dataclass(frozen=True)
class _Answer:
    """What a tool printed; or, in `trouble`, why that is no answer. `key` is where it is kept, empty where it isn't."""

    output: bytes = b""
    trouble: str = ""
    key: str = ""
    fresh: bool = True


@dataclass(frozen=True)
class _Tool:
    """A tool that is there. `identity` is what its answers depend on beside the question; empty: keep none of them."""

    rule: ModuleType
    program: str
    extra: tuple[str, ...]
    folder: Path
    identity: str
    store: Store | None

    def ask(self, judged: Judged, text: str) -> _Answer:
        """Ask about one overlay, in the folder of the configuration: there it finds what is its own."""
        version = judged.environment.kubernetes if judged.environment is not None else DEFAULT_KUBERNETES
        argv = (self.program, *self.rule.arguments(version), *self.extra)
        if getattr(self.rule, "FILES", False):
            with fs.temporary_folder() as folder:
                for number, one in enumerate(judged.objects):
                    (folder / f"{number}.json").write_text(json.dumps(one.body), encoding="utf-8")
                return self._run((*argv, str(folder)), b"", "")
        key = digest(self.identity, *argv[1:], text) if self.identity and self.store is not None else ""
        kept = self.store.get(_KIND, key) if key and self.store is not None else None
        if kept is not None:
            return _Answer(kept, key=key, fresh=False)
        return self._run((*argv, "-"), text.encode(), key)

    def _run(self, argv: tuple[str, ...], stdin: bytes, key: str) -> _Answer:
        done = run(Process(argv, cwd=str(self.folder), stdin=stdin, timeout=_PATIENCE))
        if done.timed_out:
            return _Answer(trouble=f"it did not end in {_PATIENCE:.0f} s")
        if done.code and not done.stdout.strip():
            how = f"ended with {done.code}" if done.code > 0 else f"was ended by signal {-done.code}"
            return _Answer(trouble=f"it {how}: {_short(done.stderr)}")
        return _Answer(done.stdout, key=key)

    def remarks(self, answer: _Answer, judged: Judged) -> tuple[tuple[Remark, ...], str]:
        """What it said; or why that can't be understood. What was understood is kept for the next run."""
        if answer.trouble:
            return (), answer.trouble
        try:
            told = tuple(self.rule.told(answer.output, judged.objects))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return (), f"it printed what is no report of it: {_short(answer.output.decode('utf-8', 'replace'))}"
        if answer.key and answer.fresh and self.store is not None:
            self.store.put(_KIND, answer.key, answer.output)
        return told, ""


def with_others(
    world: World, engine: Engine, snapshot: Snapshot, part: Scope, outcome: Outcome, wish: Wish
) -> Outcome:  # fmt: skip
    """The outcome with what other tools say of its overlays.

    Raises:
        WorldError: a tool that was named isn't there.
        UsageError: one that was named has nothing to judge by.
    """
    settings = settings_of(_shared(engine, snapshot, part, ()))
    tools, notes = _there(world, part, settings, wish)
    outcome = replace(outcome, notes=(*outcome.notes, *notes), asked=tuple(tool.rule.ID for tool in tools))
    folders = tuple(one.overlay for one in outcome.results if one.built)
    if not tools or not folders:
        return outcome
    engine = engine.under(part.config.build)
    shared = _shared(engine, snapshot, part, folders)
    found: list[Finding] = []
    failed: dict[tuple[str, str], list[Judged]] = {}
    for judged, tool, answer in _answers(world, engine, shared, tools, settings):
        remarks, trouble = tool.remarks(answer, judged)
        if trouble:
            failed.setdefault((tool.rule.ID, trouble), []).append(judged)
        told = [f for one in findings(judged, tool.rule.ID, remarks) for f in settings.configured(one, judged.env)]
        found += ignores.silenced(told, judged.comments)
    found += [_failure(name, trouble, hit) for (name, trouble), hit in failed.items()]
    merged = merge(found)
    return replace(
        outcome,
        findings=ordered((*outcome.findings, *merged.findings)),
        ignored=ordered((*outcome.ignored, *merged.ignored)),
    )


def _shared(engine: Engine, snapshot: Snapshot, part: Scope, folders: tuple[str, ...]) -> Shared:
    view = engine.view(snapshot)
    return Shared(
        snapshot, part.config, part.layout, view.graph, view.sources, Schemas(NoSchemas()), folders, part.everywhere,
        substitutions=view.substitutions,
    )  # fmt: skip


def _answers(
    world: World, engine: Engine, shared: Shared, tools: list[_Tool], settings: Settings
) -> Iterator[tuple[Judged, _Tool, _Answer]]:
    """The answers of all tools about all overlays, in the order of the questions."""
    jobs = world.run.jobs or os.cpu_count() or 1
    waiting: deque[tuple[Judged, _Tool, Future[_Answer]]] = deque()
    trials = tuple(Trial(shared.snapshot, folder) for folder in shared.folders)
    with ExitStack() as stack:
        pool = ThreadPoolExecutor(jobs, thread_name_prefix="external")
        stack.callback(pool.shutdown, cancel_futures=True)
        step = stack.enter_context(world.run.progress.task("asking other tools", len(trials)))
        for _, result in stack.enter_context(closing(engine.stream(trials))):
            if isinstance(result, Rendered) and result.text.strip():
                for way in ways_applied(shared, result):
                    judged = Judged(shared, result.overlay, result, way)
                    text = _text(judged, result)
                    on = (tool for tool in tools if tool.rule in settings.may_speak(judged.env))
                    waiting.extend((judged, tool, pool.submit(tool.ask, judged, text)) for tool in on)
            step.advance()
            while len(waiting) > jobs * _WAITING:
                judged, tool, answer = waiting.popleft()
                yield judged, tool, answer.result()
        for judged, tool, answer in waiting:
            yield judged, tool, answer.result()


def _text(judged: Judged, result: Rendered) -> str:
    """The objects as they are applied: with what Flux puts in for variables. JSON is YAML, too."""
    if judged.substitution is None:
        return result.text
    return "\n---\n".join(json.dumps(one.body) for one in judged.objects)


def _failure(name: str, trouble: str, hit: list[Judged]) -> Finding:
    """That a tool said nothing of overlays; an error, for nobody knows what it would have said."""
    first = min(hit, key=lambda judged: judged.folder)
    of = first.overlay
    how = f"kustomize build {first.folder or '.'}" if of is None else f"fairlead render {of.id.app} {of.id.env}"
    remedy = f"see what {name} says of {how}"
    made = first.finding(
        name, f"{name} gave no report: {trouble}", remedy, first.entry, severity=Severity.ERROR
    )  # fmt: skip
    return replace(made, overlays=tuple(sorted(judged.folder for judged in hit)))


def _there(world: World, part: Scope, settings: Settings, wish: Wish) -> tuple[list[_Tool], list[str]]:
    """The tools that can be asked, and what is to be said of the others."""
    environments = {overlay.id.env for overlay in part.layout.overlays} | {""}
    on = {rule for env in environments for rule in settings.may_speak(env)}
    folder = world.root / part.config.root
    folder = folder if folder.is_dir() else world.root
    tools: list[_Tool] = []
    missing: list[str] = []
    notes: list[str] = []
    for name in wish.names:
        rule = TOOLS[name]
        program = which(name)
        own = [file for file in rule.READS if (folder / file).exists()]
        extra = dict(part.config.check.tools).get(name, ())
        if rule not in on:
            notes.append(f"{name} is off in {part.config.path}: it is not asked")
        elif program is None:
            missing.append(name)
        elif getattr(rule, "NEEDS_OWN", False) and not own and not extra:
            notes.append(f"{name} has nothing to judge by: there is no {' or '.join(rule.READS)} in {folder}")
        else:
            tools.append(_tool(rule, program, extra, folder, world.store))
    if missing:
        told = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not on PATH"
        if wish.insisted:
            raise WorldError(told, remedy="install it, or leave it out of --external")
        notes.append(f"{told}: not asked")
    return tools, notes


def _tool(rule: ModuleType, program: str, extra: tuple[str, ...], folder: Path, store: Store | None) -> _Tool:
    identity = ""
    if store is not None and getattr(rule, "LASTING", True):
        said = run(Process((program, *rule.VERSION), cwd=str(folder), timeout=_PATIENCE))
        files = [folder / name for name in (*rule.READS, *extra, *(word.partition("=")[2] for word in extra)) if name]
        identity = digest(
            rule.ID, mark(program), said.stdout.decode("utf-8", "replace"), *(_content(file) for file in files)
        )
    return _Tool(rule, program, extra, folder, identity, store)


def _content(file: Path) -> str:
    with suppress(OSError, ValueError):
        return file.read_bytes().decode("latin-1") if file.is_file() else ""
    return ""


def _short(text: str) -> str:
    """The end of what a tool said, on one line: there it says what went wrong."""
    words = plain(text) or "without a word"
    return words if len(words) <= _SAID else f"... {words[-_SAID:]}"
