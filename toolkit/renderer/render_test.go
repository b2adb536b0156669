package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func TestAnOverlayRenders(t *testing.T) {
	tree := texts(map[string]string{
		"base/kustomization.yaml": "resources: [s.yaml]\n", "base/s.yaml": service,
		"dev/kustomization.yaml": "bases: [../base]\nnamespace: dev\n",
	})
	answer := rendering(t, tree, Message{ID: 3, Overlay: "dev"})
	if !answer.OK || answer.ID != 3 || string(answer.output) != service+"  namespace: dev\n" {
		t.Error(answer, string(answer.output))
	}
	if len(answer.Warnings) != 1 || !strings.Contains(answer.Warnings[0], "'bases' is deprecated") {
		t.Error(answer.Warnings)
	}
	if again := rendering(t, tree, Message{Overlay: "base"}); len(again.Warnings) != 0 {
		t.Error("a warning of another render was told:", again.Warnings)
	}
}

func TestOriginsAreNotedOnRequest(t *testing.T) {
	for _, kustomization := range []string{"resources: [s.yaml]\n", "resources: [s.yaml]\nbuildMetadata: [originAnnotations]\n"} {
		tree := texts(map[string]string{"dev/kustomization.yaml": kustomization, "dev/s.yaml": service})
		answer := rendering(t, tree, Message{Overlay: "dev", Origin: true})
		if !strings.Contains(string(answer.output), "path: s.yaml") {
			t.Error(answer.Error, string(answer.output))
		}
	}
}

func TestTheLoadRestrictorCanBeLifted(t *testing.T) {
	tree := texts(map[string]string{"dev/kustomization.yaml": "resources: [../s.yaml]\n", "s.yaml": service})
	if answer := rendering(t, tree, Message{Overlay: "dev"}); answer.OK || !strings.Contains(answer.Error, "security;") {
		t.Error(answer)
	}
	if answer := rendering(t, tree, Message{Overlay: "dev", Unrestricted: true}); !answer.OK {
		t.Error(answer)
	}
	tree = texts(map[string]string{"dev/kustomization.yaml": "resources: [/etc/passwd]\n"})
	if answer := rendering(t, tree, Message{Overlay: "dev", Unrestricted: true}); answer.OK || !strings.Contains(answer.Error, "out of the repository") {
		t.Error(answer)
	}
}

func TestFailuresNameTheirKindAndPlace(t *testing.T) {
	deny()
	for kustomization, wanted := range map[string]struct {
		code, ref    string
		line, column int
	}{
		"resources:\n- github.com/example/web//deploy?ref=v1\n":        {"remote", "github.com/example/web//deploy?ref=v1", 2, 3},
		"resources:\n- https://example.com/a.yaml\n":                   {"remote", "https://example.com/a.yaml", 2, 3},
		"components:\n- git@github.com:example/web.git\n":              {"remote", "git@github.com:example/web.git", 2, 3},
		"helmCharts:\n- name: c\n  repo: https://example.com\n":        {"helm", "c", 2, 9},
		"resources: [s.yaml]\ntransformers: [plugin.yaml]\n":           {"plugin", "plugin.yaml", 2, 16},
		"resources: [none.yaml]\n":                                     {"build", "", 0, 0},
		"resources: [bomb.yaml]\n":                                     {"build", "", 1, 1},
		"resources: [s.yaml]\nopenapi: {path: s.yaml, version: '1'}\n": {"build", "", 0, 0},
	} {
		tree := texts(map[string]string{
			"dev/kustomization.yaml": kustomization, "dev/s.yaml": service, "dev/bomb.yaml": bomb(),
			"dev/plugin.yaml": "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\n",
		})
		answer := rendering(t, tree, Message{Overlay: "dev"})
		at := Place{}
		if answer.At != nil {
			at = *answer.At
		}
		if answer.OK || answer.Code != wanted.code || answer.Ref != wanted.ref || at.Line != wanted.line || at.Column != wanted.column {
			t.Errorf("%s: %+v at %v", kustomization, answer, at)
		}
	}
	if answer := rendering(t, Nothing{}, Message{Overlay: "dev"}); answer.Code != "missing" || answer.At.Path != "dev" {
		t.Error(answer)
	}
}

func TestVariablesOfTheProcessDoNotReachAnOverlay(t *testing.T) {
	t.Setenv("TOKEN", "secret")
	deny()
	tree := texts(map[string]string{
		"dev/kustomization.yaml": "configMapGenerator:\n- name: c\n  envs: [e.env]\n", "dev/e.env": "TOKEN\n",
	})
	if answer := rendering(t, tree, Message{Overlay: "dev"}); strings.Contains(string(answer.output), "secret") {
		t.Error(string(answer.output))
	}
}

func TestASchemaOfItsOwnChangesNoOtherRender(t *testing.T) {
	deployment := func(image string) string {
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n" + image
	}
	tree := texts(map[string]string{
		"base/kustomization.yaml":  "resources: [d.yaml]\n",
		"base/d.yaml":              deployment("      - {name: a, image: a}\n      - {name: b, image: b}\n"),
		"plain/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
		"plain/p.yaml":             deployment("      - {name: a, image: new}\n"),
		"own/kustomization.yaml":   "resources: [../base]\npatches: [{path: p.yaml}]\nopenapi: {path: schema.json}\n",
		"own/p.yaml":               deployment("      - {name: a, image: new}\n"),
		"own/schema.json":          `{"definitions": {}}`,
	})
	renderer := newRenderer(said())
	fresh := renderer.Render(tree, &Message{Overlay: "own"})
	plain := renderer.Render(tree, &Message{Overlay: "plain"})
	later := renderer.Render(tree, &Message{Overlay: "own"})
	again := renderer.Render(tree, &Message{Overlay: "plain"})
	if !bytes.Contains(plain.output, []byte("image: b")) || !bytes.Equal(plain.output, again.output) {
		t.Error("a container was lost:", string(again.output))
	}
	if !bytes.Equal(fresh.output, later.output) || bytes.Equal(fresh.output, plain.output) {
		t.Error("the schema was not its own:", string(later.output))
	}
}

func TestTooMuchOutputIsRefused(t *testing.T) {
	files := map[string]string{}
	list := "resources:\n"
	for i := range 20 {
		name := string(rune('a'+i)) + ".yaml"
		list += "- " + name + "\n"
		files["dev/"+name] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + string(rune('a'+i)) + "}\ndata:\n  x: " + strings.Repeat("x", 4_000_000) + "\n"
	}
	files["dev/kustomization.yaml"] = list
	if answer := rendering(t, texts(files), Message{Overlay: "dev"}); answer.OK || answer.Error != "it renders to more than 64 MiB" {
		t.Error(answer.OK, answer.Error)
	}
}

func TestTheProcessAnswersInOrderAndEnds(t *testing.T) {
	data := base64.StdEncoding.EncodeToString([]byte("namePrefix: a-\nresources: [s.yaml]\n"))
	s := base64.StdEncoding.EncodeToString([]byte(service))
	in := `{"open":"m","edits":{"dev/kustomization.yaml":{"mode":33188,"data":"` + data + `"},"dev/s.yaml":{"mode":33188,"data":"` + s + `"}}}
{"id":1,"snapshot":"m","overlay":"dev"}
{"id":2,"snapshot":"x","overlay":"dev"}
{"forget":"m"}
{"id":3,"snapshot":"m","overlay":"dev"}
`
	var out bytes.Buffer
	if err := serve(strings.NewReader(in), &out, newRenderer(said())); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for {
		line, err := out.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		var answer Answer
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatal(err, string(line))
		}
		out.Next(answer.Size + answer.Objects)
		codes = append(codes, answer.Code)
	}
	if strings.Join(codes, ",") != ",,world,world" { // the first is the hello
		t.Error(codes)
	}
	if err := serve(strings.NewReader("nonsense\n"), io.Discard, newRenderer(said())); err == nil {
		t.Error("nonsense was taken")
	}
}
