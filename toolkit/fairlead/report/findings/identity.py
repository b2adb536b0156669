"""Which finding is which, from one run to the next, though lines have moved meanwhile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from fairlead.model.findings import Finding
from fairlead.model.shards import digest

_PLACE = re.compile(r":\d+:\d+|\bline \d+|(?<=\bat )\d+:\d+")  # in messages that name a second place


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """One a finding, each another: rule, file, object, message, and which of several that are alike in these.

    Lines and columns don't count, not even those in a message; nor does how bad it is. In the order of `findings`.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    out = [""] * len(findings)
    for at in sorted(range(len(findings)), key=lambda at: findings[at].where):
        finding = findings[at]
        key = (finding.rule, finding.where.path, finding.subject, _PLACE.sub("", finding.message))
        seen[key] += 1
        out[at] = digest((*key, str(seen[key])))
    return tuple(out)
