"""What earlier runs found in an overlay, where that still holds; the rest is judged, and kept for the next run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from fairlead.checks.context import Shared
from fairlead.checks.run import Judgement
from fairlead.doors.places import code_digest
from fairlead.model.findings import Finding
from fairlead.model.rendering import Built, Input
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.render.memory import Memory
from fairlead.render.reach import reach
from fairlead.render.views import View
from fairlead.repo.manifest import ACROSS, AROUND, Verdict, Way, digest, whole
from fairlead.steps.schemas import BundledSchemas

_ROOMS = ("checks", "edit", "repo", "model", "render", "policies", "steps")


@cache
def _rules() -> str:
    """What decides: the code of the rules and of all that they stand on, and the schemas."""
    return digest(code_digest(_ROOMS), *BundledSchemas().names())


@dataclass
class Recall:
    """The verdicts of earlier runs on one snapshot, in the light of one configuration and layout."""

    engine: Engine
    view: View
    shared: Shared

    def _memory(self, folder: str) -> Memory:
        return self.engine.of(folder).memory or self._common_memory

    @property
    def _common_memory(self) -> Memory:
        """Where what concerns several overlays is kept."""
        memory = self.engine.memory
        assert memory is not None
        return memory

    def of(self, folder: str) -> tuple[Built, Verdict] | None:
        """What became of an overlay and was found in it; None where it must be judged."""
        memory = self._memory(folder)
        way = memory.way(self.view.standing, folder)
        if way is None:
            return None
        for verdict in memory.verdict(way, self._context(folder)):
            if verdict.whole in ("", self._whole) and self.view.standing.all(verdict.extra):
                return Built(folder, way.code, way.message, way.seconds, fresh=False), verdict
        return None

    def digest(self, folder: str) -> str:
        """What rules about several overlays ask of one that is not judged now; empty where that isn't known."""
        told = self.of(folder)
        return "" if told is None else told[1].digest

    def mentions(self, words: str) -> bool:
        """Whether any digest that is kept of this repository holds these words."""
        return any(words in v.digest for known in self._common_memory.manifest.verdicts.values() for v in known)

    def across(self, digests: Mapping[str, str]) -> tuple[str, tuple[Finding, ...] | None]:
        """A name for what these overlays are together, and what was found about them then, if that is known."""
        layout = self.shared.layout.overlays
        key = digest(self._common, repr(layout), *(f"{folder}\0{digests[folder]}" for folder in sorted(digests)))
        known = self._common_memory.manifest.verdicts.get(ACROSS, ())
        return key, next((verdict.findings for verdict in known if verdict.context == key), None)

    def keep_across(self, key: str, findings: tuple[Finding, ...]) -> None:
        """Keep what was found about several overlays at once."""
        self._common_memory.conclude(Verdict(ACROSS, key, findings=findings))

    def around(self) -> Verdict | None:
        """What was found in files that no overlay need have to do with, where no file has changed since."""
        known = self._common_memory.manifest.verdicts.get(AROUND, ())
        return next((v for v in known if v.context == self._common_all and v.whole == self._whole), None)

    def keep_around(self, findings: tuple[Finding, ...], text: str) -> None:
        """Keep what was found there."""
        self._common_memory.conclude(Verdict(AROUND, self._common_all, self._whole, (), findings, text))

    @cached_property
    def _common_all(self) -> str:
        return digest(self._common, repr(self.shared.layout.overlays), *(self.shared.whole or self.shared.folders))

    def keep(self, judgement: Judgement, view: View) -> None:
        """Keep what was found now, by a view of its part, where it is known what that depends on."""
        folder = judgement.result.overlay
        way = self._way(judgement)
        if way is None:
            return
        digest_of_all = self._whole if judgement.leaning else ""
        extra = (*_extra(way, view, folder), *judgement.used)
        self._memory(folder).conclude(
            Verdict(way.key, self._context(folder), digest_of_all, extra, judgement.findings, judgement.digest)
        )

    def _way(self, judgement: Judgement) -> Way | None:
        """The state that was judged. It may have been rendered from files that have changed since: then, none."""
        result = judgement.result
        memory = self._memory(result.overlay)
        if result.recalled:
            return memory.way(self.view.standing, result.overlay)
        ways = memory.manifest.ways.get(result.overlay, ())
        found = next((way for way in ways if way.inputs is result.inputs), None)
        return found if found is not None and self.view.standing.all(found.inputs) else None

    def _context(self, folder: str) -> str:
        """What a verdict depends on beside the files that the overlay reads."""
        overlay = self.shared.by_path.get(folder)
        return digest(self._common, repr(overlay), repr(self.shared.substitutions.get(folder, ())))

    @cached_property
    def _common(self) -> str:
        config = self.shared.config
        declared = sorted((name, sorted(users)) for name, users in self.shared.declared_namespaces.items())
        known = sorted(self.shared.environments.items())
        policies = self.shared.policies.key if self.shared.policies is not None else ""
        return digest(_rules(), config.path, config.oid, repr(declared), repr(known), policies)

    @cached_property
    def _whole(self) -> str:
        return whole(self.view.snapshot)


def _extra(way: Way, view: View, folder: str) -> tuple[Input, ...]:
    """What the rules look at and the rendering did not."""
    closure = view.graph.closure(folder)
    if not closure.missing and closure.files <= {one.path for one in way.inputs}:
        return ()
    seen = set(way.inputs)
    return tuple(one for one in reach(view, folder) if one not in seen)
