"""What may stand next on a command line: from the generated table; apps and environments from the repository."""

from __future__ import annotations

from fairlead.cli.front.table import TABLE
from fairlead.cli.front.words import APP, ENV, FILE, FLAG, FOLDER, Option, Word

# A line of its own that has the shell complete names of files itself.
PATHS = {FILE: ":files", FOLDER: ":folders"}


def told(shell: str, found: list[tuple[str, str]]) -> str:
    """The lines that a shell's script reads: bash shows values alone, the others what is said of them, too."""
    lines = (value if shell == "bash" or not about else f"{value}\t{about}" for value, about in found)
    return "".join(f"{line}\n" for line in lines)


def complete(words: list[str]) -> list[tuple[str, str]]:
    """The values for the last word (which may be empty), each with what is said of it."""
    *before, current = _joined(words) or [""]
    at, folder, only_arguments = TABLE, "", False
    given: list[str] = []  # as arguments
    waiting: Option | None = None
    for word in before:
        if waiting is not None:
            folder = word if waiting.names == ("-C",) else folder
            waiting = None
        elif word == "--" and not only_arguments:
            only_arguments = True
        elif word.startswith("-") and not only_arguments:
            option = _option(at, word.partition("=")[0])
            waiting = option if option is not None and option.value != FLAG and "=" not in word else None
        elif word in at.below:
            at = at.below[word]
        elif at.below:
            return []  # no command is called so
        else:
            given.append(word)
    if waiting is not None:
        return _values(waiting.value, current, folder)
    if current.startswith("-") and not only_arguments:
        name, sign, value = current.partition("=")
        option = _option(at, name)
        if sign:
            values = _values(option.value, value, folder) if option is not None else []
            return [(found if found in PATHS.values() else f"{name}={found}", about) for found, about in values]
        return [(n, o.about) for o in at.options for n in o.names if n.startswith(current) and _shown(o, n, current)]
    if at.below:
        return [(name, word.about) for name, word in at.below.items() if name.startswith(current)]
    if not at.arguments or (len(given) >= len(at.arguments) and not at.endless):
        return []
    values = _values(at.arguments[min(len(given), len(at.arguments) - 1)], current, folder)
    return [found for found in values if not at.endless or found[0] not in given]


def _joined(words: list[str]) -> list[str]:
    """The words as they were typed: bash hands `--at=HEAD` over in three."""
    out: list[str] = []
    for word in words:
        if word == "=" and out and out[-1].startswith("--"):
            out[-1] += "="
        elif out and out[-1].startswith("--") and out[-1].endswith("="):
            out[-1] += word
        else:
            out.append(word)
    return out


def _option(at: Word, name: str) -> Option | None:
    return next((option for option in at.options if name in option.names), None)


def _shown(option: Option, name: str, current: str) -> bool:
    """Short names only where they were begun, or there is no long one."""
    return name.startswith("--") or current == name or not any(n.startswith("--") for n in option.names)


def _values(kind: str | tuple[str, ...], current: str, folder: str) -> list[tuple[str, str]]:
    if isinstance(kind, tuple):
        return [(value, "") for value in kind if value.startswith(current)]
    if kind in PATHS:
        return [(PATHS[kind], "")]
    if kind not in (APP, ENV):
        return []
    from fairlead.cli.front.names import apps, environments

    names = apps(folder) if kind == APP else environments(folder)
    return [(name, "") for name in names if name.startswith(current)]
