"""Ask the program of a gate about each app: no shell, a time limit, files of the branch alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

from fairlead.doors.fs import lay_out, temporary_folder
from fairlead.doors.proc import Process, run
from fairlead.model.errors import WorldError
from fairlead.model.gates import Ran
from fairlead.model.snapshot import EXECUTABLE, REGULAR, Snapshot
from fairlead.model.values import dataclass
from fairlead.repo.config import Environment

_KEPT = 2000  # characters of its output that are kept as evidence


@dataclass(frozen=True)
class Question:
    """What is asked about what: the environment, the one before (or empty), the head's commit, the repository.

    `timeout` in seconds. `source_commit` is what a promotion was made from, empty where it is none.
    """

    environment: Environment
    source: str
    commit: str
    root: str
    command: tuple[str, ...]
    timeout: int
    source_commit: str = ""


def ask(question: Question, branch: Snapshot, apps: tuple[str, ...]) -> tuple[Ran, ...]:
    """How it ended for each app, up to the first for which it says no.

    It runs in a folder of its own that holds the files which it names, as the branch has them: a pull request must not
    bring its own judge.
    """
    ran: list[Ran] = []
    with temporary_folder() as folder:
        lay_out(branch, [name for word in question.command if (name := _file(branch, word))], folder)
        for app in apps:
            ran.append(_ran(question, app, folder))
            if ran[-1].code != 0:
                break
    return tuple(ran)


def _file(branch: Snapshot, word: str) -> str:
    """The path of the branch that a word of the command names; empty where it names none."""
    name = word.removeprefix("./")
    if not name or name.startswith("/") or ".." in name.split("/"):
        return ""
    entry = branch.entry(name)
    return name if entry is not None and entry.mode in (REGULAR, EXECUTABLE) else ""


def _ran(question: Question, app: str, folder: Path) -> Ran:
    program, *arguments = question.command
    local = folder / program.removeprefix("./")
    if "/" in program and local.is_file():
        local.chmod(0o700)
        program = str(local)
    argv = (program, *arguments)
    words = {
        "FAIRLEAD_APP": app,
        "FAIRLEAD_ENV": question.environment.name,
        "FAIRLEAD_SOURCE": question.source,
        "FAIRLEAD_COMMIT": question.commit,
        "FAIRLEAD_SOURCE_COMMIT": question.source_commit,
        "FAIRLEAD_ROOT": question.root,
    }
    begun = time.monotonic()
    try:
        done = run(Process(argv, str(folder), {**os.environ, **words}, timeout=question.timeout))
    except WorldError as error:
        return Ran(app, None, error.message, time.monotonic() - begun)
    text = (done.stdout.decode("utf-8", "replace") + done.stderr).strip()
    return Ran(app, None if done.timed_out else done.code, text[-_KEPT:], time.monotonic() - begun)
