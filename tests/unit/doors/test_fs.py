"""Folders: read as snapshots, laid out, written whole or not at all."""

import os
import stat

import pytest

from fairlead.doors import fs
from fairlead.model.errors import DeniedError, UsageError, WorldError
from fairlead.model.snapshot import (
    EXECUTABLE,
    REGULAR,
    SYMLINK,
    AtFolder,
    AtMemory,
    Entry,
    File,
    MemorySnapshot,
    blob_id,
)
from tests.unprivileged import unprivileged

ODD = ["with space", "--option", "new\nline", "\udcff\udcfe", "é😀", "quote'\"", "back\\slash", "a:b*?[", "-", "..."]


def tree(root):
    """Everything below a folder: path -> bytes, or the target of a link, or None for a folder."""
    return {
        p.relative_to(root).as_posix(): str(p.readlink()) if p.is_symlink() else p.read_bytes() if p.is_file() else None
        for p in sorted(root.rglob("*"))
    }


# ── a folder as a snapshot ──


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_files_like_others(tmp_path, name):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / name).write_bytes(b"x")
    snapshot = fs.FolderSnapshot(str(tmp_path))
    assert snapshot.files() == (f"d/{name}",)
    assert snapshot.files("d") == (f"d/{name}",)
    assert snapshot.entry(f"d/{name}") == Entry(REGULAR, blob_id(b"x"))
    assert snapshot.read(f"d/{name}") == b"x"


def test_links_executables_and_things_that_are_no_files(tmp_path):
    (tmp_path / "run").write_bytes(b"#!")
    (tmp_path / "run").chmod(0o700)
    (tmp_path / "link").symlink_to("run")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"")
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    snapshot = fs.FolderSnapshot(str(tmp_path))
    assert snapshot.files() == ("dangling", "folder/x", "link", "pipe", "run", "to-folder")
    assert snapshot.entry("run") == Entry(EXECUTABLE, blob_id(b"#!"))
    assert snapshot.entry("link") == Entry(SYMLINK, blob_id(b"run"))
    assert snapshot.entry("to-folder") == Entry(SYMLINK, blob_id(b"folder"))
    assert snapshot.read("dangling") == b"nowhere"
    assert [snapshot.entry(p) for p in ("pipe", "folder", "nowhere", "run/x", "")] == [None] * 5
    assert [snapshot.is_dir(p) for p in ("", "folder", "run", "nowhere", "../")] == [True, True, False, False, False]
    assert snapshot.anchor == AtFolder(str(tmp_path))


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "nul\0byte", ""])
def test_a_path_that_leads_out_or_is_none_is_no_file(tmp_path, path):
    (tmp_path / "secret").write_bytes(b"")
    (tmp_path / "inside").mkdir()
    snapshot = fs.FolderSnapshot(str(tmp_path / "inside"))
    assert snapshot.entry(path) is None
    with pytest.raises(KeyError):
        snapshot.read(path)


def test_a_name_that_is_too_long_for_any_file_is_none(tmp_path):
    assert fs.FolderSnapshot(str(tmp_path)).entry("x" * 5000) is None


def test_one_look_one_answer(tmp_path):
    (tmp_path / "a").write_bytes(b"first")
    snapshot = fs.FolderSnapshot(str(tmp_path))
    assert (snapshot.read("a"), snapshot.entry("b"), snapshot.files()) == (b"first", None, ("a",))
    (tmp_path / "a").write_bytes(b"second")
    (tmp_path / "b").write_bytes(b"")
    assert (snapshot.read("a"), snapshot.entry("b"), snapshot.files()) == (b"first", None, ("a",))
    assert snapshot.entry("a") == Entry(REGULAR, blob_id(b"first"))


def test_edits_on_a_folder_touch_no_disk(tmp_path):
    (tmp_path / "a").write_bytes(b"first")
    edited = fs.FolderSnapshot(str(tmp_path)).with_files({"a": File(b"x"), "b": File(b"y")})
    assert (edited.read("a"), edited.files(), edited.anchor) == (b"x", ("a", "b"), AtMemory(AtFolder(str(tmp_path))))
    assert tree(tmp_path) == {"a": b"first"}


def test_a_lister_says_which_files_count(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    snapshot = fs.FolderSnapshot(str(tmp_path), lambda: ["b"])
    assert snapshot.files() == ("b",)
    assert snapshot.read("a") == b"1"


def test_a_file_that_may_not_be_read_is_told_by_its_name(tmp_path):
    def look():
        try:
            fs.FolderSnapshot(str(tmp_path)).read("closed")
        except WorldError as error:
            return f"{error.where}: {error.message}"
        return "read"

    (tmp_path / "closed").write_bytes(b"")
    (tmp_path / "closed").chmod(0)
    assert unprivileged(tmp_path, look) == "closed: can't read closed: Permission denied"


# ── laid out ──


def test_a_snapshot_is_laid_out_and_nothing_leads_out(tmp_path):
    out = tmp_path / "out"
    snapshot = MemorySnapshot(
        {
            "a/b.yaml": File(b"b"),
            "a/run": File(b"#!", EXECUTABLE),
            "a/link": File(b"b.yaml", SYMLINK),
            "a/up": File(b"../c", SYMLINK),
            "a/abs": File(b"/etc/passwd", SYMLINK),
            "a/far": File(b"../../../etc/passwd", SYMLINK),
            "c": File(b"c"),
            "../evil": File(b"x"),
            "nul\0": File(b"x"),
        }
    )
    fs.lay_out(snapshot, (*snapshot.files(), "nowhere"), out)
    assert tree(tmp_path) == {
        "out": None,
        "out/a": None,
        "out/a/b.yaml": b"b",
        "out/a/run": b"#!",
        "out/a/link": "b.yaml",
        "out/a/up": "../c",
        "out/a/abs": b"",
        "out/a/far": b"",
        "out/c": b"c",
    }


def test_a_link_in_the_way_is_never_written_through(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "outside"
    out.mkdir()
    outside.write_bytes(b"kept")
    (out / "a").symlink_to(outside)
    (out / "b").write_bytes(b"kept")
    fs.lay_out(MemorySnapshot.of({"a": "new", "b": "new"}), ("a", "b"), out)
    assert (outside.read_bytes(), (out / "b").read_bytes()) == (b"kept", b"kept")


def test_a_temporary_folder_is_private_and_gone_afterwards():
    with fs.temporary_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "x").write_bytes(b"")
    assert not folder.exists()


def test_without_a_place_for_temporary_folders_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(WorldError) as caught, fs.temporary_folder():
        pass
    assert caught.value.remedy == "set TMPDIR"


# ── whole or not at all ──

FILES = {"a.yaml": File(b"a"), "bin/run": File(b"#!", EXECUTABLE)}


@pytest.mark.parametrize("given", ["new", "deep/er/new", "empty"])
def test_a_new_folder_is_written_whole(tmp_path, given):
    (tmp_path / "empty").mkdir()
    place = tmp_path / given
    fs.write_new_folder(place, FILES, lambda folder: (folder / "more").write_bytes(b"m"))
    assert tree(place) == {"a.yaml": b"a", "bin": None, "bin/run": b"#!", "more": b"m"}
    assert (place / "bin/run").stat().st_mode & 0o111 == 0o111
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("full", "is there already and is not empty"),
        ("file", "is there already, and is no folder"),
        ("link", "is there already"),
        ("dangling", "is there already"),
        ("file/below", "is not a folder"),
    ],
)
def test_what_is_there_is_never_written_over(tmp_path, given, words):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    (tmp_path / "dangling").symlink_to("nowhere")
    before = tree(tmp_path)
    with pytest.raises(UsageError) as caught:
        fs.write_new_folder(tmp_path / given, FILES)
    assert words in caught.value.message
    assert tree(tmp_path) == before


class StopError(Exception):
    """Something that goes wrong on the way."""


@pytest.mark.parametrize("fault", [StopError(), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_when_the_last_step_fails_nothing_is_left(tmp_path, fault):
    def finish(folder):
        (folder / "half").write_bytes(b"")
        raise fault

    with pytest.raises((StopError, KeyboardInterrupt, WorldError)):
        fs.write_new_folder(tmp_path / "deep" / "new", FILES, finish)
    assert tree(tmp_path) == {}


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(WorldError) as caught:
        fs.write_new_folder(tmp_path / "new", {"a": File(b""), "a/b": File(b"")})
    assert caught.value.remedy == "free space, or choose another place"
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("theirs", ["theirs", "a.yaml", "bin/x"])
def test_what_somebody_writes_there_meanwhile_stays(tmp_path, empty, theirs):
    place = tmp_path / "new"
    if empty:
        place.mkdir()

    def finish(_):
        (place / theirs).parent.mkdir(parents=True, exist_ok=True)
        (place / theirs).write_bytes(b"t")

    with pytest.raises(WorldError) as caught:
        fs.write_new_folder(place, FILES, finish)
    assert "not empty" in caught.value.message
    assert {p: d for p, d in tree(place).items() if d is not None} == {theirs: b"t"}
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("place", ["shut/new", "shut/deep/new"])
def test_a_folder_that_may_not_be_written_is_denied_and_unchanged(tmp_path, place):
    def write():
        try:
            fs.write_new_folder(tmp_path / place, FILES)
        except DeniedError as error:
            return error.message.partition(str(tmp_path))[0]
        return "written"

    (tmp_path / "shut").mkdir(0o555)
    assert unprivileged(tmp_path, write, keep=True) == "you may not write in "
    assert tree(tmp_path) == {"shut": None}


def test_a_text_is_written_whole_over_the_old_one(tmp_path):
    place = tmp_path / "deep" / "file"
    fs.write_text(place, "one\n")
    fs.write_text(place, "zwö\n")
    assert tree(tmp_path) == {"deep": None, "deep/file": "zwö\n".encode()}


def test_a_text_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorldError):
        fs.write_text(tmp_path / "file" / "below", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorldError):
        fs.write_text(tmp_path / "folder", "x")
    assert tree(tmp_path) == {"file": b"", "folder": None}


def test_nothing_lies_below_a_link(tmp_path):
    (tmp_path / "real/deep").mkdir(parents=True)
    (tmp_path / "real/deep/f").write_text("x")
    (tmp_path / "link").symlink_to("real")
    snapshot = fs.FolderSnapshot(str(tmp_path))
    assert [snapshot.is_dir(path) for path in ("real", "real/deep", "link", "link/deep")] == [True, True, False, False]
    assert snapshot.entry("real/deep/f") is not None
    assert snapshot.entry("link") is not None
    assert snapshot.entry("link/deep/f") is None
