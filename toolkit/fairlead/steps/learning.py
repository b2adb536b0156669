"""Lessons of an app's past promotions: from the ledger's records, and from commits by hand where there are none.

A commit counts that gave a file of the target values which the source's counterpart held before it. Reading is
bounded: the newest changes of an app, and only of an app about which there is something to choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from fairlead.model.history import Record, Verb
from fairlead.model.overlays import Overlay
from fairlead.model.values import dataclass
from fairlead.promotion.files import YAML
from fairlead.promotion.habits import Past, past
from fairlead.promotion.lessons import Lesson, Turn, lesson
from fairlead.promotion.views import Surroundings
from fairlead.promotion.words import neutral
from fairlead.steps.chronicle import Chronicle, tell

_CHANGES = 30  # changes of an app in one environment that are read
_BUDGET = 1_000  # changed files that are read for one plan
_TOKEN = re.compile(rb"[\w.:@/+-]+")

Pairs = list[tuple[Overlay, Overlay]]  # of the source and of a target


@dataclass
class Learner:
    """Reads lessons for one plan; `left_out` names the apps for which the budget was spent already."""

    chronicle: Chronicle
    left_out: list[str] = field(default_factory=list)
    shallow: bool = False
    _read: int = 0

    def past(self, app: str, source: str, around: Surroundings, paths: Iterable[str]) -> Past:
        """What people did when these files of an app were promoted from an environment, here and at siblings."""
        if self._read >= _BUDGET:
            self.left_out.append(app)
            return Past()
        target, layout = around.target_env, self.chronicle.environments.layout
        beside = [env for env in self.chronicle.environments.config.stages_after(source) if env != target]
        pairs = {env: _pairs(layout.counterparts(app, source, env)) for env in (target, *beside)}
        if not any(pairs.values()):
            return Past()
        history = self.chronicle.history([theirs.path for found in pairs.values() for _, theirs in found])
        self.shallow = self.shallow or bool(history.gaps)
        lessons = (self._lesson(r, pairs[r.target], around) for r in history.newest(app, pairs, _CHANGES))
        return past((lesson for lesson in lessons if lesson is not None), target, paths)

    def _lesson(self, record: Record, pairs: Pairs, around: Surroundings) -> Lesson | None:
        if record.verb not in (Verb.PROMOTE, Verb.CHANGE) or not record.parent or not pairs:
            return None
        words = self.chronicle.words(pairs[0][0].id.env, record.target)
        here = replace(around, target_env=record.target, words=words)
        return lesson(self._turns(record, pairs, words), here, tell(record))

    def warnings(self) -> tuple[str, ...]:
        """What the plan should say of what was not looked up."""
        out = []
        if self.left_out:
            out.append(
                f"what people did at earlier promotions was not looked up for {len(self.left_out)} apps "
                f"({', '.join(self.left_out[:3])}{' …' if len(self.left_out) > 3 else ''}): name them to have it read"
            )
        if self.shallow:
            out.append("the clone is shallow: earlier promotions are known in part only (git fetch --unshallow)")
        return tuple(out)

    def _turns(self, record: Record, pairs: Pairs, words: tuple[str, ...]) -> Iterator[Turn]:
        repo = self.chronicle.world.git
        for path in record.paths:
            places = [(mine, o) for mine, o in pairs if path.startswith(o.path + "/") and path.endswith(YAML)]
            for mine, theirs in places[:1]:
                label = path[len(theirs.path) + 1 :]
                other = f"{mine.path}/{self._twin(mine, label, words)}"
                texts = [repo.read_file(record.parent, p) for p in (other, path)] + [
                    repo.read_file(record.commit, path)
                ]
                self._read += 1
                lower, before, after = (text or b"" for text in texts)
                if all(texts) and _took(lower, before, after):
                    yield Turn(other, path, lower, before, after, label)

    def _twin(self, source: Overlay, label: str, words: tuple[str, ...]) -> str:
        """The source's file of a name, as the names are today; environments' words count as equal."""
        files = self.chronicle.environments.snapshot.files(source.path)
        names = [path[len(source.path) + 1 :] for path in files]
        if label in names:
            return label
        return next((n for n in names if neutral(n, words) == neutral(label, words)), label)


def _took(lower: bytes, before: bytes, after: bytes) -> bool:
    """Whether something of the source came into the target's text; a look at its words, before anything is parsed."""
    came = set(_TOKEN.findall(after)) - set(_TOKEN.findall(before))
    return not came.isdisjoint(_TOKEN.findall(lower))


def _pairs(found: Iterable[tuple[Overlay | None, Overlay]]) -> Pairs:
    return [(mine, theirs) for mine, theirs in found if mine is not None]
