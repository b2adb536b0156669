"""The cache on this disk: whole or absent, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.doors import store as stores
from fairlead.doors.store import Seal, Store, frame
from tests.unprivileged import unprivileged

KEY = "ab" + "0" * 62


def _file(store: Store, kind: str = "result", key: str = KEY) -> Path:
    return store.folder / kind / key[:2] / key


def test_what_is_put_is_there_for_the_next_one(tmp_path: Path) -> None:
    Store(tmp_path).put("result", KEY, b"text")
    store = Store(tmp_path)
    assert store.get("result", KEY) == b"text"
    assert store.has("result", KEY)
    assert store.get("result", "cd" + KEY[2:]) is None
    assert store.get("manifest", KEY) is None


@pytest.mark.parametrize("size", [0, 1, 9, 60, 80, -1])
def test_a_torn_entry_is_none_and_goes(tmp_path: Path, size: int) -> None:
    store = Store(tmp_path)
    store.put("result", KEY, b"text " * 100)
    place = _file(store)
    place.write_bytes(place.read_bytes()[:size])
    assert store.get("result", KEY) is None
    assert store.damaged == 1
    assert not place.exists()


def test_no_changed_byte_goes_unseen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("result", KEY, b"kind: Service\n")
    entry = _file(store).read_bytes()
    for at in range(len(entry)):
        changed = bytearray(entry)
        changed[at] ^= 1
        assert Seal("").open("result", KEY, bytes(changed)) is None, at


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("result", KEY, b"text")
    other = "ab" + "1" * 62
    _file(store).rename(_file(store, key=other))
    assert store.get("result", other) is None


def test_who_has_not_the_secret_can_write_nothing_that_is_read(tmp_path: Path) -> None:
    Store(tmp_path, seal=Seal("")).put("result", KEY, b"poison")
    assert Store(tmp_path, seal=Seal("secret")).get("result", KEY) is None
    Store(tmp_path, seal=Seal("secret")).put("result", KEY, b"text")
    assert Store(tmp_path, seal=Seal("secret")).get("result", KEY) == b"text"
    assert Store(tmp_path, seal=Seal("other")).get("result", KEY) is None


def _pack(store: Store) -> list[tuple[str, int, int]]:
    """A pack of three entries; where each stands."""
    pack, rows = b"", []
    for number in range(3):
        key = f"{number:02d}" * 32
        entry = store.seal.close("result", key, f"text {number}".encode())
        pack += frame(key, entry)
        rows.append((key, len(pack), len(entry)))
        pack += entry
    store.put_sealed("results", "0-a", pack)
    return rows


def test_an_entry_in_a_pack_is_found_by_its_place(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = _pack(store)
    assert [store.part("results/0-a", *row) for row in rows] == [b"text 0", b"text 1", b"text 2"]
    assert store.verify() == (3, 0)
    assert store.part("results/0-b", *rows[0]) is None
    assert store.part("results/0-a", rows[1][0], *rows[0][1:]) is None  # another key's bytes


def test_a_pack_in_which_an_entry_is_damaged_goes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = _pack(store)
    place = store.folder / "results/0-/0-a"
    data = bytearray(place.read_bytes())
    data[rows[1][1] + rows[1][2] - 1] ^= 1
    place.write_bytes(bytes(data))
    assert store.part("results/0-a", *rows[0]) == b"text 0"
    assert store.part("results/0-a", *rows[1]) is None
    assert (store.damaged, place.exists()) == (1, False)


@pytest.mark.parametrize("cut", [1, 40, 200, 400])
def test_a_torn_pack_is_seen_when_all_is_verified(tmp_path: Path, cut: int) -> None:
    store = Store(tmp_path)
    _pack(store)
    place = store.folder / "results/0-/0-a"
    place.write_bytes(place.read_bytes()[:-cut])
    whole, bad = store.verify()
    assert bad == 1
    assert whole < 3
    assert not place.exists()


def test_another_form_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    monkeypatch.setattr(stores, "FORM", "v0")
    store.put("result", KEY, b"older")
    monkeypatch.undo()
    assert Store(tmp_path).get("result", KEY) is None
    entry = Seal("").close("result", KEY, b"text").replace(b"v1", b"v2", 1)
    assert Seal("").open("result", KEY, entry) is None


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    store.put("result", KEY, b"a Secret, perhaps")
    assert _file(store).stat().st_mode & 0o077 == 0
    assert store.folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_may_not_be_written_is_told_and_does_no_harm(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    def put() -> str:
        store = Store(closed)
        store.put("result", KEY, b"text")
        store.put("result", KEY, b"text")
        store.trim()
        return f"{store.trouble} {store.get('result', KEY)}"

    assert unprivileged(tmp_path, put) == f"{closed / stores.FORM}: Permission denied None"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom fairlead.doors.store import Store\n"
        "store = Store(Path(sys.argv[1]))\nstore.put('result', 'ab', b'x')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "import os\nstore.put('result', 'cd', os.urandom(100_000))\nprint(store.trouble)\n"
        "print(store.get('result', 'ab'), store.get('result', 'cd'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "File too large" in done.stdout
    assert "b'x' None" in done.stdout
    left = [p.name for p in (tmp_path / stores.FORM).rglob("*") if p.is_file() and p.name != "CACHEDIR.TAG"]
    assert left == ["ab"]


def test_writers_side_by_side_leave_only_whole_entries(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom fairlead.doors.store import Store\n"
        "store = Store(Path(sys.argv[1]))\nfor turn in range(30):\n"
        "    for n in range(10):\n        key = f'{n:02d}' * 32\n        store.put('result', key, key.encode() * 500)\n"
        "        data = store.get('result', key)\n        assert data is None or data == key.encode() * 500\n"
        "assert not store.trouble and not store.damaged, (store.trouble, store.damaged)"
    )
    runs = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(4)]
    assert [run.wait(60) for run in runs] == [0] * 4
    assert Store(tmp_path).verify() == (10, 0)


def test_the_least_recently_used_go_when_it_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE_SIZE", "40k")
    store = Store(tmp_path)
    keys = [f"{number:02d}" * 32 for number in range(10)]
    for age, key in enumerate(keys):
        store.put("result", key, os.urandom(6000))
        os.utime(_file(store, key=key), (1_700_000_000 + age, 1_700_000_000 + age))
    assert Store(tmp_path).get("result", keys[0]) is not None  # used again
    store.trim()
    kept = [key for key in keys if store.has("result", key)]
    assert kept == [keys[0], *keys[6:]]
    assert store.usage().size <= 40 << 10


def test_a_store_that_is_small_enough_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("result", KEY, b"x")
    store.trim()
    assert store.get("result", KEY) == b"x"


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 1 << 30), ("500M", 500 << 20), ("2 GiB", 2 << 30), ("2GiB", 2 << 30), ("7", 7), ("x", 1 << 30)],
)
def test_the_size_is_written_as_people_do(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE_SIZE", text)
    assert stores.limit() == size


def test_usage_verify_and_clear(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("result", KEY, b"x")
    store.put("manifest", "id/stamp/1", b"y")
    _file(store, key="cd" * 32).parent.mkdir()
    _file(store, key="cd" * 32).write_bytes(b"poison")
    assert store.usage().entries == {"result": 2, "manifest": 1}
    assert store.keys("manifest", "id/stamp") == ("id/stamp/1",)
    assert store.verify() == (2, 1)
    (tmp_path / "mine.txt").write_text("a person's")
    assert store.clear() > 0
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_of_somebody_else_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / stores.FORM).mkdir()
    (tmp_path / stores.FORM / "thesis.tex").write_text("years of work")
    Store(tmp_path).clear()
    assert (tmp_path / stores.FORM / "thesis.tex").is_file()
