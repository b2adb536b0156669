package main

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestTheListHoldsTheSameObjects(t *testing.T) {
	odd := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  yes: \"no\"\n  size: \"0x10\"\n  word: \"ä \\u2028 <&>\"\n"
	tree := texts(map[string]string{"dev/kustomization.yaml": "resources: [s.yaml, c.yaml]\n", "dev/s.yaml": service, "dev/c.yaml": odd})
	answer := rendering(t, tree, Message{Overlay: "dev"})
	var list []any
	if err := json.Unmarshal(answer.list, &list); err != nil || answer.Objects != len(answer.list) {
		t.Fatal(err, answer.Error)
	}
	parts := strings.Split(string(answer.output), "---\n")
	if len(parts) != 2 || len(list) != 2 {
		t.Fatal(len(parts), len(list))
	}
	for i, part := range parts {
		var value any
		if err := yaml.Unmarshal([]byte(part), &value); err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal(list[i])
		wanted, _ := json.Marshal(value)
		if string(got) != string(wanted) {
			t.Errorf("%s, not %s", got, wanted)
		}
	}
}

func TestAListThatWouldTellOtherwiseIsLeftOut(t *testing.T) {
	odd := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {word: \"a\\u0085b\"}\n"
	answer := rendering(t, texts(map[string]string{"dev/kustomization.yaml": "resources: [c.yaml]\n", "dev/c.yaml": odd}), Message{Overlay: "dev"})
	if !answer.OK || answer.Objects != 0 || !strings.Contains(string(answer.output), "word: a b") {
		t.Error(answer.Error, string(answer.output), string(answer.list))
	}
}

func TestALongListIsLeftOut(t *testing.T) {
	files := map[string]string{"dev/kustomization.yaml": "resources: [a.yaml, b.yaml, c.yaml]\n"}
	for _, name := range []string{"a", "b", "c"} {
		files["dev/"+name+".yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  x: " + strings.Repeat("x", 4_000_000) + "\n"
	}
	answer := rendering(t, texts(files), Message{Overlay: "dev"})
	if !answer.OK || answer.Objects != 0 || len(answer.list) != 0 || answer.Size < 12_000_000 {
		t.Error(answer.Error, answer.Objects, answer.Size)
	}
}
