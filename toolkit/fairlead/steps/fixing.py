"""Mends that are proved: tried in memory, kept only if every overlay that reads the file renders as before.

Rules propose (checks/fixes.py), here they are tried, one of each file at a time, until nothing more is proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace

from fairlead.checks.context import Shared
from fairlead.checks.fixes import Fix, can_fix, proposed
from fairlead.checks.schemas import NoSchemas, Schemas
from fairlead.edit.splice import apply
from fairlead.model.changes import Edit
from fairlead.model.errors import ConflictError, SyntaxProblem
from fairlead.model.findings import Finding
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import SYMLINK, File, Snapshot, follow
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo import config as configuration
from fairlead.repo.layout import kustomization_dirs
from fairlead.report.difference import groups
from fairlead.steps import checking
from fairlead.steps.checking import Scope
from fairlead.steps.rendering import render_all
from fairlead.steps.world import Run

_ROUNDS = 200
Key = tuple[str, str, str]
Readers = dict[Key, dict[str, bool]]  # of each mend: who reads its files, and whether that has to build


@dataclass(frozen=True)
class Fixed:
    """What was mended and what was not (its `refused` says why), and the files as they are then: old, new."""

    applied: tuple[Fix, ...] = ()
    refused: tuple[Fix, ...] = ()
    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)


def _any(_: str) -> str | None:
    return ""


def fix(
    run: Run, engine: Engine, snapshot: Snapshot, part: Scope, chosen: tuple[str, ...],
    allows: Callable[[str], str | None] = _any,
) -> Fixed:  # fmt: skip
    """Mend what the rules find in these kustomizations, in memory.

    `allows` tells of a file why it may not be written: nothing where it may, None where nobody asks for it.

    Raises:
        WorldError: where there is no kustomize.
    """
    engine = engine.under(part.config.build)
    proof = Proof(run, engine, snapshot)
    findings = _fixable(checking.judge(run, engine, snapshot, part, chosen).findings)
    first = {(f.rule, f.where.path, f.message): f for f in findings}  # its place, before other mends moved lines
    applied: list[Fix] = []
    refused: dict[Key, Fix] = {}
    for _ in range(_ROUNDS):
        wishes = _wishes(_shared(engine, proof.state, part, chosen), findings, refused, allows)
        if not wishes:
            break
        kept, failed = _proved(proof, wishes)
        refused.update((one.key, replace(one, finding=first.get(one.key, one.finding))) for one in failed)
        applied += (replace(one, finding=first.get(one.key, one.finding)) for one in kept)
        if not kept:
            continue
        changed = {edit.path for one in kept for edit in one.edits}
        again = checking.readers_of(engine.view(proof.state), replace(part, asked=()), changed, engine)
        judged = tuple(folder for folder in chosen if folder in set(again))
        found = _fixable(checking.judge(run, engine, proof.state, part, judged).findings)
        findings = [f for f in findings if f.where.path not in changed]
        findings += [f for f in found if f.where.path in changed]
    touched = sorted({edit.path for one in applied for edit in one.edits})
    files = {path: (snapshot.read(path), proof.state.read(path)) for path in touched}
    return Fixed(tuple(applied), tuple(refused.values()), files)


def _fixable(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if can_fix(finding.rule)]


def _shared(engine: Engine, state: Snapshot, part: Scope, chosen: tuple[str, ...]) -> Shared:
    view = engine.view(state)
    nothing = Schemas(NoSchemas())
    return Shared(
        state, part.config, part.layout, view.graph, view.sources, nothing, chosen, part.everywhere, (), chosen
    )


def _wishes(
    shared: Shared, findings: list[Finding], refused: dict[Key, Fix],
    allows: Callable[[str], str | None],
) -> list[Fix]:  # fmt: skip
    """One mend of each file; those that can't even be proposed are refused here."""
    taken: set[str] = set()
    out = []
    for finding in findings:
        wish = None if finding.where.path in taken else proposed(shared, finding)
        if wish is None or wish.key in refused:
            continue
        paths = {edit.path for edit in wish.edits}
        words = [allows(path) for path in paths]
        if None in words:
            continue
        link = "" if all(_is_plain(shared.snapshot, path) for path in paths) else "the file is a link to another"
        wish = replace(wish, refused=wish.refused or link or "".join(filter(None, words)))
        if wish.refused:
            refused[wish.key] = wish
            continue
        if taken.isdisjoint(paths):
            taken |= paths | {finding.where.path}
            out.append(wish)
    return out


def _proved(proof: Proof, wishes: list[Fix]) -> tuple[list[Fix], list[Fix]]:
    """The mends that change no rendering, which the proof's state has from then on, and the others with the reason.

    All are tried at once; where that changes something, those that have to do with it are tried one by one.
    """
    readers = {wish.key: proof.readers({edit.path for edit in wish.edits}) for wish in wishes}
    kept: list[Fix] = []
    failed: list[Fix] = []
    for wish in wishes:
        why = "" if any(readers[wish.key].values()) else "no overlay that builds reads it, so nothing proves it"
        (failed if why else kept).append(replace(wish, refused=why))
    against = proof.differing(kept, readers)
    suspects = [wish for wish in kept if not against.keys().isdisjoint(readers[wish.key])]
    kept = [wish for wish in kept if wish not in suspects]
    for wish in suspects:
        against = proof.differing([*kept, wish], {wish.key: readers[wish.key]})
        if against:
            failed.append(replace(wish, refused=next(against[folder] for folder in sorted(against))))
        else:
            kept.append(wish)
    proof.accept(kept, readers)
    return kept, failed


@dataclass
class Proof:
    """A state of a repository, and what becomes of its rendering with some mends."""

    run: Run
    engine: Engine
    state: Snapshot
    _before: dict[str, RenderResult] = field(default_factory=dict)

    def readers(self, paths: set[str]) -> dict[str, bool]:
        """The kustomizations that read one of these files, whoever builds them; whether each has to build.

        What others take in need not build by itself.
        """
        view = self.engine.view(self.state)
        near = view.graph.near(kustomization_dirs(self.state, ""), paths)
        reading = tuple(
            folder
            for folder in near
            if not getattr(view.graph.facts(folder), "component", False)
            and not paths.isdisjoint(checking.reads(view, None, folder))
        )
        roots = set(view.graph.roots(near))
        return {folder: folder in roots for folder in reading}

    def after(self, wishes: Sequence[Fix]) -> Snapshot:
        """The state with these mends."""
        edits: dict[str, list[Edit]] = {}
        for wish in wishes:
            for edit in wish.edits:
                edits.setdefault(edit.path, []).append(edit)
        files: dict[str, File | None] = {}
        for path, some in edits.items():
            entry = self.state.entry(path)
            assert entry is not None
            files[path] = File(apply(self.state.read(path), some), entry.mode)
        return self.state.with_files(files) if files else self.state

    def accept(self, wishes: Sequence[Fix], readers: Readers) -> None:
        """Go on from the state with these mends: what was rendered before it holds, but for what did not build."""
        self.state = self.after(wishes)
        for wish in wishes:
            for folder in readers[wish.key] if wish.mends else ():
                self._before.pop(folder, None)

    def differing(self, wishes: Sequence[Fix], readers: Readers) -> dict[str, str]:
        """The kustomizations that these mends change, each with what is against it."""
        try:
            after = self.after(wishes)
        except (ConflictError, SyntaxProblem) as error:
            return dict.fromkeys((folder for some in readers.values() for folder in some), error.message)
        needed: dict[str, bool] = {}
        mending = {folder for wish in wishes if wish.mends for folder in readers.get(wish.key, ())}
        for wish in wishes:
            for folder, must in readers.get(wish.key, {}).items():
                needed[folder] = needed.get(folder, False) or must
        out = {}
        firsts = self._render(self.state, tuple(f for f in needed if f not in self._before))
        self._before.update(firsts)
        seconds = self._render(after, tuple(needed))
        for folder, must in needed.items():
            why = _against(self._before[folder], seconds[folder], must=must, mends=folder in mending)
            if why:
                out[folder] = why
        return out

    def _render(self, state: Snapshot, folders: tuple[str, ...]) -> dict[str, RenderResult]:
        """Each by the word of the configuration that governs it."""
        groups: dict[str, list[str]] = {}
        for folder in folders:
            groups.setdefault(configuration.find(state, folder) or "", []).append(folder)
        out: dict[str, RenderResult] = {}
        for some in groups.values():
            trials = tuple(Trial(state, folder) for folder in some)
            engine = self.engine.under(configuration.load(state, some[0]).build)
            out.update((result.overlay, result) for result in render_all(self.run, engine, trials, "proving"))
        return out


def _against(before: RenderResult, after: RenderResult, *, must: bool, mends: bool) -> str:
    """What is against a change, by what it makes of one kustomization; empty where nothing is."""
    folder = before.overlay or "."
    if isinstance(before, RenderFailed):
        if isinstance(after, Rendered):
            return "" if mends or not must else f"{folder} did not build, so nothing proves it"
        return f"{folder} does not build, so nothing proves it" if must else ""
    if isinstance(after, RenderFailed):
        return f"{folder} would not build: {after.message[:200]}"
    if before.text == after.text:
        return ""
    changed = [group.subject for group in groups([(folder, before.text, after.text)])]
    told = ", ".join(changed[:3]) + (" …" if len(changed) > 3 else "")
    return f"{folder} would render otherwise: {told or 'the order of its objects'}"


def _is_plain(snapshot: Snapshot, path: str) -> bool:
    """Whether a file is one of its own, and no link to another."""
    entry = snapshot.entry(path)
    return entry is not None and entry.mode != SYMLINK and follow(snapshot, path) == path
