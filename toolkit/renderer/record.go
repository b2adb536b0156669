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

// found records a file or a link, and returns its blob id.
func (r *Record) found(kind, path string, data []byte, node Node) string {
	if known, ok := r.inputs[path]; ok && known.Kind == kind {
		return known.Blob
	}
	blob := node.Blob
	if blob == "" {
		blob = blobID(data)
	}
	r.inputs[path] = Input{kind, Path(path), blob}
	if _, name := split(path); kind == "file" && kustomizationNames[name] {
		r.kustomizations = append(r.kustomizations, kustomization{path, data})
	}
	return blob
}

func (r *Record) folder(path string) {
	if _, ok := r.inputs[path]; !ok {
		r.inputs[path] = Input{Kind: "folder", Path: Path(path)}
	}
}

func (r *Record) missing(path string) {
	if _, name := split(path); !kustomizationNames[name] {
		r.lastMissing = path
	}
	if _, ok := r.inputs[path]; !ok && !strings.ContainsRune(path, 0) {
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
