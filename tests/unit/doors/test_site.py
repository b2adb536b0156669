"""A site: built by the real mkdocs, put in place whole, shown on this machine."""

import threading
import urllib.request

import pytest

from fairlead.doors import site
from fairlead.model.errors import ConfigError, DeniedError, UsageError, WorldError
from tests.unprivileged import unprivileged


@pytest.fixture
def config(tmp_path):
    source = tmp_path / "source"
    (source / "docs").mkdir(parents=True)
    (source / "docs" / "index.md").write_text("# Hello\n")
    (source / "mkdocs.yml").write_text("site_name: x\ntheme: mkdocs\n")
    return source / "mkdocs.yml"


def test_a_site_is_built_put_in_place_and_put_again(config, tmp_path):
    place = tmp_path / "deep" / "site"
    for words in ("Hello", "Again"):
        (config.parent / "docs" / "index.md").write_text(f"# {words}\n")
        built = tmp_path / words
        site.build(config, built)
        site.require_place(place)
        site.put(built, place)
        assert words in (place / "index.html").read_text()
    assert [p.name for p in place.parent.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("settings", "page", "error", "words"),
    [
        ("", "# x\n\n[gone](gone.md)\n", ConfigError, "gone.md"),
        ("plugins: [no-such-plugin]\n", "# x\n", WorldError, "no-such-plugin"),
        ("nav: [\n", "# x\n", ConfigError, "mkdocs build --strict failed"),
    ],
)
def test_what_mkdocs_complains_of_is_told_in_its_words(config, tmp_path, settings, page, error, words):
    config.write_text(config.read_text() + settings)
    (config.parent / "docs" / "index.md").write_text(page)
    with pytest.raises(error) as caught:
        site.build(config, tmp_path / "built")
    assert words in caught.value.message
    assert str(config.parent) not in caught.value.message


def test_without_mkdocs_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(WorldError) as caught:
        site.require_mkdocs()
    assert caught.value.remedy == site.INSTALL


def test_a_place_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name in ("full", "file"):
        with pytest.raises(UsageError):
            site.require_place(tmp_path / name)
    for name in ("empty", "new"):
        site.require_place(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file", "full"]


def test_a_place_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "built").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(WorldError):
        site.put(tmp_path / "built", tmp_path / "file" / "site")

    def put():
        try:
            site.put(tmp_path / "built", tmp_path / "shut" / "site")
        except DeniedError as error:
            return str(error.remedy)
        return "put"

    (tmp_path / "shut").mkdir(0o555)
    assert unprivileged(tmp_path, put, keep=True) == "name another folder with --site"


def test_a_site_is_shown_on_this_machine_alone(tmp_path):
    (tmp_path / "index.html").write_text("<p>Hello</p>")
    heard, ready = [], threading.Event()

    def told(address):
        heard.append(address)
        ready.set()

    threading.Thread(target=site.serve, args=(tmp_path, 0, told), daemon=True).start()
    assert ready.wait(20)
    assert heard[0].startswith("http://127.0.0.1:")
    with urllib.request.urlopen(heard[0]) as answer:
        assert answer.read() == b"<p>Hello</p>"
    with pytest.raises(WorldError) as caught:
        site.serve(tmp_path, int(heard[0].rsplit(":", 1)[1].strip("/")), heard.append)
    assert caught.value.remedy == "name another with --port"
