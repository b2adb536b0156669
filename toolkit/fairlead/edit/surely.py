"""Whether text can be parsed, told by libyaml alone: it makes no node, which is what parsing takes its time for."""

from __future__ import annotations

import yaml

from fairlead.edit.nodes import LEVELS, MAX_DEPTH, SMALL

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]  # not exported by the stubs
except ImportError:  # pragma: no cover  see nodes.py: without libyaml nobody can tell so quickly
    _Parser = None  # type: ignore[assignment,misc]  # asked for below
_LEVELS = tuple(sign.encode() for sign in LEVELS)


def has_form(text: str) -> bool:
    """Whether it has the form of YAML: aliases are not looked up, nor is told how deep it is."""
    if _Parser is None:  # pragma: no cover  see above
        return False
    loader = _Parser(text)
    try:
        loader.raw_parse()
    except yaml.YAMLError:
        return False
    finally:
        loader.dispose()
    return True


def surely_reads(data: bytes) -> bool:
    """Whether `nodes.parse` takes a file; False where it has to be asked."""
    if len(data) > SMALL or b"&" in data or b"*" in data or sum(map(data.count, _LEVELS)) >= MAX_DEPTH:
        return False
    return data.isascii() and has_form(data.decode("ascii"))
