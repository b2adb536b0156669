"""The policies that a configuration asks for, with the program that judges by them: started when it is needed."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, cached_property

from fairlead.checks.objects import Json
from fairlead.checks.policies import Document, Policies, Verdicts
from fairlead.doors.places import has_place
from fairlead.doors.store import Store
from fairlead.model.errors import WorldError
from fairlead.model.snapshot import Snapshot
from fairlead.policies import judge
from fairlead.policies.judge import Judge
from fairlead.policies.wire import REMEDY, Hello
from fairlead.repo.config import Config
from fairlead.steps.programs import keep_told, told_before


def asked_policies(config: Config, rules: Snapshot) -> Policies:
    """The policies of a configuration, as `rules` has them."""
    return Policies(rules, config, _Engine())


class _Engine:
    """Meets `checks.policies.PolicyEngine`: who judges is looked for when there is something to judge."""

    @cached_property
    def _judge(self) -> Judge:
        program = judge.found()
        if program is None:
            raise WorldError(
                f"`check: {{policies}}` asks for policies, and there is no {judge.PROGRAM} to judge by them",
                remedy=REMEDY,
            )
        return _started(program)

    @cached_property
    def identity(self) -> str:
        """See PolicyEngine. What the program is was told by an earlier run, so that none is started to ask."""
        return self._judge.identity

    def judge(self, kubernetes: str, documents: tuple[Document, ...], objects: tuple[Json, ...]) -> Verdicts:
        """See PolicyEngine."""
        return self._judge.judge(kubernetes, documents, objects)


@cache
def _started(program: str) -> Judge:
    """One for all checks of a run."""
    store = Store() if has_place() else None
    told = told_before(store, program)
    with suppress(TypeError):  # another version of fairlead may have asked for other words
        if told is not None:
            return Judge(program, hello=Hello(**told))
    made = Judge(program)
    said = made.hello
    keep_told(store, program, {"build": said.build, "apiserver": said.apiserver, "cel": said.cel})
    return made
