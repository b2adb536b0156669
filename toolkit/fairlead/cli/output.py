"""The one place that prints: results to stdout, all the rest to stderr, hostile text made visible."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from fairlead.model.errors import FairleadError
from fairlead.model.runtime import Silent, Step
from fairlead.report.visible import clean

if TYPE_CHECKING:
    from rich.console import Console

# A cell that is just one of these words stands out.
_STYLES = {"open": "green", "waiting": "yellow", "closed": "red", "merged": "magenta", "error": "bold red"}


def console(*, stderr: bool = False) -> Console:
    """A rich console; colours only on a terminal and without NO_COLOR. Text is never read as markup."""
    from rich.console import Console

    width = None if (sys.stderr if stderr else sys.stdout).isatty() else int(os.environ.get("COLUMNS", "120"))
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)


def result(text: str) -> None:
    """A line of the result, to stdout."""
    raw(clean(text) + "\n")


_ANSI = {
    "error": "1;31", "warning": "33", "note": "36", "path": "1", "place": "2", "rule": "2", "remedy": "2",
    "added": "32", "removed": "31",
}  # fmt: skip


def styled(pieces: Iterable[tuple[str, str]]) -> None:
    """A line of the result in pieces with a style each; without rich, because pre-commit waits for it."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    out = ""
    for text, style in pieces:
        code = _ANSI.get(style) if colours else None
        out += f"\x1b[{code}m{clean(text)}\x1b[0m" if code else clean(text)
    raw(out + "\n")


def width() -> int:
    """The columns of the terminal that the result goes to; 0 where it goes to none."""
    if not sys.stdout.isatty():
        return 0
    import shutil

    return shutil.get_terminal_size().columns


def raw(text: str) -> None:
    """The result as it is, for programs: rendered YAML, JSON. What the encoding lacks is escaped."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError as error:
        sys.stdout.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))


def as_json(value: Any) -> None:
    """The result for programs; every control character is escaped by JSON itself."""
    text = json.dumps(value, indent=2, ensure_ascii=not _utf8(), sort_keys=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file name that is not UTF-8
        text = json.dumps(value, indent=2, sort_keys=False)
    sys.stdout.write(text + "\n")


def _utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def note(text: str) -> None:
    """Something beside the result, to stderr, after what was printed before it."""
    sys.stdout.flush()
    sys.stderr.write(clean(text) + "\n")


def failure(error: FairleadError) -> None:
    """What went wrong, where, and what to do next."""
    sys.stdout.flush()
    where = f"{error.where}: " if error.where is not None else ""
    label = "\x1b[1;31merror:\x1b[0m " if sys.stderr.isatty() and not os.environ.get("NO_COLOR") else "error: "
    sys.stderr.write(label)
    note(where + error.message)
    if error.remedy:
        lines = error.remedy.splitlines()
        note("  " + lines[0] + "".join(f"\n  {line}" for line in lines[1:]))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Rows under their heads, to stdout; long cells wrap, so that nothing is lost. `styles` are a row's colour."""
    styled = (
        [((cell, styles[index] if index < len(styles) else ""),) for cell in row] for index, row in enumerate(rows)
    )
    matrix(columns, styled)


Piece: TypeAlias = tuple[str, str]  # text, style


def matrix(columns: Sequence[str], rows: Iterable[Sequence[Sequence[Piece]]], *, cut: bool = False) -> None:
    """Like `table`, of cells in pieces with a style each. `cut`: one line a row, long cells end in a sign for it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="ellipsis" if cut else "fold", no_wrap=cut)
    for row in rows:
        made.add_row(*(Text.assemble(*((clean(text), style) for text, style in cell)) for cell in row))
    console().print(made)


def heading(text: str) -> None:
    """A head line of the result."""
    coloured(text, "bold")


def coloured(text: str, style: str) -> None:
    """A line of the result in a colour, where colours are wanted."""
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        result(text)  # rich takes ten times as long for nothing, and a plan has thousands of lines
        return
    from rich.text import Text

    console().print(Text(clean(text), style=style), soft_wrap=True)


def markdown(text: str) -> None:
    """Text in Markdown: rendered on a terminal, as it is elsewhere."""
    if not sys.stdout.isatty():
        result(text)
        return
    from rich.markdown import Markdown

    console().print(Markdown(clean(text), hyperlinks=False))


class Bar:
    """Progress on a terminal, for what takes more than a second."""

    @contextmanager
    def task(self, name: str, total: int) -> Iterator[Step]:
        """See Progress."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console(stderr=True),
            transient=True,
        ) as bar:
            task = bar.add_task(clean(name), total=total)

            class _Step:
                def advance(self, steps: int = 1) -> None:
                    bar.advance(task, steps)

            yield _Step()


def progress(*, quiet: bool) -> Bar | Silent:
    """A bar on a terminal, else silence."""
    return Silent() if quiet or not sys.stderr.isatty() else Bar()


class _Page(io.StringIO):
    """What a pager will show: as colourful as the terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def pager() -> Iterator[None]:
    """What is printed inside is looked at in the person's pager, where there is a terminal."""
    if not sys.stdout.isatty():
        yield
        return
    import click

    held, sys.stdout = sys.stdout, _Page()
    try:
        yield
    finally:
        text, sys.stdout = sys.stdout.getvalue(), held
    click.echo_via_pager(text)
