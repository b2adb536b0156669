"""What a plan writes is looked up in its source: by field and value, whatever the plan says of itself."""

from __future__ import annotations

import pytest

from fairlead.model.changes import DropFile, Edit, NewFile
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.promotion.proof import Ground, unfounded

SOURCE, TARGET = "dev/a.yaml", "prod/a.yaml"


def move(*changes, carrier: str = "rest", at: str = SOURCE) -> Move:
    return Move(
        "a.yaml: x", "", "", FieldClass.VERSION, Verdict.PROMOTE, "", carrier, changes, Where(at, 1, 1), Where(TARGET)
    )


def edit(text: str, old: str, new: str, path: str = TARGET) -> Edit:
    start = text.index(old)
    return Edit(path, start, start + len(old), old.encode(), new.encode())


def faults(source: str, target: str, *pairs: tuple[str, str]) -> list[str]:
    """What is unfounded where these texts of the target are replaced."""
    files = {SOURCE: source.encode(), TARGET: target.encode()}
    edits = [edit(target, old, new) for old, new in pairs]
    return [f.told for f in unfounded(Ground(files.get, files.get, ("dev", "prod")), [move(*edits)])]


@pytest.mark.parametrize(
    ("source", "target", "old", "new"),
    [
        ("tag: 2\n", "tag: 1\n", "1", "2"),
        ("image: dev.io/web:2\n", "image: prod.io/web:1\n", "1", "2"),
        ('v: "1.20"\n', "v: 1.19\n", "1.19", '"1.20"'),
        ("a: 1\nb: 7\n", "a: 1\n", "1\n", "1\nb: 7\n"),
        ("a: 1 # v2\n", "a: 1 # v1\n", "# v1", "# v2"),
        ("images: [{name: dev-web, newTag: 2}]\n", "images: [{name: prod-web, newTag: 1}]\n", "1", "2"),
        ("images: [{name: w, digest: a:b}]\n", "images: [{name: w, newTag: 1}]\n", "newTag: 1", "digest: a:b"),
        ("p: |\n  - {op: add, path: /x, value: 2}\n", "p: |\n  - {op: add, path: /x, value: 1}\n", "1", "2"),
        ("resources: [new.yaml]\n", "resources: [old.yaml]\n", "old.yaml", "new.yaml"),
        ("a: 1\n", "a: 1\nb: 7\n", "b: 7\n", ""),
    ],
)  # fmt: skip
def test_what_the_source_holds_at_the_field_is_founded(source, target, old, new):
    assert faults(source, target, (old, new)) == []


@pytest.mark.parametrize(
    ("source", "target", "old", "new", "told"),
    [
        ("tag: 2\n", "tag: 1\n", "1", "3", "tag: its source does not hold '3'"),
        ("tag: 2\nport: 3\n", "tag: 1\nport: 4\n", "1", "3", "tag: its source does not hold '3'"),
        ("a: 1\nb: 7\n", "a: 1\nb: 7\n", "b: 7\n", "", "b goes, and its source still has it"),
        ("a: 1\n", "a: 1\n", "1\n", "1\nb: 7\n", "b: its source does not hold '7'"),
        ("a: 1\nb: 1\n", "a: 1\n", "a", "b", "a goes, and its source still has it"),
        ("a: 1\n", "a: 1 # mine\n", "mine", "ignore", "its source does not hold 'ignore'"),
        ("a: 1\n", "a: 1\n", "1", "[", "it can't be read"),
        ("i:\n- {name: a, t: 1}\n- {name: a, t: 2}\n", "i:\n- {name: a, t: 1}\n- {name: a, t: 5}\n", "5", "1",
         "i[a#2].t: its source does not hold '1'"),
        ("p: |\n  - {op: add, path: /x, value: 2}\n", "p: |\n  - {op: add, path: /x, value: 1}\n", "/x", "/y",
         "its source does not hold '/y'"),
    ],
)  # fmt: skip
def test_what_it_does_not_hold_there_is_told(source, target, old, new, told):
    found = faults(source, target, (old, new))
    if told == "it can't be read":
        assert found
    else:
        assert any(told in text for text in found), found


TWO = "kind: A\nmetadata: {name: %s}\nspec: {mine: %s}\n"
ONE_MORE = "---\nkind: B\nmetadata: {name: b}\n"


def test_what_an_edit_only_gives_another_name_is_not_asked_for():
    """A second document makes the first one's fields be called by its kind and name; so does a name that changes."""
    source, target = TWO % ("x", "dev") + ONE_MORE, TWO % ("x", "own") + "# end\n"
    assert faults(source, target, ("# end\n", ONE_MORE)) == []
    assert faults(TWO % ("y", "dev"), TWO % ("x", "own"), ("name: x", "name: y")) == []


def test_an_env_file_is_founded_line_by_line():
    source, target = "A=2\nB=7\n", "A=1\nC=3\n"
    files = {"dev/x.env": source.encode(), "prod/x.env": target.encode()}
    ground = Ground(files.get, files.get, ())

    def told(old: str, new: str) -> list[str]:
        changed = edit(target, old, new, "prod/x.env")
        return [f.told for f in unfounded(ground, [move(changed, at="dev/x.env")])]

    assert told("1", "2") == []
    assert told("C=3\n", "C=3\nB=7\n") == []
    assert told("1", "7") == ["its source does not hold the line 'A=7'"]
    assert told("C=3\n", "C=3\nD=7\n") == ["its source does not hold the line 'D=7'"]


def test_files_come_and_go_as_the_source_has_them():
    files = {SOURCE: b"a: 1\n", "prod/b.yaml": b"b: 1\n"}
    ground = Ground(files.get, files.get, ("dev", "prod"))

    def told(change, *carriers: str) -> list[str]:
        return [f.told for f in unfounded(ground, [move(change, carrier=carrier) for carrier in carriers])]

    assert told(NewFile(TARGET, b"a: 1\n", 0o100644), "files") == []
    assert told(NewFile(TARGET, b"a: 1\n", 0o100644), "rest", "files") == []  # the entry that names it brings it along
    assert told(NewFile(TARGET, b"a: 1\n", 0o100644), "rest") == ["the file is none that its source has"]
    for data, mode, name in (
        (b"a: 2\n", 0o100644, TARGET),
        (b"a: 1\n", 0o120000, TARGET),
        (b"a: 1\n", 0o100644, "prod/c"),
    ):
        assert told(NewFile(name, data, mode), "files") == [f"the file is not {SOURCE} of its source"]
    assert told(DropFile(TARGET, "0"), "files") == [f"the file goes, and its source still has {SOURCE}"]


def test_an_edit_of_what_stands_no_more_is_told():
    files = {SOURCE: b"a: 2\n", TARGET: b"a: 5\n"}
    wrong = Edit(TARGET, 3, 4, b"1", b"2")
    (fault,) = unfounded(Ground(files.get, files.get, ()), [move(wrong)])
    assert "no longer holds what the plan replaces" in fault.told
