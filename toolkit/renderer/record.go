package main

import (
	"sort"
	"strings"
)

// Record keeps what one render asked for: its inputs, and what was asked in vain.
type Record struct {
	inputs map[string]Input
	// kustomizations are the contents of the kustomization files that were read, in that order.
	kustomizations []kustomization
	lastMissing    string
	refused        string // the URL that was asked for, if one was
}

type kustomization struct {
	path string
	data []byte
}

var kustomizationNames = map[string]bool{
	"kustomization.yaml": true, "kustomization.yml": true, "Kustomization": true,
}

func newRecord() *Record { return &Record{inputs: map[string]Input{}} }

// found records a file or a link, by its blob id where the node tells it, else by its bytes.
func (r *Record) found(path string, data []byte, node Node) {
	blob, kind := node.Blob, "file"
	if blob == "" {
		blob = blobID(data)
	}
	if node.Kind == Link {
		kind = "link"
	}
	r.inputs[path] = Input{kind, Path(path), blob}
	if _, name := split(path); kind == "file" && kustomizationNames[name] && data != nil {
		r.kustomizations = append(r.kustomizations, kustomization{path, data})
	}
}

// has says whether a path is among the inputs.
func (r *Record) has(path string) bool {
	_, ok := r.inputs[path]
	return ok
}

// blob is the id of a file that was found.
func (r *Record) blob(path string) string { return r.inputs[path].Blob }

func (r *Record) folder(path string) {
	if !r.has(path) {
		r.inputs[path] = Input{Kind: "folder", Path: Path(path)}
	}
}

func (r *Record) missing(path string) {
	if _, name := split(path); !kustomizationNames[name] {
		r.lastMissing = path
	}
	if !r.has(path) && !strings.ContainsRune(path, 0) {
		r.inputs[path] = Input{Kind: "missing", Path: Path(path)}
	}
}

// list returns the inputs, sorted by path.
func (r *Record) list() []Input {
	out := make([]Input, 0, len(r.inputs))
	for _, input := range r.inputs {
		out = append(out, input)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}
