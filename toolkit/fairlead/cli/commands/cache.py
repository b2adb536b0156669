"""fairlead cache: what is kept from run to run."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.workflows import cache as workflow

_WHAT = {
    "results": "packs of rendered overlays",
    "private": "packs of overlays with Secrets, which are not shared",
    "manifest": "records of runs",
    "marks": "fingerprints of work trees",
    "definitions": "lists of CustomResourceDefinitions",
    "helper": "fingerprint of the renderer",
}


@click.group()
def command() -> None:
    """What is kept from run to run, so that nothing is rendered or judged twice. Deleting it loses nothing."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(as_json: bool) -> None:
    """Say where it is and how much it holds."""
    state = workflow.info()
    usage = state.usage
    if as_json:
        rows = {kind: {"entries": n, "bytes": usage.sizes[kind]} for kind, n in sorted(usage.entries.items())}
        told = {"folder": state.folder or None, "kinds": rows, "bytes": usage.size, "limit": usage.limit}
        output.as_json({"version": 1, **told, "shared": state.shared or None, "sealed": state.sealed})
        return
    if not state.folder:
        output.result("nothing is kept: FAIRLEAD_CACHE is none, or there is no home folder")
        return
    output.result(f"folder  {state.folder}")
    output.result(f"size    {_size(usage.size)} of {_size(usage.limit)}")
    for kind, count in sorted(usage.entries.items()):
        output.result(f"        {count:>7} {_WHAT.get(kind, kind)}, {_size(usage.sizes[kind])}")
    if state.shared:
        output.result(f"shared  {state.shared}")
    if state.sealed:
        output.result("sealed  by FAIRLEAD_CACHE_SECRET")


@command.command()
def verify() -> int:
    """Read every entry and remove the damaged ones. Exit code 1 means that there were some.

    A damaged entry does no harm: whoever meets one makes it again.
    """
    whole, bad = workflow.verify()
    output.result(f"{whole} entries are whole" + (f"; {bad} were damaged and are removed" if bad else ""))
    return int(bool(bad))


@command.command()
def clear() -> None:
    """Remove it all."""
    output.result(f"removed {_size(workflow.clear())}")


def _size(count: int) -> str:
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << shift:
            return f"{count / (1 << shift):.1f} {unit}"
    return f"{count} bytes"
