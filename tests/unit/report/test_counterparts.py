"""Two environments' objects, compared beside the environments' own names."""

from __future__ import annotations

from fairlead.report.counterparts import differences
from tests.unit.report.test_difference import obj, secret, stream

WORDS = ("dev", "production", "prod")


def told(source: str, target: str, words: tuple[str, ...] = WORDS) -> dict[str, list[str]]:
    found = differences(source, target, words)
    return {subject: [line for line in lines if line[0] in "+-"] for subject, lines in found}


def test_names_namespaces_and_hosts_of_the_environments_are_equal():
    source = obj("Ingress", "dev-web", "host: web.dev.example.com\n", "shop-dev")
    assert told(source, source.replace("dev", "prod")) == {}
    assert told(source, source.replace("dev", "production").replace("shop-", "store-")) == {
        "Ingress/production-web": ["-  namespace: shop-dev", "+  namespace: store-production"]
    }


def test_a_word_counts_only_where_it_stands_alone():
    assert told("kind: A\nx: device\n", "kind: A\nx: prodice\n") == {"A/?": ["-x: device", "+x: prodice"]}


def test_a_value_that_only_reads_like_an_environment_is_no_difference():
    text = obj("Pod", "web", "path: /dev/null\n")
    assert told(text, text) == {}


def test_what_is_shown_beside_a_difference_is_the_targets():
    source = obj("Pod", "web", "image: web:1\n", "dev")
    ((_, lines),) = differences(source, source.replace("dev", "prod").replace(":1", ":2"), WORDS)
    assert lines == ("@@ -4,3 +4,3 @@", "   name: web", "   namespace: prod", "-image: web:1", "+image: web:2")


def test_hashes_of_generated_names_are_no_difference_wherever_they_stand():
    def side(mark: str, value: str) -> str:
        config = obj("ConfigMap", f"web-{mark}", f"data:\n  x: {value}\n")
        return stream(config, obj("Pod", "web", f"configMap: web-{mark}\n"))

    assert told(side("7h2t5gk9mc", "1"), side("2b8f6d4h9k", "2")) == {"ConfigMap/web": ["-  x: 1", "+  x: 2"]}


def test_values_of_secrets_are_neither_shown_nor_compared():
    assert told(secret("a: YQ=="), secret("a: Yg==")) == {}
    assert told(secret("a: YQ=="), secret("a: Yg==", "b: Yg==")) == {"Secret/web": ["+  b: (secret)"]}


def test_objects_of_one_side_alone_come_whole():
    both, more = obj("Service", "web"), obj("Pod", "db")
    gone = ["-apiVersion: v1", "-kind: Pod", "-metadata:", "-  name: db"]
    assert told(stream(both, more), both) == {"Pod/db": gone}
    assert told(both, stream(more, both)) == {"Pod/db": [line.replace("-", "+", 1) for line in gone]}


def test_without_words_every_line_counts():
    assert told("kind: A\nx: dev\n", "kind: A\nx: prod\n", ()) == {"A/?": ["-x: dev", "+x: prod"]}
