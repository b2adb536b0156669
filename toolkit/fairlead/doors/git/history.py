"""What reached a branch, as git's log tells it. Plain git: GitPython hands on all of our environment, a hook's too."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence

from fairlead.doors.git.plumbing import Git
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Landing:
    """One step of a branch's first-parent history: what reached it, when, with which words.

    `messages` are those of the commit itself and, for a merge, of the commits that it brought. `time` is the
    commit's own date, which is no evidence of anything.
    """

    commit: str
    parent: str
    time: int
    author: str
    messages: tuple[str, ...]
    paths: tuple[str, ...]


def landings(git: Git, tip: str, under: Sequence[str] = ()) -> tuple[Landing, ...]:
    """The first-parent history of a tip, newest first, for changes below the given paths (all where none).

    For a merge, the messages of the commits that it brought are read too: a forge's own merge button
    leaves the trailers there.
    """
    out = _log(git, *_landings(tip, under))
    landings = []
    for commit, parents, time, author, message, names in _rows(out, 6):
        heads = parents.split()
        messages = [message]
        if len(heads) > 1 and "Fairlead-" not in message:
            brought = _log(git, "--format=%B%x00", "--end-of-options", *heads[1:], f"^{heads[0]}")
            messages += [m.strip() for m in brought.split("\0") if m.strip()]
        paths = tuple(dict.fromkeys(_unquoted(n) for n in names.splitlines() if n))
        landings.append(Landing(commit, heads[0] if heads else "", int(time), author, tuple(messages), paths))
    return tuple(landings)


def begin_landings(git: Git, tip: str) -> None:
    """Have all of the history read meanwhile, for who asks for it later."""
    git.begin("log", *_landings(tip, ()))


def _landings(tip: str, under: Sequence[str]) -> tuple[str, ...]:
    form = "%x00%H%x00%P%x00%ct%x00%an <%ae>%x00%B%x00"  # no text of git's holds a NUL
    what = ("--first-parent", "-m", "--name-only", "--no-renames", f"--format={form}")
    return (*what, "--end-of-options", tip, "--", *under)


def commit_messages(git: Git, ref: str) -> tuple[tuple[str, int, str], ...]:
    """(commit, committer date, message) of a chain of commits, newest first."""
    out = _log(git, "--format=%x00%H%x00%ct%x00%B", "--end-of-options", ref)
    return tuple((commit, int(time), message.strip()) for commit, time, message in _rows(out, 3))


def _log(git: Git, *argv: str) -> str:
    return os.fsdecode(git.run("log", *argv))


def _rows(out: str, width: int) -> Iterator[tuple[str, ...]]:
    """The fields of a log, each with a NUL before it, row by row."""
    fields = iter(out.split("\0")[1:])
    return zip(*[fields] * width, strict=True)


def _unquoted(name: str) -> str:
    if name.startswith('"') and name.endswith('"'):
        return os.fsdecode(codecs.escape_decode(name[1:-1].encode("utf-8", "surrogateescape"))[0])
    return name


def touching(git: Git, base: str, head: str, path: str) -> tuple[tuple[str, str], ...]:
    """(commit, author) of those that `head` has and `base` has not and that changed a path, newest first."""
    out = git.text("log", "--format=%H %aN <%aE>", head, f"^{base}", "--", f":(literal){path}")
    return tuple((commit, author) for commit, _, author in (line.partition(" ") for line in out.splitlines()))
