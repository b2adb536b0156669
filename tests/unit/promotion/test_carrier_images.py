"""What the carrier of images claims, what it leaves to others, and which bytes it replaces."""

from __future__ import annotations

import pytest

from fairlead.model.plan import Verdict
from fairlead.promotion.carriers.images import Reference, parse
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import SHA, around, carried, judged, moves, the_move, told

OTHER = SHA[::-1]


def entry(*lines: str) -> str:
    return "images:\n- name: web\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", Reference("web", "", "")),
        ("r.io:5000/a/web:1.2", Reference("r.io:5000/a/web", "1.2", "")),
        (f"web@sha256:{SHA}", Reference("web", "", f"sha256:{SHA}")),
        (f"web:1@sha256:{SHA}", Reference("web", "1", f"sha256:{SHA}")),
        ("localhost:5000/web", Reference("localhost:5000/web", "", "")),
        ("Web:1", None), ("web:", None), ("web:1:2", None), ("a b", None), ("", None), ("web@sha256:12", None),
        ("http://r/web", None), ("web:-1", None), ("web:" + "a" * 129, None),
    ],
)  # fmt: skip
def test_references(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        (Reference("w", "1", ""), ":1"),
        (Reference("w", "", "sha256:a"), "@sha256:a"),
        (Reference("w", "1", "sha256:a"), ":1@sha256:a"),
        (Reference("w", "", ""), ""),
    ],
)
def test_what_moves_of_a_reference(reference, version):
    assert reference.version == version


@pytest.mark.parametrize(
    ("old", "new"),
    [("1.2.3", "1.2.4"), ('"1.2.3"', '"1.2.4"'), ("'1.20'", "'1.21'"), ("abc1234", "def5678"), ("v9", "v10")],
)
def test_a_new_tag_is_carried_and_nothing_else_changes(old, new):
    source = entry(f"newTag: {new}")
    target = entry("newName: mirror.example.com/web", f"newTag: {old}   # pinned")
    assert carried(source, target) == target.replace(old, new)
    (move,) = [m for m in moves(source, target) if m.field.endswith("newTag")]
    assert (move.carrier, move.reason, move.token) == (
        "images", "images: newTag", (old.strip("'\""), new.strip("'\"")),
    )  # fmt: skip


def test_a_number_takes_the_sources_quotes_into_a_plain_target():
    assert carried(entry('newTag: "1.20"'), entry("newTag: v1.19")) == entry('newTag: "1.20"')
    assert carried(entry("newTag: 1.20"), entry('newTag: "1.19"')) == entry('newTag: "1.20"')


def test_a_new_digest_is_carried():
    old, new = entry(f"digest: sha256:{SHA}"), entry(f"digest: sha256:{OTHER}")
    assert carried(new, old) == new
    assert judged(new, old) == ("images", "version", "promote")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("1.2.3", "latest", "'latest' floats: it names another build tomorrow"),
        ("1.2.4", "1.2.3", "it would go back from '1.2.4' to '1.2.3'"),
        ("release-1", "main-2", "'main-2' comes from another build channel than 'release-1'"),
    ],
)
def test_a_doubtful_tag_is_offered(old, new, why):
    move = the_move(entry(f"newTag: {new}"), entry(f"newTag: {old}"))
    assert (move.verdict, move.reason, len(move.changes)) == (Verdict.OFFER, why, 1)


@pytest.mark.parametrize(
    ("old", "new"), [("1.2.3-prod", "1.2.3-dev"), ("b-9c6668ca-1741178279", "b-9c6668ca-1741178296")]
)
def test_the_same_build_for_each_environment_is_owned(old, new):
    move = the_move(entry(f"newTag: {new}"), entry(f"newTag: {old}"))
    assert (move.verdict, move.reason) == (Verdict.KEEP, "the same build, made for each environment")


def test_a_registry_of_the_environments_own_is_kept():
    source, target = entry("newName: dev.example.com/shop/web"), entry("newName: prod.example.com/shop/web")
    move = the_move(source, target)
    assert (move.carrier, move.verdict, move.reason) == (
        "images", Verdict.KEEP, "the registry is the environment's own",
    )  # fmt: skip


def test_another_image_is_offered_whole():
    source, target = entry("newName: example.com/shop/web-next"), entry("newName: example.com/shop/web")
    move = the_move(source, target)
    assert (move.verdict, move.reason) == (Verdict.OFFER, "another image")
    (edit,) = move.changes
    assert (edit.old, edit.new) == (b"example.com/shop/web", b"example.com/shop/web-next")


DEPLOYMENT = """\
kind: Deployment
metadata: {name: web}
spec:
  containers:
  - name: web
    image: %s  # ours
"""


@pytest.mark.parametrize(
    ("target", "source", "result"),
    [
        ("prod.io/a/web:1.2", "dev.io/b/web:1.3", "prod.io/a/web:1.3"),
        ('"prod.io/web:1.2"', "dev.io/web:1.3", '"prod.io/web:1.3"'),
        (f"p.io/web@sha256:{SHA}", f"d.io/web@sha256:{OTHER}", f"p.io/web@sha256:{OTHER}"),
        (f"p.io/web:1@sha256:{SHA}", f"d.io/web:2@sha256:{OTHER}", f"p.io/web:2@sha256:{OTHER}"),
        ("p.io/web-prod:1.2", "d.io/web-dev:1.3", "p.io/web-prod:1.3"),
        ("p.io:5000/web:1.2", "web:1.3", "p.io:5000/web:1.3"),
        ("p.io/web:1.2", f"d.io/web@sha256:{SHA}", f"p.io/web@sha256:{SHA}"),
    ],
)
def test_of_an_image_line_only_tag_and_digest_move(target, source, result):
    assert carried(DEPLOYMENT % source, DEPLOYMENT % target) == DEPLOYMENT % result


@pytest.mark.parametrize(
    ("target", "source", "verdict", "reason"),
    [
        ("p.io/web:1.2", "d.io/web", Verdict.OFFER, "only one side names a tag"),
        ("p.io/web", "d.io/web:1.2", Verdict.OFFER, "only one side names a tag"),
        ("p.io/web:1.2", "p.io/api:1.3", Verdict.OFFER, "another image"),
        ("p.io/web:1.2", "d.io/web:1.2", Verdict.KEEP, "the registry is the environment's own"),
        ("p.io/web:1.2", "d.io/web:1.1", Verdict.OFFER, "it would go back from '1.2' to '1.1'"),
        (
            f"p.io/web:1.2@sha256:{SHA}", f"d.io/web:1.1@sha256:{OTHER}", Verdict.OFFER,
            "it would go back from '1.2' to '1.1'",
        ),
    ],
)  # fmt: skip
def test_image_lines_that_are_not_carried(target, source, verdict, reason):
    move = the_move(DEPLOYMENT % source, DEPLOYMENT % target)
    assert (move.carrier, move.verdict, move.reason) == ("images", verdict, reason)


@pytest.mark.parametrize("key", ["image", "sidecarImage", "INIT_IMAGE", "proxy-image"])
def test_keys_that_say_image(key):
    assert judged(f"{key}: d.io/web:1.3\n", f"{key}: p.io/web:1.2\n") == ("images", "version", "promote")


def test_a_reference_under_any_key_where_it_can_be_nothing_else():
    assert judged("what: d.io/web:1.3\n", "what: p.io/web:1.2\n") == ("images", "version", "promote")


@pytest.mark.parametrize(
    ("source", "target"),
    [("what: a:1", "what: a:2"), ("path: a/b", "path: a/c"), ("x: lower", "x: words"), ("replicas: 1", "replicas: 2")],
)
def test_what_only_looks_like_an_image_is_left_to_others(source, target):
    assert judged(source, target)[0] != "images"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_digest_in_place_of_a_tag_changes_key_and_value_together(newline):
    source = entry(f"digest: sha256:{SHA}")
    target = entry("newTag: 1.2.3 # was").replace("\n", newline)
    assert carried(source, target) == target.replace("newTag: 1.2.3", f"digest: sha256:{SHA}")
    assert told(moves(source, target)) == [f"promote images[web].digest: newTag: 1.2.3 -> digest: sha256:{SHA}"]


def test_a_tag_in_place_of_a_digest_is_offered():
    source, target = entry("newTag: 1.2.3"), entry(f"digest: sha256:{SHA}")
    move = the_move(source, target)
    assert (move.verdict, move.reason, move.carrier) == (
        Verdict.OFFER, "the target is pinned by digest, the source is not", "images",
    )  # fmt: skip
    (edit,) = move.changes
    assert edit.new == b"newTag: 1.2.3"


@pytest.mark.parametrize(
    ("rules", "verdict", "reason"),
    [
        (PromoteRules(own=(FieldPattern("images[[]web].*".replace("[[]", "[")),)), Verdict.KEEP, "own"),
        (PromoteRules(offer=(FieldPattern("images*"),)), Verdict.OFFER, "offer"),
    ],
)
def test_the_configuration_has_the_last_word_on_a_switch_too(rules, verdict, reason):
    source, target = entry(f"digest: sha256:{SHA}"), entry("newTag: 1.2.3")
    move = the_move(source, target, around(rules))
    assert (move.verdict, reason in move.reason) == (verdict, True)
    assert bool(move.changes) is (verdict is Verdict.OFFER)


def test_a_marked_line_is_not_switched():
    move = the_move(entry(f"digest: sha256:{SHA}"), entry("newTag: 1.2.3 # fairlead: own"))
    assert (move.verdict, move.changes, move.reason) == (Verdict.KEEP, (), "marked `# fairlead: own`")


def test_an_aliased_tag_is_offered_never_edited():
    source = "a: x\n" + entry("newTag: 1.2.4")
    target = "a: &tag 1.2.3\n" + entry("newTag: *tag")
    (move,) = [m for m in moves(source, target) if m.field.endswith("newTag")]
    assert (move.verdict, move.changes) == (Verdict.OFFER, ())
    assert move.reason == "images: newTag; it can't be edited without touching something else"


def test_an_aliased_tag_is_not_switched():
    source, target = entry(f"digest: sha256:{SHA}"), "a: &tag 1.2.3\n" + entry("newTag: *tag")
    assert [m.changes for m in moves(source, target)] == [(), (), ()]


def test_tags_of_another_image_are_another_field():
    source = entry("newTag: 1.2.4") + "- name: api\n  newTag: 7.0.0\n"
    target = entry("newTag: 1.2.3") + "- name: api\n  newTag: 6.0.0\n"
    assert told(moves(source, target)) == [
        "promote images[web].newTag: 1.2.3 -> 1.2.4", "promote images[api].newTag: 6.0.0 -> 7.0.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["${REGISTRY}/org/web", "${REGISTRY:-r.io:5000}/web", "$(REGISTRY)/web", r"r.io/\${IMAGE}"]
)
def test_a_name_that_is_filled_in_later_is_a_name(name):
    line = "image: {}:{} # ours\n"
    assert carried(line.format(name, "1.5.0"), line.format(name, "1.4.2")) == line.format(name, "1.5.0")
