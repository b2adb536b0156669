"""Values that another program keeps."""

from __future__ import annotations

from fairlead.model.plan import FieldClass, Verdict
from fairlead.promotion.views import Keeper
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import FILE, around, judged, moves, the_move

SOURCE = 'tag: 1.2.4 # {"$imagepolicy": "flux-system:web:tag"}\n'
TARGET = 'tag: 1.2.3 # {"$imagepolicy": "flux-system:web:tag"}\n'


def by_flux(path: str) -> tuple[Keeper, ...]:
    return (Keeper("ImageUpdateAutomation/all", (FILE,), marked=True),) if path == FILE else ()


def test_a_marked_value_that_flux_keeps_is_offered_with_the_writer_named():
    move = the_move(SOURCE, TARGET, around(keepers=by_flux))
    assert (move.carrier, move.field_class, move.verdict, move.reason) == (
        "writers", FieldClass.AUTOMATED, Verdict.OFFER, "ImageUpdateAutomation/all keeps this value",
    )  # fmt: skip
    (edit,) = move.changes
    assert (edit.old, edit.new) == (b"1.2.3", b"1.2.4")


def test_a_marked_value_that_nobody_keeps_is_a_version():
    assert judged(SOURCE, TARGET) == ("marked", "version", "promote")
    assert judged(SOURCE.replace("tag:", "what:"), TARGET.replace("tag:", "what:")) == (
        "marked", "version", "promote",
    )  # fmt: skip


def test_a_value_without_a_mark_is_nobodys_though_the_file_is_kept():
    assert judged("tag: 1.2.4\n", "tag: 1.2.3\n", around(keepers=by_flux))[0] == "version-names"


def test_only_the_targets_mark_counts():
    value, mark = moves(SOURCE, "tag: 1.2.3\n", around(keepers=by_flux))
    assert (value.carrier, value.verdict) == ("version-names", Verdict.PROMOTE)
    assert (mark.carrier, mark.verdict, mark.reason) == ("comments", Verdict.OFFER, "it tells who writes")


def test_the_configuration_can_take_it_back_from_the_writer():
    rules = PromoteRules(carry=(FieldPattern("tag"),))
    assert judged(SOURCE, TARGET, around(rules, keepers=by_flux)) == ("writers", "version", "promote")
