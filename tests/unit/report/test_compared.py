"""What became of an overlay between two states."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult
from fairlead.report.compared import Compared, Difference, State, compared, data
from tests.unit.report.test_difference import obj, stream

ONE, OTHER = (Rendered("a", obj("Pod", "web", f"image: web:{tag}\n")) for tag in (1, 2))
FAILED = RenderFailed("a", "build", "no such file", Where("a/kustomization.yaml", 2, 3))
WHY = "a/kustomization.yaml:2:3: no such file"


@pytest.mark.parametrize(
    ("before", "after", "state", "sentence", "groups"),
    [
        (ONE, ONE, State.SAME, "", 0),
        (ONE, OTHER, State.CHANGED, "", 1),
        (None, ONE, State.NEW, "a is new", 1),
        (ONE, None, State.GONE, "a is there no more", 1),
        (FAILED, None, State.GONE, "a is there no more", 0),
        (None, FAILED, State.NEW, f"a is new, and does not build: {WHY}", 0),
        (ONE, FAILED, State.BROKEN, f"a builds no more: {WHY}", 0),
        (FAILED, ONE, State.MENDED, f"a builds now, and did not before: {WHY}", 0),
        (FAILED, FAILED, State.UNBUILT, f"a does not build, before or after: {WHY}", 0),
    ],
)
def test_each_state(
    before: RenderResult | None, after: RenderResult | None, state: State, sentence: str, groups: int
) -> None:
    found, rows = compared("a", before, after)
    assert (found.state, found.sentence, len(rows)) == (state, sentence, groups)
    assert found.differs is (state is not State.SAME)


def test_another_order_of_the_same_objects_is_no_difference() -> None:
    pod, service = obj("Pod", "web"), obj("Service", "web")
    found, _ = compared("a", Rendered("a", stream(pod, service)), Rendered("a", stream(service, pod)))
    assert found.state is State.SAME


def test_the_root_is_called_a_dot() -> None:
    assert Compared("", State.NEW).sentence == ". is new"
    told = data(Difference((Compared("", State.NEW),), (), (". is new",)))
    assert told == {
        "version": 1, "differs": True, "changes": [], "messages": [". is new"],
        "overlays": [{"path": ".", "app": None, "env": None, "cluster": None, "state": "new", "message": None}],
    }  # fmt: skip
