"""Which folder is which app in which environment: by the configured globs, or by unmistakable shapes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import lru_cache

from fairlead.edit.scalars import is_string
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.snapshot import Snapshot
from fairlead.repo.config import Config, Environment
from fairlead.repo.schema import NAME

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GENERIC = frozenset(
    ("apps", "app", "overlays", "overlay", "env", "envs", "environments", "base", "bases", "deploy", "deployment",
     "k8s", "kubernetes", "kustomize", "kustomization", "manifests", "components", "clusters", "config", "src")
)  # fmt: skip
# Words that people use for environments, lowest first; discovery proposes a chain by this order.
KNOWN_ENVIRONMENTS = (
    ("dev", "development"), ("test", "testing"), ("qa",), ("uat",), ("stage", "staging", "stg"), ("preprod",),
    ("prod", "production", "prd"),
)  # fmt: skip
_KNOWN = frozenset(word for words in KNOWN_ENVIRONMENTS for word in words)
_TOKEN = re.compile(r"\{([a-z_]+)\}|(\*\*)/?|(\*)|(\[)|(\])|([^{}*\[\]]+)")


def is_known(name: str) -> bool:
    """Whether a name holds one of the words that people use for environments."""
    return not _KNOWN.isdisjoint(re.split(r"[^a-z]+", name.lower()))


def kustomization_dirs(snapshot: Snapshot, under: str = "") -> tuple[str, ...]:
    """All folders that hold a kustomization file, sorted."""
    return _dirs(snapshot.files(under))


@lru_cache(maxsize=4)
def _dirs(paths: tuple[str, ...]) -> tuple[str, ...]:
    named = [path for path in paths if path.endswith(KUSTOMIZATION_NAMES)]
    parted = (path.rpartition("/") for path in named)
    return tuple(sorted({folder for folder, _, name in parted if name in KUSTOMIZATION_NAMES}))


def glob_pattern(glob: str, words: tuple[str, ...]) -> re.Pattern[str]:
    """A layout glob as a regular expression; `{env}` matches just the environments' words.

    Raises:
        ValueError: where the glob is malformed.
    """
    out: list[str] = []
    at, seen = 0, set()
    for match in _TOKEN.finditer(glob):
        if match.start() != at:
            raise ValueError(glob)
        at = match.end()
        name, deep, star, opened, closed, literal = match.groups()
        if name:
            if name in seen:
                out.append(f"(?P={name})")
                continue
            seen.add(name)
            out.append(f"(?P<{name}>{_alternatives(words) if name == 'env' else '[^/]+?'})")
        elif deep:
            out.append("(?:[^/]+/)*" if match[0].endswith("/") else ".*")
        elif star:
            out.append("[^/]*")
        elif opened:
            out.append("(?:")
        elif closed:
            out.append(")?")
        else:
            out.append(re.escape(literal))
    if at != len(glob):
        raise ValueError(glob)
    try:
        return re.compile("".join(out) + r"\Z")
    except re.error as error:
        raise ValueError(str(error)) from None


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) or r"(?!)"


def discover(snapshot: Snapshot, config: Config) -> Layout:
    """All overlays of the repository.

    With `layout:` globs in the configuration exactly these count; an overlay that two globs claim belongs to
    the first. Without, only shapes that can't be mistaken: `…/overlays/{env}`, `…/env(s)/{env}`,
    `…/environments/{env}`, `apps/{env}/{app}`.
    """
    return _discovered(kustomization_dirs(snapshot, config.root), config)


@lru_cache(maxsize=4)  # a command looks at several states of the same folders
def _discovered(folders: tuple[str, ...], config: Config) -> Layout:
    if config.layout:
        return _by_globs(folders, config)
    return _by_shape(folders, config)


def _by_globs(folders: tuple[str, ...], config: Config) -> Layout:
    by_word = {word: env for env in config.environments for word in env.words}
    words = tuple(by_word)
    found: dict[str, Overlay] = {}
    empty: list[str] = []
    notes: list[str] = []
    clashes: dict[str, str] = {}
    prefix = config.root + "/" if config.root else ""
    for glob in config.layout:
        try:
            pattern = glob_pattern(prefix + glob.strip("/"), words)
        except ValueError:
            notes.append(f"the layout {glob!r} is malformed")
            empty.append(glob)
            continue
        hits = 0
        for folder in folders:
            match = pattern.match(folder)
            if match is None or match["env"] is None:  # an {env} in brackets that isn't there
                continue
            hits += 1
            overlay = _overlay(folder, glob, match.groupdict(), by_word)
            known = by_word[match["env"]].clusters
            if known and overlay.id.cluster and overlay.id.cluster not in known:
                notes.append(
                    f"{folder}: {overlay.id.env} has no cluster {overlay.id.cluster!r}; it has {', '.join(known)}"
                )
                continue
            first = found.setdefault(folder, overlay)
            if first.id.env != overlay.id.env:
                clashes.setdefault(glob, f"{folder} stands for two environments, {first.id.env} and {overlay.id.env}")
        if not hits:
            empty.append(glob)
    overlays = tuple(found[path] for path in sorted(found))
    return Layout(overlays, tuple(notes), tuple(empty), tuple(clashes.items()))


def _overlay(folder: str, glob: str, groups: dict[str, str | None], by_word: dict[str, Environment]) -> Overlay:
    word = groups["env"] or ""
    env = by_word[word]
    names = [v for k, v in groups.items() if v and k not in ("env", "cluster")]
    app = "/".join(names) or _app_of_literals(glob)
    words = tuple(dict.fromkeys((word, *env.words)))
    return Overlay(OverlayId(app, env.name, groups.get("cluster") or ""), folder, words)


def _app_of_literals(path: str) -> str:
    parts = [p for p in re.split(r"[/\[\]]", path) if p and not re.search(r"[{*]", p)]
    telling = [p for p in parts if p not in _GENERIC]
    return (telling or parts or ["app"])[-1]


def _by_shape(folders: tuple[str, ...], config: Config) -> Layout:
    by_word = {word: env.name for env in config.environments for word in env.words}
    candidates: list[tuple[str, str, str]] = []  # folder, what stands for the app, word of the environment
    for folder in folders:
        parts = folder.split("/")
        if len(parts) >= 2 and parts[-2] in ("overlays", "env", "envs", "environments"):
            head = [p for p in parts[:-2] if p not in _GENERIC]
            candidates.append((folder, "/".join(head) or _app_of_literals("/".join(parts[:-2])), parts[-1]))
        elif len(parts) >= 3 and parts[-3] == "apps" and parts[-2] in (by_word or _KNOWN):
            candidates.append((folder, parts[-1], parts[-2]))
    short: dict[str, set[str]] = defaultdict(set)
    for _, app, _ in candidates:
        short[app.rpartition("/")[2]].add(app)
    overlays = []
    for folder, app, word in candidates:
        env = by_word.get(word, word if not by_word else "")
        if not env:
            continue
        last = app.rpartition("/")[2]
        name = last if len(short[last]) == 1 else app
        words = tuple(dict.fromkeys((word, *(w for w, e in by_word.items() if e == env))))
        overlays.append(Overlay(OverlayId(name, env), folder, words))
    return Layout(tuple(sorted(overlays, key=lambda o: o.path)))


def proposal(layout: Layout) -> str:
    """A fairlead.yaml for what discovery found, to show to a person who has none."""
    overlays = [o for o in layout.overlays if re.fullmatch(NAME, o.id.env)]
    names = sorted({o.id.env for o in overlays}, key=_rank)
    if not names:
        names = ["dev", "staging", "production"]
    chain = [n for n in names if n in _KNOWN] or names
    globs = sorted({_glob_of(o) for o in overlays}) or ["apps/{app}/overlays/{env}"]
    lines = ["version: 1", "environments:", *(f"  {_written(name)}: {{}}" for name in names)]
    lines.append(f"chains: [[{', '.join(map(_written, chain))}]]")
    lines.append("layout: [" + ", ".join(json.dumps(g, ensure_ascii=False) for g in globs) + "]")
    return "\n".join(lines) + "\n"


def _written(name: str) -> str:
    return name if is_string(name) else f'"{name}"'


def _rank(name: str) -> tuple[int, str]:
    for index, words in enumerate(KNOWN_ENVIRONMENTS):
        if name in words:
            return index, name
    return len(KNOWN_ENVIRONMENTS) // 2, name


def _glob_of(overlay: Overlay) -> str:
    parts = overlay.path.split("/")
    if parts[-1] == overlay.words[0]:
        parts[-1] = "{env}"
    elif len(parts) >= 2 and parts[-2] == overlay.words[0]:
        parts[-2] = "{env}"
    words = overlay.id.app.split("/")
    fields = {word: "{group" + "_" * index + "}" for index, word in enumerate(words[:-1])} | {words[-1]: "{app}"}
    return "/".join(fields.get(p, p) for p in parts)
