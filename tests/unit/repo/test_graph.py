"""Who reads which file, from the kustomization files alone."""

import pytest

from fairlead.model.findings import Where
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot
from fairlead.repo.graph import Graph, Reference


def graph(files, links=None):
    contents = {p: File(t.encode()) for p, t in files.items()}
    contents |= {p: File(t.encode(), SYMLINK) for p, t in (links or {}).items()}
    return Graph(MemorySnapshot(contents))


def references(text, *files, links=None):
    """`kind written -> path` and what is said of it, of the kustomization in folder `k`."""
    node = graph({"k/kustomization.yaml": text, **dict.fromkeys(files, "")}, links).kustomization("k")
    assert node is not None
    return [
        f"{r.kind} {r.written} -> {r.path}" + " dir" * r.is_dir + " found" * r.found + " remote" * r.remote
        for r in node.references
    ]


EVERY_KIND = """\
resources: [a.yaml, ../base]
bases: [../base]
components:
- ../base
crds: [a.yaml]
configurations: [a.yaml]
transformers:
- a.yaml
- |
  kind: Inline
generators: [../base]
validators: [a.yaml]
patches:
- path: a.yaml
- patch: |
    path: x
  target: {kind: Deployment}
- {path: ''}
patchesJson6902:
- {target: {kind: X}, path: a.yaml}
patchesStrategicMerge:
- a.yaml
- |-
  kind: Inline
  metadata: {}
replacements:
- path: a.yaml
- source: {kind: X}
configMapGenerator:
- name: x
  files: [a.yaml, key=a.yaml, 'a=b.txt']
  envs: [a.yaml]
  env: a.yaml
secretGenerator:
- files:
  - sub/s.txt
openapi: {path: a.yaml}
helmCharts:
- name: c
  valuesFile: a.yaml
  additionalValuesFiles: [sub/s.txt]
namespace: a.yaml
images: [{name: a.yaml}]
"""


def test_every_field_that_names_a_file_is_known():
    found = references(EVERY_KIND, "k/a.yaml", "base/kustomization.yaml", "k/b.txt", "k/sub/s.txt")
    assert found == [
        "resources a.yaml -> k/a.yaml found",
        "resources ../base -> base dir found",
        "bases ../base -> base dir found",
        "components ../base -> base dir found",
        "crds a.yaml -> k/a.yaml found",
        "configurations a.yaml -> k/a.yaml found",
        "transformers a.yaml -> k/a.yaml found",
        "generators ../base -> base dir found",
        "validators a.yaml -> k/a.yaml found",
        "patches a.yaml -> k/a.yaml found",
        "patchesJson6902 a.yaml -> k/a.yaml found",
        "patchesStrategicMerge a.yaml -> k/a.yaml found",
        "replacements a.yaml -> k/a.yaml found",
        "configMapGenerator a.yaml -> k/a.yaml found",
        "configMapGenerator a.yaml -> k/a.yaml found",
        "configMapGenerator a.yaml -> k/a.yaml found",
        "configMapGenerator a.yaml -> k/a.yaml found",
        "configMapGenerator b.txt -> k/b.txt found",
        "secretGenerator sub/s.txt -> k/sub/s.txt found",
        "openapi a.yaml -> k/a.yaml found",
        "helmCharts a.yaml -> k/a.yaml found",
        "helmCharts sub/s.txt -> k/sub/s.txt found",
    ]


def test_a_reference_knows_where_its_name_stands():
    node = graph({"k/kustomization.yaml": "# c\nresources:\n  - 'a.yaml'\n", "k/a.yaml": ""}).kustomization("k")
    assert node is not None
    assert node.references == (
        Reference("resources", "a.yaml", Where("k/kustomization.yaml", 3, 5), "k/a.yaml", found=True),
    )


@pytest.mark.parametrize(
    "name",
    [
        "https://github.com/a/b",
        "github.com/a/b",
        "git@github.com:a/b.git",
        "git::https://example.org/a",
        "ssh://git@example.org/a",
        "user@example.org:a/b",
        "www.github.com/a/b",
        "gitlab.com:a/b",
        "example.org/a/b//deploy",
        "a/b?ref=v1",
        "a/b?timeout=9s&ref=v1",
        "bitbucket.org/a/b?submodules=false",
        "file:///a/b",
    ],
)
def test_what_is_fetched_from_elsewhere(name):
    assert references(f"resources: ['{name}']\n") == [f"resources {name} -> None remote"]


@pytest.mark.parametrize("name", ["github.com/a/b", "example.org/a/b//deploy", "www.github.com/a"])
def test_a_local_folder_that_looks_like_a_remote_one_is_local(name):
    path = "k/" + name.replace("//", "/")
    assert references(f"resources: ['{name}']\n", f"{path}/kustomization.yaml") == [
        f"resources {name} -> {path} dir found"
    ]


def test_any_file_may_be_fetched_and_only_resources_from_git():
    text = "patches: [{path: 'https://x.org/p.yaml'}]\nconfigMapGenerator: [{files: ['https://x.org/f']}]\n"
    text += "openapi: {path: 'https://x.org/s.json'}\npatchesStrategicMerge: ['github.com/a/b/p.yaml']\n"
    assert references(text) == [
        "patches https://x.org/p.yaml -> None remote",
        "configMapGenerator https://x.org/f -> None remote",
        "openapi https://x.org/s.json -> None remote",
        "patchesStrategicMerge github.com/a/b/p.yaml -> k/github.com/a/b/p.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gone.yaml", "k/gone.yaml"),
        ("../../out.yaml", None),
        ("/etc/passwd", None),
        ("''", None),
        ("./../k/./gone", "k/gone"),
    ],
)
def test_what_is_missing_or_leads_out_is_not_found(name, told):
    written = name.strip("'")
    assert references(f"resources: [{name}]\n") == [f"resources {written} -> {told}"]


def test_odd_forms_are_read_without_harm():
    text = "resources: a.yaml\npatches: [x, {path: [y]}]\nconfigMapGenerator: {files: [a.yaml]}\ncomponents:\n"
    assert references(text, "k/a.yaml") == ["patches x -> k/x", "configMapGenerator a.yaml -> k/a.yaml found"]


# ── kustomizations ──


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_every_name_of_a_kustomization(name):
    node = graph({f"k/{name}": "namespace: x\n", name: ""}).kustomization("k")
    assert node is not None
    assert (node.path, node.folder, node.component) == (f"k/{name}", "k", False)
    assert node.body is not None


def test_the_root_may_have_one_and_a_folder_may_have_none():
    made = graph({"Kustomization": "resources: [a]\n", "a/x.yaml": ""})
    root = made.kustomization("")
    assert root is not None
    assert (root.path, root.folder) == ("Kustomization", "")
    assert made.kustomization("a") is None
    assert made.kustomization("nowhere") is None


def test_a_component_is_known_by_its_kind():
    node = graph({"c/kustomization.yaml": "kind: Component\n"}).kustomization("c")
    assert node is not None
    assert node.component


def test_one_that_can_not_be_read_says_why():
    node = graph({"k/kustomization.yaml": "a: [\n"}).kustomization("k")
    assert node is not None
    assert node.problem is not None
    assert (str(node.problem.where), node.stream, node.body, node.references) == (
        "k/kustomization.yaml:2:1",
        None,
        None,
        (),
    )


@pytest.mark.parametrize("text", ["", "- a\n", "words\n"])
def test_one_that_is_no_map_refers_to_nothing(text):
    node = graph({"k/kustomization.yaml": text}).kustomization("k")
    assert node is not None
    assert (node.body, node.references) == (None, ())


def test_each_is_read_once():
    made = graph({"k/kustomization.yaml": ""})
    assert made.kustomization("k") is made.kustomization("k")
    assert made.closure("k") is made.closure("k")
    assert made.snapshot.files() == ("k/kustomization.yaml",)


# ── closures ──

SHOP = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": "",
    "base/unread.yaml": "",
    "parts/debug/kustomization.yaml": "kind: Component\npatches: [{path: p.yaml}]\n",
    "parts/debug/p.yaml": "",
    "dev/kustomization.yaml": "resources: [../base]\ncomponents: [../parts/debug]\n",
    "prod/kustomization.yaml": "resources: [../base, extra.yaml, gone.yaml, ../empty, github.com/a/b]\n",
    "prod/extra.yaml": "",
    "empty/words.txt": "",
}


def test_a_closure_is_everything_that_is_read():
    closure = graph(SHOP).closure("prod")
    assert closure.files == {
        "prod/kustomization.yaml",
        "prod/extra.yaml",
        "base/kustomization.yaml",
        "base/web.yaml",
    }
    assert [k.path for k in closure.kustomizations] == ["prod/kustomization.yaml", "base/kustomization.yaml"]
    assert [(k.path, r.written) for k, r in closure.missing] == [
        ("prod/kustomization.yaml", "gone.yaml"),
        ("prod/kustomization.yaml", "../empty"),
    ]
    assert [r.written for _, r in closure.remote] == ["github.com/a/b"]
    assert closure.folders == {"prod", "base"}
    assert closure.cycle == ()


def test_the_closure_of_a_folder_without_a_kustomization_is_empty():
    closure = graph(SHOP).closure("empty")
    assert (closure.files, closure.kustomizations, closure.folders) == (set(), [], {"empty"})


def test_readers_of_each_file():
    readers = graph(SHOP).readers(("prod", "dev"))
    assert readers["base/web.yaml"] == ("dev", "prod")
    assert readers["parts/debug/p.yaml"] == ("dev",)
    assert "base/unread.yaml" not in readers


def test_roots_are_what_nobody_refers_to_but_components():
    made = graph(SHOP)
    assert made.roots(("base", "dev", "empty", "parts/debug", "prod")) == ("dev", "prod")
    assert made.roots(("base", "parts/debug")) == ("base",)


def test_of_a_cycle_that_nothing_leads_to_the_first_is_a_root():
    files = {f"{name}/kustomization.yaml": f"resources: [../{other}]\n" for name, other in ("ab", "bc", "ca", "dd")}
    made = graph({**files, "top/kustomization.yaml": "resources: [../d]\n"})
    assert made.roots(("a", "b", "c", "d", "top")) == ("a", "top")


@pytest.mark.parametrize(
    ("files", "cycle"),
    [
        ({"a/kustomization.yaml": "resources: [.]\n"}, ("a", "a")),
        ({"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"},
         ("a", "b", "a")),
        ({"a/kustomization.yaml": "resources: [b]\n", "a/b/kustomization.yaml": "components: [../b]\n"},
         ("a", "a/b", "a/b")),
        ({"a/kustomization.yaml": "resources: [..]\n", "kustomization.yaml": "resources: [a]\n"}, ("a", "", "a")),
    ],
)  # fmt: skip
def test_a_circle_is_told_and_ends(files, cycle):
    assert graph(files).closure("a").cycle == cycle


def test_two_ways_to_one_base_are_no_circle():
    closure = graph(
        {
            "a/kustomization.yaml": "resources: [../b, ../c]\n",
            "b/kustomization.yaml": "resources: [../d]\n",
            "c/kustomization.yaml": "resources: [../d]\n",
            "d/kustomization.yaml": "",
        }
    ).closure("a")
    assert (closure.cycle, [k.folder for k in closure.kustomizations]) == ((), ["a", "b", "d", "c"])


# ── symbolic links ──


def test_a_file_behind_a_link_is_read_with_the_link():
    made = graph(
        {"k/kustomization.yaml": "resources: [a.yaml]\n", "shared/a.yaml": ""}, {"k/a.yaml": "../shared/a.yaml"}
    )
    closure = made.closure("k")
    assert closure.files == {"k/kustomization.yaml", "k/a.yaml", "shared/a.yaml"}
    assert closure.missing == []


def test_a_kustomization_that_is_a_link_counts_from_the_folder_it_lies_in():
    made = graph(
        {"shared/kustomization.yaml": "resources: [a.yaml]\n", "k/a.yaml": ""},
        {"k/kustomization.yaml": "../shared/kustomization.yaml"},
    )
    assert made.closure("k").files == {"k/kustomization.yaml", "shared/kustomization.yaml", "k/a.yaml"}


def test_a_folder_behind_a_link_counts_from_where_it_really_lies():
    made = graph(
        {
            "k/kustomization.yaml": "resources: [base]\n",
            "shared/base/kustomization.yaml": "resources: [../a.yaml]\n",
            "shared/a.yaml": "",
        },
        {"k/base": "../shared/base"},
    )
    closure = made.closure("k")
    assert closure.missing == []
    assert {"shared/base/kustomization.yaml", "shared/a.yaml"} <= closure.files


@pytest.mark.parametrize("target", ["/etc/passwd", "../../out", "a.yaml", "../../../x"])
def test_a_link_that_leads_out_or_round_is_not_found(target):
    found = references("resources: [a.yaml]\n", links={"k/a.yaml": target})
    assert found == ["resources a.yaml -> k/a.yaml"]


def test_a_link_to_its_own_folder_is_a_circle():
    closure = graph({"a/kustomization.yaml": "resources: [b]\n"}, {"a/b": "."}).closure("a")
    assert closure.cycle == ("a", "a/b", "a/b")
