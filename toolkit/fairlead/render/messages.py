"""kustomize's words without what differs from run to run: log prefixes, quoting, temporary folders.

And our own words where kustomize has none, so that every engine says the same.
"""

from __future__ import annotations

import json
import re

from fairlead.model.patterns import pattern

_KLOG = pattern(r'^[EF]\d{4} [\d:.]+ +\d+ \S+\] "command failed" err=(.*)\Z', re.DOTALL | re.MULTILINE)
_WARNING = pattern(r"^#?\s*(?:Warning|well-defined vars)\b.*$", re.MULTILINE)
# A folder that kustomize has made for a clone. Looked for from the beginnings of words alone: a path may be long.
_CLONE = pattern(r"(?<![^\s'\"])[^\s'\"]*/clones/kustomize-\d+")
_HELM = pattern(r"(?<![^\s'\"=])[^\s'\"=]*/bin/helm\b")
_HELM_FOLDER = pattern(r"(?<![^\s'\"=])[^\s'\"=]*/kustomize-helm-\d+")
_LOG_TIME = pattern(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", re.MULTILINE)

MAX_OUTPUT = 64 * 1024 * 1024
TOO_MUCH = f"it renders to more than {MAX_OUTPUT >> 20} MiB"


def too_slow(seconds: float) -> str:
    """What is said of a render that was stopped."""
    return f"kustomize took more than {seconds:.0f} seconds and was stopped"


def no_folder(overlay: str) -> str:
    """What is said of an overlay that is not there."""
    return f"there is no folder {overlay}"


def code_of(text: str) -> str:
    """What kind of failure kustomize's words tell of: remote, helm, plugin or build."""
    if "fairlead has not fetched" in text:
        return "remote"
    if "helm" in text and "--enable-helm" in text:
        return "helm"
    return "plugin" if "external plugins disabled" in text else "build"


def message(stderr: str, roots: tuple[str, ...]) -> str:
    """The error, with paths from the repository's root."""
    text = _WARNING.sub("", stderr).strip()
    found = _KLOG.search(text)
    if found is not None:
        text = _unquoted(found[1])
    text = text.removeprefix("Error: ").strip()
    return without_roots(text, roots) or "kustomize failed and said nothing"


def warnings(stderr: str, roots: tuple[str, ...]) -> tuple[str, ...]:
    """The warnings beside a result, each once."""
    lines = (_LOG_TIME.sub("", line).lstrip("# ").strip() for line in stderr.splitlines())
    return tuple(dict.fromkeys(without_roots(line, roots) for line in lines if line))


def without_roots(text: str, roots: tuple[str, ...]) -> str:
    """Text in which paths below any of the folders are relative to it."""
    text = _HELM.sub("helm", _CLONE.sub("(remote base)", text))
    text = _HELM_FOLDER.sub("(temporary)", text)
    for root in sorted((r for r in roots if len(r) > 1), key=len, reverse=True):
        text = re.sub(re.escape(root) + r"(?:/|(?![\w.-]))", lambda m: "" if m[0].endswith("/") else ".", text)
    return text


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):  # klog's form for several lines
        return "\n".join(line.removeprefix("\t") for line in text[1:-1].strip("\n").splitlines()).strip()
    if text.startswith('"'):
        try:
            return str(json.loads(re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", text)))
        except ValueError:
            return text.strip('"')
    return text
