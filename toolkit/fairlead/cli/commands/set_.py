"""`fairlead set`: how a version enters the first environment."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.model.errors import UsageError
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import set_


@click.command(name="set")
@click.argument("app")
@click.argument("env")
@click.argument("assignments", nargs=-1, required=True, metavar="image=REF|FIELD=VALUE...")
@click.option("--pr", "pull", is_flag=True, help="By a pull request, not directly on the branch.")
@click.option("--push", is_flag=True, help="On origin's branch, from where it stands now.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--exit-code", is_flag=True, help="With --dry-run: exit 1 where something would change.")
@click.option("--reason", default="", help="Recorded in the commit and the audit log.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(
    run: Run,
    app: str,
    env: str,
    assignments: tuple[str, ...],
    pull: bool,
    push: bool,
    dry_run: bool,
    exit_code: bool,
    reason: str,
    as_json: bool,
) -> int:
    r"""Set images or fields of an app in an environment, touching no other byte.

    APP may be several, with commas between, a set of fairlead.yaml or a pattern; all is set by one commit. In the
    first environment of a chain that is directly on the branch (`--pr`: by a pull request); elsewhere as the
    environment's `direct` says: allow, approve (by a pull request), deny. Many at once all land; who set the same
    value meanwhile is not overwritten (exit 5).

    \b
    image=registry.example.com/web:1.2.3   the image of this name, by tag, digest or both
    image=web=other.example.com/web:2      the `images:` entry called web
    images[web].newTag=1.2.3               any field of the overlay's files
    """
    if pull and push:
        raise UsageError("--pr and --push can't go together", remedy="a pull request is no change of the branch")
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    apps = tuple(app.split(","))
    done = set_.run(world, forge, set_.Wish(apps, env, assignments, pull, push, dry_run, reason))
    code = 1 if exit_code and dry_run and done.differs else 0
    if as_json:
        number = done.pull.number if done.pull is not None else None
        output.as_json({"changes": list(done.told), "commit": done.commit or None, "pull": number})
        return code
    for line in done.told:
        output.result(line)
    if done.pull is not None:
        output.result(f"#{done.pull.number}  {done.pull.want.title}  [{done.pull.want.head}]")
    elif done.commit:
        output.result(f"committed {done.commit[:12]}" + (" and pushed" if push else ""))
    elif not done.differs:
        output.note("nothing to do: it is so already")
    return code
