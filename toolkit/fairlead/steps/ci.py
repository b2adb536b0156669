"""What CI says by its variables, which no pull request can set: the branch that is entered.

Where CI has checked out a pull request's own commit, its fairlead.yaml must not say whose rules count.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.model.errors import FairleadError
from fairlead.steps.world import Run, World, open_world

_QUEUE = re.compile(r"(?:refs/heads/)?gh-readonly-queue/(?P<base>.+)/pr-(?P<number>[0-9]+)-(?P<oid>[0-9a-f]{40,64})")
_TRAIN = re.compile(r"refs/merge-requests/(?P<number>[0-9]+)/(?:train|merge)")


def base_branch(variables: Mapping[str, str]) -> str:
    """The branch that a pull request of this pipeline enters; empty where it is about none."""
    named = variables.get("GITHUB_BASE_REF") or variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or ""
    queue = _QUEUE.fullmatch(variables.get("GITHUB_REF", ""))
    return named or (queue["base"] if queue is not None else "")


def group_number(ref: str) -> int:
    """The pull request for which a merge queue or train has made a ref; 0 where it says none."""
    found = _QUEUE.fullmatch(ref) or _TRAIN.fullmatch(ref)
    return int(found["number"]) if found is not None else 0


def world(run: Run) -> World:
    """The repository, with the rules of the branch that CI says is entered; that branch is fetched where it lacks."""
    branch = run.branch or base_branch(os.environ)
    opened = open_world(replace(run, branch=branch))
    if opened.repo is not None and branch and _lacks(opened.repo, branch):
        with suppress(FairleadError):  # what is missing is told by whoever needs it
            Upstream(opened.repo).branch(branch)
    return opened


def _lacks(repo: Repository, branch: str) -> bool:
    there = repo.tip(branch) or repo.git.resolve(f"refs/remotes/origin/{branch}")
    return there is None and bool(repo.origin())
