"""Comments and blank lines beside a version."""

from __future__ import annotations

import pytest

from fairlead.model.plan import Verdict
from tests.promoting import applied, carried, moves, told

OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.mark.parametrize(
    "file",
    [
        "images:\n- name: web\n  digest: {0} # v{1}\n",
        "images:\n- name: web\n  # v{1}\n  digest: {0}\n",
        "resources:\n- https://example.com/org/repo/config?ref={0} # tag v{1}, of May\n",
        "spec: |\n  tag: {0} # {1}\n",
        "a: 1\r\ndigest: {0}   #{1}\r\n",
    ],
)
def test_a_comment_that_tells_the_version_goes_along(file):
    source, target = file.format(NEW, "1.5.0"), file.format(OLD, "1.4.2")
    assert carried(source, target) == source
    assert len(moves(source, target)) == 1


def test_another_comment_is_offered_alone():
    source, target = "tag: b2c # a\n", "tag: a1b # c\n"
    assert carried(source, target) == "tag: b2c # c\n"
    value, comment = moves(source, target)
    assert (comment.field, comment.verdict) == ("kustomization.yaml: tag (comment)", Verdict.OFFER)
    assert applied([value, comment], target) == source


def test_a_mark_of_image_automation_never_goes_along():
    mark = '# {{"$imagepolicy": "flux-system:{}:tag"}}\n'
    source, target = "tag: b2c " + mark.format("web2"), "tag: a1b " + mark.format("web1")
    assert carried(source, target) == "tag: b2c " + mark.format("web1")


@pytest.mark.parametrize("target", ["tag: a1b # ours\n", "# ours, since 2.1\ntag: a1b\n"])
def test_the_target_keeps_its_own_comment(target):
    assert carried("tag: b2c\n", target) == target.replace("a1b", "b2c")
    assert len(moves("tag: b2c\n", target)) == 1


def test_blank_lines_after_a_promoted_line_are_offered():
    source, target = "tag: b2c\nx: 1\n", "tag: a1b\n\n\nx: 1\n"
    assert told(moves(source, target)) == [
        "promote tag: a1b -> b2c", "offer tag (blank lines): (2 lines) -> (0 lines)",
    ]  # fmt: skip
    assert applied(moves(source, target), target) == source


def test_a_line_with_more_values_is_left_alone():
    source, target = "a: {tag: b2c, x: 1} # 2\n", "a: {tag: a1b, x: 1} # 1\n"
    assert carried(source, target) == "a: {tag: b2c, x: 1} # 1\n"
