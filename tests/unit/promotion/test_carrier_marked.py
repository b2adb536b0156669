"""Keys marked for image automation that nobody automates in the target."""

from __future__ import annotations

import pytest

from tests.promoting import carried, judged

LINE = 'x: %s # {"$imagepolicy": "flux-system:web%s"}\n'


@pytest.mark.parametrize("part", ["", ":tag"])
def test_a_marked_value_is_a_version_whatever_its_key(part):
    assert judged(LINE % ("main-b2c", part), LINE % ("main-a1b", part)) == ("marked", "version", "promote")


def test_the_mark_of_a_name_is_none():
    assert judged(LINE % ("b2c", ":name"), LINE % ("a1b", ":name"))[0] != "marked"


def test_a_build_of_its_channel_replaces_a_floating_value():
    old, new = "release-latest", "release-679be422-1744615998"
    assert carried(LINE % (new, ""), LINE % (old, "")) == LINE % (new, "")


@pytest.mark.parametrize(
    ("new", "old"), [("master-679be422-1744615998", "release-latest"), ("latest", "1.2.3"), ("1.2.2", "1.2.3")]
)
def test_but_not_one_of_another_channel_or_older(new, old):
    assert judged(LINE % (new, ""), LINE % (old, "")) == ("marked", "offered", "offer")


def test_a_marked_image_moves_by_its_tag_and_keeps_its_registry():
    line = 'image: %s/org/web:%s # {"$imagepolicy": "flux-system:web"}\n'
    assert carried(line % ("dev.io", "1.5.0"), line % ("prod.io", "1.4.2")) == line % ("prod.io", "1.5.0")


def test_a_key_called_image_may_hold_a_tag_alone():
    line = 'webImage: %s # {"$imagepolicy": "flux-system:web:tag"}\n'
    assert judged(line % "main-b2c", line % "main-a1b") == ("marked", "version", "promote")
    assert judged("webImage: 1.3.0\n", "webImage: 1.2.0\n") == ("version-values", "version", "promote")
    assert judged("webImage: job\n", "webImage: web\n")[0] == "images"
