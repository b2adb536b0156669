"""Questions on a terminal, through questionary, on stderr; Ctrl-C at any of them leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fairlead.model.errors import CancelledError
from fairlead.report.visible import clean

if TYPE_CHECKING:
    from questionary import Question


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


def text(message: str, default: str = "") -> str:
    """A line of text."""
    import questionary

    return str(_asked(questionary.text(clean(message), default=default, **_options())))


def confirm(message: str) -> bool:
    """Yes or no; the default is No."""
    import questionary

    return bool(_asked(questionary.confirm(clean(message), default=False, **_options())))


def sure(question: str, guarded: Sequence[str]) -> None:
    """Go on only if the person says so; into a protected environment only if its name is typed.

    Raises:
        CancelledError: the answer is no.
    """
    for name in guarded[:1]:
        if text(f"This reaches {name}, which is protected. Type its name to go on:") != name:
            raise CancelledError("that is not its name; nothing was changed")
    if not guarded and not confirm(question):
        raise CancelledError("nothing was changed")


def one(message: str, choices: Sequence[tuple[str, str]], default: str = "") -> str:
    """One of (value, shown)."""
    import questionary

    made = [questionary.Choice(clean(shown), value=value) for value, shown in choices]
    start = next((c for c in made if c.value == default), None)
    return str(_asked(questionary.select(clean(message), choices=made, default=start, **_options())))


def several(
    message: str,
    choices: Sequence[tuple[Any, str, bool]],
    valid: Callable[[list[Any]], bool | str] | None = None,
) -> list[Any]:
    """Some of (value, shown, chosen before)."""
    import questionary

    made = [questionary.Choice(clean(shown), value=value, checked=checked) for value, shown, checked in choices]
    options = _options() | ({"validate": valid} if valid is not None else {})
    return list(_asked(questionary.checkbox(clean(message), choices=made, **options)))
