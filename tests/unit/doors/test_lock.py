"""The lock: one holder at a time, and none who is no more."""

import os
import signal
import subprocess
import sys
import time

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.doors.lock import clear_stale, locked
from fairlead.model.errors import DeniedError, WorldError

HOLDER = """
import sys, time
from pathlib import Path
from fairlead.doors.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_who_comes_second_waits_and_gives_up(tmp_path, holder):
    with pytest.raises(WorldError) as caught, locked(tmp_path / "lock", patience=0.2):
        pass
    assert caught.value.remedy == "wait for it, then try again"


def test_who_comes_second_gets_it_when_the_first_is_done(tmp_path, holder):
    entered = []
    holder.stdin.close()
    with locked(tmp_path / "lock"):
        entered.append(1)
    assert entered == [1]


def test_the_lock_dies_with_its_holder(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    entered = []
    with locked(tmp_path / "lock"):
        entered.append(1)
    assert entered == [1]


def test_it_is_free_after_an_error(tmp_path):
    with pytest.raises(KeyError), locked(tmp_path / "lock"):
        raise KeyError
    with locked(tmp_path / "lock", patience=0.1):
        assert (tmp_path / "lock").exists()


def test_a_place_that_can_not_be_written_is_denied(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeniedError), locked(tmp_path / "file" / "lock"):
        pass
    with pytest.raises(DeniedError), locked(tmp_path):
        pass


def test_a_lock_file_that_a_killed_git_left_is_cleared(tmp_path):
    place = tmp_path / "ref.lock"
    place.write_bytes(b"")
    os.utime(place, (1, 1))
    clear_stale(place)
    assert not place.exists()
    clear_stale(place)


def test_one_that_is_fresh_is_waited_for(tmp_path):
    place = tmp_path / "ref.lock"
    place.write_bytes(b"")
    clear_stale(place, age=0.15)
    assert not place.exists()


def test_one_with_a_time_to_come_is_cleared_in_the_end(tmp_path):
    place = tmp_path / "ref.lock"
    place.write_bytes(b"")
    os.utime(place, (time.time() + 9000, time.time() + 9000))
    clear_stale(place, age=0.1)
    assert not place.exists()


def test_one_that_can_not_be_removed_stays(tmp_path):
    place = tmp_path / "ref.lock"
    place.mkdir()
    os.utime(place, (1, 1))
    clear_stale(place)
    assert place.is_dir()


def test_the_clock_tells_seconds():
    before = int(time.time())
    assert before <= SystemClock().now() <= time.time()
