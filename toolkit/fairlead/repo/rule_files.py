"""The files by which changes are judged: who changes them changes the rules, whatever they do to the rendering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from fairlead.repo import codeowners
from fairlead.repo.config import FILE_NAME, Config

# What a forge's CI runs, and where pull requests are judged.
WORKFLOWS = (
    ".github/workflows/*",
    ".github/actions/*",
    ".gitlab-ci.yml",
    ".gitlab/ci/*",
    ".gitea/workflows/*",
    ".forgejo/workflows/*",
)


def ruling(config: Config, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of some paths that say what a pull request may do, or that do the judging."""
    exact, globs = frozenset(_files(config)), tuple(_globs(config))
    return tuple(
        path
        for path in paths
        if path in exact or path.rpartition("/")[2] == FILE_NAME or any(fnmatchcase(path, glob) for glob in globs)
    )


def _files(config: Config) -> Iterator[str]:
    yield from codeowners.PLACES
    if config.baseline_path:
        yield config.baseline_path
    gates = [e.gates for e in config.environments] + [rules for app in config.apps for _, rules in app.gates]
    for rules in gates:
        yield from (freeze.calendar for freeze in rules.freeze if freeze.calendar)
        words = (*rules.command, *(word for one in rules.health for word in one.command))
        yield from (word.removeprefix("./") for word in words)


def _globs(config: Config) -> Iterator[str]:
    yield from WORKFLOWS
    prefix = f"{config.root}/" if config.root else ""
    yield from (f"{prefix}{files.glob}" for files in config.check.policies)
    for location in config.check.schema_locations:
        if not location.is_default and not location.remote:
            yield location.template.partition("{")[0] + "*"
