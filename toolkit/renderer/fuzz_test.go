package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// small makes a repository of a text: a line `--- path` begins a file, `-> path target` is a link. Paths that no
// repository can have are left out.
func small(text []byte) map[Path]*Edit {
	edits := map[Path]*Edit{}
	var file *Edit
	for line := range bytes.Lines(text) {
		words := strings.Fields(string(line))
		switch {
		case len(words) == 2 && words[0] == "---":
			file = &Edit{Mode: 0o100644}
			put(edits, words[1], file)
		case len(words) == 3 && words[0] == "->":
			put(edits, words[1], &Edit{Mode: modeLink, Data: []byte(words[2])})
		case file != nil:
			file.Data = append(file.Data, line...)
		}
	}
	return edits
}

func put(edits map[Path]*Edit, name string, edit *Edit) {
	if name != path.Clean(name) || name == "." || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "..") || strings.ContainsRune(name, 0) {
		return
	}
	for known := range edits { // a file can't be a folder as well
		if strings.HasPrefix(string(known), name+"/") || strings.HasPrefix(name, string(known)+"/") {
			return
		}
	}
	edits[Path(name)] = edit
}

// alone are the inputs of an answer and nothing else.
func alone(edits map[Path]*Edit, inputs []Input) map[Path]*Edit {
	out := map[Path]*Edit{}
	for _, input := range inputs {
		switch input.Kind {
		case "file", "link":
			out[input.Path] = edits[input.Path]
		case "folder":
			out[Path(strings.TrimPrefix(string(input.Path)+"/nobody-asked", "/"))] = &Edit{Mode: 0o100644}
		}
	}
	return out
}

// FuzzRender: whatever a repository holds, a render ends with a result, which is the same each time, also where
// the inputs are all that there is; it never leaves the repository, and changes no other render.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"resources: [s.yaml]", "resources: [../../../etc/passwd]", "resources: [/etc]", "a: &a [*a]", "\xff\xfe", "[", "{}", "- x",
		"patches: [{path: s.yaml}]\nresources: [s.yaml]", "configMapGenerator: [{name: c, files: [s.yaml], envs: [e]}]\n--- dev/e\nA=b",
		"replacements: [{source: {kind: Service}, targets: [{select: {kind: Service}, fieldPaths: [metadata.name]}]}]\nresources: [s.yaml]",
		"openapi: {path: s.yaml}", "openapi: {version: v1.20.4}", "components: [.]", "generators: [s.yaml]", "namespace: [x]", "kind: Component",
		"vars: [{name: V, objref: {kind: Service, name: web, apiVersion: v1}}]\nresources: [s.yaml]",
		"resources: [../base]\n--- base/kustomization.yml\nresources: [l.yaml]\n-> base/l.yaml ../dev/s.yaml",
		"resources: [../up/x]\n-> up dev/../base\n--- base/x/kustomization.yaml\nnamePrefix: a-",
		"crds: [s.yaml]\nconfigurations: [s.yaml]\ntransformers: [s.yaml]", "resources: [s.yaml/x]", "resources: ['https://a/b']",
		"helmCharts: [{name: c}]", "images: [{name: a, newTag: b}]\nreplicas: [{name: web, count: 2}]\nlabels: [{pairs: {a: b}}]",
		"patches: [{patch: '[{op: add, path: /a/b/-, value: 1}]', target: {kind: Service}}]\nresources: [s.yaml]",
		"sortOptions: {order: fifo}\nbuildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\nresources: [s.yaml]",
	} {
		f.Add([]byte("--- dev/s.yaml\n" + service + "--- dev/kustomization.yaml\n" + seed + "\n"))
	}
	probe := texts(map[string]string{"p/kustomization.yaml": "namePrefix: p-\nresources: [s.yaml, d.yaml]\npatches: [{path: d.yaml}]\n", "p/s.yaml": service, "p/d.yaml": deployment})
	// Only who tries inputs is cut off from the world; who hands them out still has to tell of it.
	made := sync.OnceValues(func() (*Renderer, string) {
		deny()
		renderer := newRenderer(said())
		return renderer, outcome(renderer.Render(probe, &Message{Overlay: "p"}))
	})
	f.Fuzz(func(t *testing.T, text []byte) {
		renderer, unchanged := made()
		edits := small(text)
		answer := renderer.Render(newEdited(Nothing{}, edits), &Message{Overlay: "dev"})
		if answer.OK != (answer.Code == "") || answer.Code == "world" {
			t.Error(answer)
		}
		for _, input := range answer.Inputs {
			if strings.HasPrefix(string(input.Path), "/") || strings.Contains("/"+string(input.Path)+"/", "/../") {
				t.Error("left the repository:", input)
			}
		}
		if _, err := json.Marshal(answer); err != nil {
			t.Error(err)
		}
		for _, tree := range []Tree{newEdited(Nothing{}, edits), newEdited(Nothing{}, alone(edits, answer.Inputs))} {
			again := renderer.Render(tree, &Message{Overlay: "dev"})
			if outcome(again) != outcome(answer) || !slices.Equal(again.Inputs, answer.Inputs) {
				t.Errorf("%s\nbecame\n%s", outcome(answer), outcome(again))
			}
		}
		if again := outcome(renderer.Render(probe, &Message{Overlay: "p"})); again != unchanged {
			t.Errorf("another render became\n%s", again)
		}
	})
}

// FuzzObjects: a damaged tree or listing is an error, or names that lead somewhere; never a panic.
func FuzzObjects(f *testing.F) {
	f.Add([]byte("100644 f\x0012345678901234567890"))
	f.Add([]byte("40000 a\x0012345678901234567890120000 l\x0012345678901234567890"))
	f.Add([]byte("100644 " + strings.Repeat("a", 40) + " 0\ta/b\x00160000 " + strings.Repeat("b", 64) + " 2\tc"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int{20, 32} {
			if folder, err := parseTree(data, size); err == nil {
				for _, node := range folder {
					if len(node.Blob) != 2*size {
						t.Error(node)
					}
				}
			}
		}
		if listed, err := newListed(nil, data); err == nil {
			for name, node := range listed.nodes {
				if name != "" && node.Kind != Folder && node.Blob == "" {
					t.Error(name, node)
				}
			}
		}
	})
}

// FuzzMessages: whatever the parent sends, each message is answered, forgotten or an error; never a panic.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"open":"a","edits":{"dev/kustomization.yaml":{"mode":33188,"data":"e30="}}}` + "\n" + `{"id":1,"snapshot":"a","overlay":"dev"}` + "\n"))
	f.Add([]byte(`{"open":"a","git_dir":"/nowhere","entries":3}` + "\nabc" + `{"forget":"a"}` + "\n"))
	f.Add([]byte(`{"id":1,"overlay":"\u00ff","origin":true,"unrestricted":true}` + "\n{}\n[]\n"))
	f.Add([]byte(`{"open":"a","git_dir":"x","tree":"HEAD"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("folder")) || bytes.Contains(data, []byte("\\u")) {
			return // the disk is no part of this
		}
		messages, _ := readAll(data)
		var out bytes.Buffer
		_ = serve(bytes.NewReader(data), &out, newRenderer(said()))
		answers := 0
		for line := bufio.NewReader(&out); ; answers++ {
			head, err := line.ReadBytes('\n')
			if err == io.EOF {
				break
			}
			var answer Answer
			if err := json.Unmarshal(head, &answer); err != nil {
				t.Fatal(err, string(head))
			}
			if n, err := io.CopyN(io.Discard, line, int64(answer.Size)); err != nil {
				t.Fatal(n, err)
			}
		}
		if answers-1 != messages { // the first is the hello
			t.Errorf("%d answers to %d messages", answers-1, messages)
		}
	})
}

// readAll counts the messages that ask for something.
func readAll(data []byte) (asked int, err error) {
	in := bufio.NewReader(bytes.NewReader(data))
	for {
		message, err := receive(in)
		if err != nil {
			return asked, err
		}
		if message.Open == "" && message.Forget == "" {
			asked++
		}
	}
}
