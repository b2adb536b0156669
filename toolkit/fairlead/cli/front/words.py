"""The form of the table that completion reads; plain classes, because dataclasses take 10 ms to import."""

from __future__ import annotations

# What a value is, beside a tuple of choices.
FLAG, ANYTHING, APP, ENV, FILE, FOLDER = "flag", "anything", "app", "env", "file", "folder"


class Option:
    """An option: its names, what is said of it, and what its value is (FLAG where it has none)."""

    __slots__ = ("about", "names", "value")

    def __init__(self, names: tuple[str, ...], about: str, value: str | tuple[str, ...]) -> None:
        self.names = names
        self.about = about
        self.value = value


class Word:
    """A command: its options, its arguments in order, and the commands below it by name.

    `endless`: the last argument may be given many times.
    """

    __slots__ = ("about", "arguments", "below", "endless", "options")

    def __init__(
        self,
        about: str,
        options: tuple[Option, ...] = (),
        arguments: tuple[str | tuple[str, ...], ...] = (),
        endless: bool = False,
        below: dict[str, Word] | None = None,
    ) -> None:
        self.about = about
        self.options = options
        self.arguments = arguments
        self.endless = endless
        self.below = below or {}
