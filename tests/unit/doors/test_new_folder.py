"""A new folder comes into being whole or not at all, whatever fails."""

import errno
import os
from pathlib import Path

import pytest

from fairlead.doors.fs import write_new_folder
from fairlead.model.errors import DeniedError, UsageError, WorldError
from fairlead.model.snapshot import EXECUTABLE, File

FILES = {"a/run.sh": File(b"#!/bin/sh\n", EXECUTABLE), "b.txt": File(b"b")}


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_files_modes_and_what_finish_adds_are_there(tmp_path):
    write_new_folder(tmp_path / "x/y", FILES, lambda folder: (folder / "added").touch())
    assert everything(tmp_path / "x/y") == ["a", "a/run.sh", "added", "b.txt"]
    assert os.access(tmp_path / "x/y/a/run.sh", os.X_OK)
    assert (tmp_path / "x/y").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("stop", [KeyboardInterrupt, WorldError("git failed"), OSError(errno.ENOSPC, "full")])
def test_when_finish_fails_nothing_is_left_not_even_the_folders_above(tmp_path, stop):
    def finish(folder):
        raise stop

    with pytest.raises((KeyboardInterrupt, WorldError)):
        write_new_folder(tmp_path / "x/y/z", FILES, finish)
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.EACCES, DeniedError), (errno.EROFS, DeniedError), (errno.ENOSPC, WorldError)]
)
def test_the_disk_s_no_is_told_by_its_kind(tmp_path, monkeypatch, code, kind):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(kind, match=os.strerror(code)):
        write_new_folder(tmp_path / "x/y", FILES)
    assert everything(tmp_path) == []


def test_a_place_that_may_not_be_written_is_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DeniedError, match="may not write"):
        write_new_folder(tmp_path / "x", FILES)


def test_links_files_and_full_folders_are_never_replaced_and_empty_ones_stay_when_it_fails(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "file").touch()
    for name in ("link", "file", "file/below", "."):
        with pytest.raises(UsageError):
            write_new_folder(tmp_path / name, FILES)

    def finish(folder):
        raise WorldError("no")

    with pytest.raises(WorldError):
        write_new_folder(tmp_path / "there", FILES, finish)
    assert everything(tmp_path) == ["file", "link", "there"]


def test_an_empty_folder_is_filled_and_stays_the_same_one(tmp_path, monkeypatch):
    inode = tmp_path.stat().st_ino
    write_new_folder(tmp_path, FILES)
    assert everything(tmp_path) == ["a", "a/run.sh", "b.txt"]
    assert tmp_path.stat().st_ino == inode


def test_when_the_last_move_fails_an_empty_folder_is_empty_again(tmp_path, monkeypatch):
    real = Path.rename

    def rename(self, target):
        if self.name == "b.txt":
            raise OSError(errno.ENOSPC, "full")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(WorldError):
        write_new_folder(tmp_path, FILES)
    assert everything(tmp_path) == []
