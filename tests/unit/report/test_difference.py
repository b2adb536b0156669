"""What a change does to the rendered objects, grouped."""

from __future__ import annotations

from fairlead.report.difference import Group, groups, objects


def obj(kind: str, name: str, body: str = "", namespace: str = "") -> str:
    space = f"  namespace: {namespace}\n" if namespace else ""
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n{space}{body}"


def stream(*documents: str) -> str:
    return "---\n".join(documents)


def test_objects_by_kind_name_and_namespace():
    text = stream(obj("Service", "web"), obj("Service", "web", namespace="prod"), obj("Deployment", "web"))
    assert list(objects(text)) == ["Service/web", "Service/web in prod", "Deployment/web"]


def test_the_hash_of_a_generated_name_is_no_part_of_it():
    text = stream(obj("ConfigMap", "web-7h2t5gk9mc"), obj("Secret", "web-2b8f6d4h9k"), obj("Pod", "web-7h2t5gk9mc"))
    assert list(objects(text)) == ["ConfigMap/web", "Secret/web", "Pod/web-7h2t5gk9mc"]


def test_two_of_one_name_are_told_apart():
    text = stream(obj("ConfigMap", "web-7h2t5gk9mc"), obj("ConfigMap", "web-2b8f6d4h9k"), obj("ConfigMap", "web"))
    assert list(objects(text)) == ["ConfigMap/web", "ConfigMap/web #2", "ConfigMap/web #3"]


def test_names_inside_an_object_do_not_name_it():
    text = obj("Deployment", "web", "spec:\n  containers:\n  - name: other\n    kind: Trap\n")
    assert list(objects(text)) == ["Deployment/web"]
    assert list(objects("apiVersion: v1\n")) == ["?/?"]
    assert objects("") == objects("---\n---\n") == {}


def test_equal_renderings_have_no_groups():
    assert groups([("a", "x: 1\n", "x: 1\n")]) == ()
    one, two = obj("A", "a"), obj("B", "b")
    assert groups([("a", stream(one, two), stream(two, one))]) == ()


def test_overlays_with_the_same_change_are_one_group_whatever_stands_around_it():
    def web(tag: str, namespace: str) -> str:
        return obj("Deployment", "web", f"image: web:{tag}\n", namespace)

    rows = [(f"o{i:02}", web("1", f"n{i}"), web("2", f"n{i}")) for i in range(47)]
    (group,) = groups(reversed(rows))
    assert (group.subject, group.overlays) == ("Deployment/web", tuple(f"o{i:02}" for i in range(47)))
    assert group.lines == ("@@ -4,3 +4,3 @@", "   name: web", "   namespace: n0", "-image: web:1", "+image: web:2")
    assert group.where == "47 overlays: o00, o01, o02 and 44 more"
    assert [g.where for g in groups([*rows[:2], ("other", web("1", "n"), web("3", "n"))])] == [
        "2 overlays: o00, o01", "other",
    ]  # fmt: skip


def test_what_is_removed_comes_first_and_whole():
    old = stream(obj("Service", "z"), obj("ConfigMap", "a", "data:\n  x: one\n"))
    new = stream(obj("ConfigMap", "a", "data:\n  x: two\n"), obj("Added", "b"))
    found = groups([("o", old, new)])
    assert [g.subject for g in found] == ["Service/z", "ConfigMap/a", "Added/b"]
    assert found[0].lines == (
        "@@ -1,4 +0,0 @@", "-apiVersion: v1", "-kind: Service", "-metadata:", "-  name: z",
    )  # fmt: skip


def test_a_generated_config_map_reads_as_changed():
    old, new = (obj("ConfigMap", f"web-{h}", f"data:\n  x: {v}\n") for h, v in (("7h2t5gk9mc", 1), ("2b8f6d4h9k", 2)))
    (group,) = groups([("o", old, new)])
    assert group.subject == "ConfigMap/web"
    assert [line for line in group.lines if line[0] in "+-"] == [
        "-  name: web-7h2t5gk9mc", "+  name: web-2b8f6d4h9k", "-  x: 1", "+  x: 2",
    ]  # fmt: skip


def secret(*rows: str, name: str = "web") -> str:
    return obj("Secret", name, "data:\n" + "".join(f"  {row}\n" for row in rows) + "type: Opaque\n")


def told(before: str, after: str) -> tuple[Group, str]:
    (group,) = groups([("o", before, after)])
    return group, "\n".join(group.lines)


def test_the_data_of_a_secret_is_not_shown_but_that_it_changes_is():
    group, text = told(secret("a: aHVudGVyMg==", "same: c2FtZQ=="), secret("a: aHVudGVyMw==", "same: c2FtZQ=="))
    assert group.subject == "Secret/web"
    assert [line for line in group.lines if line[0] in "+-"] == ["-  a: (secret)", "+  a: (secret, changed)"]
    assert not any(v in text for v in ("aHVudGVyMg", "aHVudGVyMw", "c2FtZQ"))


def test_a_secret_that_comes_or_goes_is_shown_without_its_data():
    for before, after in (("", secret("a: aHVudGVyMg==")), (secret("a: aHVudGVyMg=="), "")):
        _, text = told(before, after)
        assert "aHVudGVyMg" not in text
        assert "  a: (secret)" in text


def test_keys_of_a_secret_that_come_and_go_are_shown():
    _, text = told(secret("a: YQ=="), secret("b: Yg=="))
    assert [line for line in text.splitlines() if line[0] in "+-"] == ["-  a: (secret)", "+  b: (secret)"]


def test_long_and_odd_values_of_a_secret_are_not_shown():
    block = obj(
        "Secret",
        "web",
        "stringData:\n  a: |\n    hunter2\n\n    hunter3\n  b: >-\n    hunter4\n  'c d': hunter5\ntype: x\n",
    )
    _, text = told(block, block.replace("hunter", "letmein").replace("type: x", "type: y"))
    assert not any(v in text for v in ("hunter", "letmein"))
    assert [line for line in text.splitlines() if line[0] in "+-"] == [
        "-  a: (secret)", "-  b: (secret)", "-  'c d': (secret)", "-type: x",
        "+  a: (secret, changed)", "+  b: (secret, changed)", "+  'c d': (secret, changed)", "+type: y",
    ]  # fmt: skip


def test_other_lines_of_a_secret_are_shown():
    _, text = told(secret("a: YQ=="), secret("a: YQ==").replace("Opaque", "kubernetes.io/tls"))
    assert [line for line in text.splitlines() if line[0] in "+-"] == ["-type: Opaque", "+type: kubernetes.io/tls"]


def test_secret_data_in_an_odd_form_is_not_shown():
    _, text = told(obj("Secret", "web", "data: {a: hunter2}\n"), obj("Secret", "web", "data: {a: hunter3}\n"))
    assert "hunter" not in text
    assert "changed" in text
