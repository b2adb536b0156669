"""What a value says as a version: its form, its order, its build channel."""

from __future__ import annotations

import re

from fairlead.model.patterns import pattern

_SEMVER = pattern(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_HEX = pattern(r"[0-9a-f]{40,128}|sha(?:256|512):[0-9a-f]{64,128}")
_SHORT_HEX = pattern(r"(?=[0-9a-f]*[0-9])[0-9a-f]{7,}")
_COMMIT = pattern(r"(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}")
_CONSTRAINT = pattern(r"[<>=~^*|,\s]|(?:^|\.)[xX*](?:\.|$)|\|\|")
_STAMP = pattern(
    r"(?<!\d)(20\d{2})[-_.T]?([01]\d)[-_.T]?([0-3]\d)(?:[-_.T]?(\d{2})[-_.:]?(\d{2})(?:[-_.:]?(\d{2}))?)?(?!\d)|(?<!\d)(1[4-9]\d{8})(?:\d{3})?(?!\d)"
)
_FLOATING = frozenset(
    ("latest", "main", "master", "dev", "develop", "development", "trunk", "head", "edge", "nightly", "stable",
     "canary", "release", "next", "beta", "alpha", "snapshot", "production", "staging", "prod", "stage", "test")
)  # fmt: skip
_TRUNKS = frozenset(("main", "master", "trunk"))
_LASTING = _FLOATING | {"release", "releases", "rel", "support", "maintenance", "lts", "env", "environments"}
_NUMBERED = pattern(r"(?<![0-9A-Za-z])v?\d+\.\d+|^v\d+$|^[0-9a-f]{7,40}$")
_NO_CHANNEL = frozenset(
    ("rc", "alpha", "beta", "pre", "preview", "build", "sha", "git", "post", "patch", "hotfix", "final")
)


def is_semver(text: str) -> bool:
    """`1.2`, `v1.2.3`, `1.2.3-rc.1`."""
    return _SEMVER.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """A commit id or digest of at least 40 hexadecimal digits."""
    return _HEX.fullmatch(text) is not None


def floats(text: str) -> bool:
    """A name that points elsewhere tomorrow."""
    return text.lower() in _FLOATING or text.lower().endswith(("-latest", "-snapshot"))


def pins(old: str, new: str) -> bool:
    """Whether a fixed build replaces a floating one of its channel: `release-9c6668ca-1741178279`, `release-latest`."""
    if not floats(old) or reservation(new, new):
        return False
    return tuple(word for word in channel(old) if word not in _FLOATING or word in channel(new)) == channel(new)


def to_trunk(old: str, new: str) -> bool:
    """Whether a git reference leaves a topic branch for the trunk: `fix-login` -> `main`."""
    if new not in _TRUNKS or floats(old) or is_digest(old) or is_constraint(old) or _NUMBERED.search(old):
        return False
    return re.split(r"[-_/.]", old.lower())[0] not in _LASTING


def is_constraint(text: str) -> bool:
    """`>=1.2`, `1.x`, `~1.2 || ^2`."""
    return _CONSTRAINT.search(text) is not None


def channel(text: str) -> tuple[str, ...]:
    """The words of a version that say which build it comes from: (`release`,) of `release-2024-01-02-abc1234`."""
    if is_semver(text) and "-" not in text:
        return ()
    words = []
    for part in re.split(r"[^0-9A-Za-z]+", text.split("+", 1)[0]):
        low = part.lower()
        if len(low) >= 2 and low.isalpha() and low not in _NO_CHANNEL and not _SHORT_HEX.fullmatch(low):
            words.append(low)
    return tuple(words)


def same_build(old: str, new: str) -> bool:
    """Whether two versions name one commit, built twice: `release-9c6668ca-1741178279` and `…-1741178296`."""
    first, second = (re.split(r"[^0-9A-Za-z]+", v) for v in (old, new))
    commits = {p for p in first if _COMMIT.fullmatch(p)} & set(second)
    return bool(commits) and channel(old) == channel(new)


def goes_back(old: str, new: str) -> bool:
    """Whether `new` is older than `old` by semantic version, build number, or a time stamp inside it."""
    first, second = _SEMVER.fullmatch(old), _SEMVER.fullmatch(new)
    if first is not None and second is not None:
        return _order(second) < _order(first)
    if old.isdecimal() and new.isdecimal() and len(old) < 8:  # build numbers; longer ones are dates
        return int(new) < int(old)
    stamps = _stamp(old), _stamp(new)
    return bool(stamps[0] and stamps[1] and len(stamps[0]) == len(stamps[1]) and stamps[1] < stamps[0])


def _stamp(text: str) -> str:
    found = _STAMP.search(text)
    return "".join(g for g in found.groups() if g) if found is not None else ""


def _order(match: re.Match[str]) -> tuple[object, ...]:
    numbers = tuple(int(g or 0) for g in match.groups()[:4])
    rest = match[5]
    if rest is None:
        return (*numbers, (1,))
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in rest.split("."))
    return (*numbers, (0, *parts))


def reservation(old: str, new: str) -> str:
    """Why a version is only offered, never carried by default; empty where nothing speaks against it."""
    for value in (old, new):
        if floats(value):
            return f"{value!r} floats: it names another build tomorrow"
        if is_constraint(value):
            return f"{value!r} is a constraint, not one version"
        if not any(c.isdigit() for c in value):
            return f"{value!r} has no digit"
    if channel(old) != channel(new):
        return f"{new!r} comes from another build channel than {old!r}"
    if goes_back(old, new):
        return f"it would go back from {old!r} to {new!r}"
    return ""
