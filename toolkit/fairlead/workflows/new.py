"""new: from a template and answers to a repository with one commit, or to nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairlead.doors.fs import require_new_folder, write_new_folder
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import UsageError
from fairlead.model.snapshot import File
from fairlead.model.values import dataclass
from fairlead.scaffold.answers import Answer, Question, complete, default, problem, questions
from fairlead.scaffold.render import render

KIND = "repo"


@dataclass(frozen=True)
class Request:
    """A repository to make in `folder`; `given` are the answers that somebody gave, by question."""

    folder: Path
    given: Mapping[str, object]
    git: bool = True


@dataclass(frozen=True)
class Made:
    """What was made. `commit` and `branch` are empty where no git repository was asked for."""

    folder: Path
    answers: Mapping[str, Answer]
    files: tuple[str, ...]
    branch: str = ""
    commit: str = ""


def template_questions() -> tuple[Question, ...]:
    """What the template wants to know, in order."""
    return questions(KIND)


def proposed(question: Question, so_far: Mapping[str, Answer], folder: Path) -> Answer:
    """The default of a question; the repository is named after its folder where that is a fit name."""
    if question.name == "project_name" and problem(question, folder.name) is None:
        return folder.name
    return default(question, so_far)


def refuse(request: Request) -> None:
    """Say no as early as possible, before anybody has answered a question.

    Raises:
        UsageError: the folder is not empty, lies within another repository, or an answer is not accepted.
        DeniedError: nothing may be written there.
    """
    folder = request.folder
    require_new_folder(folder)
    if request.git:
        _refuse_nested(folder)
    complete(KIND, request.given)


def _refuse_nested(folder: Path) -> None:
    above = next(place for place in (folder, *folder.parents) if place.is_dir())
    outer = Repository.open(above)
    if outer is None:
        return
    try:
        if outer.git.work_tree is not None and not outer.ignores(folder):
            raise UsageError(
                f"{folder} lies within the git repository {outer.root}",
                remedy="choose a folder outside of it, or write just the files into it with --no-git",
            )
    finally:
        outer.git.close()


def answered(request: Request) -> dict[str, Answer]:
    """All answers: those given, checked, and the defaults of the rest. Raises UsageError."""
    given = dict(request.given)
    name = next((q for q in template_questions() if q.name == "project_name"), None)
    if name is not None and name.name not in given:
        given[name.name] = proposed(name, {}, request.folder)
    return complete(KIND, given)


def make(request: Request) -> Made:
    """Write the folder, with its repository and one commit; if anything fails, nothing is left behind.

    Raises:
        UsageError: see `refuse`.
        DeniedError: nothing may be written there.
        WorldError: git, the disk or the template failed.
    """
    refuse(request)
    answers = answered(request)
    files: dict[str, File] = render(KIND, answers)
    branch = str(answers["default_branch"])
    commit = ""

    def commit_all(folder: Path) -> None:
        nonlocal commit
        repo = Repository.create(folder, branch, f"feat: scaffold {answers['project_name']} with fairlead\n")
        commit = repo.tip(branch) or ""
        repo.git.close()

    write_new_folder(request.folder, files, commit_all if request.git else None)
    return Made(request.folder, answers, tuple(files), branch if commit else "", commit)
