"""fairlead's side where no command does just what is measured: a process of its own, as the peers are.

python -m benchmarks.ours render ROOT folder|commit JOBS     the overlays of the standard input
python -m benchmarks.ours history ROOT OLD..NEW JOBS OUT     before and after each commit, written into OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.git.repository import Repository
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render import helper
from fairlead.render.helper import HelperRenderer
from fairlead.steps import checking
from fairlead.steps.reach import reached


def render(root: str, way: str, jobs: str) -> int:
    """Render overlays of the work tree, or of HEAD."""
    snapshot: Snapshot = FolderSnapshot(root) if way == "folder" else _opened(root).at("HEAD")
    results = _engine(jobs).render(tuple(Trial(snapshot, line) for line in sys.stdin.read().split("\n")))
    return int(not all(isinstance(result, Rendered) for result in results))


def history(root: str, span: str, jobs: str, out: str) -> int:
    """Render what each commit of a range reaches, before and after it; prints `COMMIT OVERLAY`, a line a render."""
    repo = _opened(root)
    engine = _engine(jobs)
    commits = repo.git.text("rev-list", "--reverse", "--first-parent", span).splitlines()
    old = repo.git.text("rev-parse", f"{commits[0]}~1")
    before: Snapshot = repo.at(old)
    trials: dict[tuple[str, str], Trial] = {}
    for new in commits:
        after = repo.at(new)
        hits = reached(engine, checking.scope(after, ""), before, after, repo.changed_paths(old, new))
        for commit, snapshot in ((old, before), (new, after)):
            trials |= {(commit, hit.folder): Trial(snapshot, hit.folder) for hit in hits}
        old, before = new, after
    results = engine.render(tuple(trials.values()))
    for (commit, overlay), result in zip(trials, results, strict=True):
        if isinstance(result, Rendered):
            Path(out, file_name(commit, overlay)).write_text(result.text, encoding="utf-8")
        sys.stdout.write(f"{commit} {overlay}\n")
    return int(not all(isinstance(result, Rendered) for result in results))


def file_name(commit: str, overlay: str) -> str:
    """Where a render is written."""
    return f"{commit}-{overlay.replace('/', '-')}.yaml"


def _opened(root: str) -> Repository:
    repo = Repository.open(Path(root))
    assert repo is not None, f"{root} is in no repository"
    return repo


def _engine(jobs: str) -> HelperRenderer:
    program = helper.found()
    assert program is not None, "there is no fairlead-renderer"
    return HelperRenderer(program, int(jobs))


if __name__ == "__main__":
    sys.exit(render(*sys.argv[2:]) if sys.argv[1] == "render" else history(*sys.argv[2:]))
