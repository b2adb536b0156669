"""What CI says by its variables, which no pull request can set: whose rules count.

Where CI has checked out a pull request's own commit, its fairlead.yaml must not say which branch holds the
environments. Nor may the branch that it enters: whoever may push there could write rules of their own on it, and have a
head called good that enters another branch next. The repository's default branch says it, or `FAIRLEAD_BRANCH`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.model.errors import ConfigError, FairleadError
from fairlead.steps.world import Run, World, open_world

MEANT = "FAIRLEAD_BRANCH"
_QUEUE = re.compile(r"(?:refs/heads/)?gh-readonly-queue/(?P<base>.+)/pr-(?P<number>[0-9]+)-(?P<oid>[0-9a-f]{40,64})")
_TRAIN = re.compile(r"refs/merge-requests/(?P<number>[0-9]+)/(?:train|merge)")


def base_branch(variables: Mapping[str, str]) -> str:
    """The branch that a pull request of this pipeline enters; empty where it is about none."""
    named = variables.get("GITHUB_BASE_REF") or variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or ""
    return named or group_base(variables.get("GITHUB_REF", ""))


def group_base(ref: str) -> str:
    """The branch that a merge queue's ref leads to; empty where it is none."""
    queue = _QUEUE.fullmatch(ref)
    return queue["base"] if queue is not None else ""


def group_number(ref: str) -> int:
    """The pull request for which a merge queue or train has made a ref; 0 where it says none."""
    found = _QUEUE.fullmatch(ref) or _TRAIN.fullmatch(ref)
    return int(found["number"]) if found is not None else 0


def default_branch(variables: Mapping[str, str]) -> str:
    """The repository's default branch; empty where CI doesn't say it."""
    if variables.get("CI_DEFAULT_BRANCH"):
        return variables["CI_DEFAULT_BRANCH"]
    event: Any = None
    with suppress(OSError, ValueError, RecursionError):
        event = json.loads(Path(variables.get("GITHUB_EVENT_PATH", "")).read_bytes())
    repository = event.get("repository") if isinstance(event, dict) else None
    name = repository.get("default_branch") if isinstance(repository, dict) else None
    return name if isinstance(name, str) else ""


def world(run: Run) -> World:
    """The repository, with the rules of the branch that CI knows to hold the environments; fetched where it lacks."""
    opened = open_world(run)
    if opened.repo is None or run.branch:
        return opened
    branch = os.environ.get(MEANT, "") or _by_default(opened, opened.repo) or base_branch(os.environ)
    if branch:
        _bring(opened.repo, branch)
    return replace(opened, run=replace(run, branch=branch))


def _by_default(opened: World, repo: Repository) -> str:
    """The branch that the default branch's fairlead.yaml names, or itself; empty where it has none."""
    name = default_branch(os.environ)
    tip = _bring(repo, name) if name else None
    if tip is None:
        return ""
    try:
        config = opened.config(repo.at(tip))
    except ConfigError:
        return name  # its mistake is told by whoever reads it next
    return (config.branch or name) if config.path else ""


def _bring(repo: Repository, branch: str) -> str | None:
    """Where a branch stands, as far as this clone knows; fetched where it doesn't."""
    for again in (True, False):
        tip = repo.tip(branch) or repo.git.resolve(f"refs/remotes/origin/{branch}")
        if tip is not None or not again or not repo.origin():
            return tip
        with suppress(FairleadError):  # what is missing is told by whoever needs it
            Upstream(repo).branch(branch)
    return None
