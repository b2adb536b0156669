"""Runs what the manual shows: the console blocks of a page are a test of it, and the demo.

In a fenced block of the language `console` a line that begins with `$ ` is a command and a line that begins
with `> ` continues it; all others are its output, standard error included. `...` alone on a line stands for
any lines, `…` within a line for any text. A command that has to fail is followed by `# exit N`, on its own
line or after two blanks at the end of the command's. What is not to be run is shown as `sh` instead.

The commands of a page share a folder, its current directory and its variables. They see neither the
developer's home nor git identity.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = ".made-by-the-manual"
PATIENCE = 300.0  # seconds that one command may take
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<language>.*)$")
_EXIT = re.compile(r"^# exit (?P<code>\d+)$")
_EXIT_BESIDE = re.compile(r" +# exit (?P<code>\d+)$")


@dataclass(frozen=True)
class Command:
    """A command of a page: where it stands, what it should print, and how it should end."""

    line: int
    text: str
    expected: tuple[str, ...]
    code: int = 0
    first_output: int = 0  # line numbers of the output, from 1; the second is past the end
    past_output: int = 0


@dataclass(frozen=True)
class Heading:
    """A heading of a page."""

    level: int
    text: str


@dataclass(frozen=True)
class Prose:
    """The paragraph that leads to a block."""

    text: str


Part = Command | Heading | Prose


@dataclass(frozen=True)
class Outcome:
    """What a command really did, in `seconds`."""

    output: tuple[str, ...]
    code: int
    seconds: float


# ── reading a page ──


def read(text: str) -> tuple[Part, ...]:
    """The headings, commands and leading paragraphs of a page, in order."""
    parts: list[Part] = []
    paragraph: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = _FENCE.match(line)
        if fence is not None:
            end = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == fence["fence"]), len(lines))
            if fence["language"].strip().split(" ")[0] == "console":
                if paragraph:
                    parts.append(Prose(" ".join(paragraph)))
                parts.extend(_commands(lines, at + 1, end, len(fence["indent"])))
            paragraph, at = [], end
        elif line.startswith("#"):
            mark, _, title = line.partition(" ")
            parts.append(Heading(len(mark), title.strip()))
            paragraph = []
        elif not line.strip():
            following = next((text for text in lines[at + 1 :] if text.strip()), "")
            if _FENCE.match(following) is None:
                paragraph = []
        else:
            paragraph.append(line.strip())
        at += 1
    return tuple(parts)


def _commands(lines: list[str], start: int, end: int, indent: int) -> Iterator[Command]:
    block = [(number + 1, lines[number][indent:].rstrip()) for number in range(start, end)]
    at = 0
    while at < len(block):
        number, line = block[at]
        at += 1
        if not line.startswith("$ "):
            if line:
                raise ValueError(f"line {number}: output before any command: {line}")
            continue
        text = [line[2:]]
        while at < len(block) and block[at][1].startswith("> "):
            text.append(block[at][1][2:])
            at += 1
        first = at
        while at < len(block) and not block[at][1].startswith("$ "):
            at += 1
        yield _command(number, text, block[first:at])


def _command(number: int, text: list[str], output: list[tuple[int, str]]) -> Command:
    code = 0
    beside = _EXIT_BESIDE.search(text[-1])
    if beside is not None:
        code, text[-1] = int(beside["code"]), text[-1][: beside.start()]
    while output and not output[-1][1]:
        output.pop()
    below = _EXIT.match(output[-1][1]) if output else None
    if below is not None:
        code = int(below["code"])
        output.pop()
    first = output[0][0] if output else number + len(text)
    past = output[-1][0] + 1 if output else first
    return Command(number, "\n".join(text), tuple(line for _, line in output), code, first, past)


def matches(expected: tuple[str, ...], output: tuple[str, ...]) -> bool:
    """Whether the output is the expected one."""
    if not expected:
        return not output
    if expected[0].strip() == "...":
        return any(matches(expected[1:], output[skip:]) for skip in range(len(output) + 1))
    return bool(output) and _same(expected[0], output[0]) and matches(expected[1:], output[1:])


def _same(expected: str, line: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), line) is not None


# ── running ──


class Shell:
    """Runs commands by bash in one folder; directory and variables carry over from one to the next."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        self._state = state
        self._home = state / "home"
        self._home.mkdir(parents=True)
        (state / "cwd").write_text(str(folder), encoding="utf-8")

    @property
    def cwd(self) -> Path:
        """Where the next command begins."""
        return Path((self._state / "cwd").read_text(encoding="utf-8").rstrip("\n"))

    def _environment(self) -> dict[str, str]:
        keep = ("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONUTF8")
        env = {k: v for k, v in os.environ.items() if k in keep or k.startswith("COVERAGE_")}
        env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env.get("PATH", os.defpath)))
        return env | {
            "HOME": str(self._home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "TZ": "UTC",
            "PAGER": "cat",
        }

    def run(self, text: str, tell: Callable[[str], None] = lambda line: None) -> Outcome:
        """Run a command to its end; `tell` hears every line of output as it comes."""
        state = self._state
        (state / "command").write_text(text + "\n", encoding="utf-8")
        script = (
            "trap 'code=$?; "
            'export -p > "$0/env.new"; mv "$0/env.new" "$0/env"; pwd > "$0/cwd"; '
            "exit $code' EXIT\n"
            'if [ -f "$0/env" ]; then . "$0/env"; fi\n'
            'cd "$(cat "$0/cwd")" || exit 126\n'
            'set -a; . "$0/command"\n'
        )
        begun = time.monotonic()
        lines: list[str] = []
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", script, str(state)],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            watch = threading.Timer(PATIENCE, process.kill)
            watch.start()
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    lines.append(line.rstrip())
                    tell(lines[-1])
                code = process.wait()
            finally:
                watch.cancel()
                if process.poll() is None:
                    process.kill()
        while lines and not lines[-1]:
            lines.pop()
        return Outcome(tuple(lines), code, time.monotonic() - begun)


# ── a page as a test ──


def check(page: Path, *, write: bool = False) -> list[str]:
    """Run a page in a folder that is thrown away; everything that differs from what it says.

    With `write` the page is brought up to date: outputs that don't match are replaced by the real ones.
    """
    text = page.read_text(encoding="utf-8")
    faults: list[str] = []
    replaced: list[tuple[Command, Outcome]] = []
    with tempfile.TemporaryDirectory(prefix="fairlead-manual-") as scratch:
        folder = Path(scratch).resolve() / "work"
        folder.mkdir()
        shell = Shell(folder, Path(scratch).resolve() / "state")
        for part in read(text):
            if not isinstance(part, Command):
                continue
            outcome = shell.run(part.text)
            if matches(part.expected, outcome.output) and outcome.code == part.code:
                continue
            if write and outcome.code == part.code:
                replaced.append((part, outcome))
                continue
            faults.append(_fault(page, part, outcome))
            if outcome.code != part.code:
                break  # what follows builds on it
    if replaced:
        page.write_text(_rewritten(text, replaced), encoding="utf-8")
    return faults


def _fault(page: Path, command: Command, outcome: Outcome) -> str:
    told = f"{page}:{command.line}: $ {command.text}\n"
    if outcome.code != command.code:
        told += f"  ended with {outcome.code}, not {command.code}\n"
    diff = difflib.unified_diff(command.expected, outcome.output, "the page", "the command", lineterm="", n=3)
    return told + "".join(f"  {line}\n" for line in diff)


def _rewritten(text: str, replaced: list[tuple[Command, Outcome]]) -> str:
    lines = text.splitlines()
    for command, outcome in reversed(replaced):
        margin = re.match(" *", lines[command.line - 1])
        indent = margin[0] if margin is not None else ""
        lines[command.first_output - 1 : command.past_output - 1] = [indent + line for line in outcome.output]
    return "\n".join(lines) + "\n"


# ── a page as a demo ──


@dataclass(frozen=True)
class Style:
    """The few colours of the demo; all empty where there is no terminal, or NO_COLOR."""

    heading: str = ""
    command: str = ""
    quiet: str = ""
    bad: str = ""
    off: str = ""

    @classmethod
    def of_terminal(cls) -> Style:
        """Colours where somebody sees them."""
        if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
            return cls()
        return cls("\x1b[1;36m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m")


def demo(page: Path, into: Path) -> int:
    """Run a page and show it; the folder is kept. The exit code: 0, or 1 where a command ended unexpectedly."""
    style = Style.of_terminal()
    begun = time.monotonic()
    _recreate(into)
    count = 0
    with tempfile.TemporaryDirectory(prefix="fairlead-demo-") as scratch:
        shell = Shell(into.resolve(), Path(scratch).resolve() / "state")
        for part in read(page.read_text(encoding="utf-8")):
            if isinstance(part, Heading):
                rule = "═" if part.level == 1 else "─"
                tail = rule * max(2, 70 - len(part.text))
                _say(f"\n{style.heading}{rule * 2} {_plain(part.text)} {tail}{style.off}")
            elif isinstance(part, Prose):
                wrapped = textwrap.fill(_plain(part.text), 96, initial_indent="  ", subsequent_indent="  ")
                _say(f"\n{style.quiet}{wrapped}{style.off}")
            else:
                count += 1
                outcome = _show(shell, part, style)
                if outcome.code != part.code:
                    told = f"{page}:{part.line}: this should have ended with {part.code}"
                    _say(f"\n{style.bad}{told}{style.off}")
                    return 1
        left = shell.cwd
    shown = os.path.relpath(left)
    _say(f"\n{style.heading}══ done{style.off}: {count} commands in {time.monotonic() - begun:.0f} s")
    _say(f"The repository is in {shown}/ to look at:  cd {shown} && git log --oneline --graph --all")
    return 0


def _show(shell: Shell, command: Command, style: Style) -> Outcome:
    first, *more = command.text.splitlines()
    _say(f"\n{style.command}$ {first}{style.off}")
    for line in more:
        _say(f"{style.command}> {line}{style.off}")
    outcome = shell.run(command.text, lambda line: _say("  " + line))
    ended = f"exit {outcome.code}, " if outcome.code else ""
    _say(f"{style.quiet}  ({ended}{outcome.seconds:.1f} s){style.off}")
    return outcome


def _recreate(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise SystemExit(f"{folder} is not empty and was not made by a demo: name another one with --into")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _plain(markdown: str) -> str:
    """Markdown as it reads aloud: links by their text, no marks."""
    return re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.manual", description="Run the manual's console blocks.")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--demo", metavar="PAGE", type=Path, help="run a page, show it, and keep its folder")
    how.add_argument("--check", metavar="PAGE", type=Path, nargs="+", help="run pages and compare the outputs")
    how.add_argument("--write", metavar="PAGE", type=Path, nargs="+", help="bring the outputs in pages up to date")
    parser.add_argument("--into", metavar="DIR", type=Path, default=Path("demo"), help="the demo's folder (demo/)")
    asked = parser.parse_args(arguments)
    try:
        if asked.demo is not None:
            return demo(asked.demo, asked.into)
        pages: list[Path] = asked.check or asked.write
        faults = [fault for page in pages for fault in check(page, write=bool(asked.write))]
    except (OSError, ValueError) as error:
        parser.exit(2, f"error: {error}\n")
    except KeyboardInterrupt:
        return 130
    for fault in faults:
        _say(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
