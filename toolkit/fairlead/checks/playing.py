"""Plays a resource's layers: the object as kustomize makes it, each value with the place where it was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from fairlead.checks.merging import ListKeys, Lists, is_builtin
from fairlead.checks.parts import Mark, Part

if TYPE_CHECKING:
    from fairlead.checks.stage import Resource


def _untaught(_: Resource) -> Lists:
    return {}


class Player:
    """Plays each resource once. `taught` says which lists of a kind an `openapi:` file has merged, and by what."""

    def __init__(self, taught: Callable[[Resource], Lists] = _untaught) -> None:
        self._taught = taught
        self._played: dict[int, tuple[Resource, Part]] = {}  # the resource is kept, for its id to stay its own

    def play(self, resource: Resource) -> Part:
        """The resource with all its layers played."""
        known = self._played.get(id(resource))
        if known is None:
            known = self._played[id(resource)] = (resource, self._play(resource))
        return known[1]

    def _play(self, resource: Resource) -> Part:
        if resource.generator is not None:
            root = resource.generator.root()
        else:
            root = Part(resource.node, Mark(resource.place, -1, resource.route))
        replay = _Replay(ListKeys(is_builtin(resource.api_version), self._taught(resource)), self)
        for at, layer in enumerate(resource.layers):
            layer.onto(root, at, replay)
        return root


class _Replay(NamedTuple):
    keys: ListKeys
    player: Player

    def other(self, resource: Resource) -> Part:
        return self.player.play(resource)
