"""CODEOWNERS: whom the files of a repository belong to, as GitHub, GitLab, Gitea and Forgejo read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from fairlead.model.values import dataclass

# Where each forge looks, and in which order; what stands first counts.
PLACES = (
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".gitea/CODEOWNERS",
    ".forgejo/CODEOWNERS",
)
_EXPRESSIONS = (".gitea/", ".forgejo/")  # these two write regular expressions
_SECTION = re.compile(r"(\^)?\[([^\]]+)\](?:\[([0-9]+)\])?\s*(.*)")
_MOST = 3_000_000  # bytes; GitHub's own limit


@dataclass(frozen=True)
class Owned:
    """Whom some paths belong to: `wanted` of the owners must approve. `section` is GitLab's."""

    paths: tuple[str, ...]
    owners: tuple[str, ...]
    section: str = ""
    wanted: int = 1


@dataclass(frozen=True)
class _Rule:
    matches: Callable[[str], bool]
    owners: tuple[str, ...]
    section: str = ""
    wanted: int = 1
    every: bool = False  # counts beside other rules, as Gitea has it; else the last of its section alone
    excludes: bool = False


@dataclass(frozen=True)
class CodeOwners:
    """The rules of one file; `faults` are lines that can't be read, which count for nothing."""

    path: str = ""
    rules: tuple[_Rule, ...] = ()
    faults: tuple[str, ...] = ()

    def of(self, paths: Iterable[str]) -> tuple[Owned, ...]:
        """Whose these paths are, those of the same owners together; optional sections and unowned paths left out."""
        found: dict[tuple[str, tuple[str, ...], int], list[str]] = {}
        for path in paths:
            for rule in self._deciding(path):
                if rule.owners and rule.wanted and not rule.excludes:
                    found.setdefault((rule.section, rule.owners, rule.wanted), []).append(path)
        return tuple(Owned(tuple(at), owners, section, wanted) for (section, owners, wanted), at in found.items())

    def _deciding(self, path: str) -> tuple[_Rule, ...]:
        last: dict[str, _Rule] = {}
        every = []
        for rule in self.rules:
            if rule.matches(path):
                if rule.every:
                    every.append(rule)
                else:
                    last[rule.section.casefold()] = rule
        return (*last.values(), *every)


def find(has: Callable[[str], bool]) -> str:
    """The path of the file that counts; empty where there is none."""
    return next((path for path in PLACES if has(path)), "")


def read(path: str, data: bytes) -> CodeOwners:
    """The rules of a file."""
    if len(data) > _MOST:
        return CodeOwners(path, (), (f"{path} is larger than {_MOST} bytes",))
    rules: list[_Rule] = []
    faults: list[str] = []
    section: tuple[str, tuple[str, ...], int] = ("", (), 1)
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        text = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if not text:
            continue
        expression = path.startswith(_EXPRESSIONS)
        head = None if expression else _SECTION.fullmatch(text)
        if head is not None:
            wanted = 0 if head[1] else int(head[3] or 1)
            section = (head[2].strip(), tuple(head[4].split()), wanted)
            continue
        try:
            rules.append(_expression(text) if expression else _pattern(text, *section))
        except re.error as error:
            faults.append(f"{path}:{number}: {error}")
    return CodeOwners(path, tuple(rules), tuple(faults))


def _pattern(text: str, section: str, owners: tuple[str, ...], wanted: int) -> _Rule:
    words = re.findall(r"(?:\\.|\S)+", text)
    glob, excludes = re.sub(r"\\(.)", r"\1", words[0]), words[0].startswith("!")
    named = tuple(words[1:])
    # GitLab: a line without owners has those of its section; elsewhere it says that nobody owns the path.
    return _Rule(_globbed(glob.removeprefix("!")), named or owners, section, wanted, excludes=excludes)


def _expression(text: str) -> _Rule:
    written, *owners = text.split()
    wished = re.compile(written.removeprefix("!"))
    negated = written.startswith("!")
    return _Rule(lambda path: (wished.fullmatch(path) is not None) != negated, tuple(owners), every=True)


@lru_cache(maxsize=4096)
def _globbed(glob: str) -> Callable[[str], bool]:
    """Gitignore's globs as CODEOWNERS has them: no ranges, and `docs/*` is not what lies deeper."""
    anchored = "/" in glob.rstrip("/")
    body = glob.strip("/")
    out, at = "", 0
    while at < len(body):
        if body.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif body.startswith("**", at):
            out, at = out + ".*", at + 2
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(body[at]) or re.escape(body[at])
            at += 1
    if glob.endswith("/"):
        out += "/.*"
    elif not (body.endswith("/*") and not body.endswith("**/*")):
        out += "(?:/.*)?"
    wished = re.compile(("" if anchored else "(?:.*/)?") + out, re.DOTALL)
    return lambda path: wished.fullmatch(path) is not None
