"""Questions on a terminal, through questionary, on stderr; Ctrl-C at any of them leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fairlead.model.errors import CancelledError, WorldError
from fairlead.model.values import dataclass
from fairlead.report.visible import clean

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from questionary import Question

_MARGIN = 8  # columns that a list needs beside its words
_MANY = 12  # choices; of more, the list is filtered by typing


@dataclass(frozen=True)
class Item:
    """A line of a list that can be ticked. `why` is shown while it is pointed at."""

    value: Any
    text: str
    ticked: bool = False
    why: str = ""


@dataclass(frozen=True)
class _Wondered:
    """Somebody pressed `?` on a line of a list."""

    value: Any
    ticked: tuple[Any, ...]


class _Editor:
    """Somebody wants the text in an editor."""


def _options() -> dict[str, Any]:
    """Prompts go to stderr, so that stdout stays the result."""
    import sys

    from prompt_toolkit.output import create_output

    return {"output": create_output(stdout=sys.stderr)}


def _asked(question: Question) -> Any:
    """The answer; Ctrl-C raises KeyboardInterrupt (exit 130), end of input too."""
    try:
        return question.unsafe_ask()
    except EOFError:
        raise KeyboardInterrupt from None


def _bind(question: Question, key: str, answer: Callable[[KeyPressEvent], Any]) -> None:
    """Another key that ends the question, and leaves no line of it on the screen."""
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings

    bindings = KeyBindings()

    @bindings.add(key, eager=True)
    def _ended(event: KeyPressEvent) -> None:
        event.app.erase_when_done = True
        event.app.exit(result=answer(event))

    application = question.application
    known = application.key_bindings
    application.key_bindings = merge_key_bindings([bindings, *([known] if known is not None else [])])


def _fit(words: str) -> str:
    """A line of a list, cut to the terminal's width: what is longer would be cut without a sign."""
    from prompt_toolkit.utils import get_cwidth

    room = max(20, _options()["output"].get_size().columns - _MARGIN)
    line = clean(words).replace("\n", " ")
    if get_cwidth(line) <= room:
        return line
    while get_cwidth(line) > room - 1:
        line = line[:-1]
    return line + "…"


def text(message: str, default: str = "") -> str:
    """A line of text."""
    import questionary

    return str(_asked(questionary.text(clean(message), default=default, **_options())))


def text_or_editor(message: str, default: str, template: str) -> str:
    """A line of text; Ctrl-O opens the template in the person's editor instead, and its lines count, but for `#` ones.

    Raises:
        CancelledError: the editor was left without a word.
        WorldError: there is no editor.
    """
    import questionary

    question = questionary.text(
        clean(message), default=default, instruction="(enter: as it is; ctrl-o: in your editor) ", **_options()
    )
    _bind(question, "c-o", lambda _event: _Editor())
    answer = _asked(question)
    return _edited(template) if isinstance(answer, _Editor) else str(answer)


def _edited(template: str) -> str:
    import click

    try:
        written = click.edit(template, extension=".md", require_save=False)
    except click.ClickException as error:
        raise WorldError(error.format_message(), remedy="set EDITOR, or use --message") from None
    lines = [line.rstrip() for line in (written or "").splitlines() if not line.startswith("#")]
    found = "\n".join(lines).strip()
    if not found:
        raise CancelledError("the message is empty; nothing was changed")
    return found


def confirm(message: str) -> bool:
    """Yes or no; the default is No."""
    import questionary

    return bool(_asked(questionary.confirm(clean(message), default=False, **_options())))


def sure(question: str, guarded: Sequence[str]) -> None:
    """Go on only if the person says so; into protected environments only if their names are typed.

    Raises:
        CancelledError: the answer is no.
    """
    for name in guarded:
        if text(f"This reaches {name}, which is protected. Type its name to go on:").strip() != name:
            raise CancelledError("that is not its name; nothing was changed")
    if not guarded and not confirm(question):
        raise CancelledError("nothing was changed")


def one(message: str, choices: Sequence[tuple[Any, str]], default: Any = None) -> Any:
    """One of (value, shown); of many, the list is filtered by typing."""
    import questionary

    many = len(choices) > _MANY
    made = [questionary.Choice(_fit(shown), value=value) for value, shown in choices]
    start = next((c for c in made if c.value == default), None)
    return _asked(
        questionary.select(
            clean(message), choices=made, default=start, use_search_filter=many, use_jk_keys=False,
            instruction="(arrows, type to filter, enter)" if many else "(arrows, enter)", **_options(),
        )
    )  # fmt: skip


def several(message: str, items: Sequence[Item], valid: Callable[[list[Any]], bool | str] | None = None) -> list[Any]:
    """Some of the items; of many, the list is filtered by typing."""
    import questionary

    many = len(items) > _MANY
    made = [questionary.Choice(_fit(item.text), value=item.value, checked=item.ticked) for item in items]
    options = _options() | ({"validate": valid} if valid is not None else {})
    how = "(space: tick, type to filter, enter: go on)" if many else "(space: tick, a: all, enter: go on)"
    return list(
        _asked(
            questionary.checkbox(
                clean(message), choices=made, use_search_filter=many, use_jk_keys=False, instruction=how, **options
            )
        )
    )


def tick(message: str, groups: Sequence[tuple[str, Sequence[Item]]], wonder: Callable[[Any], None]) -> tuple[Any, ...]:
    """Some of the items, which stand in groups under a head line; `?` on one asks `wonder` why it is so."""
    import questionary

    ticked = {item.value for _, items in groups for item in items if item.ticked}
    at: Any = None
    while True:
        made: list[Any] = []
        for head, items in groups:
            made.append(questionary.Separator(_fit(head)))
            made += [
                questionary.Choice(
                    _fit(i.text), value=i.value, checked=i.value in ticked, description=_fit(i.why) if i.why else None
                )
                for i in items
            ]
        start = next((c for c in made if not isinstance(c, questionary.Separator) and c.value == at), None)
        question = questionary.checkbox(
            clean(message), choices=made, initial_choice=start, use_jk_keys=False,
            instruction="(space: tick, ?: why, enter: go on)", **_options(),
        )  # fmt: skip
        control = _control(question)
        _bind(question, "?", partial(_wondered, control))
        answer = _asked(question)
        if not isinstance(answer, _Wondered):
            return tuple(answer)
        ticked, at = set(answer.ticked), answer.value
        wonder(at)


def _wondered(control: Any, _event: KeyPressEvent) -> _Wondered:
    return _Wondered(control.get_pointed_at().value, tuple(control.selected_options))


def _control(question: Question) -> Any:
    """The list of a question: it knows what is pointed at, and what is ticked."""
    from questionary.prompts.common import InquirerControl

    windows = question.application.layout.find_all_windows()
    return next(w.content for w in windows if isinstance(w.content, InquirerControl))
