"""The command's entry: what needs no command is answered before one is imported; errors map to exit codes once."""

from __future__ import annotations

import sys

_LISTING = frozenset(("promote", "status"))  # commands that look at all that is committed


def main() -> None:
    """Run the command line and leave with its exit code."""
    from fairlead.cli.front.answer import at_once

    arguments = sys.argv[1:]
    if at_once(arguments):
        return
    import gc

    # Parsed files are many small objects without circles: looking for those again and again takes a tenth of a check.
    gc.set_threshold(200_000, 20, 100)
    if "--staged" in arguments and not {"check", "validate"}.isdisjoint(arguments):
        from fairlead.doors.renderer import start_early

        start_early()
    elsewhere = any(word.startswith(("-C", "--help")) for word in arguments)
    if not _LISTING.isdisjoint(arguments) and not elsewhere:
        from fairlead.doors.git.plumbing import list_early

        list_early()
    from fairlead.cli.main import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
