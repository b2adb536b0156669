"""Processes: started without a shell, ended in time, told as they ended."""

import os
import sys
import time
from pathlib import Path

import pytest

from fairlead.doors.proc import Process, Result, run, which
from fairlead.model.errors import WorldError


def python(code, **more):
    return run(Process((sys.executable, "-c", code), **more))


def test_output_comes_byte_for_byte():
    done = python("import sys; sys.stdout.buffer.write(bytes(range(256))); sys.stderr.write('told\\n')")
    assert done == Result(0, bytes(range(256)), "told\n")


def test_a_large_output_comes_whole():
    done = python("import sys; sys.stdout.buffer.write(b'0123456789' * 2_000_000); sys.stderr.write('e' * 5_000_000)")
    assert (done.code, len(done.stdout), len(done.stderr)) == (0, 20_000_000, 5_000_000)
    assert done.stdout == b"0123456789" * 2_000_000


def test_standard_input_is_given_or_empty():
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert python(echo, stdin=b"\x00\xff\n" * 200_000).stdout == b"\x00\xff\n" * 200_000
    assert python(echo, timeout=20).stdout == b""


@pytest.mark.parametrize("code", [1, 2, 127, 255])
def test_another_code_than_zero_is_a_result(code):
    assert python(f"import sys; print('out'); sys.exit({code})") == Result(code, b"out\n", "")


def test_an_end_by_a_signal_is_a_result():
    done = python("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    assert (done.code, done.timed_out) == (-15, False)


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    note = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "print('begun', flush=True)\n"
        "time.sleep(600)"
    )
    done = python(code, timeout=5.0)
    assert done.timed_out
    assert done.code != 0
    assert done.stdout == b"begun\n"
    # A signal has been sent when kill returns; the process may still be on its way out.
    deadline = time.monotonic() + 10
    while not _ended(note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _ended(note.read_text())


def _ended(pid):
    """Gone, or a zombie that its parent has not looked at."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_bytes_on_the_error_channel_that_are_no_text_are_replaced():
    assert python("import sys; sys.stderr.buffer.write(b'a\\xffb')").stderr == "a\ufffdb"


@pytest.mark.parametrize("program", ["no-such-program-anywhere", "/nowhere/at/all"])
def test_a_missing_program_is_told_with_a_remedy(program):
    with pytest.raises(WorldError) as caught:
        run(Process((program, "--version")))
    assert caught.value.message.startswith(f"can't start {program}")
    assert caught.value.remedy


def test_a_file_that_is_no_program_is_told(tmp_path):
    place = tmp_path / "words"
    place.write_text("not a program\n")
    with pytest.raises(WorldError):
        run(Process((str(place),)))
    place.chmod(0o755)
    with pytest.raises(WorldError):
        run(Process((str(place),)))


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(WorldError):
        python("print(1)", cwd=str(tmp_path / "nowhere"))


def test_it_runs_in_the_folder_and_environment_that_are_given(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "seen")
    look = "import os; print(os.getcwd()); print(os.environ.get('OURS'), os.environ.get('GIVEN'))"
    real = os.path.realpath(tmp_path)
    assert python(look, cwd=str(tmp_path)).stdout.decode() == f"{real}\nseen None\n"
    assert python(look, cwd=str(tmp_path), env={"GIVEN": "x"}).stdout.decode() == f"{real}\nNone x\n"


def test_arguments_reach_the_program_as_they_are():
    words = ["$(touch x)", "a b", "--flag", "*", "'\"", "new\nline", "é", ""]
    done = run(Process((sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)))
    assert done.stdout.decode() == f"{words}\n"


def test_a_tool_is_found_on_the_path_or_beside_python(tmp_path, monkeypatch):
    tool = tmp_path / "some-tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert which("some-tool") == str(tool)
    assert which("no-such-tool") is None
    assert which(Path(sys.executable).name) is not None


def test_what_is_installed_with_us_goes_before_another_installation_on_the_path(tmp_path, monkeypatch):
    for folder in ("elsewhere", "python", "command"):
        (tmp_path / folder).mkdir()
    elsewhere, beside_python, beside_command = (
        tmp_path / folder / "some-tool" for folder in ("elsewhere", "python", "command")
    )
    monkeypatch.setenv("PATH", str(elsewhere.parent))
    monkeypatch.setattr(sys, "executable", str(beside_python.parent / "python3"))
    found = []
    for tool in (elsewhere, beside_python, beside_command):
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)
        for command in ("-c", str(beside_command.with_name("fairlead"))):
            monkeypatch.setattr(sys, "argv", [command])
            found.append(which("some-tool", own=True))
    wanted = (elsewhere, elsewhere, beside_python, beside_python, beside_python, beside_command)
    assert found == [str(tool) for tool in wanted]
    assert which("some-tool") == str(elsewhere)


def test_a_program_in_the_current_folder_is_never_ours(tmp_path, monkeypatch):
    tool = tmp_path / "some-tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert which("some-tool", own=True) is None
