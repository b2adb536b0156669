"""The names of the repository's apps and environments, for completion: read as every command reads them."""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes 4 ms to import
if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairlead.model.snapshot import Snapshot
    from fairlead.repo.config import Config

_HARMLESS = "._-/@+,"  # beside letters and digits: what no shell and no terminal acts upon


def apps(folder: str) -> list[str]:
    """The apps that the work tree has overlays of; none where anything is wrong."""
    from fairlead.repo.layout import discover

    try:
        snapshot, config = _opened(folder)
        return _offered(discover(snapshot, config).apps())
    except Exception:
        return []  # nobody wants a traceback at the tab key


def environments(folder: str) -> list[str]:
    """The environments that fairlead.yaml names; none where anything is wrong."""
    try:
        _, config = _opened(folder)
        return _offered(environment.name for environment in config.environments)
    except Exception:
        return []  # nobody wants a traceback at the tab key


def _opened(folder: str) -> tuple[Snapshot, Config]:
    from pathlib import Path

    from fairlead.doors.fs import FolderSnapshot
    from fairlead.doors.git.plumbing import Git
    from fairlead.doors.git.snapshots import at_work_tree
    from fairlead.repo import config

    here = Path(folder or ".").expanduser().resolve()
    git = Git.discover(here)
    root = here if git is None or git.work_tree is None else Path(git.work_tree)
    snapshot = FolderSnapshot(str(root)) if git is None else at_work_tree(git)
    prefix = here.relative_to(root).as_posix()
    return snapshot, config.load(snapshot, "" if prefix == "." else prefix)


def _offered(names: Iterable[str]) -> list[str]:
    """Names that may stand unquoted on a command line: a folder's name may be anything."""
    return [name for name in names if all(sign.isalnum() or sign in _HARMLESS for sign in name) and name[:1] != "-"]
