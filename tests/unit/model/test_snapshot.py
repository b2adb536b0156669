"""Snapshots in memory: what lies where, edits on top, links."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.model.pulls import person
from fairlead.model.runtime import Silent
from fairlead.model.snapshot import (
    EXECUTABLE,
    REGULAR,
    SYMLINK,
    AtFolder,
    AtMemory,
    Entry,
    File,
    MemorySnapshot,
    Overlaid,
    Snapshot,
    below,
    blob_id,
    follow,
    join,
)

FILES = {"a.yaml": "a\n", "dir/b.yaml": "b\n", "dir/sub/c.yaml": "c\n", "dir.x": "", "dir-x": "", "dir0": ""}


def everything(snapshot):
    """All that a snapshot tells: path -> entry and bytes."""
    return {path: (snapshot.entry(path), snapshot.read(path)) for path in snapshot.files()}


def test_a_blob_id_is_gits():
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_files_in_memory():
    snapshot = MemorySnapshot.of(FILES | {"raw": b"\xff"})
    assert isinstance(snapshot, Snapshot)
    assert snapshot.files() == ("a.yaml", "dir-x", "dir.x", "dir/b.yaml", "dir/sub/c.yaml", "dir0", "raw")
    assert snapshot.files("dir") == ("dir/b.yaml", "dir/sub/c.yaml")
    assert snapshot.files("dir/") == ("dir/b.yaml", "dir/sub/c.yaml")
    assert snapshot.files("dir/b.yaml") == ()
    assert snapshot.files("nowhere") == ()
    assert [snapshot.is_dir(p) for p in ("", "dir", "dir/sub", "a.yaml", "nowhere")] == [True, True, True, False, False]
    assert snapshot.entry("raw") == Entry(REGULAR, blob_id(b"\xff"))
    assert snapshot.entry("dir") is None
    assert snapshot.anchor == AtMemory()
    with pytest.raises(KeyError):
        snapshot.read("dir")


PATHS = st.lists(st.text("ab/.-0", min_size=1, max_size=5), max_size=10).map(lambda p: tuple(sorted(set(p))))


@settings(max_examples=200, deadline=None)
@given(PATHS, st.text("ab.-0", max_size=2))
def test_below_is_what_a_look_at_each_path_would_find(paths, under):
    assert below(paths, under) == tuple(p for p in paths if not under or p.startswith(under + "/"))


# ── edits on top ──


def test_edits_lie_on_top_and_the_base_stays():
    base = MemorySnapshot.of(FILES)
    edited = base.with_files({"a.yaml": File(b"new", EXECUTABLE), "dir/sub/c.yaml": None, "more/d.yaml": File(b"d")})
    assert edited.files() == ("a.yaml", "dir-x", "dir.x", "dir/b.yaml", "dir0", "more/d.yaml")
    assert edited.files("more") == ("more/d.yaml",)
    assert edited.files("dir/sub") == ()
    assert [edited.is_dir(p) for p in ("", "dir/sub", "dir", "more")] == [True, False, True, True]
    assert edited.entry("a.yaml") == Entry(EXECUTABLE, blob_id(b"new"))
    assert (edited.entry("dir/sub/c.yaml"), edited.entry("dir/b.yaml")) == (None, base.entry("dir/b.yaml"))
    assert (edited.read("a.yaml"), edited.read("dir/b.yaml")) == (b"new", b"b\n")
    assert base.read("a.yaml") == b"a\n"
    for gone in ("dir/sub/c.yaml", "nowhere"):
        with pytest.raises(KeyError):
            edited.read(gone)


def test_edits_on_edits_are_edits_on_the_first_base():
    base = MemorySnapshot.of(FILES)
    twice = base.with_files({"a.yaml": None, "x": File(b"1")}).with_files({"a.yaml": File(b"2"), "x": None})
    assert isinstance(twice, Overlaid)
    assert twice.base is base
    assert twice.changes == {"a.yaml": File(b"2"), "x": None}
    assert everything(twice) == everything(MemorySnapshot.of(FILES | {"a.yaml": "2"}))
    assert twice.anchor == AtMemory()


def test_edits_on_a_folder_say_what_they_stand_on():
    class Anchored(MemorySnapshot):
        anchor = AtFolder("somewhere")

    assert Overlaid(Anchored(), {}).anchor == AtMemory(AtFolder("somewhere"))


NAMES = st.sampled_from(["a", "b", "d/a", "d/b", "d/e/f"])
CHANGES = st.dictionaries(NAMES, st.one_of(st.none(), st.binary(max_size=2).map(File)), max_size=5)


@settings(max_examples=200, deadline=None)
@given(CHANGES, CHANGES, CHANGES)
def test_edited_snapshots_are_as_if_the_files_had_been_written(first, second, third):
    start = {path: file for path, file in first.items() if file is not None}
    edited = MemorySnapshot(start).with_files(second).with_files(third)
    written = {path: file for path, file in (start | second | third).items() if file is not None}
    plain = MemorySnapshot(written)
    assert everything(edited) == everything(plain)
    for under in ("", "d", "d/e", "a"):
        assert (edited.files(under), edited.is_dir(under)) == (plain.files(under), plain.is_dir(under))


# ── paths and links ──


@pytest.mark.parametrize(
    ("folder", "relative", "path"),
    [
        ("a/b", "c", "a/b/c"),
        ("a/b", "../c", "a/c"),
        ("a/b", "./c/./d//e/", "a/b/c/d/e"),
        ("a", "..", ""),
        ("a", "../..", None),
        ("", "..", None),
        ("", "a", "a"),
        ("a", "b/../../../c", None),
        ("a", "/b", "b"),
        ("a", "", "a"),
        ("a", "...", "a/..."),
    ],
)
def test_a_relative_path_is_told_from_the_root(folder, relative, path):
    assert join(folder, relative) == path


def linked(links, *files):
    return MemorySnapshot(
        {p: File(t.encode(), SYMLINK) for p, t in links.items()} | {p: File(b"") for p in files},
    )


@pytest.mark.parametrize(
    ("links", "path", "real"),
    [
        ({}, "x/y", "x/y"),
        ({}, "", ""),
        ({"a": "x"}, "a", "x"),
        ({"a": "x"}, "a/y", "x/y"),
        ({"d/a": "../x"}, "d/a/y", "x/y"),
        ({"a": "b", "b": "c", "c": "x"}, "a", "x"),
        ({"d/a": "b/c", "d/b": "../x"}, "d/a", "x/c"),
        ({"a": "."}, "a/x", "x"),
        ({"d/a": ".."}, "d/a/x", "x"),
        ({"a": "/etc"}, "a/passwd", None),
        ({"a": "../out"}, "a", None),
        ({"a": "a"}, "a", None),
        ({"a": "b", "b": "a"}, "a/x", None),
        ({"a": "b/x", "b": "a/x"}, "a", None),
        ({f"l{n}": f"l{n + 1}" for n in range(15)}, "l0", "l15"),
        ({f"l{n}": f"l{n + 1}" for n in range(20)}, "l0", None),
    ],
)
def test_links_are_followed_inside_the_repository_alone(links, path, real):
    assert follow(linked(links, "x/y"), path) == real


def test_a_link_may_have_a_name_that_is_no_text():
    snapshot = MemorySnapshot({"a": File(b"\xff", SYMLINK), "\udcff": File(b"")})
    assert follow(snapshot, "a") == "\udcff"


# ── small values ──


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("Ann <Ann@Example.org>", "ann@example.org"),
        (" ann@example.org ", "ann@example.org"),
        ("Ann", "ann"),
        ("<x>", "x"),
    ],
)
def test_a_person_is_known_by_the_mail_address(name, who):
    assert person(name) == who


def test_silent_progress_takes_everything():
    with Silent().task("work", 3) as step:
        assert step.advance() is None
        assert step.advance(2) is None
