"""The write into a folder that people work in: all of it or nothing, and never over somebody's work."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fairlead.doors.write_back import write_back
from fairlead.model.errors import ConflictError, WorldError


def test_files_are_replaced_and_keep_their_mode(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"1\r\n")
    (tmp_path / "a/x").chmod(0o755)
    write_back(tmp_path, {"a/x": (b"1\r\n", b"2\r\n")})
    assert (tmp_path / "a/x").read_bytes() == b"2\r\n"
    assert (tmp_path / "a/x").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["x"]


def test_nothing_is_written_where_one_file_has_changed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "y").write_bytes(b"somebody's")
    with pytest.raises(ConflictError, match="y has changed since it was read"):
        write_back(tmp_path, {"x": (b"1", b"2"), "y": (b"1", b"2")})
    assert (tmp_path / "x").read_bytes() == b"1"
    assert {path.name for path in tmp_path.iterdir()} == {"x", "y"}


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "y").symlink_to("x")
    with pytest.raises(ConflictError):
        write_back(tmp_path, {"y": (b"1", b"2")})
    assert (tmp_path / "x").read_bytes() == b"1"


def test_what_was_written_is_put_back_where_a_later_file_can_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("x", "y"):
        (tmp_path / name).write_bytes(b"1")
    rename = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "y":
            raise OSError(errno.ENOSPC, "no space left")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WorldError, match="can't write y: no space left; nothing was changed"):
        write_back(tmp_path, {"x": (b"1", b"2"), "y": (b"1", b"2")})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x": b"1", "y": b"1"}
