"""`fairlead explain`: what a rule or a gate means, why a field is promoted, offered or kept."""

from __future__ import annotations

import inspect

import click

from fairlead.cli import output, show_explanation
from fairlead.model.errors import UsageError
from fairlead.repo.names import near_miss
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import explain


@click.command(name="explain")
@click.argument("word", metavar="RULE|GATE|FIELD")
@click.argument("app", default="")
@click.argument("env", default="")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="For programs (of a field); the form is published as explanation.schema.json.",
)
@click.pass_obj
def command(run: Run, word: str, app: str, env: str, as_json: bool) -> None:
    """What a rule of `check` or a gate means; or why a field is as it is.

    Of a field: the class and the rule that decided, the line of fairlead.yaml if it was one, what was last carried
    there and by what, both values with their places, and how they came to be. FIELD is a name as plans show it, a
    part of one, or a pattern with *; ENV is the environment that it would be carried into (default: each).
    """
    told = "" if app else _told(word)
    if told:
        output.markdown(told)
        return
    world = open_world(run)
    try:
        forge = open_forge(world, environments(world).config)
        found = explain.run(world, forge, word, app, env)
    except UsageError as error:
        hint = "" if app else near_miss(word, _words(), cutoff=0.75)
        if not hint:
            raise
        raise UsageError(error.message, where=error.where, remedy=f"{hint} {error.remedy or ''}".strip()) from None
    show_explanation.told(found, as_json=as_json)


def _told(word: str) -> str:
    """The words of the module that a rule or gate is."""
    from fairlead.checks.rules import RULES
    from fairlead.gates import GATES

    for kind, modules in (("rule", RULES), ("gate", GATES)):
        for module in modules:
            if word == module.ID:
                return f"# {word} ({kind})\n\n{inspect.getdoc(module)}"
    return ""


def _words() -> list[str]:
    from fairlead.checks.rules import RULES
    from fairlead.gates import GATES

    return [*(rule.ID for rule in RULES), *(gate.ID for gate in GATES)]
