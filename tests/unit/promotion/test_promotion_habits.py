"""What earlier promotions say of the default."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.model.plan import FieldClass, Unit, Verdict
from fairlead.promotion.habits import Pace, Past, choose, past
from fairlead.promotion.lessons import Lesson, Pending, Turn, bases, lesson, missing
from fairlead.promotion.units import gather
from tests.promoting import FILE, a_move, around, moves

TEXT = "images:\n- name: a\n  newTag: a{}\n- name: b\n  newTag: b{}\n"
KEYS = ["images[a].newTag", "images[b].newTag"]


def text(a: int, b: int) -> str:
    return TEXT.format(a, b)


def taught(lower: str, before: str, after: str, target: str = "production") -> Lesson | None:
    turn = Turn("apps/web/overlays/staging/kustomization.yaml", FILE, lower.encode(), before.encode(), after.encode(),
                "kustomization.yaml")  # fmt: skip
    return lesson([turn], around(env=target), "the change")


def history(*steps: tuple[str, str, str]) -> tuple[Lesson, ...]:
    """Lessons of steps that are given oldest first, newest first."""
    return tuple(x for x in (taught(*s) for s in reversed(steps)) if x is not None)


def pending(lower: str, target: str) -> tuple[Unit, ...]:
    return gather(moves(lower, target))


def chosen(units: Sequence[Unit]) -> list[str]:
    return [u.moves[0].field.partition(": ")[2] for u in units if u.chosen]


def choices(lower: str, target: str, lessons: tuple[Lesson, ...], pace: Pace = Pace.HABIT) -> list[str]:
    known = past(lessons, "production", [FILE])
    return chosen(choose(pending(lower, target), known, "production", pace))


# a is promoted again and again; b waits at 2
ONE_BY_ONE = [(text(n + 1, 2), text(n, 1), text(n + 1, 1)) for n in range(1, 9)]


def test_a_lesson_tells_what_was_pending_and_what_was_taken():
    found = taught(text(2, 2), text(1, 1), text(2, 1))
    assert found is not None
    assert [(sorted(f for _, f in u.places), u.new, u.default, u.taken) for u in found.units] == [
        (["kustomization.yaml: images[a].newTag"], "a2", True, True),
        (["kustomization.yaml: images[b].newTag"], "b2", True, False),
    ]


def test_a_change_that_took_nothing_of_the_source_is_no_lesson():
    assert taught(text(2, 2), text(1, 1), text(7, 1)) is None


def test_without_history_every_version_is_the_default():
    assert choices(text(2, 2), text(1, 1), ()) == KEYS


def test_where_people_took_one_at_a_time_without_exception_so_does_the_default():
    lessons = history(*ONE_BY_ONE)
    assert choices(text(10, 2), text(9, 1), lessons) == KEYS[:1]
    (held,) = [u for u in choose(pending(text(10, 2), text(9, 1)), past(lessons, "production", [FILE]), "production")
               if not u.chosen]  # fmt: skip
    assert (held.moves[0].verdict, held.moves[0].reason) == (
        Verdict.OFFER,
        "people take one revision at a time here (8 of the last 8 times); this one was left behind 8 times, first by "
        "the change",
    )  # fmt: skip


def test_the_pace_can_be_set():
    lessons = history(*ONE_BY_ONE)
    assert choices(text(10, 2), text(9, 1), lessons, Pace.ALL) == KEYS
    assert choices(text(10, 2), text(9, 1), lessons[-1:], Pace.HABIT) == KEYS
    assert choices(text(10, 2), text(9, 1), lessons[-1:], Pace.ONE) == KEYS[:1]


def test_an_exception_of_late_makes_all_the_default_again():
    together = (text(10, 3), text(9, 1), text(10, 3))
    lessons = history(*ONE_BY_ONE, together)
    assert choices(text(11, 4), text(10, 3), lessons) == KEYS


THREE = TEXT + "- name: c\n  newTag: c{}\n"


def test_a_revision_that_never_was_the_one_is_not_trusted_to_be():
    steps = [(THREE.format(1, n + 1, 2), THREE.format(1, n, 1), THREE.format(1, n + 1, 1)) for n in range(5)]
    lessons = history(*steps)
    assert choices(THREE.format(1, 6, 2), THREE.format(1, 5, 1), lessons) == ["images[b].newTag"]
    assert choices(THREE.format(2, 5, 2), THREE.format(1, 5, 1), lessons) == [KEYS[0], "images[c].newTag"]


def test_three_in_such_a_situation_are_enough_where_the_field_was_among_them():
    assert choices(text(5, 2), text(4, 1), history(*ONE_BY_ONE[1:3])) == KEYS
    assert choices(text(6, 2), text(5, 1), history(*ONE_BY_ONE[:4])) == KEYS[:1]


def test_files_have_habits_of_their_own():
    other = a_move("values.yaml: image.tag", "1", "2", path="apps/web/overlays/production/values.yaml")
    units = (*pending(text(10, 2), text(9, 1)), *gather([other]))
    known = past(history(*ONE_BY_ONE), "production", [FILE])
    assert chosen(choose(units, known, "production")) == [KEYS[0], "image.tag"]


def sibling(lower: str, before: str, after: str) -> Lesson:
    found = taught(lower, before, after, target="production-eu")
    assert found is not None
    return found


def test_what_a_sibling_did_teaches_too():
    steps = [(text(n + 1, n + 1), text(n, 1), text(n + 1, 1)) for n in range(1, 5)]
    lessons = tuple(sibling(*step) for step in reversed(steps))
    units = choose(pending(text(7, 7), text(1, 1)), past(lessons, "production", [FILE]), "production")
    assert [u.moves[0].reason for u in units] == [
        "images: newTag",
        "people take one revision at a time in environments beside this one (4 of the last 4 times)",
    ]
    assert choices(text(7, 7), text(1, 1), lessons[2:]) == KEYS


def test_what_a_sibling_passed_over_comes_later():
    lessons = (sibling(text(2, 2), text(1, 1), text(1, 2)),)
    assert choices(text(2, 2), text(1, 1), lessons) == KEYS[::-1]
    assert choices(text(3, 2), text(1, 1), lessons) == KEYS


def test_where_a_sibling_took_another_the_habit_is_not_sure():
    lessons = history(*ONE_BY_ONE)
    other, same = sibling(text(5, 3), text(5, 1), text(5, 3)), sibling(text(5, 2), text(5, 1), text(5, 2))
    assert choices(text(10, 2), text(9, 1), (other, *lessons)) == KEYS[:1]
    assert choices(text(10, 2), text(9, 1), (same, *lessons)) == KEYS


def test_what_people_passed_over_comes_last():
    lessons = history((text(2, 2), text(1, 1), text(1, 2)))
    assert choices(text(2, 3), text(1, 2), lessons) == KEYS[::-1]


def test_a_version_that_never_went_with_the_others_is_held_back():
    three = TEXT + "- name: c\n  newTag: c{}\n"
    steps = [(three.format(n + 1, n + 1, 2), three.format(n, n, 1), three.format(n + 1, n + 1, 1)) for n in range(1, 6)]
    units = choose(pending(three.format(7, 7, 2), three.format(6, 6, 1)), past(history(*steps), "production", [FILE]),
                   "production")  # fmt: skip
    assert chosen(units) == KEYS
    assert units[-1].moves[0].reason == "production has kept its own value through 5 promotions"


def test_what_people_carried_though_it_was_only_offered_becomes_the_default():
    log = "format: {}\n"
    steps = [(log.format(f"x{n}y"), log.format(f"x{n - 1}y"), log.format(f"x{n}y")) for n in (1, 2)]
    lessons = history(*steps)
    assert choices(log.format("zz"), log.format("x2y"), lessons[:1]) == []
    assert choices(log.format("zz"), log.format("x2y"), lessons) == ["format"]


def test_what_a_sibling_took_becomes_the_default():
    log = "format: {}\n"
    sibling = Lesson(
        "eu", frozenset({"other"}), (Pending(frozenset({("other", "x.yaml: format")}), "a", "zz", False, True),)
    )
    assert choices(log.format("zz"), log.format("a"), (sibling,)) == ["format"]
    assert choices(log.format("yy"), log.format("a"), (sibling,)) == []


def test_what_may_be_dangerous_never_does():
    move = a_move("kustomization.yaml: spec.version", "2", "1", Verdict.OFFER, field_class=FieldClass.OFFERED)
    sibling = Lesson("eu", frozenset({"o"}), (Pending(frozenset({("o", "k: spec.version")}), "2", "1", False, True),))
    assert chosen(choose(gather([move]), Past((), (sibling,)), "production")) == []


def test_images_come_first_and_what_stands_at_more_places():
    ref = "resources:\n- https://example.com/o/r/c?ref={0}{0}\n- https://example.com/o/r/d?ref={0}{0}\n"
    source = "chartVersion: 1.3.0\n" + ref.format("b2" * 10) + text(2, 1)
    target = "chartVersion: 1.2.0\n" + ref.format("a1" * 10) + text(1, 1)
    assert chosen(choose(pending(source, target), Past(), "production")) == [
        "images[a].newTag", "resources[https://example.com/o/r/c]", "chartVersion",
    ]  # fmt: skip


# ── without a ledger ──


def test_what_the_target_changed_since_a_commit_by_hand_is_kept():
    lessons = history((text(2, 1), text(1, 1), text(2, 1)))
    here = moves(text(2, 1), text(7, 1))
    known = missing(lessons, {}, here)
    (move,) = moves(text(2, 1), text(7, 1), bases=known)
    assert (move.verdict, move.reason) == (
        Verdict.OFFER,
        "the target's own change since the change ('a2' -> 'a7'): a hotfix stays; "
        "`fairlead backport web production` carries it to the source, too",
    )  # fmt: skip


def test_but_a_newer_value_of_the_source_is_no_conflict():
    lessons = history((text(2, 1), text(1, 1), text(2, 1)))
    (move,) = moves(text(3, 1), text(7, 1), bases=bases(lessons))
    assert move.verdict is Verdict.PROMOTE


def test_and_what_was_taken_back_by_hand_may_come_again():
    lessons = history((text(2, 1), text(1, 1), text(2, 1)))
    (move,) = moves(text(2, 1), text(1, 1), bases=bases(lessons))
    assert move.verdict is Verdict.PROMOTE


def test_the_ledger_is_believed_first():
    lessons = history((text(2, 1), text(1, 1), text(2, 1)))
    here = moves(text(2, 1), text(7, 1))
    (place,) = missing(lessons, {}, here)
    assert missing(lessons, {place: bases(lessons)[place]}, here) == {}


def test_nor_what_went_back_further():
    lessons = history((text(2, 1), text(1, 1), text(2, 1)), (text(3, 1), text(2, 1), text(3, 1)))
    assert missing(lessons, {}, moves(text(3, 1), text(1, 1))) == {}
    (move,) = moves(text(3, 1), text(1, 1), bases=bases(lessons))
    assert move.verdict is Verdict.PROMOTE
