"""The engines: tests of what both must do alike run with each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fairlead.doors.proc import which
from fairlead.render import helper
from fairlead.render.engine import Engine
from fairlead.render.helper import HelperRenderer
from fairlead.render.kustomize import KustomizeRenderer

Make = Callable[..., Engine]


def helper_program() -> str:
    """Where the helper is; the test is skipped where there is none."""
    found = helper.found()
    if found is None:
        pytest.skip("there is no fairlead-renderer: no Go was found to build it with (make renderer fetches one)")
    return found


def kustomize() -> list[str]:
    """The command of kustomize itself; the test is skipped where there is none."""
    for name, argument in (("kustomize", "build"), ("kubectl", "kustomize")):
        found = which(name)
        if found is not None:
            return [found, argument]
    pytest.skip("there is neither kustomize nor kubectl")


@pytest.fixture(params=["program", "helper"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes an engine: `make(jobs, timeout=…, on_result=…)`."""
    if request.param == "program":
        yield KustomizeRenderer
        return
    program, made = helper_program(), []

    def with_helper(*arguments: Any, **options: Any) -> HelperRenderer:
        made.append(HelperRenderer(program, *arguments, **options))
        return made[-1]

    yield with_helper
    for engine in made:
        engine.close()


@pytest.fixture
def program() -> str:
    """The helper's path."""
    return helper_program()
