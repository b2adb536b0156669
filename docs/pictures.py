"""Pictures of the terminal in the manual, taken from the real program on a screen.

`python -m docs.pictures` runs the interactive promotion in a fresh repository and draws what a person sees;
`--check` only says which pictures show something else than the program does now.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.terminal import DOWN, ENTER, Line, Terminal

FOLDER = Path(__file__).resolve().parent / "howto"
NOW = 1_781_000_000  # a Tuesday in June, 10:13 UTC
COLUMNS, LINES = 96, 44
_DEV = "apps/web/overlays/dev/kustomization.yaml"
_FONT = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)  # the reader's own font will do; no picture calls home
# What differs from machine to machine, and must not.
_MASKS = ((re.compile(r"at [0-9a-f]{8}"), "at 1a2b3c4d"), (re.compile(r"(kustomize {2,})\S.*"), r"\1library v0.21.1"))


def pictures() -> dict[str, str]:
    """Every picture by its name, as SVG."""
    with tempfile.TemporaryDirectory() as place:
        return {name: draw(lines) for name, lines in _screens(Path(place))}


def _screens(place: Path) -> Iterator[tuple[str, Sequence[Line]]]:
    shop = _shop(place)
    home = {"HOME": str(place), "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC", "TERM": "xterm-256color", "PAGER": "cat"}
    env = (
        {name: value for name, value in os.environ.items() if name.startswith(("PATH", "PYTHON", "TMP"))}
        | home
        | _found_here()
    )
    argv = [sys.executable, "-m", "docs.pictures", "--run", "promote"]
    screen = Terminal(argv, shop, env, columns=COLUMNS, lines=LINES)
    screen.until("From where to where?")
    screen.type(ENTER)
    screen.until("What is carried?")
    screen.type(DOWN, DOWN)
    screen.until("Description: nothing says")
    yield "walk-choose.svg", screen.lines
    screen.type(ENTER)
    screen.until("rendered difference?")
    screen.type("n", ENTER)
    screen.until("Open the pull request")
    screen.type("y")
    assert screen.end() == 0, screen.text
    lines = screen.lines
    start = next(at for at, line in enumerate(lines) if line.text.startswith("dev -> staging"))
    yield "walk-done.svg", lines[start:]


def _found_here() -> dict[str, str]:
    """What lets another folder's Python find these modules."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(FOLDER.parents[1]), os.environ.get("PYTHONPATH", ""))))}


def _shop(place: Path) -> Path:
    """A repository of the scaffold in which dev has moved: an image, and a setting."""
    shop = place / "shop"
    env = {"HOME": str(place), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    env |= _found_here()
    env |= {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "sam"), ("EMAIL", "sam@example.com"), ("DATE", f"{NOW - 90000} +0000"))}  # fmt: skip

    def run(*argv: str) -> None:
        subprocess.run(
            argv, cwd=shop if shop.is_dir() else place, env=os.environ | env, check=True, capture_output=True
        )

    fairlead = (sys.executable, "-m", "docs.pictures", "--run")
    run(*fairlead, "new", "shop", "--defaults")
    for name in ("user.name=sam", "user.email=sam@example.com"):
        run("git", "config", *name.split("=", 1))
    text = (shop / _DEV).read_text(encoding="utf-8")
    (shop / _DEV).write_text(
        text.replace("LOG_LEVEL=debug", "LOG_LEVEL=debug\n      - GREETING=hello"), encoding="utf-8"
    )
    staging = shop / _DEV.replace("/dev/", "/staging/")
    text = staging.read_text(encoding="utf-8")
    staging.write_text(text.replace("LOG_LEVEL=info", "LOG_LEVEL=info\n      - GREETING=hi"), encoding="utf-8")
    run("git", "commit", "-qam", "feat: greet people")
    run(*fairlead, "set", "web", "dev", "image=registry.example.com/shop/web:1.1.0")
    return shop


def draw(lines: Sequence[Line]) -> str:
    """Lines of a screen as SVG."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    while lines and not lines[-1].text.strip():
        lines = lines[:-1]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  a stream for rich, not a file
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for line in lines:
            shown = Text()
            for piece in line.pieces:
                style = Style(
                    color=piece.colour, bold=piece.bold or None, dim=piece.dim or None, reverse=piece.reverse or None
                )
                shown.append(_masked(piece.text), style)
            console.print(shown, no_wrap=True, crop=True, overflow="crop")
    plain = _FONT.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title="fairlead promote", code_format=plain, unique_id="walk") + "\n"


def _masked(text: str) -> str:
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


def words(svg: str) -> list[str]:
    """What can be read in a picture; how it is drawn is rich's affair."""
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL))).split()


def stale() -> list[str]:
    """The names of pictures that show something else than the program does now."""
    found = pictures()
    return [
        n
        for n, svg in found.items()
        if not (FOLDER / n).is_file() or words((FOLDER / n).read_text("utf-8")) != words(svg)
    ]


def _run(arguments: list[str]) -> int:
    """The program itself, at a time that stands still."""
    from fairlead.cli.main import run
    from fairlead.doors.clock import SystemClock

    SystemClock.now = lambda _self: NOW  # type: ignore[method-assign]  # a picture shows no passing time
    return run(arguments)


def main(arguments: list[str]) -> int:
    """Draw them, or say which are out of date."""
    if arguments[:1] == ["--run"]:
        return _run(arguments[1:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args(arguments).check:
        found = stale()
        for name in found:
            print(f"docs/howto/{name} is out of date: python -m docs.pictures")
        return int(bool(found))
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
        print(f"docs/howto/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
