"""`dataclass`, made where it is first needed: most classes of most commands never are.

Python writes and compiles six methods for each frozen dataclass when its module is loaded, which was a tenth of what a
command costs. Here a class gets them with its first instance, or when anything asks for its fields.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, **options: bool) -> Any:
        """As `dataclasses.dataclass`; what is no plain frozen class is made at once."""
        if cls is not None or options != {"frozen": True}:
            return dataclasses.dataclass(cls, **options)
        return _later


__all__ = ["dataclass"]

_METHODS = ("__init__", "__repr__", "__eq__", "__hash__")
_VALUES = ("__dataclass_fields__", "__dataclass_params__", "__match_args__", "__replace__")
_LOCK = RLock()


class _Asked:
    """A value of a class that comes with the rest, when it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> Any:
        _make(next(cls for cls in owner.__mro__ if cls.__dict__.get(self.name) is self))
        return getattr(owner if instance is None else instance, self.name)


_ASKED = {name: _Asked(name) for name in _VALUES if name != "__replace__" or hasattr(dataclasses, "_replace")}


def _later(cls: type) -> type:
    own = cls.__dict__
    for name in _METHODS:
        if own.get(name) is None:  # Python itself puts None for `__hash__` beside an `__eq__`
            setattr(cls, name, _stub(cls, name))
    for name, asked in _ASKED.items():
        if name not in own:
            setattr(cls, name, asked)

    def __setattr__(self: object, name: str, value: object) -> None:  # noqa: N807
        _refuse(cls, self, name, "assign to")
        super(cls, self).__setattr__(name, value)  # type: ignore[arg-type]

    def __delattr__(self: object, name: str) -> None:  # noqa: N807
        _refuse(cls, self, name, "delete")
        super(cls, self).__delattr__(name)  # type: ignore[arg-type]

    cls.__setattr__, cls.__delattr__ = __setattr__, __delattr__  # type: ignore[assignment, method-assign]
    return cls


def _refuse(cls: type, value: object, name: str, what: str) -> None:
    if type(value) is cls or name in cls.__dataclass_fields__:  # type: ignore[attr-defined]
        raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")


def _stub(cls: type, name: str) -> Callable[..., Any]:
    def first(self: Any, *args: Any, **more: Any) -> Any:
        _make(cls)
        return getattr(cls, name)(self, *args, **more)

    first.stub = cls  # type: ignore[attr-defined]
    return first


def _is_ours(cls: type, name: str) -> bool:
    own = cls.__dict__.get(name)
    return own is _ASKED.get(name, own) and (name in _ASKED or getattr(own, "stub", None) is cls)


def _make(cls: type) -> None:
    """Take the methods of a twin that dataclasses has made: another thread may be using the class meanwhile."""
    with _LOCK:
        waiting = [name for name in (*_METHODS, *_ASKED) if _is_ours(cls, name)]
        if not waiting:
            return
        ours = {*waiting, "__setattr__", "__delattr__", "__dict__", "__weakref__"}
        body = {name: value for name, value in cls.__dict__.items() if name not in ours}
        twin: type = dataclasses.dataclass(frozen=True)(type(cls)(cls.__name__, cls.__bases__, dict(body)))
        for name, value in body.items():
            if isinstance(value, dataclasses.Field):
                if name in twin.__dict__:
                    setattr(cls, name, twin.__dict__[name])
                else:
                    delattr(cls, name)
        for name in reversed(waiting):  # the fields before the methods that a thread may call
            setattr(cls, name, twin.__dict__[name])
