"""Variables in text, as Flux's own library substitutes them: each row was compared with it."""

from __future__ import annotations

import pytest

from fairlead.checks.envsubst import BadSubstitutionError, Expanded, expand, holds_variable

_VALUES = {"a": "hello", "b": "x/y.z", "empty": "", "n": "3"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${a} and $a, $, ${n}", "hello and $a, $, 3"),
        ("$${a} $$a $$", "${a} $a $"),
        ("${empty}|${empty:-x}|${empty:=y}|${empty=z}|${a:-x}", "|x|y|z|hello"),
        ("${none:-${a}-${n}}", "hello-3"),
        ("${a^}${a^^}${a,}${#a}", "HelloHELLOhello5"),
        ("${a:1}|${a:1:2}|${a:-9}|${a:9}|${a: -2}", "ello|el|hello||hello"),
        ("${a/l/L}|${a//l/L}|${a/#he/J}|${a/%lo/p}|${b/\\//-}", "heLlo|heLLo|Jllo|help|x-y.z"),
        ("${b#*/}|${b##*/}|${b%/*}|${b%%.*}", "y.z|y.z|x|x/y"),
    ],
)
def test_it_is_written_as_flux_writes_it(text: str, wanted: str) -> None:
    assert expand(text, _VALUES) == Expanded(wanted)


def test_what_nobody_gives_a_value_stays_and_is_told() -> None:
    assert expand("${a}-${none}-${more^^}-${none}", _VALUES) == Expanded(
        "hello-${none}-${more^^}-${none}", ("none", "more")
    )
    assert expand("${empty:-${none}}", _VALUES) == Expanded("${none}", ("none",))
    assert expand("${a:-${none}}", _VALUES) == Expanded("hello")


@pytest.mark.parametrize("text", ["${}", "${a", "${a-x}", "${a b}", "${a/x}", "${${a}}", "${a:"])
def test_what_flux_refuses_is_refused(text: str) -> None:
    with pytest.raises(BadSubstitutionError):
        expand(text, _VALUES)


def test_an_escaped_variable_is_none() -> None:
    assert [holds_variable(text) for text in ("${a}", "x${a:-b}", "$${a}", "$a", "{a}")] == [
        True,
        True,
        False,
        False,
        False,
    ]
