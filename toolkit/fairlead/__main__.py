"""The command's entry: answers `--version` before anything is imported, maps errors to exit codes once."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from fairlead import __version__

        sys.stdout.write(f"fairlead {__version__}\n")
        return
    from fairlead.cli.main import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
