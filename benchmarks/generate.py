"""A large repository: the living example's app again and again under other names, the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

_EXAMPLE = Path(__file__).parents[1] / "environments"
_SYLLABLES = ("ba", "co", "du", "fe", "gi", "ka", "lo", "mi", "na", "po", "ra", "se", "ti", "vo", "wa", "zu")


def names(count: int, seed: int) -> list[str]:
    """Names of apps, each once."""
    chosen: dict[str, None] = {}
    source = random.Random(seed)
    while len(chosen) < count:
        chosen["".join(source.choice(_SYLLABLES) for _ in range(source.randint(2, 4))) + "-svc"] = None
    return list(chosen)


def generate(root: Path, overlays: int, seed: int = 1) -> list[str]:
    """Write a repository with at least so many overlays; their folders."""
    app = _EXAMPLE / "apps" / "web"
    texts = {p.relative_to(app): p.read_text(encoding="utf-8") for p in sorted(app.rglob("*")) if p.is_file()}
    made = []
    for name in names(-(-overlays // 3), seed):
        for path, text in texts.items():
            place = root / "apps" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text.replace("web", name), encoding="utf-8")
            if path.name == "kustomization.yaml" and path.parts[0] == "overlays":
                made.append(place.parent.relative_to(root).as_posix())
    (root / "fairlead.yaml").write_text((_EXAMPLE / "fairlead.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return sorted(made)
