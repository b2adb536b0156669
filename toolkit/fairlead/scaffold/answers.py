"""The questions of a template, and the answers to them: defaults filled in, everything checked before use.

`copier.yml` is the only place that says what an answer may be. Its validators are evaluated here just as
Copier does, so that a prompt can use them, and all bad answers are named at once, without Copier's slow
import.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from fairlead.model.errors import FairleadError, UsageError, WorldError
from fairlead.model.values import dataclass
from fairlead.scaffold.templates import QUESTIONS, REINSTALL, find

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

Answer = str | int
SHOWN = 80  # characters of a refused value that an error repeats
WHOLE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Question:
    """One question of a template.

    `default` is a Jinja template over the answers before this one, `validator` one over this answer: it
    renders to nothing, or to what is accepted ("must be ...").
    """

    name: str
    type: Literal["str", "int"]
    help: str
    default: Answer
    choices: tuple[str, ...] = ()
    validator: str = ""


def questions(kind: str) -> tuple[Question, ...]:
    """The questions of a template, in the order in which they build on each other.

    Raises:
        UsageError: There is no template of this kind.
        WorldError: The templates are missing or can't be read.
    """
    return tuple(_question(name, entry) for name, entry in _load(kind).items() if not name.startswith("_"))


def _load(kind: str) -> dict[str, dict[str, object]]:
    import yaml

    path = find(kind) / QUESTIONS
    try:
        return yaml.safe_load(path.read_bytes()) or {}
    except OSError as error:
        raise WorldError(f"the template {kind!r} can't be read: {error}", remedy=REINSTALL) from error
    except yaml.YAMLError as error:
        raise FairleadError(f"{path} is at fault: {error}") from error


def _question(name: str, entry: Mapping[str, object]) -> Question:
    kind = entry.get("type")
    proposed = entry.get("default")
    choices = entry.get("choices", ())
    if not (kind in ("str", "int") and isinstance(proposed, str | int) and isinstance(choices, list | tuple)):
        raise FairleadError(f"question {name!r} of a template is not understood")
    return Question(
        name=name,
        type="int" if kind == "int" else "str",
        help=str(entry.get("help", name)),
        default=proposed,
        choices=tuple(str(choice) for choice in choices),
        validator=str(entry.get("validator", "")),
    )


def default(question: Question, so_far: Mapping[str, Answer]) -> Answer:
    """What is proposed, given the answers to the questions before."""
    if isinstance(question.default, int):
        return question.default
    return _jinja().from_string(question.default).render(so_far)


def problem(question: Question, value: object) -> str | None:
    """Why a value is no answer to a question ("must be ..."), None where it is one."""
    if question.type == "int":
        if isinstance(value, str) and WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be a whole number"
    elif isinstance(value, bool | int | float):
        return "must be text: put it in quotes"
    elif not isinstance(value, str):
        return "must be text"
    if question.choices and value not in question.choices:
        return f"must be one of: {', '.join(question.choices)}"
    return _jinja().from_string(question.validator).render({question.name: value}).strip() or None


def complete(kind: str, given: Mapping[str, object]) -> dict[str, Answer]:
    """All answers of a template: those given, checked, and the defaults of the rest.

    Raises:
        UsageError: An unknown name, or a value that is not accepted; all of them are listed.
    """
    asked = questions(kind)
    names = [question.name for question in asked]
    faults = [_unknown(name, names) for name in given if name not in names]
    answers: dict[str, Answer] = {}
    for question in asked:
        value = given[question.name] if question.name in given else default(question, answers)
        fault = problem(question, value)
        if fault is None:
            answers[question.name] = int(str(value)) if question.type == "int" else str(value)
        else:
            faults.append(f"{question.name}: {_shown(value)} {fault}")
            answers[question.name] = question.default  # only for later defaults: the error is raised below
    if faults:
        raise UsageError("\n".join(faults), remedy=f"the questions are: {', '.join(names)}")
    return answers


def _unknown(name: object, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(name)[:SHOWN], names, n=1)
    return f"{_shown(name)}: no such question" + (f"; did you mean {near[0]!r}?" if near else "")


def _shown(value: object) -> str:
    """A value as an error repeats it: on one line, short, and never the cause of another error."""
    if isinstance(value, str):
        return ascii(value) if len(value) <= SHOWN else ascii(value[:SHOWN]) + "..."
    if value is None or isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 64):
        return str(value)
    return f"a {type(value).__name__}"


@lru_cache(maxsize=1)
def _jinja() -> SandboxedEnvironment:
    """The same dialect that Copier gives to templates, sandboxed likewise."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"], undefined=StrictUndefined
    )
