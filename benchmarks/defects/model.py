"""What a kind of defect is, and a defect that was seeded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from fairlead.checks.objects import Object

if TYPE_CHECKING:
    from benchmarks.defects.site import Site

Proof = Callable[[tuple[Object, ...]], bool]


class Place(NamedTuple):
    """A line of a file; 0 stands for a file as a whole."""

    path: str
    line: int = 0


@dataclass(frozen=True)
class Seed:
    """An edit that makes a defect: files as they are afterwards (None: gone), and where it is to be told.

    A finding on any of the places `at` is exact; there is more than one only where two lines are equally at fault.
    `proof` says of the objects that come out whether the defect arrived in them. `overlay`: where it is another one
    that is at fault.
    """

    files: Mapping[str, bytes | None]
    at: tuple[Place, ...]
    subject: str = ""
    proof: Proof | None = None
    overlay: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of defect. `tells` are the rules of which one has to speak.

    `breaks`: whether kustomize has to fail; None where both are fine. `variant` is the configuration it is judged by.
    `lines`: whether there is a line to tell; a whole app that is absent has none.
    """

    name: str
    group: str
    what: str
    tells: tuple[str, ...]
    sow: Callable[[Site, Random], Iterator[Seed]]
    breaks: bool | None = False
    variant: str = "plain"
    lines: bool = True


@dataclass(frozen=True)
class Case:
    """One seeded defect in one overlay of a repository."""

    number: int
    kind: Kind
    corpus: str
    overlay: str
    seed: Seed = field(repr=False)
