package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime/debug"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

const maxOutput = 64 << 20

// Renderer asks kustomize's library, one overlay at a time: the library keeps state in the process.
type Renderer struct {
	said          *capture
	defaultSchema string
	used          bool // a schema has been loaded by an earlier render
}

func newRenderer(said *capture) *Renderer {
	openapi.ResetOpenAPI()
	return &Renderer{said: said, defaultSchema: openapi.GetSchemaVersion()}
}

// Render answers one request. A render that brings its own OpenAPI schema would change the ones after it, and be
// changed by the ones before it: it gets a fresh schema, and leaves one.
func (r *Renderer) Render(tree Tree, request *Message) *Answer {
	answer := r.attempt(tree, request)
	if openapi.GetSchemaVersion() == r.defaultSchema {
		r.used = true
		return answer
	}
	openapi.ResetOpenAPI()
	if r.used {
		answer = r.attempt(tree, request)
		openapi.ResetOpenAPI()
	}
	r.used = false
	return answer
}

func (r *Renderer) attempt(tree Tree, request *Message) *Answer {
	record := newRecord()
	current = record
	answer := &Answer{ID: request.ID}
	output, list, err := build(tree, request, record)
	answer.Warnings = r.said.take()
	answer.Inputs = record.list()
	if err == nil {
		answer.OK, answer.Size, answer.Objects = true, len(output), len(list)
		answer.output, answer.list = output, list
		return answer
	}
	answer.Error = asText(err.Error())
	var stopped excess
	var world worldError
	var missing noFolder
	switch {
	case errors.As(err, &stopped):
		answer.Code, answer.At = "build", placeOf(stopped.path)
	case errors.As(err, &world):
		answer.Code = "world"
	case errors.As(err, &missing):
		answer.Code, answer.At = "missing", &Place{Path: request.Overlay}
	default:
		answer.Code, answer.At, answer.Ref = classify(answer.Error, record)
		answer.Ref = asText(answer.Ref)
	}
	return answer
}

func placeOf(path string) *Place {
	if path == "" {
		return nil
	}
	return &Place{Path(path), 1, 1}
}

type noFolder struct{ path string }

func (e noFolder) Error() string { return "there is no folder " + e.path }

// build renders; whatever panics, here or in the library, is an error.
func build(tree Tree, request *Message, record *Record) (output, list []byte, err error) {
	defer func() {
		switch caught := recover().(type) {
		case nil:
		case excess:
			err = caught
		case worldError:
			err = caught
		default:
			fmt.Fprintf(complaints, "panic: %v\n%s", caught, debug.Stack())
			err = fmt.Errorf("kustomize panicked: %v", caught)
		}
	}()
	overlay := string(request.Overlay)
	files := newFiles(tree, record)
	files.remote = newMounts(request.Remotes, record)
	defer request.Remotes.allow()()
	defer files.finish()
	place, node, err := files.resolve(path.Join(root, overlay))
	var lost *fs.PathError
	if errors.As(err, &lost) || (err == nil && node.Kind != Folder) {
		return nil, nil, noFolder{overlay}
	}
	if err != nil {
		return nil, nil, err
	}
	if request.Origin {
		files.edit = withOrigins(place)
	}
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified // as the program: the kustomization decides, else legacy order
	if request.Unrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	objects, err := krusty.MakeKustomizer(options).Run(files, path.Join(root, overlay))
	if err != nil {
		return nil, nil, err
	}
	return write(objects)
}
