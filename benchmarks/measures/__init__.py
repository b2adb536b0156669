"""The measures, in the order of the report."""

from benchmarks.bench import Measure
from benchmarks.measures import (
    base,
    check,
    growth,
    history,
    install,
    parity,
    plan,
    render,
    schemas,
    staged,
    start,
    warm,
)

MEASURES: tuple[Measure, ...] = (
    render.MEASURE,
    check.MEASURE,
    warm.MEASURE,
    staged.MEASURE,
    base.MEASURE,
    growth.MEASURE,
    parity.MEASURE,
    schemas.MEASURE,
    history.MEASURE,
    plan.MEASURE,
    install.MEASURE,
    start.MEASURE,
)
