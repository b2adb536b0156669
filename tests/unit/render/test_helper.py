"""The helper alone: its processes, what it records, and what becomes of it when things go wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fairlead.model.errors import WorldError
from fairlead.model.rendering import Input, Rendered, RenderFailed, Trial
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot, blob_id
from fairlead.render import helper, pool
from fairlead.render.helper import HelperRenderer
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.render.worker import Died, Worker
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run
from tests.support import new_repo

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {"dev/kustomization.yaml": "resources: [s.yaml]\n", "dev/s.yaml": _SERVICE}
_SNAPSHOT = MemorySnapshot.of(_FILES)


def _script(folder: Path, text: str) -> str:
    (folder / "said.py").write_text(f"import os, sys, time, json\n{text}")
    place = folder / "fairlead-renderer"
    place.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{folder / "said.py"}" "$@"\n'
    )  # a clone's path may have blanks
    place.chmod(0o755)
    return str(place)


_HELLO = "print(json.dumps({'protocol': 3, 'build': 'b', 'api': 'v1', 'root': '/r'}), flush=True)\n"


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# ── what it tells ──


def test_all_that_a_render_depends_on_is_told() -> None:
    snapshot = _SNAPSHOT.with_files({"link": File(b"dev", SYMLINK)})
    engine = HelperRenderer(_program(), 1)
    (result,) = engine.render((Trial(snapshot, "link"),))
    engine.close()
    assert isinstance(result, Rendered)
    assert result.inputs == (
        Input("folder", "dev"),
        Input("missing", "dev/Kustomization"),
        Input("file", "dev/kustomization.yaml", blob_id(_FILES["dev/kustomization.yaml"].encode())),
        Input("missing", "dev/kustomization.yml"),
        Input("file", "dev/s.yaml", blob_id(_SERVICE.encode())),
        Input("link", "link", blob_id(b"dev")),
    )


def _program() -> str:
    found = helper.found()
    if found is None:
        pytest.skip("there is no fairlead-renderer: no Go was found to build it with (make renderer fetches one)")
    return found


def test_a_failure_depends_on_what_was_looked_for_in_vain() -> None:
    (result,) = HelperRenderer(_program(), 1).render((Trial(_SNAPSHOT.with_files({"dev/s.yaml": None}), "dev"),))
    assert isinstance(result, RenderFailed)
    assert Input("missing", "dev/s.yaml") in result.inputs


def test_origins_and_the_load_restrictor_are_options() -> None:
    engine = HelperRenderer(_program(), 1)
    (origin,) = engine.render_with((Trial(_SNAPSHOT, "dev"),), origin=True)
    assert isinstance(origin, Rendered)
    assert "path: s.yaml" in origin.text
    beside = MemorySnapshot.of({"dev/kustomization.yaml": "resources: [../s.yaml]\n", "s.yaml": _SERVICE})
    assert isinstance(engine.render((Trial(beside, "dev"),))[0], RenderFailed)
    assert isinstance(engine.render_with((Trial(beside, "dev"),), unrestricted=True)[0], Rendered)
    engine.close()


def test_results_are_streamed_as_they_come() -> None:
    engine = HelperRenderer(_program(), 2)
    seen = {index: result.overlay for index, result in engine.stream((Trial(_SNAPSHOT, "dev"), Trial(_SNAPSHOT, "x")))}
    engine.close()
    assert seen == {0: "dev", 1: "x"}


def test_the_version_is_that_of_the_library() -> None:
    engine = HelperRenderer(_program(), 1)
    assert engine.version == "kustomize library v0.21.1"
    assert len(engine.build) == 12
    engine.close()


def test_nothing_of_a_commit_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    engine = HelperRenderer(_program(), 1)
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: pytest.fail("a folder was made"))
    before = sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "r").rglob("*"))
    results = engine.render(tuple(Trial(s, "dev") for s in (repo.at("HEAD"), repo.index(), _SNAPSHOT)))
    engine.close()
    assert all(isinstance(result, Rendered) for result in results)
    assert sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "r").rglob("*")) == before


def test_a_tree_that_the_clone_lacks_is_the_worlds_fault(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    snapshot = repo.at("HEAD")
    oid = snapshot.entry("dev/s.yaml")
    assert oid is not None
    (tmp_path / f"r/.git/objects/{oid.oid[:2]}/{oid.oid[2:]}").unlink()
    engine = HelperRenderer(_program(), 1)
    with pytest.raises(WorldError, match=f"lacks the object {oid.oid}"):
        engine.render((Trial(snapshot, "dev"),))
    (result,) = engine.render((Trial(_SNAPSHOT, "dev"),))
    assert isinstance(result, Rendered)
    engine.close()


def test_gits_own_folder_is_not_part_of_the_work_tree(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    kustomization = "configMapGenerator:\n- name: c\n  files: [.git/config]\n"
    (tmp_path / "r/kustomization.yaml").write_text(kustomization)
    (result,) = HelperRenderer(_program(), 1).render((Trial(repo.work_tree(), ""),))
    assert isinstance(result, RenderFailed)


def test_output_of_100_mb_is_refused() -> None:
    resources = "".join(f"- c{i}.yaml\n" for i in range(26))
    large = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {x: " + "x" * 4_000_000 + "}\n"
    files = {f"dev/c{i}.yaml": large % f"c{i}" for i in range(26)}
    files["dev/kustomization.yaml"] = f"resources:\n{resources}"
    engine = HelperRenderer(_program(), 1)
    (result,) = engine.render((Trial(MemorySnapshot.of(files), "dev"),))
    engine.close()
    assert isinstance(result, RenderFailed)
    assert (result.code, result.message) == ("build", "it renders to more than 64 MiB")


# ── its processes ──


def test_a_worker_killed_in_the_middle_is_replaced_and_asked_again() -> None:
    engine = HelperRenderer(_program(), 2)
    trials = tuple(Trial(_SNAPSHOT, "dev") for _ in range(400))
    killed: set[int] = set()

    def kill() -> None:
        for pid in engine.pids:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)

    for number, (_, result) in enumerate(engine.stream(trials)):
        if number == 20:
            kill()
        assert isinstance(result, Rendered)
    assert killed
    assert killed.isdisjoint(engine.pids)
    engine.close()
    assert all(_gone(pid) for pid in killed)


def test_who_always_dies_makes_a_failure_with_its_last_words(tmp_path: Path) -> None:
    program = _script(tmp_path, _HELLO + "sys.stdin.readline()\nsys.exit('fatal error: no luck')")
    (result,) = HelperRenderer(program, 1).render((Trial(_SNAPSHOT, "dev"),))
    assert result == RenderFailed("dev", "build", "kustomize ended without an answer: fatal error: no luck")


def test_who_runs_out_of_memory_is_not_asked_again(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"with open({str(count)!r}, 'a') as file: file.write('x')\nsys.stdin.readline()\n"
    dying = "sys.exit('fatal error: runtime: out of memory')"
    (result,) = HelperRenderer(_script(tmp_path, _HELLO + script + dying), 1).render((Trial(_SNAPSHOT, "dev"),))
    assert result == RenderFailed("dev", "build", "kustomize needs more than 1 GiB of memory for it")
    assert count.read_text() == "x"


def test_a_render_that_hangs_is_stopped_and_the_others_go_on(tmp_path: Path) -> None:
    script = """
for line in sys.stdin:
    said = json.loads(line)
    if 'overlay' in said:
        if said['overlay'] == 'slow':
            time.sleep(60)
        print(json.dumps({'id': 0, 'ok': True, 'size': 2}), flush=True)
        sys.stdout.write('ok'); sys.stdout.flush()
"""
    engine = HelperRenderer(_script(tmp_path, _HELLO + script), 1, timeout=0.5)
    names = ("a", "slow", "b")
    begin = time.monotonic()
    results = engine.render(tuple(Trial(_SNAPSHOT, name) for name in names))
    assert time.monotonic() - begin < 10
    assert results == (
        Rendered("a", "ok"),
        RenderFailed("slow", "timeout", "kustomize took more than 0 seconds and was stopped"),
        Rendered("b", "ok"),
    )
    engine.close()


def test_a_real_render_is_stopped_at_its_limit() -> None:
    engine = HelperRenderer(_program(), 1, timeout=30)
    engine.render((Trial(_SNAPSHOT, "dev"),))
    (pid,) = engine.pids
    engine._pool.timeout = 0.0005
    files = {f"dev/{i}.yaml": _SERVICE.replace("web", f"w{i}") for i in range(2000)}
    many = MemorySnapshot.of(
        {"dev/kustomization.yaml": f"resources: [{','.join(f'{i}.yaml' for i in range(2000))}]", **files}
    )
    (result,) = engine.render((Trial(many, "dev"),))
    assert isinstance(result, RenderFailed)
    assert result.code == "timeout"
    assert _gone(pid)
    engine.close()


def test_no_process_is_left_when_it_is_closed_or_dropped() -> None:
    for end in (HelperRenderer.close, lambda _: None):
        engine = HelperRenderer(_program(), 2)
        engine.render(tuple(Trial(_SNAPSHOT, "dev") for _ in range(8)))
        pids = engine.pids
        assert len(pids) == 2
        end(engine)
        del engine
        assert all(_gone(pid) for pid in pids)


def test_the_helper_ends_with_its_parent(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    script = (
        "import sys, os, signal\nfrom pathlib import Path\nfrom fairlead.doors.git.repository import Repository\n"
        "from fairlead.model.rendering import Trial\nfrom fairlead.render.helper import HelperRenderer\n"
        f"engine = HelperRenderer({_program()!r}, 2)\nrepo = Repository.open(Path({repo.root!r}))\n"
        "engine.render((Trial(repo.at('HEAD'), 'dev'),) * 4)\nprint(*engine.pids, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not all(map(_ended, pids)):
        time.sleep(0.05)
    assert all(map(_ended, pids))


def _ended(pid: int) -> bool:
    """Gone, or a zombie that is its new parent's to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_ctrl_c_ends_the_workers(tmp_path: Path) -> None:
    script = "for line in sys.stdin:\n    time.sleep(60)\n"
    engine = HelperRenderer(_script(tmp_path, _HELLO + script), 2)
    pids: list[int] = []

    def press() -> None:
        while len(engine.pids) < 2:
            time.sleep(0.01)
        pids.extend(engine.pids)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.render(tuple(Trial(_SNAPSHOT, "dev") for _ in range(9)))
    thread.join()
    assert time.monotonic() - begin < 20
    assert len(pids) == 2
    assert all(_gone(pid) for pid in pids)
    assert engine.pids == ()


def test_ctrl_c_while_threads_are_started_ends_those_that_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, starts = threading.Thread.start, []

    def start(thread: threading.Thread) -> None:
        starts.append(thread)
        if len(starts) == 2:
            raise KeyboardInterrupt
        real(thread)

    engine = HelperRenderer(_script(tmp_path, _HELLO + "for line in sys.stdin:\n    time.sleep(60)\n"), 2)
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt):
        engine.render(tuple(Trial(_SNAPSHOT, "dev") for _ in range(9)))
    assert len(starts) == 2
    assert not any(thread.is_alive() for thread in starts)
    assert engine.pids == ()


def test_who_never_says_hello_does_not_hold_up_the_end(tmp_path: Path) -> None:
    engine = HelperRenderer(_script(tmp_path, "time.sleep(60)\n"), 1)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.render((Trial(_SNAPSHOT, "dev"),))
    assert time.monotonic() - begin < 15
    assert engine.pids == ()


def test_an_error_of_whoever_counts_the_results_ends_what_is_busy(program: str) -> None:
    def fail() -> None:
        raise RuntimeError("the bar broke")

    engine = HelperRenderer(program, 2, on_result=fail)
    with pytest.raises(RuntimeError, match="the bar broke"):
        engine.render(tuple(Trial(_SNAPSHOT, "dev") for _ in range(50)))
    engine.on_result = None
    assert all(isinstance(one, Rendered) for one in engine.render(tuple(Trial(_SNAPSHOT, "dev") for _ in range(4))))
    pids = engine.pids
    engine.close()
    assert all(_gone(pid) for pid in pids)


def test_a_snapshot_that_can_not_be_read_leaves_no_process_behind(program: str) -> None:
    class Unreadable(MemorySnapshot):
        def files(self, under: str = "") -> tuple[str, ...]:
            raise WorldError("the disk is gone")

    engine = HelperRenderer(program, 2)
    with pytest.raises(WorldError, match="the disk is gone"):
        engine.render(tuple(Trial(Unreadable(), "dev") for _ in range(5)))
    (result,) = engine.render((Trial(_SNAPSHOT, "dev"),))
    assert isinstance(result, Rendered)
    assert len(engine.pids) <= 2
    engine.close()
    assert engine.pids == ()


def test_two_threads_may_render_at_once(program: str) -> None:
    engine = HelperRenderer(program, 2)
    snapshots = [
        _SNAPSHOT.with_files({"dev/s.yaml": File(_SERVICE.replace("web", f"w{n}").encode())}) for n in range(4)
    ]
    told: dict[int, tuple[str, ...]] = {}

    def work(number: int) -> None:
        results = engine.render(tuple(Trial(snapshots[number], "dev") for _ in range(30)))
        told[number] = tuple(dict.fromkeys(r.text for r in results if isinstance(r, Rendered)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {n: (_SERVICE.replace("web", f"w{n}"),) for n in range(4)}
    assert len(engine.pids) <= 2
    engine.close()


def test_who_answers_nonsense_is_replaced_and_then_told_of(tmp_path: Path) -> None:
    engine = HelperRenderer(
        _script(tmp_path, _HELLO + "sys.stdin.readline()\nprint('[1]', flush=True)\ntime.sleep(60)"), 1
    )
    (result,) = engine.render((Trial(_SNAPSHOT, "dev"),))
    assert result == RenderFailed("dev", "build", "kustomize ended without an answer: its answer was none")
    assert engine.pids == ()


def test_snapshots_are_told_once_and_forgotten_when_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = []
    real = Worker.ask
    monkeypatch.setattr(Worker, "ask", lambda self, lines, seconds: (told.append(lines), real(self, lines, seconds))[1])
    engine = HelperRenderer(_program(), 1)
    for _ in range(2):
        engine.render((Trial(_SNAPSHOT, "dev"), Trial(_SNAPSHOT, "dev")))
    assert sum(b'"open"' in lines for lines in told) == 1
    for number in range(pool._KEPT + 2):
        snapshot = _SNAPSHOT.with_files({"dev/s.yaml": File(_SERVICE.replace("web", f"w{number}").encode())})
        (result,) = engine.render((Trial(snapshot, "dev"),))
        assert isinstance(result, Rendered)
        assert f"name: w{number}" in result.text
    assert any(b'{"forget": "1"}' in lines for lines in told)
    engine.close()


def test_an_index_is_sent_as_it_was_read(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    snapshot = repo.index()
    (tmp_path / "r/dev/s.yaml").write_text(_SERVICE.replace("web", "later"))
    repo.git.run("add", "--all")
    engine = HelperRenderer(_program(), 1)
    (result,) = engine.render((Trial(snapshot, "dev"),))
    engine.close()
    assert isinstance(result, Rendered)
    assert "name: web" in result.text


# ── finding it ──


def test_a_program_that_is_no_helper_is_named_with_a_remedy(tmp_path: Path) -> None:
    for text in ("print('hello')", "print(json.dumps({'protocol': 99}))", "sys.exit(3)"):
        with pytest.raises(WorldError) as caught:
            HelperRenderer(_script(tmp_path, text), 1).render((Trial(_SNAPSHOT, "dev"),))
        assert "FAIRLEAD_RENDERER=none" in (caught.value.remedy or "")
    with pytest.raises(WorldError, match="can't start"):
        HelperRenderer(str(tmp_path / "none"), 1).render((Trial(_SNAPSHOT, "dev"),))


def test_the_helper_is_taken_where_it_is_and_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(Path())
    monkeypatch.setattr("fairlead.doors.renderer.which", lambda *_, **__: "/found")
    assert isinstance(renderer(run), HelperRenderer)
    monkeypatch.setenv("FAIRLEAD_RENDERER", "none")
    assert isinstance(renderer(run), KustomizeRenderer)
    monkeypatch.setenv("FAIRLEAD_RENDERER", "/named")
    assert helper.found() == "/named"
    monkeypatch.delenv("FAIRLEAD_RENDERER")
    monkeypatch.setattr("fairlead.doors.renderer.which", lambda *_, **__: None)
    assert isinstance(renderer(run), KustomizeRenderer)


def test_a_dead_worker_says_so(tmp_path: Path) -> None:
    worker = Worker(_script(tmp_path, _HELLO + "sys.exit(4)"))
    with pytest.raises(Died, match="exit code 4"):
        worker.ask(b"{}\n" * 100_000, 10)
    worker.close()
