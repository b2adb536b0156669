"""A template and answers -> files in memory. Copier does the work, in a folder that is gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fairlead import __version__
from fairlead.doors.fs import temporary_folder
from fairlead.model.errors import FairleadError, WorldError
from fairlead.model.snapshot import EXECUTABLE, REGULAR, File
from fairlead.scaffold.answers import Answer, complete
from fairlead.scaffold.templates import find


def render(kind: str, answers: Mapping[str, object]) -> dict[str, File]:
    """Every file that a template makes from some answers, by path, sorted.

    Args:
        kind: The template's name, such as `repo`.
        answers: Answers by question; those not given take their defaults.

    Raises:
        UsageError: There is no such template, or an answer is not accepted.
        WorldError: The template can't be read, or the system's temporary folder can't be written.
        FairleadError: The template itself is at fault.
    """
    data = complete(kind, answers)
    template = find(kind)
    try:
        with temporary_folder() as folder:
            target = folder / "files"
            _copy(template, target, data)
            return _read(target)
    except OSError as error:
        raise WorldError(
            f"the template {kind!r} can't be rendered: {error}",
            remedy=f"see that {template} can be read, and that TMPDIR names a folder with space to write to",
        ) from error


def _copy(template: Path, target: Path, data: Mapping[str, Answer]) -> None:
    from copier import Settings, run_copy
    from copier.errors import CopierError
    from jinja2 import TemplateError
    from plumbum import local

    try:
        # Copier looks for git on plumbum's PATH, which is its own copy: without git it neither clones the
        # template, nor fails on a broken git configuration, nor starts a process for each file.
        with local.env(PATH=os.devnull):
            run_copy(
                str(template),
                target,
                data={**data, "release": __version__},
                settings=Settings(),  # else Copier reads defaults and trusted templates from the user's home
                defaults=True,
                quiet=True,
                skip_tasks=True,
                unsafe=False,
            )
    except (CopierError, TemplateError, ValueError, TypeError) as error:
        raise FairleadError(f"the template in {template} is at fault: {error}") from error


def _read(target: Path) -> dict[str, File]:
    paths = sorted(path for path in target.rglob("*") if path.is_symlink() or path.is_file())
    files: dict[str, File] = {}
    for path in paths:
        name = path.relative_to(target).as_posix()
        if path.is_symlink():
            raise FairleadError(f"the template makes a symbolic link, {name}, which none may")
        mode = EXECUTABLE if path.stat().st_mode & 0o100 else REGULAR
        files[name] = File(path.read_bytes(), mode)
    return dict(sorted(files.items()))
