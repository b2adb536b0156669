"""Real promotions of a git repository, as cases for `python -m benchmarks.replay`: how would fairlead have done here?

    python -m benchmarks.harvest REPOSITORY CASES.jsonl.gz [--limit 2000] [--env dev --env staging --env production]

A case is a commit of the checked-out branch that changed files of an upper environment, and nothing else in them
than values which the counterpart in a lower environment held before. Environments are those of fairlead.yaml or of
the layout, else usual names; `--env` gives them lowest first. A file's counterpart is the one of the same path but
for the environment's word. The texts of the repository stand in the file: keep it where the repository may be kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.replay import surroundings
from fairlead.doors.git.history import Landing
from fairlead.doors.git.repository import Repository
from fairlead.edit.nodes import parse
from fairlead.model.errors import FairleadError, SyntaxProblem
from fairlead.promotion.align import Aligner, Pair
from fairlead.promotion.compare import FilePair, compare
from fairlead.steps.world import Run, environments, open_world

_USUAL = (
    "sandbox", "dev", "development", "test", "testing", "qa", "int", "integration", "stg", "stage", "staging", "uat",
    "preprod", "pre-prod", "preproduction", "canary", "prod", "prd", "production", "live",
)  # fmt: skip
_YAML = (".yaml", ".yml")
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]*")


def harvest(repo: Repository, name: str, words: Sequence[str], limit: int) -> Iterator[dict[str, Any]]:
    """The cases of a repository, newest first; `words` are its environments, lowest first."""
    tip = repo.git.resolve("HEAD")
    for landing in repo.landings(tip)[:limit] if tip else ():
        found = [place for path in landing.paths if (place := _upper(path, words)) is not None]
        for upper in dict.fromkeys(env for _, env in found):
            case = _case(repo, landing, [p for p, env in found if env == upper], upper, words)
            if case is not None:
                day = datetime.fromtimestamp(landing.time, UTC).date().isoformat()
                yield {"repo": name, "commit": landing.commit, "parent": landing.parent, "date": day, **case}


def _upper(path: str, words: Sequence[str]) -> tuple[str, str] | None:
    """The path with the environment that it belongs to, unless that is the lowest; YAML alone."""
    if not path.endswith(_YAML):
        return None
    env = next((w for part in path.split("/") for w in reversed(words) if _holds(part, w)), "")
    return (path, env) if env and env != words[0] else None


def _holds(part: str, word: str) -> bool:
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", part) is not None


def _case(
    repo: Repository, landing: Landing, paths: Sequence[str], upper: str, words: Sequence[str]
) -> dict[str, Any] | None:
    """What the commit carried into an environment from the nearest one below that explains it all."""
    for lower in reversed(words[: words.index(upper)]):
        files = []
        for path in paths:
            twin = re.sub(rf"(?<![0-9A-Za-z]){re.escape(upper)}(?![0-9A-Za-z])", lower, path)
            texts = [repo.read_file(c, p) for c, p in ((landing.parent, twin), (landing.parent, path),
                                                       (landing.commit, path))]  # fmt: skip
            if twin == path or any(text is None for text in texts):
                break
            source, before, after = (text or b"" for text in texts)
            if not _explained(source, before, after, (lower, upper)):
                break
            files.append({"path": path, "lower_path": twin, "lower": source.decode(), "before": before.decode(),
                          "after": after.decode()})  # fmt: skip
        if files and len(files) == len(paths):
            case = {"from": lower, "to": upper, "files": files}
            return {**case, "kinds": _kinds(case)}
    return None


def _explained(source: bytes, before: bytes, after: bytes, words: tuple[str, str]) -> bool:
    """Whether all that changed are values, and each took what stands in the source."""
    try:
        old, new, text = parse(before), parse(after), source.decode()
        parse(source)
    except (SyntaxProblem, UnicodeDecodeError):
        return False
    changed = list(Aligner(old, new, words).differences())
    have = set(_TOKEN.findall(text))
    for one in changed:
        if not isinstance(one, Pair):
            return False
        came = set(_TOKEN.findall(one.target.value)) - set(_TOKEN.findall(one.source.value))
        if not came or not came <= have:
            return False
    return bool(changed)


def _kinds(case: dict[str, Any]) -> list[str]:
    """Which carriers what was pending belongs to."""
    found = set()
    for file in case["files"]:
        lower, before, after = (file[text].encode() for text in ("lower", "before", "after"))
        rest = {(m.field, m.old) for m in _moves(file, lower, after, case)}
        found |= {m.carrier for m in _moves(file, lower, before, case) if (m.field, m.old) not in rest}
    return sorted(found)


def _moves(file: dict[str, Any], lower: bytes, upper: bytes, case: dict[str, Any]) -> Any:
    return compare(FilePair(file["lower_path"], file["path"], lower, upper, file["path"]), surroundings(case))


def known_words(folder: Path) -> tuple[str, ...]:
    """The environments of a repository, lowest first, by its configuration; the usual names where it has none."""
    config = environments(open_world(Run(folder))).config
    ordered = [env for chain in config.chains for stage in chain for env in stage]
    named = [word for env in ordered for word in config.environment(env).words]
    return tuple(dict.fromkeys(named)) or _USUAL


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harvest", description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("out", type=Path, help="the case file, gzipped JSON lines")
    parser.add_argument("--limit", type=int, default=2000, help="commits that are looked at")
    parser.add_argument("--env", action="append", default=[], help="an environment's word in paths, lowest first")
    options = parser.parse_args(argv)
    try:
        words = tuple(options.env) or known_words(options.repository)
        repo = open_world(Run(options.repository)).git
        cases = list(harvest(repo, options.repository.resolve().name, words, options.limit))
    except FairleadError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    with gzip.open(options.out, "wt", encoding="utf-8") as handle:
        handle.writelines(json.dumps(case) + "\n" for case in cases)
    sys.stdout.write(f"{len(cases)} promotions in {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
