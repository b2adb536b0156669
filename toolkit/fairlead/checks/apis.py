"""Whether a cluster serves an object's API: what Kubernetes has removed, or a definition does not serve."""

from __future__ import annotations

from fairlead.checks.context import Judged
from fairlead.checks.lifecycle import BUILT_IN, Lifecycle, lifecycle, number
from fairlead.checks.objects import Object
from fairlead.model.values import dataclass
from fairlead.repo.names import near_miss


@dataclass(frozen=True)
class Absence:
    """Why an API is not served, and what to write instead. `certain` where no cluster that is supported has it.

    `at` is the field at fault.
    """

    message: str
    remedy: str
    certain: bool = True
    at: str = "apiVersion"


def absence(judged: Judged, rendered: Object) -> Absence | None:
    """Why the cluster of the overlay's environment does not serve an object's API; None where it may."""
    known = lifecycle(rendered.api_version, rendered.kind)
    if known is not None and gone(known, judged.kubernetes):
        oldest = (judged.shared.schemas.versions() or ("",))[0]
        return Absence(f"was removed in Kubernetes {known.removed}", instead(known), gone(known, oldest))
    coverage = judged.schemas.of(rendered)
    if coverage.schemas or coverage.broken is not None:
        return None
    if coverage.defined and (coverage.version is None or not coverage.version.served):
        fault = "is not served by" if coverage.version is not None else "is not in"
        remedy = "write " + " or ".join(coverage.served) if coverage.served else "have the definition serve a version"
        return Absence(f"{fault} the definition in {coverage.defined}", remedy)
    if rendered.group in BUILT_IN and judged.kubernetes in judged.shared.schemas.versions():
        return _unknown(judged, rendered)
    return None


def _unknown(judged: Judged, rendered: Object) -> Absence:
    schemas = judged.shared.schemas
    having = [v for v in schemas.versions() if schemas.built_in(v, rendered) is not None]
    later = next((v for v in having if number(v) > number(judged.kubernetes)), None)
    if later is not None:
        return Absence(f"comes with Kubernetes {later}", f"not before {later} runs there", certain=False)
    close = near_miss(rendered.kind, schemas.kinds(judged.kubernetes, rendered.api_version), cutoff=0.75)
    if close:
        return Absence(f"has no kind {rendered.kind!r}", close, at="kind")
    return Absence("is no API of Kubernetes", "see that apiVersion and kind belong together: kubectl api-resources")


def unjudged(judged: Judged, rendered: Object) -> bool:
    """Whether nothing is known that an object could be judged by."""
    coverage = judged.schemas.of(rendered)
    return not coverage.schemas and coverage.broken is None and absence(judged, rendered) is None


def gone(known: Lifecycle, version: str) -> bool:
    """Whether a version has the API no more."""
    return bool(known.removed) and number(known.removed) <= number(version)


def instead(known: Lifecycle) -> str:
    """What to do about an API that goes."""
    return f"write {known.replacement}" if known.replacement else "there is nothing in its place: remove the object"
