"""Where schemas are looked for: kubeconform's `-schema-location`, for files of the repository and https URLs."""

from __future__ import annotations

import re

from fairlead.model.snapshot import join
from fairlead.model.values import dataclass
from fairlead.repo.names import near_miss

DEFAULT = "default"
CATALOG = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"
_FIELDS = ("NormalizedKubernetesVersion", "StrictSuffix", "ResourceKind", "ResourceAPIVersion", "Group", "KindSuffix")
_FIELD = re.compile(r"\{\{-?\s*\.(\w+)\s*-?\}\}")
_STANDALONE = (
    "/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"
)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")  # words come from objects: no way out of the folder


@dataclass(frozen=True)
class Location:
    """A template for the path of a kind's schema, from the repository's root, or for its URL."""

    template: str
    remote: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it stands for Kubernetes' own schemas."""
        return self.template == DEFAULT

    def of(self, api_version: str, kind: str, kubernetes: str) -> str | None:
        """The path or URL of a kind's schema; None for what is no name of a kind."""
        group, _, version = api_version.rpartition("/")
        if any(word and _NAME.fullmatch(word) is None for word in (group, version, kind)) or not (version and kind):
            return None
        first = (group or version).partition(".")[0].lower()
        words = {
            "NormalizedKubernetesVersion": f"v{kubernetes}.0",
            "StrictSuffix": "-strict",
            "ResourceKind": kind.lower(),
            "ResourceAPIVersion": version,
            "Group": group or version,
            "KindSuffix": f"-{first}-{version.lower()}" if group else f"-{first}",
        }
        return _FIELD.sub(lambda found: words[found[1]], self.template)


def location(written: str, root: str) -> Location:
    """A location as configured in a folder. Raises ValueError with what is wrong and what to do."""
    if written == DEFAULT:
        return Location(DEFAULT)
    unknown = next((name for name in _FIELD.findall(written) if name not in _FIELDS), None)
    if unknown is not None:
        raise ValueError(
            f"{written!r} has an unknown field .{unknown}",
            near_miss(unknown, _FIELDS) or "known are: " + ", ".join(f".{name}" for name in _FIELDS),
        )
    if "{{" in _FIELD.sub("", written):
        raise ValueError(f"{written!r} is more than a template of fields", f"write it like schemas/{CATALOG}")
    whole = written if written.endswith("json") else written.rstrip("/") + _STANDALONE
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", written)
    if scheme is not None:
        if scheme[1] != "https":
            raise ValueError(f"{written!r} is fetched by {scheme[1]}", "name a file of the repository, or an https URL")
        return Location(whole, remote=True)
    path = None if written.startswith("/") else join(root, whole)
    if path is None:
        raise ValueError(
            f"{written!r} leads out of the repository",
            "bring the schemas in: fairlead schemas vendor --from FOLDER",
        )
    return Location(path)
