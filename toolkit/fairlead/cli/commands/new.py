"""`fairlead new`: flags, a data file, or questions on a terminal fill the answers; the workflow makes it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli import output
from fairlead.model.errors import CancelledError, ConfigError, SyntaxProblem, UsageError
from fairlead.model.findings import Where
from fairlead.scaffold.answers import Answer, Question, problem
from fairlead.steps.world import Run
from fairlead.workflows import new

if TYPE_CHECKING:
    from prompt_toolkit.output import Output


def _question_flags(function: Callable[..., None]) -> Callable[..., None]:
    """One flag a question, so that the template alone says what is asked."""
    for question in reversed(new.template_questions()):
        told = question.help + (f" (one of: {', '.join(question.choices)})" if question.choices else "")
        function = click.option(
            "--" + question.name.replace("_", "-"),
            question.name,
            metavar="N" if question.type == "int" else "TEXT",
            default=None,
            help=f"{told}.  [default: {_default_shown(question)}]",
        )(function)
    return function


def _default_shown(question: Question) -> str:
    if question.name == "project_name":
        return f"the folder's name, or {question.default}"
    if question.name == "ci":
        return "that of the forge, else github"
    return str(question.default).replace("{{ app }}", "APP")


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_question_flags
@click.option(
    "--data", "data", multiple=True, metavar="KEY=VALUE", help="An answer by the question's name; repeatable."
)
@click.option("--data-file", type=click.Path(path_type=Path), metavar="FILE", help="Answers from a YAML file.")
@click.option("--defaults", "--yes", "-y", "defaults", is_flag=True, help="Ask nothing; defaults for what isn't given.")
@click.option("--no-git", is_flag=True, help="Write just the files: no repository, no commit.")
@click.option("--json", "as_json", is_flag=True, help="The result for programs.")
@click.pass_obj
def command(
    run: Run,
    /,
    *,
    folder: Path,
    data: tuple[str, ...],
    data_file: Path | None,
    defaults: bool,
    no_git: bool,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Scaffold a repository in DIR: a sample app, an overlay per environment, CI, docs.

    On a terminal every question that no flag answers is asked. Elsewhere, or with --defaults, the defaults
    are taken. DIR must not exist, or be empty. The result is a git repository with one commit that passes
    `fairlead check`; no git identity is needed.
    """
    given: dict[str, object] = {}
    if data_file is not None:
        given |= _read_answers(run.folder / data_file, str(data_file))
    given |= _pairs(data)
    given |= {name: value for name, value in flags.items() if value is not None}
    place = Path(os.path.normpath(run.folder.absolute() / folder))
    request = new.Request(place, given, git=not no_git)
    new.refuse(request)
    if not defaults:
        if sys.stdin.isatty() and sys.stderr.isatty():
            request = _ask(request)
        elif len(given) < len([q for q in new.template_questions() if len(q.choices) != 1]):
            output.note("note: no terminal to ask on; what isn't given takes its default (--defaults says so)")
    made = new.make(request)
    if as_json:
        output.as_json(
            {
                "folder": str(made.folder),
                "branch": made.branch,
                "commit": made.commit,
                "answers": dict(made.answers),
                "files": list(made.files),
            }
        )
    else:
        _tell(made, folder)


def _pairs(data: tuple[str, ...]) -> dict[str, object]:
    bad = [item for item in data if "=" not in item]
    if bad:
        raise UsageError("\n".join(f"--data {item}: has no '='" for item in bad), remedy="write it as --data app=web")
    return {key.strip(): value for key, _, value in (item.partition("=") for item in data)}


def _read_answers(place: Path, shown: str) -> Mapping[str, Any]:
    """The answers of a YAML file. Raises UsageError and ConfigError."""
    from fairlead.edit.nodes import Mapping as Nodes
    from fairlead.edit.nodes import parse
    from fairlead.edit.scalars import typed

    try:
        stream = parse(place.read_bytes(), shown)
    except OSError as error:
        raise UsageError(f"can't read {shown}: {error.strerror}", remedy="name a YAML file with --data-file") from None
    except SyntaxProblem as error:
        raise ConfigError(error.message, where=error.where, remedy=error.remedy) from None
    if stream.duplicates:
        twice = stream.duplicates[0]
        where = Where(shown, twice.second.line, twice.second.column)
        raise ConfigError(f"{twice.key!r} stands twice", where=where, remedy="remove one of the two")
    body = stream.documents[0] if stream.documents else None
    if body is None:
        return {}
    if not isinstance(body, Nodes):
        where = Where(shown, body.line, body.column)
        raise ConfigError("answers are a mapping", where=where, remedy="write lines such as `app: web`")
    values: Mapping[str, Any] = typed(body)
    # A repository's own .copier-answers.yml is a fit data file: keys with an underscore are Copier's.
    return {str(key): value for key, value in values.items() if not str(key).startswith("_")}


def _ask(request: new.Request) -> new.Request:
    """Ask what is not yet answered. Ctrl-C leaves by KeyboardInterrupt: nothing was written so far."""
    import questionary
    from prompt_toolkit.output.defaults import create_output

    terminal = create_output(stdout=sys.stderr)  # stdout is for the result
    output.note("Enter takes the default; Ctrl-C leaves, with nothing written.")
    given: dict[str, object] = dict(request.given)
    answers: dict[str, Answer] = {}
    try:
        for question in new.template_questions():
            value = given.get(question.name)
            proposal = new.proposed(question, answers, request.folder)
            if value is None and len(question.choices) == 1:
                value = question.choices[0]
            elif value is None:
                value = given[question.name] = _one(question, str(proposal), terminal)
            answers[question.name] = int(str(value)) if question.type == "int" else str(value)
        sure = questionary.confirm(
            f"Make {request.folder} with a base and overlays of {answers['app']}?",
            default=True,
            output=terminal,
        ).unsafe_ask()
    except EOFError:
        sure = False
    if not sure:
        raise CancelledError("cancelled; nothing was written")
    return new.Request(request.folder, given, request.git)


def _one(question: Question, proposal: str, terminal: Output) -> str:
    import questionary

    if question.choices:
        picked: str = questionary.select(
            question.help, choices=list(question.choices), default=proposal, output=terminal
        ).unsafe_ask()
        return picked
    answer: str = questionary.text(
        f"{question.help}:",
        default=proposal,
        validate=lambda text: problem(question, text) or True,
        output=terminal,
    ).unsafe_ask()
    return answer


def _tell(made: new.Made, folder: Path) -> None:
    answers = made.answers
    app, image = answers["app"], answers["image"]
    shown = shlex.quote(str(folder))
    what = f"one commit on {made.branch}" if made.commit else "no git repository"
    output.result(f"made {folder}: {len(made.files)} files, {what}")
    output.result(f"  apps/{app}   {image}:{answers['image_tag']} in dev, staging, production")
    output.result("next:")
    if made.folder != Path.cwd():
        output.result(f"  cd {shown}")
    output.result("  fairlead check")
    if made.commit and answers["forge"] != "local":
        output.result(f"  git remote add origin URL && git push --set-upstream origin {made.branch}")
        output.result("  fairlead doctor --online")
    if made.commit:
        output.result(f"  fairlead set {app} dev image={image}:TAG")
        output.result(f"  fairlead promote {app}")
