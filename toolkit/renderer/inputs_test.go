package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a result depends on is all that its inputs say: a cache stands on this. So each change of a repository that
// leaves the inputs as they were must leave the result as it was.

// outcome is all that is told of a render but its inputs.
func outcome(answer *Answer) string {
	return fmt.Sprintf("%v %s %s %v %s %q\n%s", answer.OK, answer.Code, answer.Error, answer.At, answer.Ref, answer.Warnings, answer.output)
}

// stands says whether a tree has everything as the inputs tell it.
func stands(t *testing.T, tree Tree, inputs []Input) bool {
	t.Helper()
	for _, input := range inputs {
		kind, blob := whatIs(t, tree, string(input.Path))
		if kind != input.Kind || blob != input.Blob {
			return false
		}
	}
	return true
}

// whatIs looks without following a link above the path, as a cache that knows only blob ids does.
func whatIs(t *testing.T, tree Tree, path string) (kind, blob string) {
	t.Helper()
	node := look(t, tree, path)
	switch node.Kind {
	case Missing:
		return "missing", ""
	case Folder:
		return "folder", ""
	}
	blob, err := tree.ID(path, node)
	if err != nil {
		t.Fatal(err)
	}
	if node.Kind == Link {
		return "link", blob
	}
	return "file", blob
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {tier: a}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
`

// rich reads files in every way that a kustomization has.
var rich = map[string]string{
	"base/kustomization.yaml": "resources: [d.yaml, more/, inner/s.yaml]\nconfigurations: [names.yaml]\n",
	"base/d.yaml":             deployment, "base/inner/s.yaml": service,
	"base/names.yaml":             "nameReference: [{kind: ConfigMap, fieldSpecs: [{kind: Service, path: spec/config}]}]\n",
	"base/more/kustomization.yml": "resources: [role.json]\n",
	"base/more/role.json":         `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}}`,
	"part/Kustomization":          "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n",
	"part/p.yaml":                 strings.Replace(deployment, "image: web", "image: patched", 1),
	"dev/crd.json":                `{"com.example.v1.Thing": {"Schema": {"properties": {"ref": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap"}}}}}`,
	"dev/e.env":                   "A=b\n", "dev/f.txt": "text", "dev/s.env": "P=q\n", "dev/old.env": "O=p\n",
	"dev/merge.yaml":              strings.Replace(deployment, "tier: a", "tier: b", 1),
	"dev/op.json":                 `[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]`,
	"dev/json6902.yaml":           "- {op: add, path: /spec, value: {type: ClusterIP}}\n",
	"dev/swap.yaml":               "source: {kind: Service, name: web}\ntargets: [{select: {kind: ServiceAccount}, fieldPaths: [metadata.annotations.web], options: {create: true}}]\n",
	"dev/turn/kustomization.yaml": "resources: [t.yaml]\n",
	"dev/turn/t.yaml":             "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {made: by}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
	"dev/make.yaml":               "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\nfiles: [f.txt]\n",
	"dev/schema.json":             `{"definitions": {"v1.Service": {"x-kubernetes-group-version-kind": [{"group": "", "kind": "Service", "version": "v1"}]}}}`,
	"dev/kustomization.yaml": `resources: [../base, ../via/shared, linked.yaml]
components: [../part]
crds: [crd.json]
openapi: {path: schema.json}
transformers: [turn]
generators: [make.yaml]
configMapGenerator:
- {name: c, files: [f.txt, g=f.txt], envs: [e.env]}
- {name: o, env: old.env}
secretGenerator: [{name: s, envs: [s.env]}]
patchesStrategicMerge: [merge.yaml]
patches: [{path: op.json, target: {kind: Service}}]
patchesJson6902: [{path: json6902.yaml, target: {version: v1, kind: Service, name: web}}]
replacements: [{path: swap.yaml}]
`,
	"shared/here/kustomization.yaml": "resources: [x.yaml]\n",
	"shared/here/x.yaml":             "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n",
	"shared/y.yaml":                  "apiVersion: v1\nkind: Namespace\nmetadata: {name: y}\n",
	"nobody/reads.yaml":              "x", "dev/nor-this.yaml": "x", "nobody/kustomization.yaml": "resources: [reads.yaml]\n",
}

var richLinks = map[string]string{
	"via": "nobody/../other", "other/shared": "../shared/here", "dev/linked.yaml": "real/l.yaml", "dev/unused": "f.txt",
}

// broken are overlays that don't build, each in its own way.
var broken = map[string]map[string]string{
	"no file":                {"dev/kustomization.yaml": "resources: [a/b/c.yaml]\n"},
	"a file as component":    {"dev/kustomization.yaml": "components: [c.yaml]\n", "dev/c.yaml": service},
	"below a file":           {"dev/kustomization.yaml": "resources: [c.yaml/d.yaml]\n", "dev/c.yaml": service},
	"a file as overlay":      {"dev": service},
	"no overlay":             {"prod/kustomization.yaml": "resources: []\n"},
	"two kustomizations":     {"dev/kustomization.yaml": "resources: []\n", "dev/kustomization.yml": "resources: []\n"},
	"no kustomization":       {"dev/s.yaml": service},
	"a folder as patch":      {"dev/kustomization.yaml": "patches: [{path: p}]\n", "dev/p/x": "x"},
	"a folder as env":        {"dev/kustomization.yaml": "configMapGenerator: [{name: c, envs: [p]}]\n", "dev/p/x": "x"},
	"a base that is no base": {"dev/kustomization.yaml": "resources: [../base]\n", "base/x": "x"},
	"remote":                 {"dev/kustomization.yaml": "resources: [s.yaml, https://example.com/a.yaml]\n", "dev/s.yaml": service},
	"remote by git":          {"dev/kustomization.yaml": "resources: [github.com/example/web?ref=v1]\n"},
	"helm":                   {"dev/kustomization.yaml": "helmCharts: [{name: c, valuesFile: v.yaml}]\n", "dev/v.yaml": "a: b\n"},
	"plugin":                 {"dev/kustomization.yaml": "generators: [g.yaml]\n", "dev/g.yaml": "apiVersion: a/v1\nkind: G\nmetadata: {name: g}\n"},
	"too large":              {"dev/kustomization.yaml": "resources: [s.yaml]\n", "dev/s.yaml": strings.Repeat("x", maxFile+1)},
	"a bomb":                 {"dev/kustomization.yaml": "resources: [s.yaml]\n", "dev/s.yaml": bomb()},
	"outside":                {"dev/kustomization.yaml": "resources: [../../s.yaml]\n"},
	"a circle":               {"dev/kustomization.yaml": "resources: [../a]\n", "a/kustomization.yaml": "resources: [../dev]\n"},
	"twice":                  {"dev/kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "dev/a.yaml": service, "dev/b.yaml": service},
	"no YAML":                {"dev/kustomization.yaml": "resources: [a.yaml]\n", "dev/a.yaml": "a: [\n"},
	"a schema that is none":  {"dev/kustomization.yaml": "openapi: {path: a.yaml, version: v9}\n", "dev/a.yaml": service},
	"a replacement's file":   {"dev/kustomization.yaml": "replacements: [{path: none.yaml}]\n"},
	"a patch in two":         {"dev/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", "base/kustomization.yaml": "resources: [s.yaml]\n", "base/s.yaml": service, "dev/p.yaml": "a: b\n"},
}

// repositoryOf are files and links as edits, so that one more can be made of each.
func repositoryOf(files, links map[string]string) map[Path]*Edit {
	edits := map[Path]*Edit{}
	for path, text := range files {
		edits[Path(path)] = &Edit{Mode: 0o100644, Data: []byte(text)}
	}
	for path, target := range links {
		edits[Path(path)] = &Edit{Mode: modeLink, Data: []byte(target)}
	}
	return edits
}

// changes are repositories that differ in one thing: a file that goes, is another, is a folder or a link instead,
// and new files and folders wherever a render might look.
func changes(edits map[Path]*Edit, inputs []Input) map[string]map[Path]*Edit {
	out := map[string]map[Path]*Edit{}
	change := func(name string, gone, path Path, edit *Edit) {
		made := maps.Clone(edits)
		for known := range edits {
			if gone != "" && (known == gone || strings.HasPrefix(string(known), string(gone)+"/")) {
				delete(made, known)
			}
		}
		if edit != nil {
			made[path] = edit
		}
		out[name+" "+string(path)] = made
	}
	text := &Edit{Mode: 0o100644, Data: []byte("resources: []\n")}
	places := map[Path]bool{}
	for path := range edits {
		places[path] = true
		for above, _ := split(string(path)); above != ""; above, _ = split(above) {
			places[Path(above)] = true
			for name := range kustomizationNames {
				places[Path(above+"/"+name)] = true
			}
		}
	}
	for _, input := range inputs {
		if input.Path != "" {
			places[input.Path] = true
		}
	}
	for path := range places {
		change("without", path, path, nil)
		change("another", path, path, text)
		change("a folder at", path, path+"/new", text)
		change("a folder of kustomizations at", path, path+"/kustomization.yaml", text)
		change("a link at", path, path, &Edit{Mode: modeLink, Data: []byte("nowhere")})
		change("a link up at", path, path, &Edit{Mode: modeLink, Data: []byte(".")})
	}
	return out
}

func provenExact(t *testing.T, edits map[Path]*Edit) (kept, noticed int) {
	t.Helper()
	renderer := newRenderer(said())
	answer := renderer.Render(newEdited(Nothing{}, edits), &Message{Overlay: "dev"})
	if !stands(t, newEdited(Nothing{}, edits), answer.Inputs) {
		t.Fatalf("the inputs are not what is there: %v", answer.Inputs)
	}
	for name, changed := range changes(edits, answer.Inputs) {
		tree := newEdited(Nothing{}, changed)
		if !stands(t, tree, answer.Inputs) {
			noticed++
			continue
		}
		kept++
		again := renderer.Render(tree, &Message{Overlay: "dev"})
		if outcome(again) != outcome(answer) || !slices.Equal(again.Inputs, answer.Inputs) {
			t.Errorf("%s: the inputs stand, and yet\n%s\nbecame\n%s", name, outcome(answer), outcome(again))
		}
	}
	return kept, noticed
}

func TestAChangeThatInputsDoNotTellOfChangesNothing(t *testing.T) {
	files := maps.Clone(rich)
	files["dev/real/l.yaml"] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: l}\n"
	edits := repositoryOf(files, richLinks)
	if answer := rendering(t, newEdited(Nothing{}, edits), Message{Overlay: "dev"}); !answer.OK {
		t.Fatal(answer.Error)
	}
	kept, noticed := provenExact(t, edits)
	if kept < 50 || noticed < 100 {
		t.Error("too little was tried:", kept, noticed)
	}
}

func TestAFailureIsExactToo(t *testing.T) {
	deny()
	for name, files := range broken {
		t.Run(name, func(t *testing.T) {
			edits := repositoryOf(files, nil)
			if answer := rendering(t, newEdited(Nothing{}, edits), Message{Overlay: "dev"}); answer.OK {
				t.Fatal("it builds")
			}
			provenExact(t, edits)
		})
	}
}

func TestEveryFileThatARenderNeedsIsAnInput(t *testing.T) {
	files := maps.Clone(rich)
	files["dev/real/l.yaml"] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: l}\n"
	edits := repositoryOf(files, richLinks)
	answer := rendering(t, newEdited(Nothing{}, edits), Message{Overlay: "dev"})
	told := map[Path]bool{}
	for _, input := range answer.Inputs {
		if input.Kind == "file" || input.Kind == "link" {
			told[input.Path] = true
		}
	}
	for path := range edits {
		read := !strings.HasPrefix(string(path), "nobody/") && path != "dev/nor-this.yaml" && path != "dev/unused" && path != "shared/y.yaml"
		if read != told[path] {
			t.Errorf("%s: read %v, told %v", path, read, told[path])
		}
	}
}
