"""A field found again by its name, in another version of its file or in the other environment's."""

from __future__ import annotations

import re

from fairlead.edit.nodes import Scalar, parse
from fairlead.promotion.align import Aligner, Pair
from fairlead.promotion.words import neutral


def leaves(data: bytes, words: tuple[str, ...] = ()) -> dict[str, Scalar]:
    """Field name -> scalar, of a whole file; environments' words in names are made neutral.

    Raises:
        SyntaxProblem: where the file can't be read.
    """
    stream = parse(data)
    found: dict[str, Scalar] = {}
    for pair in Aligner(stream, stream, words, equal=True).differences():
        if isinstance(pair, Pair):
            found.setdefault(neutral(pair.field, words), pair.target)
    return found


def leaf_at(data: bytes, field: str, words: tuple[str, ...] = ()) -> Scalar | None:
    """The scalar that a field name leads to; None where there is none. Raises SyntaxProblem."""
    return leaves(data, words).get(neutral(field, words))


def contains(text: str, part: str) -> bool:
    """Whether a value is this, or has it as a part of its own: the tag of an image."""
    return re.search(rf"(?<![\w.-]){re.escape(part)}(?![\w.-])", text) is not None


def is_below(field: str, above: str) -> bool:
    """Whether a field stands in another, by its name; every field stands in the whole file, which has none."""
    return not above or (field.startswith(above) and field[len(above) :].startswith((".", "[", ": ", " » ")))
