"""The pages of environments: what they tell, what they hide, and that nothing in them is obeyed."""

from fairlead.report.site.diagram import svg
from fairlead.report.site.differences import Difference, differences
from fairlead.report.site.pages import STYLE, Facts, Stage, names, navigation, pages
from fairlead.report.site.sheets import Item, Sheet, images, links, replicas, split

CHAINS = ((("dev",), ("staging",), ("production",)),)
STAGES = tuple(Stage(name, "1.34", name == "production", ()) for name in ("dev", "staging", "production"))


def deployment(image="shop/web:1", reads="web-config-5b9t2fm2kd", **spec):
    container = {"name": "web", "image": image, "envFrom": [{"configMapRef": {"name": reads}}]}
    labels = {"app": "web"}
    pod = {"serviceAccountName": "web", "containers": [container]}
    return thing("Deployment", spec={"replicas": 1, "template": {"metadata": {"labels": labels}, "spec": pod}, **spec})


def thing(kind, name="web", namespace="web-dev", **body):
    return Item(kind, name, namespace, {"kind": kind, "metadata": {"name": name, "namespace": namespace}, **body})


def config(name="web-config-5b9t2fm2kd", **data):
    return thing("ConfigMap", name, data=data)


def sheet(env, *items, app="web", **more):
    return Sheet(app, env, "", f"apps/{app}/overlays/{env}", items, words=(env,), **more)


def facts(*sheets):
    return Facts("shop", "From the work tree", STAGES, CHAINS, sheets)


def test_images_are_split_into_name_and_tag_or_digest():
    assert split("localhost:5000/shop/web:1.0") == ("localhost:5000/shop/web", "1.0")
    assert split("localhost:5000/web") == ("localhost:5000/web", "")
    assert split("web@sha256:ab") == ("web", "sha256:ab")
    assert split("web:1@sha256:ab") == ("web", "1")


def test_images_and_replicas_of_every_kind_of_workload():
    job = {"template": {"spec": {"initContainers": [{"name": "i", "image": "a:1"}],
                                 "containers": [{"name": "c", "image": "b:2"}]}}}  # fmt: skip
    cron = thing("CronJob", spec={"jobTemplate": {"spec": job}})
    seen = sheet("dev", cron, thing("Pod", spec={"containers": [{"name": "p", "image": "c"}]}), thing("Odd", spec=[1]))
    assert [(i.container, i.name, i.tag) for i in images(seen)] == [("i", "a", "1"), ("c", "b", "2"), ("p", "c", "")]
    assert replicas(sheet("dev", deployment(), thing("StatefulSet", "db", spec={}))) == (("web", "1"), ("db", "1"))


def test_links_follow_backends_selectors_and_mounts():
    items = (
        thing("Ingress", spec={"rules": [{"http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}]}),
        thing("Service", spec={"selector": {"app": "web"}}),
        deployment(),
        config(),
        thing("ServiceAccount"),
        thing("PodDisruptionBudget", spec={"selector": {"matchLabels": {"app": "web"}}}),
        thing("Service", "other", spec={"selector": {"app": "other"}}),
    )
    assert sorted(links(items)) == [(0, 1), (1, 2), (2, 3), (2, 4), (5, 2)]
    drawing = svg(items, "x")
    assert drawing.count("<rect") == 7
    assert drawing.count('class="fl-edge"') == 5


def test_rings_and_crowds_are_drawn_or_left_out_but_never_hang():
    ring = tuple(
        thing("HorizontalPodAutoscaler", f"h{n}", spec={"scaleTargetRef": {
            "kind": "HorizontalPodAutoscaler", "name": f"h{(n + 1) % 3}"}})
        for n in range(3)
    )  # fmt: skip
    assert svg(ring, "x").count("<rect") == 3
    assert svg(tuple(thing("ConfigMap", f"c{n}") for n in range(61)), "x") == ""
    assert svg((thing("ConfigMap"),), "x") == ""


def test_differences_are_by_object_without_hashes_and_names_of_environments_apart():
    dev = sheet("dev", deployment("shop/web:2"), config(URL="https://web.dev.example.com", LEVEL="debug"))
    staging = sheet(
        "staging",
        Item("Deployment", "web", "web-staging", deployment("shop/web:1", "web-config-h7tt4k9d2m", replicas=2).body),
        config("web-config-h7tt4k9d2m", URL="https://web.staging.example.com", LEVEL="info"),
        thing("Service"),
    )
    assert differences(dev, staging) == (
        Difference("spec.replicas", "1", "2", ("Deployment/web",)),
        Difference("spec.template.spec.containers[web].image", "shop/web:2", "shop/web:1", ("Deployment/web",)),
        Difference(
            "data.URL",
            "https://web.dev.example.com",
            "https://web.staging.example.com",
            ("ConfigMap/web-config",),
            True,
        ),
        Difference("data.LEVEL", "debug", "info", ("ConfigMap/web-config",)),
        Difference("the object", "", "there", ("Service/web",)),
    )


def test_a_part_that_one_side_lacks_is_one_difference_and_null_is_a_value():
    old = sheet("dev", thing("Thing", spec={"a": None, "n": 1}))
    new = sheet("staging", thing("Thing", spec={"list": [{"x": 1}], "n": "1"}))
    assert [(d.field, d.old, d.new) for d in differences(old, new)] == [
        ("spec.a", "null", ""),
        ("spec.n", "1", "1"),
        ("spec.list", "", '[{"x": 1}]'),
    ]


def test_secrets_are_never_shown():
    old, new = (sheet(env, thing("Secret", data={"key": value}, stringData={"k": value}), deployment())
                for env, value in (("dev", "aHVzaA=="), ("staging", "c2Vj")))  # fmt: skip
    assert {(d.field, d.old, d.new) for d in differences(old, new)} == {
        ("data.key", "(hidden)", "(hidden)"),
        ("stringData.k", "(hidden)", "(hidden)"),
    }
    gone = sheet("staging", thing("Secret"), deployment())
    text = "".join(pages(facts(old, new)).values()) + "".join(pages(facts(old, gone)).values())
    assert "aHVzaA" not in text
    assert "c2Vj" not in text


def test_the_index_marks_versions_that_have_not_reached_the_next_environment():
    made = pages(
        facts(sheet("dev", deployment("shop/web:2")), sheet("staging", deployment("shop/web:1")),
              sheet("production", failure="no such file"))
    )  # fmt: skip
    assert set(made) == {"environments/index.md", "environments/web.md", STYLE}
    row = next(line for line in made["environments/index.md"].splitlines() if line.startswith("| **[web]"))
    dev, staging, production = row.split(" | ")[1:]
    assert "<code>2</code>" in dev
    assert "fl-ahead" in dev
    assert staging == "<code>1</code>"
    assert "does not build" in production
    assert "no such file" in made["environments/web.md"]


def test_hostile_text_stays_text():
    bad = "<script>alert(1)</script>|`*[x](javascript:y)\n# h\x1b[31m\u202e"
    item = config(**{bad: bad})
    made = pages(
        facts(sheet("dev", item, deployment(bad), app=bad), sheet("staging", config(**{bad: bad + "2"}), app=bad))
    )
    for name, text in made.items():
        assert "<script" not in text, name
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "](javascript" not in text
        assert "\n# h" not in text
    assert all(name.replace("/", "").replace("-", "").replace(".", "").isalnum() for name in made)


def test_pages_have_different_names_and_none_is_the_index():
    seen = facts(*(sheet("dev", app=app) for app in ("index", "a/b", "a-b", "..", "README")))
    assert sorted(names(seen).values()) == ["README-app.md", "a-b-app.md", "a-b.md", "app.md", "index-app.md"]
    assert navigation(seen)[0] == {"Overview": "environments/index.md"}


def test_quotes_and_ampersands_are_shown_once():
    made = pages(facts(sheet("dev", config(key='it\'s "a" & b'))))
    assert "it&#39;s &#34;a&#34; &#38; b" in made["environments/web.md"]


def test_several_chains_with_waves_are_shown_one_by_one():
    chains = ((("dev",), ("eu", "us")), (("lab",), ("plant",)))
    made = Facts("shop", "From the work tree", STAGES, chains, (sheet("dev", deployment()),))
    assert made.hops == (("dev", "eu"), ("dev", "us"), ("lab", "plant"))
    assert pages(made)["environments/index.md"].count('<p class="fl-chain">') == 2
