"""A command on a terminal with a screen: what a person sees, and types."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pexpect
import pyte

UP, DOWN, ENTER, CTRL_C, CTRL_O = "\x1b[A", "\x1b[B", "\r", "\x03", "\x0f"


@dataclass(frozen=True)
class Piece:
    """Text of one look; the colour as rich names it, None for the terminal's own."""

    text: str
    colour: str | None = None
    bold: bool = False
    dim: bool = False
    reverse: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the screen."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(piece.text for piece in self.pieces)


def _pieces(cells: list[Any]) -> Iterator[Piece]:
    for look, group in groupby(cells, lambda c: (c.fg, c.bold, c.reverse)):
        yield Piece("".join(c.data for c in group), _colour(look[0]), bold=look[1], reverse=look[2])


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    return f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name.replace("brown", "yellow")


class Terminal:
    """A process on a pty of so many columns and lines; `screen` is what stands there now."""

    def __init__(self, argv: list[str], cwd: Path, env: dict[str, str], *, columns: int = 80, lines: int = 40) -> None:
        self.child = self._started(argv, cwd, env, columns, lines)
        self._screen = pyte.HistoryScreen(columns, lines, history=5000)
        # A terminal answers where its cursor stands: who asks waits for it.
        self._screen.write_process_input = lambda data: self.child.send(data.replace("\x9b", "\x1b["))
        self._stream = pyte.Stream(self._screen)
        self.raw = ""

    def _started(self, argv: list[str], cwd: Path, env: dict[str, str], columns: int, lines: int) -> Any:
        return pexpect.spawn(
            argv[0], argv[1:], cwd=str(cwd), env=env, encoding="utf-8", dimensions=(lines, columns), timeout=60
        )

    def _ended(self) -> int:
        self.child.close()
        return int(self.child.exitstatus)

    def _read(self, seconds: float) -> bool:
        try:
            text = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self._stream.feed(text)
        return True

    @property
    def screen(self) -> list[str]:
        """The lines of the screen as they stand."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def lines(self) -> list[Line]:
        """All lines with their colours, what has scrolled away included."""
        rows = [*self._screen.history.top, *(self._screen.buffer[y] for y in range(self._screen.lines))]
        return [Line(tuple(_pieces([row[x] for x in range(self._screen.columns)]))) for row in rows]

    @property
    def text(self) -> str:
        """All that was printed, what has scrolled away included; lines that were wrapped at the edge are one."""
        width = self._screen.columns
        gone = ["".join(line[x].data for x in range(width)) for line in self._screen.history.top]
        return "".join(
            line if line.rstrip() == line else line.rstrip() + "\n" for line in (*gone, *self._screen.display)
        )

    def until(self, words: str, seconds: float = 120) -> None:
        """Wait until these words stand there."""
        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, f"{words!r} never came:\n{self.text}"
            assert self._read(0.2) or words in self.text, f"it ended before {words!r}:\n{self.text}"

    def type(self, *keys: str) -> None:
        """Press keys, each when the screen has come to rest."""
        for key in keys:
            while self.child.isalive() and self._quiet():
                pass
            self.child.send(key)

    def _quiet(self) -> bool:
        before = len(self.raw)
        return self._read(0.05) and len(self.raw) > before

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read(120):
            pass
        code = self._ended()
        assert "Traceback" not in self.text
        return code
