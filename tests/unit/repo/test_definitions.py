"""Definitions are found by the bytes of files, however they are written; what only looks like one is none."""

from __future__ import annotations

import pytest

from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.definitions import Definitions, Known, find

_HEAD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: widgets.example.com\n"
_SPEC = "spec:\n  group: example.com\n  names:\n    kind: Widget\n    plural: widgets\n"
ONE = _HEAD + _SPEC


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        ONE.replace("\n", "\r\n"),
        "\ufeff" + ONE,
        _SPEC + _HEAD,
        _HEAD.replace("CustomResourceDefinition", '"CustomResourceDefinition"  # a comment') + _SPEC,
        _HEAD  # four blanks, a comment
        + "spec: # ours\n# another\n\n    names:\n        plural: w\n        kind: 'Widget'\n"
        + '    group: "example.com"\n',
        _HEAD
        + "spec:\n  group: example.com # ours\n  versions:\n  - name: v1\n    names:\n      kind: No\n"
        + "  names: {kind: Widget}\n",
        _HEAD + "spec: {group: example.com, names: {kind: Widget}}\n",
        _HEAD + "spec:\n  group: &g example.com\n  names:\n    kind: &k Widget\n",
        '{"kind": "CustomResourceDefinition", "spec": {"group": "example.com", "names": {"kind": "Widget"}}}',
    ],
)
def test_group_and_kind_are_read_however_it_is_written(text: str) -> None:
    assert find(text.encode()) == [["example.com", "Widget"]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind: Role\nrules:\n- resources: [CustomResourceDefinition]\n",
        _HEAD,
        _HEAD + "spec: null\n",
        _HEAD + "spec:\n  group: [x]\n",
        "a: |\n" + "".join(f"  {line}\n" for line in ONE.splitlines()),
        '{"kind": "CustomResourceDefinition", "spec": []}',
        '{"kind": "CustomResourceDefinition", ' + '"a": [' * 100_000,
        ONE.replace("Widget", "[" * 100_000),
        "kind: CustomResourceDefinition\n" + "#" * (4 << 20),
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert find(text.encode()) == []


def test_each_document_of_a_file_is_told_from_the_others() -> None:
    files = {"all.yaml": f"a: b\n---\n{ONE}--- # second\n{ONE.replace('Widget', 'Gadget')}", "x.txt": ONE}
    found = Definitions(MemorySnapshot.of(files))
    assert found.kinds() == (("example.com", "Gadget"), ("example.com", "Widget"))
    (gadget,) = found.of("example.com", "Gadget")
    assert (gadget.path, gadget.number) == ("all.yaml", 2)
    assert "kind: Gadget" in found.text(gadget)
    assert found.digest("example.com/Gadget") != found.digest("example.com/Widget") != ""
    assert found.digest("example.com/Nothing") == ""


def test_a_blob_that_was_looked_at_is_not_read_again() -> None:
    files = {"a.yaml": ONE, "b.yaml": "kind: Service\n"}
    known = Known()
    assert Definitions(MemorySnapshot.of(files), known).kinds() == (("example.com", "Widget"),)
    later = Known(known.dump)

    class Unread(MemorySnapshot):
        def read(self, path: str) -> bytes:
            raise AssertionError(path)

    assert Definitions(Unread(MemorySnapshot.of(files).contents), later).kinds() == (("example.com", "Widget"),)
    assert (known.changed, later.changed) == (True, False)


@pytest.mark.parametrize("kept", [b"", b"[]", b"{", b'{"none": 5}', b'{"found": 3}'])
def test_a_damaged_record_is_no_record(kept: bytes) -> None:
    assert Definitions(MemorySnapshot.of({"a.yaml": ONE}), Known(lambda: kept)).kinds() == (("example.com", "Widget"),)
