"""Files on one side only: which entry brings them along, and which never come."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fairlead.edit.splice import spliced
from fairlead.model.changes import DropFile, NewFile
from fairlead.model.overlays import Overlay, OverlayId
from fairlead.model.plan import Move, Verdict
from fairlead.model.snapshot import MemorySnapshot, blob_id
from fairlead.promotion.compare import Base, Bases
from fairlead.promotion.overlays import survey
from fairlead.promotion.units import gather
from fairlead.repo.config import FieldPattern, PromoteRules
from tests.promoting import around

DEV, PROD = Overlay(OverlayId("web", "dev"), "o/dev", ("dev",)), Overlay(OverlayId("web", "prod"), "o/prod", ("prod",))
FILE = "kind: ConfigMap\nmetadata: {name: x}\n"
TOLD = "the promotion dev -> prod in 1a2b3c4d"


def surveyed(
    source: Mapping[str, str | bytes],
    target: Mapping[str, str | bytes],
    *carry: str,
    bases: Bases | None = None,
) -> tuple[MemorySnapshot, tuple[Move, ...]]:
    """Two overlays, and all moves between them."""
    texts = {f"o/dev/{name}": text for name, text in source.items()}
    texts |= {f"o/prod/{name}": text for name, text in target.items()}
    state = MemorySnapshot.of({k: v.encode() if isinstance(v, str) else v for k, v in texts.items()})
    where = around(PromoteRules(carry=tuple(map(FieldPattern, carry))), env="prod", words=("dev", "prod"))
    return state, survey(state, DEV, PROD, ("o/dev", "o/prod"), where, {} if bases is None else bases)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("resources: [new.yaml]\n", "new.yaml"),
        ("resources:\n- ./new.yaml # why\n", "new.yaml"),
        ("patches:\n- path: new.yaml\n", "new.yaml"),
        ("patchesStrategicMerge:\n- new.yaml\n", "new.yaml"),
        ("components:\n- ./part\n", "part/kustomization.yaml"),
        ("configMapGenerator:\n- name: c\n  files:\n  - app.conf=conf/new.conf\n", "conf/new.conf"),
        ("configMapGenerator:\n- name: c\n  envs: [new.env]\n", "new.env"),
        ("replacements:\n- path: new.yaml\n", "new.yaml"),
        ("helmCharts:\n- name: c\n  valuesFile: new.yaml\n", "new.yaml"),
    ],
)
def test_who_names_a_file_brings_it(more, name):
    text = FILE if name.endswith("new.yaml") else "resources: []\n" if name.startswith("part") else "A=1\n"
    state, moves = surveyed({"kustomization.yaml": f"a: 1\n{more}", name: text}, {"kustomization.yaml": "a: 1\n"})
    (unit,) = gather(moves)
    assert [m.field for m in unit.moves][1:] == [name]
    made = spliced(state, dict.fromkeys(c for m in unit.moves for c in m.changes))
    assert {path: entry and entry.data.decode() for path, entry in made.items()} == {
        "o/prod/kustomization.yaml": f"a: 1\n{more}", f"o/prod/{name}": text,
    }  # fmt: skip


def test_a_value_that_names_another_file_brings_it():
    old, new = "patches:\n- path: old.yaml\n", "patches:\n- path: new.yaml\n"
    source = {"kustomization.yaml": new, "new.yaml": FILE}
    _, moves = surveyed(source, {"kustomization.yaml": old, "old.yaml": FILE + "data: {a: b}\n"})
    (unit,) = gather(moves)
    assert {m.carrier for m in unit.moves} >= {"files"}
    assert NewFile("o/prod/new.yaml", FILE.encode()) in {c for m in unit.moves for c in m.changes}


def test_a_kustomization_below_the_overlay_brings_files_of_its_own_folder():
    both = "a: 1\n"
    source = {"kustomization.yaml": both, "sub/kustomization.yaml": f"{both}resources: [new.yaml]\n"}
    _, moves = surveyed(source | {"sub/new.yaml": FILE, "new.yaml": FILE}, dict.fromkeys(source, both))
    (unit,) = gather(moves)
    assert [m.field for m in unit.moves] == ["sub/kustomization.yaml: resources", "sub/new.yaml"]


@pytest.mark.parametrize("pattern", ["new.yaml", "kustomization.yaml: resources*", "new.*"])
def test_either_name_makes_the_unit_a_default(pattern):
    source = {"kustomization.yaml": "resources: [a.yaml, new.yaml]\n", "new.yaml": FILE}
    _, moves = surveyed(source, {"kustomization.yaml": "resources: [a.yaml]\n"}, pattern)
    assert [unit.chosen for unit in gather(moves)] == [True]


@pytest.mark.parametrize("text", [FILE + "data: {host: web.dev.x.org}\n", "# dev\nA=web-dev\n"])
def test_what_names_the_source_is_no_default_by_either(text):
    name = "new.yaml" if text.startswith("kind") else "new.env"
    source = {"kustomization.yaml": f"configMapGenerator: [{{name: c, files: [{name}]}}]\n", name: text}
    _, moves = surveyed(source, {"kustomization.yaml": "a: 1\n"}, "*")
    (unit,) = [u for u in gather(moves) if any(m.carrier == "files" for m in u.moves)]
    assert not unit.chosen
    assert all("it names the source: " in m.reason for m in unit.moves if m.carrier in ("entries", "files"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("new.json", '{"data": "ENC[AES256_GCM,data:x]", "sops": {}}'),
        ("new.env", "PASSWORD=ENC[AES256_GCM,data:x,type:str]\n"),
        ("tls.key", "-----BEGIN RSA PRIVATE KEY-----\n"),
        ("new.yaml", "kind: List\nitems:\n- kind: Secret\n  metadata: {name: x}\n"),
        ("new.yaml", "a: |\n  kind: Secret\n  metadata: {name: x}\n"),
        ("kustomization.yml", "secretGenerator:\n- name: s\n"),
    ],
)
def test_secrets_stay_and_who_names_them_too(name, data):
    folder = "sub/" if name.startswith("kustom") else ""
    word = "sub" if folder else name
    source = {"kustomization.yaml": f"configMapGenerator: [{{name: c, files: [{word}]}}]\n", folder + name: data}
    _, moves = surveyed(source, {"kustomization.yaml": "a: 1\n"}, "*")
    assert [(m.verdict, m.changes) for m in moves if m.new] == [(Verdict.KEEP, ()), (Verdict.KEEP, ())]


def test_a_file_that_can_not_be_read_is_for_a_person():
    source = {"kustomization.yaml": "resources: [new.yaml]\n", "new.yaml": "{{ if x }}\na: [\n"}
    _, moves = surveyed(source, {"kustomization.yaml": "resources: []\n"}, "*")
    assert [m.changes for m in moves] == [(), ()]
    assert all("can't be read" in m.reason for m in moves)


def test_bytes_that_are_no_text_come_as_they_are():
    source = {"kustomization.yaml": "configMapGenerator: [{name: c, files: [new.bin]}]\n", "new.bin": b"\xff\x00\r\n"}
    _, moves = surveyed(source, {"kustomization.yaml": "a: 1\n"})
    assert NewFile("o/prod/new.bin", b"\xff\x00\r\n") in {c for m in moves for c in m.changes}


def test_a_file_that_was_carried_and_given_up_goes_with_its_entry():
    oid = blob_id(FILE.encode())
    known = {
        ("o/prod/new.yaml", ""): Base(oid, oid, TOLD),
        ("o/prod/kustomization.yaml", "resources[new.yaml]"): Base("new.yaml", "new.yaml", TOLD),
    }
    target = {"kustomization.yaml": "resources: [a.yaml, new.yaml]\n", "new.yaml": FILE}
    source = {"kustomization.yaml": "resources: [a.yaml]\n"}
    _, moves = surveyed(source, target, bases=known)
    (unit,) = gather(moves)
    assert [m.field for m in unit.moves] == ["kustomization.yaml: resources[new.yaml]", "new.yaml"]
    assert DropFile("o/prod/new.yaml", oid) in unit.moves[1].changes
    del known["o/prod/kustomization.yaml", "resources[new.yaml]"]
    _, moves = surveyed(source, target, bases=known)
    assert gather(moves) == ()
    assert next(m for m in moves if m.field == "new.yaml").reason.endswith("but an entry still names it")
