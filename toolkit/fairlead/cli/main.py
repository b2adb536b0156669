"""The `fairlead` command: lazy sub-commands, common flags, errors to exit codes in one place."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from fairlead.cli import output
from fairlead.cli.commands import ALIASES, COMMANDS
from fairlead.doors.git.plumbing import GitFailed
from fairlead.model.errors import FairleadError, WorldError
from fairlead.repo.names import near_miss
from fairlead.steps.outbox import Outbox
from fairlead.steps.world import Run

CANCELLED, INTERRUPTED = 3, 130


class _Lazy(click.Group):
    """Imports a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(ALIASES.get(cmd_name, cmd_name))
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"fairlead.cli.commands.{module[0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None:
            hint = near_miss(args[0], [*COMMANDS, *ALIASES])
            raise click.UsageError(f"there is no command {args[0]!r}" + (f"; {hint}" if hint else ""), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-C", "folder", type=click.Path(path_type=Path), default=None, help="Work as if started in this folder.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes.")
@click.option("--debug", is_flag=True, help="Show a traceback when something goes wrong.")
@click.option("--as", "actor", default="", metavar="WHO", help="Who asks (default: git's user.email).")
@click.option("-j", "--jobs", type=click.IntRange(min=0), default=0, help="Overlays rendered at once (default: cores).")
@click.option(
    "--events",
    default="",
    envvar="FAIRLEAD_EVENTS",
    metavar="FILE|-",
    help="Add what happens to pull requests, as CloudEvents in lines of JSON.",
)
@click.version_option(package_name="fairlead", message="fairlead %(version)s")
@click.pass_context
def command(
    ctx: click.Context, folder: Path | None, quiet: bool, debug: bool, actor: str, jobs: int, events: str
) -> None:
    """Scaffold, validate and promote environments that live as kustomize overlays in git."""
    box = Outbox(wanted=bool(events))
    run = Run(folder=folder or Path.cwd(), progress=output.progress(quiet=quiet), actor=actor, jobs=jobs, outbox=box)
    ctx.obj = run
    ctx.call_on_close(lambda: _tell(run, events))


def _tell(run: Run, events: str) -> None:
    """What happened is told when the command has ended, well or not; that it can't be told changes nothing."""
    if run.outbox.events:
        from fairlead.steps.notifying import tell

        for warning in tell(run, events, output.raw):
            output.note(f"warning: {warning}")


def run(arguments: list[str]) -> int:
    """Run the command line; every way out has its exit code here."""
    debug = "--debug" in arguments or bool(os.environ.get("FAIRLEAD_DEBUG"))
    try:
        code: Any = command.main(args=arguments or ["--help"], prog_name="fairlead", standalone_mode=False)
        sys.stdout.flush()
    except FairleadError as error:
        if debug:
            raise
        output.failure(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        # click turns Ctrl-C and the end of input alike into Abort.
        if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
            output.note("interrupted; nothing is left half done")
            return INTERRUPTED
        output.note("cancelled; nothing was changed")
        return CANCELLED
    except click.ClickException as error:
        if error.__class__.__name__ == "NoArgsIsHelpError":  # a group alone; older versions of click have none
            output.note(error.format_message())
            return 2
        context = getattr(error, "ctx", None)
        output.note(f"error: {error.format_message()}")
        if context is not None:
            output.note(f"  see `{context.command_path} --help`")
        return 2
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  so that Python's own exit doesn't complain
        return 0
    except GitFailed as error:  # what no room expected: objects that are missing, a damaged repository
        if debug:
            raise
        output.failure(WorldError(str(error), remedy="git fsck shows whether the repository is whole"))
        return WorldError.exit_code
    except (MemoryError, RecursionError, OSError) as error:
        if debug:
            raise
        output.failure(WorldError(f"{type(error).__name__}: {error}", remedy="try again with --debug for the details"))
        return WorldError.exit_code
    return code if isinstance(code, int) else 0
