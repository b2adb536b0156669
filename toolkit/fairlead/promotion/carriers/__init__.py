"""Who answers for a difference. One file a carrier, one line here; the first that claims it decides.

A carrier only says: is this difference mine, what exactly is replaced, why.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.promotion.carriers import (
    branches,
    guarded,
    images,
    marked,
    owned_names,
    owned_values,
    refs,
    secrets,
    version_names,
    version_values,
)
from fairlead.promotion.views import Claim, Surroundings, View

Carrier = Callable[[View, Surroundings], Claim | None]

CARRIERS: tuple[Carrier, ...] = (
    secrets.claim,
    refs.claim,
    branches.claim,
    images.claim,
    guarded.claim,
    marked.claim,
    version_names.claim,
    owned_names.claim,
    version_values.claim,
    owned_values.claim,
)
