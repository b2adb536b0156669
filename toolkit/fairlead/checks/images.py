"""Image names by kustomize's rules: what is name, tag and digest, and which entry means which image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.values import dataclass

_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


@dataclass(frozen=True)
class Image:
    """`name:tag@digest`, taken apart."""

    name: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Image:
    """Take an image reference apart; a colon before the last slash is a registry's port."""
    rest, _, digest = text.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return Image(head + slash + name, tag, digest)


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str] | None:
    try:  # kustomize takes the name as a regular expression (imagetag/updater.go: isImageMatched)
        return re.compile(f"(?:{name})(?::[a-zA-Z0-9_.{{}}-]*)?(?:@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except re.error:
        return None


def means(name: str, image: str) -> bool:
    """Whether an `images:` entry of this name matches an image."""
    pattern = _pattern(name)
    return pattern is not None and pattern.fullmatch(image) is not None


def replaced(image: str, new_name: str, new_tag: str, digest: str) -> str:
    """What an entry makes of an image that it matches."""
    old = parse(image)
    name = new_name or old.name
    if digest:
        return str(Image(name, "", digest))
    if new_tag:
        return str(Image(name, new_tag))
    return str(Image(name, old.tag, old.digest))


def container_images(value: Value | None) -> Iterator[Scalar]:
    """The `image` of every container of a parsed object, at any depth, as kustomize looks for them."""
    if isinstance(value, Sequence):
        for item in value.items:
            yield from container_images(item)
    elif isinstance(value, Mapping):
        for key, below in value.items:
            if key.value in _CONTAINER_LISTS and isinstance(below, Sequence):
                for container in below.items:
                    image = container.get("image") if isinstance(container, Mapping) else None
                    if isinstance(image, Scalar) and image.value:
                        yield image
            yield from container_images(below)
