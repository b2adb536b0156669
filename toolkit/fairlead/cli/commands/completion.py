"""`fairlead completion`: the script that a shell reads to complete fairlead's words."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.cli.front.scripts import SCRIPTS


@click.command(name="completion")
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def command(shell: str) -> None:
    """Print the script that completes commands, options, apps and environments in a shell.

    Have your shell read it at its start: `eval "$(fairlead completion bash)"` in ~/.bashrc, the same with zsh
    in ~/.zshrc (after compinit), `fairlead completion fish | source` in ~/.config/fish/config.fish.
    """
    output.raw(SCRIPTS[shell])
