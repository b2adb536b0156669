"""An overlay that no chain of promotion leads to.

Nothing is ever promoted into it: it drifts away from the others, and nobody is told. Either its environment stands in
no chain, and is not `ephemeral` either; or its folder lies where overlays lie, and the configuration knows no such
environment.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.edit.nodes import Mapping
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.apps import chains_of
from fairlead.repo.layout import KNOWN_ENVIRONMENTS, glob_pattern
from fairlead.repo.names import near_miss

ID = "unchained-overlay"
GROUP = "dead"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_CONFIG = (
    "version: 1\nenvironments:\n  dev: {}\n  qa: %s\n  production: {}\nchains: [[dev, production]]\n"
    'layout: ["overlays/{env}"]\n'
)
_OVERLAY = "configMapGenerator:\n- name: web\n  literals: [A=b]\n"
_ALL = {f"overlays/{env}/kustomization.yaml": _OVERLAY for env in ("dev", "qa", "production")}
BAD = Example({"fairlead.yaml": _CONFIG % "{}", **_ALL})
GOOD = Example({"fairlead.yaml": _CONFIG % "{ephemeral: true}", **_ALL})
_COMMON = frozenset(word for words in KNOWN_ENVIRONMENTS for word in words)


def check(judged: Judged) -> Iterator[Finding]:
    """Ask for the environment of an overlay in the chains, and for that of a folder that looks like one."""
    config = judged.shared.config
    if not config.chains:
        return
    if judged.overlay is None:
        yield from _stray(judged)
        return
    chains = (*config.chains, *chains_of(config, judged.overlay.id.app))
    chained = any(judged.env in stage for chain in chains for stage in chain)
    if judged.environment is not None and not judged.environment.ephemeral and not chained:
        yield judged.finding(
            ID,
            f"the environment {judged.env} stands in no chain: nothing is promoted into it",
            "name it in `chains:`, or say that it is `ephemeral: true`",
            _declared(judged),
            severity=Severity.NOTE,
        )


def _declared(judged: Judged) -> Where:
    """Where the configuration names the environment."""
    config = judged.shared.config
    stream = judged.shared.sources.stream(config.path)
    body = stream.first() if stream is not None else None
    environments = body.get("environments") if body is not None else None
    key = environments.key(judged.env) if isinstance(environments, Mapping) else None
    return Where(config.path, key.line, key.column) if key is not None else Where(config.path, 1, 1)


def _stray(judged: Judged) -> Iterator[Finding]:
    """A folder that a glob of the layout would fit, if what sounds like an environment there were one."""
    config = judged.shared.config
    prefix = config.root + "/" if config.root else ""
    names = [word for env in config.environments for word in env.words]
    for glob in config.layout:
        found = glob_pattern(prefix + glob.strip("/").replace("{env}", "{stray}"), ()).match(judged.folder)
        word = found["stray"] if found is not None else None
        if word and _sounds_like_one(judged, word, names):
            yield judged.finding(
                ID,
                f"{judged.folder} lies where overlays do ({glob}), but {word!r} is no environment",
                near_miss(word, names) or f"add {word} to `environments:`, and to `chains:`; or move the folder",
                judged.entry,
                severity=SEVERITY,
            )
            return


def _sounds_like_one(judged: Judged, word: str, names: list[str]) -> bool:
    """Whether a folder's word is like an environment's, and no other folder above or below is an environment's."""
    parts = judged.folder.split("/")
    if any(part in names for part in parts):
        return False
    tokens = {word.lower(), *word.lower().replace("_", "-").split("-")}
    return bool(judged.shared.words.found(word)) or not _COMMON.isdisjoint(tokens) or bool(near_miss(word, names))
