"""Files as real repositories have them: values are replaced and put back, and no other byte changes.

Our own fixtures carry the traits that matter. Real repositories lie beside this one, or where FAIRLEAD_SHARED
says; a clone without them skips those tests.
"""

import os
from pathlib import Path

import pytest

from benchmarks.spans import Told, attempt, texts
from fairlead.edit.nodes import parse, scalars
from fairlead.edit.scalars import content_span
from fairlead.edit.splice import byte_edit, verified

TRAITS = Path(__file__).parents[2] / "fixtures" / "traits"
SHARED = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[3].parent / "shared")
FILES = sorted(
    path.relative_to(TRAITS).as_posix()
    for path in TRAITS.rglob("*")
    if path.suffix in (".yaml", ".json") and not path.is_symlink() and path.name != "chart.yaml"
)


def test_the_fixtures_have_their_traits():
    def data(name):
        return (TRAITS / name).read_bytes()

    assert data("crlf/kustomization.yaml").count(b"\r\n") == data("crlf/kustomization.yaml").count(b"\n")
    assert b"kind: Deployment\n" in data("crlf/deployment.yaml")
    assert data("bom/kustomization.yaml").startswith("\ufeff".encode())
    assert not data("no-newline/kustomization.yaml").endswith(b"\n")
    assert (TRAITS / "links/overlay/base").is_symlink()
    assert len(FILES) == 18


@pytest.mark.parametrize("name", FILES)
def test_all_values_of_a_fixture_are_replaced_and_put_back(name):
    told = attempt(name, (TRAITS / name).read_bytes())
    assert told.edits > 1
    assert (told.outside, told.examples) == (0, [])


@pytest.mark.parametrize("name", FILES)
def test_each_value_of_a_fixture_is_replaced_and_put_back_alone(name):
    data = (TRAITS / name).read_bytes()
    stream = parse(data, name)
    for leaf in (leaf for document in stream.documents for leaf in scalars(document)):
        span = content_span(stream.text, leaf)
        if span is None or leaf.shared or leaf.value == "<<":
            continue
        wish = byte_edit(name, stream.text, *span, "n3w-é")
        changed = verified(name, data, [wish])
        assert changed == data[: wish.start] + "n3w-é".encode() + data[wish.end :]
        again = parse(changed, name)
        back = byte_edit(name, again.text, span[0], span[0] + 5, leaf.value)
        assert verified(name, changed, [back]) == data


def test_a_template_that_is_no_yaml_is_refused_by_its_reason():
    told = attempt("chart.yaml", (TRAITS / "templates/chart.yaml").read_bytes())
    assert told == Told(files=1, refused=told.refused)
    assert dict(told.refused) == {"file: no YAML": 1}


@pytest.mark.parametrize(
    "name", ["fluxcd+flux2-kustomize-helm-example", "dbca-wa+resource_tracking", "cybozu-go+neco-apps"]
)
def test_values_of_a_real_repository_are_replaced_and_put_back(name):
    archive = SHARED / "corpora" / f"{name}.tar.gz"
    if not archive.is_file():
        pytest.skip(
            f"no {archive.name} in {archive.parent.name}/ beside this repository; FAIRLEAD_SHARED names another"
        )
    small = [(path, data) for path, data in texts(archive) if len(data) < 6000]
    told = Told()
    for path, data in small[:: max(1, len(small) // 60)]:
        told.add(attempt(path, data, sample=15))
    assert told.edits > 100
    assert (told.outside, told.examples) == (0, [])
