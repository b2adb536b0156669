"""`fairlead docs`: build or serve the pages of this repository's environments."""

from __future__ import annotations

from pathlib import Path

import click

from fairlead.cli import output
from fairlead.steps.world import Run
from fairlead.workflows import docs

_AT = click.option("--at", metavar="REV", default=None, help="The environments as of a commit, not the work tree.")


@click.group("docs")
def command() -> None:
    """Pages of this repository's environments, in its own mkdocs site.

    What runs where, what differs between environments, each app's objects, images, configuration and a
    drawing of who uses whom. Needs mkdocs: pip install 'fairlead[docs]'.
    """


@command.command("build")
@click.option(
    "--site", type=click.Path(path_type=Path), metavar="DIR", default=None,
    help="Where the site goes.  [default: what mkdocs.yml says, else site/]",
)  # fmt: skip
@_AT
@click.option("--json", "as_json", is_flag=True, help="The result for programs.")
@click.pass_obj
def build(run: Run, /, *, site: Path | None, at: str | None, as_json: bool) -> None:
    """Make the site, with `mkdocs build --strict`; no tracked file is touched."""
    built = docs.build(run, docs.Request((run.folder / site).absolute() if site else None, at))
    _warn(built)
    if as_json:
        output.as_json(
            {
                "site": str(built.site),
                "pages": list(built.pages),
                "apps": list(built.apps),
                "failed": [{"overlay": path, "message": message} for path, message in built.failed],
            }
        )
        return
    number = len(built.apps)
    output.result(f"{_shown(built.site, run.folder)}: pages of {number} app{'' if number == 1 else 's'}")
    output.result(f"  open {_shown(built.site / _entry(built.site), run.folder)}")


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@_AT
@click.pass_obj
def serve(run: Run, /, *, port: int, at: str | None) -> None:
    """Make the site in a temporary folder and show it on this machine, until Ctrl-C."""

    def told(address: str, built: docs.Built) -> None:
        _warn(built)
        output.result(f"{address}{_entry(built.site).as_posix()}")
        output.note("Ctrl-C ends it")

    docs.serve(run, at, port, told)


def _warn(built: docs.Built) -> None:
    for text in built.notes:
        output.note(f"note: {text}")
    for path, message in built.failed:
        output.note(f"warning: {path} does not build: {message.splitlines()[0] if message else ''}")


def _entry(site: Path) -> Path:
    flat = Path("environments/index.html")
    return flat if (site / flat).exists() else Path("index.html")


def _shown(place: Path, folder: Path) -> str:
    home = folder.absolute()
    return str(place.relative_to(home)) if place.is_relative_to(home) else str(place)
