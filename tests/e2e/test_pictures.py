"""The manual's pictures of the terminal show what the program shows."""

from __future__ import annotations

from docs import pictures


def test_the_pictures_are_what_a_person_sees():
    assert pictures.stale() == [], "run: python -m docs.pictures"


def test_a_picture_calls_nobody(tmp_path):
    for place in pictures.FOLDER.glob("*.svg"):
        text = place.read_text(encoding="utf-8")
        assert "url(http" not in text
        assert "<script" not in text
        assert "href" not in text


def test_a_picture_that_shows_something_else_is_named(tmp_path, monkeypatch):
    name, svg = next(iter(pictures.pictures().items()))
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    monkeypatch.setattr(pictures, "pictures", lambda: {name: svg})
    assert pictures.stale() == [name]
    (tmp_path / name).write_text(svg.replace("staging", "elsewhere"), encoding="utf-8")
    assert pictures.stale() == [name]
    (tmp_path / name).write_text(svg, encoding="utf-8")
    assert pictures.stale() == []
