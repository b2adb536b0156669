"""A class that is made late is as one that is made at once."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import threading
from dataclasses import FrozenInstanceError, field
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from fairlead.model.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True)
class Late:
    """One."""

    a: int
    b: str = "b"
    c: list[int] = field(default_factory=list, compare=False)
    d: int = field(default=4, repr=False)
    kind: ClassVar[str] = "k"

    def twice(self) -> int:
        return 2 * self.a


@dataclass(frozen=True)
class Child(Late):
    e: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "e", self.e + 1)


@dataclass(frozen=True)
class Own:  # noqa: PLW1641  dataclass gives it a hash
    a: int

    def __eq__(self, other: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "mine"


@dataclass(frozen=True)
class Box(Generic[T]):
    inside: T


def a_class(name: str = "C", **more: Any) -> Any:
    body = {"__annotations__": {"a": "int", "b": "list[int]"}, "b": field(default_factory=list), **more}
    return type(name, (), body)


@pytest.mark.parametrize(
    "first",
    [
        lambda c: c(1),
        dataclasses.fields,
        dataclasses.is_dataclass,
        lambda c: c.__match_args__,
        lambda c: dataclasses.replace(c(1), a=2),
        lambda c: dataclasses.asdict(c(1)),
        lambda c: c.__dataclass_params__.frozen,
    ],
)
def test_whatever_is_asked_first_it_is_as_one_made_at_once(first):
    late, now = dataclass(frozen=True)(a_class()), dataclasses.dataclass(frozen=True)(a_class())
    assert str(first(late)) == str(first(now)).replace(str(now), str(late))
    for name in ("__init__", "__repr__", "__eq__", "__hash__"):
        ours, theirs = getattr(late, name).__code__, getattr(now, name).__code__
        assert (ours.co_code, ours.co_varnames) == (theirs.co_code, theirs.co_varnames)
    assert {n for n in vars(late) if n not in vars(now)} == set()
    assert {n for n in vars(now) if n not in vars(late)} == set()


def test_values_defaults_and_inheritance():
    assert (Late(1).b, Late(1).c, Late(1).d, Late.kind, Late(3).twice()) == ("b", [], 4, "k", 6)
    assert repr(Late(1)) == "Late(a=1, b='b', c=[])"
    assert Late(1) == Late(1, c=[7])
    assert hash(Late(1)) == hash(Late(1))
    assert Child(1).e == 6
    assert [f.name for f in dataclasses.fields(Child)] == ["a", "b", "c", "d", "e"]
    assert isinstance(Child(1), Late)
    assert Child(1) != Late(1)
    assert Own(1) == Own(2)
    assert repr(Own(1)) == "mine"
    assert Box[int](3) == Box(3)
    match Late(1, "x"):
        case Late(a, b):
            assert (a, b) == (1, "x")


def test_nothing_is_assigned_or_deleted():
    for value in (Late(1), Child(1)):
        for name in ("a", "other"):
            with pytest.raises(FrozenInstanceError):
                setattr(value, name, 2)
        with pytest.raises(FrozenInstanceError):
            del value.a


def test_wrong_arguments_are_refused_the_first_time_too():
    made = dataclass(frozen=True)(a_class())
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        made()


def test_an_instance_that_comes_from_elsewhere_makes_its_class():
    assert pickle.loads(pickle.dumps(Child(1))) == Child(1)
    made = dataclass(frozen=True)(a_class())
    alone = made.__new__(made)
    object.__setattr__(alone, "a", 1)
    object.__setattr__(alone, "b", [])
    assert copy.copy(alone) == made(1)


def test_threads_may_make_it_at_once():
    for _ in range(50):
        made, go, found = dataclass(frozen=True)(a_class()), threading.Barrier(8), []

        def work(made=made, go=go, found=found):
            go.wait()
            found.append(made(1) == made(1) and repr(made(2)) == "C(a=2, b=[])" and len(dataclasses.fields(made)) == 2)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 8


def test_other_kinds_are_made_at_once():
    for options in ({"frozen": True, "slots": True}, {"frozen": True, "order": True}, {}):
        made = dataclass(**options)(a_class())
        assert "__dataclass_fields__" in vars(made)
