"""The history of the environments, as a value."""

from __future__ import annotations

from fairlead.model.history import History, Record, Verb


def record(number: int, env: str, app: str = "web") -> Record:
    return Record(Verb.CHANGE, app, "", env, f"c{number}", f"c{number - 1}", 7, "seen", "", "", "", ("x",))


def test_the_newest_of_several_environments_keep_the_order_of_the_branch():
    history = History(
        (record(6, "eu"), record(5, "us"), record(4, "eu", "api"), record(3, "eu"), record(2, "eu"), record(1, "us"))
    )
    assert [r.commit for r in history.newest("web", ("us", "eu"), 2)] == ["c6", "c5", "c3", "c1"]
